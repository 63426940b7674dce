//! Secrets within a text that name themselves: `password=x`, `token: x`, `"password":"x"` in JSON that is a text, `?access_token=x` in an address, `--password x`,
//! `<password>x</password>`, `name="password" value="x"`.
//!
//! One pass over the text: each place is looked at a few times at most, however the text is made. Where it is not clear how far a secret goes, more is taken
//! ([`super::value`]).

use std::ops::Range;

use super::code;
use super::keys::{Holds, Keys};
use super::value::{self, Named};

/// Letters of a name that is said beside its value.
const NAME: usize = 64;
/// How far from the name its value begins at most.
const NEAR: usize = 200;
/// Elements of a text that may have no end, before no end is looked for any more.
const ENDLESS: usize = 16;

/// What says the name of what stands beside it.
const NAMERS: &[&str] = &[
    "name",
    "key",
    "id",
    "type",
    "field",
    "variable",
    "var",
    "option",
    "param",
    "parameter",
    "header",
    "attribute",
    "setting",
    "env",
    "kind",
    "label",
    "element",
    "selector",
    "placeholder",
    "parameterkey",
    "parametername",
];
/// Those of them that name a field as people and pages do, with words and signs beside its own.
const DESCRIBING: &[&str] = &["label", "element", "selector", "placeholder"];
/// What stands beside a name.
const VALUES: &[&str] =
    &["value", "val", "values", "content", "contents", "default", "data", "text", "string", "plaintext"];
/// Words between a key and its value in a sentence.
const JOINING: &[&str] = &["is", "was", "are", "to", "as", "be"];
/// What is a secret in the query of an address, though not elsewhere.
const QUERIED: &[&str] = &["key", "sig", "signature", "code", "x-amz-signature", "x-goog-signature", "sas", "hmac"];

/// Whether a key says the name of what stands beside it.
pub(super) fn is_namer(key: &str) -> bool {
    NAMERS.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether a key is that of what stands beside a name.
pub(super) fn is_value(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key != "metadata" && VALUES.iter().any(|value| key.ends_with(value))
}

/// Whether a key describes a field of a page.
pub(super) fn describes(key: &str) -> bool {
    DESCRIBING.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether a text is a name and nothing else.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME && text.chars().all(is_of_key)
}

/// Whether keys have this letter.
pub(super) fn is_of_key(c: char) -> bool {
    let is_unseen = || !c.is_ascii() && !c.is_whitespace() && crate::read::fold(c.encode_utf8(&mut [0; 4])).is_empty();
    c.is_alphanumeric() || "_-.".contains(c) || is_unseen()
}

/// Where a key that holds a secret stands with its value. They follow each other and do not overlap, but for values that stand before their names.
pub(super) fn find(text: &str, keys: &Keys) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        keys,
        found: Vec::new(),
        taken: 0,
        line: 0,
        tag: None,
        armed: None,
        before: None,
        endless: 0,
        ends: true,
    };
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let range = match byte {
            b'\n' => {
                scan.line = at + 1;
                None
            }
            b'=' | b':' => scan.pair(at),
            // The colon of another width.
            0xef if text.get(at..).is_some_and(|rest| rest.starts_with('：')) => scan.pair(at),
            b'-' => scan.flag(at),
            b'(' | b'{' => scan.call(at),
            b'[' => scan.section(at),
            b'<' => scan.element(at),
            b'>' => scan.content(at),
            b'"' | b'\'' | b'`' => scan.said(at),
            _ => None,
        };
        at += 1;
        if let Some(range) = range {
            at = range.end.max(at);
            scan.taken = at;
            let passed = text.get(range.start..at).and_then(|passed| passed.rfind('\n'));
            scan.line = passed.map_or(scan.line, |newline| range.start + newline + 1);
            scan.found.push(range);
        }
    }
    scan.found
}

struct Scan<'t> {
    text: &'t str,
    keys: &'t Keys,
    found: Vec<Range<usize>>,
    /// Up to where the text is taken out.
    taken: usize,
    /// Where the line begins.
    line: usize,
    /// Where the tag begins that is open.
    tag: Option<usize>,
    /// Up to where the value of a name that was said may begin.
    armed: Option<usize>,
    /// A value whose name may follow.
    before: Option<Range<usize>>,
    /// How many elements had no end.
    endless: usize,
    /// Whether any element may end further on.
    ends: bool,
}

