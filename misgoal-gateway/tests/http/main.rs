//! The proxy of HTTP servers, between an agent and a server that speak HTTP by hand.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests: a panic is how a test fails, and they write the guard's files"
)]

mod bodies;
mod resume;
mod server;
mod tls;

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use misgoal_gateway::http::{self, Front};
use misgoal_gateway::log::{Decision, Filter};
use misgoal_gateway::{Log, Place, Stored, now};
use misgoal_monitor::{Monitor, format, trace};
use serde_json::{Value, json};
use server::{Asked, read_message, serve};

/// A guard before a server, until it is dropped.
struct Guarded {
    room: tempfile::TempDir,
    address: SocketAddr,
    asked: Asked,
    stop: Arc<AtomicBool>,
    running: Option<std::thread::JoinHandle<()>>,
}

fn guarded(policy: &str, more: &str, stateless: bool) -> Guarded {
    let (upstream, asked) = serve(stateless);
    guarded_at(&format!("http://{upstream}/mcp"), None, asked, policy, more)
}

/// A guard before the server at this address, which may be signed by the authority of a file.
fn guarded_at(url: &str, ca: Option<&Path>, asked: Asked, policy: &str, more: &str) -> Guarded {
    let room = tempfile::tempdir().expect("a directory");
    let tools = http::probe::tools(url, ca).expect("the server lists its tools");
    let config = format!("format = 1\nserver = \"web\"\nmode = \"enforce\"\n{more}");
    for (name, text) in
        [("guard.toml", config), ("policy.cedar", policy.to_owned()), ("guard.tools.json", tools.to_file())]
    {
        std::fs::write(room.path().join(name), text).expect("a file can be written");
    }
    let place = Place::new(room.path().join("guard.toml"));
    let front = Front {
        listen: "127.0.0.1:0".parse().expect("an address"),
        upstream: url.to_owned(),
        ca: ca.map(Path::to_path_buf),
        origins: vec!["https://app.example".to_owned()],
        connections: 64,
        idle: Duration::from_secs(60),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let (told, hear) = std::sync::mpsc::channel();
    let stopping = Arc::clone(&stop);
    let running = std::thread::spawn(move || {
        http::serve(&place, &front, &stopping, |address| told.send(address).expect("the test hears"), |_| {})
            .expect("the guard serves");
    });
    let address = hear.recv().expect("the guard listens");
    Guarded { room, address, asked, stop, running: Some(running) }
}

/// An answer: its head in lower case, and its body.
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim().to_owned())
    }
}

impl Guarded {
    /// One request on a connection of its own.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        let host = self.address.to_string();
        let usual = [
            ("Host", host.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
        ];
        for (name, value) in usual.iter().filter(|(name, _)| !headers.iter().any(|(own, _)| own == name)).chain(headers)
        {
            request += &format!("{name}: {value}\r\n");
        }
        write!(stream, "{request}\r\n{body}").expect("the guard reads");
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut text).expect("the guard answers");
        let head = String::from_utf8_lossy(&text).split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
        let body = match head.contains("transfer-encoding: chunked") {
            true => chunks(text.get(head.len() + 4..).unwrap_or_default()),
            false => read_message(&mut BufReader::new(text.as_slice())).map(|(_, body)| body).unwrap_or_default(),
        };
        Answer { head, body }
    }

    fn post(&self, session: &str, body: &str) -> Answer {
        self.send("POST", "/mcp", &[("Mcp-Session-Id", session)], body)
    }

    /// Begins a session and gives its id.
    fn begin(&self) -> String {
        let answer = self.send("POST", "/mcp", &[], &request(0, "initialize", &json!({})));
        answer.header("mcp-session-id").expect("a session")
    }

    fn records(&self) -> Vec<Stored> {
        let log = Log::open_to_read(&self.room.path().join("guard.db")).expect("a log");
        log.records(&Filter::default()).expect("records")
    }

    fn calls(&self) -> usize {
        self.asked.calls.lock().expect("calls").len()
    }

    /// Stops the guard and waits for its end.
    fn stop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(running) = self.running.take() {
            running.join().expect("the guard ends");
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(running) = self.running.take() {
            // A failed guard has failed its test already.
            let _ = running.join();
        }
    }
}

