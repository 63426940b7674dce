//! JSON-RPC 2.0 as MCP uses it: single messages, ids that are strings or integers, members with exactly their names.

use std::fmt;

use super::json::{Node, Value};
use super::scan::{parse, short};
use super::{Limits, Refusal, Side, fold, number};

/// The id of a request. `1` and `"1"` are told apart here and refused when both are in flight; a text with an integer in it in any other spelling is no id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The digits of a number, or the text of a string.
    pub text: String,
    /// Whether it is a string.
    pub is_string: bool,
}

impl Id {
    /// The id as JSON.
    pub fn json(&self) -> String {
        if !self.is_string {
            return self.text.clone();
        }
        let mut out = String::new();
        super::json::write_string(&mut out, &self.text);
        out
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.json())
    }
}

/// A message, with its parts in the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Message<'a> {
    /// Wants an answer.
    Request {
        /// Whose answer it will be.
        id: Id,
        /// Such as `tools/call`.
        method: String,
        /// An object, where there is one.
        params: Option<Node<'a>>,
    },
    /// Wants none.
    Notification {
        /// Such as `notifications/progress`.
        method: String,
        /// An object, where there is one.
        params: Option<Node<'a>>,
    },
    /// An answer.
    Response {
        /// The request's id; none where the request could not be read.
        id: Option<Id>,
        /// The result, or else the error.
        result: Result<Node<'a>, Node<'a>>,
    },
}

/// Names that are judged; a key or a method that only looks like one of these is refused, since there are readers to whom it is the same.
const MEMBERS: &[&str] = &["jsonrpc", "id", "method", "params", "result", "error"];
const PARAMS: &[&str] =
    &["name", "arguments", "uri", "_meta", "task", "taskId", "requestId", "inputResponses", "requestState"];
const RESULT: &[&str] = &["tools", "isError", "task", "content", "structuredContent", "nextCursor", "_meta"];
const METHODS: &[&str] =
    &["tools/call", "tools/list", "resources/read", "tasks/result", "initialize", "notifications/cancelled"];
/// The parts of a tool's definition.
pub(crate) const TOOL: &[&str] =
    &["name", "title", "description", "inputSchema", "outputSchema", "annotations", "execution", "icons", "_meta"];

/// Reads one message.
///
/// # Errors
/// When it is no message, or when two readers could take it for different ones.
pub fn read<'a>(bytes: &'a [u8], side: Side, limits: &Limits) -> Result<Message<'a>, Refusal> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if limits.lines && bytes.strip_suffix(b"\r").unwrap_or(bytes).iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(Refusal::new("line-break", "the message has a line break in it, at which some readers split"));
    }
    let node = parse(bytes, side, limits)?;
    let members = match node.value {
        Value::Object(members) => members,
        Value::Array(_) => {
            return Err(Refusal::new("batch", "batches of messages are not part of MCP since 2025-06-18"));
        }
        _ => return Err(Refusal::new("no-message", "the message is no JSON object")),
    };
    number::check_message(&members, side)?;
    let (mut version, mut id, mut method, mut params, mut result, mut error) = (None, None, None, None, None, None);
    for member in members {
        let slot = match member.key.as_ref() {
            "jsonrpc" => &mut version,
            "id" => &mut id,
            "method" => &mut method,
            "params" => &mut params,
            "result" => &mut result,
            "error" => &mut error,
            other => {
                lookalike("key", other, MEMBERS)?;
                // TypeScript's SDK reads no such message, and others hand the member on.
                let message = format!("readers differ about a message with a member `{}`", short(other).escape_debug());
                return Err(Refusal::new("extra-member", message));
            }
        };
        *slot = Some(member.node);
    }
    if version.as_ref().and_then(Node::text) != Some("2.0") {
        return Err(Refusal::new("no-message", "the message's `jsonrpc` is not \"2.0\""));
    }
    match (method, result, error) {
        (Some(method), None, None) => {
            let method = method
                .text()
                .ok_or_else(|| Refusal::new("no-message", "the message's `method` is no text"))?
                .to_owned();
            lookalike("method", &method, METHODS)?;
            if let Some(params) = &params {
                if !matches!(params.value, Value::Object(_)) {
                    let message = format!("the parameters of `{}` are no object", short(&method));
                    return Err(Refusal::new("no-message", message));
                }
                params.members().iter().try_for_each(|member| lookalike("key", &member.key, PARAMS))?;
                // What a cancellation names is an id like any other.
                if let (Some(id), "notifications/cancelled") = (params.get("requestId"), method.as_str()) {
                    read_id(id)?;
                }
            }
            match id {
                Some(id) => Ok(Message::Request { id: read_id(&id)?, method, params }),
                None => Ok(Message::Notification { method, params }),
            }
        }
        (None, Some(result), None) => response(side, id, params.is_some(), Ok(result)),
        (None, None, Some(error)) => response(side, id, params.is_some(), Err(error)),
        _ => {
            Err(Refusal::new("no-message", "the message is not exactly one of request, notification, result and error"))
        }
    }
}

