//! Tools whose names look like secrets are known by their names all the same: to limits, to who looks, and to who approves.

use misgoal_gateway::log::{Decision, Filter};
use misgoal_gateway::{Log, now};
use misgoal_guard::Record;
use misgoal_guard::approval::Kind;

use super::agent::Agent;
use super::{SEE, records, room_of};

pub const TESTS: &[(&str, fn())] = &[
    ("a limit holds across sessions for a tool whose name looks like a secret", limits_hold),
    ("calls are found by the name of such a tool", calls_are_found),
    ("a changed tool with such a name is shown by its name", changed_tools_have_names),
    ("the evidence of an alarm has the names of tools", evidence_has_names),
    ("a name that nobody lists leaves a mark of its own", unknown_names_are_taken_out),
];

/// What the server of the variant `named` lists beside the others.
const NAMES: [&str; 3] = ["password:reset", "token:list", "sk-aaaaaaaaaaaaaaaaaaaaaaaa"];

pub fn limited() -> tempfile::TempDir {
    let permits = NAMES.map(|name| {
        format!("permit (principal, action == Action::\"{name}\", resource) when {{ context.counts.made < 3 }};\n")
    });
    let more = format!("[[count]]\nname = \"made\"\ntools = {NAMES:?}\nwithin = \"1h\"\n");
    room_of("named", &format!("{SEE}{}", permits.concat()), &more)
}

fn limits_hold() {
    for name in NAMES {
        let room = limited();
        for expected in [[true, true], [true, false]] {
            let mut agent = Agent::start(room.path(), "named");
            let made = ["1", "2"].map(|text| agent.call(name, text)["result"].is_object());
            assert_eq!(made, expected, "{name}");
            agent.leave();
        }
        assert!(records(room.path()).iter().all(|record| !format!("{:?}", record.tool).contains("redacted")));
    }
    // A log of an earlier version has a mark in the name's place, of two calls that were made and one that was denied.
    for name in NAMES {
        let room = limited();
        let mut log = Log::open(&room.path().join("guard.db")).unwrap();
        let attempt = |call, verdict| Record::new("attempt").of(call, name).text("verdict", verdict);
        let before = [attempt(1, "allow"), attempt(2, "allow"), attempt(3, "deny")];
        log.append("before", &before, false).unwrap();
        assert!(records(room.path()).iter().all(|record| record.tool.as_ref().unwrap().starts_with("[redacted: ")));
        let mut agent = Agent::start(room.path(), "named");
        assert!(agent.call(name, "1")["result"].is_object());
        // And one beside this session.
        assert!(agent.call(name, "2")["error"].is_object(), "{name}");
        agent.leave();
    }
    let room = limited();
    let mut agent = Agent::start(room.path(), "named");
    assert!(agent.call("token:list", "1")["result"].is_object());
    let mut log = Log::open(&room.path().join("guard.db")).unwrap();
    let others = [1, 2].map(|call| Record::new("attempt").of(call, "token:list").text("verdict", "allow"));
    log.append("beside", &others, false).unwrap();
    assert!(agent.call("token:list", "2")["error"].is_object());
    agent.leave();
}

fn calls_are_found() {
    let room = limited();
    let mut agent = Agent::start(room.path(), "named");
    assert!(agent.call("password:reset", "1")["result"].is_object());
    agent.leave();
    let mut log = Log::open(&room.path().join("guard.db")).unwrap();
    log.append("before", &[Record::new("attempt").of(1, "password:reset")], false).unwrap();
    for last in [None, Some(9)] {
        let found = |tool: &str| {
            let filter = Filter { tool: Some(tool.to_owned()), last, ..Filter::default() };
            log.records(&filter).unwrap().len()
        };
        assert_eq!((found("password:reset"), found("token:list"), found("password")), (3, 0, 0));
    }
}

