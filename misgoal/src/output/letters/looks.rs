//! What a letter looks like, by Unicode's table of what is confusable with what (UTS 39).

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::GeneralSecurityProfile as _;
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::skeleton;

/// Letters of Latin that the table has as one or two of ASCII, and that nobody who reads takes for these.
const SEEN: &str = "ÆæŒœþ";
/// Shapes that the table keeps apart from the ASCII letter whose capital they are, made small.
const SMALL_CAPITALS: &str = "ᴀʙᴅᴇꜰɢʜᴊĸʟʍɴᴘꞯʀᴛ";
/// Shapes that the table does not have under the ASCII sign for which they pass: `;` and `%`.
const SIGNS: [&str; 2] = ["\u{61b}", "\u{b0}/\u{2080}"];

/// Syllables of Hangul: the table takes them apart, and has the first part of some (`ㅇ`) as `o`. Nobody takes a block of parts for one letter.
fn is_syllable(letter: char) -> bool {
    matches!(letter, '\u{ac00}'..='\u{d7a3}')
}

/// What a letter looks like to who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Itself, and no letter of ASCII.
    Own,
    /// A letter of ASCII that bears a mark: `ё`.
    Marked,
    /// A small capital: `т`.
    SmallCapital,
    /// ASCII.
    Ascii,
}

/// A letter, and what it looks like.
pub(super) type Seen = (char, Look);

/// What a letter looks like. A letter of ASCII is its own.
pub(super) fn look(letter: char) -> Look {
    if letter.is_ascii() || SEEN.contains(letter) || is_syllable(letter) {
        return Look::Own;
    }
    let seen = shape(letter);
    // Nothing is seen of it by itself.
    if seen.is_empty() || is_combining_mark(letter) {
        return Look::Own;
    }
    let first = seen.chars().next();
    // `½` and `№` are one sign, which reads as what it is.
    let is_sign_of_several = seen.len() > 1
        && !letter.is_alphabetic()
        && seen.contains(|c: char| c.is_alphanumeric())
        // Two strokes.
        && seen != "ll";
    if is_hyphen(letter)
        || is_made_of_signs(letter)
        || seen.is_ascii() && !is_sign_of_several
        || SIGNS.contains(&seen.as_str())
        || is_wide_ascii(letter)
    {
        Look::Ascii
    } else if first.is_some_and(|first| SMALL_CAPITALS.contains(first)) {
        Look::SmallCapital
    } else if first.is_some_and(|first| first.is_ascii_alphanumeric()) {
        Look::Marked
    } else {
        Look::Own
    }
}

/// Signs that are dashes to Unicode and as short as a hyphen; the table has some of them alone. Longer ones are seen to be none, `–` is one of [`super::signs`].
fn is_hyphen(sign: char) -> bool {
    matches!(
        sign,
        '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2012}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{10d6e}'
                | '\u{10ead}'
    )
}

/// Whether a sign is written for several of ASCII, to Unicode: `⩵` for `==`.
fn is_made_of_signs(sign: char) -> bool {
    !sign.is_alphanumeric() && std::iter::once(sign).nfkc().all(|c| c.is_ascii_punctuation())
}

/// The letter, or the letters, that stand for all that look the same.
pub(super) fn shape(letter: char) -> String {
    skeleton(letter.encode_utf8(&mut [0; 4])).collect()
}

/// What a sign is taken for, where that is ASCII.
pub(super) fn ascii_sign(sign: char) -> Option<char> {
    let seen = shape(sign);
    match SIGNS.iter().position(|other| *other == seen) {
        Some(0) => Some(';'),
        Some(_) => Some('%'),
        None if is_hyphen(sign) => Some('-'),
        None if is_wide_ascii(sign) => char::from_u32(u32::from(sign) - 0xfee0),
        None => seen.chars().next().filter(char::is_ascii),
    }
}

/// The ASCII letters of East Asian widths.
pub(super) fn is_wide_ascii(letter: char) -> bool {
    matches!(letter, '\u{ff01}'..='\u{ff5e}')
}

/// Letters of no language that is written today by many, by Unicode's word: mathematical ones, phonetic ones, scripts that few or none use any more.
pub(super) fn is_rare(letter: char) -> bool {
    !letter.identifier_allowed() && !is_point(letter)
}

/// Vowels and points of Hebrew, which Unicode has as uncommon: prayers, poems and books for children have them.
fn is_point(mark: char) -> bool {
    matches!(mark, '\u{5b0}'..='\u{5bc}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c7}')
}

/// The scripts in which all of these letters are written; none where these are several.
pub(super) fn scripts(letters: impl Iterator<Item = char>) -> Option<AugmentedScriptSet> {
    let mut all = AugmentedScriptSet::default();
    letters.for_each(|letter| all.intersect_with(AugmentedScriptSet::for_char(letter)));
    Some(all).filter(|scripts| !scripts.is_empty())
}

/// Whether two texts may be of one script.
pub(super) fn share(one: AugmentedScriptSet, other: AugmentedScriptSet) -> bool {
    let mut both = one;
    both.intersect_with(other);
    !both.is_empty()
}

/// Whether a letter may be Latin.
pub(super) fn is_latin(letter: char) -> bool {
    share(AugmentedScriptSet::for_char(letter), AugmentedScriptSet::for_char('a'))
}

/// Whether a letter is of some scripts and not of all.
pub(super) fn is_of_script(letter: char) -> bool {
    !AugmentedScriptSet::for_char(letter).is_all()
}
