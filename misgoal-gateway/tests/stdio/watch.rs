//! The behavioural monitor in a live session: a profile learned from recorded good sessions, and a trace replayed through the proxy.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use misgoal_gateway::log::{Decision, Filter};
use misgoal_gateway::{Log, Stored, now};
use misgoal_monitor::{Monitor, format, trace};
use serde_json::Value;

use super::agent::Agent;
use super::{permit, reached, records, room, wait_for};

pub const TESTS: &[(&str, fn())] = &[
    ("an alarm is logged with its evidence and the session goes on", alarms_are_logged),
    ("after an alarm calls wait for a person, who lets the session go on", alarms_hold),
    ("after an alarm a person stops the session", alarms_held_and_stopped),
    ("after two alarms a session goes on when both are approved", each_alarm_is_seen),
    ("an alarm stops the session", alarms_stop),
    ("failing again and again is an alarm of its own", failing_is_noticed),
    ("where nothing is enforced an alarm only says what it would do", alarms_in_log_mode),
    ("a recorded session is what the monitor saw", recordings_are_what_was_seen),
    ("a bad profile never replaces a good one", bad_profiles_are_not_taken),
];

/// A clerk reads an order and a page or two. Nothing is ever paid, and now and then something fails once.
fn good() -> Vec<u8> {
    let mut text = String::new();
    for session in 0..80 {
        let order = 1000 + 37 * session;
        let mut calls = vec![format!("order {order}")];
        calls.extend((0..session % 3).map(|page| format!("page {page}")));
        for (id, words) in calls.iter().enumerate() {
            text += &format!(
                "{{\"session\":\"s{session}\",\"call\":\"echo\",\"arguments\":{{\"text\":\"{words}\"}},\"id\":{id}}}\n\
                 {{\"session\":\"s{session}\",\"result\":\"{words}\",\"id\":{id},\"error\":false}}\n"
            );
        }
        if session % 5 == 0 {
            text += &format!(
                "{{\"session\":\"s{session}\",\"call\":\"fail\",\"arguments\":{{\"text\":\"\"}},\"id\":9}}\n\
                 {{\"session\":\"s{session}\",\"result\":\"[]\",\"id\":9,\"error\":true}}\n"
            );
        }
    }
    text.into_bytes()
}

pub fn profile() -> Vec<u8> {
    let sessions = trace::parse(&good(), trace::Format::Plain).expect("a trace");
    format::write(&Monitor::learn(&sessions, Vec::new(), 1000.0).expect("enough sessions")).expect("a profile")
}

/// A room whose guard permits everything and watches.
pub fn watching(monitor: &str) -> tempfile::TempDir {
    let more =
        format!("[monitor]\nprofile = \"behaviour.json\"\npromise = 10\n{monitor}\n[approvals]\nwait = \"20s\"\n");
    let room = room(&permit(&["echo", "pay", "fail"]), &more);
    std::fs::write(room.path().join("behaviour.json"), profile()).expect("a file can be written");
    room
}

/// The trace that is replayed: a page tells the clerk to pay, and it obeys. Gives the answer to the payment.
pub fn hijacked(agent: &mut Agent) -> Value {
    agent.call("echo", "order 1234");
    agent.call("echo", "page 1");
    agent.call("pay", "900 euros to account XX99")
}

fn alarms(room: &Path) -> Vec<Stored> {
    records(room).into_iter().filter(|record| record.kind == "alarm").collect()
}

