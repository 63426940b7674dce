//! Numbers of all kinds as people write them: sums, and those of accounts, cards and telephones.

use std::collections::VecDeque;

use super::hash::Hash;
use super::words::is_foreign;
use crate::read::{fold, is_unseen, plain};

/// The numbers of a text, each in the one text of its value; with white space between groups of three digits, too. `ranges` says
/// whether a hyphen may stand between two.
pub(super) fn amounts(text: &str, ranges: bool, see: &mut dyn FnMut(&str)) {
    if !text.contains(char::is_numeric) {
        return;
    }
    let mut open: VecDeque<String> = VecDeque::with_capacity(THOUSANDS + 1);
    for part in text.split(|c: char| !c.is_whitespace() && ends_number(c)) {
        open.clear();
        for piece in part.split_whitespace() {
            amount(piece, ranges, see);
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 3 {
                for sum in &mut open {
                    sum.push_str(piece);
                    amount(sum, ranges, see);
                }
            }
            if digits != 3 || piece.len() > 3 {
                open.clear();
            }
            // `USD12`, `-12` and `12` may have groups behind them.
            let before = piece.trim_end_matches(|c: char| c.is_ascii_digit());
            if (1..=3).contains(&(piece.len() - before.len())) && before.len() <= 3 && !before.contains(['.', ',']) {
                open.push_back(piece.to_owned());
                if open.len() > THOUSANDS {
                    open.pop_front();
                }
            }
        }
    }
}

/// Groups of three digits that one number has at most.
const THOUSANDS: usize = 4;

/// Whether no number goes on behind this: what may stand in one are letters (of exponents and currencies), digits of all scripts, signs, and what nobody sees.
fn ends_number(c: char) -> bool {
    match c.is_ascii() {
        true => !c.is_ascii_alphanumeric() && !matches!(c, '.' | ',' | '\'' | '_' | '-' | '+') && !is_unseen(c),
        false => {
            is_foreign(c)
                || !c.is_alphanumeric()
                    && !is_unseen(c)
                    && !matches!(c, '\u{66b}' | '\u{66c}' | '\u{2212}' | '\u{2019}')
        }
    }
}

/// The numbers of a word: a hyphen is a sign of one, or stands between two, or behind one in place of hundredths.
fn amount(word: &str, ranges: bool, see: &mut dyn FnMut(&str)) {
    let mut last = '-';
    let mut splits = |c: char| {
        let before = std::mem::replace(&mut last, c);
        ranges && c == '-' && !"eE-".contains(before)
    };
    for piece in word.split(&mut splits) {
        numerals(piece, see);
    }
}

/// The numbers that a word may stand for, each in the one text of its value: with commas or points between its groups of digits, an exponent, a sign or the
/// three letters of a currency.
fn numerals(word: &str, see: &mut dyn FnMut(&str)) {
    if !word.contains(|c: char| c.is_ascii_digit()) {
        return;
    }
    let signs = |c: char| !c.is_alphanumeric() && c != '-';
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let bare = word.trim_matches(signs);
    let currency = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
    // `INV-9912` is no sum.
    let before =
        bare.split_at_checked(3).filter(|(code, rest)| currency(code) && !rest.starts_with('-')).map(|(_, rest)| rest);
    let behind = bare.len().checked_sub(3).and_then(|at| bare.split_at_checked(at)).filter(|(_, code)| currency(code));
    let coded = before.or(behind.map(|(rest, _)| rest)).unwrap_or(bare);
    let bare = coded.trim_matches(signs);
    let bare = if bare.starts_with("--") { bare.trim_start_matches('-') } else { bare };
    let is_numeral = bare.contains(|c: char| c.is_ascii_digit())
        && bare.len() <= 64
        && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '_' | '-' | '+' | 'e' | 'E'));
    if !is_numeral {
        return;
    }
    let without = |bare: &str, groups: &[char], point: char| {
        let text: String = bare.chars().filter(|c| !groups.contains(c)).collect();
        value(&text.replace(point, "."))
    };
    let points = without(bare, &[',', '\'', '_'], '.');
    let commas = bare.contains([',', '.']).then(|| without(bare, &['.', '\'', '_'], ',')).flatten();
    // `.125` has no digit before its point, and three points are none.
    let before = |text: &str| text.find(bare).and_then(|at| text.get(..at)).unwrap_or_default().to_owned();
    let (before, coded) = (before(word), before(coded));
    let has_point = [before, coded].iter().any(|before| before.ends_with(['.', ',']) && !before.ends_with(".."));
    let small = has_point.then(|| without(&format!(".{bare}"), &[], '.')).flatten();
    for number in points.into_iter().chain(commas).chain(small) {
        see(&number);
        // Of a hyphen nobody knows whether it is a sign.
        if let Some(positive) = number.strip_prefix('-') {
            see(positive);
        }
    }
}

