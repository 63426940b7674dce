//! Where an argument's value came from: which tools' results held it.
//!
//! Results are kept as hashes of their texts, lines, words and runs of three words, never as text. A value that was rewritten (translated,
//! encoded, summed up) is not found again: what is found is evidence, what is not found is none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::read::{Node, Value, plain};

/// Hashes that are remembered of one session; the oldest go first.
const MOST: usize = 200_000;
/// Words of one text that are looked at.
const WORDS: usize = 20_000;
/// Shorter values are everywhere.
const SHORTEST: usize = 3;

/// What results have held.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// By the hash of a value, the sources that held it, as bits of `sources`.
    seen: BTreeMap<u64, u64>,
    order: VecDeque<u64>,
    sources: Vec<String>,
}

impl Origins {
    /// Remembers the values of a result under these names (the tool and the labels that the result bears).
    pub fn add(&mut self, names: &[&str], result: &Node<'_>) {
        let bits = names.iter().fold(0, |bits, name| bits | self.bit(name));
        self.node(result, bits);
    }

    /// The 64th source and those after it share a bit, under the last one's name: a session that uses more is told too much, never too little.
    fn bit(&mut self, name: &str) -> u64 {
        let place = self.sources.iter().position(|source| source == name).unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        });
        1 << place.min(63)
    }

    fn node(&mut self, node: &Node<'_>, bits: u64) {
        match &node.value {
            Value::String(text) => self.text(text, bits),
            Value::Number(text) => self.remember(&plain(text), bits),
            Value::Array(items) => items.iter().for_each(|item| self.node(item, bits)),
            Value::Object(members) => members.iter().for_each(|member| self.node(&member.node, bits)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, text: &str, bits: u64) {
        self.remember(text, bits);
        for line in text.lines().take(WORDS) {
            self.remember(line, bits);
        }
        let mut last = ["", ""];
        for word in words(text).take(WORDS) {
            self.remember(word, bits);
            if !last[0].is_empty() {
                self.insert(run([last[0], last[1], word]), bits);
            }
            last = [last[1], word];
        }
    }

    fn remember(&mut self, value: &str, bits: u64) {
        let value = trimmed(value);
        if value.len() >= SHORTEST {
            self.insert(hash(value), bits);
        }
    }

    fn insert(&mut self, key: u64, bits: u64) {
        if let Some(known) = self.seen.get_mut(&key) {
            *known |= bits;
            return;
        }
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.seen.insert(key, bits);
        self.order.push_back(key);
    }

    /// The names under which a value, or a part of it, was seen.
    pub fn of(&self, value: &Node<'_>) -> BTreeSet<String> {
        let bits = self.bits(value);
        let named = self.sources.iter().enumerate().filter(|(place, _)| bits & (1 << (*place).min(63)) != 0);
        named.map(|(_, name)| name.clone()).collect()
    }

    /// The same for each argument of a call.
    pub fn by_argument(&self, arguments: Option<&Node<'_>>) -> BTreeMap<String, BTreeSet<String>> {
        let members = arguments.map(Node::members).unwrap_or_default().iter();
        members.map(|member| (member.key.to_string(), self.of(&member.node))).collect()
    }

    /// Whether a value, or a part of it, is long enough to be found in results at all.
    pub fn finds(value: &Node<'_>) -> bool {
        match &value.value {
            Value::String(text) => trimmed(text).len() >= SHORTEST,
            Value::Number(text) => trimmed(&plain(text)).len() >= SHORTEST,
            Value::Array(items) => items.iter().any(Origins::finds),
            Value::Object(members) => members.iter().any(|member| Origins::finds(&member.node)),
            Value::Null | Value::Bool(_) => false,
        }
    }

    fn bits(&self, node: &Node<'_>) -> u64 {
        match &node.value {
            Value::String(text) => self.bits_of_text(text),
            Value::Number(text) => self.look(&plain(text)),
            Value::Array(items) => items.iter().fold(0, |bits, item| bits | self.bits(item)),
            Value::Object(members) => members.iter().fold(0, |bits, member| bits | self.bits(&member.node)),
            Value::Null | Value::Bool(_) => 0,
        }
    }

    fn look(&self, value: &str) -> u64 {
        let value = trimmed(value);
        if value.len() < SHORTEST { 0 } else { self.seen.get(&hash(value)).copied().unwrap_or(0) }
    }

    fn bits_of_text(&self, text: &str) -> u64 {
        let mut bits = self.look(text);
        let mut last = ["", ""];
        for word in words(text).take(WORDS) {
            // A long word (an address, a path, a number of an order) is telling by itself, a short one only in a run.
            if word.len() >= 8 {
                bits |= self.look(word);
            }
            if !last[0].is_empty() {
                bits |= self.seen.get(&run([last[0], last[1], word])).copied().unwrap_or(0);
            }
            last = [last[1], word];
        }
        bits
    }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || "\"'`.,;:!?()[]{}<>".contains(c))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let splits = |c: char| c.is_whitespace() || "\"'`,;!?()[]{}<>=|".contains(c);
    text.split(splits).map(trimmed).filter(|word| !word.is_empty())
}

fn run(words: [&str; 3]) -> u64 {
    words
        .iter()
        .fold(0x9e37_79b9_7f4a_7c15, |at, word| (at ^ hash(word)).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
}

/// FNV-1a with a final mix: collisions only make a value look seen that was not, and 64 bits make that rare.
fn hash(text: &str) -> u64 {
    let mut at: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        at = (at ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    at ^= at >> 33;
    at = at.wrapping_mul(0xff51_afd7_ed55_8ccd);
    at ^ (at >> 33)
}
