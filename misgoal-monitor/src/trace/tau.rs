//! tau-bench (Yao, Shinn, Razavi and Narasimhan 2024, arXiv 2406.12045): result files, and dialogues as it displays them.

use serde_json::Value;

use super::read;
use super::{TraceError, openai};
use crate::session::{Event, Outcome, Session, reads_as_failure};

/// Episodes: `task_id`, `trial`, `reward` and the messages in `traj`; or `messages_display`, text.
pub fn parse(bytes: &[u8]) -> Result<Vec<Session>, TraceError> {
    let records = read::array_or_lines(bytes)?;
    let sessions = records.iter().enumerate().map(|(index, record)| {
        let read = match record.value.get("messages_display") {
            Some(_) => read::text(&record.value, "messages_display").map(|text| displayed(text, index)),
            None => episode(&record.value, index),
        };
        read.map_err(|error| error.at(record.line, format!("episode {}", index + 1)))
    });
    sessions.collect()
}

fn episode(value: &Value, index: usize) -> Result<Session, TraceError> {
    let task = value.get("task_id").and_then(read::name);
    let trial = value.get("trial").and_then(read::name);
    let id = match (&task, trial) {
        (Some(task), Some(trial)) => format!("{task}-{trial}"),
        (Some(task), None) => task.clone(),
        _ => (index + 1).to_string(),
    };
    let reward = value.get("reward").and_then(Value::as_f64);
    let mut session = Session { id, task, reward, ..Session::default() };
    openai::messages(&mut session, read::array(value, "traj")?)?;
    Ok(session)
}

/// `user: ..`, `assistant: ..` and `tool: ..` at the beginning of a line; other lines go on with what was said. A displayed dialogue does not name the
/// tools that were called, so it has results without calls.
fn displayed(text: &str, index: usize) -> Session {
    let mut session = Session { id: (index + 1).to_string(), reward: Some(1.0), ..Session::default() };
    let mut said: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        let start = ["user", "assistant", "tool"].iter().find_map(|role| {
            let rest = line.strip_prefix(role)?.strip_prefix(": ")?;
            Some((*role, rest.to_owned()))
        });
        match (start, said.last_mut()) {
            (Some(start), _) => said.push(start),
            (None, Some((_, text))) => {
                text.push('\n');
                text.push_str(line);
            }
            (None, None) => said.push(("user", line.to_owned())),
        }
    }
    for (role, text) in said {
        match role {
            "user" => session.events.push(Event::User(text)),
            // Python's way of writing a message that has calls and no text.
            "assistant" if text == "None" => {}
            "assistant" => session.events.push(Event::Agent(text)),
            _ => {
                let failed = reads_as_failure(&text);
                session.events.push(Event::Result(Outcome { call: None, text, failed }));
            }
        }
    }
    session
}