/// The one text of a number as people write it: with zeros before it, or a sign.
fn value(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let digits = digits.trim_start_matches('+').trim_start_matches('0');
    let zero = if digits.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
    let text = format!("{sign}{zero}{digits}");
    text.parse::<f64>().is_ok_and(f64::is_finite).then(|| plain(&text).into_owned())
}

/// The hash of the letters and digits of a text in one case, without what people put between them: `DE89 3704 0044`, `1.234.567`. None of a few, which are everywhere.
pub(super) fn squeezed(text: &str) -> Option<Hash> {
    let (mut hash, mut bytes) = (Hash::JOINED, Vec::new());
    squeeze(text, &mut bytes);
    hash.push(&bytes);
    (bytes.len() >= SHORTEST).then_some(hash)
}

fn squeeze(text: &str, into: &mut Vec<u8>) {
    into.clear();
    if text.is_ascii() {
        return into.extend(text.bytes().filter(u8::is_ascii_alphanumeric));
    }
    // Digits of other widths are the same to many a server.
    for letter in fold(text).chars().filter(|c| c.is_alphanumeric()) {
        into.extend(letter.encode_utf8(&mut [0; 4]).bytes());
    }
}

/// The same for the parts of a text that are put together of words with a digit in each, of at most nine words: numbers of accounts, cards and telephones, and sums.
pub(super) fn joined(text: &str, see: &mut dyn FnMut(Hash, usize)) {
    if !text.contains(char::is_numeric) {
        return;
    }
    groups(text, see);
    // What stands right before a number, or behind it, is no part of it: `IBAN:DE89 3704`, or a letter of another script.
    let ends = |c: char| {
        matches!(c, ':' | '/' | '_' | '\\' | '*' | '~' | '$' | '+' | '%' | '@')
            || !c.is_ascii() && (is_foreign(c) || !c.is_alphanumeric() && !is_unseen(c))
    };
    if text.contains(ends) || text.contains("--") {
        text.split("--").flat_map(|part| part.split(ends)).for_each(|part| groups(part, see));
    }
}

fn groups(text: &str, see: &mut dyn FnMut(Hash, usize)) {
    let mut open: VecDeque<(Hash, usize)> = VecDeque::with_capacity(GROUPS + 1);
    let mut bytes = Vec::new();
    let splits = |c: char| {
        let is_mark = matches!(
            c,
            '"' | '`' | ';' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '|' | '&' | '#'
        );
        is_mark || c.is_whitespace()
    };
    for word in text.split(splits) {
        if word.is_empty() {
            continue;
        }
        if !word.contains(char::is_numeric) {
            open.clear();
            continue;
        }
        open.push_back((Hash::JOINED, 0));
        if open.len() > GROUPS {
            open.pop_front();
        }
        squeeze(word, &mut bytes);
        for (hash, length) in &mut open {
            hash.push(&bytes);
            *length += bytes.len();
            if (SHORTEST..=LONGEST).contains(length) {
                see(*hash, *length);
            }
        }
    }
}

const GROUPS: usize = 9;
/// Bytes of what is put together, at least and at most.
const SHORTEST: usize = 5;
const LONGEST: usize = 48;
