//! The words that a text is made of, whatever stands between them.
//!
//! A word ends where letters and digits end, and where those of another kind begin: at punctuation, white space, marks, and between letters of different scripts. So a
//! value has the same words wherever it stands. In scripts without spaces each letter is a word, and a value may begin and end at any of them.

use unicode_normalization::char::is_combining_mark;

use super::hash::Hash;

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The hash of the word in one case.
    pub(super) hash: u64,
    /// Its letters and digits; a sign that stands for a syllable or more counts two.
    pub(super) weight: usize,
    /// It is one letter of a script that has no spaces between words.
    pub(super) is_sign: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Latin,
    /// Of a script with spaces between words, by its page of 256 letters: scripts do not share one, or only neighbours do.
    Other(u32),
    /// Of a script without, such as Thai.
    Letter,
    /// The same, and stands for a syllable or more, as in Chinese, Japanese and Korean (whose particles follow without a space).
    Syllable,
}

fn kind(c: char) -> Option<Kind> {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric().then_some(Kind::Latin);
    }
    if !c.is_alphanumeric() {
        return None;
    }
    Some(match c {
        '\u{80}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Kind::Latin,
        '\u{e00}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{1b7f}'
        | '\u{a980}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aadf}' => Kind::Letter,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}'
        | '\u{16fe0}'..='\u{18d8f}'
        | '\u{1aff0}'..='\u{1b2ff}'
        | '\u{20000}'..='\u{3ffff}' => Kind::Syllable,
        _ => Kind::Other(u32::from(c) >> 8),
    })
}

/// Whether a letter is none of a Latin word, and so no part of a number of an account, or of a sum, beside it.
pub(super) fn is_foreign(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic() && kind(c).is_some_and(|kind| kind != Kind::Latin)
}

/// The words of a text in their order.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (at, first, kind_of) = rest.char_indices().find_map(|(at, c)| Some((at, c, kind(c)?)))?;
        let from = rest.get(at..)?;
        let is_sign = matches!(kind_of, Kind::Letter | Kind::Syllable);
        let goes_on = |c: char| (!is_sign && kind(c) == Some(kind_of)) || (!c.is_ascii() && is_combining_mark(c));
        let behind = from.get(first.len_utf8()..)?;
        let end = first.len_utf8() + behind.find(|c| !goes_on(c)).unwrap_or(behind.len());
        let (word, behind) = from.split_at_checked(end)?;
        rest = behind;
        let weight = match kind_of {
            Kind::Letter => 1,
            Kind::Syllable => 2,
            Kind::Latin | Kind::Other(_) if word.is_ascii() => word.len(),
            Kind::Latin | Kind::Other(_) => word.chars().filter(|c| c.is_alphanumeric()).count(),
        };
        Some(Word { hash: Hash::of(word), weight, is_sign })
    })
}

/// The hash of words in a row.
pub(super) fn row(words: &[Word]) -> u64 {
    words
        .iter()
        .fold(0x9e37_79b9_7f4a_7c15, |at: u64, word| (at ^ word.hash).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
}
