//! Values in several parts: texts with letters before their quotes (`f"x"`), texts put together (`"a" + "b"`), texts with marks of their own (`<<EOF`).

use super::pairs::is_of_key;
use super::value::{brackets, is_blank, opened, quoted, skip, word_end};

/// Letters before a quote that say what kind of text is in it, at most.
const PREFIX: usize = 4;
/// Parts of which a value may be put together.
pub(super) const PARTS: usize = 16;
/// Letters of the mark that ends a text of a shell, at most.
const END_MARK: usize = 64;
/// Letters of a name between two texts, at most.
const BETWEEN: usize = 256;

/// Letters that say before a quote what kind of text is in it, in any case: `f"x"`, `rb"x"`, `@"x"`, `r#"x"#`.
const KINDS: &[&str] = &[
    "f", "b", "r", "u", "l", "n", "e", "x", "q", "s", "c", "rb", "br", "fr", "rf", "ur", "cr", "lr", "u8", "u8r", "u&",
    "raw", "$", "@", "$@", "@$", "r#", "r##", "br#", "cr#", "#", "##",
];
/// Those of them that stand before `'` as well, where French has its articles: `l'ami`.
const KINDS_BEFORE_ONE: &[&str] =
    &["f", "b", "r", "rb", "br", "fr", "rf", "ur", "u", "$", "N", "E", "X", "U&", "x", "q"];
/// What is put between parts of a value.
const OPERATORS: &[&str] = &["++", "||", "<>", "..", "??", "+", ".", "&", "~", "^", "%", "*"];

/// Where a text ends that has marks of its own: `<<EOF` of a shell, `%q(x)`.
pub(super) fn marked_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if let Some(mark) = rest.strip_prefix("<<") {
        let mark = mark.trim_start_matches(['<', '-', '~']).trim_start_matches(['"', '\'']);
        let mark: String = mark.chars().take(END_MARK).take_while(|c| is_of_key(*c)).collect();
        let line = rest.bytes().take(2 * END_MARK).position(|byte| byte == b'\n' || byte == b'\\')?;
        let end = rest.get(line..).filter(|_| !mark.is_empty())?.find(&mark).map(|end| line + end + mark.len());
        return Some(end.map_or(text.len(), |end| at + end));
    }
    let kind = rest.strip_prefix('%')?;
    let letters = kind.bytes().take(2).take_while(u8::is_ascii_alphabetic).count();
    kind.get(letters..)?.starts_with(['(', '{', '[']).then(|| brackets(text, at + 1 + letters, true))
}

/// How many letters say before a quote what kind of text is in it; none where what follows is no text, or has no end on its line.
pub(super) fn prefix(rest: &str) -> Option<usize> {
    let is_of_kind = |byte: &u8| byte.is_ascii_alphanumeric() || b"@$#&".contains(byte);
    let letters = rest.bytes().take(PREFIX + 1).take_while(is_of_kind).count();
    let kind = rest.get(..letters)?;
    let (slashes, quote) = opened(rest.get(letters..)?)?;
    let is_known = match quote {
        '\'' => KINDS_BEFORE_ONE.contains(&kind),
        '"' => KINDS.contains(&kind.to_ascii_lowercase().as_str()),
        _ => false,
    };
    let inside = rest.get(letters + slashes + 1..).filter(|_| is_known)?;
    let ends = inside.starts_with(|c: char| c.is_whitespace() || ",;:=)]}".contains(c));
    // The first of both is looked for, so that no text is gone through once a key. Three quotes go over lines.
    let closes =
        inside.find([quote, '\n']).is_some_and(|at| inside.get(at..).is_some_and(|rest| rest.starts_with(quote)));
    (!ends && closes).then_some(letters)
}

