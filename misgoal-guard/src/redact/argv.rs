//! Secrets behind options of one letter, which are secrets of these programs alone: `curl -u me:x`, `mysql -px`, `sshpass -p x`; in a line of a shell and in lists
//! (`["mysql", "-px"]`), as text and as values of JSON.

use std::ops::Range;

use regex::Regex;

use super::parts::PARTS;
use crate::read::{Member, Node, Value, write_string};

/// Programs (`WITHIN` stands for what may be between two words of a command), the option behind which they take a password, and how.
const OPTIONS: &[(&str, &str, Takes)] = &[
    (r"sshpass", "-p", Takes::Both),
    (r"mysql[a-z_]*|mariadb[a-z_-]*|mycli", "-p", Takes::Attached),
    (r"mongo[a-z]*|cqlsh|ipmitool", "-p", Takes::Both),
    (
        r"(?:docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|regctl|az|oc|cf)(?-u:\b)WITHIN(?-u:\b)login",
        "-p",
        Takes::Both,
    ),
    (r"redis-cli|valkey-cli", "-a", Takes::Both),
    (r"ldap[a-z]+", "-[a-zA-Z]{0,6}w", Takes::Both),
    (r"(?:un)?zip", "-[a-zA-Z0-9]{0,6}P", Takes::Both),
    (r"sqlcmd|bcp|osql|isql|mosquitto_[a-z]+|ipmitool", "-P", Takes::Both),
    (r"7z[a-z]*|(?:un)?rar", "-h?p", Takes::Attached),
    (r"openssl(?-u:\b)WITHIN(?-u:\b)enc", "-k", Takes::Apart),
    (r"openssl", "-(?:hmac|psk|K)", Takes::Apart),
];

/// How an option takes its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// `-px`.
    Attached,
    /// `-p x`.
    Apart,
    Both,
}

/// What stands between an option and its value in a line, a list, and lines of a list.
const GAP: &str = r#"\\*["']?(?:[\s=,]|\\[nrt]|\\\n)+(?:-\s+)?"#;
/// What stands within a command.
const WITHIN: &str = r#"(?:[^\n|;&]|[,\[\\-]\s*\n|\n\s*-|\n\s*["']?(?:args|argv|arguments|command|options|params|parameters|flags)["']?\s*[:=])*?"#;
/// A value: in quotes, or a word.
const WORD: &str = r#"(\\*"[^"]*"|\\*'[^']*'|[^\s"',\]\\][^\s"']*)"#;
/// A name and a password with a colon between them.
const BOTH: &str = r#"(\\*"[^":]+:[^"]*"|\\*'[^':]+:[^']*'|[^\s:"'\\,]+:(?:\\*"[^"]*"|\\*'[^']*'|[^\s"']+))"#;

/// Members of an object that name a program, and those that hold what it is given.
const PROGRAMS: &[&str] = &[
    "command",
    "cmd",
    "program",
    "executable",
    "exe",
    "exec",
    "file",
    "bin",
    "binary",
    "entrypoint",
    "shell",
    "name",
    "path",
];
const GIVEN: &[&str] = &["args", "argv", "arguments", "params", "parameters", "options", "flags"];

