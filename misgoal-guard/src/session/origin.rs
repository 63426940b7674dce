//! Where an argument's value came from: which tools' results held it.
//!
//! Results are kept as hashes of their texts, lines, words, rows of two and three words and numbers, never as text. What has more words is found where each three of them are. A value that was rewritten (translated,
//! encrypted, summed up) is not found again: what is found is evidence, what is not found is none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::hash::Hash;
use super::rough::Rough;
use super::words::{Word, row, words};
use super::{numbers, texts};
use crate::read::Node;

/// Hashes that are remembered exactly of one session; the oldest are remembered roughly.
const MOST: usize = 200_000;
/// Words of one text that are remembered exactly; those behind them are remembered roughly, so that a long text costs little.
const WORDS: usize = 20_000;
/// Shorter values are everywhere.
const SHORTEST: usize = 3;
/// A long word (an address, a path, a number of an order) is telling by itself, a short one only in a run.
const TELLING: usize = 8;
/// Letters and digits of a value of several words, whatever stands between these. Shorter ones are found as they stand there only.
const LEAST: usize = 5;
/// So many letters in a row of a script without spaces are as telling as three words.
const SIGNS: usize = 6;

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
                if let Some(joined) = numbers::squeezed(text) {
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
        for (at, piece) in pieces(text).enumerate() {
            for part in parts(piece).chain([piece]).flat_map(|part| [part, core(part)]) {
                if is_short(part) {
                    self.remember(part, bits, at < WORDS);
                }
            }
            if let Some(path) = path(piece) {
                self.insert(path, bits, at < WORDS);
            }
        }
        let mut last: [Option<Word>; 2] = [None, None];
        for (at, word) in words(text).enumerate() {
            let exactly = at < WORDS;
            if !word.is_sign && word.weight >= SHORTEST {
                self.insert(word.hash, bits, exactly);
            }
            if let [before, Some(one)] = last {
                if one.weight + word.weight >= LEAST {
                    self.insert(row(&[one, word]), bits, exactly);
                }
                if let Some(before) = before {
                    self.insert(row(&[before, one, word]), bits, exactly);
                }
            }
            last = [last[1], Some(word)];
        }
        let mut at = 0;
        numbers::amounts(text, true, &mut |number| {
            at += 1;
            self.remember(number, bits, at < WORDS);
        });
        numbers::joined(text, &mut |joined, _| {
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
        numbers::squeezed(value).map_or(0, |joined| self.get(joined.done()))
    }

    fn bits_of_number(&self, number: &str) -> u64 {
        self.look(number) | self.look_joined(number)
    }

    /// Who held these words in a row. One word, or two, must be long enough.
    fn held(&self, words: &[Word]) -> u64 {
        match words {
            [] => 0,
            [one] if one.is_sign || one.weight < SHORTEST => 0,
            [one] => self.get(one.hash),
            [one, two] if one.weight + two.weight < LEAST => 0,
            [_, _] => self.get(row(words)),
            _ => {
                let mut bits = u64::MAX;
                for three in words.windows(3) {
                    bits &= self.get(row(three));
                    if bits == 0 {
                        break;
                    }
                }
                bits
            }
        }
    }

    fn bits_of_text(&self, text: &str) -> u64 {
        let all: Vec<Word> = words(text).collect();
        let mut bits = self.look(text) | self.look(core(text));
        if weight(&all) >= LEAST || all.len() == 1 {
            bits |= self.held(&all);
        }
        bits |= self.bits_of_signs(&all);
        let mut last = [Vec::new(), Vec::new()];
        for piece in pieces(text) {
            for part in parts(piece).chain([piece]).filter(|part| part.len() >= TELLING) {
                bits |= self.look(part);
                let inner: Vec<Word> = words(part).collect();
                if weight(&inner) >= if inner.len() > 1 { LEAST } else { TELLING } {
                    bits |= self.held(&inner);
                }
            }
            bits |= paths(piece).fold(0, |bits, path| bits | self.get(path));
            let piece: Vec<Word> = words(piece).collect();
            if piece.is_empty() {
                continue;
            }
            if !last[0].is_empty() {
                bits |= self.held(&[last[0].as_slice(), &last[1], &piece].concat());
            }
            let [_, one] = last;
            last = [one, piece];
        }
        // One number, with white space between its digits, and a currency.
        let is_one = text.split_whitespace().nth(1).is_none();
        if !is_one && text.chars().filter(|c| c.is_alphabetic()).nth(3).is_none() {
            let number: String = text.split_whitespace().collect();
            numbers::amounts(&number, false, &mut |number| bits |= self.look(number));
        }
        numbers::amounts(text, false, &mut |number| {
            if is_one || number.len() >= TELLING {
                bits |= self.look(number);
            }
        });
        if text.contains(char::is_numeric) {
            bits |= self.look_joined(text);
            numbers::joined(text, &mut |joined, length| {
                if length >= TELLING {
                    bits |= self.get(joined.done());
                }
            });
        }
        bits
    }

    /// Who held so many letters in a row of a script without spaces.
    fn bits_of_signs(&self, words: &[Word]) -> u64 {
        let (mut bits, mut length) = (0, 0);
        let mut last = VecDeque::from([0; SIGNS - 2]);
        for three in words.windows(3) {
            length = if three.iter().all(|word| word.is_sign) { length + 1 } else { 0 };
            last.pop_front();
            last.push_back(if length > 0 { self.get(row(three)) } else { 0 });
            if length >= SIGNS - 2 {
                bits |= last.iter().fold(u64::MAX, |all, one| all & one);
            }
        }
        bits
    }
}

fn weight(words: &[Word]) -> usize {
    words.iter().map(|word| word.weight).sum()
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':') || is_bracket(c))
}

