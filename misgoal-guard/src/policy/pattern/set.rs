//! Classes of characters, as ECMA-262 has them: `\d`, `\w` and `\s` are not those of other readers.

use unicode_normalization::char::is_combining_mark;

/// What one character may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    /// From and to, both among them.
    pub ranges: Vec<(u32, u32)>,
    /// Properties that a character has, or has not.
    pub properties: Vec<(Property, bool)>,
    /// Whether all others are meant.
    pub negated: bool,
}

/// A property of characters that is known here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Property {
    Alphabetic,
    Any,
    Ascii,
    Letter,
    Lowercase,
    Mark,
    Number,
    Upper,
    Uppercase,
    WhiteSpace,
}

/// The last character that there is.
const LAST: u32 = 0x10_ffff;
const DIGITS: [(u32, u32); 1] = [(0x30, 0x39)];
const WORDS: [(u32, u32); 4] = [(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
const BLANKS: [(u32, u32); 9] = [
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];
const MARK_OF_BYTES: (u32, u32) = (0xfeff, 0xfeff);
const BREAKS: [(u32, u32); 3] = [(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];
/// Letters in circles and boxes, which are alphabetic and no letters.
const ENCLOSED: [(u32, u32); 4] = [(0x24b6, 0x24e9), (0x1f130, 0x1f149), (0x1f150, 0x1f169), (0x1f170, 0x1f189)];

fn among(ranges: &[(u32, u32)], code: u32) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&code))
}

/// What is in none of these ranges.
fn others(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let (mut others, mut next) = (Vec::new(), 0);
    for (from, to) in sorted {
        if next < from {
            others.push((next, from - 1));
        }
        next = next.max(to + 1);
    }
    if next <= LAST {
        others.push((next, LAST));
    }
    others
}

/// The class that a letter behind `\` names.
pub(super) fn class(letter: char) -> Option<Vec<(u32, u32)>> {
    let blanks = || [&BLANKS[..], &[MARK_OF_BYTES]].concat();
    Some(match letter {
        'd' => DIGITS.to_vec(),
        'D' => others(&DIGITS),
        'w' => WORDS.to_vec(),
        'W' => others(&WORDS),
        's' => blanks(),
        'S' => others(&blanks()),
        _ => return None,
    })
}

pub(super) fn is_word(code: u32) -> bool {
    among(&WORDS, code)
}

impl Set {
    pub fn one(code: u32) -> Set {
        Set { ranges: vec![(code, code)], ..Set::default() }
    }

    /// What a point is.
    pub fn dot() -> Set {
        Set { ranges: others(&BREAKS), ..Set::default() }
    }

    pub fn has(&self, code: u32) -> bool {
        let has = |(property, holds): &(Property, bool)| property.of(code) == *holds;
        (among(&self.ranges, code) || self.properties.iter().any(has)) != self.negated
    }

    /// As text of the crate `regex`, where it is without properties.
    pub fn print(&self) -> Option<String> {
        if !self.properties.is_empty() {
            return None;
        }
        let ranges = if self.negated { others(&self.ranges) } else { self.ranges.clone() };
        let mut text = String::from("[");
        // No text has surrogates.
        for (from, to) in ranges {
            for (from, to) in [(from, to.min(0xd7ff)), (from.max(0xe000), to)] {
                if from <= to {
                    text.push_str(&format!("\\x{{{from:X}}}-\\x{{{to:X}}}"));
                }
            }
        }
        Some(if text.len() == 1 { "[^\\x{0}-\\x{10FFFF}]".to_owned() } else { text + "]" })
    }
}

impl Property {
    pub fn named(name: &str) -> Option<Property> {
        let name = ["General_Category=", "gc="].iter().find_map(|key| name.strip_prefix(key)).unwrap_or(name);
        Some(match name {
            "Alphabetic" | "Alpha" => Property::Alphabetic,
            "Any" => Property::Any,
            "ASCII" => Property::Ascii,
            "L" | "Letter" => Property::Letter,
            "Lowercase" | "Lower" => Property::Lowercase,
            "M" | "Mark" | "Combining_Mark" => Property::Mark,
            "N" | "Number" => Property::Number,
            "Lu" | "Uppercase_Letter" => Property::Upper,
            "Uppercase" | "Upper" => Property::Uppercase,
            "White_Space" | "space" => Property::WhiteSpace,
            _ => return None,
        })
    }

    fn of(self, code: u32) -> bool {
        // Half of a pair of surrogates has none but being a character.
        let Some(c) = char::from_u32(code) else { return matches!(self, Property::Any) };
        let is_letter = || c.is_alphabetic() && !c.is_numeric() && !is_combining_mark(c) && !among(&ENCLOSED, code);
        match self {
            Property::Alphabetic => c.is_alphabetic(),
            Property::Any => true,
            Property::Ascii => c.is_ascii(),
            Property::Letter => is_letter(),
            Property::Lowercase => c.is_lowercase(),
            Property::Mark => is_combining_mark(c),
            Property::Number => c.is_numeric(),
            Property::Upper => c.is_uppercase() && is_letter(),
            Property::Uppercase => c.is_uppercase(),
            Property::WhiteSpace => c.is_whitespace(),
        }
    }
}
