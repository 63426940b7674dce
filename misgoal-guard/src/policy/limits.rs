//! What a subschema says itself of a value beside its types: what is required, lengths, ranges, formats.
//!
//! A way of a union that a value does not keep to is passed over by the server, which then takes another; elsewhere some servers take another value in its stead.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::kinds::is_flag;
use super::pattern::{Match, Pattern};
use crate::read::{Node, Value};

/// The limits of one subschema, without those that it refers to.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// The values, in their canonical form.
    values: Option<BTreeSet<String>>,
    required: Vec<String>,
    /// Fewest and most: characters, items, members.
    lengths: [(Option<f64>, Option<f64>); 3],
    ranges: Vec<(Range, f64)>,
    step: Option<f64>,
    /// Whether items differ.
    unique: bool,
    /// Whether nothing stands behind the first items.
    closed: bool,
    pattern: Option<Pattern>,
    format: Option<&'static Format>,
    /// Whether it has a format that is not among these.
    other_format: bool,
    /// Of the names of members.
    names: Option<Box<Names>>,
    /// Whether it has keywords that are not looked at here.
    others: bool,
}

/// What names of members are, as far as it is said without references.
#[derive(Clone, Debug)]
struct Names {
    own: Limits,
    all: Vec<Names>,
    /// Of each group one holds.
    ways: Vec<Vec<Names>>,
}

#[derive(Clone, Copy, Debug)]
enum Range {
    Least,
    Most,
    Above,
    Below,
}

/// Keywords that may refuse a value and are not looked at here.
const OTHERS: [&str; 9] = [
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "then",
    "unevaluatedProperties",
];

/// Keywords by which others have a say.
const REFERS: [&str; 4] = ["$ref", "allOf", "anyOf", "oneOf"];

/// How bytes are written as text; what more they are is not known.
const BYTES: [&str; 2] = ["base64", "base64url"];

/// Texts of a format.
#[derive(Debug)]
struct Format {
    name: &'static str,
    /// Those that every reader takes for one; it may have others.
    sure: Regex,
    /// Those that some reader may take for one.
    loose: Regex,
}

static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| {
    let date = r"[12]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))";
    let time = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?";
    let zone = r"(?:Z|[+-](?:0\d|1[0-2]):[0-5]\d)";
    let byte = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    let label = "[A-Za-z](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    let host = format!(r"{label}(?:\.{label}){{1,6}}");
    let all = [
        ("date", date.to_owned(), r"\d{4}-\d\d-\d\d(?:[T _].*)?"),
        ("time", format!("{time}{zone}"), r"\d\d:\d\d.*"),
        ("date-time", format!("{date}T{time}{zone}"), r"\d{4}-\d\d-\d\d(?:[T _].*)?"),
        ("duration", r"P(?:\d{1,3}D)?(?:T\d{1,4}[HMS])".to_owned(), r"(?i)[+-]?(?:P|\d).*"),
        (
            "uuid",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}".to_owned(),
            r"(?i)(?:urn:uuid:)?\{?[0-9a-f-]{32,36}\}?",
        ),
        ("ipv4", format!(r"{byte}(?:\.{byte}){{3}}"), r"[\d./]+"),
        (
            "ipv6",
            "(?:[1-9a-f][0-9a-f]{0,3}:){7}[1-9a-f][0-9a-f]{0,3}".to_owned(),
            r"(?i)[0-9a-f.:]*:[0-9a-f.:]*(?:[%/].*)?",
        ),
        ("email", format!(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+){{0,6}}@{host}"), r".+@.+"),
        (
            "uri",
            format!(r"https?://{host}(?:/[A-Za-z0-9._~-]+)*/?(?:\?[A-Za-z0-9._~=&-]*)?"),
            r"(?i)[a-z][a-z0-9+.-]*:.*",
        ),
    ];
    let bytes = BYTES.map(|name| (name, "[A-Za-z0-9+/_=-]*".to_owned(), r"[A-Za-z0-9+/_=\s-]*"));
    let whole = |text: &str| Regex::new(&format!("^(?-u:{text})$")).ok();
    let format = |(name, sure, loose): (&'static str, String, &str)| {
        Some(Format {
            name,
            sure: whole(&sure)?,
            loose: Regex::new(&format!("^(?s:{})$", loose.replace(r"\d", "[0-9]"))).ok()?,
        })
    };
    all.into_iter().chain(bytes).filter_map(format).collect()
});

