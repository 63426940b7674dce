//! Asks a server for its tools, as `guard init` does.

use std::io::{BufReader, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use misgoal_guard::Tools;
use misgoal_guard::read::{Id, Limits, Message, Node, Side, read};
use misgoal_guard::tools::Tool;

use crate::GatewayError;
use crate::line::{Line, read_line};
use crate::stdio::start;

/// How long a server may take for one answer; a first start may have to install it.
const PATIENCE: Duration = Duration::from_secs(120);
const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 64, lines: false };
/// Pages of a tool list that are asked for.
const PAGES: usize = 1000;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"misgoal-guard","version":"0.1.0"}}}"#;
/// A server of revision 2026-07-28 knows no sessions: each request says who asks.
const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"misgoal-guard","version":"0.1.0"}}"#;

/// Starts a server, reads its tool list and stops it.
///
/// # Errors
/// When it cannot be started or does not answer as an MCP server does.
pub fn tools(command: &[String]) -> Result<Tools, GatewayError> {
    let mut server = start(command)?;
    let listed = ask(&mut server);
    // It has said what it was asked for; how it ends is its own matter.
    let _ = server.kill();
    let _ = server.wait();
    listed
}

fn ask(server: &mut std::process::Child) -> Result<Tools, GatewayError> {
    let (Some(mut to_server), Some(from_server)) = (server.stdin.take(), server.stdout.take()) else {
        return Err(GatewayError::Server("the server has no pipes".to_owned()));
    };
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, mut line) = (BufReader::new(from_server), Vec::new());
        while let Ok(Line::Whole) = read_line(&mut stream, &mut line, LIMITS.bytes) {
            if send.send(line.clone()).is_err() {
                return;
            }
        }
    });
    let mut write = |line: &str| {
        let written = to_server.write_all(format!("{line}\n").as_bytes()).and_then(|()| to_server.flush());
        written.map_err(|error| GatewayError::Io { what: "cannot write to the server".to_owned(), error })
    };
    // The answer to a request, past whatever else the server says.
    let answer = |id: &str| -> Result<Vec<u8>, GatewayError> {
        loop {
            let line = receive
                .recv_timeout(PATIENCE)
                .map_err(|_| GatewayError::Server("the server does not answer".to_owned()))?;
            match answers(&line, id) {
                Ok(true) => return Ok(line),
                Ok(false) => {}
                Err(refusal) if line.first() == Some(&b'{') => return Err(refusal),
                // Some servers write words for people to their stdout.
                Err(_) => {}
            }
        }
    };
    list(&mut |line, awaited| {
        write(line)?;
        awaited.map(answer).transpose()
    })
}

/// Whether a line is the answer to the request of this number.
pub(crate) fn answers(line: &[u8], id: &str) -> Result<bool, GatewayError> {
    let wanted = Id { text: id.to_owned(), is_string: false };
    match read(line, Side::Server, &LIMITS) {
        Ok(Message::Response { id: Some(id), .. }) => Ok(id == wanted),
        Ok(_) => Ok(false),
        Err(refusal) => Err(GatewayError::Server(refusal.to_string())),
    }
}

/// Says a line to the server and, where one is awaited, returns the answer to the request of that number.
pub(crate) type Say<'a> = &'a mut dyn FnMut(&str, Option<&str>) -> Result<Option<Vec<u8>>, GatewayError>;

/// Asks for all pages of the tool list.
pub(crate) fn list(say: Say<'_>) -> Result<Tools, GatewayError> {
    let mut ask = |line: &str, id: &str| -> Result<Vec<u8>, GatewayError> {
        say(line, Some(id))?.ok_or_else(|| GatewayError::Server("the server does not answer".to_owned()))
    };
    let (name, stateless) = match read(&ask(INITIALIZE, "1")?, Side::Server, &LIMITS) {
        Ok(Message::Response { result: Ok(result), .. }) => {
            let name = result.get("serverInfo").and_then(|info| info.get("name")).and_then(Node::text);
            (name.unwrap_or("server").to_owned(), false)
        }
        _ => ("server".to_owned(), true),
    };
    if !stateless {
        say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, None)?;
    }
    let mut tools = Tools::new(&name);
    let mut cursor: Option<String> = None;
    for page in 2..PAGES {
        let at = cursor.as_ref().map(|cursor| format!(r#""cursor":{}"#, serde_json::Value::from(cursor.as_str())));
        let meta = stateless.then(|| META.to_owned());
        let params = [at, meta].into_iter().flatten().collect::<Vec<_>>().join(",");
        let line = format!(r#"{{"jsonrpc":"2.0","id":{page},"method":"tools/list","params":{{{params}}}}}"#);
        let id = page.to_string();
        let line =
            say(&line, Some(&id))?.ok_or_else(|| GatewayError::Server("the server does not answer".to_owned()))?;
        let result = match read(&line, Side::Server, &LIMITS) {
            Ok(Message::Response { result: Ok(result), .. }) => result,
            Ok(Message::Response { result: Err(error), .. }) => {
                let words = error.get("message").and_then(Node::text).unwrap_or("no reason given");
                return Err(GatewayError::Server(format!("the server does not list its tools: {words}")));
            }
            _ => return Err(GatewayError::Server("the server does not list its tools".to_owned())),
        };
        for node in result.get("tools").map(Node::items).unwrap_or_default() {
            let tool = Tool::from_definition(node).map_err(|refusal| GatewayError::Server(refusal.to_string()))?;
            if tools.get(&tool.name).is_some() || tools.lookalike(&tool.name).is_some() {
                return Err(GatewayError::Server(format!("the server has two tools that look like `{}`", tool.name)));
            }
            tools.pin(tool);
        }
        cursor = result.get("nextCursor").and_then(Node::text).map(str::to_owned);
        if cursor.is_none() {
            return Ok(tools);
        }
    }
    Err(GatewayError::Server(format!("the server's tool list has more than {PAGES} pages")))
}
