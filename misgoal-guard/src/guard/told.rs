//! What an agent tells a server that has asked for more (revision 2026-07-28): which requests may bear it, and that nothing else does. Who approves a call is shown what
//! stands in these, and would see nothing of what comes by another way.

use super::agent::{READ, UPDATE};
use crate::read::{Node, Refusal, Value, fold};

/// The requests that a server may answer with a question, which are then made again with what it asked for, and the one that goes on with a task.
const BEARERS: &[&str] = &["tools/call", READ, "prompts/get", UPDATE];
/// The members in which it stands.
const TOLD: &[&str] = &["inputResponses", "requestState"];

/// Refuses these members, and what looks like one, anywhere in another request or in a notification: servers read parameters, `_meta` and `task` with one reader for all methods.
pub(super) fn check_told(method: &str, params: &Node<'_>) -> Result<(), Refusal> {
    if BEARERS.contains(&method) {
        return Ok(());
    }
    let Some(key) = told(params) else { return Ok(()) };
    let bearers: Vec<String> = BEARERS.iter().map(|bearer| format!("`{bearer}`")).collect();
    let message = format!(
        "`{key}` is for {}, where it is seen, and not for `{}`; leave it out",
        bearers.join(", "),
        method.escape_debug()
    );
    Err(Refusal::new("bad-call", message))
}

/// Which of them stands somewhere in it.
fn told(node: &Node<'_>) -> Option<&'static str> {
    match &node.value {
        Value::Object(members) => members.iter().find_map(|member| {
            // PyPI's `mcp` reads `input_responses` as well.
            let name = fold(&member.key).replace('_', "");
            TOLD.iter().find(|key| key.eq_ignore_ascii_case(&name)).copied().or_else(|| told(&member.node))
        }),
        Value::Array(items) => items.iter().find_map(told),
        _ => None,
    }
}
