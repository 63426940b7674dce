//! A JSON text with the place of every value in it, so that a part can be looked at, hashed or cut out and the rest stays as it was sent.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::number::plain;

/// A value and where it stands: `bytes[start..end]` of the text that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What stands there.
    pub value: Value<'a>,
}

/// A JSON value; numbers stay as they were written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number's text, such as `-1.5e3`.
    Number(&'a str),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object in the order of the text; no key occurs twice.
    Object(Vec<Member<'a>>),
}

/// One key of an object with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The key, unescaped.
    pub key: Cow<'a, str>,
    /// Its value.
    pub node: Node<'a>,
}

impl<'a> Node<'a> {
    /// A text that stands nowhere.
    pub fn of_text(text: &'a str) -> Node<'a> {
        Node { start: 0, end: 0, value: Value::String(Cow::Borrowed(text)) }
    }

    /// The member of this key, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|member| member.key == key).map(|member| &member.node)
    }

    /// The members of an object; of anything else none.
    pub fn members(&self) -> &[Member<'a>] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array; of anything else none.
    pub fn items(&self) -> &[Node<'a>] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value in canonical form: no white space, keys in order, strings with the fewest escapes, numbers as they were written.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, true, &|number| Cow::Borrowed(number));
        out
    }

    /// The value in canonical form, but for the order of the members of its objects, which is that of the text: to a server these may be rows of a list.
    pub fn in_order(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, false, &|number| Cow::Borrowed(number));
        out
    }

    /// The value in canonical form, and each number in the one text of its value: what is the same to every reader has the same text.
    pub fn plain(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, true, &plain);
        out
    }

    fn write(&self, out: &mut String, sorts: bool, number: &dyn Fn(&'a str) -> Cow<'a, str>) {
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(text) => out.push_str(&number(text)),
            Value::String(text) => write_string(out, text),
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out, sorts, number);
                }
                out.push(']');
            }
            Value::Object(members) => {
                let mut all: Vec<&Member<'_>> = members.iter().collect();
                if sorts {
                    all.sort_by(|a, b| a.key.cmp(&b.key));
                }
                out.push('{');
                for (at, member) in all.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_string(out, &member.key);
                    out.push(':');
                    member.node.write(out, sorts, number);
                }
                out.push('}');
            }
        }
    }
}

/// Appends a JSON string.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || c == '\u{7f}' => {
                // A string takes everything.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
