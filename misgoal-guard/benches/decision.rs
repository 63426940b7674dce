//! How long a decision takes: 100 policies over 20 tools, with arguments, counts and what was seen.
//!
//! Beside criterion's figures it prints the 50th and 99th percentile of single decisions, which is what an agent waits for.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench: it measures time and prints"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use misgoal_guard::policy::{Ask, Subject};
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::session::History;
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Guard, Move, Policies, Tools};
use misgoal_monitor::{Monitor, trace};

const CONFIG: &str = r#"
format = 1
server = "bank"
mode = "enforce"
[[label]]
name = "untrusted"
tools = ["tool0"]
[[count]]
name = "lately"
tools = ["tool1"]
within = "1h"
"#;

fn tools() -> Tools {
    let mut tools = Tools::new("bank");
    for n in 0..20 {
        let definition = format!(
            r#"{{"name":"tool{n}","description":"Does {n}.","inputSchema":{{"type":"object","properties":{{
            "path":{{"type":"string"}},"amount":{{"type":"number"}},"count":{{"type":"integer"}},"deep":{{"type":"boolean"}},
            "tags":{{"type":"array","items":{{"type":"string"}}}}}},"required":["path"]}}}}"#
        );
        let node = value(definition.as_bytes(), Side::Server, &Limits { lines: false, ..Limits::default() });
        tools.pin(Tool::from_definition(&node.expect("JSON")).expect("a tool"));
    }
    tools
}

/// Five policies a tool: on arguments, on counts, on labels, on origins, and a general one.
fn policies() -> String {
    let mut text = String::new();
    for n in 0..20 {
        let action = format!("action == Action::\"tool{n}\"");
        for (name, effect, condition) in [
            ("path", "permit", "when { context.input.path like \"/srv/*\" }"),
            (
                "amount",
                "forbid",
                "when { context.input has amount && context.input.amount.greaterThan(decimal(\"100.0\")) }",
            ),
            ("lately", "forbid", "when { context.counts.lately >= 3 }"),
            (
                "untrusted",
                "forbid",
                "when { context.session.labels.contains(\"untrusted\") && context.input has tags && context.input.tags.contains(\"x\") }",
            ),
            ("origin", "forbid", "when { context.origin.path.contains(\"tool19\") }"),
        ] {
            let _ = writeln!(text, "@id(\"{name}{n}\") {effect} (principal, {action}, resource) {condition};");
        }
    }
    text
}

const ARGUMENTS: &str =
    r#"{"path":"/srv/reports/2026/november.txt","amount":12.5,"count":3,"deep":true,"tags":["a","b"]}"#;

fn percentiles(name: &str, mut run: impl FnMut()) {
    for _ in 0..2000 {
        run();
    }
    let mut times: Vec<u64> = (0..20_000)
        .map(|_| {
            let start = Instant::now();
            run();
            u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0);
    println!("{name}: p50 {} ns, p99 {} ns", at(50), at(99));
}

fn decision(c: &mut Criterion) {
    let (tools, config) = (tools(), Config::parse("guard.toml", CONFIG).expect("a configuration"));
    let text = policies();
    let policies = Policies::compile("policy.cedar", &text, &tools, &config).expect("policies");
    let mut history = History::new(&config);
    for n in 0..50 {
        history.made(&format!("tool{}", n % 20), n);
        let result = format!(
            r#"{{"content":[{{"type":"text","text":"line {n} of a page at /var/www/{n} with words in it"}}]}}"#
        );
        let node = value(result.as_bytes(), Side::Server, &Limits::default()).expect("JSON");
        history.origins.add(&[&format!("tool{}", n % 20)], &node);
    }
    let arguments = value(ARGUMENTS.as_bytes(), Side::Agent, &Limits::default()).expect("JSON");
    let tool = tools.get("tool7").expect("a tool");
    let ask = Ask { subject: Subject::Call(tool, Some(&arguments)), history: &history, now: 1000, approved: false };
    let decide = || {
        black_box(policies.decide(black_box(&ask)));
    };
    percentiles("decision, 100 policies over 20 tools", decide);
    c.bench_function("decision", |b| b.iter(decide));
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"tool7","arguments":{ARGUMENTS}}}}}"#
    );
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"three words here"}]}}"#;
    let watching = Config::parse("guard.toml", &format!("{CONFIG}[monitor]\nprofile = \"behaviour.json\"\n"));
    let watching = watching.expect("a configuration");
    for (name, config, monitor) in [("call and answer", config, None), ("watched", watching, Some(monitor()))] {
        let mut guard = Guard::new(config, "policy.cedar", &text, tools.clone(), true).expect("a guard");
        guard.watch("bench", monitor);
        let mut now = 1_000_000;
        let mut call = || {
            now += 1;
            assert_eq!(guard.from_agent(line.as_bytes(), now).then, Move::Forward);
            assert_eq!(guard.from_server(answer.as_bytes(), now).then, Move::Forward);
        };
        percentiles(&format!("{name}: reading, deciding, records, no disk"), &mut call);
        c.bench_function(name, |b| b.iter(&mut call));
    }
}

/// A monitor of sessions that call as the bench does.
fn monitor() -> Monitor {
    let mut trace = String::new();
    for session in 0..40 {
        for _ in 0..10 {
            let _ = writeln!(trace, r#"{{"session":"{session}","call":"tool7","arguments":{ARGUMENTS}}}"#);
            let _ = writeln!(trace, r#"{{"session":"{session}","result":"three words here"}}"#);
        }
    }
    let sessions = trace::parse(trace.as_bytes(), trace::Format::Plain).expect("a trace");
    Monitor::learn(&sessions, Vec::new(), 1000.0).expect("enough sessions")
}

criterion_group!(benches, decision);
criterion_main!(benches);