fn says(record: &Stored, key: &str) -> String {
    record.field(key).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn alarms_are_logged() {
    let room = watching("");
    let mut agent = Agent::start(room.path(), "hijacking");
    assert!(hijacked(&mut agent)["result"].is_object());
    agent.leave();
    let alarm = &alarms(room.path())[0];
    assert_eq!((alarm.call, says(alarm, "channel"), says(alarm, "then")), (Some(3), "behaviour".into(), "log".into()));
    assert_eq!(says(alarm, "toward"), "obeying instructions found in a tool's answer");
    assert_eq!((alarm.field("since").unwrap(), alarm.field("at").unwrap()), (3.into(), 3.into()));
    assert_eq!(alarm.field("because").unwrap().as_array().unwrap().len(), 3, "{}", alarm.body);
    let log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    assert!(log.verify(None).unwrap().is_ok());
}

/// Says a word on the first matter of this kind as soon as there is one.
fn person(room: &Path, kind: &'static str, decision: Decision) -> std::thread::JoinHandle<()> {
    let path = room.join("guard.db");
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let Ok(mut log) = Log::open_to_read(&path) else { continue };
            let matter = log.pending(false).expect("a log").into_iter().find(|one| one.kind.word() == kind);
            if let Some(one) = matter {
                return assert!(log.decide(&one.id, decision, "me").expect("a log"));
            }
        }
    })
}

fn approve() -> Decision {
    Decision::Approve { until: now() + 60_000 }
}

fn alarms_hold() {
    let room = watching("on-alarm = \"hold\"");
    let mut agent = Agent::start(room.path(), "hijacking");
    let one = person(room.path(), "call", approve());
    assert!(hijacked(&mut agent)["result"].is_object(), "this call was approved");
    one.join().unwrap();
    let all = person(room.path(), "alarm", approve());
    assert!(agent.call("echo", "page 0")["result"].is_object(), "it waited until the session was let go on");
    all.join().unwrap();
    assert!(agent.call("echo", "page 2")["result"].is_object(), "nothing waits any more");
    agent.leave();
    assert_eq!(reached(room.path()), 5);
    let decided: Vec<String> = alarms(room.path()).iter().map(|alarm| says(alarm, "decision")).collect();
    assert_eq!(decided, ["", "goes on"]);
}

fn each_alarm_is_seen() {
    let room = watching("on-alarm = \"hold\"\non-failing = \"hold\"");
    let path = room.path().join("guard.db");
    let waiting = move |kind: &str| -> Vec<String> {
        // Nothing has begun yet.
        let Ok(log) = Log::open_to_read(&path) else { return Vec::new() };
        let all = log.pending(false).expect("a log").into_iter().filter(|one| one.kind.word() == kind);
        all.map(|one| one.id).collect()
    };
    // Whether it was still to be decided.
    let decide = |id: &str| {
        let mut log = Log::open_to_read(&room.path().join("guard.db")).expect("a log");
        log.decide(id, approve(), "me").expect("a log")
    };
    let is_over = AtomicBool::new(false);
    let mut agent = Agent::start(room.path(), "hijacking");
    std::thread::scope(|scope| {
        // Somebody approves each call by itself until a second alarm waits.
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                waiting("call").iter().for_each(|id| _ = decide(id));
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        hijacked(&mut agent);
        while waiting("alarm").len() < 2 {
            agent.call("fail", "");
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let both = waiting("alarm");
    assert!(decide(&both[0]));
    let before = reached(room.path());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while waiting("call").is_empty() {
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_millis(200));
            assert_eq!(
                (waiting("alarm"), reached(room.path())),
                (vec![both[1].clone()], before),
                "the other alarm waits"
            );
            assert!(decide(&both[1]));
        });
        assert!(agent.call("echo", "page 0")["result"].is_object(), "it waited until both were approved");
    });
    agent.leave();
    assert_eq!(says(alarms(room.path()).last().unwrap(), "decision"), "goes on");
}

fn alarms_held_and_stopped() {
    let room = watching("on-alarm = \"hold\"");
    let mut agent = Agent::start(room.path(), "hijacking");
    let no = person(room.path(), "alarm", Decision::Deny);
    assert!(hijacked(&mut agent)["error"].is_object());
    no.join().unwrap();
    assert!(agent.call("echo", "page 0")["error"].is_object());
    agent.leave();
    assert_eq!(reached(room.path()), 2);
}

