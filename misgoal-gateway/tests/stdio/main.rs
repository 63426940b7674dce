//! The proxy between a real agent's process and a real server's. This program is all three: `serve`, `proxy`, and otherwise the tests.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test: a panic is how it fails, and it is a server as well"
)]

mod agent;
mod approve;
mod hook;
mod names;
mod server;
mod watch;

use std::path::Path;
use std::time::Duration;

use agent::Agent;
use misgoal_gateway::log::{Damage, Decision, Filter};
use misgoal_gateway::{Log, Place, Stored, now, probe, stdio};
use misgoal_guard::approval::Kind;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => return server::serve(&arguments[1]),
        Some("proxy") => {
            let ended = stdio::run(
                &Place::new(&arguments[2]),
                &server_command(&arguments[1]),
                std::io::stdin(),
                std::io::stdout(),
                &std::sync::Arc::default(),
                |note| eprintln!("{note:?}"),
            );
            ended.expect("the proxy runs");
            return;
        }
        _ => {}
    }
    let tests: &[(&str, fn())] = &[
        ("calls pass unchanged and leave their records", calls_pass_unchanged),
        ("what no policy permits is not done", denied_calls_do_not_reach_the_server),
        ("ambiguous messages are refused", ambiguity_is_refused),
        ("a message is one line to every reader", messages_are_one_line),
        ("a changed tool is held until a person accepts it", changed_tools_are_held),
        ("lookalike tools are not shown", lookalikes_are_hidden),
        ("a held call waits for a person", held_calls_wait),
        ("a late approval is good once for the same call", late_approvals),
        ("a limit holds across sessions", limits_hold_across_sessions),
        ("a limit holds for sessions side by side", limits_hold_side_by_side),
        ("a failed call of another session is given back", failed_calls_elsewhere_are_given_back),
        ("a label that lasts is on later sessions and on those beside", labels_last),
        ("a proxy rotates its log while calls go on", logs_are_rotated),
        ("a killed proxy loses no call", a_killed_proxy_loses_no_call),
        ("a log that cannot be written stops calls", no_log_no_call),
        #[cfg(unix)]
        ("a log that is not there any more stops calls", no_log_there_no_call),
        ("an edited log is found out", an_edited_log_is_found_out),
        ("a bad policy never replaces a good one", bad_policies_are_not_taken),
        ("what is refused of a file is logged without its secrets", refusals_hold_no_secrets),
        ("a server that ends leaves no request open", a_server_that_ends),
        ("an agent that does not read is heard", an_agent_that_does_not_read_is_heard),
    ];
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    let tests = tests.iter().chain(approve::TESTS).chain(watch::TESTS).chain(hook::TESTS).chain(names::TESTS);
    for (name, test) in tests.filter(|(name, _)| wanted.is_none_or(|wanted| name.contains(wanted.as_str()))) {
        test();
        println!("test {name} ... ok");
    }
}

fn server_command(variant: &str) -> Vec<String> {
    let exe = std::env::current_exe().expect("a test is a program").display().to_string();
    vec![exe, "serve".to_owned(), variant.to_owned()]
}

/// A room with a guard that enforces `policy`; `more` is added to guard.toml.
fn room(policy: &str, more: &str) -> tempfile::TempDir {
    room_of("plain", policy, more)
}

/// The same with the tools of this server.
fn room_of(variant: &str, policy: &str, more: &str) -> tempfile::TempDir {
    let room = tempfile::tempdir().expect("a directory");
    let tools = probe::tools(&server_command(variant)).expect("the server lists its tools");
    let config = format!("format = 1\nserver = \"test\"\nmode = \"enforce\"\n{more}");
    for (name, text) in
        [("guard.toml", config), ("policy.cedar", policy.to_owned()), ("guard.tools.json", tools.to_file())]
    {
        std::fs::write(room.path().join(name), text).expect("a file can be written");
    }
    room
}

const SEE: &str = "@id(\"see\") permit (principal, action == Action::\"tools/list\", resource);\n";

fn permit(tools: &[&str]) -> String {
    let permits = tools
        .iter()
        .map(|tool| format!("@id(\"{tool}\") permit (principal, action == Action::\"{tool}\", resource);\n"));
    format!("{SEE}{}", permits.collect::<String>())
}

fn records(room: &Path) -> Vec<Stored> {
    let log = Log::open_to_read(&room.join("guard.db")).expect("a log");
    log.records(&Filter::default()).expect("records")
}

