//! One `check` helper, one small file for each format and each way to get it wrong; then any bytes at all.

use proptest::prelude::*;

use super::{Format, detect, parse, parse_any};
use crate::session::{Call, Event, Outcome, Session};

/// Sessions as one line an event.
fn show(sessions: &[Session]) -> String {
    let mut out = String::new();
    for session in sessions {
        out += &format!(
            "# {} task={:?} reward={:?} tools={:?}\n",
            session.id, session.task, session.reward, session.tools
        );
        out.extend(session.instructions.iter().map(|text| format!("instructions {text}\n")));
        for (index, event) in session.events.iter().enumerate() {
            out += &match event {
                Event::User(text) => format!("user {text}\n"),
                Event::Agent(text) => format!("agent {text}\n"),
                Event::Call(call) => format!("{index}: {}({})\n", call.tool, call.arguments),
                Event::Result(outcome) => {
                    let failed = if outcome.failed { "failed " } else { "" };
                    format!("{:?} -> {failed}{}\n", outcome.call, outcome.text)
                }
            };
        }
        out.extend(session.marks.iter().map(|(index, mark)| format!("mark {index} {mark}\n")));
    }
    out
}

fn check(text: &str) -> String {
    match parse_any(text.as_bytes()) {
        Ok((format, sessions)) => format!("{}\n{}", format.name(), show(&sessions)),
        Err(error) => error.to_string(),
    }
}

const CHAT: &str = r#"[
  {"role": "system", "content": "Be kind."},
  {"role": "user", "content": [{"type": "text", "text": "Where is order 7?"}]},
  {"role": "assistant", "content": null, "tool_calls": [
    {"id": "a", "type": "function", "function": {"name": "lookup", "arguments": "{\"order\": 7}"}},
    {"id": "b", "type": "function", "function": {"name": "lookup", "arguments": "order=8"}}]},
  {"role": "tool", "tool_call_id": "b", "content": "Error: no such order"},
  {"role": "tool", "tool_call_id": "a", "content": "sent"},
  {"role": "assistant", "content": "It was sent."}
]"#;

#[test]
fn openai_chat() {
    insta::assert_snapshot!(check(CHAT), @r#"
openai
# 1 task=None reward=None tools=[]
instructions Be kind.
user Where is order 7?
1: lookup({"order":7})
2: lookup("order=8")
Some(2) -> failed Error: no such order
Some(1) -> sent
agent It was sent.
"#);
    let in_lines = r#"{"messages": [{"role": "user", "content": "hi"}], "tools": [{"type": "function", "function": {"name": "lookup"}}]}
{"id": "x", "messages": [{"role": "assistant", "function_call": {"name": "pay", "arguments": "{}"}}, {"role": "function", "name": "pay", "content": "ok"}]}
"#;
    insta::assert_snapshot!(check(in_lines), @r#"
openai
# 1 task=None reward=None tools=["lookup"]
user hi
# x task=None reward=None tools=[]
0: pay({})
Some(0) -> ok
"#);
}

#[test]
fn tau_bench() {
    let episodes =
        r#"[{"task_id": 3, "trial": 1, "reward": 1.0, "info": {}, "traj": [{"role": "user", "content": "hi"}]}]"#;
    insta::assert_snapshot!(check(episodes), @r#"
tau
# 3-1 task=Some("3") reward=Some(1.0) tools=[]
user hi
"#);
    let displayed =
        r#"{"messages_display": "user: hi\nthere\nassistant: None\ntool: Error: user not found\nassistant: Who?"}"#;
    insta::assert_snapshot!(check(displayed), @r#"
tau
# 1 task=None reward=Some(1.0) tools=[]
user hi
there
None -> failed Error: user not found
agent Who?
"#);
}

#[test]
fn mcp_log() {
    let log = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}
{"jsonrpc":"2.0","id":0,"result":{"capabilities":{}}}
{"jsonrpc":"2.0","id":1,"method":"tools/list"}
{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"echo"},{"name":"add"}]}}

{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"message":"hi"}}}
{"jsonrpc":"2.0","method":"notifications/progress","params":{}}
{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"hi"}],"isError":false}}
{"jsonrpc":"2.0","id":"s","method":"resources/read","params":{"uri":"file:///a"}}
{"jsonrpc":"2.0","id":"s","error":{"code":-32002,"message":"not found"}}
{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}
{"time":"12:00","direction":"in","message":{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"add"}}}
"#;
    insta::assert_snapshot!(check(log), @r#"
mcp
# 1 task=None reward=None tools=["echo", "add"]
0: echo({"message":"hi"})
Some(0) -> hi
2: resources/read({"uri":"file:///a"})
Some(2) -> failed not found
# 2 task=None reward=None tools=[]
0: add({})
"#);
}

