//! Conditions on the values themselves: a short list of texts, a common directory.

use super::seen::Argument;
use crate::redact::GONE;

/// Calls of a tool that are enough to believe that the values seen are all there are.
const ENOUGH_CALLS: usize = 12;
/// Different values that a condition lists at most.
const MOST_VALUES: usize = 6;

/// A condition that every call met, where the calls are enough to propose one: a short list of texts, or a common directory.
pub(super) fn condition(key: &str, argument: &Argument, calls: usize) -> Option<String> {
    if calls < ENOUGH_CALLS || !argument.only_texts() || argument.texts.contains_key(GONE) {
        return None;
    }
    let access = access(key);
    let closed = argument.texts.len() <= MOST_VALUES && argument.texts.values().all(|count| *count >= 2);
    let test = if closed && argument.texts.keys().all(|text| text.len() <= 80) {
        let values: Vec<String> = argument.texts.keys().map(|text| format!("{text:?}")).collect();
        format!("[{}].contains({access})", values.join(", "))
    } else {
        let directory = directory(argument.texts.keys())?;
        format!("{access} like \"{}*\" && !({access} like \"*..*\")", pattern(directory))
    };
    let name = if plain(key) { key.to_owned() } else { format!("{key:?}") };
    Some(match argument.given == calls {
        true => format!("context.input has {name} && {test}"),
        false => format!("(if context.input has {name} then {test} else true)"),
    })
}

/// The longest directory that all texts lie in, with its slash; `None` if there is none worth naming.
fn directory<'a>(mut texts: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let first = texts.next()?.as_str();
    let mut common = first.get(..=first.rfind('/')?)?;
    for text in texts {
        while !text.starts_with(common) {
            let shorter = common.strip_suffix('/')?;
            common = shorter.get(..=shorter.rfind('/')?)?;
        }
    }
    (common.len() > 1).then_some(common)
}

/// A literal text within a `like` pattern.
fn pattern(text: &str) -> String {
    let quoted = format!("{text:?}");
    quoted.trim_matches('"').replace('*', "\\*")
}

fn access(key: &str) -> String {
    if plain(key) { format!("context.input.{key}") } else { format!("context.input[{key:?}]") }
}

/// Whether Cedar takes a key as an identifier.
pub(super) fn plain(key: &str) -> bool {
    let reserved = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];
    let mut letters = key.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_') && !reserved.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_common_ones() {
        let all = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            directory(texts.iter()).map(str::to_owned)
        };
        assert_eq!(all(&["/a/b/c", "/a/b/d/e"]).as_deref(), Some("/a/b/"));
        assert_eq!(all(&["/a/b", "/ab/c"]), None);
        assert_eq!(all(&["a", "b"]), None);
    }
}