/// Waits until there is a record of this kind.
fn wait_for(room: &Path, kind: &str) {
    let there = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        records(room).iter().any(|record| record.kind == kind)
    });
    assert!(there, "no record `{kind}`");
}

fn verdicts(room: &Path) -> Vec<String> {
    let of = |record: &Stored, key: &str| record.field(key).and_then(|value| value.as_str().map(str::to_owned));
    let attempts = records(room).into_iter().filter(|record| record.kind == "attempt");
    attempts
        .map(|record| format!("{} {}", record.tool.clone().unwrap_or_default(), of(&record, "verdict").unwrap()))
        .collect()
}

fn reached(room: &Path) -> usize {
    std::fs::read_to_string(room.join("calls")).unwrap_or_default().lines().count()
}

fn calls_pass_unchanged() {
    let room = room(&permit(&["echo", "fail"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    agent.ask("initialize", serde_json::json!({}));
    agent.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    assert_eq!(agent.tools().len(), 8);
    // Odd spacing, order and escapes: the server sees every byte as it was.
    let odd = r#"{ "params" : {"arguments":{"text":"h\u00e9 \/ 1"} ,"name":"echo"}, "method":"tools/call","id": "x" ,"jsonrpc":"2.0"}"#;
    agent.say(odd);
    let answer: serde_json::Value = serde_json::from_str(&agent.hear()).unwrap();
    assert_eq!((&answer["id"], &answer["result"]["content"][0]["text"]), (&"x".into(), &"hé / 1".into()));
    assert_eq!(std::fs::read_to_string(room.path().join("calls")).unwrap().trim_end(), odd);
    agent.call("fail", "");
    assert_eq!(agent.leave(), Some(0));
    let told: Vec<String> = records(room.path()).iter().map(|record| record.kind.clone()).collect();
    assert_eq!(told, ["session", "tools", "attempt", "outcome", "attempt", "outcome", "session"]);
    let log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    assert_eq!(log.verify(Some(&log.head().unwrap().1)).unwrap(), Ok(7));
}

fn denied_calls_do_not_reach_the_server() {
    let policy = "@id(\"see\") permit (principal, action == Action::\"tools/list\", resource == Tool::\"echo\");\n\
        @id(\"calm\") @reason(\"no shouting\") forbid (principal, action == Action::\"echo\", resource) when { context.input.text like \"*!*\" };\n\
        permit (principal, action == Action::\"echo\", resource);";
    let room = room(policy, "");
    let mut agent = Agent::start(room.path(), "plain");
    assert_eq!(agent.tools(), ["echo"]);
    let denied = agent.call("echo", "hey!");
    assert!(denied["error"]["message"].as_str().unwrap().contains("no shouting"), "{denied}");
    assert_eq!(denied["error"]["data"]["rules"], serde_json::json!(["calm"]));
    assert!(agent.call("pay", "me")["error"].is_object());
    assert!(agent.call("unheard-of", "")["error"].is_object());
    assert!(agent.call("echo", "hey")["result"].is_object());
    agent.leave();
    assert_eq!(verdicts(room.path()), ["echo deny", "pay deny", "unheard-of deny", "echo allow"]);
    assert_eq!(reached(room.path()), 1);
}

fn ambiguity_is_refused() {
    let room = room(&permit(&["echo", "noise", "twice"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    for (line, code) in [
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","name":"echo"}}"#, "duplicate-key"),
        (r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"Echo"}}"#, "lookalike-tool"),
        (r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","Arguments":{}}}"#, "lookalike-key"),
        (r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"echo","arguments":[]}}"#, "bad-call"),
        (r#"[{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo"}}]"#, "batch"),
    ] {
        agent.say(line);
        let answer: serde_json::Value = serde_json::from_str(&agent.hear()).unwrap();
        assert_eq!(answer["error"]["data"]["rules"][0], code, "{line}");
    }
    // Each request of a batch is answered.
    agent.say(r#"[{"jsonrpc":"2.0","id":6,"method":"ping"},{"jsonrpc":"2.0","id":7,"method":"ping"}]"#);
    for id in [6, 7] {
        let answer: serde_json::Value = serde_json::from_str(&agent.hear()).unwrap();
        assert_eq!((&answer["id"], &answer["error"]["data"]["rules"][0]), (&id.into(), &"batch".into()));
    }
    // A call without an id would be done and never answered.
    agent.say(r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}"#);
    // The server's ambiguous answer becomes an error, its second answer goes nowhere.
    assert!(agent.call("noise", "")["error"].is_object());
    assert_eq!(agent.call("twice", "")["result"]["n"], 1);
    assert_eq!(agent.call("echo", "still there")["result"]["content"][0]["text"], "still there");
    agent.leave();
    assert_eq!(reached(room.path()), 3);
    let told: Vec<String> = records(room.path())
        .into_iter()
        .filter(|record| record.kind == "refused")
        .map(|record| record.field("code").unwrap().as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "duplicate-key",
        "lookalike-tool",
        "lookalike-key",
        "bad-call",
        "batch",
        "batch",
        "unknown-method",
        "invalid-json",
        "duplicate-key",
        "unasked-answer",
    ];
    assert_eq!(told, expected);
}

/// Node's `readline` and Python's `splitlines` end a line at characters that JSON allows in a text; what they would find there is no message of its own.
fn messages_are_one_line() {
    let room = room(&permit(&["echo"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    let hidden = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"pay"}}"#.replace('"', "\\\"");
    for end in ["\u{2028}", "\u{2029}", "\u{85}"] {
        agent.say(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"echo","arguments":{{"text":"a{end}{hidden}{end}b"}}}}}}"#
        ));
        let heard = agent.hear();
        assert!(!heard.contains(end), "neither is the server's answer more than a line: {heard}");
        let answer: serde_json::Value = serde_json::from_str(&heard).unwrap();
        let said = format!("a{end}{}{end}b", hidden.replace('\\', ""));
        assert_eq!(answer["result"]["content"][0]["text"], said, "to a reader of JSON it is the same");
    }
    agent.leave();
    let calls = std::fs::read_to_string(room.path().join("calls")).unwrap();
    assert_eq!(calls.lines().count(), 3);
    assert!(!calls.contains(['\u{2028}', '\u{2029}', '\u{85}']), "{calls}");
}

fn changed_tools_are_held() {
    let room = room(&permit(&["echo", "pay"]), "");
    let mut agent = Agent::start(room.path(), "changed");
    assert!(!agent.tools().contains(&"echo".to_owned()));
    assert!(agent.call("echo", "x")["error"]["message"].as_str().unwrap().contains("pinned"));
    assert!(agent.call("pay", "x")["result"].is_object());
    let mut log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    let pending = log.pending(false).unwrap();
    assert_eq!((pending.len(), pending[0].tool.as_str(), pending[0].kind), (1, "echo", Kind::Tool));
    // What `guard approve` does: the new definition is pinned, and the running proxy takes it over.
    assert!(log.decide(&pending[0].id, Decision::Approve { until: now() }, "me").unwrap());
    let files = Place::new(room.path().join("guard.toml")).load().unwrap();
    std::fs::write(&files.tools_path, probe::tools(&server_command("changed")).unwrap().to_file()).unwrap();
    assert_eq!(agent.hear().trim(), r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#);
    assert!(agent.tools().contains(&"echo".to_owned()));
    assert!(agent.call("echo", "x")["result"].is_object());
    agent.leave();
}

fn lookalikes_are_hidden() {
    let room = room(&permit(&["echo", "pay"]), "");
    let mut agent = Agent::start(room.path(), "lookalike");
    let tools = agent.tools();
    assert!(!tools.iter().any(|tool| tool.eq_ignore_ascii_case("echo")), "{tools:?}");
    agent.leave();
}

const ASK: &str = "@id(\"ask\") permit (principal, action == Action::\"pay\", resource) when { context.approved };";

fn held_calls_wait() {
    let room = room(&format!("{SEE}{ASK}"), "[approvals]\nwait = \"20s\"\n");
    let path = room.path().join("guard.db");
    let mut agent = Agent::start(room.path(), "plain");
    for (decision, done) in [(Decision::Approve { until: now() + 60_000 }, true), (Decision::Deny, false)] {
        let path = path.clone();
        let person = std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(20));
                let Ok(mut log) = Log::open_to_read(&path) else { continue };
                if let Some(one) = log.pending(false).unwrap().first() {
                    return assert!(log.decide(&one.id, decision, "me").unwrap());
                }
            }
        });
        assert_eq!(agent.call("pay", "rent")["result"].is_object(), done);
        person.join().unwrap();
    }
    agent.leave();
    assert_eq!(verdicts(room.path()), ["pay hold", "pay hold"]);
    assert_eq!(reached(room.path()), 1);
}

