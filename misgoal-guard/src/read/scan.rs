//! The reader of JSON texts (RFC 8259), stricter than the grammar where readers differ: no key twice at any depth, no key that reaches into a JavaScript object's
//! prototype, no lone surrogates, no byte-order mark, nothing after the value, and from an agent no NUL and no two keys that look the same.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::json::{Member, Node, Value};
use super::{Limits, Refusal, Side, fold};

/// Objects with more members than this look their keys up in a tree.
const FEW: usize = 12;

/// Reads one value that is the whole of `bytes`.
pub(super) fn parse<'a>(bytes: &'a [u8], side: Side, limits: &Limits) -> Result<Node<'a>, Refusal> {
    if bytes.len() > limits.bytes {
        let (is, may) = (bytes.len(), limits.bytes);
        return Err(Refusal::new("too-large", format!("the message has {is} bytes; at most {may} are read")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Refusal::new("invalid-utf8", format!("the message is not UTF-8: byte {} is wrong", error.valid_up_to()))
    })?;
    let mut scan = Scan { text, bytes, at: 0, side, deepest: limits.depth.min(Limits::DEEPEST) };
    scan.space();
    let node = scan.value(0)?;
    scan.space();
    if scan.at < bytes.len() {
        return Err(scan.wrong("trailing-data", "something follows the message's end"));
    }
    Ok(node)
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    side: Side,
    deepest: usize,
}

impl<'a> Scan<'a> {
    fn wrong(&self, code: &'static str, what: &str) -> Refusal {
        Refusal::new(code, format!("{what} at byte {}", self.at))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn part(&self, start: usize, end: usize) -> Result<&'a str, Refusal> {
        self.text.get(start..end).ok_or_else(|| self.wrong("invalid-json", "a broken character"))
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Refusal> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.wrong("invalid-json", "no JSON value")),
        };
        Ok(Node { start, end: self.at, value })
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Refusal> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.wrong("invalid-json", "no JSON value"))
    }

    fn deeper(&self, depth: usize) -> Result<usize, Refusal> {
        if depth >= self.deepest {
            let message = format!("the message is nested deeper than {} at byte {}", self.deepest, self.at);
            return Err(Refusal::new("too-deep", message));
        }
        Ok(depth + 1)
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.space();
            items.push(self.value(depth)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("invalid-json", "expected `,` or `]`")),
            }
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let mut members: Vec<Member<'a>> = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("invalid-json", "expected a key"));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.wrong("invalid-json", "expected `:`"));
            }
            self.at += 1;
            self.space();
            let node = self.value(depth)?;
            members.push(Member { key, node });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("invalid-json", "expected `,` or `}`")),
            }
        }
        self.at += 1;
        self.distinct(&members)?;
        self.own(&members)?;
        Ok(Value::Object(members))
    }

    /// No key twice; from an agent, no two keys that look the same either (servers in Go, for one, match keys without regard to case).
    fn distinct(&self, members: &[Member<'a>]) -> Result<(), Refusal> {
        let twice = |key: &str| Refusal::new("duplicate-key", format!("the key `{}` occurs twice", short(key)));
        if members.len() <= FEW {
            for (at, member) in members.iter().enumerate() {
                if members.iter().take(at).any(|before| before.key == member.key) {
                    return Err(twice(&member.key));
                }
            }
        } else {
            let mut seen = BTreeSet::new();
            if let Some(member) = members.iter().find(|member| !seen.insert(member.key.as_ref())) {
                return Err(twice(&member.key));
            }
        }
        if self.side == Side::Agent && members.len() > 1 {
            let mut seen = BTreeSet::new();
            if let Some(member) = members.iter().find(|member| !seen.insert(fold(&member.key))) {
                let message = format!(
                    "the key `{}` looks like another one of the same object",
                    short(&member.key).escape_debug()
                );
                return Err(Refusal::new("lookalike-key", message));
            }
        }
        Ok(())
    }

    /// No key with which a JavaScript program that copies the object would change what the copy inherits: for such a reader the members that stand below it are the
    /// object's own.
    fn own(&self, members: &[Member<'a>]) -> Result<(), Refusal> {
        let inherits = |member: &&Member<'_>| match member.key.as_ref() {
            "__proto__" => true,
            "constructor" => member.node.get("prototype").is_some(),
            _ => false,
        };
        match members.iter().find(inherits) {
            Some(member) => {
                let message = format!("the key `{}` changes what an object inherits in some readers", member.key);
                Err(Refusal::new("prototype-key", message))
            }
            None => Ok(()),
        }
    }

    fn number(&mut self) -> Result<Value<'a>, Refusal> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(self.wrong("invalid-json", "a wrong number"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.wrong("invalid-json", "a wrong number"));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.wrong("invalid-json", "a wrong number"));
            }
        }
        Ok(Value::Number(self.part(start, self.at)?))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Refusal> {
        self.at += 1;
        let mut start = self.at;
        let mut unescaped: Option<String> = None;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = self.part(start, self.at)?;
                    self.at += 1;
                    return Ok(match unescaped {
                        None => Cow::Borrowed(rest),
                        Some(mut text) => {
                            text.push_str(rest);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = unescaped.get_or_insert_default();
                    text.push_str(self.part(start, self.at)?);
                    let c = self.escape()?;
                    unescaped.get_or_insert_default().push(c);
                    start = self.at;
                }
                Some(0..=0x1f) => return Err(self.wrong("invalid-json", "a bare control character in a string")),
                Some(_) => self.at += 1,
                None => return Err(self.wrong("invalid-json", "a string without its end")),
            }
        }
    }

    /// The character of an escape; `at` is on its backslash and ends behind it.
    fn escape(&mut self) -> Result<char, Refusal> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.wrong("invalid-json", "an unknown escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, Refusal> {
        let first = self.hex()?;
        let code = match first {
            0xd800..=0xdbff => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(self.wrong("lone-surrogate", "half of a surrogate pair"));
                }
                self.at += 1;
                let second = self.hex()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(self.wrong("lone-surrogate", "half of a surrogate pair"));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            0xdc00..=0xdfff => return Err(self.wrong("lone-surrogate", "half of a surrogate pair")),
            0 if self.side == Side::Agent => {
                return Err(self.wrong("nul", "a NUL, which ends a text for some readers and not for others,"));
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| self.wrong("invalid-json", "an escape that is no character"))
    }

    /// Four hexadecimal digits; `at` is on the `u` and ends behind the digits.
    fn hex(&mut self) -> Result<u32, Refusal> {
        self.at += 1;
        let digits = self.bytes.get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        let code = code.ok_or_else(|| self.wrong("invalid-json", "an escape without its four digits"))?;
        self.at += 4;
        Ok(code)
    }
}

/// The beginning of a name that may be long.
pub(super) fn short(name: &str) -> String {
    match name.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}
