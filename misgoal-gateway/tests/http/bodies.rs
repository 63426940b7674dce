//! One reading of a body: what headers say of it, and that the guard says it itself, in both directions.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{ALL, ALL_BUT_PAY, Guarded, call, guarded, request, says};

/// The shifted text of UTF-7: letters of ASCII to a reader of UTF-8.
fn utf7(text: &str) -> String {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<bool> = units.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1)).collect();
    let sextet = |bits: &[bool]| (0..6).fold(0, |value, at| value << 1 | usize::from(bits.get(at) == Some(&true)));
    format!("+{}-", bits.chunks(6).map(|bits| char::from(letters[sextet(bits)])).collect::<String>())
}

/// A request with exactly these lines of head and this body, on a connection of its own: everything that comes back.
fn raw(guard: &Guarded, head: &[&str], body: &str) -> String {
    let mut stream = TcpStream::connect(guard.address).expect("a connection");
    let head: String = head.iter().map(|line| format!("{line}\r\n")).collect();
    let host = guard.address;
    write!(stream, "POST /mcp HTTP/1.1\r\nHost: {host}\r\n{head}Connection: close\r\n\r\n{body}")
        .expect("the guard reads");
    let mut text = Vec::new();
    // What has been refused may be cut off.
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn codes(guard: &Guarded) -> Vec<String> {
    guard.records().iter().filter(|record| record.kind == "refused").map(|record| says(record, "code")).collect()
}

#[test]
fn a_body_that_two_readers_read_differently_is_refused() {
    let guard = guarded(ALL_BUT_PAY, "", false);
    let session = guard.begin();
    // To a reader of UTF-8 a call of `echo`, to one of UTF-7 a call of `pay`.
    let hidden = utf7(r#"x"}},"params":{"name":"pay","arguments":{"text":"mallory"#);
    let body = call(1, "echo", &hidden);
    let known = format!("Mcp-Session-Id: {session}");
    let length = format!("Content-Length: {}", body.len());
    let json = "Content-Type: application/json";
    let cases: &[(&str, &str, &[&str])] = &[
        ("415", "charset", &["Content-Type: application/json; charset=utf-7"]),
        ("415", "charset", &["Content-Type: application/json;charset=\"UTF-16\""]),
        ("415", "charset", &["Content-Type: application/json; charset=utf-8; charset=utf-7"]),
        ("415", "content-type", &["Content-Type: text/plain"]),
        ("415", "content-type", &["Content-Type: application/x-www-form-urlencoded"]),
        ("415", "content-type", &[]),
        ("415", "content-encoding", &[json, "Content-Encoding: gzip"]),
        ("415", "content-encoding", &[json, "Content-Encoding: br"]),
        ("415", "content-encoding", &[json, "Content-Encoding: identity, gzip"]),
        ("400", "doubled-header", &[json, json]),
        ("400", "doubled-header", &[json, "Content-Type: application/json; charset=utf-7"]),
        ("400", "doubled-header", &[json, "Content-Encoding: identity", "Content-Encoding: gzip"]),
        ("400", "doubled-header", &[json, "Mcp-Session-Id: other"]),
        ("400", "doubled-header", &[json, "MCP-Protocol-Version: 2025-06-18", "MCP-Protocol-Version: 2025-11-25"]),
        ("400", "protocol-version", &[json, "MCP-Protocol-Version: 2025-06-18, 2025-11-25"]),
        ("400", "header-value", &[json, "X-Text: \u{c5}"]),
        ("400", "doubled-header", &[json, "Authorization: Bearer a", "Authorization: Bearer b"]),
        ("400", "doubled-header", &[json, "Host: localhost"]),
        ("400", "doubled-header", &[json, "Mcp-Method: tools/call", "Mcp-Method: tools/call"]),
        ("400", "transfer-encoding", &[json, "Transfer-Encoding: gzip, chunked"]),
        ("400", "connection", &[json, "Connection: Mcp-Session-Id"]),
    ];
    let mut expected = Vec::new();
    for (status, code, more) in cases {
        let mut head = vec![known.as_str()];
        if *code != "transfer-encoding" {
            head.push(&length);
        }
        head.extend(*more);
        let answer = raw(&guard, &head, &body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{more:?}: {answer}");
        expected.push((*code).to_owned());
    }
    assert_eq!(guard.calls(), 0, "nothing has reached the server");
    assert_eq!(codes(&guard), expected, "each of them is on record");
}

#[test]
fn usual_clients_go_on_and_the_server_hears_one_thing() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
        let headers = [
            ("Mcp-Session-Id", session.as_str()),
            ("Content-Type", kind),
            ("Content-Encoding", "identity"),
            ("Accept-Encoding", "gzip, deflate, br"),
            ("Accept-Charset", "utf-7"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Original-URL", "/admin"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Client-IP", "127.0.0.1"),
            ("Remote-User", "root"),
            ("X-Accel-Redirect", "/admin"),
            ("If-None-Match", "*"),
            ("Mcp-Unknown", "1"),
            ("Mcp_Session_Id", "other"),
            ("X-Api-Key", "k"),
        ];
        let answer = guard.send("POST", "/mcp", &headers, &call(1, "echo", "x"));
        assert_eq!(answer.json()["result"]["content"][0]["text"], "x", "{kind}");
        let head = guard.asked.heads.lock().unwrap().last().unwrap().to_lowercase();
        let mut lines: Vec<&str> = head.lines().skip(1).filter(|line| !line.is_empty()).collect();
        lines.sort_unstable();
        let host = lines.iter().find(|line| line.starts_with("host:")).expect("a host").to_owned();
        let length = format!("content-length: {}", call(1, "echo", "x").len());
        assert_eq!(
            lines,
            [
                "accept-encoding: identity",
                "accept: application/json, text/event-stream",
                length.as_str(),
                "content-type: application/json",
                host,
                "mcp-session-id: session-1",
                "x-api-key: k",
            ]
        );
    }
}

#[test]
fn a_message_is_one_line_to_the_server() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let other = call(9, "pay", "me");
    let body = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"echo\",\"_meta\":{{\"x\":\n{other}\r\n}},\"arguments\":{{\"text\":\"a\u{2028}b\"}}}}}}\n"
    );
    assert_eq!(guard.post(&session, &body).json()["result"]["content"][0]["text"], "a\u{2028}b");
    let reached = guard.asked.calls.lock().unwrap().last().unwrap().clone();
    assert!(!reached.contains(['\n', '\r', '\u{2028}']), "{reached}");
    let same = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(same(&reached), same(&body));
}

