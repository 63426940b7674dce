//! How much room a text takes on a terminal, and texts cut and folded to it. Terminals disagree; what is laid out here fits all of them.

use unicode_width::UnicodeWidthChar as _;

/// The most columns that any terminal gives a letter: few letters have more than two anywhere, and some terminals give one to a mark that others put on the letter before it.
///
/// Two for Latin with marks, Greek and Cyrillic, which Unicode calls ambiguous (a terminal of East Asia may be set so), and for all from the signs of print on: pictures,
/// flags and their halves, dashes, frames, what East Asia writes. Which of those are wide is another set in each version of Unicode.
fn columns(letter: char) -> usize {
    let least = match letter {
        '\u{a0}'..='\u{45f}' | '\u{2000}'.. => 2,
        _ => 1,
    };
    letter.width().unwrap_or(0).max(least)
}

/// The most columns that any terminal gives a clean text.
pub fn most_columns(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Stands at the end of a line behind which the text goes on without a space. No clean text has it: it is a part of a frame.
const GOES_ON: char = '┐';

/// A clean text in lines of so many columns, from which it can be read again: a line ends in place of one space, or has a sign at its end. Nobody sees a space at the end of a line.
pub fn pieces(text: &str, width: usize) -> Vec<String> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    loop {
        let (piece, behind, ends) = match next_break(rest, width) {
            None => break,
            Some(Break::Space(at)) => (rest.get(..at), rest.get(at + 1..), None),
            Some(Break::Within(at)) => (rest.get(..at), rest.get(at..), Some(GOES_ON)),
        };
        let (Some(piece), Some(behind)) = (piece, behind) else { break };
        pieces.push(piece.chars().chain(ends).collect());
        rest = behind;
    }
    pieces.push(rest.to_owned());
    pieces
}

/// Where a line ends.
enum Break {
    /// In place of a space, which has none beside it.
    Space(usize),
    /// Between two letters.
    Within(usize),
}

/// Where a text is broken so that its first line fits; none where all of it does.
fn next_break(text: &str, width: usize) -> Option<Break> {
    let (mut at, mut used) = (0, 0);
    let (mut space, mut within, mut first_within) = (None, None, None);
    loop {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let unit = rest.get(..unit(rest)).unwrap_or(rest);
        let behind = rest.get(unit.len()..).unwrap_or_default();
        let is_apart = !text.get(..at).is_none_or(|before| before.is_empty() || before.ends_with(' '));
        if unit == " " && is_apart && !behind.is_empty() && !behind.starts_with(' ') {
            space = Some((at, used));
        }
        used += most_columns(unit);
        if used > width {
            break;
        }
        at += unit.len();
        if used + columns(GOES_ON) <= width && !behind.is_empty() {
            first_within = Some(at);
            // A line that begins with a space is seen to do so by few.
            within = Some(at).filter(|_| !behind.starts_with(' ')).or(within);
        }
    }
    match (space, within.or(first_within)) {
        (Some((space, used)), Some(_)) if 2 * used + 2 > width => Some(Break::Space(space)),
        (Some((space, _)), None) => Some(Break::Space(space)),
        (_, Some(within)) => Some(Break::Within(within)),
        // Too narrow for what belongs together.
        (None, None) => {
            let mut used = columns(GOES_ON);
            let fits = |letter: &char| {
                used += columns(*letter);
                used <= width
            };
            let length: usize = text.chars().take_while(fits).map(char::len_utf8).sum();
            let least = text.chars().next().map_or(1, char::len_utf8);
            Some(Break::Within(length.max(least))).filter(|_| text.len() > least)
        }
    }
}

/// How long is what belongs together at the beginning of a text: an escape, a letter with its marks, a picture of several parts.
fn unit(text: &str) -> usize {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return 0 };
    if first == '\\' {
        return escape(letters.as_str()) + 1;
    }
    let (mut length, mut before, mut is_flag) = (first.len_utf8(), first, false);
    for letter in letters {
        let ends_flag = is_flag_half(before) && is_flag_half(letter) && !is_flag;
        let is_part = letter.width() == Some(0) || before == JOINS || matches!(letter, '\u{1f3fb}'..='\u{1f3ff}');
        if !is_part && !ends_flag {
            break;
        }
        is_flag |= ends_flag;
        length += letter.len_utf8();
        before = letter;
    }
    length
}

/// Makes one picture of two.
const JOINS: char = '\u{200d}';

fn is_flag_half(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Letters of the longest escape, behind its backslash.
const ESCAPE: usize = 9;

/// How long an escape is behind its backslash: `u{202e}`, `u202e`, `n`.
fn escape(text: &str) -> usize {
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_hexdigit());
    if let Some((code, _)) = text.strip_prefix("u{").and_then(|text| text.split_once('}'))
        && code.len() + 3 <= ESCAPE
        && is_hex(code)
    {
        return code.len() + 3;
    }
    if text.starts_with('u') && text.get(1..5).is_some_and(is_hex) {
        return 5;
    }
    usize::from(text.starts_with(|letter: char| letter.is_ascii_graphic()))
}

