//! Any lines of the agent and the server: the guard never panics, and whatever it lets through, no lenient reader takes it for a call that is not permitted.
//! Lines that begin with `<` are the server's, all others the agent's.
#![no_main]

#[path = "../../misgoal-guard/tests/lenient/mod.rs"]
mod lenient;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Guard, Move, Tools};

/// Permits calls of `echo` alone, at most three of them, and none once a page was read.
static GUARD: LazyLock<Guard> = LazyLock::new(|| {
    let config = "format = 1\nserver = \"s\"\nmode = \"enforce\"\n[[label]]\nname = \"page\"\ntools = [\"echo\"]\nmatches = \"<html\"\n";
    let config = Config::parse("guard.toml", config).unwrap();
    let mut tools = Tools::new("s");
    for name in ["echo", "pay"] {
        let definition = format!(
            r#"{{"name":"{name}","inputSchema":{{"type":"object","properties":{{"text":{{"type":"string"}},"amount":{{"type":"number"}}}}}}}}"#
        );
        tools.pin(Tool::from_definition(&value(definition.as_bytes(), Side::Server, &Limits::default()).unwrap()).unwrap());
    }
    let policy = "permit (principal, action == Action::\"echo\", resource)\n\
        unless { context.session.labels.contains(\"page\") || context.input has text && context.input.text like \"*secret*\" };";
    Guard::new(config, "policy.cedar", policy, tools, true).unwrap()
});

fuzz_target!(|data: &[u8]| {
    let mut guard = GUARD.clone();
    for (now, line) in data.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if let Some(line) = line.strip_prefix(b"<") {
            guard.from_server(line, now as u64);
            guard.catch_up();
            continue;
        }
        let step = guard.from_agent(line, now as u64);
        if let Move::Send(Side::Server, line) = &step.then {
    // An answer of the agent's that could not be read: the server hears so.
    assert!(lenient::calls(line).is_empty());
}
        if step.then == Move::Forward {
            let calls = lenient::calls(line);
            assert!(calls.iter().all(|name| name == "echo"), "{calls:?}: {}", String::from_utf8_lossy(line));
            // Whoever lets a call through has written it down.
            assert!(calls.is_empty() || step.records.iter().any(|record| record.kind == "attempt"));
        }
    }
});