fn late_approvals() {
    let room = room(&format!("{SEE}{ASK}"), "[approvals]\nwait = \"200ms\"\n");
    let mut agent = Agent::start(room.path(), "plain");
    let answer = agent.call("pay", "rent");
    assert!(answer["error"]["message"].as_str().unwrap().contains("misgoal guard approve"), "{answer}");
    let mut log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    let id = log.pending(false).unwrap()[0].id.clone();
    assert!(log.decide(&id, Decision::Approve { until: now() + 60_000 }, "me").unwrap());
    assert!(!log.decide(&id, Decision::Approve { until: now() + 60_000 }, "me").unwrap(), "it is settled");
    let decisions = || records(room.path()).into_iter().filter(|record| record.kind == "decision").count();
    assert_eq!(decisions(), 1, "what changes nothing is no decision");
    assert!(agent.call("pay", "rent, and more")["error"].is_object(), "another call");
    assert!(agent.call("pay", "rent")["result"].is_object(), "the same call");
    assert!(agent.call("pay", "rent")["error"].is_object(), "once");
    agent.leave();
    assert_eq!(reached(room.path()), 1);
}

fn limits_hold_across_sessions() {
    let policy =
        format!("{SEE}permit (principal, action == Action::\"pay\", resource) when {{ context.counts.paid < 3 }};");
    let room = room(&policy, "[[count]]\nname = \"paid\"\ntools = [\"pay\"]\nwithin = \"1h\"\n");
    for expected in [[true, true], [true, false]] {
        let mut agent = Agent::start(room.path(), "plain");
        assert_eq!(
            [agent.call("pay", "1")["result"].is_object(), agent.call("pay", "2")["result"].is_object()],
            expected
        );
        agent.leave();
    }
}