fn response<'a>(
    side: Side,
    id: Option<Node<'a>>,
    has_params: bool,
    result: Result<Node<'a>, Node<'a>>,
) -> Result<Message<'a>, Refusal> {
    if has_params {
        return Err(Refusal::new("no-message", "an answer has parameters"));
    }
    if let Ok(result) = &result {
        result.members().iter().try_for_each(|member| lookalike("key", &member.key, RESULT))?;
    }
    if side == Side::Server {
        well_formed(&result)?;
    }
    let id = match id {
        // An error about a message whose id could not be read has none.
        Some(Node { value: Value::Null, .. }) | None if result.is_err() => None,
        Some(id) => Some(read_id(&id)?),
        None => return Err(Refusal::new("no-message", "an answer has no `id`")),
    };
    Ok(Message::Response { id, result })
}

/// Refuses a server's answer of which some clients make a result, others an error and others nothing.
fn well_formed(result: &Result<Node<'_>, Node<'_>>) -> Result<(), Refusal> {
    let wrong = |what: &str| Err(Refusal::new("bad-answer", format!("clients differ about an answer {what}")));
    match result {
        Ok(result) if !matches!(result.value, Value::Object(_)) => wrong("whose `result` is no object"),
        Ok(result) => {
            // A task holds the result of its call.
            let flags = [Some(result), result.get("result")].into_iter().flatten().filter_map(|one| one.get("isError"));
            let mut odd = flags.filter(|flag| !matches!(flag.value, Value::Bool(_)));
            odd.next().map_or(Ok(()), |_| wrong("whose `isError` is neither true nor false"))
        }
        Err(error) => {
            let code = error
                .get("code")
                .is_some_and(|code| matches!(code.value, Value::Number(text) if !text.contains(['.', 'e', 'E'])));
            let is_said = error.get("message").and_then(Node::text).is_some();
            if code && is_said { Ok(()) } else { wrong("whose `error` has no integer `code` or no text `message`") }
        }
    }
}

/// Whether Python's `int` reads an integer in a text that is not written as one is: `+1`, `01`, ` 1`, `1_0`, `１`. PyPI's `mcp` takes ids for numbers so.
fn is_odd_integer(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let digits = bare.strip_prefix(['+', '-']).unwrap_or(bare);
    let reads = digits.contains(char::is_numeric) && digits.chars().all(|c| c.is_numeric() || c == '_');
    let plain = text.strip_prefix('-').unwrap_or(text);
    let is_plain = text == "0"
        || (!plain.starts_with('0') && !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()));
    reads && !is_plain
}

fn read_id(node: &Node<'_>) -> Result<Id, Refusal> {
    let id = match &node.value {
        Value::String(text) if is_odd_integer(text) => {
            let shown = short(text).escape_debug().to_string();
            return Err(Refusal::new("bad-id", format!("the id \"{shown}\" is another one to those who read a number in it")));
        }
        Value::String(text) if text.len() <= 256 => Id { text: text.to_string(), is_string: true },
        Value::Number(text)
            // Larger ones have been refused with all numbers of the message.
            if *text != "-0" && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') =>
        {
            Id { text: (*text).to_owned(), is_string: false }
        }
        _ => return Err(Refusal::new("bad-id", "the message's `id` is no integer and no text of at most 256 bytes")),
    };
    Ok(id)
}

/// Refuses a name that is not one of `known` but looks like it; `what` says what is named.
pub(crate) fn lookalike(what: &str, name: &str, known: &[&str]) -> Result<(), Refusal> {
    if known.contains(&name) {
        return Ok(());
    }
    let folded = fold(name);
    match known.iter().find(|known| known.eq_ignore_ascii_case(&folded)) {
        Some(known) => {
            let message = format!("the {what} `{}` looks like `{known}` and is not it", short(name).escape_debug());
            let code = if what == "method" { "lookalike-method" } else { "lookalike-key" };
            Err(Refusal::new(code, message))
        }
        None => Ok(()),
    }
}
