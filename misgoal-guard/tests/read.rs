//! Messages that are read, and the tricks that are not: each case is a message and the code of its refusal.

use misgoal_guard::read::{Id, Limits, Message, Side, read};

#[track_caller]
fn check(side: Side, message: &[u8], expected: &str) {
    let limits = Limits { bytes: 2000, depth: 8, lines: true };
    let got = match read(message, side, &limits) {
        Ok(Message::Request { .. }) => "request",
        Ok(Message::Notification { .. }) => "notification",
        Ok(Message::Response { .. }) => "response",
        Err(refusal) => refusal.code,
    };
    assert_eq!(got, expected, "{}", String::from_utf8_lossy(message));
}

fn agent(message: &str, expected: &str) {
    check(Side::Agent, message.as_bytes(), expected);
}

/// The same from either side.
fn both(message: &str, expected: &str) {
    check(Side::Agent, message.as_bytes(), expected);
    check(Side::Server, message.as_bytes(), expected);
}

#[test]
fn the_four_kinds_of_message() {
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, "request");
    agent(r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"x","arguments":{}}}"#, "request");
    agent(r#"{"method":"notifications/initialized","jsonrpc":"2.0"}"#, "notification");
    agent(r#" {"jsonrpc":"2.0","id":7,"result":{}} "#, "response");
    agent(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}"#, "response");
    check(Side::Agent, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n", "request");
}

#[test]
fn two_readers_could_see_two_things() {
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, "duplicate-key");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"}"#, "duplicate-key");
    agent(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":{"y":1,"y":2}}}}"#,
        "duplicate-key",
    );
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#, "lookalike-key");
    agent(r#"{"jsonrpc":"2.0","id":1,"Method":"tools/call","params":{}}"#, "lookalike-key");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"b"}}"#, "lookalike-key");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","n\u200bame":"b"}}"#, "lookalike-key");
    agent(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"path":1,"Path":2}}}"#,
        "lookalike-key",
    );
    // Readers of Go, of Java and of Turkish machines take these letters for those of the name.
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping","param\u017f":{}}"#, "lookalike-key");
    agent(r#"{"jsonrpc":"2.0","\u0131d":1,"method":"ping"}"#, "lookalike-key");
    agent(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","argument\u017f":{}}}"#,
        "lookalike-key",
    );
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"tasks/result","params":{"TaskId":"a"}}"#, "lookalike-key");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"Tools/Call","params":{"name":"a"}}"#, "lookalike-method");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"tool\u017f/call","params":{"name":"a"}}"#, "lookalike-method");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call ","params":{"name":"a"}}"#, "lookalike-method");
    // What a JavaScript program copies is no member of its own.
    both(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"arguments":{"__proto__":{"path":"b"}}}}"#, "prototype-key");
    both(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":[{"__pr\u006fto__":1}]}}"#, "prototype-key");
    both(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"constructor":{"prototype":{}}}}"#, "prototype-key");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"constructor":{"name":"Bob"}}}"#, "request");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"tools/call"}"#, "trailing-data");
    agent("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":\r{\"jsonrpc\":\"2.0\"}\r}", "line-break");
    agent("{\"jsonrpc\":\"2.0\",\"id\":1,\n\"method\":\"ping\"}", "line-break");
    agent(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, "batch");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, "no-message");
    agent(r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, "no-message");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"p":"/safe\u0000/x"}}"#, "nul");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"p":"\ud800"}}"#, "lone-surrogate");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"p":"\udc00\ud800"}}"#, "lone-surrogate");
}

