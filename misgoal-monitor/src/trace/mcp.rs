//! Logs of Model Context Protocol messages: JSON-RPC, one message (or batch) a line.
//!
//! A line is the message itself, or an object that wraps it as `message` or `msg`, perhaps with `session`. A new `initialize` begins a new session.
//! Of the messages, `tools/call` and `resources/read` (under its method's name) are calls, their responses are results, a `tools/list` response gives
//! the tools that were offered; the rest is plumbing and is passed over. Prompts are the user's to get, not the agent's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TraceError;
use super::read;
use crate::session::{Call, Event, Outcome, Session, reads_as_failure};

/// What is known of a session while its log is read.
#[derive(Default)]
struct Open {
    session: Session,
    initialized: bool,
    /// Requests without an answer so far: the id as JSON text, and the call's index, or `None` for `tools/list`.
    waiting: BTreeMap<String, Option<usize>>,
}

/// Sessions in the order in which they begin.
pub fn parse(bytes: &[u8]) -> Result<Vec<Session>, TraceError> {
    let mut open: Vec<(String, Open)> = Vec::new();
    for record in read::lines(bytes)? {
        let outer = &record.value;
        let message = ["message", "msg"].iter().find_map(|key| outer.get(*key)).unwrap_or(outer);
        let id = ["session", "session_id", "sessionId"].iter().find_map(|key| outer.get(*key).and_then(read::name));
        let id = id.unwrap_or_default();
        let batch = message.as_array().map_or(std::slice::from_ref(message), Vec::as_slice);
        for one in batch {
            read_message(&mut open, &id, one).map_err(|error| error.at(record.line, ""))?;
        }
    }
    let sessions = open.into_iter().enumerate().map(|(index, (id, open))| {
        let id = if id.is_empty() { (index + 1).to_string() } else { id };
        Session { id, ..open.session }
    });
    Ok(sessions.filter(|session| !session.events.is_empty() || !session.tools.is_empty()).collect())
}

fn read_message(open: &mut Vec<(String, Open)>, id: &str, message: &Value) -> Result<(), TraceError> {
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        let found =
            message.get("jsonrpc").map_or_else(|| read::kind(message).to_owned(), |version| format!("`{version}`"));
        return Err(TraceError::new("a JSON-RPC message with `jsonrpc` of \"2.0\"", found));
    }
    let method = read::optional_text(message, "method")?;
    let latest = open.iter().rposition(|(name, _)| name == id);
    let starts = method == Some("initialize");
    let at = match latest.filter(|at| !(starts && open.get(*at).is_some_and(|(_, open)| open.initialized))) {
        Some(at) => at,
        None => {
            open.push((id.to_owned(), Open::default()));
            open.len() - 1
        }
    };
    let Some((_, open)) = open.get_mut(at) else { return Ok(()) };
    open.initialized |= starts;
    match method {
        Some(method) => request(open, method, message),
        None => {
            response(open, message);
            Ok(())
        }
    }
}

fn request(open: &mut Open, method: &str, message: &Value) -> Result<(), TraceError> {
    let nothing = Value::Null;
    let params = message.get("params").unwrap_or(&nothing);
    let (tool, arguments) = match method {
        "tools/call" => {
            let tool = read::text(params, "name").map_err(|error| error.inside("`params`"))?;
            let arguments = params.get("arguments").cloned();
            (tool.to_owned(), arguments.unwrap_or_else(|| Value::Object(serde_json::Map::new())))
        }
        "resources/read" => {
            let uri = params.get("uri").cloned().unwrap_or_default();
            (method.to_owned(), serde_json::json!({ "uri": uri }))
        }
        "tools/list" => {
            open.waiting.extend(message.get("id").map(|id| (id.to_string(), None)));
            return Ok(());
        }
        _ => return Ok(()),
    };
    let id = message.get("id").and_then(read::name);
    open.waiting.extend(message.get("id").map(|id| (id.to_string(), Some(open.session.events.len()))));
    open.session.events.push(Event::Call(Call { id, tool, arguments }));
    Ok(())
}

fn response(open: &mut Open, message: &Value) {
    let Some(waiting) = message.get("id").and_then(|id| open.waiting.remove(&id.to_string())) else { return };
    let (result, error) = (message.get("result"), message.get("error"));
    match waiting {
        None => {
            let tools = result.and_then(|result| result.get("tools")).and_then(Value::as_array).into_iter().flatten();
            for name in tools.filter_map(|tool| tool.get("name").and_then(Value::as_str)) {
                if !open.session.tools.iter().any(|known| known == name) {
                    open.session.tools.push(name.to_owned());
                }
            }
        }
        Some(call) => {
            let answer = error.map_or_else(|| Ok(result.unwrap_or(&Value::Null)), Err);
            open.session.events.push(Event::Result(outcome(call, answer)));
        }
    }
}

/// What a monitor sees of an answer to the call at this index of a session's events: its `result`, or its `error`.
pub fn outcome(call: usize, answer: Result<&Value, &Value>) -> Outcome {
    let text = match answer {
        Err(error) => error.get("message").map_or_else(|| error.to_string(), read::content),
        Ok(Value::Null) => String::new(),
        Ok(result) => result.get("content").map_or_else(|| result.to_string(), read::content),
    };
    let flagged = answer.ok().and_then(|result| result.get("isError")).and_then(Value::as_bool);
    let failed = answer.is_err() || flagged.unwrap_or_else(|| reads_as_failure(&text));
    Outcome { call: Some(call), text, failed }
}
