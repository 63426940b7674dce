//! Keys of objects that are numbers to the server: `{"08": "a"}` has a member 8 to a `dict[int, str]` of Python, a `map[int]string` of Go, a `Map<Integer, String>` of Java.
//!
//! No schema says so: `dict[int, str]` and `dict[str, str]` have the same. So a key that names a number must be that number's own text. Where a schema has times for
//! keys, or `true` and `false`, numbers and other words for these are none.

use super::kinds::{is_flag, is_number};
use super::pattern::Pattern;
use super::ways::TIMES;
use crate::read::{Node, plain};

/// What a schema says about the keys of an object, beside the members that it names.
#[derive(Clone, Debug, Default)]
pub(super) enum Keys {
    /// It declares no object, or one with names of its own.
    #[default]
    None,
    /// They are any texts, which may be numbers to the server.
    Any,
    /// They are as these patterns have it.
    Like(Vec<Pattern>),
    /// They are times.
    Times,
    /// They are `true` and `false`.
    Flags,
    /// They are texts.
    Texts,
}

impl Keys {
    /// Of the keyword `propertyNames`, and the patterns of `patternProperties`.
    pub fn of_schema(names: Option<&Node<'_>>, patterns: impl Iterator<Item = Pattern>) -> Keys {
        let mut likes: Vec<Pattern> = patterns.collect();
        if let Some(names) = names.filter(|names| !names.members().is_empty()) {
            let kind = names.get("type").and_then(Node::text);
            let format = names.get("format").and_then(Node::text);
            match names.get("pattern").and_then(Node::text) {
                Some(pattern) => likes.push(Pattern::new(pattern)),
                None if kind == Some("boolean") => return Keys::Flags,
                None if format.is_some_and(|format| TIMES.contains(&format)) => return Keys::Times,
                None if kind.is_none_or(|kind| kind == "string") => return Keys::Texts,
                None => {}
            }
        }
        // One that is not known here may admit anything.
        likes.retain(Pattern::is_known);
        if likes.is_empty() { Keys::Any } else { Keys::Like(likes) }
    }

    /// What a key can be to the server beside its own text.
    pub fn read_as(&self, key: &str) -> Option<&'static str> {
        match self {
            Keys::None | Keys::Texts => None,
            Keys::Any => is_other_form(key).then_some("a number"),
            Keys::Times => is_number(trim(key)).then_some("a time"),
            Keys::Flags => (is_flag(key) && !["true", "false"].contains(&key)).then_some("true or false"),
            // Where the number's own text has no place, the form is meant.
            Keys::Like(patterns) => {
                let is_meant = |pattern: &Pattern| {
                    pattern.is_match(key) && own_text(key).is_some_and(|own| !pattern.is_match(&own))
                };
                (is_other_form(key) && !patterns.iter().any(is_meant)).then_some("a number")
            }
        }
    }
}

/// Whether a key is something else than a text to any reader.
pub(super) fn is_other(key: &str) -> bool {
    is_number(trim(key)) || is_flag(key)
}

fn trim(key: &str) -> &str {
    key.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
}

/// Whether a key names a number and is not that number's own text.
fn is_other_form(key: &str) -> bool {
    let trimmed = trim(key);
    if trimmed.is_empty() || !is_number(trimmed) {
        return false;
    }
    // The reader of JSON passes white space over.
    let is_json = key == trimmed && serde_json::from_str::<serde_json::Number>(key).is_ok();
    !(is_json && plain(key) == key && !key.contains(['e', 'E']) && key != "-0")
}

/// The own text of the number that decimal digits name; none where the number is written otherwise.
fn own_text(key: &str) -> Option<String> {
    let digits = key.trim_start_matches('+');
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let part = part.trim_end_matches('0');
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}