fn chunks(mut bytes: &[u8]) -> String {
    let mut out = Vec::new();
    while let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        out.extend_from_slice(bytes.get(end + 2..end + 2 + size).unwrap_or_default());
        bytes = bytes.get(end + 4 + size..).unwrap_or_default();
    }
    String::from_utf8(out).expect("text")
}

fn request(id: u64, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

fn call(id: u64, tool: &str, text: &str) -> String {
    request(id, "tools/call", &json!({ "name": tool, "arguments": { "text": text } }))
}

fn says(record: &Stored, key: &str) -> String {
    record.field(key).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

const ALL: &str = "@id(\"all\") permit (principal, action, resource);";
const ALL_BUT_PAY: &str = "@id(\"all\") permit (principal, action, resource) unless { action == Action::\"pay\" };";

#[test]
fn calls_pass_unchanged_and_leave_their_records() {
    let mut guard = guarded(ALL_BUT_PAY, "", false);
    let session = guard.begin();
    assert_eq!(guard.post(&session, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).status(), 202);
    let tools = guard.post(&session, &request(1, "tools/list", &json!({}))).json();
    assert_eq!(tools["result"]["tools"].as_array().expect("a list").len(), 11);
    let odd = r#"{ "params" : {"arguments":{"text":"h\u00e9 \/ 1"} ,"name":"echo"}, "method":"tools/call","id": "x" ,"jsonrpc":"2.0"}"#;
    let answer = guard.post(&session, odd);
    assert_eq!(answer.json()["result"]["content"][0]["text"], "hé / 1");
    assert_eq!(guard.asked.calls.lock().unwrap().as_slice(), [odd]);
    let denied = guard.post(&session, &call(2, "pay", "me")).json();
    assert!(denied["error"]["message"].as_str().expect("words").contains("`pay` is denied"), "{denied}");
    assert_eq!(guard.calls(), 1);
    assert_eq!(guard.send("DELETE", "/mcp", &[("Mcp-Session-Id", &session)], "").status(), 200);
    assert_eq!(guard.post(&session, &call(3, "echo", "x")).status(), 404, "the session has ended");
    let kinds: Vec<String> = guard.records().iter().map(|record| record.kind.clone()).collect();
    assert_eq!(kinds, ["session", "tools", "attempt", "outcome", "attempt", "session"]);
    guard.begin();
    guard.stop();
    let log = Log::open_to_read(&guard.room.path().join("guard.db")).unwrap();
    assert_eq!(log.verify(None).unwrap(), Ok(8), "what was open when the guard stopped is closed in the log");
}

#[test]
fn headers_go_through_but_those_of_the_connection() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let first = guard.send("GET", "/mcp", &[("Mcp-Session-Id", &session)], "");
    let (id, rest) = first.body.split_once('\n').expect("an event");
    assert_eq!(rest, "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\n");
    let id = id.strip_prefix("id: ").expect("an id");
    assert!(id.contains(".0.") && !id.ends_with(".9"), "it says that the stream is no request's: {id}");
    let headers = [
        ("Mcp-Session-Id", session.as_str()),
        ("MCP-Protocol-Version", "2025-11-25"),
        ("Last-Event-ID", id),
        ("Authorization", "Bearer abc"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close, X-Hop"),
        ("X-Hop", "1"),
    ];
    let answer = guard.send("GET", "/mcp", &headers, "");
    assert_eq!(answer.body, first.body);
    let head = guard.asked.heads.lock().unwrap().last().unwrap().to_lowercase();
    for wanted in [
        "mcp-session-id: session-1",
        "mcp-protocol-version: 2025-11-25",
        "last-event-id: 9",
        "authorization: bearer abc",
        "accept-encoding: identity",
    ] {
        assert!(head.contains(wanted), "{wanted}: {head}");
    }
    for unwanted in ["gzip", "content-type", "x-hop", &guard.address.to_string()] {
        assert!(!head.contains(unwanted), "{unwanted}: {head}");
    }
}

#[test]
fn who_may_not_come_in_stays_out() {
    let guard = guarded(ALL, "[limits]\nmessage-bytes = 1000\n", false);
    let session = guard.begin();
    let body = call(1, "echo", "x");
    let long = call(1, "echo", &"x".repeat(2000));
    let known = ("Mcp-Session-Id", session.as_str());
    /// Status, path, headers and body.
    type Case<'a> = (u16, &'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: &[Case<'_>] = &[
        (200, "/mcp", &[known], &body),
        (200, "/mcp", &[known, ("Origin", "http://localhost:5173")], &body),
        (200, "/mcp", &[known, ("Origin", "https://app.example")], &body),
        (403, "/mcp", &[known, ("Origin", "https://evil.example")], &body),
        (403, "/mcp", &[known, ("Host", "evil.example")], &body),
        (404, "/other", &[known], &body),
        (404, "/mcp", &[("Mcp-Session-Id", "guessed")], &body),
        (415, "/mcp", &[known, ("Content-Type", "text/plain")], &body),
        (413, "/mcp", &[known], &long),
        (400, "/mcp", &[known, ("Mcp-Method", "tools/list")], &body),
        (400, "/mcp", &[known, ("Mcp-Name", "pay")], &body),
        (200, "/mcp", &[known, ("Mcp-Method", "tools/call"), ("Mcp-Name", "echo"), ("Mcp-Param-T", "x")], &body),
        (400, "/mcp", &[known], "[]"),
        (400, "/mcp", &[known], r#"{"jsonrpc":"2.0","method":"tools/call","method":"ping"}"#),
    ];
    let mut reached = 0;
    for (status, path, headers, body) in cases {
        let answer = guard.send("POST", path, headers, body);
        assert_eq!(answer.status(), *status, "{path} {headers:?}: {}", answer.body);
        reached += usize::from(*status == 200);
    }
    assert_eq!(guard.calls(), reached);
    assert_eq!(guard.send("PUT", "/mcp", &[known], "").status(), 405);
    let codes: Vec<String> =
        guard.records().iter().filter(|record| record.kind == "refused").map(|record| says(record, "code")).collect();
    let expected = "origin host content-type too-large header-mismatch header-mismatch batch duplicate-key";
    assert_eq!(codes.join(" "), expected);
}

#[test]
fn every_event_of_a_stream_is_judged() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let answer = guard.post(&session, &call(1, "stream", "x"));
    let echo = r#"{"id":1,"jsonrpc":"2.0","result":{"content":[{"text":"x","type":"text"}]}}"#;
    let echo = serde_json::from_str::<Value>(echo).unwrap();
    let data: Vec<Value> = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter_map(|data| serde_json::from_str(data).ok())
        .collect();
    // The notification that no revision knows and the second answer are gone, the ids of all events are there.
    assert_eq!(data, [json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": {} }), echo]);
    let ids = answer.body.lines().filter_map(|line| line.strip_prefix("id: ")?.rsplit_once('.'));
    let ids: std::collections::BTreeSet<&str> = ids.map(|(_, id)| id).collect();
    assert!(ids.len() == 4 && ids.iter().all(|id| id.len() == 2), "{ids:?}");
    let broken = guard.post(&session, &call(2, "broken", "x"));
    assert!(broken.body.contains("\"id\":2,\"error\"") && broken.body.contains("ambiguous-stream"), "{}", broken.body);
    let codes: Vec<String> =
        guard.records().iter().filter(|record| record.kind == "refused").map(|record| says(record, "code")).collect();
    assert_eq!(codes, ["unknown-method", "unasked-answer", "ambiguous-stream"]);
}

#[test]
fn answers_that_cannot_be_judged_are_not_shown() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let twice = guard.post(&session, &call(1, "twice", "x")).json();
    assert!(twice["error"]["message"].as_str().expect("words").contains("refused"), "{twice}");
    let page = guard.post(&session, &call(2, "page", "x"));
    assert!(page.status() == 200 && !page.body.contains("hello"), "{}", page.body);
    assert_eq!(page.json()["error"]["data"]["rules"][0], "no-answer");
    let outcomes: Vec<String> = guard
        .records()
        .iter()
        .filter(|record| record.kind == "outcome")
        .map(|record| says(record, "outcome"))
        .collect();
    assert_eq!(outcomes, ["refused", "refused"]);
}

#[test]
fn agents_without_sessions_may_use_the_same_ids() {
    let guard = guarded(ALL, "", true);
    std::thread::scope(|scope| {
        for text in ["a", "b", "c"] {
            let guard = &guard;
            scope.spawn(move || {
                let answer = guard.send("POST", "/mcp", &[], &call(1, "slow", text)).json();
                assert_eq!(answer["result"]["content"][0]["text"], text);
            });
        }
    });
    assert_eq!(guard.calls(), 3);
    let sessions: std::collections::BTreeSet<String> =
        guard.records().into_iter().filter(|record| record.kind == "attempt").map(|record| record.session).collect();
    assert_eq!(sessions.len(), 1, "whom the server does not tell apart are one to the guard");
}

fn person(room: &Path, decision: Decision) -> std::thread::JoinHandle<()> {
    let path = room.join("guard.db");
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let Ok(mut log) = Log::open_to_read(&path) else { continue };
            if let Some(one) = log.pending(false).expect("a log").first() {
                return assert!(log.decide(&one.id, decision, "me").expect("a log"));
            }
        }
    })
}