/// The expressions; what is a secret stands in one of their groups.
pub(super) fn patterns() -> impl Iterator<Item = String> {
    let of_programs = OPTIONS.iter().map(|(programs, option, takes)| {
        let programs = programs.replace("WITHIN", WITHIN);
        let apart = format!(r#"[\s"',]{option}{GAP}{WORD}"#);
        let attached = format!(r#""{option}([^"\s,]+[^"]*)"|'{option}([^'\s,]+[^']*)'|[\s,]{option}{WORD}"#);
        let option = match takes {
            Takes::Apart => apart,
            Takes::Attached => attached,
            Takes::Both => format!("{apart}|{attached}"),
        };
        format!(r"(?-u:\b)(?:{programs})(?-u:\b){WITHIN}(?:{option})")
    });
    let of_all = [
        // Options of one letter that are written as one, the last of which has a value.
        format!(
            r#"(?-u:\b)(?:curl|wget2|http|https|xh)(?-u:\b){WITHIN}[\s"',]-[A-Za-z0-9#]{{0,12}}[uUa](?:{GAP})?{BOTH}"#
        ),
        format!(r#"(?:^|[\s"'\[,(])(?:-u|-U|--user|--proxy-user)(?:{GAP})?{BOTH}"#),
        format!(
            r#"(?-u:\b)(?:smbclient|rpcclient|lftp)(?-u:\b){WITHIN}[\s"',]-[uU](?:{GAP})?\\*["']?[^\s"'%,\\]+[%,]([^\s"']+)"#
        ),
        format!(r#"[\s"',]-pass(?:in|out)?{GAP}\\*["']?pass:([^\s"']+)"#),
    ];
    of_programs.chain(of_all)
}

/// Finds what one of these expressions does.
pub(super) fn find(text: &str, pattern: &Regex, found: &mut Vec<Range<usize>>) {
    for captures in pattern.captures_iter(text) {
        let secrets = captures.iter().skip(1).flatten();
        found.extend(secrets.filter(|secret| !is_harmless(secret.as_str())).map(|secret| secret.range()));
    }
}

/// Whether what stands behind `-u` are two numbers (`docker run -u 1000:1000`), or an address.
fn is_harmless(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'', '\\', ']', ',', ')']);
    bare.split_once(':').is_some_and(|(name, rest)| {
        let is_number =
            |text: &str| !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number(name) && is_number(rest) || rest.starts_with("//")
    })
}

/// The programs that an object says beside what it is given, as the items of a list begin: any of them may be the one (`path` is often where it runs).
pub(super) fn programs(members: &[Member<'_>]) -> String {
    let mut begun = String::new();
    for member in members.iter().filter(|member| PROGRAMS.contains(&member.key.as_ref())) {
        let items = match &member.node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(&member.node),
        };
        for text in items.iter().filter_map(Node::text).take(PARTS) {
            write_string(&mut begun, text);
            begun.push(',');
        }
    }
    begun
}

/// What are secrets in a text that a program is given behind these.
pub(super) fn given(programs: &str, text: &str, patterns: &[Regex]) -> Vec<Range<usize>> {
    let whole = format!("{programs} {text}");
    let before = whole.len() - text.len();
    let mut found = Vec::new();
    patterns.iter().for_each(|pattern| find(&whole, pattern, &mut found));
    found.into_iter().filter_map(|secret| Some(secret.start.checked_sub(before)?..secret.end - before)).collect()
}

/// Whether under this key stands what a program is given.
pub(super) fn is_given(key: &str) -> bool {
    GIVEN.contains(&key)
}

/// Which items of a list are secrets, behind the programs that stand beside the list.
pub(super) fn items(programs: &str, items: &[Node<'_>], patterns: &[Regex]) -> Vec<bool> {
    let has_option = |item: &Node<'_>| item.text().is_some_and(|text| text.starts_with('-'));
    if !items.iter().any(has_option) {
        return Vec::new();
    }
    let mut text = format!("[{programs}");
    let mut spans = Vec::new();
    for item in items {
        let from = text.len();
        match &item.value {
            Value::String(said) => write_string(&mut text, said),
            Value::Array(_) | Value::Object(_) => text.push_str("{}"),
            _ => text.push_str(&item.canonical()),
        }
        spans.push(from..text.len());
        text.push(',');
    }
    let mut found = Vec::new();
    patterns.iter().for_each(|pattern| find(&text, pattern, &mut found));
    let is_in = |span: &Range<usize>| found.iter().any(|secret| secret.start < span.end && span.start < secret.end);
    spans.iter().map(is_in).collect()
}
