//! Of which of JSON's types an argument may be, as its schema has it, and texts that some servers take for a value of another type.

use super::json::is_json;
use crate::read::{Node, Value};

/// A set of JSON's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// Any value.
    pub const ALL: Kinds = Kinds(0xff);
    pub(super) const NONE: Kinds = Kinds(0);
    pub(super) const TEXT: Kinds = Kinds(1);
    pub(super) const WHOLE: Kinds = Kinds(2);
    /// Whole numbers are numbers too.
    pub(super) const NUMBER: Kinds = Kinds(2 | 4);
    /// `true` and `false`, each of which may stand alone.
    pub(super) const FLAG: Kinds = Kinds(8 | 128);
    const TRUE: Kinds = Kinds(8);
    const FALSE: Kinds = Kinds(128);
    pub(super) const NULL: Kinds = Kinds(16);
    pub(super) const ARRAY: Kinds = Kinds(32);
    pub(super) const OBJECT: Kinds = Kinds(64);

    fn named(kind: &str) -> Kinds {
        match kind {
            "string" => Kinds::TEXT,
            "integer" => Kinds::WHOLE,
            "number" => Kinds::NUMBER,
            "boolean" => Kinds::FLAG,
            "null" => Kinds::NULL,
            "array" => Kinds::ARRAY,
            "object" => Kinds::OBJECT,
            _ => Kinds::ALL,
        }
    }

    fn of_value(node: &Node<'_>) -> Kinds {
        match &node.value {
            Value::Null => Kinds::NULL,
            Value::Bool(true) => Kinds::TRUE,
            Value::Bool(false) => Kinds::FALSE,
            Value::Number(text) if is_whole(text) => Kinds::WHOLE,
            Value::Number(_) => Kinds(4),
            Value::String(_) => Kinds::TEXT,
            Value::Array(_) => Kinds::ARRAY,
            Value::Object(_) => Kinds::OBJECT,
        }
    }

    pub(super) const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(super) fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub(super) fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    pub(super) fn any(all: impl Iterator<Item = Kinds>) -> Kinds {
        all.fold(Kinds::NONE, Kinds::or)
    }

    /// Whether any type is in both.
    pub(super) fn meets(self, other: Kinds) -> bool {
        self.and(other) != Kinds::NONE
    }

    /// What a schema itself says of the types of its values, without the schemas that it refers to.
    pub(super) fn of_schema(schema: &Node<'_>) -> Kinds {
        let mut kinds = match schema.get("type").map(|kind| &kind.value) {
            Some(Value::String(kind)) => Kinds::named(kind),
            Some(Value::Array(kinds)) => {
                Kinds::any(kinds.iter().map(|kind| kind.text().map_or(Kinds::ALL, Kinds::named)))
            }
            _ => Kinds::ALL,
        };
        if let Some(values) = schema.get("enum").map(Node::items).filter(|values| !values.is_empty()) {
            kinds = kinds.and(Kinds::any(values.iter().map(Kinds::of_value)));
        }
        if let Some(value) = schema.get("const") {
            kinds = kinds.and(Kinds::of_value(value));
        }
        kinds
    }

    /// What a value should have been, where it is not of these types.
    pub(super) fn refuse(self, node: &Node<'_>) -> Option<String> {
        (!self.meets(Kinds::of_value(node))).then(|| self.to_string())
    }

    /// Whether some servers make a value of these types of one that is none: of a number, `true`, `false` or null another of them or a text, of a text what it spells.
    pub(super) fn can_be_made_of(self, node: &Node<'_>) -> bool {
        match &node.value {
            Value::Bool(_) => self.meets(Kinds::TEXT.or(Kinds::NUMBER)),
            Value::Null | Value::Number(_) => self.meets(Kinds::TEXT.or(Kinds::NUMBER).or(Kinds::FLAG)),
            Value::String(text) => self.read_as(text).is_some() || self.meets(Kinds::FLAG) && is_flag(text),
            Value::Array(_) | Value::Object(_) => false,
        }
    }

    /// What some servers take a text for that may be another value too: they read it as JSON, or as a number, before they look at it (PyPI's `mcp` and `pydantic`).
    pub(super) fn read_as(self, text: &str) -> Option<&'static str> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
        let (kinds, what) = if text.starts_with('{') && is_json(text) {
            (Kinds::OBJECT, "an object")
        } else if text.starts_with('[') && is_json(text) {
            (Kinds::ARRAY, "an array")
        } else if ["true", "false"].contains(&text) {
            (Kinds::FLAG, "true or false")
        } else if text == "null" {
            (Kinds::NULL, "null")
        } else if is_number(text) {
            (Kinds::NUMBER, "a number")
        } else {
            return None;
        };
        self.meets(kinds).then_some(what)
    }
}

