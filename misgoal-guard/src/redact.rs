//! Secrets are taken out before anything is written.

use regex::Regex;

use crate::config::RedactTable;
use crate::read::{Node, Value, fold, write_string};

/// What stands in place of what was taken out.
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

/// The rules of one configuration.
#[derive(Clone, Debug)]
pub struct Redactor {
    keys: Vec<String>,
    patterns: Vec<Regex>,
}

impl Redactor {
    /// The built-in rules and those of the configuration, which has been checked.
    pub fn new(table: &RedactTable) -> Redactor {
        let keys = KEYS.iter().map(|key| (*key).to_owned()).chain(table.keys.iter().map(|key| plain(key)));
        let own = table.patterns.iter().map(|pattern| pattern.get_ref().as_str());
        let patterns = PATTERNS.iter().copied().chain(own).filter_map(|pattern| Regex::new(pattern).ok());
        Redactor { keys: keys.collect(), patterns: patterns.collect() }
    }

    /// A value as canonical JSON without its secrets.
    pub fn json(&self, node: &Node<'_>) -> String {
        let mut out = String::new();
        self.write(node, &mut out);
        out
    }

    fn write(&self, node: &Node<'_>, out: &mut String) {
        match &node.value {
            Value::String(text) => write_string(out, &self.text(text)),
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.write(item, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (at, member) in members.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    write_string(out, &self.text(&member.key));
                    out.push(':');
                    if self.keys.contains(&plain(&member.key)) {
                        write_string(out, GONE);
                    } else {
                        self.write(&member.node, out);
                    }
                }
                out.push('}');
            }
            _ => out.push_str(&node.canonical()),
        }
    }

    /// A text without its secrets.
    pub fn text<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        let mut text = std::borrow::Cow::Borrowed(text);
        for pattern in &self.patterns {
            if pattern.is_match(&text) {
                text = pattern.replace_all(&text, GONE).into_owned().into();
            }
        }
        text
    }
}

fn plain(key: &str) -> String {
    fold(key).chars().filter(|c| *c != '-' && *c != '_').collect()
}
