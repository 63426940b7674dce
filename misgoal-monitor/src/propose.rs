//! A least-privilege policy, in Cedar, proposed from good traces: what they did is permitted, under the conditions that all of them met.
//!
//! It is a text for a person to read and edit. Whether it fits a server's tools is for the policy engine to check.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::observe::{Source, source_of_arguments};
use crate::session::Session;

/// Calls of a tool that are enough to believe that the values seen are all there are.
const ENOUGH_CALLS: usize = 12;
/// Different values that a condition lists at most.
const MOST_VALUES: usize = 6;

#[derive(Default)]
struct Use {
    calls: usize,
    sessions: BTreeSet<usize>,
    arguments: BTreeMap<String, Argument>,
}

#[derive(Default)]
struct Argument {
    given: usize,
    texts: BTreeMap<String, usize>,
    /// The least and the greatest number.
    range: Option<(f64, f64)>,
    other: usize,
    sources: BTreeMap<Source, usize>,
}

impl Argument {
    fn add(&mut self, value: &Value, source: Source) {
        self.given += 1;
        *self.sources.entry(source).or_default() += 1;
        match (value, value.as_f64()) {
            (Value::String(text), _) => *self.texts.entry(text.clone()).or_default() += 1,
            (_, Some(x)) => {
                let (low, high) = self.range.unwrap_or((x, x));
                self.range = Some((low.min(x), high.max(x)));
            }
            _ => self.other += 1,
        }
    }

    /// Whether all values were texts.
    fn only_texts(&self) -> bool {
        self.range.is_none() && self.other == 0 && !self.texts.is_empty()
    }
}

/// The policy's text.
pub fn policy(sessions: &[Session]) -> String {
    let mut tools: BTreeMap<&str, Use> = BTreeMap::new();
    let mut offered: BTreeSet<&str> = BTreeSet::new();
    for (index, session) in sessions.iter().enumerate() {
        offered.extend(session.tools.iter().map(String::as_str));
        let sources = source_of_arguments(session);
        for (event, call) in session.calls() {
            let seen = tools.entry(&call.tool).or_default();
            seen.calls += 1;
            seen.sessions.insert(index);
            for (key, value) in call.arguments.as_object().into_iter().flatten() {
                let source = sources.get(&(event, key.clone())).copied().unwrap_or(Source::Nowhere);
                seen.arguments.entry(key.clone()).or_default().add(value, source);
            }
        }
    }
    let mut text = format!(
        "// Proposed from {} good sessions by `misgoal guard learn`: the tools that they used, under the conditions that every call met.\n\
         // What no `permit` allows is denied. Read it, widen what is too narrow, then `misgoal guard check`.\n\n\
         // The agent may see all tools; it may call those below.\n\
         @id(\"see\")\npermit (principal, action == Action::\"tools/list\", resource);\n",
        sessions.len()
    );
    for (tool, seen) in &tools {
        match *tool {
            "resources/read" => {
                text += "\n// Resources were read.\n@id(\"read\")\npermit (principal, action == Action::\"resources/read\", resource);\n"
            }
            tool => permit(tool, seen, sessions.len(), &mut text),
        }
    }
    let unused: Vec<String> =
        offered.iter().filter(|tool| !tools.contains_key(**tool)).map(|tool| one_line(tool)).collect();
    if !unused.is_empty() {
        let _ = writeln!(text, "\n// Offered and never used, so not permitted: {}.", unused.join(", "));
    }
    text
}

fn permit(tool: &str, seen: &Use, sessions: usize, text: &mut String) {
    let Use { calls, sessions: by, arguments } = seen;
    let _ = writeln!(text, "\n// {}: {calls} calls in {} of {sessions} sessions.", one_line(tool), by.len());
    let mut conditions = vec!["context.extra.isEmpty()".to_owned()];
    for (key, argument) in arguments {
        let _ = writeln!(text, "//   {}: {}", one_line(key), describe(argument, *calls));
        conditions.extend(condition(key, argument, *calls));
    }
    let conditions = conditions.join(" &&\n    ");
    let _ = writeln!(
        text,
        "@id({tool:?})\npermit (principal, action == Action::{tool:?}, resource)\nwhen {{\n    {conditions}\n}};"
    );
}

