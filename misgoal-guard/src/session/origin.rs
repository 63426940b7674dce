//! Where an argument's value came from: which tools' results held it.
//!
//! Results are kept as hashes of their texts, lines, words, runs of three words and numbers, never as text. A value that was rewritten (translated,
//! encrypted, summed up) is not found again: what is found is evidence, what is not found is none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::hash::Hash;
use super::rough::Rough;
use super::texts;
use crate::read::Node;

/// Hashes that are remembered exactly of one session; the oldest are remembered roughly.
const MOST: usize = 200_000;
/// Words of one text that are remembered exactly; those behind them are remembered roughly, so that a long text costs little.
const WORDS: usize = 20_000;
/// Shorter values are everywhere.
const SHORTEST: usize = 3;
/// A long word (an address, a path, a number of an order) is telling by itself, a short one only in a run.
const TELLING: usize = 8;

/// What results have held.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// By the hash of a value, the sources that held it, as bits of `sources`.
    seen: BTreeMap<u64, u64>,
    order: VecDeque<u64>,
    /// What `seen` has no room for: nobody makes a session forget where a value came from by showing it many others.
    rough: Rough,
    sources: Vec<String>,
}

impl Origins {
    /// Remembers the values of a result under these names (the tool and the labels that the result bears).
    pub fn add(&mut self, names: &[&str], result: &Node<'_>) {
        let bits = names.iter().fold(0, |bits, name| bits | self.bit(name));
        texts::any(result, &mut |text, is_text| {
            if is_text {
                self.text(text, bits);
            } else {
                self.remember(text, bits, true);
                if let Some(joined) = texts::squeezed(text) {
                    self.insert(joined.done(), bits, true);
                }
            }
            false
        });
    }

    /// The 64th source and those after it share a bit, under the last one's name: a session that uses more is told too much, never too little.
    fn bit(&mut self, name: &str) -> u64 {
        let place = self.sources.iter().position(|source| source == name).unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        });
        1 << place.min(63)
    }

    fn text(&mut self, text: &str, bits: u64) {
        self.remember(text, bits, true);
        for (at, line) in text.lines().enumerate() {
            self.remember(line, bits, at < WORDS);
        }
        let mut last = ["", ""];
        for (at, word) in words(text).enumerate() {
            self.remember(word, bits, at < WORDS);
            parts(word).for_each(|part| self.remember(part, bits, at < WORDS));
            if !last[0].is_empty() {
                self.insert(run([last[0], last[1], word]), bits, at < WORDS);
            }
            last = [last[1], word];
        }
        let mut at = 0;
        for piece in pieces(text) {
            for number in texts::numerals(piece) {
                at += 1;
                self.remember(&number, bits, at < WORDS);
            }
        }
        texts::joined(text, &mut |joined, _| {
            at += 1;
            self.insert(joined.done(), bits, at < WORDS);
        });
    }

    fn remember(&mut self, value: &str, bits: u64, exactly: bool) {
        let value = trimmed(value);
        if value.len() >= SHORTEST {
            self.insert(Hash::of(value), bits, exactly);
        }
    }

    fn insert(&mut self, key: u64, bits: u64, exactly: bool) {
        if !exactly {
            self.rough.add(key, bits);
            return;
        }
        if let Some(known) = self.seen.get_mut(&key) {
            *known |= bits;
            return;
        }
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
            && let Some(bits) = self.seen.remove(&oldest)
        {
            self.rough.add(oldest, bits);
        }
        self.seen.insert(key, bits);
        self.order.push_back(key);
    }

    /// The names under which a value, or a part of it, was seen.
    pub fn of(&self, value: &Node<'_>) -> BTreeSet<String> {
        let mut bits = 0;
        texts::any(value, &mut |text, is_text| {
            bits |= if is_text { self.bits_of_text(text) } else { self.bits_of_number(text) };
            false
        });
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
        texts::any(value, &mut |text, _| trimmed(text).len() >= SHORTEST)
    }

    fn get(&self, key: u64) -> u64 {
        self.seen.get(&key).copied().unwrap_or(0) | self.rough.sources(key)
    }

    fn look(&self, value: &str) -> u64 {
        let value = trimmed(value);
        if value.len() < SHORTEST { 0 } else { self.get(Hash::of(value)) }
    }

    fn look_joined(&self, value: &str) -> u64 {
        texts::squeezed(value).map_or(0, |joined| self.get(joined.done()))
    }

    fn bits_of_number(&self, number: &str) -> u64 {
        self.look(number) | self.look_joined(number)
    }

    fn bits_of_text(&self, text: &str) -> u64 {
        let mut bits = self.look(text);
        let mut last = ["", ""];
        for word in words(text) {
            if word.len() >= TELLING {
                bits |= self.look(word);
            }
            bits |= parts(word).filter(|part| part.len() >= TELLING).fold(0, |bits, part| bits | self.look(part));
            if !last[0].is_empty() {
                bits |= self.get(run([last[0], last[1], word]));
            }
            last = [last[1], word];
        }
        let is_one = text.split_whitespace().nth(1).is_none();
        for number in pieces(text).flat_map(texts::numerals) {
            if is_one || number.len() >= TELLING {
                bits |= self.look(&number);
            }
        }
        if text.contains(char::is_numeric) {
            bits |= self.look_joined(text);
            texts::joined(text, &mut |joined, length| {
                if length >= TELLING {
                    bits |= self.get(joined.done());
                }
            });
        }
        bits
    }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || "\"'`.,;:!?()[]{}<>".contains(c))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let splits = |c: char| c.is_whitespace() || "\"'`,;!?()[]{}<>=|&#".contains(c);
    text.split(splits).map(trimmed).filter(|word| !word.is_empty())
}

/// What a word is put together of, as `to:ACCT-1`, `https://host/pay/ACCT-1` and `ACCT-1/USD` are; and all that stands behind a scheme, as in `mailto:x@host`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let splits = |c: char| ":/_".contains(c) || !c.is_ascii() && !c.is_alphanumeric();
    let inner = word.split(splits).filter(|part| part.len() < word.len());
    inner.chain(word.split_once(':').map(|(_, behind)| behind)).map(trimmed)
}

/// The pieces of a text that may be numbers.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || ":/=|;".contains(c))
}

fn run(words: [&str; 3]) -> u64 {
    words
        .iter()
        .fold(0x9e37_79b9_7f4a_7c15, |at, word| (at ^ Hash::of(word)).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
}
