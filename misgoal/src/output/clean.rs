//! Text of others on a terminal: what agents and servers wrote must not move the cursor, hide, or turn round what stands beside it.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// The text with everything escaped that a terminal would obey or not show: control characters of both sets, marks of direction, what has no width.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if is_plain(letter) => out.push(letter),
            // A string takes everything.
            _ => _ = write!(out, "\\u{{{:x}}}", u32::from(letter)),
        }
    }
    out
}

/// Whether a letter is seen and nothing else.
fn is_plain(letter: char) -> bool {
    // The soft hyphen is seen at the end of a line only; separators of lines and paragraphs end one.
    !letter.is_control()
        && letter.width().is_some_and(|width| width > 0)
        && !matches!(letter, '\u{ad}' | '\u{2028}' | '\u{2029}')
}

/// The beginning of a clean text that fits so many columns, with an ellipsis where something is cut.
pub fn fit(text: &str, width: usize) -> String {
    let wide = |letter: char| letter.width().unwrap_or(0);
    if text.chars().map(wide).sum::<usize>() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for letter in text.chars() {
        if used + wide(letter) >= width {
            break;
        }
        used += wide(letter);
        out.push(letter);
    }
    if width > 0 {
        out.push('\u{2026}');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_a_terminal_that_it_would_obey() {
        let told = |text: &str, expected: &str| assert_eq!(clean(text), expected);
        told("pay {\"to\": \"Zoë, 東京\"}", "pay {\"to\": \"Zoë, 東京\"}");
        told("\u{1b}[2J\u{1b}]0;title\u{7}", "\\u{1b}[2J\\u{1b}]0;title\\u{7}");
        told("one-byte \u{9b}2J", "one-byte \\u{9b}2J");
        told("a\r\nb\tc", "a\\u{d}\\nb\\tc");
        told("\u{202e}gnp.exe\u{2066}", "\\u{202e}gnp.exe\\u{2066}");
        told(
            "pa\u{200b}y e\u{301} so\u{ad}ft \u{2028}\u{feff}\u{e0041}",
            "pa\\u{200b}y e\\u{301} so\\u{ad}ft \\u{2028}\\u{feff}\\u{e0041}",
        );
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let cut: Vec<String> = (0..6).map(|width| fit("ab東d", width)).collect();
        assert_eq!(cut, ["", "…", "a…", "ab…", "ab…", "ab東d"]);
    }
}
