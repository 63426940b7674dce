//! Which way a number, a text, `true` or `false` goes at a place that takes several of them.
//!
//! Some readers look for the way that takes a value as it is (`pydantic`, zod), others go through the ways in their order and take the first that they can make
//! something of (ajv with `coerceTypes`, `pydantic` 1), and `pydantic` does so too where no way takes a value as it is: `1.0` is `true` to `bool | int`, and a moment to `datetime | int`.

use super::kinds::{Kinds, is_flag};
use crate::read::{Node, Value};

/// What the ways of a place take, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ways {
    /// The numbers and texts that a way takes whatever they are.
    plain: Kinds,
    /// Whether a way takes 0 or 1.
    bits: bool,
    /// Whether such a way stands before one for `true` or `false`.
    bits_first: bool,
    /// Whether a way for `true` or `false` stands before the one that takes every number.
    flags_first: bool,
    /// Whether a way for `true` or `false` stands before the one that takes every text.
    words_first: bool,
    /// Whether a way takes texts that are times, or addresses.
    times: bool,
    /// The numbers that come to such a way before one that takes them whatever they are.
    times_first: Kinds,
    /// Whether a way takes other texts.
    texts: bool,
}

/// Formats of texts as which `pydantic` takes a number: of seconds, or of seconds since 1970.
pub(super) const TIMES: [&str; 4] = ["date", "date-time", "duration", "time"];

pub(super) const TIME: &str = "a time or an address";

/// Whether texts of a format are those as which `pydantic` takes a number: times, and addresses of networks (16909060 is 1.2.3.4).
fn is_of_numbers(format: &str) -> bool {
    TIMES.contains(&format) || format.starts_with("ipv")
}

/// Keywords that restrict texts.
const TEXTS: [&str; 4] = ["format", "maxLength", "minLength", "pattern"];

impl Ways {
    /// Of a place about which nothing is said: what stands there is taken as it is.
    pub const ANY: Ways = Ways {
        plain: Kinds::NUMBER.or(Kinds::TEXT),
        bits: true,
        bits_first: false,
        flags_first: false,
        words_first: false,
        times: false,
        times_first: Kinds::NONE,
        texts: true,
    };
    /// Of no ways.
    const NONE: Ways = Ways { plain: Kinds::NONE, bits: false, texts: false, ..Ways::ANY };

    /// What a schema says itself, without the schemas that it refers to; `kinds` are the types of its values. Where it lists types there is one way for each, and all
    /// readers look for the one that fits.
    pub fn of_schema(schema: &Node<'_>, kinds: Kinds) -> Ways {
        if kinds == Kinds::ALL {
            return Ways::ANY;
        }
        let numbers = kinds.and(Kinds::NUMBER);
        let limit = |key: &str| match schema.get(key).map(|limit| &limit.value) {
            Some(Value::Number(text)) => text.parse::<f64>().ok(),
            _ => None,
        };
        let within = |value: f64| {
            limit("minimum").is_none_or(|least| least <= value)
                && limit("maximum").is_none_or(|most| value <= most)
                && limit("exclusiveMinimum").is_none_or(|below| below < value)
                && limit("exclusiveMaximum").is_none_or(|above| value < above)
        };
        let values = schema.get("enum").map(Node::items).or(schema.get("const").map(std::slice::from_ref));
        let listed = |value: f64| values.is_none_or(|values| values.iter().any(|node| is(node, value)));
        let bit = |value: f64| numbers != Kinds::NONE && within(value) && listed(value);
        let restricted = values.is_some() || ["multipleOf", "not", "if"].iter().any(|key| schema.get(key).is_some());
        let all_numbers = !restricted && bit(0.0) && bit(1.0);
        let numbers = if all_numbers { numbers } else { Kinds::NONE };
        let text = kinds.meets(Kinds::TEXT);
        let all_texts = text && !restricted && TEXTS.iter().all(|key| schema.get(key).is_none());
        let times = text && schema.get("format").and_then(Node::text).is_some_and(is_of_numbers);
        Ways {
            plain: if all_texts { numbers.or(Kinds::TEXT) } else { numbers },
            bits: bit(0.0) || bit(1.0),
            times,
            times_first: if times { Kinds::NUMBER.without(numbers) } else { Kinds::NONE },
            texts: text && !times,
            ..Ways::NONE
        }
    }