fn changed_tools_have_names() {
    let room = limited();
    let mut agent = Agent::start(room.path(), "named-changed");
    assert!(!agent.tools().contains(&"password:reset".to_owned()));
    let mut log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    let one = log.pending(false).unwrap().remove(0);
    assert_eq!((one.tool.as_str(), one.kind), ("password:reset", Kind::Tool));
    assert!(log.shown(&one).unwrap().unwrap().contains("password: hunter22"), "the definition is shown whole");
    assert!(log.decide(&one.id, Decision::Approve { until: now() }, "me").unwrap());
    agent.leave();
    for record in records(room.path()) {
        assert!(!record.body.contains("hunter22"), "{}", record.body);
        let named = matches!(record.kind.as_str(), "held-tool" | "decision");
        assert!(!named || record.tool.as_deref() == Some("password:reset"), "{record:?}");
    }
    // Earlier versions left a mark in the table.
    let database = rusqlite::Connection::open(room.path().join("guard.db")).unwrap();
    database.execute("UPDATE pending SET tool = '[redacted: 14 bytes, 0123456789abcdef]'", []).unwrap();
    assert_eq!(log.pending(true).unwrap().remove(0).tool, "password:reset");
}

fn evidence_has_names() {
    let policy = format!("{SEE}permit (principal, action in Action::\"tools/call\", resource);");
    let more =
        "[monitor]\nprofile = \"behaviour.json\"\npromise = 10\non-alarm = \"hold\"\n[approvals]\nwait = \"20s\"\n";
    let room = room_of("named", &policy, more);
    std::fs::write(room.path().join("behaviour.json"), super::watch::profile()).unwrap();
    let mut agent = Agent::start(room.path(), "hijacking");
    agent.call("echo", "order 1234");
    agent.call("echo", "page 1");
    let arguments = serde_json::json!({ "token=s3cretA": "900 euros to account XX99", "text": "x" });
    let call = serde_json::json!({ "name": "password:reset", "arguments": arguments });
    agent.say(&serde_json::json!({ "jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": call }).to_string());
    let mut all = Vec::new();
    for _ in 0..500 {
        std::thread::sleep(std::time::Duration::from_millis(20));
        all = Log::open_to_read(&room.path().join("guard.db")).unwrap().pending(false).unwrap();
        if all.len() == 2 {
            break;
        }
    }
    let mut log = Log::open_to_read(&room.path().join("guard.db")).unwrap();
    let alarm = all.iter().find(|one| one.kind == Kind::Alarm).unwrap();
    let shown = log.shown(alarm).unwrap().unwrap();
    assert!(shown.contains("`password:reset`"), "{shown}");
    assert!(!shown.contains("[redacted") && alarm.reason_in(&shown).starts_with("since step"), "{shown}");
    assert!(!alarm.redacted.contains("s3cretA") && alarm.tool == "password:reset", "{}", alarm.redacted);
    assert!(all.iter().all(|one| log.decide(&one.id, Decision::Deny, "me").unwrap()));
    assert!(agent.hear().contains("error"));
    agent.leave();
    assert!(records(room.path()).iter().all(|record| !record.body.contains("s3cretA")));
}

fn unknown_names_are_taken_out() {
    let room = limited();
    let mut agent = Agent::start(room.path(), "named");
    let names = ["password=hunter22", "password=hunter23", "[redacted: 17 bytes, 0123456789abcdef]"];
    for name in names {
        assert!(agent.call(name, "x")["error"].is_object());
    }
    assert!(agent.call("resources/read", "x")["error"]["message"].as_str().unwrap().contains("no tool"));
    agent.leave();
    let attempts = records(room.path()).into_iter().filter(|record| record.kind == "attempt");
    let told: Vec<String> = attempts.map(|record| record.tool.unwrap()).collect();
    assert!(told.len() == names.len() && told.iter().all(|tool| tool.starts_with("[redacted: ")), "{told:?}");
    let apart: std::collections::BTreeSet<&String> = told.iter().collect();
    assert!(apart.len() == told.len() && names.iter().all(|name| !apart.contains(&(*name).to_owned())), "{told:?}");
}