/// Columns by which what goes on is indented.
const INDENT: usize = 4;

/// A clean text in lines of so many columns, each line that goes on indented: what a terminal breaks itself goes on at its edge, where a line of ours begins.
pub fn folded(text: &str, width: usize) -> String {
    let fold = |line: &str| pieces(line, width.saturating_sub(INDENT)).join(&format!("\n{}", " ".repeat(INDENT)));
    text.lines().map(fold).collect::<Vec<_>>().join("\n")
}

/// The same with every line indented: what belongs to the line above.
pub fn indented(text: &str, width: usize) -> String {
    let indent = " ".repeat(INDENT);
    let lines = pieces(text, width.saturating_sub(INDENT));
    lines.into_iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

/// What stands where something is cut.
const CUT: char = '…';

/// The beginning of a clean text that fits so many columns, with an ellipsis where something is cut and there is room for one.
pub fn fit(text: &str, width: usize) -> String {
    if most_columns(text) <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), columns(CUT));
    if used > width {
        return out;
    }
    for letter in text.chars() {
        used += columns(letter);
        if used > width {
            break;
        }
        out.push(letter);
    }
    out.push(CUT);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_terminal_gives_a_letter_more_room() {
        for (text, most) in [
            ("pay 5", 5),
            // A half of a flag takes one column or two, and a whole flag two, three or four.
            ("\u{1f1e9}", 2),
            ("\u{1f1e9}\u{1f1ea}", 4),
            // Ambiguous ones: two where a terminal is set so.
            ("\u{e0}\u{431}\u{3b1}\u{2014}\u{2026}\u{201c}", 12),
            // Pictures that were signs before, and what newer terminals have as wide.
            ("\u{2600}\u{2764}\u{fe0f}\u{270f}\u{4dc0}\u{2630}", 12),
            ("東\u{d55c}\u{ff76}", 6),
            ("\u{5d0}\u{628}\u{928}\u{93f}\u{e19}\u{e49}", 6),
        ] {
            assert_eq!(most_columns(text), most, "{text}");
        }
        for letter in (0..=0x10_ffff).filter_map(char::from_u32).filter(|letter| letter.width().is_some()) {
            let most = letter.width().max(letter.width_cjk()).unwrap_or(0);
            assert!(most <= columns(letter), "{letter:?}");
        }
    }

    /// What can be read again from lines of which nobody sees where blanks end.
    fn read(lines: &[String]) -> String {
        let mut text = String::new();
        for (at, line) in lines.iter().enumerate() {
            match line.trim_end().strip_suffix(GOES_ON) {
                Some(line) => text.push_str(line),
                None if at + 1 < lines.len() => text.push_str(&format!("{} ", line.trim_end())),
                None => text.push_str(line.trim_end()),
            }
        }
        text
    }

    #[test]
    fn what_goes_on_is_indented_and_nothing_is_left_out() {
        for text in [
            "to: \"a bc params.amount: 1 東京東京\"",
            "to: \u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}\u{e0}\u{e0}\u{e0} 1",
            "rm -rf /  данные/ \\u0020\\u0020   x \\u{202e}e\u{301}e\u{301} \\n",
        ] {
            for width in 0..40 {
                let folded = folded(text, width);
                let lines: Vec<String> = folded.split("\n    ").map(str::to_owned).collect();
                assert_eq!(read(&lines), text, "{width}");
                assert!(width < 9 || folded.lines().all(|line| most_columns(line) <= width), "{width}: {folded}");
            }
        }
    }

    #[test]
    fn where_a_line_ends_is_seen() {
        for (text, width, expected) in [
            ("pay five", 8, "pay five"),
            ("pay five", 7, "pay|five"),
            ("pay five now", 8, "pay five|now"),
            ("abcdefgh", 6, "abcd┐|efgh"),
            // A space that is one of several is not left out.
            ("abcd  efgh", 8, "abcd  ┐|efgh"),
            ("abcd   efgh", 8, "abc┐|d   efgh"),
            ("ab cdefghijkl", 8, "ab cde┐|fghijkl"),
            // What belongs together stays so.
            ("abcd\\u0020\\n", 9, "abcd┐|\\u0020\\n"),
            ("abcd\\u{20}ef", 9, "abcd┐|\\u{20}ef"),
            ("abcde\u{e19}\u{e49}fgh", 8, "abcde┐|\u{e19}\u{e49}fgh"),
            ("abcde\\\\u0020", 9, "abcde\\\\┐|u0020"),
        ] {
            assert_eq!(pieces(text, width).join("|"), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let cut: Vec<String> = (0..6).map(|width| fit("ab東d", width)).collect();
        assert_eq!(cut, ["", "", "\u{2026}", "a\u{2026}", "ab\u{2026}", "ab東d"]);
    }
}