#[test]
fn a_held_call_waits_for_a_person() {
    let policy = "permit (principal, action, resource) when { context.approved };";
    let guard = guarded(policy, "[approvals]\nwait = \"20s\"\n", false);
    let session = guard.begin();
    for (decision, done) in [(Decision::Approve { until: now() + 60_000 }, true), (Decision::Deny, false)] {
        let person = person(guard.room.path(), decision);
        let answer = guard.post(&session, &call(1, "pay", "rent")).json();
        assert_eq!(answer["result"].is_object(), done, "{answer}");
        person.join().unwrap();
    }
    assert_eq!(guard.calls(), 1);
}

impl Guarded {
    fn log(&self) -> Log {
        Log::open_to_read(&self.room.path().join("guard.db")).expect("a log")
    }

    /// What waits for a person, as soon as so much does.
    fn waiting(&self, many: usize) -> Vec<misgoal_gateway::log::Pending> {
        let mut looks = (0..500).map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            self.log().pending(false).expect("a log")
        });
        looks.find(|all| all.len() == many).expect("so much waits")
    }

    /// Begins a request and leaves its answer open.
    fn begin_post(&self, session: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let session = if session.is_empty() { String::new() } else { format!("Mcp-Session-Id: {session}\r\n") };
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{session}",
            self.address
        );
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("the guard reads");
        stream
    }
}