/// Brackets, quotes, and what ends a sentence or a part of it.
fn is_bracket(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | ',' | ';' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>')
}

/// A text from its first letter or digit to its last.
fn core(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Whether a text has too few letters and digits to be found by its words.
fn is_short(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).take(LEAST).count() < LEAST
}

/// What white space, brackets and quotes keep apart.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let splits = |c: char| c.is_whitespace() || matches!(c, '=' | '|' | '&' | '#') || is_bracket(c);
    text.split(splits).map(trimmed).filter(|piece| !piece.is_empty())
}

/// What a piece is put together of, as `to:ACCT-1`, `https://host/pay/ACCT-1` and `ACCT-1/USD` are; and all that stands behind a scheme, as in `mailto:x@host`.
fn parts(piece: &str) -> impl Iterator<Item = &str> {
    let splits = |c: char| matches!(c, ':' | '/' | '_') || !c.is_ascii() && !c.is_alphanumeric();
    let inner = piece.split(splits).filter(|part| part.len() < piece.len());
    inner.chain(piece.split_once(':').map(|(_, behind)| behind)).map(trimmed)
}

const SLASHES: [char; 2] = ['/', '\\'];

/// The hash of a piece that is a path, or an address, as a whole: longer ones begin with it.
fn path(piece: &str) -> Option<u64> {
    let path = core(piece);
    (path.len() >= TELLING && path.contains(SLASHES)).then(|| paths(path).last()).flatten()
}

/// The hashes of the paths that a path begins with, the whole one last. A slash is one either way.
fn paths(piece: &str) -> impl Iterator<Item = u64> {
    let path = core(piece);
    let (mut at, mut is_path) = (0x6a09_e667_f3bc_c908_u64, false);
    let mut length = 0;
    let steps = if path.contains(SLASHES) { path } else { "" };
    steps.split(SLASHES).filter_map(move |step| {
        at = (at ^ Hash::of(step)).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        length += step.len() + 1;
        let is_telling = is_path && length > TELLING;
        is_path = true;
        is_telling.then_some(at)
    })
}
