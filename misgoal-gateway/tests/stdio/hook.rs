//! A webhook that is told what waits for a person, and may decide.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use misgoal_gateway::log::{Decision, Filter};
use misgoal_gateway::{Log, Stored, now};
use serde_json::Value;

use super::agent::Agent;
use super::{ASK, SEE, reached, records, room};

pub const TESTS: &[(&str, fn())] = &[
    ("a webhook is told what waits, and decides", webhooks_decide),
    ("a webhook that is only informed is told no secrets and decides nothing", webhooks_inform),
    ("a webhook that does not decide leaves it to a person", webhooks_leave_it_to_a_person),
    ("a webhook that fails is asked again, and a redirect is not followed", webhooks_that_fail),
    ("a webhook may take its time", webhooks_take_their_time),
    ("a webhook lets a session go on after an alarm", webhooks_and_alarms),
    ("nothing starts without the webhook's secret", no_secret_no_start),
];

/// A request: its head in lower case, and its body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// What is answered to the request of this number: after how long, status and more of the head, and body.
type Answers = fn(usize, &Value) -> (Duration, &'static str, String);

/// A service that answers like that, until the test ends; its address.
fn serve(answers: Answers) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hook/s3cret-path", listener.local_addr().expect("an address"));
    let asked = Asked::default();
    let known = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let known = Arc::clone(&known);
            std::thread::spawn(move || take(stream, &known, answers));
        }
    });
    (url, asked)
}

fn take(stream: TcpStream, asked: &Asked, answers: Answers) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        length = line.strip_prefix("content-length: ").map_or(length, |value| value.parse().expect("a number"));
        head += &format!("{line}\n");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let number = {
        let mut asked = asked.lock().expect("requests");
        asked.push((head, body.clone()));
        asked.len()
    };
    let (after, status, answer) = answers(number, &body);
    std::thread::sleep(after);
    // Who says how long an answer is in another way says so in the status.
    let length = if status.contains("Connection") {
        String::new()
    } else {
        format!("Content-Length: {}\r\nConnection: close\r\n", answer.len())
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{length}\r\n{answer}");
    // The guard may have hung up.
    let _ = reader.get_mut().write_all(answer.as_bytes());
}

const AT_ONCE: Duration = Duration::ZERO;

/// A room whose guard asks about payments.
fn asking(url: &str, wait: &str) -> tempfile::TempDir {
    let more = format!(
        "[approvals]\nwait = \"{wait}\"\n[approvals.webhook]\nurl = \"{url}\"\nsecret-env = \"GUARD_HOOK_SECRET\"\n"
    );
    room(&format!("{SEE}{ASK}"), &more)
}

fn of(room: &Path, kind: &str) -> Vec<Stored> {
    records(room).into_iter().filter(|record| record.kind == kind).collect()
}

fn says(record: &Stored, key: &str) -> String {
    record.field(key).map(|value| value.as_str().map_or(value.to_string(), str::to_owned)).unwrap_or_default()
}

