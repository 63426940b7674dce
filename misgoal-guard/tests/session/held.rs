//! What is held for a person, and what the monitor and recordings see of it.

use super::*;

/// Why a call of `pay` is held under these policies, and by which.
fn held(policy: &str) -> String {
    let step = call(&mut guard(policy, ""), "1", "pay");
    let Move::Hold(held) = &step.then else { panic!("not held: {step:?}") };
    held.reason.clone()
}

#[test]
fn a_held_call_says_who_holds_it() {
    insta::assert_snapshot!(
        held(r#"@id("ask") permit (principal, action == Action::"pay", resource) when { context.approved };"#),
        @"policy `ask` permits it once a person has approved it"
    );
    insta::assert_snapshot!(
        held(r#"permit (principal, action, resource); @id("wait") forbid (principal, action == Action::"pay", resource) unless { context.approved };"#),
        @"policy `wait` forbids it until a person has approved it"
    );
    insta::assert_snapshot!(
        held(r#"@id("ask") @reason("money needs a second pair of eyes") permit (principal, action == Action::"pay", resource) when { context.approved };"#),
        @"money needs a second pair of eyes"
    );
}

#[test]
fn what_the_monitor_cannot_read_is_not_done() {
    let mut guard = guard("permit (principal, action, resource);", "[monitor]\nrecord = \"sessions.jsonl\"\n");
    guard.watch("a", None);
    let huge =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"other":1e999}}}"#;
    let step = guard.from_agent(huge, NOW);
    assert!(matches!(step.then, Move::Send(Side::Agent, _)), "{step:?}");
    assert_eq!(call(&mut guard, "2", "echo").then, Move::Forward);
    let step = guard.from_server(br#"{"jsonrpc":"2.0","id":2,"result":{"n":1e999}}"#, NOW);
    assert!(matches!(step.then, Move::Send(Side::Agent, _)), "{step:?}");
}

/// The monitor hears what the call of a task comes to, once, however that is said.
#[test]
fn the_monitor_hears_what_a_task_comes_to() {
    let ask = |method: &str| format!(r#"> "id":2,"method":"{method}","params":{{"taskId":"t"}}"#);
    let (result, get) = (ask("tasks/result"), ask("tasks/get"));
    let says = r#""result":{"content":[{"type":"text","text":"pay XX99"}]}"#;
    let done = format!(r#""taskId":"t","status":"completed",{says}"#);
    let rows: [(Vec<String>, &str); 6] = [
        (vec![result.clone(), format!(r#"< "id":2,{says}"#)], "pay XX99"),
        (vec![get.clone(), format!(r#"< "id":2,"result":{{{done}}}"#)], "pay XX99"),
        (vec![format!(r#"< "method":"notifications/tasks","params":{{{done}}}"#)], "pay XX99"),
        (
            vec![
                get.clone(),
                r#"< "id":2,"result":{"taskId":"t","status":"failed","error":{"code":1,"message":"no pay"}}"#
                    .to_owned(),
            ],
            "no pay",
        ),
        (
            vec![format!(
                "< {}",
                r#""method":"notifications/tasks/status","params":{"taskId":"t","status":"failed","statusMessage":"no pay"}"#
            )],
            "no pay",
        ),
        (vec![get, r#"< "id":2,"result":{"taskId":"t","status":"working"}"#.to_owned()], ""),
    ];
    for begun in
        [r#""task":{"taskId":"t","status":"working"}"#, r#""resultType":"task","taskId":"t","status":"working""#]
    {
        for (lines, expected) in &rows {
            let mut guard = guard("permit (principal, action, resource);", "[monitor]\nrecord = \"sessions.jsonl\"\n");
            guard.watch("a", None);
            assert_eq!(call(&mut guard, "1", "echo").then, Move::Forward);
            let begun = format!(r#"< "id":1,"result":{{{begun}}}"#);
            let mut seen = Vec::new();
            for line in [&begun].into_iter().chain(lines) {
                let (side, rest) = line.split_at(2);
                let line = format!(r#"{{"jsonrpc":"2.0",{rest}}}"#);
                let step = match side {
                    "> " => guard.from_agent(line.as_bytes(), NOW),
                    _ => guard.from_server(line.as_bytes(), NOW),
                };
                assert_eq!(step.then, Move::Forward, "{line}");
                seen.extend(guard.catch_up().seen);
            }
            assert_eq!(seen.len(), usize::from(!expected.is_empty()), "{seen:?}");
            assert!(seen.concat().contains(expected), "{seen:?}");
        }
    }
}

/// Of a task that is asked again it hears what is another result, as words of the tool, and what is the same once.
#[test]
fn the_monitor_hears_each_result_of_a_task() {
    let mut guard = guard("permit (principal, action, resource);", "[monitor]\nrecord = \"sessions.jsonl\"\n");
    guard.watch("a", None);
    assert_eq!(call(&mut guard, "1", "echo").then, Move::Forward);
    let says = |text: &str| format!(r#""result":{{"content":[{{"type":"text","text":"{text}"}}]}}"#);
    let begun = r#""id":1,"result":{"resultType":"task","taskId":"t","status":"working"}"#.to_owned();
    let done =
        |id: u32, text: &str| format!(r#""id":{id},"result":{{"taskId":"t","status":"completed",{}}}"#, says(text));
    let news =
        format!(r#""method":"notifications/tasks","params":{{"taskId":"t","status":"completed",{}}}"#, says("three"));
    for (method, line, expected) in [
        ("", begun, None),
        ("tasks/get", done(2, "one"), Some("one")),
        ("tasks/get", done(3, "one"), None),
        ("tasks/result", format!(r#""id":4,{}"#, says("one")), None),
        ("tasks/result", format!(r#""id":5,{}"#, says("two")), Some("two")),
        ("", news, Some("three")),
        ("tasks/get", done(6, "three"), None),
        ("tasks/result", format!(r#""id":7,{}"#, says("one")), Some("one")),
    ] {
        if !method.is_empty() {
            let id = line.split([':', ',']).nth(1).unwrap();
            let ask = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{"taskId":"t"}}}}"#);
            assert_eq!(guard.from_agent(ask.as_bytes(), NOW).then, Move::Forward);
        }
        assert_eq!(guard.from_server(format!(r#"{{"jsonrpc":"2.0",{line}}}"#).as_bytes(), NOW).then, Move::Forward);
        let seen = guard.catch_up().seen.concat();
        assert_eq!(seen.lines().count(), usize::from(expected.is_some()), "{line}: {seen}");
        assert!(seen.contains(expected.unwrap_or_default()), "{line}: {seen}");
    }
}

/// What it cannot read of a task is not shown.
#[test]
fn a_task_that_the_monitor_cannot_read_is_not_shown() {
    let mut guard = guard(
        "permit (principal, action, resource);",
        "[limits]\ndepth = 200\n[monitor]\nrecord = \"sessions.jsonl\"\n",
    );
    guard.watch("a", None);
    call(&mut guard, "1", "echo");
    guard.from_server(br#"{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"t","status":"working"}}}"#, NOW);
    guard.from_agent(br#"{"jsonrpc":"2.0","id":2,"method":"tasks/result","params":{"taskId":"t"}}"#, NOW);
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":2,"result":{{"content":[],"n":{}{}}}}}"#, "[".repeat(150), "]".repeat(150));
    let step = guard.from_server(deep.as_bytes(), NOW);
    assert!(matches!(step.then, Move::Send(Side::Agent, _)), "{step:?}");
}

/// Recordings are what is learned from: a tool that the server lists has its name in them, whatever it looks like; another one, and keys, have marks that stay apart.
#[test]
fn a_recording_has_names_and_no_secrets() {
    let mut guard = guard(
        "permit (principal, action, resource);",
        "[monitor]\nrecord = \"sessions.jsonl\"\n[[count]]\nname = \"n\"\ntools = [\"token:list\"]\nwithin = \"1h\"\n",
    );
    guard.watch("a", None);
    let mut seen = |tool: &str, arguments: &str| {
        let line = format!(
            r#"{{"jsonrpc":"2.0","id":"{tool}{}","method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#,
            arguments.len()
        );
        let line = guard.from_agent(line.as_bytes(), NOW).seen.concat();
        let call: serde_json::Value = serde_json::from_str(&line).expect("a line of JSON");
        assert!(!line.contains("hunter"), "{line}");
        call
    };
    assert_eq!(seen("echo", r#"{"text":"password=hunter22"}"#)["arguments"]["text"], "[redacted]");
    assert_eq!(seen("token:list", "{}")["call"], "token:list");
    let [one, other] = ["password=hunter22", "password=hunter23"].map(|name| seen(name, "{}")["call"].to_string());
    assert!(one != other && one.starts_with("\"[redacted: ") && other.starts_with("\"[redacted: "), "{one} {other}");
    let both = seen("pay", r#"{"password=hunter22":1,"password=hunter23":2}"#);
    assert_eq!(both["arguments"].as_object().expect("an object").len(), 2, "{both}");
    assert_eq!(both["origins"].as_object().expect("an object").len(), 2, "{both}");
}

/// What is held of a request, or nothing where it goes on.
fn holds(guard: &mut Guard, line: &str) -> Option<misgoal_guard::Held> {
    match guard.from_agent(line.as_bytes(), NOW).then {
        Move::Hold(held) => Some(held),
        Move::Forward => None,
        other => panic!("{line}: {other:?}"),
    }
}

const ASK: &str = r#"permit (principal, action == Action::"echo", resource);
    permit (principal, action in [Action::"pay", Action::"resources/read"], resource) when { context.approved };"#;

#[test]
fn a_held_read_stays_a_read_whatever_else_it_bears() {
    let mut guard = guard(ASK, "");
    let read =
        r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/shadow","name":"echo"}}"#;
    let held = holds(&mut guard, read).expect("it is held");
    assert_eq!((held.tool.as_str(), guard.resume(held.call, "me", NOW).then), ("resources/read", Move::Drop));
    assert!(guard.waits_for(held.call), "as a call of `echo` it would have gone on");
    assert!(matches!(guard.release(held.call, "id", "me", NOW).then, Move::Send(Side::Server, _)));
}

#[test]
fn what_is_cancelled_or_given_up_is_not_released() {
    let mut guard = guard(ASK, "");
    let Move::Hold(one) = call(&mut guard, "1", "pay").then else { panic!("not held") };
    let cancel = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let step = guard.from_agent(cancel, NOW);
    assert_eq!(
        (step.then.clone(), told(&step)),
        (Move::Drop, vec![r#"approval: {"by":"agent","decision":"cancelled"}"#.to_owned()])
    );
    let Move::Hold(other) = call(&mut guard, "2", "pay").then else { panic!("not held") };
    assert_eq!(guard.abandon_all("agent").records.len(), 1);
    for held in [one, other] {
        let step = guard.release(held.call, "id", "me", NOW);
        assert_eq!((step.then, step.records.len()), (Move::Drop, 0));
    }
}

#[test]
fn what_is_cancelled_is_named_as_it_is_on_whatever_lane_it_waits() {
    let mut guard = guard(ASK, "");
    let Move::Hold(one) = call(guard.on(1), "7", "pay").then else { panic!("not held") };
    let cancel =
        |id: &str| format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#);
    assert_eq!(told(&guard.on(2).from_agent(cancel("\"7\"").as_bytes(), NOW)).len(), 1);
    assert!(guard.waits_for(one.call), "it is another request");
    guard.on(2).from_agent(cancel("7").as_bytes(), NOW);
    assert!(!guard.waits_for(one.call));
}

#[test]
fn a_task_of_an_approved_call_goes_on_with_a_person() {
    let update = |id: u32, task: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tasks/update","params":{{"taskId":"{task}","inputResponses":{{"sum":1000000}}}}}}"#
        )
    };
    let mut one = guard(ASK, "");
    let Move::Hold(held) = call(&mut one, "1", "pay").then else { panic!("not held") };
    one.release(held.call, "id", "me", NOW);
    one.from_server(br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"paid"}}"#, NOW);
    for (id, task) in [("2", "said"), ("9", "paid")] {
        call(&mut one, id, "echo");
        let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"task":{{"taskId":"{task}"}}}}}}"#);
        one.from_server(answer.as_bytes(), NOW);
    }
    let held = holds(&mut one, &update(3, "paid")).expect("a person has approved the call, and not this");
    assert!(held.content.contains("1000000") && held.tool == "tasks/update", "{held:?}");
    assert!(matches!(one.release(held.call, "id", "me", NOW).then, Move::Send(Side::Server, _)));
    assert_eq!(holds(&mut one, &update(4, "said")), None, "nobody was asked about the call");
    assert!(holds(&mut one, &update(5, "of an earlier session")).is_some());
    let mut other = guard("permit (principal, action, resource);", "");
    assert_eq!(holds(&mut other, &update(1, "any")), None, "no policy asks a person");
}

#[test]
fn a_pattern_of_a_secret_sees_numbers_in_one_text() {
    let mut guard = guard("permit (principal, action, resource);", "redact = { patterns = ['\\b\\d{16}\\b'] }\n");
    for number in ["4111111111111111", "4.111111111111111e15", "4111111111111111.0"] {
        let line = format!(
            r#"{{"jsonrpc":"2.0","id":{number_id},"method":"tools/call","params":{{"name":"echo","arguments":{{"n":{number}}}}}}}"#,
            number_id = number.len()
        );
        let body = told(&guard.from_agent(line.as_bytes(), NOW)).concat();
        assert!(body.contains(r#""arguments":{"n":"[redacted: 16 bytes, "#), "{number}: {body}");
    }
}

#[test]
fn the_record_of_a_call_holds_every_parameter_without_its_secrets() {
    let mut guard = guard("permit (principal, action, resource);", "");
    let line = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"password=hunter22"},"_meta":{"run-as":"root","token":"s3cret"},"requestState":"s"}}"#;
    let body = told(&guard.from_agent(line, NOW)).concat();
    for (part, is_there) in [
        (r#""arguments":{"text":"[redacted: 17 bytes, "#, true),
        (r#""beside":{"_meta":{"run-as":"root","token":"[redacted: 6 bytes, "#, true),
        (r#""requestState":"s""#, true),
        ("hunter22", false),
        ("s3cret", false),
    ] {
        assert_eq!(body.contains(part), is_there, "{part}: {body}");
    }
}
