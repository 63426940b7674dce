//! The words of a text that are written leftward and escaped, for who reads them: each by itself, with no number, sign or letter of another script among them that a terminal
//! could turn round with them.

use unicode_normalization::char::is_combining_mark;

use super::is_written_leftward;
use super::looks::{is_rare, scripts};

/// Marks on one letter, at most: more could hide it.
const MOST: usize = 3;
/// Keeps letters of one Persian word apart, and is not seen.
const PARTS: char = '\u{200c}';

/// The words with the name of their script, in the order of the text.
pub(super) fn words(text: &str, hidden: &[bool]) -> Vec<(String, String)> {
    let (mut words, mut word) = (Vec::new(), String::new());
    for (letter, is_hidden) in text.chars().zip(hidden).chain([(' ', &false)]) {
        let is_of_word = letter.is_alphabetic() || is_combining_mark(letter);
        if *is_hidden && is_of_word && is_written_leftward(letter) {
            word.push(letter);
        } else if letter != PARTS {
            words.extend(script(&word).map(|script| (script, std::mem::take(&mut word))));
            word.clear();
        }
    }
    words
}

/// The script of a word that is of one script which is written today, and is seen.
fn script(word: &str) -> Option<String> {
    let letters = || word.chars().filter(|letter| !is_combining_mark(*letter));
    let mut marks = 0;
    let is_seen = !is_combining_mark(word.chars().next()?)
        && word.chars().all(|letter| {
            marks = if is_combining_mark(letter) { marks + 1 } else { 0 };
            marks <= MOST && !is_rare(letter)
        });
    let name = scripts(letters())?.base.iter().next()?.full_name().to_owned();
    is_seen.then_some(name)
}