/// The key before a place.
struct Key<'t> {
    start: usize,
    text: &'t str,
    /// Whether it stands in quotes of its own.
    is_quoted: bool,
}

impl<'t> Scan<'t> {
    /// The key that ends before a place.
    fn key(&self, end: usize) -> Option<Key<'t>> {
        let before = self.text.get(self.taken..end)?.trim_end();
        let before = before.trim_end_matches(['?', '!', '+', '|', '*', ']', ')', '[', ' ']);
        let bare = before.trim_end_matches(['"', '\'', '`', '\\', '\u{201d}', '\u{bb}']);
        let text = unescaped(bare, last_word(bare));
        (!text.is_empty()).then(|| Key {
            start: self.taken + bare.len() - text.len(),
            text,
            is_quoted: bare.len() < before.len(),
        })
    }

    /// Whether a key is that of a secret; its words may stand apart (`api key`), or have others behind (`the password is: x`).
    fn holding(&self, key: &mut Key<'t>) -> Holds {
        let holds = self.keys.holding(key.text);
        if holds != Holds::No || key.is_quoted {
            return holds;
        }
        let before = self.text.get(self.taken..key.start).unwrap_or_default();
        let word = last_word(before.trim_end_matches([' ', '\t']));
        if word.is_empty() || before.ends_with(is_of_key) {
            return Holds::No;
        }
        let start = before.trim_end_matches([' ', '\t']).len() - word.len() + self.taken;
        let joined =
            || word.len() <= NAME && key.text.len() <= NAME && self.keys.are_name(&format!("{word}{}", key.text));
        if JOINING.contains(&key.text.to_ascii_lowercase().as_str()) && self.keys.hold(word) || joined() {
            key.start = start;
            return Holds::Yes;
        }
        Holds::No
    }

    /// The pair about a sign.
    fn pair(&mut self, sign: usize) -> Option<Range<usize>> {
        let mut key = self.key(sign)?;
        let mut holds = self.holding(&mut key);
        let first = self.text.get(..key.start).and_then(|before| before.chars().next_back());
        let is_escaped = || self.text.get(..key.start).is_some_and(|before| before.ends_with("&amp;"));
        let is_queried = (matches!(first, Some('?' | '&')) || is_escaped())
            && QUERIED.contains(&key.text.to_ascii_lowercase().as_str());
        if is_queried {
            holds = Holds::Yes;
        }
        let last = key.text.rsplit(['.', '-', '_']).next().unwrap_or_default();
        if holds == Holds::No && is_value(last) {
            if self.armed.take_if(|until| key.start <= *until).is_some() {
                holds = Holds::Yes;
            } else {
                self.before = value::near(self.text, sign).map(|end| key.start..end);
            }
        }
        if holds == Holds::No {
            if is_namer(last) {
                return self.name(&key, sign);
            }
            return None;
        }
        let named = Named { start: key.start, line: self.line, text: key.text, is_quoted: key.is_quoted, holds };
        value::after_sign(self.text, sign, &named, self.keys).map(|end| key.start..end)
    }

    /// A name is said; what stands beside it may be its value.
    fn name(&mut self, key: &Key<'_>, sign: usize) -> Option<Range<usize>> {
        let behind = self.text.get(sign + 1..)?.trim_start_matches(['=', '>', ' ', '\t', '"', '\'', '\\', '#', '.']);
        let name = first_word(behind);
        if name.is_empty() || name.len() > NAME || !self.keys.hold(name) {
            return None;
        }
        self.armed = Some(sign + NEAR);
        if let Some(before) = self.before.take().filter(|before| key.start <= before.start + NEAR + before.len()) {
            // It is behind us already.
            self.found.push(before);
            self.armed = None;
        }
        None
    }

    /// `setPassword("x")`.
    fn call(&mut self, at: usize) -> Option<Range<usize>> {
        let before = self.text.get(self.taken..at)?;
        let key = self
            .text
            .get(at + 1..)?
            .trim_start_matches('\\')
            .starts_with(['"', '\'', '`'])
            .then(|| last_word(before))?;
        (!key.is_empty() && self.keys.hold(key)).then(|| at - key.len()..code::texts(self.text, at))
    }

    /// `[credentials]` on a line of its own, and the lines below it up to the next such line; in JSON that is a text, to the end of that text.
    fn section(&mut self, at: usize) -> Option<Range<usize>> {
        let begins = |before: &str| before.is_empty() || before.ends_with(['\n', '"']) || before.ends_with("\\n");
        let name = self.text.get(at..)?.trim_start_matches(['[', '"', '\'']);
        let from = self.text.len() - name.len();
        let key = name.get(..name.bytes().take(NAME).position(|byte| matches!(byte, b']' | b'"' | b'\'' | b'\\'))?)?;
        if !begins(self.text.get(..at)?) || !is_name(key) || !self.keys.hold(key) {
            return None;
        }
        let behind = self.text.get(from + key.len()..)?.trim_start_matches(['"', '\'', ']', ' ', '\t', '\r']);
        let line_end = self.text.len() - behind.len();
        if behind.starts_with('\n') {
            return Some(at..line_end + settings(behind));
        }
        let slashes = behind.len() - behind.trim_start_matches('\\').len();
        let is_break = slashes > 0 && behind.get(slashes..).is_some_and(|rest| rest.starts_with(['n', 'r']));
        is_break.then(|| at..line_end + escaped_settings(behind, slashes))
    }

    /// `--password x`, `"--password", "x"`.
    fn flag(&mut self, at: usize) -> Option<Range<usize>> {
        let begins = |c: char| c.is_whitespace() || "\"'`[({,\\".contains(c);
        if !self.text.get(..at)?.chars().next_back().is_none_or(begins) {
            return None;
        }
        let name = first_word(self.text.get(at..)?);
        let bare = name.trim_start_matches('-');
        if !bare.starts_with(char::is_alphabetic) || self.keys.holding(bare) == Holds::No {
            return None;
        }
        let end = at + name.len();
        let named = Named { start: at, line: self.line, text: bare, is_quoted: false, holds: self.keys.holding(bare) };
        value::after_flag(self.text, end, &named, self.keys).map(|end| at..end)
    }

    /// `the password "x"`: a key in a sentence, or in SQL, and what stands in quotes behind it; `["X-Api-Key", "x"]`.
    fn said(&mut self, at: usize) -> Option<Range<usize>> {
        let before = self.text.get(self.taken..at)?.trim_end_matches('\\');
        let at = self.taken + before.len();
        let gap = before.trim_end_matches([' ', '\t']);
        if let Some(gap) = gap.strip_suffix(',') {
            let key = self.key(self.taken + gap.len())?;
            let first =
                self.text.get(..key.start)?.trim_end_matches(['#', '.']).trim_end_matches(['"', '\'', '`', '\\']);
            // Two that something is called with: `setenv("DB_PASSWORD", "x")`.
            let call = first.trim_end_matches([' ', '\t']).strip_suffix('(').filter(|_| first.len() < key.start);
            let is_called =
                key.is_quoted && call.is_some_and(|name| name.ends_with(is_of_key)) && self.keys.hold(key.text);
            let is_pair = key.is_quoted && first.len() < key.start && first.ends_with('[');
            if !is_called && !is_pair {
                return None;
            }
            let (end, behind) = value::quoted(self.text, at)?;
            if is_called {
                return Some(key.start..end);
            }
            let is_pair =
                is_pair && self.text.get(behind..)?.trim_start_matches([' ', '\t', '\n', '\r']).starts_with(']');
            return (is_pair && self.keys.hold(key.text)).then_some(key.start..end);
        }
        if gap.len() == before.len() || !gap.ends_with(is_of_key) {
            return None;
        }
        let mut key = self.key(at)?;
        let holds = self.holding(&mut key);
        (holds == Holds::Yes).then_some(())?;
        let named = Named { start: key.start, line: self.line, text: key.text, is_quoted: false, holds };
        value::behind(self.text, at, &named, self.keys).map(|end| key.start..end)
    }

    /// `<password>x</password>`.
    fn element(&mut self, at: usize) -> Option<Range<usize>> {
        self.tag = Some(at);
        let name = first_word(self.text.get(at + 1..)?);
        let name = match self.text.get(at + 1 + name.len()..).and_then(|rest| rest.strip_prefix(':')) {
            // With its name space.
            Some(rest) => self.text.get(at + 1..at + 2 + name.len() + first_word(rest).len())?,
            None => name,
        };
        let local = name.rsplit(':').next().unwrap_or_default();
        if local.is_empty() {
            return None;
        }
        let behind = at + 1 + name.len();
        let open = self.text.get(behind..)?;
        let open = behind + open.find(['<', '>']).filter(|end| open.as_bytes().get(*end) == Some(&b'>'))? + 1;
        if self.text.get(..open).is_some_and(|tag| tag.ends_with("/>")) {
            return None;
        }
        let content = self.text.get(open..)?;
        if is_namer(local) {
            let said = first_word(content.trim_start());
            self.armed = (said.len() <= NAME && self.keys.hold(said)).then_some(open + NEAR);
            return None;
        }
        if self.keys.holding(local) == Holds::No {
            return None;
        }
        let close = match self.endless {
            ENDLESS if !self.ends => None,
            ENDLESS => content.find("</"),
            _ => content.find(&format!("</{name}")),
        };
        let end = close.unwrap_or_else(|| {
            self.ends = self.endless < ENDLESS;
            self.endless = (self.endless + 1).min(ENDLESS);
            content.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(content.len())
        });
        content.get(..end).is_some_and(|content| !content.trim().is_empty()).then_some(open..open + end)
    }

    /// What stands behind a tag that has said its name: `<string name="api_key">x</string>`.
    fn content(&mut self, at: usize) -> Option<Range<usize>> {
        self.tag.take()?;
        let content = self.text.get(at + 1..)?;
        self.armed?;
        let end = content.find('<').unwrap_or_else(|| content.find(char::is_whitespace).unwrap_or(content.len()));
        let said = content.get(..end)?.trim();
        if said.is_empty() || self.keys.hold(said) {
            return None;
        }
        self.armed.take_if(|until| at <= *until)?;
        Some(at + 1..at + 1 + end)
    }
}

