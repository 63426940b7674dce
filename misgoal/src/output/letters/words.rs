//! Words that read as others: `pаy` with a Cyrillic letter in it, `рау` with nothing else, a number of two scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_width::UnicodeWidthChar as _;

use super::is_written_leftward;
use super::looks::{Look, Seen, is_latin, is_of_script, is_rare, is_wide_ascii, scripts, share};

/// Letters of a word that one neighbour tells for a word of its script: `с Анной`. A longer one that reads as ASCII has two.
const SHORT: usize = 2;

/// Letters of Turkish and Azerbaijani, and of hardly another language; a text with as many words that have one is written in these, and their `ı` is no `i` of ASCII.
const TURKISH: &str = "ğĞşŞİ";
const TURKISH_WORDS: usize = 2;

/// Whether a letter is one of a word.
pub(super) fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Marks the letters of a text's words that would be taken for ASCII. Spaces stand in the text for what a text of JSON escapes.
pub(super) fn find(text: &[Seen], hidden: &mut [bool]) {
    let words = words(text);
    let is_turkish = is_turkish(text, &words);
    for (at, range) in words.iter().enumerate() {
        let word = text.get(range.clone()).unwrap_or_default();
        if is_turkish && word.iter().all(|(c, _)| c.is_ascii_alphabetic() || *c == 'ı') {
            continue;
        }
        if word.iter().all(|(c, _)| c.is_ascii()) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let word = Word {
            letters: word,
            touches: touches(text, before, range) || touches_behind(text, range, words.get(at + 1)),
            is_joined: is_joined(text, range),
        };
        let is_told = || {
            let tells = |other: &&Range<usize>| {
                is_near(text, range, other) && word.is_told_by(text.get((*other).clone()).unwrap_or_default())
            };
            [before, words.get(at + 1)].into_iter().flatten().filter(tells).count() >= word.tellers()
        };
        let hides = word.hides(is_told);
        for (flag, letter) in hidden.iter_mut().skip(range.start).zip(word.letters) {
            *flag |= hides(letter);
        }
    }
}

fn is_turkish(text: &[Seen], words: &[Range<usize>]) -> bool {
    let is_one = |word: &&[Seen]| {
        word.iter().any(|(c, _)| TURKISH.contains(*c)) && word.iter().all(|(c, _)| c.is_alphabetic() && is_latin(*c))
    };
    words.iter().filter_map(|range| text.get(range.clone())).filter(is_one).take(TURKISH_WORDS).count() == TURKISH_WORDS
}

/// The words of a text that read as ASCII and are of one script that is written today, by its name: those that are escaped, and those that are shown among others of
/// their script and are longer than the words of which sentences are full.
pub(super) fn posing(text: &[Seen], hidden: &[bool]) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for range in words(text) {
        let word = text.get(range.clone()).unwrap_or_default();
        // A word that is written leftward would be turned round with what stands beside it.
        let poses = |(c, look): &Seen| {
            c.is_alphabetic() && *look == Look::Ascii && is_of_script(*c) && !is_rare(*c) && !is_written_leftward(*c)
        };
        let is_told = match word.iter().any(|(c, _)| is_latin(*c)) {
            // `kırk`: a letter of a language among those of ASCII.
            true => word.iter().all(|seen| seen.0.is_ascii_alphabetic() || poses(seen) && is_latin(seen.0)),
            false => word.iter().all(poses),
        };
        let is_hidden = hidden.get(range).is_some_and(|word| word.contains(&true));
        if !is_told || word.iter().all(|(c, _)| c.is_ascii()) || !is_hidden && word.len() <= SHORT {
            continue;
        }
        let letters = || word.iter().map(|(c, _)| *c);
        if let Some(script) = scripts(letters()).and_then(|scripts| scripts.base.iter().next()) {
            all.entry(script.full_name().to_owned()).or_default().insert(letters().collect());
        }
    }
    all
}

/// The words of a text, and what stands between them, one after another.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let is_letter = |c: char| is_of_word(c) || is_combining_mark(c);
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_same = |c: char| is_letter(first) && is_letter(c);
        let length = rest.find(|c| !is_same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, behind) = rest.split_at(length);
        rest = behind;
        Some(part)
    })
}

/// Where the words of a text stand, with the marks on their letters. `_` and digits of ASCII are no letters of another script: they end a word, as `-` does (`отчёт_2024`).
pub(super) fn words(text: &[Seen]) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some((first, _)) = text.get(at) {
        let is_number = first.is_numeric();
        let is_part = |c: char| is_of_word(c) && c != '_';
        let goes_on = |(c, _): &&Seen| is_part(*c) && !ends(is_number, *c) || is_combining_mark(*c);
        let length = if is_part(*first) { text.iter().skip(at).take_while(goes_on).count() } else { 0 };
        // A number that is not of ASCII alone is one with the letters behind it.
        let is_ascii = |word: &[Seen]| word.iter().all(|(c, _)| c.is_ascii());
        let is_whole = !is_number || text.get(at..at + length).is_some_and(is_ascii);
        let more = |(c, _): &&Seen| is_part(*c) || is_combining_mark(*c);
        let length = if is_whole { length } else { text.iter().skip(at).take_while(more).count() };
        if length > 0 {
            words.push(at..at + length);
        }
        at += length.max(1);
    }
    words
}

