//! Streams and the answers on them: each has those of its own request, also when it is taken up again.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::server::{Asked, read_message};
use super::{ALL, Answer, Guarded, call, guarded_at, request, says};

const ECHO: &str = "permit (principal, action, resource) unless { resource == Tool::\"pay\" };";

/// What the server says next, and what it was asked.
#[derive(Clone, Default)]
struct Script {
    /// To a GET: the events.
    again: Arc<Mutex<String>>,
    /// To a POST that brings no request: status, kind and body.
    aside: Arc<Mutex<(u16, String, String)>>,
    /// `Last-Event-ID` of every request that had one, with its method.
    from: Arc<Mutex<Vec<String>>>,
}

/// A guard before a server whose streams all break off after their first event, `e` and the request's id, but where the text that a call has is an event itself.
fn scripted(policy: &str) -> (Guarded, Script) {
    let (script, listener) = (Script::default(), TcpListener::bind("127.0.0.1:0").expect("a port"));
    let address = listener.local_addr().expect("an address");
    let known = script.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let known = known.clone();
            std::thread::spawn(move || serve(stream, &known));
        }
    });
    (guarded_at(&format!("http://{address}/mcp"), None, Asked::default(), policy, ""), script)
}

fn serve(stream: TcpStream, script: &Script) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = read_message(&mut reader) {
        let method = head.split(' ').next().unwrap_or_default().to_owned();
        if let Some(from) = head.to_lowercase().lines().find_map(|line| line.strip_prefix("last-event-id: ")) {
            script.from.lock().expect("events").push(format!("{method} {from}"));
        }
        let message: Value = serde_json::from_str(&body).unwrap_or_default();
        let (id, text) = (&message["id"], message["params"]["arguments"]["text"].as_str());
        let json = |result: Value| {
            ("application/json".to_owned(), json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string())
        };
        let mut status = 200;
        let (kind, text) = match (method.as_str(), message["method"].as_str()) {
            ("GET", _) => ("text/event-stream".to_owned(), script.again.lock().expect("events").clone()),
            ("POST", Some("initialize")) => {
                json(json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {} }))
            }
            // The first list is for who pins the tools.
            ("POST", Some("tools/list")) if message["params"]["cursor"].is_null() => json(json!({ "tools": tools() })),
            ("POST", Some(_)) if !id.is_null() => {
                ("text/event-stream".to_owned(), format!("id: e{id}\ndata:\n\n{}", text.unwrap_or_default()))
            }
            _ => {
                let (code, kind, text) = script.aside.lock().expect("an answer").clone();
                status = code.max(200);
                (kind, text)
            }
        };
        let length = text.len();
        let kind = if kind.is_empty() { kind } else { format!("Content-Type: {kind}\r\n") };
        let more = if message["method"] == "initialize" { "Mcp-Session-Id: s\r\n" } else { "" };
        let answer = format!("HTTP/1.1 {status} Said\r\n{kind}{more}Content-Length: {length}\r\n\r\n{text}");
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn tools() -> Value {
    let schema = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    ["echo", "pay"].map(|name| json!({ "name": name, "inputSchema": schema })).into()
}

fn event(message: &str) -> String {
    format!("id: x\ndata: {message}\n\n")
}

fn answer(id: &str, text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}

impl Answer {
    /// The last id of an event.
    fn event_id(&self) -> String {
        self.body.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap_or_default().to_owned()
    }

    /// The messages of a stream, each in short: its id and its text, its tools or the code for which it was refused.
    fn messages(&self) -> Vec<String> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| !data.is_empty());
        data.map(|data| {
            let one: Value = serde_json::from_str(data).expect("a message");
            let names = |tools: &Vec<Value>| {
                tools.iter().filter_map(|tool| tool["name"].as_str()).collect::<Vec<_>>().join("+")
            };
            let code = one["error"]["data"]["rules"][0].as_str().map(str::to_owned);
            let tools = one["result"]["tools"].as_array().map(names);
            let said = one["result"]["content"][0]["text"].as_str().or(one["method"].as_str()).map(str::to_owned);
            format!("{} {}", one["id"], code.or(tools).or(said).unwrap_or_default())
        })
        .collect()
    }
}

impl Guarded {
    fn again(&self, session: &str, from: &str) -> Answer {
        self.send("GET", "/mcp", &[("Mcp-Session-Id", session), ("Last-Event-ID", from)], "")
    }

