//! Signs that read as others where they stand: a slash that is none in a path, a quote in a number, a dash before an option. In a sentence they are what they are.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::looks::{Look, Seen, ascii_sign, is_latin};

/// Signs of printed sentences.
const PRINTED: &str = "“”„‟‘’‚‹›…–—×";
/// ASCII signs that end or hold a part of a sentence; others are signs of paths, addresses, amounts and code.
const OF_SENTENCES: &str = ",.!?;:()'\"";
/// ASCII signs that make a word one of code: a path, an address, an amount.
const OF_CODE: &str = "/\\:.@=_#$%&?*+~|<>^{}[]";
/// What may stand about a word of a sentence.
const ABOUT: &str = "\"'`“”„‟‘’‹›«»‚()[]{},.;:!?…";

/// Marks the signs of a text that would be taken for ASCII.
pub(super) fn find(text: &[Seen], hidden: &mut [bool]) {
    let mut run = Run::default();
    for (at, (sign, look)) in text.iter().enumerate() {
        if sign.is_ascii() || sign.is_alphanumeric() || is_combining_mark(*sign) {
            continue;
        }
        if at >= run.end {
            run = Run::at(text, at, run.end);
        }
        let place = Place::of(text, at);
        let hides = match look {
            _ if *sign == OPENS => place.hides(*sign) && !opens_exclamation(text, at),
            _ if PRINTED.contains(*sign) => place.hides_printed(*sign) || run.code.contains(&at),
            Look::Ascii => place.hides(*sign),
            _ if is_of_writing(*sign) && (place.is_within_ascii() || place.is_within_number()) => true,
            _ => !is_latin(*sign) && !is_of_east_asia(*sign) && place.is_foreign(),
        };
        if let Some(flag) = hidden.get_mut(at) {
            *flag |= hides;
        }
    }
}

/// Opens an exclamation in Spanish, and reads as an `i` elsewhere.
const OPENS: char = '¡';

/// Whether an exclamation begins here that ends as one.
fn opens_exclamation(text: &[Seen], at: usize) -> bool {
    let is_opening = |(c, _): &&Seen| matches!(c, '¡' | '¿');
    let before = text.get(..at).unwrap_or_default().iter().rev().take(SEVERAL).find(|seen| !is_opening(seen));
    let opened = text.get(at + 1..).unwrap_or_default();
    let several = opened.iter().take(SEVERAL).take_while(is_opening).count();
    let mut said = opened.iter().skip(several).map(|(c, _)| *c);
    let begins = before.is_none_or(|(c, _)| c.is_whitespace() || "\"'`“”‘’«»‹›([{,;:—–-".contains(*c));
    if several == SEVERAL || !begins || !said.next().is_some_and(char::is_alphabetic) {
        return false;
    }
    // `¡d!`: of a word of one letter nobody sees what it is.
    let mut last = ' ';
    let end = said.find(|c| {
        let is_end = matches!(c, '!' | '¡');
        last = if is_end { last } else { *c };
        is_end
    });
    end == Some('!') && !last.is_whitespace()
}

/// Letters with no space and no quote between them, each looked at once however many signs it has.
#[derive(Default)]
struct Run {
    end: usize,
    /// The part of it that is code, if it is: without what stands about it.
    code: Range<usize>,
}

impl Run {
    /// The run about a place, behind the last one.
    fn at(text: &[Seen], at: usize, last: usize) -> Run {
        let goes_on = |(c, _): &&Seen| !c.is_whitespace() && *c != '"';
        let before = text.get(last..at).unwrap_or_default().iter().rev().take_while(goes_on).count();
        let behind = text.get(at..).unwrap_or_default().iter().take_while(goes_on).count();
        let (start, end) = (at - before, at + behind.max(1));
        let letters = text.get(start..end).unwrap_or_default();
        let about = |(c, _): &&Seen| ABOUT.contains(*c);
        let first = letters.iter().take_while(about).count();
        let last = letters.len() - letters.iter().rev().take_while(about).count();
        let core = letters.get(first..last).unwrap_or_default();
        let is_code = core.iter().any(|(c, _)| OF_CODE.contains(*c));
        Run { end, code: if is_code { start + first..start + last } else { 0..0 } }
    }
}

/// What stands beside a sign.
struct Place {
    before: char,
    behind: char,
    /// The letter before it and before other signs like it.
    owner: char,
    /// Whether each of the letters beside it stands alone: `A–Z`.
    joins_letters: bool,
}

/// Signs of which several may stand behind a letter.
const SEVERAL: usize = 4;

