//! What is not seen by itself and belongs to what stands before it: marks on the letters of a word of one script, and what joins pictures or colours them. Anywhere else a text could
//! hide in them.

use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar as _;

use super::looks::{Seen, is_latin, is_of_script, is_rare, scripts};
use super::words::words;

/// Marks on one letter, at most: Burmese has as many.
const MOST: usize = 5;
/// Marks of kana, which names of files have on some systems.
const OF_KANA: [char; 2] = ['\u{3099}', '\u{309a}'];
/// Makes a picture of a sign that is shown as text else.
const AS_PICTURE: char = '\u{fe0f}';
/// Makes one picture of two.
const JOINS: char = '\u{200d}';

/// Which of these letters are shown, though none is seen by itself.
pub(super) fn find(text: &[Seen], hidden: &[bool]) -> Vec<bool> {
    let mut shown = vec![false; text.len()];
    if text.iter().any(|(c, _)| is_combining_mark(*c)) {
        on_letters(text, hidden, &mut shown);
    }
    for (at, (letter, _)) in text.iter().enumerate() {
        let before = |steps: usize| at.checked_sub(steps).and_then(|at| text.get(at)).map_or(' ', |(c, _)| *c);
        let shows = match *letter {
            // Behind a picture it changes nothing that is seen.
            AS_PICTURE => is_picture(before(1)) && before(1).width() == Some(1),
            JOINS => {
                let behind = text.get(at + 1).is_some_and(|(c, _)| is_picture(*c));
                behind && (is_picture(before(1)) || before(1) == AS_PICTURE && is_picture(before(2)))
            }
            _ => continue,
        };
        if let Some(flag) = shown.get_mut(at) {
            *flag = shows;
        }
    }
    shown
}

fn on_letters(text: &[Seen], hidden: &[bool], shown: &mut [bool]) {
    for range in words(text) {
        let word = text.get(range.clone()).unwrap_or_default();
        let is_hidden = hidden.get(range.clone()).is_some_and(|word| word.contains(&true));
        if is_hidden || !is_of_one_script(word) {
            continue;
        }
        let mut on = None;
        for (flag, (letter, _)) in shown.iter_mut().skip(range.start).zip(word) {
            if !is_combining_mark(*letter) {
                on = Some(Vec::new());
            } else if let Some(marks) = on.as_mut().filter(|marks| marks.len() < MOST) {
                // Of two that are the same, one is seen.
                *flag = !marks.contains(letter);
                marks.push(*letter);
            }
        }
    }
}

/// Whether a word has marks that its own script has, and no other letters: marks of all scripts, and those on Latin letters, have other forms or strike the letter out.
fn is_of_one_script(word: &[Seen]) -> bool {
    let letters = || word.iter().map(|(c, _)| *c);
    let fits = |c: char| match is_combining_mark(c) {
        true => is_of_script(c) && (!is_rare(c) || OF_KANA.contains(&c)),
        false => !c.is_ascii() && !is_latin_alone(c),
    };
    letters().any(is_combining_mark) && letters().all(fits) && scripts(letters()).is_some()
}

/// Whether a letter is Latin and of no other script.
fn is_latin_alone(letter: char) -> bool {
    is_latin(letter) && is_of_script(letter)
}

/// Emoji, and signs of which there is one.
fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{2757}' | '\u{2763}'..='\u{2767}' | '\u{2795}'..='\u{27bf}' | '\u{2b05}'..='\u{2b55}'
        | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}' | '\u{1f900}'..='\u{1faff}')
}