    /// Code or outcome of everything that was refused or has ended.
    fn ends(&self) -> Vec<String> {
        let records = self.records();
        let ends = records.iter().filter(|one| matches!(one.kind.as_str(), "refused" | "outcome"));
        ends.map(|one| format!("{}{}", says(one, "code"), says(one, "outcome"))).collect()
    }
}

/// A call (1), a tool list (2) and a call (3) wait on streams that have broken off; the second is taken up again.
#[test]
fn a_stream_that_is_taken_up_again_has_the_answer_to_its_own_request() {
    let (own, list) =
        (answer("2", "x"), json!({ "jsonrpc": "2.0", "id": 2, "result": { "tools": tools() } }).to_string());
    let named = |id: &str| list.replace("\"id\":2", &format!("\"id\":{id}"));
    let cases: [(&str, String, &[&str], &[&str]); 10] = [
        ("its own", event(&list), &["2 echo"], &[]),
        ("in the words of another tool", event(&own), &["2 x"], &[]),
        ("that of a call", event(&answer("1", "x")), &[], &["unasked-answer"]),
        ("a tool list as a call's", event(&named("1")), &[], &["unasked-answer"]),
        ("as a text", event(&named("\"2\"")), &["2 unasked-answer"], &["unasked-answer"]),
        ("of none", event(&named("9")), &[], &["unasked-answer"]),
        (
            "without an id",
            event(r#"{"jsonrpc":"2.0","error":{"code":-1,"message":"read me"}}"#),
            &["2 no-answer"],
            &["no-answer"],
        ),
        (
            "an unreadable one of a call",
            event(r#"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#),
            &[],
            &["duplicate-key"],
        ),
        (
            "an unreadable one",
            event(r#"{"jsonrpc":"2.0","id":2,"result":{"a":1,"a":2}}"#),
            &["2 duplicate-key"],
            &["duplicate-key"],
        ),
        ("another's, then its own", event(&answer("1", "x")) + &event(&list), &["2 echo"], &["unasked-answer"]),
    ];
    for (what, says, shown, ends) in cases {
        let (guard, script) = scripted(ECHO);
        let session = guard.begin();
        let first = guard.post(&session, &call(1, "echo", "")).event_id();
        let begun = guard.post(&session, &request(2, "tools/list", &json!({ "cursor": "c" })));
        guard.post(&session, &call(3, "echo", ""));
        *script.again.lock().unwrap() = says;
        let resumed = guard.again(&session, &begun.event_id());
        assert_eq!(
            (resumed.status(), resumed.messages()),
            (200, shown.iter().map(|one| (*one).to_owned()).collect()),
            "{what}"
        );
        assert_eq!(guard.ends(), ends, "{what}");
        assert_eq!(script.from.lock().unwrap().as_slice(), ["GET e2"], "the server gets its own id back");
        // What it has told of others it tells them still.
        *script.again.lock().unwrap() = event(&answer("1", "late"));
        // Nobody makes an event of one stream into one of another, or into another event.
        let number = begun.event_id().split('.').nth(1).unwrap().parse::<u64>().unwrap();
        let forged = begun.event_id().replacen(&format!(".{number}."), &format!(".{}.", number - 1), 1);
        assert_eq!(guard.again(&session, &forged).status(), 400, "{what}");
        assert_eq!(guard.again(&session, &format!("{first}0")).status(), 400, "{what}");
        assert_eq!(guard.again(&session, &first).messages(), ["1 late"], "{what}");
    }
}

/// The stream of a resumed request breaks off and is taken up once more; one event id on two streams is each stream's own.
#[test]
fn an_event_belongs_to_the_request_of_its_stream() {
    let (guard, script) = scripted(ALL);
    let session = guard.begin();
    let first = guard.post(&session, &call(1, "echo", "id: same\ndata:\n\n"));
    let second = guard.post(&session, &call(2, "echo", "id: same\ndata:\n\n"));
    *script.again.lock().unwrap() = "id: more\ndata:\n\n".to_owned();
    let once = guard.again(&session, &first.event_id());
    *script.again.lock().unwrap() = event(&answer("2", "two")) + &event(&answer("1", "one"));
    assert_eq!(guard.again(&session, &once.event_id()).messages(), ["1 one"]);
    assert_eq!(guard.again(&session, &second.event_id()).messages(), ["2 two"]);
    assert_eq!(script.from.lock().unwrap().as_slice(), ["GET same", "GET more", "GET same"]);
    // The stream on which the server speaks unasked has no answers, neither anew nor taken up again.
    guard.post(&session, &call(3, "echo", ""));
    *script.again.lock().unwrap() =
        event(&answer("3", "three")) + &event(r#"{"jsonrpc":"2.0","method":"notifications/message"}"#);
    let open = guard.send("GET", "/mcp", &[("Mcp-Session-Id", &session)], "");
    assert_eq!(open.messages(), ["null notifications/message"]);
    assert_eq!(guard.again(&session, &open.event_id()).messages(), ["null notifications/message"]);
}

/// An id that a later request bears again is not that of the stream which an earlier one has left behind.
#[test]
fn a_request_is_not_taken_for_a_later_one_of_its_id() {
    let (guard, script) = scripted(ALL);
    let session = guard.begin();
    let first = guard.post(&session, &call(1, "echo", &event(&answer("1", "first"))));
    assert_eq!(first.messages(), ["1 first"]);
    let second = guard.post(&session, &call(1, "echo", ""));
    *script.again.lock().unwrap() = event(&answer("1", "second"));
    assert_eq!(guard.again(&session, &first.event_id()).messages(), Vec::<String>::new());
    assert_eq!(guard.again(&session, &second.event_id()).messages(), ["1 second"]);
}

#[test]
fn an_event_that_the_guard_has_not_given_is_refused() {
    let (guard, script) = scripted(ALL);
    let (session, other) = (guard.begin(), scripted(ALL));
    let elsewhere = other.0.begin();
    let foreign = other.0.post(&elsewhere, &call(1, "echo", "")).event_id();
    let known = guard.post(&session, &call(1, "echo", "")).event_id();
    let (name, _) = known.split_once('.').expect("a session's name");
    let never = format!("{name}.77.x");
    for id in ["e1", "", "0", &foreign, &never, &format!("{name}.2."), &known.replacen(".2.", ".02.", 1)] {
        let answer = guard.again(&session, id);
        assert_eq!((answer.status(), answer.json()["error"]["code"].clone()), (400, json!(-32600)), "{id}");
    }
    // Who has no session cannot come back for its own.
    assert_eq!(guard.send("GET", "/mcp", &[("Last-Event-ID", known.as_str())], "").status(), 400);
    assert!(script.from.lock().unwrap().is_empty());
    assert_eq!(guard.ends(), vec!["event-id"; 8]);
    // It stands with no other method.
    guard.send("POST", "/mcp", &[("Mcp-Session-Id", &session), ("Last-Event-ID", &known)], &call(2, "echo", ""));
    guard.send("DELETE", "/mcp", &[("Mcp-Session-Id", &session), ("Last-Event-ID", &known)], "");
    assert!(script.from.lock().unwrap().is_empty());
}

/// Where nothing can be taken up again, no event has an id, and who waits hears of the end.
#[test]
fn streams_that_cannot_be_taken_up_again_have_no_ids() {
    let (guard, _) = scripted(ALL);
    let session = guard.begin();
    let modern = ("MCP-Protocol-Version", "2026-07-28");
    for headers in [&[][..], &[modern], &[modern, ("Mcp-Session-Id", &session)]] {
        let answer = guard.send("POST", "/mcp", headers, &call(1, "echo", ""));
        assert_eq!(
            (answer.event_id().as_str(), answer.body.contains("ended before")),
            ("", true),
            "{headers:?}: {}",
            answer.body
        );
    }
    assert_eq!(guard.ends(), vec!["lost"; 3]);
}

/// An answer that was read and then lost on its way to the agent is shown when the stream is taken up again: the same, once on record.
#[test]
fn an_answer_that_was_lost_on_its_way_is_shown_again() {
    let list = |id: u64| json!({ "jsonrpc": "2.0", "id": id, "result": { "tools": tools() } }).to_string();
    let odd = r#"{"jsonrpc":"2.0","id":4,"result":{"tools":{"a":9007199254740993}}}"#;
    let twofold = r#"{"jsonrpc":"2.0","id":6,"result":{"a":1,"a":2}}"#;
    let unnamed = r#"{"jsonrpc":"2.0","error":{"code":-1,"message":"read me"}}"#;
    let (guard, script) = scripted(ECHO);
    let session = guard.begin();
    let failed = r#"{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"no"}}"#;
    let cases = [
        (call(1, "echo", &event(&answer("1", "x"))), answer("1", "x"), "1 x", "unasked-answer"),
        (
            request(2, "tools/list", &json!({ "cursor": "c", "arguments": { "text": event(&list(2)) } })),
            list(2),
            "2 echo",
            "unasked-answer",
        ),
        (call(3, "echo", &event(failed)), failed.to_owned(), "3 ", "unasked-answer"),
        (call(4, "echo", &event(odd)), odd.to_owned(), "4 number", "unasked-answer"),
        (call(6, "echo", &event(twofold)), twofold.to_owned(), "6 duplicate-key", "duplicate-key"),
        (call(7, "echo", &event(unnamed)), unnamed.to_owned(), "7 no-answer", "unasked-answer"),
    ];
    for (asks, says, shown, code) in cases {
        let first = guard.post(&session, &asks);
        assert_eq!(first.messages(), [shown]);
        let ends = guard.ends();
        for (again, expected) in [
            (says.clone(), vec![shown]),
            (says.replacen(':', ": ", 1), vec![]),
            (answer("9", "x"), vec![]),
            (says, vec![shown]),
        ] {
            *script.again.lock().unwrap() = event(&again);
            assert_eq!(guard.again(&session, &first.event_id()).messages(), expected, "{again}");
        }
        let added = guard.ends()[ends.len()..].to_vec();
        assert_eq!(added, [code, "unasked-answer"], "nothing ends twice");
    }
    // On the stream itself nothing comes twice.
    let twice = guard.post(&session, &call(5, "echo", &event(&answer("5", "x")).repeat(2)));
    assert_eq!(twice.messages(), ["5 x"]);
}

/// An answer in the answer to what asks for nothing is no request's.
#[test]
fn only_a_request_is_answered() {
    let (guard, script) = scripted(ALL);
    let session = guard.begin();
    let waiting = guard.post(&session, &call(1, "echo", ""));
    let said = answer("1", "x");
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    for (kind, body) in [("text/event-stream", event(&said)), ("application/json", said.clone())] {
        *script.aside.lock().unwrap() = (200, kind.to_owned(), body);
        let posted = guard.post(&session, notification);
        assert!(!posted.body.contains("result"), "{kind}: {}", posted.body);
    }
    // An error that is nobody's goes on under its status, and no other answer does.
    for (body, shown) in [(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}"#, true), (&said, false)] {
        *script.aside.lock().unwrap() = (400, "application/json".to_owned(), body.to_owned());
        let posted = guard.post(&session, notification);
        assert_eq!((posted.status(), posted.body.as_str()), (400, if shown { body } else { "" }));
    }
    // The server asks, and the agent's answer is what is posted.
    *script.again.lock().unwrap() = event(r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#);
    guard.send("GET", "/mcp", &[("Mcp-Session-Id", &session)], "");
    *script.aside.lock().unwrap() = (200, "text/event-stream".to_owned(), event(&said));
    assert_eq!(guard.post(&session, r#"{"jsonrpc":"2.0","id":7,"result":{}}"#).messages(), Vec::<String>::new());
    assert_eq!(guard.ends(), vec!["unasked-answer"; 4]);
    *script.again.lock().unwrap() = event(&said);
    assert_eq!(guard.again(&session, &waiting.event_id()).messages(), ["1 x"]);
}

/// The agent hangs up while the answer is on its way.
#[test]
fn an_agent_that_comes_back_has_its_answer() {
    let (guard, script) = scripted(ALL);
    let session = guard.begin();
    let mut stream = guard.begin_post(&session, &call(1, "echo", &event(&answer("1", "x"))));
    let mut text = String::new();
    while !text.contains("id: ") || !text.ends_with("\n\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the stream begins");
        text.push(char::from(byte[0]));
    }
    drop(stream);
    let id = text.lines().find_map(|line| line.strip_prefix("id: ")).expect("an event").to_owned();
    let outcomes = || guard.ends();
    assert!((0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        !outcomes().is_empty()
    }));
    *script.again.lock().unwrap() = event(&answer("1", "x"));
    assert_eq!(
        (guard.again(&session, &id).messages(), guard.ends()),
        (vec!["1 x".to_owned()], vec!["good".to_owned()])
    );
}
