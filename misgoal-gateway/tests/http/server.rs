//! An MCP server over HTTP in a few lines, for tests: one thread a connection, one request each.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What it was asked.
#[derive(Clone, Default)]
pub struct Asked {
    /// Bodies of calls, as they came.
    pub calls: Arc<Mutex<Vec<String>>>,
    /// Heads of all requests.
    pub heads: Arc<Mutex<Vec<String>>>,
    sessions: Arc<AtomicUsize>,
}

/// Serves until the test ends. `stateless`: whether it knows no sessions.
pub fn serve(stateless: bool) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Asked::default();
    let known = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let known = known.clone();
            std::thread::spawn(move || answer(stream, &known, stateless));
        }
    });
    (address, asked)
}

/// The head of a request or an answer, and its body.
pub fn read_message(stream: &mut impl std::io::BufRead) -> Option<(String, String)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}

/// Answers what comes on a connection, until it ends.
pub fn answer(stream: impl Read + Write, asked: &Asked, stateless: bool) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = read_message(&mut reader) {
        asked.heads.lock().expect("heads").push(head.clone());
        let message: Value = serde_json::from_str(&body).unwrap_or_default();
        let id = &message["id"];
        let result = |result: Value| json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string();
        let (mut status, mut kind, mut more, mut text) = ("200 OK", "application/json", String::new(), String::new());
        match (head.split(' ').next(), message["method"].as_str()) {
            (Some("POST"), Some("initialize")) => {
                if !stateless {
                    let number = asked.sessions.fetch_add(1, Ordering::SeqCst);
                    more = format!("Mcp-Session-Id: session-{number}\r\n");
                }
                text = result(
                    json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": { "name": "web", "version": "1" } }),
                );
            }
            (Some("POST"), Some("tools/list")) => text = result(json!({ "tools": tools() })),
            (Some("POST"), Some("tools/call")) => {
                asked.calls.lock().expect("calls").push(body.clone());
                let said = &message["params"]["arguments"]["text"];
                let echo = result(json!({ "content": [{ "type": "text", "text": said }] }));
                match message["params"]["name"].as_str() {
                    Some("stream") => {
                        kind = "text/event-stream";
                        text = format!(
                            ": hello\n\nid: 1\ndata:\n\nevent: message\nid: 2\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{}}}}\n\n\
                             data: {{\"jsonrpc\":\"2.0\",\"method\":\"x/y\"}}\n\nid: 3\ndata: {echo}\n\nid: 4\ndata: {echo}\n\n"
                        );
                    }
                    Some("broken") => {
                        kind = "text/event-stream";
                        text = format!("data: {}\rdata: {echo}\n\n", "{}");
                    }
                    // What is said of the body, and what the body is, as the call asks for.
                    Some("said") => match said.as_str() {
                        Some("events") => {
                            kind = "text/event-stream; charset=utf-8";
                            text = format!("event: other\ndata: {echo}\n\nevent: message\ndata: {}\n\n", broken(&echo));
                        }
                        Some("lines") => text = echo.replacen(',', ",\r\n", 1),
                        Some("other id") => text = echo.replacen("\"id\":", "\"id\":9", 1),
                        Some("text id") => {
                            text = echo.replacen(&format!("\"id\":{id}"), &format!("\"id\":\"{id}\""), 1)
                        }
                        Some("batch") => text = format!("[{echo}]"),
                        Some("request") => text = json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }).to_string(),
                        Some(said) if said.contains("X-Error") => {
                            more = format!("{}\r\n", said.replace('|', "\r\n"));
                            text = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -1, "message": "no" } })
                                .to_string();
                        }
                        Some("large") => text = result(json!({ "content": [], "n": 9_007_199_254_740_993_u64 })),
                        Some(said) => (more, text) = (format!("{}\r\n", said.replace('|', "\r\n")), echo),
                        None => {}
                    },
                    // Words beside the message.
                    Some("beside") => {
                        kind = "text/event-stream";
                        let head =
                            "WWW-Authenticate: Bearer realm=\"ACCT-MALLORY-0001\"\r\nX-More: ACCT-MALLORY-0002\r\n";
                        more = format!(
                            "{head}Set-Cookie: a=ACCT-MALLORY-0003\r\nAccess-Control-Allow-Origin: ACCT-MALLORY-0004\r\n"
                        );
                        text = format!(
                            ": ACCT-MALLORY-0005\nretry: 04100000\nid: ACCT-MALLORY-0006\nother: x\ndata: {echo}\n\n"
                        );
                    }
                    Some("twice") => text = echo.replacen("\"id\"", "\"id\":0,\"id\"", 1),
                    Some("page") => (status, kind, text) = ("200 OK", "text/html", "<p>hello".to_owned()),
                    // Answers nobody, and notes when nobody waits any more.
                    Some("wait") => {
                        if reader.read(&mut [0]).is_ok_and(|read| read == 0) {
                            asked.calls.lock().expect("calls").push("closed".to_owned());
                        }
                        return;
                    }
                    // The same, once the stream of its answer has begun.
                    Some("trickle") => {
                        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n";
                        let begun = reader.get_mut().write_all(head.as_bytes()).and_then(|()| reader.get_mut().flush());
                        if begun.is_ok() && reader.read(&mut [0]).is_ok_and(|read| read == 0) {
                            asked.calls.lock().expect("calls").push("closed".to_owned());
                        }
                        return;
                    }
                    Some("slow") => {
                        std::thread::sleep(std::time::Duration::from_millis(300));
                        text = echo;
                    }
                    _ => text = echo,
                }
            }
            (Some("POST"), Some(_)) if id.is_null() => status = "202 Accepted",
            (Some("POST"), Some(_)) => text = result(json!({})),
            (Some("GET"), _) => {
                kind = "text/event-stream";
                text = "id: 9\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\n"
                    .to_owned();
            }
            (Some("DELETE"), _) => {}
            _ => status = "202 Accepted",
        }
        let length = text.len();
        let kind = if more.contains("Content-Type") { String::new() } else { format!("Content-Type: {kind}\r\n") };
        if let Some(other) = more.strip_prefix("HTTP ") {
            let (first, rest) = other.split_once("\r\n").unwrap_or((other, ""));
            (status, more) = (Box::leak(first.to_owned().into_boxed_str()), rest.to_owned());
        }
        let answer = format!("HTTP/1.1 {status}\r\n{kind}{more}Content-Length: {length}\r\n\r\n{text}");
        if reader.get_mut().write_all(answer.as_bytes()).and_then(|()| reader.get_mut().flush()).is_err() {
            return;
        }
    }
}

/// A message over several lines of an event, in one of which a reader that takes lines for messages, or ends lines at other characters, finds another one.
fn broken(echo: &str) -> String {
    let other = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;
    let within = format!("\"x\":\ndata: {other}\ndata: ,\"y\":\"\u{2028}{}\u{2028}\",", other.replace('"', "'"));
    echo.replacen("\"content\":", &format!("{within}\"content\":"), 1)
}

fn tools() -> Value {
    let text = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    let names = ["echo", "pay", "stream", "broken", "twice", "page", "slow", "said", "wait", "trickle", "beside"];
    names.map(|name| json!({ "name": name, "inputSchema": text })).into()
}