const ASK: &str = "permit (principal, action, resource) when { context.approved };";

/// In a session and without one: whoever asked wants no answer any more, in each of the ways in which that can be.
#[test]
fn a_call_that_nobody_waits_for_is_not_approved() {
    for stateless in [false, true] {
        for way in ["gone", "cancelled", "deleted"] {
            if stateless && way == "deleted" {
                continue;
            }
            let guard = guarded(ASK, "[approvals]\nwait = \"60s\"\n", stateless);
            let session = if stateless { String::new() } else { guard.begin() };
            let headers: Vec<(&str, &str)> =
                if stateless { vec![] } else { vec![("Mcp-Session-Id", session.as_str())] };
            let mut stream = Some(guard.begin_post(&session, &call(7, "pay", "rent")));
            let one = guard.waiting(1).remove(0);
            match way {
                "gone" => drop(stream.take()),
                "cancelled" => {
                    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
                    assert_eq!(guard.send("POST", "/mcp", &headers, cancel).status(), 202);
                }
                _ => assert_eq!(guard.send("DELETE", "/mcp", &headers, "").status(), 200),
            }
            guard.waiting(0);
            let until = now() + 60_000;
            assert!(!guard.log().decide(&one.id, Decision::Approve { until }, "me").unwrap(), "{way}");
            std::thread::sleep(Duration::from_millis(300));
            assert_eq!(guard.calls(), 0, "{way}, stateless: {stateless}");
        }
    }
}