/// What was seen of an argument.
fn describe(argument: &Argument, calls: usize) -> String {
    let mut words = Vec::new();
    words.push(if argument.given == calls {
        "always given".to_owned()
    } else {
        format!("given in {} of {calls}", argument.given)
    });
    if let Some((low, high)) = argument.range {
        words.push(if low < high { format!("numbers from {low} to {high}") } else { format!("always {low}") });
    }
    if !argument.texts.is_empty() {
        let different = argument.texts.len();
        words.push(if different == 1 { "one text".to_owned() } else { format!("{different} different texts") });
    }
    let total = argument.given.max(1);
    let sources = argument.sources.iter().filter(|(source, _)| **source != Source::Small);
    let sources: Vec<String> =
        sources.map(|(source, count)| format!("{} {} %", source.name(), (100 * count + total / 2) / total)).collect();
    if !sources.is_empty() {
        words.push(format!("from {}", sources.join(", ")));
    }
    words.join("; ")
}

/// A condition that every call met, where the calls are enough to propose one: a short list of texts, or a common directory.
fn condition(key: &str, argument: &Argument, calls: usize) -> Option<String> {
    if calls < ENOUGH_CALLS || !argument.only_texts() {
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
fn plain(key: &str) -> bool {
    let reserved = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];
    let mut letters = key.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_') && !reserved.contains(&key)
}

/// A name from a trace within a comment: nothing in it may end the comment's line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || "\u{2028}\u{2029}".contains(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_permits_what_was_seen_and_no_more() {
        let mut lines = String::from(
            "{\"tools\": [\"read\", \"pay\", \"drop_all\"]}\n{\"user\": \"Read and pay, please: 12 for Ann\"}\n",
        );
        for index in 0..12 {
            let currency = if index % 2 == 0 { "EUR" } else { "USD" };
            lines += &format!(
                "{{\"call\": \"read\", \"arguments\": {{\"path\": \"/srv/data/{index}/a.txt\"}}}}\n{{\"result\": \"ok\"}}\n"
            );
            lines += &format!(
                "{{\"call\": \"pay\", \"arguments\": {{\"currency\": \"{currency}\", \"sum\": {index}, \"to-whom\": \"Ann{index}\"}}}}\n"
            );
        }
        let sessions = crate::trace::parse(lines.as_bytes(), crate::Format::Plain).unwrap();
        insta::assert_snapshot!(policy(&sessions), @r#"
// Proposed from 1 good sessions by `misgoal guard learn`: the tools that they used, under the conditions that every call met.
// What no `permit` allows is denied. Read it, widen what is too narrow, then `misgoal guard check`.

// The agent may see all tools; it may call those below.
@id("see")
permit (principal, action == Action::"tools/list", resource);

// pay: 12 calls in 1 of 1 sessions.
//   currency: always given; 2 different texts; from nowhere 100 %
//   sum: always given; numbers from 0 to 11; from nowhere 17 %
//   to-whom: always given; 12 different texts; from nowhere 100 %
@id("pay")
permit (principal, action == Action::"pay", resource)
when {
    context.extra.isEmpty() &&
    context.input has currency && ["EUR", "USD"].contains(context.input.currency)
};

// read: 12 calls in 1 of 1 sessions.
//   path: always given; 12 different texts; from nowhere 100 %
@id("read")
permit (principal, action == Action::"read", resource)
when {
    context.extra.isEmpty() &&
    context.input has path && context.input.path like "/srv/data/*" && !(context.input.path like "*..*")
};

// Offered and never used, so not permitted: drop_all.
"#);
    }

    #[test]
    fn names_from_traces_stay_within_their_quotes_and_comments() {
        let lines =
            "{\"call\": \"a\\\"b\\n}; permit(principal,action,resource);\", \"arguments\": {\"k\\n\\u2028\\\"\": 1}}\n";
        let sessions = crate::trace::parse(lines.as_bytes(), crate::Format::Plain).unwrap();
        let text = policy(&sessions);
        assert!(!text.lines().any(|line| line.starts_with("};") && line.contains("permit")), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("permit")).count(), 2, "{text}");
    }

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
