//! Code about the names of secrets, of which no more than a line may be taken: statements, comparisons, functions, brackets over several lines.

use super::parts::{PARTS, over_lines, text_of_kind};
use super::value::{INDENT, brackets, is_blank, is_pair, opened, skip, starts_closed};

/// Words that begin a line of code which ends with a colon, or with what opens a block.
pub(super) const STATEMENTS: &[&str] = &[
    "def", "async", "class", "for", "foreach", "while", "if", "elif", "else", "elseif", "unless", "until", "with",
    "try", "except", "catch", "finally", "match", "case", "switch", "when", "fn", "func", "function", "fun", "lambda",
    "do", "return",
];

/// What stands in brackets, where it ends on its line or holds what data does: texts, pairs, brackets. Else it may be code, of which a line is taken.
pub(super) fn data(text: &str, from: usize) -> usize {
    let mut at = from;
    for _ in 0..PARTS {
        match text.get(at..).is_some_and(|rest| rest.starts_with(['{', '[', '('])) {
            true => at = over_lines(text, at + 1),
            false => break,
        }
    }
    let within = text.get(at..).unwrap_or_default();
    let is_pair = || text.get(from..).is_some_and(|rest| rest.starts_with('{')) && is_pair(within);
    let begins_data = |c: char| matches!(c, '-' | '#') || c.is_ascii_digit();
    brackets(text, from, starts_closed(within) || within.starts_with(begins_data) || is_pair())
}

/// Texts in quotes behind an opening bracket, with commas between them, to the bracket that closes on its line or to the last text.
pub(super) fn texts(text: &str, open: usize) -> usize {
    let end = brackets(text, open, false);
    if text.get(..end).is_some_and(|inside| inside.ends_with([')', '}'])) {
        return end;
    }
    let (mut at, mut last) = (open + 1, open + 1);
    for _ in 0..PARTS {
        let Some((to, behind)) = text_of_kind(text, over_lines(text, at)) else { break };
        last = to;
        let next = over_lines(text, behind);
        match text.get(next..).is_some_and(|rest| rest.starts_with(',')) {
            true => at = next + 1,
            false => break,
        }
    }
    // What was looked through is taken, so that no line is looked through once a key.
    last.max(end)
}

/// What stands before a place on its line, which may be one of JSON that is a text.
pub(super) fn line_before(text: &str, line: usize, at: usize) -> &str {
    let near = text.floor_char_boundary(at.saturating_sub(INDENT));
    let before = text.get(line.max(near)..at).unwrap_or_default();
    let escaped = before.rfind("\\n").map(|from| from + 2);
    before.get(escaped.unwrap_or_default()..).unwrap_or_default()
}

/// Whether a statement of code ends here: a bracket closes before it, or a word that begins statements begins the line.
pub(super) fn ends_statement(text: &str, line: usize, at: usize) -> bool {
    let before = line_before(text, line, at);
    let word = before.trim_start_matches(|c: char| c.is_whitespace() || "}\"\\".contains(c));
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let begins = word.get(letters..).is_some_and(|rest| !rest.starts_with(['=', ':']));
    before.trim_end().ends_with(')') || begins && STATEMENTS.contains(&word.get(..letters).unwrap_or_default())
}

/// Where a line ends of JSON that is a text, whose breaks have so many backslashes: at the next break, at the quote that ends the text, or at a real break; and
/// whether another line follows.
pub(super) fn escaped_line(text: &str, from: usize, slashes: usize) -> (usize, bool) {
    let mut before = 0;
    for (at, byte) in text.as_bytes().iter().enumerate().skip(from) {
        match byte {
            b'\\' => {
                before += 1;
                continue;
            }
            b'n' | b'r' if before > 0 && before <= slashes => return (at - before, true),
            b'"' if before < slashes => return (at - before, false),
            b'\n' => return (at, false),
            _ => {}
        }
        before = 0;
    }
    (text.len(), false)
}

/// The lines of JSON that is a text that stand further in than a key before them, or are items at its side: from a break on to where they end.
pub(super) fn escaped_block(text: &str, newline: usize, line: usize, start: usize) -> usize {
    let slashes = skip(text, newline, |c| c == '\\') - newline;
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let own = line_before(text, line, start);
    let own = own.get(own.rfind(['"', '\'']).map_or(0, |quote| quote + 1)..).unwrap_or_default();
    let (mut at, mut is_first) = (newline, true);
    loop {
        let from = skip(text, at, |c| c == '\\') + 1;
        let (end, goes_on) = escaped_line(text, from, slashes);
        let line = text.get(from..end).unwrap_or_default();
        let said = line.trim_start_matches([' ', '\t']);
        let is_tab = line.starts_with('\\') && line.trim_start_matches('\\').starts_with('t');
        // The first line that says something is the value of a key that has nothing on its own, whatever it is.
        if !is_first && !said.is_empty() && !is_tab && indent(line) <= indent(own) && !said.starts_with('-') {
            return at;
        }
        is_first &= said.is_empty();
        if !goes_on {
            return end;
        }
        at = end;
    }
}

/// Signs between a key and its value.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '=' | '>' | ':' | '：')
}

/// Over the end of a line that goes on in the next one.
pub(super) fn over_continued(text: &str, at: usize) -> usize {
    let slashes = skip(text, at, |c| c == '\\');
    // In JSON that is a text, each of both has a backslash more.
    if slashes >= at + 3 && text.get(slashes..).is_some_and(|rest| rest.starts_with('n')) {
        return skip(text, slashes + 1, is_blank);
    }
    let next = text.get(at..).and_then(|rest| rest.strip_prefix('\\'));
    let next = next.and_then(|rest| rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")));
    next.map_or(at, |rest| skip(text, text.len() - rest.len(), is_blank))
}

/// Whether a sign compares: `==`, `===`, `!=`.
pub(super) fn is_compared(text: &str, sign: usize, said: &str) -> bool {
    matches!(said, "==" | "===")
        || said.starts_with('=') && text.get(..sign).is_some_and(|before| before.ends_with('!'))
}

/// Whether what opens here is a block of code and no data.
pub(super) fn opens_code(rest: &str, said: &str) -> bool {
    let Some(inside) = rest.strip_prefix('{') else { return false };
    let inside = inside.trim_start();
    said.ends_with("=>") && opened(inside).is_none() && !inside.starts_with('{')
}