/// Whose agent closes the connection before the answer has come: the server hears of it at once, and the log says what that means in the revision.
#[test]
fn a_request_ends_when_its_agent_goes() {
    for (tool, revision, outcome) in [
        ("wait", "2026-07-28", "cancelled"),
        ("wait", "2025-11-25", "lost"),
        ("trickle", "2026-07-28", "cancelled"),
        ("trickle", "2025-11-25", "lost"),
    ] {
        let guard = guarded(ALL, "", true);
        let mut stream = TcpStream::connect(guard.address).expect("a connection");
        let body = call(7, tool, "x");
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: {revision}\r\nContent-Length: {}\r\n\r\n",
            guard.address,
            body.len()
        );
        write!(stream, "{head}{body}").expect("the guard reads");
        let soon = |what: &str, is_so: &dyn Fn() -> bool| {
            let so = (0..500).any(|_| {
                std::thread::sleep(Duration::from_millis(10));
                is_so()
            });
            assert!(so, "{what}: {tool} {revision}");
        };
        soon("reached", &|| guard.calls() == 1);
        if tool == "trickle" {
            std::io::Read::read_exact(&mut stream, &mut [0; 15]).expect("the answer begins");
        }
        drop(stream);
        soon("closed", &|| guard.calls() == 2);
        let ended = || guard.records().into_iter().find(|record| record.kind == "outcome");
        soon("ended", &|| ended().is_some());
        assert_eq!(ended().map(|record| says(&record, "outcome")).as_deref(), Some(outcome), "{tool} {revision}");
    }
}

#[test]
fn who_approves_sees_the_headers_too() {
    let guard = guarded(ASK, "[approvals]\nwait = \"20s\"\n", false);
    let session = guard.begin();
    let headers = [("Mcp-Session-Id", session.as_str()), ("X-Run-As", "root"), ("Authorization", "Bearer s3cret")];
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| guard.send("POST", "/mcp", &headers, &call(1, "pay", "rent")).json());
        let one = guard.waiting(1).remove(0);
        let shown = guard.log().shown(&one).unwrap().expect("it is held");
        assert!(shown.contains(r#""headers":{"authorization":"Bearer s3cret","x-run-as":"root"}"#), "{shown}");
        // Whose header holds a key nobody can tell: their names are told, and not their values.
        let told = &one.redacted;
        assert!(!told.contains("s3cret") && !told.contains("root") && told.contains("x-run-as"), "{told}");
        let until = now() + 60_000;
        assert!(guard.log().decide(&one.id, Decision::Approve { until }, "me").unwrap());
        assert!(answer.join().unwrap()["result"].is_object());
    });
    // A message cannot pretend to have others.
    let faked = call(2, "pay", "rent").replacen('{', r#"{"headers":{"x-run-as":"nobody"},"#, 1);
    let answer = guard.send("POST", "/mcp", &headers, &faked).json();
    assert_eq!((&answer["error"]["data"]["rules"][0], guard.calls()), (&"extra-member".into(), 1), "{answer}");
}

/// Whom the server does not tell apart nobody can: a late approval of one's call would be good for another's.
#[test]
fn without_sessions_no_approval_comes_late() {
    let guard = guarded(ASK, "[approvals]\nwait = \"300ms\"\n", true);
    assert!(guard.send("POST", "/mcp", &[], &call(1, "pay", "rent")).json()["error"].is_object());
    let log = guard.log();
    assert_eq!(log.pending(false).unwrap().len(), 0);
    let one = log.pending(true).unwrap().remove(0);
    let until = now() + 60_000;
    assert!(!guard.log().decide(&one.id, Decision::Approve { until }, "me").unwrap());
    assert!(guard.send("POST", "/mcp", &[], &call(2, "pay", "rent")).json()["error"].is_object());
    assert_eq!(guard.calls(), 0);
}