fn alarms_stop() {
    let room = watching("on-alarm = \"stop\"");
    let mut agent = Agent::start(room.path(), "hijacking");
    let answer = hijacked(&mut agent);
    assert!(answer["error"]["message"].as_str().unwrap().contains("stopped this session"), "{answer}");
    assert!(agent.call("echo", "page 0")["error"].is_object());
    assert!(agent.ask("tools/list", serde_json::json!({}))["error"].is_object());
    assert!(agent.ask("ping", serde_json::json!({}))["result"].is_object());
    agent.leave();
    assert_eq!(reached(room.path()), 2);
}

fn failing_is_noticed() {
    let room = watching("on-failing = \"stop\"");
    let mut agent = Agent::start(room.path(), "plain");
    let answers: Vec<bool> = (0..8).map(|_| agent.call("fail", "")["result"].is_object()).collect();
    agent.leave();
    assert!(answers[0] && !answers[7], "{answers:?}");
    let capability =
        |alarm: &Stored| (says(alarm, "channel"), says(alarm, "then")) == ("capability".into(), "stop".into());
    assert!(alarms(room.path()).iter().any(capability));
}

fn alarms_in_log_mode() {
    let room = watching("on-alarm = \"stop\"");
    let config = std::fs::read_to_string(room.path().join("guard.toml")).unwrap().replace("\"enforce\"", "\"log\"");
    std::fs::write(room.path().join("guard.toml"), config).unwrap();
    let mut agent = Agent::start(room.path(), "hijacking");
    assert!(hijacked(&mut agent)["result"].is_object());
    agent.leave();
    assert_eq!(says(&alarms(room.path())[0], "then"), "would-stop");
}

fn recordings_are_what_was_seen() {
    let room = watching("record = \"sessions.jsonl\"");
    let policy =
        format!("{}forbid (principal, action == Action::\"fail\", resource);", permit(&["echo", "fail", "pay"]));
    std::fs::write(room.path().join("policy.cedar"), policy).unwrap();
    for _ in 0..2 {
        let mut agent = Agent::start(room.path(), "plain");
        agent.call("echo", "order 1234, password=hunter22");
        agent.call("fail", "");
        agent.leave();
    }
    let recorded = std::fs::read(room.path().join("sessions.jsonl")).unwrap();
    assert!(!String::from_utf8_lossy(&recorded).contains("hunter22"), "secrets are not recorded");
    let (_, sessions) = trace::parse_any(&recorded).unwrap();
    assert_eq!(
        sessions.iter().map(|session| session.events.len()).collect::<Vec<_>>(),
        [3, 3],
        "a call that was denied has no answer"
    );
    let monitor = format::read(&profile()).unwrap();
    let log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    let watched = log.records(&Filter::default()).unwrap().into_iter().filter(|record| record.kind == "watched");
    for (session, watched) in sessions.iter().zip(watched) {
        assert_eq!(session.id, watched.session);
        let (live, _) = monitor.replay(session);
        let scores = watched.field("scores").unwrap();
        assert_eq!(live.scores().map(Value::from), [scores[0].clone(), scores[1].clone()]);
    }
    let profile = records(room.path()).iter().find_map(|record| record.field("profile")).unwrap();
    assert_eq!(
        log.watched(profile.as_str().unwrap(), 0).unwrap().0.len(),
        2,
        "later sessions are held against these too"
    );
}

fn bad_profiles_are_not_taken() {
    let room = watching("on-alarm = \"stop\"");
    let path = room.path().join("behaviour.json");
    let mut agent = Agent::start(room.path(), "hijacking");
    agent.tools();
    std::fs::write(&path, "{}").unwrap();
    wait_for(room.path(), "policy");
    assert!(hijacked(&mut agent)["error"].is_object(), "the good one is in force");
    agent.leave();
    let refused = records(room.path()).into_iter().find(|record| record.kind == "policy").unwrap();
    assert!(says(&refused, "refused").contains("behaviour profile"), "{}", refused.body);
    let mut agent = Agent::start(room.path(), "plain");
    assert!(agent.hear().is_empty(), "nothing starts with a bad one");
    assert_ne!(agent.leave(), Some(0));
}
