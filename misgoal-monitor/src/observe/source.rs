//! Where a value comes from: the user's words, a tool's answer, the instructions, or nowhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::words;

/// Where an argument's value, or the wish for a call, comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The user said it.
    User,
    /// The instructions say it (system prompt, constraints).
    Instructions,
    /// A tool's answer said it, and neither the user nor the instructions.
    Tool,
    /// Partly one, partly the other.
    Mixed,
    /// Nobody said it.
    Nowhere,
    /// Too small to come from anywhere: a flag, a number below ten, an empty value.
    Small,
}

impl Source {
    /// The name in profiles and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Source::User => "the user",
            Source::Instructions => "the instructions",
            Source::Tool => "a tool's answer",
            Source::Mixed => "several",
            Source::Nowhere => "nowhere",
            Source::Small => "too small",
        }
    }
}

/// Words that are kept of each speaker; a session that says more than this is judged by what it said first.
const MOST_WORDS: usize = 200_000;
/// Bytes of one text that are read.
const MOST_BYTES: usize = 1 << 18;
/// The share of a value's words that must have been said.
const ENOUGH: f64 = 0.75;

/// What one speaker has said so far.
#[derive(Clone, Debug, Default)]
pub struct Said {
    words: BTreeSet<String>,
    stems: BTreeSet<String>,
}

impl Said {
    /// Adds a text.
    pub fn hear(&mut self, text: &str) {
        let text = text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or(text);
        for word in words::words(text) {
            if self.words.len() >= MOST_WORDS {
                break;
            }
            // A path, an address or a hyphened name is also its parts.
            let parts = word.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() < word.len());
            self.words.extend(parts.filter(|part| !part.is_empty()).map(str::to_owned));
            self.words.insert(word);
        }
        if self.stems.len() < MOST_WORDS {
            self.stems.extend(words::stems(text));
        }
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether a word with this stem was said.
    pub fn has_stem(&self, stem: &str) -> bool {
        words::relatives(stem).any(|other| self.stems.contains(&other))
    }
}

/// The sentences of the tools' answers, by the words and stems in them.
#[derive(Clone, Debug, Default)]
pub struct Sentences {
    words: BTreeMap<String, Vec<u32>>,
    stems: BTreeMap<String, Vec<u32>>,
    count: u32,
}

/// Sentences that are kept.
const MOST_SENTENCES: u32 = 20_000;

impl Sentences {
    /// Adds a text. A stop within a name or a number ends no sentence.
    pub fn hear(&mut self, text: &str) {
        let text = text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or(text);
        for sentence in text.split(['\n', '!', '?', ';']).flat_map(|line| line.split(". ")) {
            if self.count >= MOST_SENTENCES {
                return;
            }
            let here = self.count;
            self.count += 1;
            for word in words::words(sentence) {
                note(&mut self.words, word, here);
            }
            for stem in words::stems(sentence) {
                note(&mut self.stems, stem, here);
            }
        }
    }

    /// The sentences with one of these stems.
    pub fn with_stem(&self, stems: &[String]) -> BTreeSet<u32> {
        let related = stems.iter().flat_map(|stem| words::relatives(stem)).filter_map(|stem| self.stems.get(&stem));
        related.flatten().copied().collect()
    }

    /// Whether one of these sentences says most of a value's words.
    pub fn say(&self, sentences: &BTreeSet<u32>, text: &str) -> bool {
        if sentences.is_empty() {
            return false;
        }
        let all: Vec<String> = words::words(text).take(MOST_VALUE_WORDS).collect();
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for sentence in all.iter().filter_map(|word| self.words.get(word)).flatten().filter(|at| sentences.contains(at))
        {
            *counts.entry(*sentence).or_default() += 1;
        }
        counts.values().any(|count| *count as f64 >= ENOUGH * all.len() as f64)
    }
}

/// Words of a value that are looked up in sentences.
const MOST_VALUE_WORDS: usize = 64;

fn note(index: &mut BTreeMap<String, Vec<u32>>, word: String, sentence: u32) {
    let sentences = index.entry(word).or_default();
    if sentences.last() != Some(&sentence) {
        sentences.push(sentence);
    }
}

/// What everybody has said so far.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The user.
    pub user: Said,
    /// The instructions.
    pub instructions: Said,
    /// The tools.
    pub tools: Said,
    /// The tools, sentence by sentence.
    pub sentences: Sentences,
}

impl Heard {
    /// Where a value comes from.
    pub fn source(&self, value: &Value) -> Source {
        match value {
            Value::Null | Value::Bool(_) => Source::Small,
            Value::Number(number) if number.as_f64().is_some_and(|x| x.abs() < 10.0) => Source::Small,
            Value::Array(_) | Value::Object(_) => {
                let mut text = String::new();
                leaves(value, &mut text, 0);
                self.of_text(&text)
            }
            Value::String(text) => self.of_text(text),
            Value::Number(number) => self.of_text(&number.to_string()),
        }
    }

    fn of_text(&self, text: &str) -> Source {
        let text = text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or(text);
        let (mut total, mut user, mut instructions, mut tools, mut any) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for word in words::words(text) {
            let said = [self.user.has(&word), self.instructions.has(&word), self.tools.has(&word)];
            total += 1.0;
            any += f64::from(said.contains(&true));
            let [by_user, by_instructions, by_tools] = said.map(f64::from);
            user += by_user;
            instructions += by_instructions;
            tools += by_tools;
        }
        let enough = |count: f64| count >= ENOUGH * total;
        match () {
            () if total == 0.0 => Source::Small,
            () if enough(user) => Source::User,
            () if enough(instructions) => Source::Instructions,
            () if enough(tools) => Source::Tool,
            () if enough(any) => Source::Mixed,
            () => Source::Nowhere,
        }
    }
}

/// The texts and numbers within a value, separated by spaces.
pub fn leaves(value: &Value, out: &mut String, depth: usize) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => *out += &format!("{number} "),
        Value::String(text) => {
            out.push_str(text);
            out.push(' ');
        }
        // serde_json reads no deeper than 128; a value built by hand could be.
        _ if depth > 128 => {}
        Value::Array(values) => values.iter().for_each(|value| leaves(value, out, depth + 1)),
        Value::Object(fields) => fields.values().for_each(|value| leaves(value, out, depth + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_sources() {
        let mut heard = Heard::default();
        heard.user.hear("Pay the bill in bill-12.txt, please.");
        heard.instructions.hear("Never pay more than 500.");
        heard.tools.hear("{\"total\": 98.70, \"account\": \"UK123\", \"payee\": \"The Water Board\"}");
        let cases = [
            ("\"bill-12.txt\"", Source::User),
            ("\"UK123\"", Source::Tool),
            ("500", Source::Instructions),
            ("[\"water board\"]", Source::Tool),
            ("\"pay uk123\"", Source::Mixed),
            ("\"US999\"", Source::Nowhere),
            ("3", Source::Small),
            ("true", Source::Small),
            ("\"\"", Source::Small),
        ];
        for (json, expected) in cases {
            assert_eq!(heard.source(&serde_json::from_str(json).unwrap()), expected, "{json}");
        }
        assert!(heard.user.has_stem("bill") && heard.user.has_stem("pleas") && !heard.user.has_stem("water"));
    }
}