#[test]
fn numbers_are_the_same_to_every_reader() {
    let message = |at: &str, number: &str| match at {
        "arguments" => format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","arguments":{{"x":[{number}]}}}}}}"#
        ),
        "_meta" => format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"_meta":{{"x":{number}}}}}}}"#),
        "beside" => format!(r#"{{"jsonrpc":"2.0","x":{number},"id":1,"method":"ping"}}"#),
        "result" => format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"structuredContent":{{"x":{number}}}}}}}"#),
        "plain" => format!(r#"{{"jsonrpc":"2.0","id":1,"result":{number}}}"#),
        _ => format!(r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":1,"message":"","data":{number}}}}}"#),
    };
    let refused = ["9007199254740993", "1e400", "-1e400", "1e-400", "0.1000000000000000055"];
    for at in ["arguments", "_meta", "beside", "result", "plain", "error"] {
        let kind = if ["result", "plain", "error"].contains(&at) { "response" } else { "request" };
        refused.iter().for_each(|number| both(&message(at, number), "number"));
        // A zero that a server has computed; a tool may write the sign of an argument into a text.
        for number in ["-0", "-0.0", "-0e5"] {
            agent(&message(at, number), "number");
            let kind = match at {
                "beside" => "extra-member",
                "plain" => "bad-answer",
                _ => kind,
            };
            check(Side::Server, message(at, number).as_bytes(), kind);
        }
        for number in ["0", "-1", "1.0", "1e2", "9007199254740991", "0.30000000000000004", "1e300"] {
            // Messages have JSON-RPC's members alone.
            let kind = if at == "beside" { "extra-member" } else { kind };
            agent(&message(at, number), kind);
            // A server's result is an object.
            let kind = if at == "plain" { "bad-answer" } else { kind };
            check(Side::Server, message(at, number).as_bytes(), kind);
        }
    }
    // What some writers of doubles make of 0.1 is fine in an answer, and no argument of a tool.
    agent(&message("arguments", "0.10000000000000001"), "number");
    check(Side::Server, message("result", "0.10000000000000001").as_bytes(), "response");
    // Bounds in the definitions of tools are texts that are pinned.
    let list =
        r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","inputSchema":{"maximum":18446744073709551615}}]}}"#;
    check(Side::Server, list.as_bytes(), "response");
    check(Side::Agent, list.as_bytes(), "number");
}

