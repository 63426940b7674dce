//! One session, message by message: ids, held calls, and what the monitor does to calls.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Guard, Move, Step, Tools};

const NOW: u64 = 1_000_000;

fn guard(policy: &str, more: &str) -> Guard {
    let config = format!("format = 1\nserver = \"s\"\nmode = \"enforce\"\n{more}");
    let config = Config::parse("guard.toml", &config).expect("a configuration");
    let mut tools = Tools::new("s");
    for name in ["echo", "pay"] {
        let definition = format!(
            r#"{{"name":"{name}","inputSchema":{{"type":"object","properties":{{"text":{{"type":"string"}}}}}}}}"#
        );
        let node = value(definition.as_bytes(), Side::Server, &Limits::default()).expect("JSON");
        tools.pin(Tool::from_definition(&node).expect("a tool"));
    }
    Guard::new(config, "policy.cedar", policy, tools, true).expect("a guard")
}

fn call(guard: &mut Guard, id: &str, tool: &str) -> Step {
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{{"text":"x"}}}}}}"#
    );
    guard.from_agent(line.as_bytes(), NOW)
}

fn answer(guard: &mut Guard, id: &str) -> Step {
    guard.from_server(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#).as_bytes(), NOW)
}

/// The records of a step as `kind: body`.
fn told(step: &Step) -> Vec<String> {
    step.records.iter().map(|record| format!("{}: {}", record.kind, record.body)).collect()
}

#[test]
fn the_late_answer_of_a_cancelled_call_is_not_that_of_another() {
    let mut guard = guard("permit (principal, action, resource);", "");
    assert_eq!(call(&mut guard, "7", "echo").then, Move::Forward);
    let cancel = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
    assert_eq!(guard.from_agent(cancel, NOW).then, Move::Forward);
    for id in ["7", "\"7\""] {
        let again = call(&mut guard, id, "pay");
        assert!(matches!(again.then, Move::Send(Side::Agent, _)), "{again:?}");
    }
    let late = answer(&mut guard, "7");
    assert_eq!((late.then.clone(), told(&late)), (Move::Drop, vec![r#"outcome: {"outcome":"late"}"#.to_owned()]));
    assert_eq!(answer(&mut guard, "7").then, Move::Drop);
}

/// Why a call of `pay` is held under these policies, and by which.
fn held(policy: &str) -> String {
    let step = call(&mut guard(policy, ""), "1", "pay");
    let Move::Hold(held) = &step.then else { panic!("not held: {step:?}") };
    held.reason.clone()
}

#[test]
fn a_held_call_says_who_holds_it() {
    insta::assert_snapshot!(
        held(r#"@id("ask") permit (principal, action == Action::"pay", resource) when { context.approved };"#),
        @"policy `ask` permits it once a person has approved it"
    );
    insta::assert_snapshot!(
        held(r#"permit (principal, action, resource); @id("wait") forbid (principal, action == Action::"pay", resource) unless { context.approved };"#),
        @"policy `wait` forbids it until a person has approved it"
    );
    insta::assert_snapshot!(
        held(r#"@id("ask") @reason("money needs a second pair of eyes") permit (principal, action == Action::"pay", resource) when { context.approved };"#),
        @"money needs a second pair of eyes"
    );
}

#[test]
fn what_the_monitor_cannot_read_is_not_done() {
    let mut guard = guard("permit (principal, action, resource);", "[monitor]\nrecord = \"sessions.jsonl\"\n");
    guard.watch("a", None);
    let huge =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"other":1e999}}}"#;
    let step = guard.from_agent(huge, NOW);
    assert!(matches!(step.then, Move::Send(Side::Agent, _)), "{step:?}");
    assert_eq!(call(&mut guard, "2", "echo").then, Move::Forward);
    let step = guard.from_server(br#"{"jsonrpc":"2.0","id":2,"result":{"n":1e999}}"#, NOW);
    assert!(matches!(step.then, Move::Send(Side::Agent, _)), "{step:?}");
}
