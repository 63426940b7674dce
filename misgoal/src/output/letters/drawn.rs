//! Signs that are drawings, and letters and numbers that look like one: parts of frames and bars, strokes that read as `|`, `-` or `/`, numbers in circles or with a full stop of their own.

use super::looks::Seen;
use super::signs::is_of_other;

/// Letters and signs of one stroke.
const STROKES: &str = "丨⼁㇑〡〢〣ㅣᅵ一⼀㇐ㅡᅳー丶⼂丿⼃乀‖¦।॥‾￣";

/// What a sign is drawn as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    /// A part of a frame, a bar, a block: a screen is drawn of these.
    Frame,
    /// A stroke, which is a letter among others of its script.
    Stroke,
    /// A number or a letter with something around it or behind it.
    Enclosed,
}

impl Drawn {
    fn of(letter: char) -> Option<Drawn> {
        match letter {
            _ if letter < '\u{a0}' => None,
            '\u{239b}'..='\u{23bd}'
            | '\u{23d0}'
            | '\u{2500}'..='\u{259f}'
            | '\u{2758}'..='\u{275a}'
            | '\u{ffe8}'
            | '\u{1fb00}'..='\u{1fbef}' => Some(Drawn::Frame),
            '\u{2460}'..='\u{24ff}'
            | '\u{2776}'..='\u{2793}'
            | '\u{3200}'..='\u{325f}'
            | '\u{3280}'..='\u{32bf}'
            | '\u{1f100}'..='\u{1f1ff}' => Some(Drawn::Enclosed),
            _ => STROKES.contains(letter).then_some(Drawn::Stroke),
        }
    }
}

/// Marks those that would be taken for something else where they stand.
pub(super) fn find(text: &[Seen], hidden: &mut [bool]) {
    let mut at = 0;
    while let Some((letter, _)) = text.get(at) {
        let Some(drawn) = Drawn::of(*letter) else {
            at += 1;
            continue;
        };
        let (before, rest) = text.split_at(at);
        let count = rest.iter().take_while(|(c, _)| Drawn::of(*c) == Some(drawn)).count();
        let behind = rest.get(count..).unwrap_or_default();
        let hides = match drawn {
            Drawn::Frame => true,
            Drawn::Stroke => reads_as_sign(nearest(before.iter().rev()), nearest(behind.iter())),
            Drawn::Enclosed => reads_as_number(before, behind),
        };
        hidden.iter_mut().skip(at).take(count).for_each(|flag| *flag |= hides);
        at += count;
    }
}

/// Spaces over which a sign belongs to what stands behind them.
const REACH: usize = 4;

/// The next letter beyond a few spaces.
fn nearest<'t>(mut letters: impl Iterator<Item = &'t Seen>) -> char {
    let mut spaces = 0;
    letters
        .find(|(c, _)| {
            spaces += 1;
            *c != ' ' || spaces > REACH
        })
        .map_or(' ', |(c, _)| *c)
}

/// Whether a stroke stands beside ASCII and not beside letters of which it may be one.
fn reads_as_sign(before: char, behind: char) -> bool {
    let is_seen = |c: char| c.is_ascii_graphic() && !"\"'()[]{},.;:!?".contains(c);
    (is_seen(before) || is_seen(behind)) && !is_of_other(before) && !is_of_other(behind)
}

/// Whether letters, digits or signs of amounts, paths and code go on at one side or the other.
fn reads_as_number(before: &[Seen], behind: &[Seen]) -> bool {
    let letter = |at: Option<&Seen>| at.map_or(' ', |(c, _)| *c);
    let goes_on = |c: char| c.is_ascii_graphic() && !"\"'()[]{},.;:!?".contains(c);
    let (last, first) = (letter(before.last()), letter(behind.first()));
    let next = letter(behind.get(1));
    goes_on(last) || ",.".contains(last) || goes_on(first) || ",.:".contains(first) && next.is_ascii_alphanumeric()
}
