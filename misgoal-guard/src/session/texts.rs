//! The texts of a value, as whoever reads it has them before them.

use serde_json::Value as Json;

use super::{escapes, letters};
use crate::read::{Node, Value, plain};

/// Names of MCP's own members, which tell nothing about where a value came from.
const OWN: &[&str] = &[
    "_meta",
    "action",
    "annotations",
    "arguments",
    "blob",
    "code",
    "completion",
    "content",
    "contents",
    "createdAt",
    "data",
    "description",
    "error",
    "inputRequests",
    "inputSchema",
    "isError",
    "lastUpdatedAt",
    "level",
    "logger",
    "message",
    "messages",
    "method",
    "mimeType",
    "mode",
    "name",
    "nextCursor",
    "params",
    "pollInterval",
    "pollIntervalMs",
    "priority",
    "progress",
    "progressToken",
    "prompts",
    "properties",
    "requestState",
    "requestedSchema",
    "required",
    "resource",
    "resources",
    "result",
    "resultType",
    "role",
    "size",
    "status",
    "statusMessage",
    "structuredContent",
    "task",
    "taskId",
    "tasks",
    "text",
    "title",
    "total",
    "ttl",
    "ttlMs",
    "type",
    "uri",
    "url",
    "values",
];

/// JSON in a text of JSON in a text is followed so often.
const NESTED: usize = 3;

/// Goes through every text of a value, [in plain letters](letters::plain) too, until `see` has seen enough: strings, keys that are not MCP's own, numbers in the one text of their value, what stands in
/// base64 where MCP has it (`blob`, `data`), and the values of a text that is JSON itself, in which a letter may be written `\u00fc`; each also [with its escapes read](escapes). The second
/// argument of `see` says whether a text may have several words, or is one number.
pub(super) fn any(node: &Node<'_>, see: &mut dyn FnMut(&str, bool) -> bool) -> bool {
    match &node.value {
        Value::String(text) => string(text, NESTED, see),
        Value::Number(text) => see(&plain(text), false),
        Value::Array(items) => items.iter().any(|item| any(item, see)),
        Value::Object(members) => members.iter().any(|member| {
            let is_own = OWN.contains(&member.key.as_ref());
            let bytes = || member.node.text().filter(|_| matches!(member.key.as_ref(), "blob" | "data"));
            (!is_own && spelled(&member.key, see))
                || any(&member.node, see)
                || bytes().and_then(decoded).is_some_and(|text| string(&text, NESTED, see))
        }),
        Value::Null | Value::Bool(_) => false,
    }
}

fn string(text: &str, nested: usize, see: &mut dyn FnMut(&str, bool) -> bool) -> bool {
    let read = [escapes::unescaped(text), escapes::unquoted(text)];
    spelled(text, see)
        || read.iter().flatten().any(|text| spelled(text, see))
        || inner(text, nested).any(|json| any_json(&json, nested - 1, see))
}

/// A text as it stands there and without what colours it, each in plain letters too. What stood before a colour and behind it may be one word, or two.
fn spelled(text: &str, see: &mut dyn FnMut(&str, bool) -> bool) -> bool {
    let mut both = |text: &str| see(text, true) || letters::plain(text).is_some_and(|text| see(&text, true));
    both(text) || ["", " "].iter().any(|between| escapes::uncoloured(text, between).is_some_and(|text| both(&text)))
}

/// The values of a text that is JSON with parts, or begins so: several may stand one behind the other.
fn inner(text: &str, nested: usize) -> impl Iterator<Item = Json> {
    let is_json = nested > 0 && text.trim_start().starts_with(['{', '[', '"']);
    let text = if is_json { text } else { "" };
    serde_json::Deserializer::from_str(text).into_iter().map_while(Result::ok)
}

fn any_json(json: &Json, nested: usize, see: &mut dyn FnMut(&str, bool) -> bool) -> bool {
    match json {
        Json::String(text) => string(text, nested, see),
        Json::Number(number) => see(&plain(&number.to_string()), false),
        Json::Array(items) => items.iter().any(|item| any_json(item, nested, see)),
        Json::Object(members) => members.iter().any(|(key, json)| spelled(key, see) || any_json(json, nested, see)),
        Json::Null | Json::Bool(_) => false,
    }
}

/// The text that base64 holds (RFC 4648, either alphabet). As many readers do, it passes over whatever is no letter of it, and what is no text in between.
fn decoded(base64: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(base64.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in base64.bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            // Shifted down to the eight bits that are complete.
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
}
