//! Text of others on a terminal: what agents and servers wrote must not move the cursor, hide, or turn round what stands beside it.

use super::letters::{letters, replaced};

/// The text with everything escaped that a terminal would obey or not show: control characters of both sets, marks of direction, what has no width, many spaces
/// in a row, and letters that pass for others ([`super::letters`]).
pub fn clean(text: &str) -> String {
    let mut out = Out::new("\\u{20}");
    let letters = letters(text);
    for (at, (letter, is_plain)) in letters.iter().enumerate() {
        match letter {
            ' ' => out.space(),
            // What says how a letter is escaped is not one itself.
            '\\' if letters.get(at + 1..at + 3).is_some_and(|next| next == [('u', true), ('{', true)]) => {
                out.escape(&escaped(*letter));
            }
            _ if *is_plain => out.seen(*letter),
            _ => out.escape(&escaped(*letter)),
        }
    }
    out.end()
}

/// A letter that is not seen, in letters that are.
fn escaped(letter: char) -> String {
    match letter {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        _ => format!("\\u{{{:x}}}", u32::from(letter)),
    }
}

/// A text of several lines, such as a diagnostic with what it points to: each line clean, its spaces as they are, and those after the first indented. What others wrote
/// makes no line that could be taken for one of ours.
pub fn clean_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push_str(if line.starts_with("  ") { "\n" } else { "\n  " });
        }
        for (letter, is_plain) in letters(line) {
            if is_plain {
                out.push(letter);
            } else {
                out.push_str(&escaped(letter));
            }
        }
    }
    out
}