impl Place {
    fn of(text: &[Seen], at: usize) -> Place {
        let letters = || text.get(..at).unwrap_or_default().iter().rev().map(|(c, _)| *c);
        let is_letter = |c: &char| c.is_ascii() || c.is_alphanumeric();
        let ends =
            |letter: Option<&Seen>| letter.is_none_or(|(c, _)| c.is_whitespace() || "\"()[],.;:!?“”‘’«»".contains(*c));
        let (beyond, behind) = (at.checked_sub(2).and_then(|at| text.get(at)), text.get(at + 2));
        Place {
            before: letters().next().unwrap_or(' '),
            behind: text.get(at + 1).map_or(' ', |(c, _)| *c),
            owner: letters().take(SEVERAL).find(is_letter).unwrap_or(' '),
            joins_letters: ends(beyond) && ends(behind),
        }
    }

    /// Whether letters or digits of ASCII stand on both sides.
    fn is_within_ascii(&self) -> bool {
        self.before.is_ascii_alphanumeric() && self.behind.is_ascii_alphanumeric()
    }

    /// Whether ASCII stands beside it, and no letter of another script: a sign of one script has its letters beside it.
    fn is_foreign(&self) -> bool {
        (self.before.is_ascii_alphanumeric() || self.behind.is_ascii_alphanumeric())
            && !is_of_other(self.owner)
            && !is_of_other(self.behind)
    }

    /// Whether a number goes on behind it in another script.
    fn is_within_number(&self) -> bool {
        let either = self.before.is_ascii_digit() || self.behind.is_ascii_digit();
        either && self.before.is_numeric() && self.behind.is_numeric()
    }

    /// Whether a sign would be taken for one of ASCII that is none of a printed sentence.
    fn hides(&self, sign: char) -> bool {
        let ends_sentence = ascii_sign(sign).is_some_and(|sign| OF_SENTENCES.contains(sign));
        match ends_sentence {
            // It belongs to the letters before it, or opens what follows.
            true => !is_of_other(self.owner) && (!is_of_other(self.behind) || OF_CODE.contains(self.before)),
            false => {
                let is_seen = |c: char| c.is_ascii_graphic() && c != '"';
                is_seen(self.before)
                    || is_seen(self.behind)
                    || !(is_of_other(self.before) || is_of_other(self.behind)) && sign != '\u{2212}'
            }
        }
    }

    /// The same for those of printed sentences.
    fn hides_printed(&self, sign: char) -> bool {
        let digits = self.before.is_ascii_digit() && self.behind.is_ascii_digit();
        let is_held = |c: char| "{}[]=\\/".contains(c);
        match sign {
            '‘' | '’' => digits || "{}[]=".contains(self.before) || "{}[]=".contains(self.behind),
            '…' => digits || "/\\.".contains(self.before) || "/\\.".contains(self.behind),
            // A dash between numbers and between names is seen as one; before a word it is that of an option, and before a number of an amount.
            '–' => {
                let begins =
                    !self.before.is_alphanumeric() && (self.behind.is_ascii_alphanumeric() || self.behind == '-');
                let joins = self.is_within_ascii()
                    && !digits
                    && !(self.before.is_ascii_lowercase() && self.behind.is_ascii_uppercase())
                    && !(self.joins_letters && self.before.is_ascii_uppercase() && self.behind.is_ascii_uppercase());
                begins || joins || self.before == '-' || is_held(self.before) || is_held(self.behind)
            }
            '‚' => !(self.behind.is_alphabetic() && (self.before.is_whitespace() || "\"(".contains(self.before))),
            '—' => false,
            '×' => self.before.is_ascii_alphabetic() || self.behind.is_ascii_alphabetic(),
            // `“/srv/data”` is a path in quotes.
            _ => self.is_within_ascii() || "{}[]=".contains(self.before) || "{}[]=".contains(self.behind),
        }
    }
}

/// Whether a letter is one of a script that has signs of its own.
pub(super) fn is_of_other(letter: char) -> bool {
    letter.is_alphanumeric() && !is_latin(letter) || matches!(letter, '\u{3001}'..='\u{303f}')
}

/// Whether a sign is one of East Asia, where words of ASCII stand in sentences: `（API）、`.
fn is_of_east_asia(sign: char) -> bool {
    matches!(sign, '\u{3000}'..='\u{33ff}' | '\u{fe10}'..='\u{fe6f}' | '\u{ff00}'..='\u{ffef}')
}

/// Whether a sign is one of writing: of all scripts that have signs in blocks of their own.
fn is_of_writing(sign: char) -> bool {
    matches!(
        sign,
        '\u{2010}'..='\u{2021}'
            | '\u{2023}'..='\u{205e}'
            | '\u{2e00}'..='\u{2e7f}'
            | '\u{3001}'..='\u{303f}'
            | '\u{fe10}'..='\u{fe6f}'
            | '\u{ff01}'..='\u{ff65}'
            | '\u{a4fe}'..='\u{a4ff}'
            | '\u{60c}'
            | '\u{61b}'
            | '\u{61f}'
            | '\u{66a}'..='\u{66d}'
            | '\u{589}'
            | '\u{5be}'..='\u{5f4}'
    )
}
