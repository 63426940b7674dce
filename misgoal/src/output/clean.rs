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

/// Spaces in a row from which on they are escaped: a screen full of nothing looks like the end.
const SPACES: usize = 16;

/// A JSON text in which the same is escaped as JSON has it, and so are many spaces in a row: to who reads JSON it is the same text.
pub fn clean_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(letter) = rest.chars().next() {
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        if spaces > 0 {
            out.push_str(&if spaces < SPACES { " " } else { "\\u0020" }.repeat(spaces));
            rest = rest.get(spaces..).unwrap_or_default();
            continue;
        }
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            // Between values there is nothing but these; within a text JSON itself escapes them.
            '\n' => out.push(letter),
            _ if is_plain(letter) => out.push(letter),
            // A string takes everything.
            _ => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
        }
    }
    out
}

/// Whether a letter is seen, as what it is and nothing else. A space is; what looks like one is not, nor what is blank and takes room.
fn is_plain(letter: char) -> bool {
    let is_blank = letter.is_whitespace() && letter != ' ';
    // The soft hyphen is seen at the end of a line only; fillers of Hangul and the empty pattern of Braille are letters that show nothing.
    let is_empty = matches!(letter, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}');
    !letter.is_control() && letter.width().is_some_and(|width| width > 0) && !is_blank && !is_empty
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
    fn what_looks_like_nothing_is_seen() {
        let blank = "a\u{a0}b\u{3000}c\u{2800}d\u{3164}e\u{2003}";
        assert_eq!(clean(blank), "a\\u{a0}b\\u{3000}c\\u{2800}d\\u{3164}e\\u{2003}");
    }

    #[test]
    fn clean_json_is_the_same_json() {
        let told = clean_json("{\"a\": \"x\u{202e}y\u{e0041}\u{a0}é\u{9b}\"}");
        assert_eq!(told, r#"{"a": "x\u202ey\udb40\udc41\u00a0é\u009b"}"#);
        let read: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(read["a"], "x\u{202e}y\u{e0041}\u{a0}é\u{9b}");
        let (few, many) = (format!("\"a{}b\"", " ".repeat(15)), format!("\"a{}b\"", " ".repeat(16)));
        assert_eq!((clean_json(&few), clean_json(&many)), (few, format!("\"a{}b\"", r"\u0020".repeat(16))));
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let cut: Vec<String> = (0..6).map(|width| fit("ab東d", width)).collect();
        assert_eq!(cut, ["", "…", "a…", "ab…", "ab…", "ab東d"]);
    }
}
