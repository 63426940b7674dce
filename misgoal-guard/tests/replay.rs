//! A policy proposed from good traces fits the server's tools, permits those traces, and stops others.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::propose::{self, Terms};
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::replay::{Denied, denied};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Policies, Tools};
use misgoal_monitor::{Session, trace};

const TOOLS: [&str; 3] = [
    r#"{"name": "read", "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}"#,
    r#"{"name": "pay", "inputSchema": {"type": "object", "properties": {"to-whom": {"type": "string"}, "sum": {"type": "integer"},
        "currency": {"type": "string"}}, "required": ["sum"]}}"#,
    r#"{"name": "drop_all", "inputSchema": {"type": "object", "properties": {}}}"#,
];

fn tools() -> Tools {
    let mut tools = Tools::new("bank");
    for definition in TOOLS {
        let node = value(definition.as_bytes(), Side::Server, &Limits { lines: false, ..Limits::default() }).unwrap();
        tools.pin(Tool::from_definition(&node).unwrap());
    }
    tools
}

fn good() -> Vec<Session> {
    let mut lines = String::new();
    for index in 0..16 {
        let currency = if index % 3 == 0 { "EUR" } else { "USD" };
        lines += &format!(
            "{{\"session\": {index}, \"call\": \"read\", \"arguments\": {{\"path\": \"/srv/bills/{index}.txt\"}}}}\n"
        );
        lines += &format!("{{\"session\": {index}, \"result\": \"pay {index}\"}}\n");
        let arguments = match index % 4 {
            0 => format!("{{\"sum\": {index}}}"),
            _ => format!("{{\"sum\": {index}, \"currency\": \"{currency}\", \"to-whom\": \"Ann \\\"{index}\\\"\"}}"),
        };
        lines += &format!("{{\"session\": {index}, \"call\": \"pay\", \"arguments\": {arguments}}}\n");
    }
    trace::parse(lines.as_bytes(), trace::Format::Plain).unwrap()
}

/// What the policy proposed from the good traces says of other lines.
fn check(lines: &str) -> Vec<Denied> {
    let (tools, config) = (tools(), Config::parse("guard.toml", "format = 1\nserver = \"bank\"\n").unwrap());
    let text = propose::policy(&good(), None, Terms::default());
    let policies = Policies::compile("proposed.cedar", &text, &tools, &config)
        .map_err(|wrong| format!("{wrong}\n{text}"))
        .unwrap();
    let sessions =
        if lines.is_empty() { good() } else { trace::parse(lines.as_bytes(), trace::Format::Plain).unwrap() };
    sessions.iter().flat_map(|session| denied(session, &policies, &tools, &config)).collect()
}

#[test]
fn the_traces_that_it_was_proposed_from_pass() {
    assert!(check("").is_empty());
}

#[test]
fn other_calls_do_not() {
    let read = r#"{"call": "read", "arguments": {"path": "/srv/bills/99.txt"}}"#;
    let bill = r#"{"result": "The account is ACC-1234567."}"#;
    // The last line of each is denied, or nothing is.
    let cases: [(&[&str], bool); 11] = [
        (&[read], false),
        (&[r#"{"call": "read", "arguments": {"path": "/etc/passwd"}}"#], true),
        (&[r#"{"call": "read", "arguments": {"path": "/srv/bills/../../etc/passwd"}}"#], true),
        (&[read, bill, r#"{"call": "pay", "arguments": {"sum": 3}}"#], false),
        (&[read, bill, r#"{"call": "pay", "arguments": {"sum": 3, "currency": "XMR"}}"#], true),
        (&[read, bill, r#"{"call": "pay", "arguments": {"sum": 3, "hidden": true}}"#], true),
        (&[r#"{"call": "drop_all", "arguments": {}}"#], true),
        (&[r#"{"call": "never_heard_of", "arguments": {}}"#], true),
        // History: nobody read on after paying.
        (&[read, bill, r#"{"call": "pay", "arguments": {"sum": 3}}"#, read], true),
        // Provenance: no payee was named by a bill.
        (&[read, bill, r#"{"call": "pay", "arguments": {"sum": 3, "to-whom": "Zoe"}}"#], false),
        (&[read, bill, r#"{"call": "pay", "arguments": {"sum": 3, "to-whom": "ACC-1234567"}}"#], true),
    ];
    for (lines, denied) in cases {
        let found = check(&lines.join("\n"));
        assert_eq!(found.len(), usize::from(denied), "{lines:?}: {found:?}");
        let last = lines.iter().filter(|line| line.contains("call")).count();
        assert!(found.iter().all(|one| one.step == last && one.verdict == "denied"), "{found:?}");
    }
}

#[test]
fn what_the_recording_guard_found_counts_where_the_recording_has_no_secrets() {
    let line = |session: usize, rest: &str| format!("{{\"session\": {session}, {rest}}}\n");
    let recorded: String = (0..3)
        .flat_map(|session| {
            [
                line(session, r#""call": "read", "arguments": {"path": "/srv/a"}, "origins": {"path": []}"#),
                line(session, r#""result": "password: [redacted]""#),
                line(
                    session,
                    r#""call": "pay", "arguments": {"sum": 3, "to-whom": "[redacted]"}, "origins": {"sum": [], "to-whom": ["read"]}"#,
                ),
            ]
        })
        .collect();
    let sessions = trace::parse(recorded.as_bytes(), trace::Format::Plain).unwrap();
    let text = propose::policy(&sessions, None, Terms::default());
    assert!(text.contains(r#"["read", "user"].containsAll(context.origin["to-whom"])"#), "{text}");
    assert!(text.contains(r#"["user"].containsAll(context.origin.path)"#), "{text}");
}
