//! OpenAI's chat format: messages of the roles `system`, `developer`, `user`, `assistant` and `tool` (older: `function`).

use serde_json::Value;

use super::TraceError;
use super::read::{self, Record};
use crate::session::{Call, Event, Outcome, Session, reads_as_failure};

/// A conversation is an array of messages, or an object with `messages` and perhaps `tools`, `id`, `task`, `reward`.
pub fn parse(bytes: &[u8]) -> Result<Vec<Session>, TraceError> {
    let records = read::array_or_lines(bytes)?;
    // One bare array of messages is one conversation.
    if records.first().is_some_and(|first| first.value.get("role").is_some()) {
        return one(&records).map(|session| vec![session]);
    }
    let sessions = records.iter().enumerate().map(|(index, record)| {
        let place = if records.len() > 1 { format!("conversation {}", index + 1) } else { String::new() };
        conversation(&record.value, index).map_err(|error| error.at(record.line, place))
    });
    sessions.collect()
}

fn one(messages: &[Record]) -> Result<Session, TraceError> {
    let mut session = Session { id: "1".to_owned(), ..Session::default() };
    for (index, record) in messages.iter().enumerate() {
        let place = format!("message {}", index + 1);
        message(&mut session, &record.value).map_err(|error| error.at(record.line, place))?;
    }
    Ok(session)
}

fn conversation(value: &Value, index: usize) -> Result<Session, TraceError> {
    let mut session = Session { id: (index + 1).to_string(), ..Session::default() };
    if let Value::Array(list) = value {
        messages(&mut session, list)?;
        return Ok(session);
    }
    if !value.is_object() {
        return Err(TraceError::new("an object with `messages`, or an array of messages", read::kind(value)));
    }
    let named = ["id", "session", "session_id"].iter().find_map(|key| value.get(*key).and_then(read::name));
    session.id = named.unwrap_or(session.id);
    session.task = ["task", "task_id"].iter().find_map(|key| value.get(*key).and_then(read::name));
    session.reward = value.get("reward").and_then(Value::as_f64);
    for tool in read::optional_array(value, "tools")? {
        let name = tool.get("function").unwrap_or(tool).get("name").and_then(Value::as_str);
        session.tools.extend(name.map(str::to_owned));
    }
    messages(&mut session, read::array(value, "messages")?)?;
    Ok(session)
}

/// Adds messages to a session; errors name the message.
pub fn messages(session: &mut Session, list: &[Value]) -> Result<(), TraceError> {
    for (index, value) in list.iter().enumerate() {
        message(session, value).map_err(|error| error.inside(format!("message {}", index + 1)))?;
    }
    Ok(())
}

fn message(session: &mut Session, value: &Value) -> Result<(), TraceError> {
    let said = || value.get("content").map(read::content).unwrap_or_default();
    match read::text(value, "role")? {
        "system" | "developer" => session.instructions.push(said()),
        "user" => session.events.push(Event::User(said())),
        "assistant" => {
            let text = said();
            if !text.is_empty() {
                session.events.push(Event::Agent(text));
            }
            for (index, call) in read::optional_array(value, "tool_calls")?.iter().enumerate() {
                let call = tool_call(call).map_err(|error| error.inside(format!("tool call {}", index + 1)))?;
                session.events.push(Event::Call(call));
            }
            if let Some(call @ Value::Object(_)) = value.get("function_call") {
                let call = function(call, None).map_err(|error| error.inside("`function_call`"))?;
                session.events.push(Event::Call(call));
            }
        }
        "tool" | "function" => {
            let text = said();
            let id = read::optional_text(value, "tool_call_id")?;
            let failed = value.get("is_error").and_then(Value::as_bool).unwrap_or_else(|| reads_as_failure(&text));
            let call = session.unanswered(id);
            session.events.push(Event::Result(Outcome { call, text, failed }));
        }
        other => {
            let expected = "`role` to be `system`, `developer`, `user`, `assistant`, `tool` or `function`";
            return Err(TraceError::new(expected, format!("`{other}`")));
        }
    }
    Ok(())
}

fn tool_call(value: &Value) -> Result<Call, TraceError> {
    let id = read::optional_text(value, "id")?.map(str::to_owned);
    match value.get("function") {
        Some(inner @ Value::Object(_)) => function(inner, id),
        Some(other) => Err(TraceError::new("`function` to be an object", read::kind(other))),
        // Flat calls, as some frameworks write them.
        None if value.get("name").is_some() => function(value, id),
        None => Err(TraceError::new("`function` to be an object", "nothing")),
    }
}

fn function(value: &Value, id: Option<String>) -> Result<Call, TraceError> {
    let tool = read::text(value, "name")?.to_owned();
    Ok(Call { id, tool, arguments: arguments(value.get("arguments")) })
}

/// Arguments are mostly JSON within a string; what is no JSON stays as it is, for a model may well have written it.
fn arguments(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => Value::Object(serde_json::Map::new()),
        Some(Value::String(text)) if text.trim().is_empty() => Value::Object(serde_json::Map::new()),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
        Some(other) => other.clone(),
    }
}
