//! The texts of a value, as whoever reads it has them before them.

use std::collections::VecDeque;

use serde_json::Value as Json;

use super::hash::Hash;
use super::letters;
use crate::read::{Node, Value, fold, plain};

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
/// base64 where MCP has it (`blob`, `data`), and the values of a text that is JSON itself, in which a letter may be written `\u00fc`. The second
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
    spelled(text, see)
        || unescaped(text).is_some_and(|text| spelled(&text, see))
        || inner(text, nested).any(|json| any_json(&json, nested - 1, see))
}

/// A text as it stands there, and in plain letters.
fn spelled(text: &str, see: &mut dyn FnMut(&str, bool) -> bool) -> bool {
    see(text, true) || letters::plain(text).is_some_and(|text| see(&text, true))
}

/// The values of a text that is JSON with parts, or begins so: several may stand one behind the other.
fn inner(text: &str, nested: usize) -> impl Iterator<Item = Json> {
    let is_json = nested > 0 && text.trim_start().starts_with(['{', '[', '"']);
    let text = if is_json { text } else { "" };
    serde_json::Deserializer::from_str(text).into_iter().map_while(Result::ok)
}

/// A text with its escapes read as JSON has them, wherever in it they stand: who writes for models often leaves them in.
fn unescaped(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let (mut units, mut letters) = (Vec::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        let mut unit = letter;
        if letter == '\\' {
            let rest = letters.as_str();
            let code =
                rest.strip_prefix('u').and_then(|rest| rest.get(..4)).and_then(|hex| u16::from_str_radix(hex, 16).ok());
            if let Some(code) = code {
                units.push(code);
                letters = rest.get(5..).unwrap_or_default().chars();
                continue;
            }
            unit = match letters.next() {
                Some('n' | 'r' | 't' | 'b' | 'f') => ' ',
                Some(other) => other,
                None => letter,
            };
        }
        units.extend_from_slice(unit.encode_utf16(&mut [0; 2]));
    }
    // Halves of a pair that stand alone are no letters.
    Some(String::from_utf16_lossy(&units))
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

/// The numbers that a word may stand for, each in the one text of its value: with commas or points between its groups of digits, an exponent, a sign or the
/// three letters of a currency.
pub(super) fn numerals(word: &str) -> impl Iterator<Item = String> {
    let signs = |c: char| !c.is_alphanumeric() && c != '-';
    let bare = word.trim_matches(signs);
    let currency = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
    let before = bare.split_at_checked(3).filter(|(code, _)| currency(code)).map(|(_, rest)| rest);
    let behind = bare.len().checked_sub(3).and_then(|at| bare.split_at_checked(at)).filter(|(_, code)| currency(code));
    let bare = before.or(behind.map(|(rest, _)| rest)).unwrap_or(bare).trim_matches(signs);
    let is_numeral = bare.contains(|c: char| c.is_ascii_digit())
        && bare.len() <= 64
        && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '_' | '-' | '+' | 'e' | 'E'));
    let without = |groups: &[char], point: char| {
        let text: String = bare.chars().filter(|c| !groups.contains(c)).collect();
        value(&text.replace(point, "."))
    };
    let points = is_numeral.then(|| without(&[',', '\'', '_'], '.')).flatten();
    let commas = (is_numeral && bare.contains([',', '.'])).then(|| without(&['.', '\'', '_'], ',')).flatten();
    points.into_iter().chain(commas)
}

/// The one text of a number as people write it: with zeros before it, or a sign.
fn value(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let digits = digits.trim_start_matches('+').trim_start_matches('0');
    let zero = if digits.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
    let text = format!("{sign}{zero}{digits}");
    text.parse::<f64>().is_ok_and(f64::is_finite).then(|| plain(&text).into_owned())
}

/// The hash of the letters and digits of a text in one case, without what people put between them: `DE89 3704 0044`, `1.234.567`. None of a few, which are everywhere.
pub(super) fn squeezed(text: &str) -> Option<Hash> {
    let (mut hash, mut bytes) = (Hash::JOINED, Vec::new());
    squeeze(text, &mut bytes);
    hash.push(&bytes);
    (bytes.len() >= SHORTEST).then_some(hash)
}

fn squeeze(text: &str, into: &mut Vec<u8>) {
    into.clear();
    if text.is_ascii() {
        return into.extend(text.bytes().filter(u8::is_ascii_alphanumeric));
    }
    // Digits of other widths are the same to many a server.
    for letter in fold(text).chars().filter(|c| c.is_alphanumeric()) {
        into.extend(letter.encode_utf8(&mut [0; 4]).bytes());
    }
}

/// The same for the parts of a text that are put together of words with a digit in each, of at most nine words: numbers of accounts, cards and telephones, and sums.
pub(super) fn joined(text: &str, see: &mut dyn FnMut(Hash, usize)) {
    let mut open: VecDeque<(Hash, usize)> = VecDeque::with_capacity(GROUPS + 1);
    let mut bytes = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || "\"`;!?()[]{}<>=|&#".contains(c)) {
        if word.is_empty() {
            continue;
        }
        if !word.contains(char::is_numeric) {
            open.clear();
            continue;
        }
        open.push_back((Hash::JOINED, 0));
        if open.len() > GROUPS {
            open.pop_front();
        }
        squeeze(word, &mut bytes);
        for (hash, length) in &mut open {
            hash.push(&bytes);
            *length += bytes.len();
            if (SHORTEST..=LONGEST).contains(length) {
                see(*hash, *length);
            }
        }
    }
}

const GROUPS: usize = 9;
/// Bytes of what is put together, at least and at most.
const SHORTEST: usize = 5;
const LONGEST: usize = 48;