#[test]
fn plain_lines() {
    let lines = r#"{"session": "a", "task": "refund", "system": "Be brief."}
{"session": "a", "tools": ["lookup", "pay"]}
{"session": "a", "user": "Where is order 7?"}
{"session": "b", "call": "pay", "arguments": {"sum": 3}, "mark": "theft"}
{"session": "a", "call": "lookup", "arguments": {"order": 7}, "id": "c1"}
{"session": "a", "result": {"state": "sent"}, "id": "c1"}
{"session": "b", "result": "no funds", "error": true}
{"session": "a", "agent": "It was sent.", "reward": 1}
"#;
    insta::assert_snapshot!(check(lines), @r#"
plain
# a task=Some("refund") reward=Some(1.0) tools=["lookup", "pay"]
instructions Be brief.
user Where is order 7?
1: lookup({"order":7})
Some(1) -> {"state":"sent"}
agent It was sent.
# b task=None reward=None tools=[]
0: pay({"sum":3})
Some(0) -> failed no funds
mark 0 theft
"#);
}

#[test]
fn stepshield() {
    let steps = r#"{"trajectory_id": "SEC-L1-001-ROGUE", "task": {"title": "T", "description": "D", "constraints": ["no secrets"]}, "steps": [{"step": 1, "thought": "t", "action": "run_command", "arguments": {"command": "cat .env"}, "observation": "KEY=1", "label": "SEC", "rationale": "r"}]}"#;
    insta::assert_snapshot!(check(steps), @r#"
stepshield
# SEC-L1-001-ROGUE task=None reward=None tools=[]
instructions no secrets
user T
D
1: run_command({"command":"cat .env"})
Some(1) -> KEY=1
mark 1 SEC
"#);
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    let errors = [
        "",
        "nonsense",
        "[1, 2]",
        "{\"cat\": 1}",
        "[\n  {\"role\": \"user\"},\n  {\"role\": \"robot\"}\n]",
        "[\n{\"role\": \"assistant\", \"tool_calls\": [{\"id\": \"a\"}]}]",
        "{\"messages\": []}\n\n{\"messages\": 3}",
        "[{\"task_id\": 1, \"traj\": []},\n{\"task_id\": 1}]",
        "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\n{\"jsonrpc\": \"1.0\"}",
        "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\", \"params\": {}}",
        "{\"user\": \"a\", \"agent\": \"b\"}",
        "{\"user\": \"a\"}\n{\"usr\": \"b\"}",
        "{\"user\": \"a\"}\n{\"user\": ",
        "{\"trajectory_id\": \"a\", \"steps\": [{\"action\": 3}]}",
    ];
    let shown: Vec<String> = errors.iter().map(|text| check(text)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
line 1: expected at least one record, found an empty file
line 1, column 2: expected JSON, found expected ident
line 1: expected a record with `messages`, `role`, `traj`, `steps`, `jsonrpc`, or `user`, `agent`, `call`, `result`, found a number
line 1: expected a record with `messages`, `role`, `traj`, `steps`, `jsonrpc`, or `user`, `agent`, `call`, `result`, found an object with `cat`
line 3, message 2: expected `role` to be `system`, `developer`, `user`, `assistant`, `tool` or `function`, found `robot`
line 2, message 1, tool call 1: expected `function` to be an object, found nothing
line 3, conversation 2: expected `messages` to be an array, found a number
line 2, episode 2: expected `traj` to be an array, found nothing
line 2: expected a JSON-RPC message with `jsonrpc` of "2.0", found `"1.0"`
line 1, `params`: expected `name` to be a string, found nothing
line 1: expected one of `user`, `agent`, `call`, `result`, `system`, `tools`, found both `user` and `agent`
line 2: expected one of `user`, `agent`, `call`, `result`, `system`, `tools`, found none of them
line 2, column 9: expected JSON, found EOF while parsing a value
line 1, step 1: expected `action` to be a string, found a number
"#);
}

#[test]
fn names_are_unique_and_read_back() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
    }
    assert_eq!(detect(b"\xef\xbb\xbf{\"user\": \"hi\"}"), Some(Format::Plain));
}

/// Pieces of the formats, shuffled: gets further into the parsers than any bytes do.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "null",
        "3",
        "\"a\"",
        "\"role\"",
        "\"user\"",
        "\"assistant\"",
        "\"tool\"",
        "\"messages\"",
        "\"tool_calls\"",
        "\"traj\"",
        "\"messages_display\"",
        "\"jsonrpc\"",
        "\"2.0\"",
        "\"method\"",
        "\"tools/call\"",
        "\"params\"",
        "\"id\"",
        "\"result\"",
        "\"call\"",
        "\"steps\"",
        "\"trajectory_id\"",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60).prop_map(|parts| parts.concat())
}

