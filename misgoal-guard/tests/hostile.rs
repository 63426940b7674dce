//! Hostile bytes: the guard never panics, and whatever it lets through, no lenient reader takes it for a call that is not permitted.
#![expect(clippy::expect_used, reason = "helpers of tests: a panic is how a test fails")]

use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Guard, Move, Tools};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};

mod lenient;

use lenient::calls;

/// A guard that permits calls of `echo` alone.
fn guard() -> Guard {
    let config =
        Config::parse("guard.toml", "format = 1\nserver = \"s\"\nmode = \"enforce\"").expect("a configuration");
    let mut tools = Tools::new("s");
    for name in ["echo", "pay"] {
        let definition = format!(
            r#"{{"name":"{name}","inputSchema":{{"type":"object","properties":{{"text":{{"type":"string"}}}}}}}}"#
        );
        let node = value(definition.as_bytes(), Side::Server, &Limits::default()).expect("JSON");
        tools.pin(Tool::from_definition(&node).expect("a tool"));
    }
    let policy = "permit (principal, action == Action::\"echo\", resource);";
    Guard::new(config, "policy.cedar", policy, tools, true).expect("a guard")
}

/// Pieces that make messages, whole, doubled, mixed up and broken.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just("\"method\""),
        Just("\"Method\""),
        Just("\"m\\u0065thod\""),
        Just("\"params\""),
        Just("\"PARAMS\""),
        Just("\"id\""),
        Just("\"jsonrpc\""),
        Just("\"name\""),
        Just("\"Name\""),
        Just("\"na\\u200bme\""),
        Just("\"arguments\""),
        Just("\"text\""),
        Just("\"tools/call\""),
        Just("\"tools\\/call\""),
        Just("\"Tools/Call\""),
        Just("\"echo\""),
        Just("\"pay\""),
        Just("\"Pay\""),
        Just("\"ｐａｙ\""),
        Just("\"2.0\""),
        Just("1"),
        Just("1.0"),
        Just("null"),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(":"),
        Just(","),
        Just("\r"),
        Just("\u{2028}"),
        Just("\\"),
        Just("\""),
        Just("\0"),
        Just(" "),
    ];
    let soup = prop::collection::vec(word, 0..40).prop_map(|words| words.concat().into_bytes());
    let member = prop_oneof![
        4 => Just("\"jsonrpc\":\"2.0\"".to_owned()),
        4 => (0..4u8).prop_map(|id| format!("\"id\":{id}")),
        4 => prop::sample::select(vec!["method", "Method", "m\\u0065thod", "method ", "meth\\u00adod"]).prop_flat_map(|key| {
            let methods = vec!["tools/call", "Tools/Call", "tools\\/call", "ping", "tools/list", "resources/read", "x/y"];
            prop::sample::select(methods).prop_map(move |method| format!("\"{key}\":\"{method}\""))
        }),
        4 => (prop::sample::select(vec!["params", "Params", "par\\u0061ms"]), params()).prop_map(|(key, params)| format!("\"{key}\":{params}")),
        1 => Just("\"result\":{}".to_owned()),
    ];
    // What is nearly right gets past the reader now and then, and with it what was added to it.
    let methods =
        prop::sample::select(vec!["tools/call", "tools/call", "tools/call", "ping", "tools/list", "resources/read"]);
    let right = prop_oneof![
        2 => Just("{\"name\":\"echo\",\"arguments\":{\"text\":\"x\"}}".to_owned()),
        1 => Just("{\"arguments\":{},\"name\":\"pay\"}".to_owned()),
        3 => params(),
    ];
    let nearly =
        (0..4u8, methods, right, prop::collection::vec(member.clone(), 0..2)).prop_map(|(id, method, params, more)| {
            let mut members =
                vec!["\"jsonrpc\":\"2.0\"".to_owned(), format!("\"id\":{id}"), format!("\"method\":\"{method}\"")];
            members.push(format!("\"params\":{params}"));
            members.extend(more);
            format!("{{{}}}", members.join(",")).into_bytes()
        });
    let object =
        prop::collection::vec(member, 1..7).prop_map(|members| format!("{{{}}}", members.join(",")).into_bytes());
    let object = prop_oneof![nearly, object];
    let bent = (object.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = at.index(bytes.len());
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes
    });
    prop_oneof![3 => object, 2 => bent, 1 => soup, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

fn params() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec!["name", "Name", "n\\u0061me", "name\\u200b", "NAME"]);
    let names = prop::sample::select(vec!["echo", "pay", "Pay", "echo ", "p\\u0061y"]);
    let member = prop_oneof![
        3 => (keys, names).prop_map(|(key, name)| format!("\"{key}\":\"{name}\"")),
        2 => Just("\"arguments\":{\"text\":\"x\"}".to_owned()),
        1 => Just("\"arguments\":{\"text\":\"x\",\"text\":\"y\"}".to_owned()),
        1 => Just("\"uri\":\"file:///a\"".to_owned()),
        1 => Just("\"x\":\r{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\",\"params\":{\"name\":\"pay\"}}\r".to_owned()),
    ];
    prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn attack(messages: usize) -> (usize, usize) {
    let config = Runs { cases: 1, failure_persistence: None, ..Runs::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (strategy, fresh) = (hostile(), guard());
    let (mut forwarded, mut called) = (0, 0);
    let mut guard = fresh.clone();
    for n in 0..messages {
        if n % 20 == 0 {
            guard = fresh.clone();
        }
        let line = strategy.new_tree(&mut runner).expect("a message").current();
        let step = guard.from_agent(&line, n as u64);
        if step.then == Move::Forward {
            forwarded += 1;
            let calls = calls(&line);
            called += usize::from(!calls.is_empty());
            assert!(calls.iter().all(|name| name == "echo"), "{calls:?}: {}", String::from_utf8_lossy(&line));
        }
        if let Move::Send(Side::Server, line) = &step.then {
            // An answer of the agent's that could not be read: the server hears so.
            assert!(calls(line).is_empty());
        }
        guard.from_server(&line, n as u64);
    }
    (forwarded, called)
}

#[test]
fn hostile_messages_neither_panic_nor_pass_as_other_calls() {
    let (forwarded, called) = attack(20_000);
    assert!(forwarded > 100 && called > 10, "the attack must get past now and then: {forwarded}, {called}");
}

/// `cargo test --release -p misgoal-guard --test hostile -- --ignored --nocapture`
#[test]
#[ignore = "a minute in release mode"]
fn a_million_hostile_messages() {
    let (forwarded, called) = attack(1_000_000);
    println!("1000000 hostile messages: {forwarded} forwarded, {called} of them calls, every one permitted");
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for side in [Side::Agent, Side::Server] {
            // Whatever it says, it says it.
            let _ = misgoal_guard::read::read(&bytes, side, &Limits::default());
        }
    }

    #[test]
    fn what_is_read_is_what_a_common_reader_reads(text in "[a-z0-9\\[\\]{}:,\"\\\\u\\-.eE ]{0,60}") {
        let ours = value(text.as_bytes(), Side::Server, &Limits::default());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        if let Ok(ours) = ours {
            // A number too large for a float is JSON all the same.
            let same = theirs.as_ref().is_ok_and(|theirs| {
                serde_json::from_str::<serde_json::Value>(&ours.canonical()).is_ok_and(|ours| ours == *theirs)
            });
            prop_assert!(same || text.contains(['e', 'E']), "{text}");
        }
    }
}
