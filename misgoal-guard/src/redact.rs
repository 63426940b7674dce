//! Secrets are taken out before anything is written to the log, and before anybody is told who does not decide. Who decides sees everything:
//! a pattern that takes something out for the log would let an agent hide it from the person.

use std::borrow::Cow;
use std::ops::Range;

use regex::Regex;

use crate::approval::Key;
use crate::config::RedactTable;
use crate::read::{Member, Node, Value, fold, write_string};

/// What stands in place of what was taken out where the monitor reads: the same word for every secret.
pub(crate) const GONE: &str = "[redacted]";

/// Keys whose value is never written; compared without case, hyphens and underscores.
const KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "clientsecret",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "apikey",
    "authorization",
    "proxyauthorization",
    "cookie",
    "setcookie",
    "privatekey",
    "credential",
    "credentials",
    "sessionid",
    "cvv",
    "cvc",
    "cardnumber",
    "pin",
    "ssn",
];

/// Texts that are secrets wherever they stand.
const PATTERNS: &[&str] = &[
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b",
    r"\bsk-[A-Za-z0-9_-]{20,}\b|\bsk_(?:live|test)_[A-Za-z0-9]{16,}\b",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{12,}=*",
    r"(?i)\b(?:password|passwd|secret|api[_-]?key|token)\s*[=:]\s*[^\s,;&]{4,}",
    r"://[^/\s:@]+:[^/\s@]+@",
];

/// What stands in place of what was taken out.
#[derive(Clone, Copy)]
enum Mark<'k> {
    /// [`GONE`].
    Gone,
    /// How many bytes it has, and what names it under this key: who has both texts can tell whether they are the same.
    Named(&'k Key),
}

impl Mark<'_> {
    fn of(self, taken: &str) -> String {
        match self {
            Mark::Gone => GONE.to_owned(),
            Mark::Named(key) => format!("[redacted: {} bytes, {}]", taken.len(), key.names(taken)),
        }
    }
}

/// The rules of one configuration.
#[derive(Clone, Debug)]
pub struct Redactor {
    keys: Vec<String>,
    patterns: Vec<Regex>,
    key: Key,
}

impl Redactor {
    /// The built-in rules and those of the configuration, which has been checked; `key` is that of the log.
    pub fn new(table: &RedactTable, key: Key) -> Redactor {
        let keys = KEYS.iter().map(|key| (*key).to_owned()).chain(table.keys.iter().map(|key| plain(key)));
        let own = table.patterns.iter().map(|pattern| pattern.get_ref().as_str());
        let patterns = PATTERNS.iter().copied().chain(own).filter_map(|pattern| Regex::new(pattern).ok());
        Redactor { keys: keys.collect(), patterns: patterns.collect(), key }
    }

    /// A value as canonical JSON for the log: a secret leaves its length and what names it.
    pub fn json(&self, node: &Node<'_>) -> String {
        let mut out = String::new();
        self.write(node, Mark::Named(&self.key), &mut out);
        out
    }

    /// A value as canonical JSON for the monitor, to which all secrets are the same.
    pub(crate) fn bare_json(&self, node: &Node<'_>) -> String {
        let mut out = String::new();
        self.write(node, Mark::Gone, &mut out);
        out
    }

    fn write(&self, node: &Node<'_>, mark: Mark<'_>, out: &mut String) {
        match &node.value {
            Value::String(text) => write_string(out, &self.marked(text, mark)),
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.write(item, mark, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (at, member) in members.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    write_string(out, &self.marked(&member.key, mark));
                    out.push(':');
                    self.write_member(member, mark, out);
                }
                out.push('}');
            }
            _ => out.push_str(&node.canonical()),
        }
    }

    /// What stands under a key that may itself say that it is a secret.
    fn write_member(&self, member: &Member<'_>, mark: Mark<'_>, out: &mut String) {
        if self.keys.contains(&plain(&member.key)) {
            let canonical = || Cow::Owned(member.node.canonical());
            write_string(out, &mark.of(&member.node.text().map_or_else(canonical, Cow::Borrowed)));
        } else {
            self.write(&member.node, mark, out);
        }
    }

    /// The value of one member as canonical JSON for the log.
    pub(crate) fn member(&self, member: &Member<'_>) -> String {
        let mut out = String::new();
        self.write_member(member, Mark::Named(&self.key), &mut out);
        out
    }

    /// A text for the log.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.marked(text, Mark::Named(&self.key))
    }

    /// A text for the monitor.
    pub(crate) fn bare_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.marked(text, Mark::Gone)
    }

    /// Takes out what any pattern finds in the text as it was: what two find side by side or one in the other is taken out as one.
    fn marked<'t>(&self, text: &'t str, mark: Mark<'_>) -> Cow<'t, str> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for pattern in &self.patterns {
            found.extend(pattern.find_iter(text).map(|found| found.range()).filter(|range| !range.is_empty()));
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_by_key(|range| range.start);
        let (mut out, mut at) = (String::new(), 0);
        let mut rest = found.into_iter().peekable();
        while let Some(mut range) = rest.next() {
            while let Some(next) = rest.next_if(|next| next.start <= range.end) {
                range.end = range.end.max(next.end);
            }
            out.push_str(text.get(at..range.start).unwrap_or_default());
            at = range.end;
            out.push_str(&mark.of(text.get(range).unwrap_or_default()));
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }
}

fn plain(key: &str) -> String {
    fold(key).chars().filter(|c| *c != '-' && *c != '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Limits, Side, value};

    fn check(json: &str, expected: &str) {
        let redactor = Redactor::new(&RedactTable::default(), Key::new([7; 32]));
        let limits = Limits { lines: false, ..Limits::default() };
        let node = value(json.as_bytes(), Side::Agent, &limits).unwrap();
        assert_eq!(redactor.bare_json(&node), expected);
        // The log's form has the same text about the marks, each of which says how long its secret is.
        let told = redactor.json(&node);
        let bare = Regex::new(r"\[redacted: \d+ bytes, [0-9a-f]{16}\]").unwrap().replace_all(&told, GONE).into_owned();
        assert_eq!(bare, expected, "{told}");
    }

    #[test]
    fn secrets_are_taken_out_and_nothing_else() {
        check(r#"{"pin":1234,"to":"bob"}"#, r#"{"pin":"[redacted]","to":"bob"}"#);
        check(r#""token=ghp_abcdefghijklmnopqrstuvwx and more""#, r#""[redacted] and more""#);
        check(r#""a password: hunter22, a key AKIAABCDEFGHIJKLMNOP""#, r#""a [redacted], a key [redacted]""#);
        check(r#"["plain",1e400,null]"#, r#"["plain",1e400,null]"#);
    }

    #[test]
    fn a_mark_says_how_long_and_names_the_secret_under_the_logs_key() {
        let of =
            |key: u8, text: &str| Redactor::new(&RedactTable::default(), Key::new([key; 32])).text(text).into_owned();
        let mark = of(7, "password=hunter22");
        assert!(mark.starts_with("[redacted: 17 bytes, "), "{mark}");
        assert_eq!(mark, of(7, "password=hunter22"));
        assert_ne!(mark, of(7, "password=hunter23"));
        assert_ne!(mark, of(8, "password=hunter22"), "who has no key cannot try all passwords");
    }
}