/// Six agents with a proxy each, at once: together they are let through as often as one alone would be.
fn limits_hold_side_by_side() {
    let policy =
        format!("{SEE}permit (principal, action == Action::\"pay\", resource) when {{ context.counts.paid < 5 }};");
    let room = room(&policy, "[[count]]\nname = \"paid\"\ntools = [\"pay\"]\nwithin = \"1h\"\n");
    let start = std::sync::Barrier::new(6);
    let paid: usize = std::thread::scope(|scope| {
        let one = || {
            let mut agent = Agent::start(room.path(), "plain");
            // All of them are there before the first one pays.
            agent.tools();
            start.wait();
            let paid = (0..3).filter(|_| agent.call("pay", "rent")["result"].is_object()).count();
            agent.leave();
            paid
        };
        let all: Vec<_> = (0..6).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|agent| agent.join().unwrap()).sum()
    });
    assert_eq!((paid, reached(room.path())), (5, 5));
    let log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    assert!(log.verify(None).unwrap().is_ok());
}

/// What one session has read, another one may not act upon, be it begun before or after.
fn labels_last() {
    let policy = format!(
        "{}permit (principal, action == Action::\"pay\", resource) unless {{ context.session.labels.contains(\"untrusted\") }};",
        permit(&["echo"])
    );
    for (lasts, expected) in
        [("lasts = \"1h\"\n", [true, false, false]), ("lasts = \"1ms\"\n", [true; 3]), ("", [true; 3])]
    {
        let label = format!("[[label]]\nname = \"untrusted\"\ntools = [\"echo\"]\nmatches = \"http\"\n{lasts}");
        let room = room(&policy, &label);
        let mut beside = Agent::start(room.path(), "plain");
        let before = beside.call("pay", "rent")["result"].is_object();
        let mut reads = Agent::start(room.path(), "plain");
        reads.call("echo", "see http://x");
        reads.leave();
        std::thread::sleep(Duration::from_millis(5));
        let mut later = Agent::start(room.path(), "plain");
        let after = [&mut beside, &mut later].map(|agent| agent.call("pay", "rent")["result"].is_object());
        assert_eq!([before, after[0], after[1]], expected, "{lasts}");
        beside.leave();
        later.leave();
    }
}

fn failed_calls_elsewhere_are_given_back() {
    let policy = format!(
        "{SEE}permit (principal, action == Action::\"fail\", resource);\n\
         permit (principal, action == Action::\"pay\", resource) when {{ context.counts.done < 2 && context.counts.failed < 2 }};"
    );
    let counts = |name: &str, counted: &str| {
        format!("[[count]]\nname = \"{name}\"\ntools = [\"pay\", \"fail\"]\nwithin = \"1h\"\ncounted = \"{counted}\"\n")
    };
    let room = room(&policy, &(counts("done", "good") + &counts("failed", "failed")));
    let (mut one, mut other) = (Agent::start(room.path(), "plain"), Agent::start(room.path(), "plain"));
    let (mine, theirs) = (&mut one, &mut other);
    let mut pays = |expected: bool| assert_eq!(mine.call("pay", "rent")["result"].is_object(), expected);
    theirs.call("fail", "");
    pays(true);
    theirs.call("fail", "");
    // Two have failed elsewhere; of those that count as done there is one, here.
    pays(false);
    one.leave();
    other.leave();
}