/// Any JSON whose keys are those of the formats.
fn documents() -> impl Strategy<Value = serde_json::Value> {
    let keys = [
        "role",
        "content",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "messages",
        "traj",
        "task_id",
        "reward",
        "jsonrpc",
        "method",
        "params",
        "id",
        "result",
        "error",
        "tools",
        "message",
        "session",
        "user",
        "agent",
        "call",
        "trajectory_id",
        "steps",
        "action",
        "label",
        "task",
        "constraints",
        "observation",
        "messages_display",
    ];
    let words = ["2.0", "tools/call", "initialize", "tools/list", "user", "assistant", "tool", "a", "user: a\ntool: b"];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        proptest::sample::select(words.to_vec()).prop_map(Into::into),
        ".{0,6}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        let keys = proptest::sample::select(keys.to_vec());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(keys, inner, 0..8)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn every_parser(bytes: &[u8]) {
    let _ = parse_any(bytes);
    for format in Format::ALL {
        if let Err(error) = parse(bytes, format) {
            assert!(error.line >= 1 && !error.expected.is_empty() && !error.found.is_empty(), "{error:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        every_parser(&bytes);
    }

    #[test]
    fn no_pieces_make_a_parser_panic(text in pieces()) {
        every_parser(text.as_bytes());
    }

    #[test]
    fn no_document_makes_a_parser_panic(documents in proptest::collection::vec(documents(), 1..4)) {
        let lines: Vec<String> = documents.iter().map(ToString::to_string).collect();
        every_parser(lines.join("\n").as_bytes());
        every_parser(serde_json::Value::from(documents).to_string().as_bytes());
    }

    #[test]
    fn a_cut_file_is_an_error_or_shorter(cut in 0..CHAT.len()) {
        every_parser(&CHAT.as_bytes()[..cut]);
    }
}

#[test]
fn depth_is_bounded() {
    every_parser("[".repeat(100_000).as_bytes());
    every_parser(format!("{}{}", "{\"user\":".repeat(1000), "1").as_bytes());
}

#[test]
fn written_events_are_read_as_they_were() {
    let mut session = Session { id: "a".to_owned(), ..Session::default() };
    let call = |tool: &str, arguments| Event::Call(Call { id: None, tool: tool.to_owned(), arguments });
    let result = |at, text: &str, failed| Event::Result(Outcome { call: Some(at), text: text.to_owned(), failed });
    session.events = vec![
        Event::User("refund\norder 7".to_owned()),
        call("lookup", serde_json::json!({ "order": 7 })),
        call("lookup", serde_json::json!({ "order": 8 })),
        result(1, "Error: but it is none", false),
        result(2, "", true),
        Event::Agent("{\"done\": 1}".to_owned()),
    ];
    let calls = [0, 1, 2, 1, 2, 0];
    let text: String =
        session.events.iter().zip(calls).map(|(event, call)| super::plain::line_of("a", call, event, None)).collect();
    let mut read = parse(text.as_bytes(), Format::Plain).unwrap();
    for event in &mut read[0].events {
        if let Event::Call(call) = event {
            call.id = None;
        }
    }
    assert_eq!(read, [session]);
}
