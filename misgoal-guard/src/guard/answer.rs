//! What an answer of the server says has become of a call, and whether every client reads the same in it.

use super::source::STATUS;
use crate::ending::Ending;
use crate::read::{Node, Refusal, Value};

/// Words for what kind of result it is that a revision has.
const RESULT_TYPES: &[&str] = &["complete", "input_required", "task"];

/// Refuses the result of a call, or of a read, of which some clients make a result and others an error, or nothing.
pub(super) fn check(result: &Node<'_>, is_read: bool) -> Result<(), Refusal> {
    let kind = result.get("resultType");
    let says = |word: &str| kind.and_then(Node::text) == Some(word);
    let content = result.get(if is_read { "contents" } else { "content" });
    let wrong = if kind.is_some_and(|kind| kind.text().is_none_or(|word| !RESULT_TYPES.contains(&word))) {
        "whose `resultType` no revision knows"
    } else if says("task") && task_of(result).is_none() {
        "that is a task without a name"
    } else if content.is_some() && (says("input_required") || task_of(result).is_some()) {
        "that is a result and something else"
    } else if content.is_none() && result.get("inputRequests").is_some() && !is_task(result) {
        "that asks for something and does not say so"
    } else if content.is_some_and(|content| !is_list(content, if is_read { is_contents } else { is_block })) {
        "whose content is no list of parts that MCP has"
    } else {
        return Ok(());
    };
    Err(Refusal::new("bad-answer", format!("clients differ about an answer {wrong}")))
}

/// The same for what stands in a task for the result of its call.
pub(super) fn check_inner(result: &Node<'_>, is_read: bool) -> Result<(), Refusal> {
    if is_task(result) {
        return Err(Refusal::new("bad-answer", "clients differ about a task whose result is none".to_owned()));
    }
    check(result, is_read)
}

fn is_list(node: &Node<'_>, is_part: fn(&Node<'_>) -> bool) -> bool {
    matches!(&node.value, Value::Array(parts) if parts.iter().all(is_part))
}

/// A part of a tool's result.
fn is_block(part: &Node<'_>) -> bool {
    let has = |key: &str| part.get(key).and_then(Node::text).is_some();
    match part.get("type").and_then(Node::text) {
        Some("text") => has("text"),
        Some("image" | "audio") => has("data"),
        Some("resource") => part.get("resource").is_some_and(is_contents),
        Some("resource_link") => has("uri"),
        _ => false,
    }
}

/// A part of a resource.
fn is_contents(part: &Node<'_>) -> bool {
    ["text", "blob"].into_iter().any(|key| part.get(key).and_then(Node::text).is_some())
}

/// The task that a call has become, and its name: as 2025-11-25 has it, and as the extension of 2026-07-28 does, also where it does not say that it is one.
pub(super) fn task_of<'n, 'a>(body: &'n Node<'a>) -> Option<(&'n str, &'n Node<'a>)> {
    let is_flat = match body.get("resultType") {
        Some(kind) => kind.text() == Some("task"),
        None => body.get("taskId").is_some() && has_status(body),
    };
    let flat = || is_flat.then_some(body);
    let task = body.get("task").filter(|task| task.get("taskId").is_some()).or_else(flat)?;
    Some((task.get("taskId")?.text()?, task))
}

/// Whether what stands for a result says how a task is, or that something is wanted first.
pub(super) fn is_task(body: &Node<'_>) -> bool {
    let wants = body.get("resultType").and_then(Node::text) == Some("input_required");
    wants || task_of(body).is_some() || has_status(body)
}

/// Whether it has the word for how a task is, and nothing that a result has.
fn has_status(body: &Node<'_>) -> bool {
    let status = body.get("status").and_then(Node::text);
    status.is_some_and(|word| STATUS.contains(&word))
        && ["content", "contents", "structuredContent"].into_iter().all(|key| body.get(key).is_none())
}

/// Whether a result says that the call has failed.
pub(super) fn is_error(result: &Node<'_>) -> bool {
    result.get("isError").is_some_and(|flag| flag.value == Value::Bool(true))
}

/// Whether a task holds what its call has come to.
pub(super) fn has_come_to(task: &Node<'_>) -> bool {
    task.get("result").or_else(|| task.get("error")).is_some()
}

/// What the call of a task has come to; none while it goes on, and where it is completed and its result is still to be fetched. A task that says how it is is
/// believed, whatever else it holds.
pub(super) fn state(task: &Node<'_>) -> Option<Ending> {
    let good = task.get("error").is_none() && !task.get("result").is_some_and(is_error);
    let status = task.get("status").map(|status| status.text().filter(|word| STATUS.contains(word)));
    match status {
        Some(Some("failed")) => Some(Ending::Failed),
        Some(Some("cancelled")) => Some(Ending::Cancelled),
        Some(Some("completed")) | None => has_come_to(task).then(|| ending(good)),
        Some(_) => None,
    }
}

pub(super) fn ending(good: bool) -> Ending {
    if good { Ending::Good } else { Ending::Failed }
}
