//! Which methods of MCP go through unjudged. Revisions 2025-06-18, 2025-11-25 and 2026-07-28.

use crate::read::Side;

/// Requests of the agent that are judged.
pub(super) const JUDGED: &[&str] = &["tools/call", "tools/list", "resources/read"];

/// Requests of the agent that are forwarded as they are.
pub(super) const AGENT: &[&str] = &[
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
];

/// Requests of the server.
pub(super) const SERVER: &[&str] = &[
    "elicitation/create",
    "ping",
    "roots/list",
    "sampling/createMessage",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
];

/// Notifications of either side.
pub(super) const NOTIFICATIONS: &[&str] = &[
    "notifications/cancelled",
    "notifications/elicitation/complete",
    "notifications/initialized",
    "notifications/message",
    "notifications/progress",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/resources/updated",
    "notifications/roots/list_changed",
    "notifications/subscriptions/acknowledged",
    "notifications/tasks",
    "notifications/tasks/status",
    "notifications/tools/list_changed",
];

/// Whether a request of this side is one of the specifications', or one that the operator lets through.
pub(super) fn known_request(side: Side, method: &str, extra: &[String]) -> bool {
    let known = if side == Side::Agent { AGENT } else { SERVER };
    known.contains(&method) || allowed(method, extra)
}

/// The same for notifications.
pub(super) fn known_notification(method: &str, extra: &[String]) -> bool {
    NOTIFICATIONS.contains(&method) || allowed(method, extra)
}

/// Whether a server does not say this name of its own: it is one of MCP's.
pub(super) fn is_of_mcp(method: &str) -> bool {
    NOTIFICATIONS.contains(&method) || SERVER.contains(&method)
}

fn allowed(method: &str, extra: &[String]) -> bool {
    let judged = JUDGED.contains(&method);
    let fits = |pattern: &String| match pattern.strip_suffix('*') {
        Some(beginning) => method.starts_with(beginning),
        None => method == pattern,
    };
    !judged && extra.iter().any(fits)
}