fn logs_are_rotated() {
    let policy = format!(
        "{}permit (principal, action == Action::\"pay\", resource) when {{ context.counts.paid < 3 }};",
        permit(&["echo"])
    );
    let more = "[log]\nrotate = \"64 KiB\"\n[[count]]\nname = \"paid\"\ntools = [\"pay\"]\nwithin = \"1h\"\n";
    let room = room(&policy, more);
    let archives = || {
        let entries = std::fs::read_dir(room.path()).unwrap().map(|entry| entry.unwrap().file_name());
        entries
            .filter(|name| name.to_string_lossy().starts_with("guard-") && name.to_string_lossy().ends_with(".db"))
            .count()
    };
    let (mut calls, mut paid) = (0, 0);
    for session in 1..=3 {
        let mut agent = Agent::start(room.path(), "plain");
        paid += usize::from(agent.call("pay", "rent")["result"].is_object());
        paid += usize::from(agent.call("pay", "rent")["result"].is_object());
        // The guard looks when it begins: in the second session and in the third it finds a log that is due.
        for _ in 0..600 {
            assert!(agent.call("echo", &"x".repeat(200))["result"].is_object());
            calls += 1;
            if calls >= 150 * session && archives() >= session - 1 {
                break;
            }
            std::thread::sleep(Duration::from_millis(if archives() < session - 1 { 10 } else { 0 }));
        }
        assert_eq!(agent.leave(), Some(0));
        assert_eq!(archives(), session - 1);
    }
    assert_eq!((paid, reached(room.path())), (3, 3 + calls), "the count reaches back into archives");
    let echoed = verdicts(room.path()).into_iter().filter(|verdict| verdict == "echo allow").count();
    assert_eq!(echoed, calls);
    assert!(Log::open_to_read(&room.path().join("guard.db")).unwrap().verify(None).unwrap().is_ok());
}

fn a_killed_proxy_loses_no_call() {
    let room = room(&permit(&["echo"]), "");
    for _ in 0..5 {
        let mut agent = Agent::start(room.path(), "plain");
        for id in 0..200 {
            agent.say(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"echo","arguments":{{"text":"x"}}}}}}"#));
        }
        for _ in 0..20 {
            agent.hear();
        }
        agent.proxy.kill().unwrap();
        agent.proxy.wait().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let attempts = verdicts(room.path()).len();
        assert!(
            reached(room.path()) <= attempts,
            "{} calls reached the server, {attempts} are in the log",
            reached(room.path())
        );
        let log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
        assert!(log.verify(None).unwrap().is_ok());
    }
    assert!(reached(room.path()) >= 100);
}