/// Waits for what a webhook has come to: the records of it.
fn hooked(room: &Path, records: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let all = of(room, "webhook");
        if all.len() >= records || begun.elapsed() > Duration::from_secs(8) {
            return all.iter().map(|record| format!("{} {}", says(record, "what"), says(record, "tries"))).collect();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn webhooks_decide() {
    let (url, asked) = serve(|_, body| {
        let decision = if body["arguments"]["text"].as_str() == Some("rent") { "approve" } else { "deny" };
        let (id, digest) = (&body["id"], &body["digest"]);
        let by = "Ada\\n";
        (AT_ONCE, "200 OK", format!(r#"{{"decision":"{decision}","by":"{by}","id":{id},"digest":{digest}}}"#))
    });
    let room = asking(&url, "20s");
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("pay", "rent")["result"].is_object());
    let denied = agent.call("pay", "password=hunter22 and all");
    assert!(denied["error"]["message"].as_str().unwrap().contains("denied"), "{denied}");
    assert_eq!(reached(room.path()), 1);
    assert_eq!(hooked(room.path(), 2), ["approve 1", "deny 1"]);
    agent.leave();
    let decided: Vec<String> = of(room.path(), "decision").iter().map(|record| says(record, "by")).collect();
    assert_eq!(decided, ["Ada, by webhook", "Ada, by webhook"]);
    let asked = asked.lock().unwrap();
    let (head, body) = &asked[0];
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    };
    assert!(head.starts_with("post /hook/s3cret-path http/1.1"), "{head}");
    assert_eq!(header("webhook-id"), format!("{}-{}", body["session"].as_str().unwrap(), body["id"].as_str().unwrap()));
    assert!(header("webhook-timestamp").parse::<u64>().unwrap().abs_diff(now() / 1000) < 10);
    assert!(header("webhook-signature").starts_with("v1,") && header("webhook-signature").len() == 47, "{head}");
    let says = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (says("type"), says("kind"), says("server"), says("tool")),
        ("approval.requested".into(), "call".into(), "test".into(), "pay".into())
    );
    assert_eq!((says("digest").len(), body["expires"].is_u64(), says("reason").is_empty()), (64, true, false));
    let told = asked[1].1.to_string();
    assert!(told.contains("hunter22"), "who decides is told everything: {told}");
    assert_eq!(body["message"]["params"]["name"], "pay");
    let log = std::fs::read(room.path().join("guard.db")).unwrap();
    let log = String::from_utf8_lossy(&log).into_owned();
    assert!(
        !log.contains("hunter22") && !log.contains("s3cret-path") && !log.contains("MfKQ9r8G"),
        "the log holds no keys"
    );
}

fn webhooks_inform() {
    let (url, asked) = serve(|_, _| (AT_ONCE, "200 OK", r#"{"decision":"approve","by":"Ada"}"#.to_owned()));
    let room = asking(&url, "1s");
    let path = room.path().join("guard.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("[approvals.webhook]", "[approvals.webhook]\ndecides = false")).unwrap();
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("pay", "password=hunter22")["error"].is_object(), "nobody who decides has said anything");
    hooked(room.path(), 1);
    agent.leave();
    let record = of(room.path(), "webhook").remove(0);
    assert!(
        says(&record, "what") == "approve" && says(&record, "ignored").contains("only informed"),
        "{}",
        record.body
    );
    assert_eq!((of(room.path(), "decision").len(), reached(room.path())), (0, 0));
    let body = asked.lock().unwrap()[0].1.clone();
    assert_eq!((&body["decides"], &body["tool"]), (&false.into(), &"pay".into()));
    assert!(body["arguments"]["text"].as_str().unwrap().starts_with("[redacted: 17 bytes, "), "{body}");
    assert!(!body.to_string().contains("hunter22"), "{body}");
    // Of a tool's definition too.
    let room = super::names::limited();
    let path = room.path();
    let config = std::fs::read_to_string(path.join("guard.toml")).unwrap();
    let hook = format!("{config}[approvals.webhook]\nurl = \"{url}\"\ndecides = false\n");
    std::fs::write(path.join("guard.toml"), hook).unwrap();
    let mut agent = Agent::start(path, "named-changed");
    agent.tools();
    hooked(path, 1);
    agent.leave();
    let body = asked.lock().unwrap()[1].1.clone();
    assert_eq!((&body["kind"], &body["tool"]), (&"tool".into(), &"password:reset".into()));
    let description = body["definition"]["description"].as_str().unwrap();
    assert!(description.starts_with("Resets. Use [redacted: ") && !body.to_string().contains("hunter22"), "{body}");
}

/// An approval in one part, with these lines after its end.
fn chunked(trailers: &str) -> String {
    let body = r#"{"decision":"approve"}"#;
    format!("{:x}\r\n{body}\r\n0\r\n{trailers}\r\n", body.len())
}

fn webhooks_leave_it_to_a_person() {
    let (url, asked) = serve(|number, _| match number {
        1 => (AT_ONCE, "202 Accepted", String::new()),
        2 => (AT_ONCE, "200 OK", r#"{"ok":true}"#.to_owned()),
        3 => (AT_ONCE, "200 OK", r#"{"decision":"approve","digest":"another"}"#.to_owned()),
        4 => (AT_ONCE, "200 OK", r#"{"decision":"deny","decision":"approve"}"#.to_owned()),
        5 => (AT_ONCE, "206 Partial Content", r#"{"decision":"approve"}"#.to_owned()),
        6 => (AT_ONCE, "200 OK\r\nContent-Encoding: gzip", r#"{"decision":"approve"}"#.to_owned()),
        7 => (AT_ONCE, "200 OK\r\nContent-Type: text/plain", r#"{"decision":"approve"}"#.to_owned()),
        8 => (AT_ONCE, "200 OK", r#"{"decision":"approve","Decision":"deny"}"#.to_owned()),
        9 => (AT_ONCE, "200 OK\r\nConnection: close", r#"{"decision":"approve"}"#.to_owned()),
        10 => (AT_ONCE, "200 OK\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked", chunked("")),
        11 => (
            AT_ONCE,
            "200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked",
            chunked("Content-Encoding: gzip\r\n"),
        ),
        _ => (AT_ONCE, "200 OK", r#"{"decision":"yes"}"#.to_owned()),
    });
    let room = asking(&url, "20s");
    let path = room.path().join("guard.db");
    let mut agent = Agent::start(room.path(), "plain");
    // Then there is a log.
    agent.tools();
    for (number, what) in (0..12).map(|number| (number, if number < 2 { "told" } else { "failed" })) {
        let path = path.clone();
        let at = room.path().to_path_buf();
        let person = std::thread::spawn(move || {
            let seen = hooked(&at, number + 1);
            let mut log = Log::open_to_read(&path).unwrap();
            let waiting = log.pending(false).unwrap();
            assert!(log.decide(&waiting[0].id, Decision::Approve { until: now() + 60_000 }, "me").unwrap());
            seen
        });
        assert!(agent.call("pay", &format!("rent {number}"))["result"].is_object(), "a person has approved it");
        assert_eq!(person.join().unwrap().last().unwrap(), &format!("{what} 1"), "{number}");
    }
    agent.leave();
    assert_eq!((asked.lock().unwrap().len(), reached(room.path())), (12, 12));
}

fn webhooks_that_fail() {
    let (url, asked) = serve(|number, _| match number {
        1 => (AT_ONCE, "503 Service Unavailable", String::new()),
        2 => (AT_ONCE, "200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked", chunked("")),
        3 => (AT_ONCE, "307 Temporary Redirect\r\nLocation: /elsewhere", String::new()),
        _ => (AT_ONCE, "403 Forbidden", r#"{"decision":"approve"}"#.to_owned()),
    });
    let room = asking(&url, "2s");
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("pay", "rent")["result"].is_object());
    assert!(agent.call("pay", "a redirect")["error"].is_object(), "nobody has said anything in time");
    assert!(agent.call("pay", "no")["error"].is_object());
    agent.leave();
    assert_eq!(hooked(room.path(), 3), ["approve 2", "failed 1", "failed 1"]);
    let why: Vec<String> = of(room.path(), "webhook").iter().map(|record| says(record, "why")).collect();
    assert_eq!(why, ["", "it answers 307; redirects are not followed", "it answers 403"]);
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|(head, _)| !head.contains("/elsewhere")) && asked.len() == 4);
    let id = |at: usize| asked[at].0.lines().find(|line| line.starts_with("webhook-id")).unwrap().to_owned();
    assert!(id(0) == id(1) && id(1) != id(2), "who is asked again can tell");
}

fn webhooks_take_their_time() {
    let (url, _) = serve(|number, _| {
        let after = if number == 2 { 20_000 } else { 900 };
        (Duration::from_millis(after), "200 OK", r#"{"decision":"approve"}"#.to_owned())
    });
    let room = asking(&url, "300ms");
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("pay", "rent")["error"].is_object(), "it came too late for this call");
    assert_eq!(hooked(room.path(), 1), ["approve 1"]);
    assert!(agent.call("pay", "rent")["result"].is_object(), "and is good once for the same call");
    // A person may be faster.
    assert!(agent.call("pay", "more")["error"].is_object());
    let mut log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    let id = log.pending(false).unwrap()[0].id.clone();
    assert!(log.decide(&id, Decision::Deny, "me").unwrap());
    assert_eq!(hooked(room.path(), 2), ["approve 1", "settled otherwise 1"]);
    agent.leave();
    assert_eq!(reached(room.path()), 1);
    assert!(log.verify(None).unwrap().is_ok() && log.records(&Filter::default()).unwrap().len() > 8);
}

fn webhooks_and_alarms() {
    let (url, asked) = serve(|_, body| {
        // A person sees the call and the alarm, and lets the session go on.
        match body["kind"].as_str() {
            Some("alarm") => (AT_ONCE, "200 OK", r#"{"decision":"approve","by":"Ada"}"#.to_owned()),
            _ => (AT_ONCE, "202 Accepted", String::new()),
        }
    });
    let room = super::watch::watching("on-alarm = \"hold\"");
    let config = std::fs::read_to_string(room.path().join("guard.toml")).unwrap();
    let hook = format!("{config}[approvals.webhook]\nurl = \"{url}\"\nsecret-file = \"hook.secret\"\n");
    std::fs::write(room.path().join("guard.toml"), hook).unwrap();
    std::fs::write(room.path().join("hook.secret"), "correct horse\n").unwrap();
    let mut agent = Agent::start(room.path(), "hijacking");
    assert!(super::watch::hijacked(&mut agent)["result"].is_object(), "the session goes on");
    agent.leave();
    let asked = asked.lock().unwrap();
    let alarm = asked.iter().find(|(_, body)| body["kind"] == "alarm").expect("an alarm").1.clone();
    assert!(alarm["evidence"].as_array().unwrap().len() == 3 && alarm["expires"].is_null(), "{alarm}");
}

fn no_secret_no_start() {
    let room = asking("http://127.0.0.1:9/", "1s");
    for (secret, expected) in [("secret-env = \"NOBODY_HAS_SET_THIS\"", false), ("secret-file = \"none\"", false)] {
        let config = std::fs::read_to_string(room.path().join("guard.toml")).unwrap();
        let config = config.replace("secret-env = \"GUARD_HOOK_SECRET\"", secret);
        let path = room.path().join("other.toml");
        std::fs::write(&path, config).unwrap();
        let place = misgoal_gateway::Place::new(&path);
        let run = misgoal_gateway::stdio::run(
            &place,
            &super::server_command("plain"),
            std::io::empty(),
            std::io::sink(),
            &Arc::default(),
            |_| {},
        );
        assert_eq!(run.is_ok(), expected, "{secret}");
        // Who looks at the log or approves needs no secret.
        assert!(place.load().is_ok());
    }
}