/// A policy that was made of names and values of others, in which their letters that pass for others are escaped as Cedar has it: to who reads Cedar it is the same
/// policy. Outside of texts and comments Cedar has ASCII alone, and blanks of a comment are our own.
pub fn clean_policy(policy: &str) -> String {
    let line = |line: &str| {
        let is_comment = line.starts_with("//");
        let mut out = Out::new("\\u{20}");
        for (letter, is_plain) in letters(line) {
            match letter {
                ' ' if !is_comment => out.space(),
                _ if is_plain || letter.is_ascii() => out.seen(letter),
                _ => out.escape(&escaped(letter)),
            }
        }
        out.end()
    };
    policy.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A text of TOML that was made of names of others, in which their letters that are not seen as what they are are escaped as TOML has it: to who reads TOML it is the same.
pub fn clean_toml(toml: &str) -> String {
    let escaped = |letter: char| match u32::from(letter) {
        code @ ..=0xffff => format!("\\u{code:04X}"),
        code => format!("\\U{code:08X}"),
    };
    let line = |line: &str| -> String {
        let letters = letters(line).into_iter();
        letters.map(|(letter, is_plain)| if is_plain { letter.to_string() } else { escaped(letter) }).collect()
    };
    toml.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A name that others chose, in backticks: nothing in it ends them.
pub fn quoted(name: &str) -> String {
    format!("`{}`", clean(name).replace('`', "\\u{60}"))
}

/// Spaces from which on they are escaped, with nothing between them that is seen as what it is: a screen full of nothing looks like the end.
const SPACES: usize = 16;
/// Spaces that may stand at the beginning of a line, right behind its break and right before what is seen: code that stands far in. Half a line of a screen at most has
/// nothing in it then.
const INDENT: usize = 40;

/// What is written, and behind it spaces and escapes of which nobody knows yet how many there will be.
struct Out {
    out: String,
    held: String,
    spaces: usize,
    /// How many of them stand behind the last break of a line, with nothing between; none where something does, or there is no break.
    indent: Option<usize>,
    /// What stands for a space where there are many.
    space: &'static str,
}

impl Out {
    fn new(space: &'static str) -> Out {
        Out { out: String::new(), held: String::new(), spaces: 0, indent: None, space }
    }

    fn space(&mut self) {
        self.held.push(' ');
        self.spaces += 1;
        self.indent = self.indent.map(|spaces| spaces + 1);
    }

    fn escape(&mut self, escape: &str) {
        self.held.push_str(escape);
        self.indent = (escape == "\\n").then_some(0);
    }

    fn seen(&mut self, letter: char) {
        let indent = self.indent.filter(|indent| *indent <= INDENT);
        self.flush(indent.unwrap_or(0));
        self.out.push(letter);
    }

    fn flush(&mut self, indent: usize) {
        // Escapes have no spaces in them.
        if self.spaces - indent < SPACES {
            self.out.push_str(&self.held);
        } else {
            self.out.push_str(&self.held.replace(' ', self.space));
        }
        self.held.clear();
        self.spaces = 0;
        self.indent = None;
    }

    fn end(mut self) -> String {
        self.flush(0);
        self.out
    }
}

/// A JSON text in which the same is escaped as JSON has it: to who reads JSON it is the same text.
pub fn clean_json(json: &str) -> String {
    clean_json_of(letters(json))
}

/// The same of a text that stands beside another one: what is not the same in both and looks the same is escaped too.
pub fn clean_json_beside(json: &str, other: &str) -> String {
    let letters = letters(json).into_iter().zip(replaced(json, other));
    clean_json_of(letters.map(|((letter, is_plain), is_replaced)| (letter, is_plain && !is_replaced)).collect())
}

fn clean_json_of(letters: Vec<(char, bool)>) -> String {
    let mut out = Out::new("\\u0020");
    let mut letters = letters.into_iter();
    while let Some((letter, is_plain)) = letters.next() {
        match letter {
            ' ' => out.space(),
            // Between values there is nothing but these; within a text JSON itself escapes them.
            '\n' => out.seen(letter),
            // JSON's own escapes: of what is seen, and of what is not.
            '\\' => match letters.next().map(|(next, _)| next) {
                Some(shown @ ('"' | '\\' | '/')) => {
                    out.seen(letter);
                    out.seen(shown);
                }
                Some(other) => out.escape(&format!("\\{other}")),
                None => out.seen(letter),
            },
            _ if is_plain => out.seen(letter),
            _ => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.escape(&format!("\\u{unit:04x}"))),
        }
    }
    out.end()
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
        // What says how a letter is escaped is not one itself.
        assert_eq!(clean("pay\\u{200b} C:\\users pay\u{200b}"), "pay\\u{5c}u{200b} C:\\users pay\\u{200b}");
        assert_eq!(clean("p\u{430}y"), "p\\u{430}y");
        let blank = "a\u{a0}b\u{3000}c\u{2800}d\u{3164}e\u{2003}";
        assert_eq!(clean(blank), "a\\u{a0}b\\u{3000}c\\u{2800}d\\u{3164}e\\u{2003}");
    }

    #[test]
    fn no_category_without_a_picture_is_shown() {
        // Format characters, marks of any width, private and unassigned ones, separators, signs that show nothing.
        for letter in "\u{ad}\u{600}\u{6dd}\u{70f}\u{1160}\u{1171e}\u{11ff}\u{110bd}\u{110cd}\u{13430}\u{1343f}\u{13441}\u{1bca0}\u{1d159}\u{1d173}\u{2065}\u{2028}\u{2029}\u{2d7f}\u{34f}\u{903}\u{e000}\u{378}\u{fff9}\u{fffa}\u{fffb}\u{fffc}\u{fe0f}\u{e0100}\u{10ffff}\u{10fffd}".chars() {
            assert_eq!(clean(&letter.to_string()), format!("\\u{{{:x}}}", u32::from(letter)));
        }
        for letter in "aé東한ꙮ€😅±ß→".chars() {
            assert_eq!(clean(&letter.to_string()), letter.to_string());
        }
    }

    #[test]
    fn blanks_are_counted_across_what_is_not_seen() {
        let padding = format!("{}\u{fff9}{}", " ".repeat(8), " ".repeat(8));
        assert_eq!(clean(&padding), format!("{0}\\u{{fff9}}{0}", "\\u{20}".repeat(8)));
        let padding = format!("{}\\n{}\\t\u{200b}x", " ".repeat(15), " ");
        assert_eq!(clean_json(&padding), format!("{}\\n\\u0020\\t\\u200bx", "\\u0020".repeat(15)));
        let apart = format!("{0}x{0}\\\"{0}", " ".repeat(15));
        assert_eq!(clean_json(&apart), apart, "what is seen stands between");
    }

    #[test]
    fn code_that_stands_far_in_is_read_and_a_screen_of_nothing_is_seen() {
        let blanks = |count: usize| " ".repeat(count);
        let escaped = |text: &str| text.replace(' ', "\\u0020");
        for (text, is_shown) in [
            (format!("\"def f():\\n{}return 1\\n\"", blanks(40)), true),
            (format!("\"{{\\n{0}\\\"a\\\": 1,\\n{0}\\\"b\\\": 2\\n}}\"", blanks(20)), true),
            (format!("\"a\\n{0}x\\n{0}y\"", blanks(40)), true),
            (format!("\"a:\\n\\n{}b\"", blanks(24)), true),
            (format!("\"a\\n{}b\"", blanks(41)), false),
            (format!("\"a\\n{}\u{200b}b\"", blanks(20)), false),
            (format!("\"a\\n{}\\n{}b\"", blanks(16), blanks(20)), false),
            (format!("\"a\\n{}\\n\\n\\n{}b\"", blanks(8), blanks(41)), false),
            (format!("\"a\\r{}b\"", blanks(16)), false),
            (format!("\"{}b\"", blanks(16)), false),
        ] {
            let shown = text.replace('\u{200b}', "\\u200b");
            assert_eq!(clean_json(&text), if is_shown { shown } else { escaped(&shown) });
        }
        assert_eq!(
            clean(&format!("a\n{0}b\n{0}", blanks(16))),
            format!("a\\n{}b\\n{}", blanks(16), "\\u{20}".repeat(16))
        );
    }

    #[test]
    fn no_line_is_made_that_could_be_ours() {
        assert_eq!(clean_lines("error: a\nwarning: b\r\n  | c\u{1b}"), "error: a\n  warning: b\n  | c\\u{1b}");
        assert_eq!(quoted("x` is good\nwarning: `y"), "`x\\u{60} is good\\nwarning: \\u{60}y`");
    }

    #[test]
    fn a_clean_policy_is_the_same_policy() {
        for (text, expected) in [
            ("[\"p\u{430}y\", \"pay\"].contains(x)", "[\"p\\u{430}y\", \"pay\"].contains(x)"),
            ("@id(\"\u{441}\u{430}\")\n    x", "@id(\"\\u{441}\\u{430}\")\n    x"),
            ("x like \"/d\u{435}v/\\*\"", "x like \"/d\\u{435}v/\\*\""),
            ("[\"查询\", \"Привет, мир\", \"日本\\u{202e}\"]", "[\"查询\", \"Привет, мир\", \"日本\\u{202e}\"]"),
            ("// p\u{430}y                  x", "// p\\u{430}y                  x"),
            (&format!("    \"a{}b\"", " ".repeat(16)), &format!("    \"a{}b\"", "\\u{20}".repeat(16))),
        ] {
            assert_eq!(clean_policy(text), expected);
        }
    }

    #[test]
    fn a_clean_configuration_is_the_same_configuration() {
        for (name, expected) in [
            ("files", "\"files\""),
            ("p\u{430}y", "\"p\\u0430y\""),
            ("\u{202e}x\u{200b}", "\"\\u202Ex\\u200B\""),
            ("\u{1d429}ay", "\"\\U0001D429ay\""),
            ("a\"b'\\c\n\u{7f}\u{9b}", "\"a\\\"b'\\\\c\\n\\u007F\\u009B\""),
            ("Dateien – größer", "\"Dateien – größer\""),
        ] {
            let toml = clean_toml(&misgoal_guard::start::config(name));
            assert!(toml.lines().any(|line| line == format!("server = {expected}")), "{toml}");
            assert_eq!(misgoal_guard::Config::parse("guard.toml", &toml).unwrap().server, name);
        }
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
}