fn no_log_no_call() {
    let room = room(&permit(&["echo"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("echo", "x")["result"].is_object());
    // The disk says no: here, because somebody put a trigger in the way.
    let path = room.path().join("guard.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        .unwrap();
    let answer = agent.call("echo", "x");
    assert!(answer["error"]["message"].as_str().unwrap().contains("log cannot be written"), "{answer}");
    assert_eq!(reached(room.path()), 1);
    database.execute_batch("DROP TRIGGER full").unwrap();
    assert!(agent.call("echo", "x")["result"].is_object());
    agent.leave();
}

#[cfg(unix)]
fn no_log_there_no_call() {
    // With and without counts the attempt is written in another way.
    let count = "[[count]]\nname = \"lately\"\ntools = [\"echo\"]\nwithin = \"1h\"\n";
    for more in ["", count] {
        let room = room(&permit(&["echo"]), more);
        let [path, away] = ["guard.db", "away.db"].map(|name| room.path().join(name));
        let mut agent = Agent::start(room.path(), "plain");
        assert!(agent.call("echo", "x")["result"].is_object());
        std::fs::rename(&path, &away).unwrap();
        std::fs::copy(&away, &path).unwrap();
        for _ in 0..2 {
            let answer = agent.call("echo", "x");
            assert!(answer["error"]["message"].as_str().unwrap().contains("log cannot be written"), "{answer}");
        }
        assert_eq!(reached(room.path()), 1);
        std::fs::rename(&away, &path).unwrap();
        assert!(agent.call("echo", "x")["result"].is_object());
        std::fs::remove_file(&path).unwrap();
        assert!(agent.call("echo", "x")["error"].is_object());
        agent.leave();
        assert_eq!(reached(room.path()), 2);
    }
}

fn an_edited_log_is_found_out() {
    let room = room(&permit(&["echo"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    for _ in 0..3 {
        agent.call("echo", "x");
    }
    agent.leave();
    let path = room.path().join("guard.db");
    let log = Log::open_to_read(&path).unwrap();
    let head = log.head().unwrap().1;
    let database = rusqlite::Connection::open(&path).unwrap();
    assert!(database.execute("UPDATE record SET body = '{}' WHERE seq = 3", []).is_err(), "a trigger forbids it");
    database.execute_batch("DROP TRIGGER record_is_not_changed; DROP TRIGGER record_is_not_deleted").unwrap();
    database.execute("UPDATE record SET at = at + 1 WHERE seq = 3", []).unwrap();
    assert_eq!(log.verify(None).unwrap(), Err(Damage::Changed(3)));
    database.execute("UPDATE record SET at = at - 1 WHERE seq = 3", []).unwrap();
    assert!(log.verify(Some(&head)).unwrap().is_ok());
    database.execute("DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)", []).unwrap();
    assert!(log.verify(None).unwrap().is_ok(), "a cut end leaves a chain");
    assert_eq!(log.verify(Some(&head)).unwrap(), Err(Damage::OtherHead));
    database.execute("DELETE FROM record WHERE seq = 2", []).unwrap();
    assert_eq!(log.verify(None).unwrap(), Err(Damage::Missing(2)));
}

fn bad_policies_are_not_taken() {
    let room = room(&permit(&["echo"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("pay", "x")["error"].is_object());
    std::fs::write(room.path().join("policy.cedar"), "permit (principal, action == Action::\"pey\", resource);")
        .unwrap();
    wait_for(room.path(), "policy");
    assert!(agent.call("echo", "x")["result"].is_object(), "the old policy is in force");
    std::fs::write(room.path().join("policy.cedar"), permit(&["echo", "pay"])).unwrap();
    assert_eq!(agent.hear().trim(), r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#);
    assert!(agent.call("pay", "x")["result"].is_object(), "the new one is");
    agent.leave();
}

fn refusals_hold_no_secrets() {
    let room = room(&permit(&["echo"]), "");
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.call("echo", "x")["result"].is_object());
    let path = room.path().join("guard.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{good}\n[approvals.webhook]\nsecret = \"hunter2hunter2\"\n")).unwrap();
    wait_for(room.path(), "policy");
    let refused = records(room.path()).into_iter().find(|record| record.kind == "policy").unwrap();
    assert!(refused.body.contains("unknown field") && !refused.body.contains("hunter2"), "{}", refused.body);
    agent.leave();
}

fn a_server_that_ends() {
    for (tool, outcome) in [("exit", "lost"), ("mute", "lost")] {
        let room = room(&permit(&[tool]), "");
        let mut agent = Agent::start(room.path(), "plain");
        let answer = agent.call(tool, "");
        assert!(answer["error"]["message"].as_str().unwrap().contains("ended"), "{answer}");
        agent.leave();
        let outcomes: Vec<_> = records(room.path()).into_iter().filter(|record| record.kind == "outcome").collect();
        assert_eq!(outcomes[0].field("outcome").unwrap(), outcome, "{tool}");
    }
}

/// Refusals fill the pipe of an agent that does not read: the call behind them is made all the same, and everything comes in its order.
fn an_agent_that_does_not_read_is_heard() {
    let room = room(&permit(&["echo"]), "[log]\ndurable = false\n");
    let mut agent = Agent::start(room.path(), "plain");
    agent.tools();
    let refused = 100..1600;
    for id in refused.clone() {
        agent.say(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"no/such"}}"#));
    }
    agent.say(r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}"#);
    wait_for(room.path(), "attempt");
    for (id, key) in refused.map(|id| (id, "error")).chain([(7, "result")]) {
        let answer: serde_json::Value = serde_json::from_str(&agent.hear()).expect("answers are JSON");
        assert!(answer["id"] == id && answer.get(key).is_some(), "{id}: {answer}");
    }
    assert_eq!((reached(room.path()), agent.leave()), (1, Some(0)));
}