    /// Of several ways, each with the types of its values.
    pub fn in_order(ways: impl Iterator<Item = (Kinds, Ways)>) -> Ways {
        let (_, all) = ways.fold((Kinds::NONE, Ways::NONE), |(before, all), (kinds, way)| {
            // What an earlier way takes whatever it is does not come to a later one.
            let flags_end = before.and(Kinds::FLAG) == Kinds::FLAG;
            let numbers_end = all.plain.meets(Kinds::WHOLE);
            let texts_end = all.plain.meets(Kinds::TEXT);
            let words = flags_end && kinds.meets(Kinds::TEXT);
            let flags = before.meets(Kinds::FLAG) && kinds.meets(Kinds::NUMBER);
            let sum = Ways {
                plain: all.plain.or(way.plain),
                bits: all.bits || way.bits,
                bits_first: all.bits_first || !flags_end && (way.bits_first || all.bits && kinds.meets(Kinds::FLAG)),
                flags_first: all.flags_first || !numbers_end && (way.flags_first || flags),
                words_first: all.words_first || !texts_end && (way.words_first || words),
                times: all.times || way.times,
                times_first: all.times_first.or(way.times_first.without(all.plain)),
                texts: all.texts || way.texts,
            };
            (before.or(kinds), sum)
        });
        all
    }

    /// Of a place of which both have a say.
    pub fn and(self, other: Ways) -> Ways {
        Ways {
            plain: self.plain.and(other.plain),
            bits: self.bits && other.bits,
            bits_first: self.bits_first || other.bits_first,
            flags_first: self.flags_first || other.flags_first,
            words_first: self.words_first || other.words_first,
            times: self.times || other.times,
            times_first: self.times_first.or(other.times_first),
            texts: self.texts && other.texts,
        }
    }

    /// What some servers take a number, a text, `true` or `false` for where values of these types may stand; `surely` says whether a way takes it as it is.
    pub fn read_as(self, node: &Node<'_>, kinds: Kinds, surely: impl Fn() -> bool) -> Option<&'static str> {
        let number = match &node.value {
            Value::Bool(_) => return self.bits_first.then_some("a number"),
            Value::String(text) => {
                let is_word = kinds.meets(Kinds::FLAG) && is_flag(text);
                return (is_word && (self.words_first || !surely())).then_some("true or false");
            }
            Value::Number(text) => text,
            _ => return None,
        };
        let fraction = self.plain.and(Kinds::NUMBER) == Kinds::NUMBER;
        // Only where a number of any kind may stand is `1.0` one as it is written.
        let is_whole = !number.contains(['.', 'e', 'E']);
        let as_it_is = if is_whole { self.plain.meets(Kinds::WHOLE) } else { fraction };
        if kinds.meets(Kinds::FLAG) && is_bit(node) && (self.flags_first || !as_it_is) {
            return Some("true or false");
        }
        let first = if is_whole { Kinds::WHOLE } else { Kinds::NUMBER.without(Kinds::WHOLE) };
        if self.times_first.meets(first) {
            return Some(TIME);
        }
        // Python's decimals are numbers and texts, and no number is one as it is.
        (self.times && (!as_it_is || fraction && self.texts || !surely())).then_some(TIME)
    }
}

/// Whether a value is 0 or 1, which many readers take for `false` or `true`.
pub(super) fn is_bit(node: &Node<'_>) -> bool {
    is(node, 0.0) || is(node, 1.0)
}

/// Whether a value is this number, however it is written.
fn is(node: &Node<'_>, value: f64) -> bool {
    matches!(&node.value, Value::Number(text) if text.parse::<f64>().is_ok_and(|number| (number - value).abs() == 0.0))
}
