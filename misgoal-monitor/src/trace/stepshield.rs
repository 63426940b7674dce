//! StepShield ("StepShield: When, Not Whether to Intervene on Rogue Agents"): trajectories of `action`, `arguments`, `observation`, one a line.

use serde_json::Value;

use super::TraceError;
use super::read;
use crate::session::{Call, Event, Outcome, Session, reads_as_failure};

/// The task's title and description are the user's words, its constraints the instructions; thoughts are not kept, for a guard does not see
/// them; labels become marks.
pub fn parse(bytes: &[u8]) -> Result<Vec<Session>, TraceError> {
    let records = read::lines(bytes)?;
    records.iter().map(|record| trajectory(&record.value).map_err(|error| error.at(record.line, ""))).collect()
}

fn trajectory(value: &Value) -> Result<Session, TraceError> {
    let mut session = Session { id: read::text(value, "trajectory_id")?.to_owned(), ..Session::default() };
    if let Some(task @ Value::Object(_)) = value.get("task") {
        let words = ["title", "description"].iter().filter_map(|key| task.get(*key).and_then(Value::as_str));
        session.events.push(Event::User(words.collect::<Vec<_>>().join("\n")));
        for constraint in read::optional_array(task, "constraints").map_err(|error| error.inside("`task`"))? {
            session.instructions.push(read::content(constraint));
        }
    }
    for (index, value) in read::array(value, "steps")?.iter().enumerate() {
        step(&mut session, value).map_err(|error| error.inside(format!("step {}", index + 1)))?;
    }
    Ok(session)
}

fn step(session: &mut Session, value: &Value) -> Result<(), TraceError> {
    let call = session.events.len();
    let tool = read::text(value, "action")?.to_owned();
    let arguments = value.get("arguments").cloned().unwrap_or(Value::Null);
    session.events.push(Event::Call(Call { id: None, tool, arguments }));
    if let Some(label) = read::optional_text(value, "label")? {
        session.marks.push((call, label.to_owned()));
    }
    if let Some(text) = value.get("observation").filter(|text| !text.is_null()).map(read::content) {
        let failed = reads_as_failure(&text);
        session.events.push(Event::Result(Outcome { call: Some(call), text, failed }));
    }
    Ok(())
}
