//! A text in the letters and digits that most people write: what origins are found in, and what a label's pattern is held against.

use unicode_normalization::UnicodeNormalization as _;

use crate::read::is_unseen;

/// The text in compatibility form (NFKC: letters of one width, composed), without letters that are not seen, with the digits of all scripts as ASCII has them and the
/// signs of numbers as JSON has them; `None` where it is that already. White space and case stay.
pub(super) fn plain(text: &str) -> Option<String> {
    let is_seen = |c: &char| c.is_whitespace() || !is_unseen(*c);
    if text.is_ascii() && text.chars().all(|c| is_seen(&c)) {
        return None;
    }
    // What was unseen may have kept a letter and its accent apart.
    let plain: String = text.nfkc().filter(is_seen).map(figure).nfc().collect();
    (plain != text).then_some(plain)
}

/// A digit, or a sign of a number, as ASCII has it.
fn figure(letter: char) -> char {
    match letter {
        _ if letter.is_ascii() => letter,
        '\u{66b}' => '.',
        '\u{66c}' => ',',
        '\u{2212}' => '-',
        '\u{2019}' => '\'',
        _ if !letter.is_numeric() => letter,
        _ => {
            let zero = ZEROS.partition_point(|zero| *zero <= letter).checked_sub(1).and_then(|at| ZEROS.get(at));
            let figure = zero.and_then(|zero| char::from_digit(u32::from(letter) - u32::from(*zero), 10));
            figure.unwrap_or(letter)
        }
    }
}

/// The zero of each script: the other nine of its decimal digits (Nd of Unicode 17) stand behind it.
#[rustfmt::skip]
const ZEROS: &[char] = &[
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}',
    '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}',
    '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}', '\u{a9f0}', '\u{aa50}', '\u{abf0}', '\u{ff10}',
    '\u{104a0}', '\u{10d30}', '\u{10d40}', '\u{11066}', '\u{110f0}', '\u{11136}', '\u{111d0}', '\u{112f0}', '\u{11450}', '\u{114d0}', '\u{11650}', '\u{116c0}',
    '\u{116d0}', '\u{116da}', '\u{11730}', '\u{118e0}', '\u{11950}', '\u{11bf0}', '\u{11c50}', '\u{11d50}', '\u{11da0}', '\u{11de0}', '\u{11f50}', '\u{16130}',
    '\u{16a60}', '\u{16ac0}', '\u{16b50}', '\u{16d70}', '\u{1ccf0}', '\u{1d7ce}', '\u{1d7d8}', '\u{1d7e2}', '\u{1d7ec}', '\u{1d7f6}', '\u{1e140}', '\u{1e2f0}',
    '\u{1e4f0}', '\u{1e5f1}', '\u{1e950}', '\u{1fbf0}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decimal_digit_is_one_of_ten() {
        let digit = regex::Regex::new(r"^\d$").unwrap();
        let all = ('\0'..=char::MAX).map(|c| (c, c.to_string())).filter(|(_, text)| digit.is_match(text));
        let mut counts = [0; 10];
        for (letter, text) in all {
            let plain = plain(&text).unwrap_or(text);
            let value = plain.parse::<usize>().unwrap_or_else(|_| panic!("{letter:?} is {plain:?}"));
            counts[value] += 1;
        }
        assert!(counts.iter().all(|count| *count == counts[0] && *count > 70), "{counts:?}");
        assert!(ZEROS.is_sorted());
    }

    #[test]
    fn a_text_has_one_spelling() {
        for (text, expected) in [
            ("plain, with Case\n\tand white space", None),
            ("Müller → ж", None),
            ("ＤＥ８９", Some("DE89")),
            ("D\u{200b}E\u{ad}8\u{0}9", Some("DE89")),
            ("e\u{200b}\u{301}", Some("é")),
            ("𝐈𝐁𝐀𝐍 x²", Some("IBAN x2")),
            ("٤٬١٠٠٫٥", Some("4,100.5")),
            ("−۵ ’ ५", Some("-5 ' 5")),
            ("no\u{a0}break", Some("no break")),
        ] {
            assert_eq!(plain(text).as_deref(), expected, "{text:?}");
        }
    }
}
