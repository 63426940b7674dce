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

/// A clean text in pieces of so many columns, after a space where there is one; with nothing left out.
pub fn pieces(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let (mut pieces, mut piece, mut used) = (Vec::new(), String::new(), 0);
    for letter in text.chars() {
        if used + columns(letter) > width && used > 0 {
            let space = piece.rfind(' ').map(|at| at + 1).filter(|at| 2 * at > piece.len() && letter != ' ');
            let rest = piece.split_off(space.unwrap_or(piece.len()));
            pieces.push(std::mem::replace(&mut piece, rest));
            used = most_columns(&piece);
        }
        piece.push(letter);
        used += columns(letter);
    }
    pieces.push(piece);
    pieces
}

/// Columns by which what goes on is indented.
const INDENT: usize = 4;

/// A clean text in lines of so many columns, each line that goes on indented: what a terminal breaks itself goes on at its edge, where a line of ours begins.
pub fn folded(text: &str, width: usize) -> String {
    let fold = |line: &str| pieces(line, width.saturating_sub(INDENT)).join(&format!("\n{}", " ".repeat(INDENT)));
    text.lines().map(fold).collect::<Vec<_>>().join("\n")
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

    #[test]
    fn what_goes_on_is_indented_and_nothing_is_left_out() {
        for text in
            ["to: \"a bc params.amount: 1 東京東京\"", "to: \u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}\u{e0}\u{e0}\u{e0} 1"]
        {
            for width in 0..40 {
                let folded = folded(text, width);
                let joined: String = folded.split("\n    ").collect();
                assert_eq!(joined, text, "{width}");
                assert!(width < 6 || folded.lines().all(|line| most_columns(line) <= width), "{width}: {folded}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let cut: Vec<String> = (0..6).map(|width| fit("ab東d", width)).collect();
        assert_eq!(cut, ["", "", "\u{2026}", "a\u{2026}", "ab\u{2026}", "ab東d"]);
    }
}
