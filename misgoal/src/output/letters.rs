//! Which letters of a text are shown as they are, and which would be taken for others: escapes say what stands there.

use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar as _;

/// Letters of other scripts, and a few of Latin's own, that a screen shows as ASCII letters.
const LOOK_LATIN: &str =
    "аеорсухіјѕԁһԛԝӏАВЕКМНОРСТУХЅІЈԚԜҮҺοανικρτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօոսհցզꮯꮪꮃꭺᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔıɡɑɩʋꞵⅼⅽⅾⅿⅰⅴⅹⅠⅤⅩⅬⅭⅮⅯ";

/// Each letter of a text, and whether it is seen as what it is and nothing else.
pub fn letters(text: &str) -> Vec<(char, bool)> {
    let turns = turns_round(text);
    let mut all = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, behind) = rest.split_at(length);
        let poses = poses(word);
        all.extend(word.chars().map(|c| {
            let is_hidden = poses && LOOK_LATIN.contains(c) || turns && is_written_leftward(c);
            (c, is_plain(c) && !is_hidden)
        }));
        rest = behind;
    }
    all
}

/// Whether a word reads as one of ASCII letters and is none: `pаy` with a Cyrillic letter in it.
fn poses(word: &str) -> bool {
    !word.is_ascii() && word.chars().all(|c| c.is_ascii() || LOOK_LATIN.contains(c))
}

/// Whether letters that are written leftward have others or numbers between them: a terminal that turns them round shows these in another order.
fn turns_round(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let Some(first) = text.find(is_written_leftward) else { return false };
    let last = text.rfind(is_written_leftward).unwrap_or(first);
    let between = text.get(first..last).unwrap_or_default();
    between.chars().any(|c| !is_written_leftward(c) && !" .,!?'-".contains(c))
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and the other scripts of these blocks.
fn is_written_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Whether a letter is seen. A space is; what looks like one is not, nor what is blank and takes room.
///
/// The standard library escapes the categories Cc, Cf, Cs, Co, Cn, Zl, Zp and Zs, and what extends the letter before it; terminals differ about the width of marks, so that all
/// of them are escaped.
fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return matches!(letter, ' '..='~');
    }
    letter.escape_debug().len() == 1
        && letter.width().is_some_and(|width| width > 0)
        && !is_combining_mark(letter)
        && !is_empty(letter)
}

/// Letters and signs that show nothing: fillers of Hangul, the empty pattern of Braille, what stands for an object, a head of no note, blanks of hieroglyphs.
fn is_empty(letter: char) -> bool {
    matches!(
        letter,
        '\u{115f}'
            | '\u{1160}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{fffc}'
            | '\u{13441}'
            | '\u{13442}'
            | '\u{1d159}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown: String = letters(text)
            .into_iter()
            .map(|(c, is_plain)| if is_plain { c.to_string() } else { format!("<{:x}>", u32::from(c)) })
            .collect();
        assert_eq!(shown, expected, "{}", text.escape_unicode());
    }

    #[test]
    fn what_poses_as_ascii_is_seen() {
        check("p\u{430}y to b\u{43e}b", "p<430>y to b<43e>b");
        check("\u{440}\u{430}\u{443}", "<440><430><443>");
        check("read_\u{3bf}nly", "read_<3bf>nly");
        // Words of other languages are words.
        check("Привет, мир", "Привет, мир");
        check("λόγος 5 μs Δt café naïve 查询 tool查", "λόγος 5 μs Δt café naïve 查询 tool查");
    }

    #[test]
    fn what_would_be_turned_round_is_seen() {
        check("שלום עולם!", "שלום עולם!");
        check("to \"שלום\"", "to \"שלום\"");
        check("א1000,5א", "<5d0>1000,5<5d0>");
        check("{\"a\":\"א\",\"b\":\"ב\"}", "{\"a\":\"<5d0>\",\"b\":\"<5d1>\"}");
    }
}