#[test]
fn an_answer_that_two_readers_read_differently_is_an_error_of_its_call() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let mut expected = Vec::new();
    for (id, (said, code)) in [
        ("Content-Encoding: gzip", "content-encoding"),
        ("Content-Encoding: identity|Content-Encoding: br", "content-encoding"),
        ("Content-Type: application/json; charset=utf-7", "charset"),
        ("Content-Type: text/event-stream; charset=utf-16", "charset"),
        ("Content-Type: application/json|Content-Type: text/event-stream", "doubled-header"),
        ("HTTP 307 Elsewhere|Location: http://server/mcp/", "redirect"),
        ("large", "number"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = guard.post(&session, &call(id as u64, "said", said));
        assert_eq!((answer.status(), answer.header("location")), (200, None), "{said}: {}", answer.body);
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"), "{said}");
        let error = answer.json();
        assert_eq!((&error["id"], &error["error"]["data"]["rules"]), (&json!(id), &json!([code])), "{said}");
        expected.push(code.to_owned());
    }
    assert_eq!(codes(&guard), expected);
    let outcomes = guard
        .records()
        .iter()
        .filter(|record| record.kind == "outcome")
        .map(|one| says(one, "outcome"))
        .collect::<Vec<_>>();
    assert_eq!(outcomes, vec!["refused"; expected.len()]);
    assert!(guard.post(&session, &call(20, "echo", "still there")).json()["result"].is_object());
}

/// What clients do not read as the answer to their request is none, and is logged so.
#[test]
fn an_answer_that_clients_do_not_read_is_an_error_of_its_call() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    // What the server says, the status that the agent sees, and why.
    let cases = [
        ("HTTP 202 Accepted", 200, "status"),
        ("HTTP 201 Created", 200, "status"),
        ("HTTP 206 Partial Content", 200, "status"),
        ("HTTP 304 Not Modified|X-A: 1", 200, "no-answer"),
        ("HTTP 404 Not Found", 404, "status"),
        ("HTTP 500 Oops", 500, "status"),
        ("other id", 200, "unasked-answer"),
        ("text id", 200, "unasked-answer"),
        ("batch", 200, "batch"),
        ("request", 200, "no-answer"),
        ("Content-Type: text/plain", 200, "no-answer"),
    ];
    for (id, (said, status, code)) in cases.iter().enumerate() {
        let answer = guard.post(&session, &call(id as u64, "said", said));
        assert_eq!(answer.status(), *status, "{said}: {}", answer.body);
        let error = answer.json();
        assert_eq!((&error["id"], &error["error"]["data"]["rules"]), (&json!(id), &json!([code])), "{said}: {error}");
    }
    // An error under a status of errors is the server's own word.
    let answer = guard.post(&session, &call(30, "said", "HTTP 400 Bad Request|X-Error: 1"));
    assert_eq!((answer.status(), &answer.json()["error"]["code"]), (400, &json!(-1)), "{}", answer.body);
    let mut outcomes: Vec<String> =
        guard.records().iter().filter(|one| one.kind == "outcome").map(|one| says(one, "outcome")).collect();
    assert_eq!(outcomes.pop().as_deref(), Some("failed"));
    assert!(outcomes.iter().all(|outcome| outcome != "good"), "{outcomes:?}");
}