impl std::fmt::Display for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = [
            (Kinds::TEXT, "text"),
            (Kinds::TRUE, "true"),
            (Kinds::FALSE, "false"),
            (Kinds::NULL, "null"),
            (Kinds::ARRAY, "an array"),
            (Kinds::OBJECT, "an object"),
        ];
        let mut words: Vec<&str> =
            names.into_iter().filter(|(kind, _)| self.meets(*kind)).map(|(_, word)| word).collect();
        match self.and(Kinds::NUMBER) {
            Kinds::NONE => {}
            Kinds::WHOLE => words.push("an integer"),
            _ => words.push("a number"),
        }
        f.write_str(&words.join(" or "))
    }
}

/// Whether a reader takes this text for `true` or `false`.
pub(super) fn is_flag(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "1", "0"];
    words.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// Whether a number of JSON is whole, however it is written.
pub(super) fn is_whole(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|double| double.fract() == 0.0)
}

/// Whether any reader of numbers takes this text, which has no white space around it: integers, doubles and decimals of Python (`1_000`, `１２`, `inf`, `sNaN`, `NaN12`),
/// `Number` of JavaScript (`0x1f`, `0b1`, `0o7`, and nothing at all, which is 0), C's doubles (`0x1.8p1`, `nan(7)`).
pub(super) fn is_number(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let digits = |c: char| if c.is_ascii() || !c.is_numeric() { c } else { '0' };
    let plain: String = text.chars().filter(|c| *c != '_').map(digits).collect::<String>().to_ascii_lowercase();
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let in_radix = |digits: &str, radix: u32| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let in_prefixed =
        |prefix: &str, radix: u32| unsigned.strip_prefix(prefix).is_some_and(|text| in_radix(text, radix));
    plain.parse::<f64>().is_ok()
        || is_nan(unsigned)
        || unsigned == "\u{221e}"
        || unsigned.strip_prefix("0x").is_some_and(is_hexadecimal)
        || in_prefixed("0o", 8)
        || in_prefixed("0b", 2)
}

/// `nan`, quiet or signalling, with whatever it says beside.
fn is_nan(text: &str) -> bool {
    let Some(beside) = text.strip_prefix('s').unwrap_or(text).strip_prefix("nan") else { return false };
    let inner = beside.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    beside.bytes().all(|byte| byte.is_ascii_digit())
        || inner.is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Hexadecimal digits, with a point or an exponent to the base of two.
fn is_hexadecimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once('p').unwrap_or((text, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal(whole)
        && hexadecimal(part)
        && !(whole.is_empty() && part.is_empty())
        && !exponent.is_empty()
        && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_some_read_as_another_value() {
        let both = Kinds::ALL;
        for (text, what) in [
            ("{}", "an object"),
            (" \n{\"a\":NaN}\t", "an object"),
            ("[1,\"\\ud800\"]", "an array"),
            ("true", "true or false"),
            (" false ", "true or false"),
            ("null", "null"),
            ("5", "a number"),
            ("5_0", "a number"),
            ("\u{a0}-1.5e3 ", "a number"),
            ("٥", "a number"),
            ("NaN", "a number"),
            ("-Infinity", "a number"),
            ("sNaN", "a number"),
            ("-sNaN07", "a number"),
            ("NaN123", "a number"),
            ("+nan٣", "a number"),
            ("nan(7f)", "a number"),
            ("-inf", "a number"),
            ("+INFINITY", "a number"),
            ("-∞", "a number"),
            ("i_nf", "a number"),
            ("__1__0", "a number"),
            ("+.5E-1_0", "a number"),
            ("5.", "a number"),
            ("٣.٥", "a number"),
            ("-0x1F", "a number"),
            ("0x1.8p-1", "a number"),
            ("0x.8", "a number"),
            ("0x1F", "a number"),
            ("0b11", "a number"),
            ("0B11", "a number"),
            ("0o7", "a number"),
            ("0O17", "a number"),
            ("", "a number"),
            (" \t", "a number"),
        ] {
            assert_eq!(both.read_as(text), Some(what), "{text:?}");
            assert_eq!(Kinds::TEXT.read_as(text), None, "{text:?} where only text may stand");
        }
        for text in [
            "0b12",
            "0o8",
            "0b",
            "0x",
            "é0x1",
            "hello",
            "[a",
            "555-1234",
            "1,5",
            "nullify",
            "\"5\"",
            "_",
            "-",
            "v1",
            "+",
            "nano",
            "snail",
            "san",
            "nan(",
            "nan(a b)",
            "sinf",
            "infinite",
            "1e",
            "e5",
            "0x.",
            "0x1p",
            "5d",
            "1/2",
            "--5",
            "- 5",
            "True",
            "FALSE",
            "Null",
            "NULL",
            "{{ name }}",
            "{% if x %}",
            "{0}",
            "{a}",
            "{ color: red; }",
            "{'a': 1}",
            "[a, b]",
            "[1] and [2]",
            "[x](y)",
            "[INFO]",
            "{\"a\": 1} {\"b\": 2}",
        ] {
            assert_eq!(both.read_as(text), None, "{text:?}");
        }
        let optional = Kinds::TEXT.or(Kinds::NULL);
        assert_eq!(
            (optional.read_as("null"), optional.read_as("5"), optional.read_as("[]")),
            (Some("null"), None, None)
        );
    }
}
