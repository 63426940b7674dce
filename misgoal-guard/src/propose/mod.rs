//! A least-privilege policy, in Cedar, proposed from good traces: what they did is permitted, under the conditions that all of them met.
//!
//! The conditions are on the values of arguments, on where they came from ([`crate::session::Origins`]), and on what the session had done before. It is a text
//! for a person to read and edit. Whether it fits a server's tools is for [`crate::Policies::compile`] to check.

mod names;
mod seen;
mod value;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use misgoal_monitor::Session;
use misgoal_monitor::observe::Source;
use unicode_normalization::char::is_combining_mark;

use crate::Config;
use crate::read::is_unseen;
use crate::session::History;
use names::{NOWHERE, Names};
use seen::{Argument, Use, uses};

/// What a proposed condition may cost.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The largest share of further good sessions, of those that call the tool, that one condition on provenance or history may be expected to
    /// hinder: (h + 1/2) / (n + 1), where h of the n sessions would not have met it, had it been made from the others alone. 1 proposes all that
    /// the sessions met.
    pub hinder: f64,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { hinder: 0.25 }
    }
}

/// The policy's text. `config` gives the labels that results put on sessions; without one there are none.
pub fn policy(sessions: &[Session], config: Option<&Config>, terms: Terms) -> String {
    let fresh = || config.map_or_else(History::default, History::new);
    let tools = uses(sessions, &fresh);
    let offered: BTreeSet<&str> =
        sessions.iter().flat_map(|session| session.tools.iter().map(String::as_str)).collect();
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
            tool => permit(tool, seen, sessions.len(), terms, &mut text),
        }
    }
    let unused: Vec<String> =
        offered.iter().filter(|tool| !tools.contains_key(**tool)).map(|tool| one_line(tool)).collect();
    if !unused.is_empty() {
        let _ = writeln!(text, "\n// Offered and never used, so not permitted: {}.", unused.join(", "));
    }
    text += "\n// Take the slashes off, and what is not permitted above waits for a person (`misgoal guard pending`).\n\
             // @id(\"ask\") permit (principal, action in Action::\"tools/call\", resource) when { context.approved };\n";
    text
}

fn permit(tool: &str, seen: &Use, sessions: usize, terms: Terms, text: &mut String) {
    let Use { calls, sessions: by, arguments, called, labels } = seen;
    let _ = writeln!(text, "\n// {}: {calls} calls in {} of {sessions} sessions.", one_line(tool), by.len());
    let mut conditions = vec!["context.extra.isEmpty()".to_owned()];
    let mut dropped = Vec::new();
    let mut affordable = |names: &Names, what: String| {
        let (hindered, sessions) = (names.bound().hindered, names.sessions());
        let fine = (hindered as f64 + 0.5) / (sessions as f64 + 1.0) <= terms.hinder;
        if !fine {
            dropped.push((what, hindered, sessions));
        }
        fine
    };
    for (key, argument) in arguments {
        let _ = writeln!(text, "//   {}: {}", one_line(key), describe(argument, *calls));
        conditions.extend(value::condition(key, argument, *calls));
        if argument.traceable && affordable(&argument.origins, one_line(key)) {
            conditions.push(origin(key, argument, *calls));
        }
    }
    let _ = writeln!(text, "//   called before: {}", counted(called));
    if affordable(called, "called before".to_owned()) {
        conditions.push(within(called, "context.session.called"));
    }
    if !labels.counts().is_empty() {
        let _ = writeln!(text, "//   labels: {}", counted(labels));
        if affordable(labels, "labels".to_owned()) {
            conditions.push(within(labels, "context.session.labels"));
        }
    }
    let (few, different): (Vec<_>, Vec<_>) = dropped.into_iter().partition(|(_, hindered, _)| *hindered == 0);
    if !few.is_empty() {
        let names: Vec<String> = few.into_iter().map(|(what, ..)| what).collect();
        let _ = writeln!(text, "//   in too few sessions for a condition on: {}", names.join(", "));
    }
    if !different.is_empty() {
        let names = different.into_iter().map(|(what, hindered, of)| format!("{what} ({hindered} of {of})"));
        let names = names.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "//   no condition, since a session without the like among the others would not have met it: {names}"
        );
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
    if argument.origins.counts().keys().any(|name| *name != NOWHERE) {
        words.push(format!("held by answers of {}", counted(&argument.origins)));
    }
    words.join("; ")
}

/// No others than the names that were seen.
fn within(names: &Names, place: &str) -> String {
    let names = names.bound().names;
    if names.is_empty() { format!("{place}.isEmpty()") } else { format!("{}.containsAll({place})", list(&names)) }
}

/// Where an argument's value may come from. What a person has answered is never a reason to stop a call.
fn origin(key: &str, argument: &Argument, calls: usize) -> String {
    let (place, given) = match value::plain(key) {
        true => (format!("context.origin.{key}"), format!("context.input has {key}")),
        false => (format!("context.origin[{key:?}]"), format!("context.input has {key:?}")),
    };
    let mut names = argument.origins.bound().names;
    let nowhere = names.remove(NOWHERE);
    names.insert("user".to_owned());
    let test = format!("{}.containsAll({place})", list(&names));
    match (nowhere, argument.given == calls) {
        (true, _) => test,
        (false, true) => format!("{test} && !{place}.isEmpty()"),
        (false, false) => format!("(if {given} then {test} && !{place}.isEmpty() else true)"),
    }
}

fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    format!("[{}]", names.join(", "))
}

