//! Plain JSON lines: one event a line, for recordings that have no format of their own.
//!
//! ```json
//! {"session": "a", "task": "refund", "system": "Be brief."}
//! {"session": "a", "tools": ["lookup", "pay"]}
//! {"session": "a", "user": "Where is order 7?"}
//! {"session": "a", "call": "lookup", "arguments": {"order": 7}, "id": "c1"}
//! {"session": "a", "result": {"state": "sent"}, "id": "c1", "error": false}
//! {"session": "a", "agent": "It was sent.", "reward": 1}
//! ```
//!
//! `session`, `task`, `reward`, `id` and `error` may be left out; lines without `session` belong to one session. `mark` on a line with `call` is a
//! person's remark about it; `origins` on it says whose answers held the value of which argument (`{"order": ["list_orders"]}`), as a guard writes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::TraceError;
use super::read;
use crate::session::{Call, Event, Outcome, Session, reads_as_failure};

/// The keys of which a line has one, which says what happened.
pub const KINDS: [&str; 6] = ["user", "agent", "call", "result", "system", "tools"];

/// Whose answers held the values of a call, by argument.
pub type Origins = BTreeMap<String, BTreeSet<String>>;

/// An event as a line of this format, its end included. `call` names the call that a result answers, or the call itself.
pub fn line_of(session: &str, call: u64, event: &Event, origins: Option<&Origins>) -> String {
    let mut line = match event {
        Event::User(text) => json!({ "session": session, "user": text }),
        Event::Agent(text) => json!({ "session": session, "agent": text }),
        Event::Call(Call { tool, arguments, .. }) => {
            json!({ "session": session, "call": tool, "arguments": arguments, "id": call })
        }
        Event::Result(Outcome { text, failed, .. }) => {
            json!({ "session": session, "result": text, "id": call, "error": failed })
        }
    };
    if let (Some(origins), Some(members)) = (origins, line.as_object_mut()) {
        members.insert("origins".to_owned(), json!(origins));
    }
    format!("{line}\n")
}

pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Session>, TraceError> {
    let mut sessions: Vec<Session> = Vec::new();
    for record in read::lines(bytes)? {
        let id = record.value.get("session").and_then(read::name).unwrap_or_else(|| "1".to_owned());
        let at = sessions.iter().rposition(|session| session.id == id).unwrap_or_else(|| {
            sessions.push(Session { id, ..Session::default() });
            sessions.len() - 1
        });
        if let Some(session) = sessions.get_mut(at) {
            line(session, &record.value).map_err(|error| error.at(record.line, ""))?;
        }
    }
    Ok(sessions)
}

fn line(session: &mut Session, value: &Value) -> Result<(), TraceError> {
    let listed = || KINDS.map(|kind| format!("`{kind}`")).join(", ");
    if !value.is_object() {
        return Err(TraceError::new(format!("an object with one of {}", listed()), read::kind(value)));
    }
    let mut kinds = KINDS.iter().filter(|kind| value.get(**kind).is_some());
    let kind = kinds.next().copied();
    if let (Some(first), Some(second)) = (kind, kinds.next()) {
        return Err(TraceError::new(format!("one of {}", listed()), format!("both `{first}` and `{second}`")));
    }
    if let Some(task) = value.get("task").and_then(read::name) {
        session.task = Some(task);
    }
    let reward = value.get("reward").and_then(Value::as_f64);
    session.reward = reward.or(session.reward);
    let id = value.get("id").and_then(read::name);
    match kind {
        Some("user") => session.events.push(Event::User(read::text(value, "user")?.to_owned())),
        Some("agent") => session.events.push(Event::Agent(read::text(value, "agent")?.to_owned())),
        Some("system") => session.instructions.push(read::text(value, "system")?.to_owned()),
        Some("tools") => {
            let names = read::array(value, "tools")?.iter().filter_map(Value::as_str).map(str::to_owned);
            session.tools.extend(names);
        }
        Some("call") => {
            let tool = read::text(value, "call")?.to_owned();
            let arguments = value.get("arguments").cloned();
            let arguments = arguments.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
            if let Some(mark) = read::optional_text(value, "mark")? {
                session.marks.push((session.events.len(), mark.to_owned()));
            }
            for (key, names) in value.get("origins").and_then(Value::as_object).into_iter().flatten() {
                let names = names.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
                session.origins.insert((session.events.len(), key.clone()), names.collect());
            }
            session.events.push(Event::Call(Call { id, tool, arguments }));
        }
        Some(_) => {
            let text = value.get("result").map(read::content).unwrap_or_default();
            let failed = value.get("error").and_then(Value::as_bool).unwrap_or_else(|| reads_as_failure(&text));
            let call = session.unanswered(id.as_deref());
            session.events.push(Event::Result(Outcome { call, text, failed }));
        }
        // A line may do no more than name the task or give the reward.
        None if reward.is_some() || value.get("task").is_some() => {}
        None => return Err(TraceError::new(format!("one of {}", listed()), "none of them")),
    }
    Ok(())
}