impl Limits {
    /// `names` are what its names of members are.
    pub fn of_schema(schema: &Node<'_>, names: Option<&Node<'_>>) -> Limits {
        let number = |key: &str| match schema.get(key).map(|limit| &limit.value) {
            Some(Value::Number(text)) => text.parse::<f64>().ok(),
            _ => None,
        };
        let values = schema.get("enum").map(Node::items).or(schema.get("const").map(std::slice::from_ref));
        let ranges = [
            ("minimum", Range::Least),
            ("maximum", Range::Most),
            ("exclusiveMinimum", Range::Above),
            ("exclusiveMaximum", Range::Below),
        ];
        let is = |key: &str, flag: bool| schema.get(key).is_some_and(|value| value.value == Value::Bool(flag));
        let format = schema.get("format").or(schema.get("contentEncoding")).and_then(Node::text);
        let required = schema.get("required").map(Node::items).unwrap_or_default();
        Limits {
            values: values.map(|values| values.iter().map(Node::plain).collect()),
            required: required.iter().filter_map(Node::text).map(str::to_owned).collect(),
            lengths: [("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")]
                .map(|(least, most)| (number(least), number(most))),
            ranges: ranges.iter().filter_map(|(key, range)| Some((*range, number(key)?))).collect(),
            step: number("multipleOf"),
            unique: is("uniqueItems", true),
            closed: is("items", false) || is("additionalItems", false) || is("unevaluatedItems", false),
            pattern: schema.get("pattern").and_then(Node::text).map(Pattern::new),
            other_format: schema.get("contentEncoding").is_some()
                || format.is_some_and(|name| BYTES.contains(&name) || FORMATS.iter().all(|format| format.name != name)),
            format: FORMATS.iter().find(|known| Some(known.name) == format),
            names: names.filter(|names| !names.members().is_empty()).map(|names| Box::new(Names::of_schema(names))),
            others: OTHERS.iter().any(|key| schema.get(key).is_some()),
        }
    }

    /// Whether the value is one of those that are listed, where some are.
    pub fn lists(&self, node: &Node<'_>) -> bool {
        self.values.as_ref().is_none_or(|values| values.contains(&node.plain()))
    }

    /// Whether a value surely keeps to the limits; `first` is the count of items that have subschemas of their own.
    pub fn hold(&self, node: &Node<'_>, first: usize) -> bool {
        let [characters, items, members] = self.lengths;
        !self.others
            && match &node.value {
                Value::Null | Value::Bool(_) => true,
                Value::Number(text) => text.parse::<f64>().is_ok_and(|number| self.hold_number(number)),
                Value::String(text) => self.hold_text(text, characters),
                Value::Array(all) => {
                    let differ = || all.iter().map(Node::plain).collect::<BTreeSet<_>>().len() == all.len();
                    within(all.len(), items) && (!self.closed || all.len() <= first) && (!self.unique || differ())
                }
                Value::Object(all) => {
                    within(all.len(), members)
                        && self.required.iter().all(|name| node.get(name).is_some())
                        && self.names.as_ref().is_none_or(|names| all.iter().all(|member| names.hold(&member.key)))
                }
            }
    }