/// Where lines of settings end (`a = b`, remarks, empty ones): before the next section, and before what is none.
fn settings(text: &str) -> usize {
    let lines = text.split_inclusive('\n').take_while(|line| is_setting(line));
    lines.map(str::len).sum()
}

/// The same in JSON that is a text, whose breaks have so many backslashes.
fn escaped_settings(text: &str, slashes: usize) -> usize {
    let mut at = 0;
    loop {
        let from = value::skip(text, at, |c| c == '\\') + 1;
        let (end, goes_on) = code::escaped_line(text, from, slashes);
        if !text.get(from..end).is_some_and(is_setting) {
            return at;
        }
        if !goes_on {
            return end;
        }
        at = end;
    }
}

fn is_setting(line: &str) -> bool {
    let said = line.trim();
    let key = said.split(['=', ':']).next().unwrap_or_default();
    let is_pair = key.len() < said.len() && key.chars().all(|c| is_of_key(c) || c == ' ');
    said.is_empty() || is_pair || said.starts_with(['#', ';'])
}

/// A word that ends a text, without the letters of an escape before it: `\npassword` in JSON that is a text.
fn unescaped<'t>(text: &str, word: &'t str) -> &'t str {
    let before = text.get(..text.len() - word.len()).unwrap_or_default();
    match word.chars().next() {
        Some('u') if before.ends_with('\\') => word.get(5..).unwrap_or(word),
        Some('n' | 'r' | 't' | 'b' | 'f') if before.ends_with('\\') => word.get(1..).unwrap_or(word),
        _ => word,
    }
}

fn last_word(text: &str) -> &str {
    let letters = text.chars().rev().take_while(|c| is_of_key(*c)).map(char::len_utf8).sum::<usize>();
    text.get(text.len() - letters..).unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    let letters = text.chars().take_while(|c| is_of_key(*c)).map(char::len_utf8).sum::<usize>();
    text.get(..letters).unwrap_or_default()
}
