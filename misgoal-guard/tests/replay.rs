//! A policy proposed from good traces fits the server's tools, permits those traces, and stops others.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::replay::{Denied, denied};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Policies, Tools};
use misgoal_monitor::{Session, propose, trace};

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
    let text = propose::policy(&good());
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
    let cases = [
        (r#"{"call": "read", "arguments": {"path": "/srv/bills/99.txt"}}"#, 0),
        (r#"{"call": "read", "arguments": {"path": "/etc/passwd"}}"#, 1),
        (r#"{"call": "read", "arguments": {"path": "/srv/bills/../../etc/passwd"}}"#, 1),
        (r#"{"call": "pay", "arguments": {"sum": 3}}"#, 0),
        (r#"{"call": "pay", "arguments": {"sum": 3, "currency": "XMR"}}"#, 1),
        (r#"{"call": "pay", "arguments": {"sum": 3, "hidden": true}}"#, 1),
        (r#"{"call": "drop_all", "arguments": {}}"#, 1),
        (r#"{"call": "never_heard_of", "arguments": {}}"#, 1),
    ];
    for (line, expected) in cases {
        let found = check(line);
        assert_eq!(found.len(), expected, "{line}: {found:?}");
        assert!(found.iter().all(|one| one.step == 1 && one.verdict == "denied"), "{found:?}");
    }
}
