//! One session, message by message: ids, held calls, and what the monitor does to calls.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests: a panic is how a test fails")]

mod answers;
mod held;

use misgoal_guard::read::{Glimpse, Id, Limits, Side, value};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Channel, Config, Guard, Move, Room, Step, Tools};

const NOW: u64 = 1_000_000;

fn guard(policy: &str, more: &str) -> Guard {
    let config = format!("format = 1\nserver = \"s\"\nmode = \"enforce\"\n{more}");
    let config = Config::parse("guard.toml", &config).expect("a configuration");
    let mut tools = Tools::new("s");
    for name in ["echo", "pay"] {
        let definition = format!(
            r#"{{"name":"{name}","inputSchema":{{"type":"object","properties":{{"text":{{"type":"string"}}}}}}}}"#
        );
        let node = value(definition.as_bytes(), Side::Server, &Limits::default()).expect("JSON");
        tools.pin(Tool::from_definition(&node).expect("a tool"));
    }
    Guard::new(config, "policy.cedar", policy, tools, true).expect("a guard")
}

fn call(guard: &mut Guard, id: &str, tool: &str) -> Step {
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{{"text":"x"}}}}}}"#
    );
    guard.from_agent(line.as_bytes(), NOW)
}

fn answer(guard: &mut Guard, id: &str) -> Step {
    guard.from_server(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#).as_bytes(), NOW)
}

/// The records of a step as `kind: body`.
fn told(step: &Step) -> Vec<String> {
    step.records.iter().map(|record| format!("{}: {}", record.kind, record.body)).collect()
}

#[test]
fn the_late_answer_of_a_cancelled_call_is_not_that_of_another() {
    let mut guard = guard("permit (principal, action, resource);", "");
    assert_eq!(call(&mut guard, "7", "echo").then, Move::Forward);
    let other =
        guard.from_agent(br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7"}}"#, NOW);
    assert_eq!(other.then, Move::Drop, "some servers take it for another request");
    let cancel = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
    assert_eq!(guard.from_agent(cancel, NOW).then, Move::Forward);
    for id in ["7", "\"7\""] {
        let again = call(&mut guard, id, "pay");
        assert!(matches!(again.then, Move::Send(Side::Agent, _)), "{again:?}");
    }
    let late = answer(&mut guard, "7");
    assert_eq!((late.then.clone(), told(&late)), (Move::Drop, vec![r#"outcome: {"outcome":"late"}"#.to_owned()]));
    assert_eq!(answer(&mut guard, "7").then, Move::Drop);
}

/// What cannot be read still has its writer, and somebody who waits for it.
#[test]
fn nobody_waits_for_what_was_refused() {
    let mut guard = guard("permit (principal, action, resource);", "");
    let mut open = |id: &str| assert_eq!(call(&mut guard, id, "echo").then, Move::Forward);
    (1..=6).for_each(|id| open(&id.to_string()));
    let answers = [
        (1, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":NaN}}", "invalid-json"),
        (2, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"a\":\"cut emoji \\ud83d\"}}", "lone-surrogate"),
        (3, "{\"result\":{\"id\":9007199254740993},\"jsonrpc\":\"2.0\",\"id\":3}", "number"),
        (4, "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{}}", "invalid-json"),
        (5, "{\"jsonrpc\":\"2.0\",\"id\":5.0,\"result\":{}}", "bad-id"),
    ];
    for (id, line, code) in answers {
        let step = guard.from_server(line.as_bytes(), NOW);
        let Move::Send(Side::Agent, answer) = &step.then else { panic!("{line}: {step:?}") };
        let answer = String::from_utf8_lossy(answer);
        assert!(answer.starts_with(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\"")), "{answer}");
        assert!(answer.contains(code), "{answer}");
        assert_eq!(told(&step).last().map(String::as_str), Some("outcome: {\"outcome\":\"refused\"}"));
    }
    let long = Glimpse { id: Some(Id { text: "6".into(), is_string: false }), asks: false };
    let step = guard.too_large(Side::Server, &[long], NOW);
    assert!(
        matches!(&step.then, Move::Send(Side::Agent, answer) if String::from_utf8_lossy(answer).contains("message-bytes"))
    );
    // A request of the server is no answer to one of the agent's that has the same id.
    assert_eq!(call(&mut guard, "7", "echo").then, Move::Forward);
    let asks = guard.from_server(br#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":1e999}}"#, NOW);
    assert!(matches!(&asks.then, Move::Send(Side::Server, _)), "{asks:?}");
    assert_eq!(answer(&mut guard, "7").then, Move::Forward);
    // The agent's answer cannot be read: the server is told.
    assert_eq!(guard.from_server(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, NOW).then, Move::Forward);
    let answered = guard.from_agent(br#"{"jsonrpc":"2.0","id":1,"result":{"a":-0.0}}"#, NOW);
    assert!(matches!(&answered.then, Move::Send(Side::Server, _)), "{answered:?}");
    // A refusal never answers for another request that is on its way.
    assert_eq!(call(&mut guard, "8", "echo").then, Move::Forward);
    for id in ["8.0", "80e-1", "8"] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping","params":{{"a":1e999}}}}"#);
        let step = guard.from_agent(line.as_bytes(), NOW);
        let Move::Send(Side::Agent, answer) = &step.then else { panic!("{step:?}") };
        assert!(String::from_utf8_lossy(answer).contains("\"id\":null"));
    }
}

/// Several answers in one text, and texts that are none to a reader of lines: who waits for any of them is told.
#[test]
fn nobody_waits_for_one_of_several_messages() {
    let answer = |id: u32| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"id":9}}}}"#);
    let utf16: Vec<u8> = answer(1).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (text, ids) in [
        (format!("[{},{}]", answer(1), answer(2)).into_bytes(), &[1, 2][..]),
        (format!("{}{}", answer(1), answer(2)).into_bytes(), &[1, 2]),
        (format!("\u{1b}[0m{}", answer(2)).into_bytes(), &[2]),
        (utf16, &[1]),
        (format!("{},{}", answer(1), answer(7)).into_bytes(), &[1]),
    ] {
        let mut guard = guard("permit (principal, action, resource);", "");
        (1..=2).for_each(|id| assert_eq!(call(&mut guard, &id.to_string(), "echo").then, Move::Forward));
        let step = guard.from_server(&text, NOW);
        let answers = match step.then.clone() {
            Move::Send(Side::Agent, answer) => vec![answer],
            Move::Answer(answers) => answers.into_iter().map(|(_, answer)| answer).collect(),
            other => panic!("{}: {other:?}", text.escape_ascii()),
        };
        let answered: Vec<String> = answers.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect();
        assert_eq!(answered.len(), ids.len(), "{answered:?}");
        for (answer, id) in answered.iter().zip(ids) {
            assert!(answer.starts_with(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\"")), "{answer}");
        }
        let outcomes = told(&step).iter().filter(|one| one.as_str() == r#"outcome: {"outcome":"refused"}"#).count();
        assert_eq!((outcomes, step.records.len()), (ids.len(), ids.len() + 1));
    }
    // A batch of the agent's.
    let mut guard = guard("permit (principal, action, resource);", "");
    let step = guard
        .from_agent(br#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":"a","method":"ping"}]"#, NOW);
    assert!(matches!(&step.then, Move::Answer(answers) if answers.len() == 2), "{step:?}");
    // Answers to the server, and a request beside them.
    for id in [1, 2] {
        let asks = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        assert_eq!(guard.from_server(asks.as_bytes(), NOW).then, Move::Forward);
    }
    let text = format!(r#"[{},{},{{"jsonrpc":"2.0","id":3,"method":"ping"}}]"#, answer(1), answer(2));
    let Move::Answer(answers) = guard.from_agent(text.as_bytes(), NOW).then else { panic!("several") };
    let to: Vec<Side> = answers.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, [Side::Server, Side::Server, Side::Agent]);
}

/// The code of a refusal that the agent is told.
fn code(step: &Step) -> String {
    let Move::Send(Side::Agent, answer) = &step.then else { return format!("{:?}", step.then) };
    let answer = String::from_utf8_lossy(answer);
    answer.split(r#""rules":[""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

#[test]
fn an_address_is_one_to_every_reader() {
    let request =
        |method: &str, params: &str| {
            let mut guard = guard(
                r#"permit (principal, action, resource) unless { context has scheme && context.scheme == "file" };"#,
                "",
            );
            code(&guard.from_agent(
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#).as_bytes(),
                NOW,
            ))
        };
    for uri in [" file:///srv", "fi\\tle:///srv", "file\\t:///srv", "\\u0001file:///srv", "FILE:///srv", "file:/srv"] {
        assert_eq!(request("resources/read", &format!(r#"{{"uri":"{uri}"}}"#)), "uri", "{uri}");
        assert_eq!(request("resources/subscribe", &format!(r#"{{"uri":"{uri}"}}"#)), "uri", "{uri}");
        assert_eq!(
            request("completion/complete", &format!(r#"{{"ref":{{"type":"ref/resource","uri":"{uri}"}}}}"#)),
            "uri"
        );
        let listen = format!(r#"{{"notifications":{{"resourceSubscriptions":["memo://a","{uri}"]}}}}"#);
        assert_eq!(request("subscriptions/listen", &listen), "uri");
    }
    // What a reader of URLs writes in another way is refused; a template is no address yet.
    let completed =
        |uri: &str| request("completion/complete", &format!(r#"{{"ref":{{"type":"ref/resource","uri":"{uri}"}}}}"#));
    assert_eq!(request("resources/read", r#"{"uri":"notes://vault/{keys}"}"#), "uri");
    assert_eq!(request("resources/read", r#"{"uri":"http://intranet"}"#), "uri");
    assert_eq!(completed("notes://vault/{keys}"), "Forward");
    assert_eq!(completed("http://intranet"), "uri");
    assert_eq!(request("resources/read", r#"{"uri":"memo://a"}"#), "Forward");
    assert_eq!(request("resources/subscribe", r#"{"uri":"file:///srv/a"}"#), "Forward");
    // What has no scheme is denied where a policy looks at it, and is a name like any other where none does.
    let read = br#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"/srv"}}"#;
    for (policy, passes) in [
        (r#"permit (principal, action, resource) unless { context has scheme && context.scheme == "file" };"#, false),
        (r#"permit (principal, action, resource) unless { context has uri && context.uri like "/etc/*" };"#, true),
    ] {
        let then = guard(policy, "").from_agent(read, NOW).then;
        assert_eq!(then == Move::Forward, passes, "{then:?}");
    }
}

/// FastMCP takes another version of a tool than the listed one if it is asked for it.
#[test]
fn the_version_that_is_called_is_the_one_that_was_pinned() {
    for (definition, meta, expected) in [
        (r#"{"name":"v","_meta":{"fastmcp":{"version":"2"}}}"#, r#"{"fastmcp":{"version":"2"}}"#, "Forward"),
        (r#"{"name":"v","_meta":{"_fastmcp":{"version":"2"}}}"#, r#"{"fastmcp":{"version":"2"}}"#, "Forward"),
        (
            r#"{"name":"v","_meta":{"fastmcp":{"version":"2"}}}"#,
            r#"{"fastmcp":{"tags":[]},"progressToken":1}"#,
            "Forward",
        ),
        (r#"{"name":"v","_meta":{"fastmcp":{"version":"2"}}}"#, r#"{"fastmcp":{"version":"1"}}"#, "tool-version"),
        (r#"{"name":"v","_meta":{"fastmcp":{"version":"2"}}}"#, r#"{"fastmcp":{"version":2}}"#, "tool-version"),
        (
            r#"{"name":"v","_meta":{"fastmcp":{"version":"2"}}}"#,
            r#"{"fastmcp":{"version":{"lt":"2"}}}"#,
            "tool-version",
        ),
        (r#"{"name":"v"}"#, r#"{"fastmcp":{"version":"1"}}"#, "tool-version"),
    ] {
        for mode in ["enforce", "log"] {
            let config = Config::parse("guard.toml", &format!("format = 1\nserver = \"s\"\nmode = \"{mode}\""));
            let node = value(definition.as_bytes(), Side::Server, &Limits::default()).expect("JSON");
            let mut tools = Tools::new("s");
            tools.pin(Tool::from_definition(&node).expect("a tool"));
            let policy = "permit (principal, action, resource);";
            let mut guard =
                Guard::new(config.expect("a configuration"), "policy.cedar", policy, tools, true).expect("a guard");
            let ask = |method: &str, what: &str| {
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{what},"_meta":{meta}}}}}"#)
            };
            let step = guard.from_agent(ask("tools/call", r#""name":"v""#).as_bytes(), NOW);
            assert_eq!(code(&step), expected, "{definition} {meta}");
        }
    }
    // Nothing is pinned of a resource or a prompt.
    let mut guard = guard("permit (principal, action, resource);", "");
    for what in [
        r#""method":"resources/read","params":{"uri":"memo://a","_meta":{"fastmcp":{"version":"1"}}}"#,
        r#""method":"prompts/get","params":{"name":"echo","_meta":{"fastmcp":{"version":"1"}}}"#,
    ] {
        let step = guard.from_agent(format!(r#"{{"jsonrpc":"2.0","id":1,{what}}}"#).as_bytes(), NOW);
        assert_eq!(code(&step), "tool-version", "{what}");
    }
}

/// An answer of which one client makes a result and another one an error is shown to none; who waits for it is told.
#[test]
fn an_answer_that_clients_differ_about_is_the_calls_error() {
    for (id, part) in [(1, r#""result":{"content":[],"isError":1}"#), (2, r#""result":[]"#), (3, r#""error":"no""#)] {
        let mut guard = guard("permit (principal, action, resource);", "");
        call(&mut guard, &id.to_string(), "echo");
        let step = guard.from_server(format!(r#"{{"jsonrpc":"2.0","id":{id},{part}}}"#).as_bytes(), NOW);
        assert_eq!(code(&step), "bad-answer", "{part}");
        assert_eq!(told(&step).last().map(String::as_str), Some("outcome: {\"outcome\":\"refused\"}"));
    }
}

#[test]
fn the_result_of_a_task_is_that_of_a_call_that_was_judged() {
    let label = "[[label]]\nname = \"seen\"\ntools = [\"echo\"]\n";
    let ask = |id: u32, method: &str, task: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{"taskId":"{task}"}}}}"#)
    };
    let mut one = guard("permit (principal, action, resource);", label);
    // The later revisions put the result into the task, and know no `tasks/result`: the server says so itself.
    for (method, answer, expected) in [
        ("tasks/result", r#""result":{"content":[]}"#, "unknown-task"),
        ("tasks/result", r#""error":{"code":-32601,"message":"no such method"}"#, "Forward"),
        ("tasks/get", r#""result":{"status":"completed","result":{"content":[]}}"#, "unknown-task"),
        ("tasks/get", r#""error":{"code":-32602,"message":"no such task"}"#, "Forward"),
    ] {
        assert_eq!(one.from_agent(ask(2, method, "other").as_bytes(), NOW).then, Move::Forward);
        let step = one.from_server(format!(r#"{{"jsonrpc":"2.0","id":2,{answer}}}"#).as_bytes(), NOW);
        assert_eq!(code(&step), expected, "{method} {answer}");
    }
    assert_eq!(one.from_agent(ask(3, "tasks/get", "other").as_bytes(), NOW).then, Move::Forward);
    let working = br#"{"jsonrpc":"2.0","id":3,"result":{"status":"working"}}"#;
    assert_eq!(one.from_server(working, NOW), Step::new(Move::Forward));
    call(&mut one, "4", "echo");
    one.from_server(br#"{"jsonrpc":"2.0","id":4,"result":{"task":{"taskId":"mine"}}}"#, NOW);
    for (id, method, result, outcome) in [
        (5, "tasks/result", r#"{"content":[]}"#, "good"),
        (6, "tasks/get", r#"{"result":{"content":[]}}"#, "again"),
        (7, "tasks/result", r#"{"content":[]}"#, "again"),
    ] {
        assert_eq!(one.from_agent(ask(id, method, "mine").as_bytes(), NOW).then, Move::Forward);
        let step = one.from_server(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).as_bytes(), NOW);
        let told = told(&step).concat();
        assert!(told.contains(&format!(r#""outcome":"{outcome}","labels":["seen"]"#)), "{told}");
    }
}

#[test]
fn a_tool_list_has_its_tools_where_every_reader_looks() {
    let list = |result: &str| {
        let mut guard = guard("permit (principal, action, resource);", "");
        assert_eq!(guard.from_agent(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, NOW).then, Move::Forward);
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        match guard.from_server(line.as_bytes(), NOW).then {
            Move::Forward => "shown".to_owned(),
            Move::Send(Side::Agent, answer) => String::from_utf8(answer).expect("text"),
            other => panic!("{other:?}"),
        }
    };
    // Bounds that only some readers hold are part of a text that is pinned.
    assert_eq!(list(r#"{"tools":[{"name":"new","inputSchema":{"maximum":9223372036854775807}}]}"#), "shown");
    assert!(list(r#"{"Tools":[{"name":"evil"}]}"#).contains("lookalike-key"));
    assert!(list(r#"{"tools":{"0":{"name":"evil"}}}"#).contains("bad-tool-list"));
    let cut = list(r#"{"tools":[{"name":"new"},{"name":"look","Name":"evil"}]}"#);
    assert_eq!(cut, r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"new"}]}}"#);
    // Elsewhere than in a tool list `tools` is data like any other.
    let mut guard = guard("permit (principal, action, resource);", "");
    assert_eq!(call(&mut guard, "1", "echo").then, Move::Forward);
    let step = guard.from_server(br#"{"jsonrpc":"2.0","id":1,"result":{"tools":[9223372036854775807]}}"#, NOW);
    assert!(
        matches!(&step.then, Move::Send(Side::Agent, answer) if String::from_utf8_lossy(answer).contains("\"number\""))
    );
}

/// Whatever else a tool list says of itself, and however it is marked: what it lists is compared with the pins.
#[test]
fn a_tool_list_is_one_though_it_says_that_it_failed() {
    let mut one = guard("permit (principal, action, resource);", "new-tools = \"hold\"\n");
    one.from_agent(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, NOW);
    let step = one.from_server(br#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"tools":[{"name":"evil"}]}}"#, NOW);
    let shown = br#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"tools":[]}}"#;
    assert_eq!(step.then, Move::Send(Side::Agent, shown.to_vec()));
}

/// What is no call's result has a record where it says something new, and none where it only says that it goes on.
#[test]
fn what_puts_a_label_on_the_session_is_on_record() {
    let label = "[[label]]\nname = \"seen\"\ntools = [\"echo\"]\nmatches = \"page\"\n";
    for (lasts, says, expected) in [
        ("", r#""progress":1,"message":"a page""#, &[1, 0][..]),
        ("lasts = \"1h\"", r#""progress":1,"message":"a page""#, &[1, 1]),
        ("", r#""progress":1,"message":"a book""#, &[0, 0]),
        ("", r#""progress":1"#, &[0, 0]),
    ] {
        let mut one = guard("permit (principal, action, resource);", &format!("{label}{lasts}\n"));
        let call =
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","_meta":{"progressToken":1}}}"#;
        one.from_agent(call.as_bytes(), NOW);
        let line =
            format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":1,{says}}}}}"#);
        for count in expected {
            let step = one.from_server(line.as_bytes(), NOW);
            assert_eq!((step.then.clone(), step.records.len()), (Move::Forward, *count), "{says}");
            for record in &step.records {
                assert_eq!((record.kind, record.call, record.tool.as_deref()), ("said", Some(1), Some("echo")));
                assert!(
                    record.body.starts_with(r#"{"method":"notifications/progress","labels":["seen"],"#),
                    "{}",
                    record.body
                );
            }
        }
    }
}

/// Where nothing is enforced, what would have been refused is shown, and its labels are those of what it may be.
#[test]
fn what_is_shown_in_log_mode_bears_its_labels_too() {
    let config = "format = 1\nserver = \"s\"\nmode = \"log\"\nlabel = [{ name = \"seen\", tools = [\"echo\"] }]";
    for line in [
        r#""id":1,"result":{"taskId":"other","status":"completed","result":{"content":[]}}"#,
        r#""method":"notifications/tasks","params":{"taskId":"other","result":{"content":[]}}"#,
        r#""method":"vendor/news","params":{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"x"}},"a":"b"}"#,
    ] {
        let config = Config::parse("guard.toml", config).expect("a configuration");
        let mut tools = Tools::new("s");
        let node = value(br#"{"name":"echo"}"#, Side::Server, &Limits::default()).expect("JSON");
        tools.pin(Tool::from_definition(&node).expect("a tool"));
        let mut one = Guard::new(config, "policy.cedar", "", tools, true).expect("a guard");
        one.from_agent(br#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"other"}}"#, NOW);
        assert_eq!(
            one.from_server(format!(r#"{{"jsonrpc":"2.0",{line}}}"#).as_bytes(), NOW).then,
            Move::Forward,
            "{line}"
        );
        assert!(one.history_mut().labels_at(NOW).contains("seen"), "{line}");
    }
}