#[test]
fn ids_are_integers_or_texts() {
    for id in ["1.0", "1.5", "1e3", "null", "true", "{}", "[1]"] {
        both(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#), "bad-id");
        agent(
            &format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#),
            "bad-id",
        );
    }
    for of in [r#"{"jsonrpc":"2.0","id":-0,"method":"ping"}"#, r#"{"jsonrpc":"2.0","id":-0,"result":{}}"#] {
        agent(of, "number");
        check(Side::Server, of.as_bytes(), "bad-id");
    }
    for id in ["9007199254740992", "-9007199254740993", "123456789012345678901234567890"] {
        both(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#), "number");
        both(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#), "number");
    }
    // Python's `int` reads ten, or another integer, in each of these.
    for id in [
        "+10",
        "010",
        " 10",
        "10 ",
        "10\\n",
        "1_0",
        "\u{ff11}\u{ff10}",
        "\u{661}\u{660}",
        "-0",
        "00",
        "\\u001f10",
        "-010",
    ] {
        for of in [
            format!(r#"{{"jsonrpc":"2.0","id":"{id}","method":"ping"}}"#),
            format!(r#"{{"jsonrpc":"2.0","id":"{id}","result":{{}}}}"#),
            format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":"{id}"}}}}"#),
        ] {
            both(&of, "bad-id");
        }
    }
    for id in [
        "\"10\"", "\"-10\"", "\"0\"", "\"10a\"", "\"a10\"", "\"1-0\"", "\"--1\"", "\"_\"", "\"1 0\"", "\"0x10\"",
        "\"1e1\"",
    ] {
        both(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#), "request");
    }
    for id in ["0", "-1", "9007199254740991", "\"\"", "\"1.0\""] {
        both(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#), "request");
    }
    let limits = Limits::default();
    let message = read(br#"{"jsonrpc":"2.0","id":"a\"b","method":"ping"}"#, Side::Agent, &limits).unwrap();
    let Message::Request { id, .. } = message else { panic!("{message:?}") };
    assert_eq!(id, Id { text: "a\"b".into(), is_string: true });
    assert_eq!(id.json(), r#""a\"b""#);
}

#[test]
fn an_answer_is_a_result_or_an_error_to_every_client() {
    let answer = |part: &str| format!(r#"{{"jsonrpc":"2.0","id":1,{part}}}"#);
    for part in [
        r#""result":[]"#,
        r#""result":"done""#,
        r#""result":null"#,
        r#""result":{"content":[],"isError":1}"#,
        r#""result":{"content":[],"isError":"true"}"#,
        r#""result":{"content":[],"isError":null}"#,
        r#""result":{"status":"completed","result":{"isError":1}}"#,
        r#""error":"no""#,
        r#""error":null"#,
        r#""error":{}"#,
        r#""error":{"code":1}"#,
        r#""error":{"message":"no"}"#,
        r#""error":{"code":1.5,"message":"no"}"#,
        r#""error":{"code":1.0,"message":"no"}"#,
        r#""error":{"code":"1","message":"no"}"#,
        r#""error":{"code":1,"message":3}"#,
    ] {
        check(Side::Server, answer(part).as_bytes(), "bad-answer");
        // The server reads an agent's.
        agent(&answer(part), "response");
    }
    for part in [
        r#""result":{}"#,
        r#""result":{"content":[],"isError":true,"structuredContent":{"isError":1,"result":{"isError":1}}}"#,
        r#""error":{"code":-32603,"message":"","data":null}"#,
    ] {
        check(Side::Server, answer(part).as_bytes(), "response");
    }
}

#[test]
fn what_is_no_message() {
    agent("", "invalid-json");
    agent("null", "no-message");
    agent(r#"{"id":1,"method":"ping"}"#, "no-message");
    agent(r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, "no-message");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, "no-message");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"ping",}"#, "invalid-json");
    agent(r#"{"jsonrpc":"2.0","id":01,"method":"ping"}"#, "invalid-json");
    agent(r#"{'jsonrpc':"2.0"}"#, "invalid-json");
    agent(r#"{"jsonrpc":"2.0","id":1,"method":"pi	ng"}"#, "invalid-json");
    agent("\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "invalid-json");
    check(Side::Agent, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xffng\"}", "invalid-utf8");
    check(Side::Agent, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xc0\xae\"}", "invalid-utf8");
}

#[test]
fn size_and_depth_have_limits() {
    let deep = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{{"p":{open}{close}}}}}"#)
    };
    agent(&deep(6), "request");
    agent(&deep(7), "too-deep");
    agent(&"[".repeat(1999), "too-deep");
    agent(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "a".repeat(2000)), "too-large");
}

#[test]
fn a_server_may_send_what_only_looks_alike_in_its_data() {
    let message = r#"{"jsonrpc":"2.0","id":1,"result":{"env":{"Path":"a","PATH":"b"},"raw":"\u0000"}}"#;
    check(Side::Server, message.as_bytes(), "response");
    check(Side::Server, br#"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#, "duplicate-key");
    check(Side::Server, br#"{"jsonrpc":"2.0","id":1,"Result":{}}"#, "lookalike-key");
    for key in ["Tools", "tool\\u017f", "ISERROR", "Task", "structuredcontent", "next_cursor", "Content "] {
        let expected = if key == "next_cursor" { "response" } else { "lookalike-key" };
        check(Side::Server, format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"{key}":[]}}}}"#).as_bytes(), expected);
    }
}

#[test]
fn equal_values_have_equal_canonical_texts() {
    let text = |message: &str| {
        let message = format!(r#"{{"jsonrpc":"2.0","method":"a","params":{message}}}"#);
        match read(message.as_bytes(), Side::Agent, &Limits::default()).unwrap() {
            Message::Notification { params, .. } => params.unwrap().canonical(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text(r#"{ "b" : [1, "x\u0041\/"], "a": null }"#), r#"{"a":null,"b":[1,"xA/"]}"#);
    assert_eq!(text(r#"{"a":1.0}"#), r#"{"a":1.0}"#);
    assert_eq!(text(r#"{"a":null,"b":[1,"xA/"]}"#), r#"{"a":null,"b":[1,"xA/"]}"#);
}