#[test]
fn a_limit_holds_across_sessions_side_by_side() {
    let policy = "permit (principal, action, resource) when { context.counts.paid < 3 };";
    let guard = guarded(policy, "[[count]]\nname = \"paid\"\ntools = [\"pay\"]\nwithin = \"1h\"\n", false);
    let sessions: Vec<String> = (0..4).map(|_| guard.begin()).collect();
    std::thread::scope(|scope| {
        for session in &sessions {
            let guard = &guard;
            scope.spawn(move || (0..2).for_each(|id| drop(guard.post(session, &call(id, "pay", "x")))));
        }
    });
    assert_eq!(guard.calls(), 3);
    // The limit also holds when the files have been changed and every session has taken them over.
    std::fs::write(guard.room.path().join("policy.cedar"), format!("{policy}\n// as before")).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    sessions.iter().for_each(|session| drop(guard.post(session, &call(9, "pay", "x"))));
    assert_eq!(guard.calls(), 3);
}

/// A profile of sessions that look orders up and never pay.
fn profile() -> Vec<u8> {
    let mut text = String::new();
    for session in 0..80 {
        for id in 0..=session % 3 {
            let words = format!("order {}", 1000 + 37 * session + id);
            text += &format!(
                "{{\"session\":\"s{session}\",\"call\":\"echo\",\"arguments\":{{\"text\":\"{words}\"}},\"id\":{id}}}\n\
                 {{\"session\":\"s{session}\",\"result\":\"{words}\",\"id\":{id},\"error\":false}}\n"
            );
        }
    }
    let sessions = trace::parse(text.as_bytes(), trace::Format::Plain).expect("a trace");
    format::write(&Monitor::learn(&sessions, Vec::new(), 10.0).expect("enough sessions")).expect("a profile")
}

#[test]
fn each_session_is_watched_by_itself() {
    let guard = guarded(ALL, "[limits]\nin-flight = 64\n", false);
    std::fs::write(guard.room.path().join("behaviour.json"), profile()).unwrap();
    let watching = "format = 1\nserver = \"web\"\nmode = \"enforce\"\n[monitor]\nprofile = \"behaviour.json\"\non-alarm = \"stop\"\n";
    std::fs::write(guard.room.path().join("guard.toml"), watching).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let (bad, good) = (guard.begin(), guard.begin());
    let done = |session: &str, id, tool, text| guard.post(session, &call(id, tool, text)).json()["result"].is_object();
    assert!(done(&bad, 1, "echo", "order 1234"));
    assert!(!done(&bad, 2, "pay", "900 to XX99"), "it raises the alarm and is not done");
    assert!(!done(&bad, 3, "echo", "order 1234"), "nothing more is done in this session");
    assert!(done(&good, 1, "echo", "order 1234"), "another goes on");
    guard.send("DELETE", "/mcp", &[("Mcp-Session-Id", &bad)], "");
    let kinds: Vec<String> = guard.records().into_iter().map(|record| record.kind).collect();
    let of = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!((of("alarm"), of("watched")), (1, 1), "{kinds:?}");
}

#[test]
fn changed_policies_are_taken_over_and_bad_ones_are_not() {
    let guard = guarded(ALL_BUT_PAY, "", false);
    let session = guard.begin();
    let pay = |id| guard.post(&session, &call(id, "pay", "x")).json()["result"].is_object();
    assert!(!pay(1));
    std::fs::write(guard.room.path().join("policy.cedar"), "permit (principal, action == Action::\"pey\", resource);")
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(!pay(2));
    std::fs::write(guard.room.path().join("policy.cedar"), ALL).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(pay(3));
}

#[test]
fn a_log_that_cannot_be_written_stops_calls() {
    let guard = guarded(ALL, "", false);
    let session = guard.begin();
    let database = rusqlite::Connection::open(guard.room.path().join("guard.db")).unwrap();
    database
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        .unwrap();
    let answer = guard.post(&session, &call(1, "pay", "x")).json();
    assert!(answer["error"]["message"].as_str().expect("words").contains("audit log"), "{answer}");
    assert_eq!(guard.calls(), 0);
}