    /// Whether a value is surely out of the limits to all readers; `may_lack` says of a member that is required whether it may be left out all the same.
    pub fn surely_break(&self, node: &Node<'_>, may_lack: impl Fn(&str) -> bool) -> bool {
        let [characters, items, members] = self.lengths;
        match &node.value {
            Value::Null | Value::Bool(_) => false,
            Value::Number(text) => text.parse::<f64>().is_ok_and(|number| {
                // Steps such as 0.1 are no doubles.
                let near = |step: f64| ((number / step).round() * step - number).abs() <= step.abs() * 1e-6;
                !self.in_ranges(number) || !self.step.is_none_or(near)
            }),
            Value::String(text) => {
                let counts = [text.chars().count(), text.encode_utf16().count()];
                counts.iter().all(|count| !within(*count, characters))
                    || self
                        .pattern
                        .as_ref()
                        .is_some_and(|pattern| matches!(pattern.says(text), Match::No | Match::Lost))
                    || self.format.is_some_and(|format| !format.loose.is_match(text))
            }
            Value::Array(all) => !within(all.len(), items),
            Value::Object(all) => {
                !within(all.len(), members)
                    || self
                        .names
                        .as_ref()
                        .is_some_and(|names| all.iter().any(|member| names.are_broken_by(&member.key)))
                    || !self.required.iter().all(|name| node.get(name).is_some() || may_lack(name))
            }
        }
    }

    fn hold_number(&self, number: f64) -> bool {
        self.step.is_none_or(|step| (number % step).abs() == 0.0) && self.in_ranges(number)
    }

    fn in_ranges(&self, number: f64) -> bool {
        self.ranges.iter().all(|(range, limit)| match range {
            Range::Least => *limit <= number,
            Range::Most => number <= *limit,
            Range::Above => *limit < number,
            Range::Below => number < *limit,
        })
    }

    /// Whether a text is surely out of the limits.
    fn text_breaks(&self, text: &str, length: (Option<f64>, Option<f64>)) -> bool {
        let counts = [text.chars().count(), text.encode_utf16().count()];
        counts.iter().all(|count| !within(*count, length))
            || self.pattern.as_ref().is_some_and(|pattern| matches!(pattern.says(text), Match::No | Match::Lost))
            || self.format.is_some_and(|format| !format.loose.is_match(text))
    }

    fn lists_name(&self, name: &str) -> bool {
        self.values.as_ref().is_none_or(|values| {
            // A number is one where numbers are listed.
            values.contains(name)
                || values.contains(&Node { start: 0, end: 0, value: Value::String(name.into()) }.plain())
        })
    }

    fn hold_text(&self, text: &str, length: (Option<f64>, Option<f64>)) -> bool {
        // Python counts characters, JavaScript units of UTF-16.
        within(text.chars().count(), length)
            && within(text.encode_utf16().count(), length)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
            // What reads `on` for a path or bytes may read it for `true` rather.
            && !(self.other_format && is_flag(text))
            && self.format.is_none_or(|format| format.sure.is_match(text))
    }
}

impl Names {
    fn of_schema(schema: &Node<'_>) -> Names {
        let list = |key: &str| {
            let all = schema.get(key).map(Node::items).unwrap_or_default();
            all.iter().map(Names::of_schema).collect::<Vec<_>>()
        };
        let own = Limits::of_schema(schema, None);
        let others = own.others || REFERS.iter().any(|key| schema.get(key).is_some());
        let ways = [list("anyOf"), list("oneOf")].into_iter().filter(|ways| !ways.is_empty()).collect();
        Names { own: Limits { others, ..own }, all: list("allOf"), ways }
    }

    /// Whether a name is surely one of these.
    fn hold(&self, name: &str) -> bool {
        !self.own.others && self.own.lists_name(name) && self.own.hold_text(name, self.own.lengths[0])
    }

    /// Whether a name is surely none of these.
    fn are_broken_by(&self, name: &str) -> bool {
        !self.own.lists_name(name)
            || self.own.text_breaks(name, self.own.lengths[0])
            || self.all.iter().any(|names| names.are_broken_by(name))
            || self.ways.iter().any(|ways| ways.iter().all(|names| names.are_broken_by(name)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "no value has 2^53 parts")]
fn within(count: usize, (least, most): (Option<f64>, Option<f64>)) -> bool {
    let count = count as f64;
    least.is_none_or(|least| least <= count) && most.is_none_or(|most| count <= most)
}