/// What stands in quotes that such letters may stand before: to its end, and behind it.
pub(super) fn text_of_kind(text: &str, at: usize) -> Option<(usize, usize)> {
    let letters = text.get(at..).and_then(prefix).unwrap_or(0);
    let hashes = text.get(at..at + letters)?.bytes().filter(|byte| *byte == b'#').count();
    if hashes > 0 {
        let end = format!("\"{}", "#".repeat(hashes));
        let from = at + letters + 1;
        let to = text.get(from..)?.find(&end).map(|to| from + to);
        return Some(to.map_or((text.len(), text.len()), |to| (to, to + end.len())));
    }
    quoted(text, at + letters)
}

/// Over blanks, and over line breaks, also those of JSON that is a text.
pub(super) fn over_lines(text: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        let slashes = skip(text, at, |c| c == '\\');
        let is_escape = slashes > at && text.get(slashes..).is_some_and(|rest| rest.starts_with(['n', 'r', 't']));
        let next = match is_escape {
            true => slashes + 1,
            // A line that goes on.
            false if text.get(slashes..).is_some_and(|rest| rest.starts_with(['\n', '\r'])) => slashes,
            false => at,
        };
        let next = skip(text, next, char::is_whitespace);
        if next == at {
            return at;
        }
        at = next;
    }
}

/// Whether there is a line break among what was passed over.
fn is_broken(gap: &str) -> bool {
    gap.contains('\n') || gap.contains("\\n")
}

/// What is put behind a part of a value, if it is: `+ "b"`, `"b"` in quotes beside others; to its end, and behind it. Letters between quotes must follow (`+ x + "b"`).
pub(super) fn part(text: &str, at: usize, is_quoted: bool, left: usize) -> Option<(usize, usize)> {
    let left = left.checked_sub(1)?;
    let gap = skip(text, at, is_blank);
    let rest = text.get(gap..)?;
    let continued = over_lines(text, at);
    let is_broken = text.get(at..continued).is_some_and(is_broken);
    let line = text.get(continued..)?;
    let operator =
        OPERATORS.iter().find(|operator| line.starts_with(**operator) && (is_quoted || gap > at || is_broken));
    if let Some(operator) = operator {
        let next = over_lines(text, continued + operator.len());
        let rest = text.get(next..)?;
        if next > continued + operator.len() || is_quoted {
            if starts_text(rest) {
                return text_of_kind(text, next);
            }
            let end = word_end(text, next, false);
            return (end > next && end - next <= BETWEEN).then(|| part(text, end, false, left))?;
        }
        return None;
    }
    // Side by side: on one line, or further in on the next.
    let is_beside = gap > at && starts_text(rest) && is_quoted;
    let is_below =
        is_quoted && is_broken && text.get(at..continued)?.ends_with(is_blank) && starts_text(line) && !is_key(line);
    if is_beside {
        let (to, behind) = text_of_kind(text, gap)?;
        // A key in quotes is another pair's.
        let next = skip(text, behind, is_blank);
        return text.get(next..).is_none_or(|rest| !rest.starts_with(['=', ':'])).then_some((to, behind));
    }
    is_below.then(|| text_of_kind(text, continued))?
}

/// Whether a text in quotes begins that is not empty before a sign that ends things.
pub(super) fn starts_text(rest: &str) -> bool {
    if prefix(rest).is_some() {
        return true;
    }
    let Some((slashes, _)) = opened(rest) else { return false };
    rest.get(slashes + 1..).is_some_and(|inside| !inside.starts_with([',', '}', ']', ':', '\n']) && !inside.is_empty())
}

/// Whether a text in quotes is a key: a sign follows it on its line.
fn is_key(line: &str) -> bool {
    let Some(quote) = line.chars().next() else { return false };
    let line = line.find('\n').map_or(line, |end| line.get(..end).unwrap_or(line));
    let behind =
        line.get(1..).and_then(|rest| rest.split_once(quote)).map(|(_, behind)| behind.trim_start_matches(is_blank));
    behind.is_none_or(|behind| behind.starts_with([':', '=']))
}