/// Names with the sessions that showed them.
fn counted(names: &Names) -> String {
    let name = |name: &str| if name == NOWHERE { "none".to_owned() } else { one_line(name) };
    let words: Vec<String> = names.counts().iter().map(|(one, count)| format!("{} ({count})", name(one))).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// A name from a trace within a comment: nothing in it ends the comment's line, turns round what stands beside it, or is not seen. A name is a server's word, and
/// beside what it says here a person reads the policy.
fn one_line(text: &str) -> String {
    let is_seen = |c: char| match c.is_ascii() {
        true => !c.is_ascii_control(),
        // What the standard library escapes are control and format characters, private and unassigned ones, separators and marks.
        false => c.escape_debug().len() == 1 && !is_unseen(c) && !is_combining_mark(c) && !is_written_leftward(c),
    };
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // What says how a letter is escaped is not one itself.
        let is_escape = text.get(at..).is_some_and(|rest| rest.starts_with("\\u{"));
        if is_seen(c) && !is_escape { out.push(c) } else { out.extend(c.escape_unicode()) }
    }
    out
}

/// Hebrew, Arabic and the other scripts that are written leftward: a screen turns them round with the numbers beside them.
fn is_written_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use misgoal_monitor::trace::{Format, parse};

    #[test]
    fn a_policy_permits_what_was_seen_and_no_more() {
        let mut lines = String::from("{\"session\": 0, \"tools\": [\"read\", \"pay\", \"drop_all\"]}\n");
        for index in 0..12 {
            let currency = if index % 2 == 0 { "EUR" } else { "USD" };
            let mut add = |line: &str| lines += &format!("{{\"session\": {index}, {line}}}\n");
            add(&format!("\"call\": \"read\", \"arguments\": {{\"path\": \"/srv/data/{index}/a.txt\"}}"));
            add(&format!("\"result\": \"To be paid to ACC-{index}00000{index}, or not\""));
            if index == 7 {
                add("\"call\": \"look_up\", \"arguments\": {\"account\": \"ACC-7000007\"}");
                add("\"result\": \"It is Ann's\"");
            }
            let arguments =
                format!("\"currency\": \"{currency}\", \"sum\": {index}, \"to-whom\": \"ACC-{index}00000{index}\"");
            add(&format!("\"call\": \"pay\", \"arguments\": {{{arguments}}}"));
        }
        let sessions = parse(lines.as_bytes(), Format::Plain).unwrap();
        insta::assert_snapshot!(policy(&sessions, None, Terms::default()), @r#"
// Proposed from 12 good sessions by `misgoal guard learn`: the tools that they used, under the conditions that every call met.
// What no `permit` allows is denied. Read it, widen what is too narrow, then `misgoal guard check`.

// The agent may see all tools; it may call those below.
@id("see")
permit (principal, action == Action::"tools/list", resource);

// look_up: 1 calls in 1 of 12 sessions.
//   account: always given; one text; from a tool's answer 100 %; held by answers of read (1)
//   called before: read (1)
//   no condition, since a session without the like among the others would not have met it: account (1 of 1), called before (1 of 1)
@id("look_up")
permit (principal, action == Action::"look_up", resource)
when {
    context.extra.isEmpty()
};

// pay: 12 calls in 12 of 12 sessions.
//   currency: always given; 2 different texts; from nowhere 100 %
//   sum: always given; numbers from 0 to 11; from nowhere 17 %
//   to-whom: always given; 12 different texts; from a tool's answer 100 %; held by answers of read (12)
//   called before: look_up (1), read (12)
@id("pay")
permit (principal, action == Action::"pay", resource)
when {
    context.extra.isEmpty() &&
    context.input has currency && ["EUR", "USD"].contains(context.input.currency) &&
    ["user"].containsAll(context.origin.currency) &&
    ["read", "user"].containsAll(context.origin["to-whom"]) && !context.origin["to-whom"].isEmpty() &&
    ["look_up", "read"].containsAll(context.session.called)
};

// read: 12 calls in 12 of 12 sessions.
//   path: always given; 12 different texts; from nowhere 100 %
//   called before: nothing
@id("read")
permit (principal, action == Action::"read", resource)
when {
    context.extra.isEmpty() &&
    context.input has path && context.input.path like "/srv/data/*" && !(context.input.path like "*..*") &&
    ["user"].containsAll(context.origin.path) &&
    context.session.called.isEmpty()
};

// Offered and never used, so not permitted: drop_all.

// Take the slashes off, and what is not permitted above waits for a person (`misgoal guard pending`).
// @id("ask") permit (principal, action in Action::"tools/call", resource) when { context.approved };
"#);
    }

    #[test]
    fn names_from_traces_stay_within_their_quotes_and_comments() {
        let lines =
            "{\"call\": \"a\\\"b\\n}; permit(principal,action,resource);\", \"arguments\": {\"k\\n\\u2028\\\"\": 1}}\n";
        let sessions = parse(lines.as_bytes(), Format::Plain).unwrap();
        let text = policy(&sessions, None, Terms::default());
        assert!(!text.lines().any(|line| line.starts_with("};") && line.contains("permit")), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("permit")).count(), 2, "{text}");
        for (name, expected) in [
            ("read_file", "read_file"),
            ("查询 é", "查询 é"),
            ("a\nb\u{2028}c\u{85}", "a\\u{a}b\\u{2028}c\\u{85}"),
            ("\u{202e}yap\u{200b}\u{3164}", "\\u{202e}yap\\u{200b}\\u{3164}"),
            ("\u{1b}[2Jx\u{9b}", "\\u{1b}[2Jx\\u{9b}"),
            ("e\u{301} א1", "e\\u{301} \\u{5d0}1"),
            ("\\u{61} \\", "\\u{5c}u{61} \\"),
        ] {
            assert_eq!(one_line(name), expected);
        }
    }
}