/// Whether a word ends before this letter: letters before a digit of ASCII, and a number before letters.
fn ends(is_number: bool, letter: char) -> bool {
    if is_number { !letter.is_numeric() } else { letter.is_ascii_digit() }
}

/// Whether letters of ASCII stand beyond digits that touch a word: `т1st`.
fn is_joined(text: &[Seen], word: &Range<usize>) -> bool {
    let (before, behind) = (text.get(..word.start).unwrap_or_default(), text.get(word.end..).unwrap_or_default());
    goes_on_in_ascii(before.iter().rev()) || goes_on_in_ascii(behind.iter())
}

fn goes_on_in_ascii<'t>(letters: impl Iterator<Item = &'t Seen>) -> bool {
    let mut beyond = letters.map(|(c, _)| *c).peekable();
    beyond.next_if(char::is_ascii_digit).is_some()
        && beyond.find(|c| !c.is_ascii_digit()).is_some_and(|c| c.is_ascii_alphabetic())
}

fn touches_behind(text: &[Seen], word: &Range<usize>, behind: Option<&Range<usize>>) -> bool {
    behind.is_some_and(|behind| touches(text, Some(word), behind))
}

/// Whether a number goes on behind one sign: `1٫5`.
fn touches(text: &[Seen], one: Option<&Range<usize>>, next: &Range<usize>) -> bool {
    let Some(one) = one else { return false };
    let is_digits =
        |word: &Range<usize>| text.get(word.clone()).is_some_and(|word| word.iter().all(|(c, _)| c.is_numeric()));
    let has_ascii =
        |word: &Range<usize>| text.get(word.clone()).is_some_and(|word| word.iter().any(|(c, _)| c.is_ascii()));
    let gap = text.get(one.end..next.start).unwrap_or_default();
    gap.len() == 1
        && gap.iter().all(|(c, _)| *c != ' ')
        && is_digits(one)
        && is_digits(next)
        && (has_ascii(one) || has_ascii(next))
}

/// Whether two words stand side by side in a sentence.
fn is_near(text: &[Seen], one: &Range<usize>, other: &Range<usize>) -> bool {
    let gap = text.get(one.end.min(other.end)..one.start.max(other.start)).unwrap_or_default();
    gap.iter().any(|(c, _)| *c == ' ') && gap.iter().all(|(c, _)| " ,.!?;:()«»“”„…–—".contains(*c))
}

struct Word<'t> {
    letters: &'t [Seen],
    /// Whether it is a part of a number of which another part is ASCII.
    touches: bool,
    /// Whether it goes on with digits and letters of ASCII.
    is_joined: bool,
}

impl Word<'_> {
    /// Which letters of the word are escaped.
    fn hides(&self, is_told: impl Fn() -> bool) -> impl Fn(&Seen) -> bool {
        let has_ascii = self.touches || self.letters.iter().any(|(c, _)| c.is_ascii());
        let scripts = self.scripts();
        let is_mixed = has_ascii || scripts.is_none();
        let poses = !is_mixed && self.poses() && !is_told();
        // `ışık`: a word of a language whose letters are seen.
        let is_seen = scripts.is_some()
            && self.bases().any(|(c, look)| !c.is_ascii() && is_latin(*c) && matches!(look, Look::Own | Look::Marked));
        // Digits and letters of full width, and kana of half, are written among others of East Asia.
        let is_half = |letter| matches!(letter, '\u{ff65}'..='\u{ff9f}');
        let is_east = |(c, look): &Seen| (c.width() == Some(2) || is_half(*c)) && *look == Look::Own;
        let is_eastern = !has_ascii && self.letters.iter().any(is_east);
        move |&(letter, seen)| {
            let passes = matches!(seen, Look::Ascii | Look::SmallCapital);
            if letter.is_ascii() || seen == Look::Own && !letter.is_numeric() {
                return false;
            }
            if is_eastern && (is_wide_ascii(letter) || is_half(letter)) {
                return false;
            }
            if is_rare(letter) {
                // A digit of a script that few know: `1𐒠0`.
                return passes || is_mixed && letter.is_numeric() && is_of_script(letter);
            }
            if !is_mixed {
                return poses;
            }
            match is_latin(letter) && !letter.is_numeric() {
                true => passes && !is_seen,
                false => seen != Look::Own || letter.is_numeric(),
            }
        }
    }

    fn scripts(&self) -> Option<AugmentedScriptSet> {
        scripts(self.letters.iter().map(|(c, _)| *c))
    }

    /// The letters without the marks on them.
    fn bases(&self) -> impl Iterator<Item = &Seen> {
        self.letters.iter().filter(|(c, _)| !is_combining_mark(*c))
    }

    /// Whether the word reads as one of ASCII letters.
    fn poses(&self) -> bool {
        self.bases().all(|(_, look)| *look == Look::Ascii || self.is_joined && *look != Look::Own)
    }

    /// How many words must say so: fewer of a short word or a number, of which sentences are full.
    fn tellers(&self) -> usize {
        if self.bases().count() <= SHORT || self.letters.iter().all(|(c, _)| c.is_numeric()) { 1 } else { 2 }
    }

    /// Whether a word beside it says in what script it is written.
    fn is_told_by(&self, other: &[Seen]) -> bool {
        let other = Word { letters: other, touches: false, is_joined: false };
        if other.letters.iter().any(|(c, _)| c.is_ascii()) || other.poses() {
            return false;
        }
        self.scripts().zip(other.scripts()).is_some_and(|(one, other)| share(one, other))
    }
}