#[test]
fn a_batch_has_an_error_for_each_of_its_requests() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let answer = guard.post(&session, &format!("[{},{}]", call(1, "echo", "a"), call(2, "pay", "b")));
    let ids: Vec<Value> = answer.json().as_array().expect("an array").iter().map(|one| one["id"].clone()).collect();
    assert_eq!((ids, guard.calls()), (vec![json!(1), json!(2)], 0));
}

#[test]
fn answers_bear_the_guards_own_headers() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let said = "Content-Type: application/json;charset=UTF-8|Content-Encoding: identity|Content-Language: de|Alt-Svc: h3|Mcp-Session-Id: other|X-More: 1|Retry-After: 7";
    let answer = guard.post(&session, &call(1, "said", said));
    assert!(answer.json()["result"].is_object(), "{}", answer.body);
    let mut head: Vec<&str> = answer.head.lines().skip(1).filter(|line| !line.starts_with("date")).collect();
    head.sort_unstable();
    let length = format!("content-length: {}", answer.body.len());
    assert_eq!(head, ["connection: close", length.as_str(), "content-type: application/json", "retry-after: 7"]);
    let lines = guard.post(&session, &call(2, "said", "lines"));
    assert!(!lines.body.contains(['\r', '\n']) && lines.json()["result"].is_object(), "{}", lines.body);
    // A stream: one kind of event, one line of data, and no other message for a reader that splits elsewhere.
    let events = guard.post(&session, &call(3, "said", "events"));
    assert_eq!(events.header("content-type").as_deref(), Some("text/event-stream; charset=utf-8"));
    let data: Vec<&str> = events.body.split(['\n', '\u{2028}']).filter(|line| !line.is_empty()).collect();
    let [line] = data.as_slice() else { panic!("one line of data: {:?}", events.body) };
    let message: Value = serde_json::from_str(line.strip_prefix("data: ").expect("data")).expect("a message");
    assert_eq!((&message["id"], &message["result"]["content"][0]["text"]), (&json!(3), &json!("events")));
    assert_eq!(codes(&guard), ["unknown-event"]);
}

/// What reaches the agent has an origin, and what has none does not.
#[test]
fn words_beside_a_message_are_the_servers() {
    let policy = r#"permit (principal, action, resource);
        forbid (principal, action == Action::"echo", resource) when { context.origin.text.contains("beside") };"#;
    let label = "[[label]]\nname = \"seen\"\ntools = [\"beside\"]\nmatches = \"MALLORY-0001\"\n";
    let guard = guarded(policy, label, false);
    let session = guard.begin();
    let answer = guard.post(&session, &call(1, "beside", "x"));
    let all = format!("{}\n{}", answer.head, answer.body);
    for (at, (value, is_shown)) in [
        ("ACCT-MALLORY-0001", true),
        ("ACCT-MALLORY-0002", false),
        ("ACCT-MALLORY-0003", true),
        ("ACCT-MALLORY-0004", true),
        ("ACCT-MALLORY-0005", false),
        ("ACCT-MALLORY-0006", false),
        ("4100000", true),
        ("other: x", false),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(all.to_uppercase().contains(&value.to_uppercase()), is_shown, "{value}: {all}");
        let used = guard.post(&session, &call(2 + at as u64, "echo", value)).json();
        assert_eq!(used["error"].is_object(), is_shown, "{value}: {used}");
    }
    assert!(all.contains("\nretry: 4100000\n"), "{all}");
    let said = guard.records().into_iter().find(|record| record.kind == "said").expect("a record");
    assert_eq!(says(&said, "method"), "headers");
}

#[test]
fn what_is_refused_of_a_request_is_an_error_of_this_request() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    for (id, arguments) in
        [(1, r#"{"text":"a","Text":"b"}"#), (2, r#"{"text":1e400}"#), (3, r#"{"text":9007199254740993}"#)]
    {
        let params = format!(r#"{{"name":"echo","arguments":{arguments}}}"#);
        let body = request(id, "tools/call", &json!(null)).replace("null", &params);
        let answer = guard.post(&session, &body);
        assert_eq!((answer.status(), &answer.json()["id"]), (200, &json!(id)), "{}", answer.body);
        assert!(answer.json()["error"].is_object());
    }
    assert_eq!(guard.calls(), 0);
}

/// Two lengths: the longer one is not taken for another request.
#[test]
fn nothing_is_smuggled_between_two_lengths() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let known = format!("Mcp-Session-Id: {session}");
    let (first, second) = (call(1, "echo", "x"), call(2, "pay", "me"));
    let inner = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\n{known}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{second}",
        guard.address,
        second.len()
    );
    let chunked = format!("{:x}\r\n{first}\r\n0\r\n\r\n{inner}", first.len());
    let json = "Content-Type: application/json";
    for lengths in [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ] {
        raw(&guard, &[&known, json, lengths[0], lengths[1]], &chunked);
    }
    raw(&guard, &[&known, json, "Content-Length: 5", "Content-Length: 6"], &chunked);
    let calls = guard.asked.calls.lock().unwrap().clone();
    assert!(calls.iter().all(|call| *call == first), "{calls:?}");
}
