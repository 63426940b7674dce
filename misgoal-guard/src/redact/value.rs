//! How far the value of a named secret goes. Whoever writes the text chooses what it looks like; so where it can be read in two ways, the longer one is taken:
//! what is taken out of the log leaves its length and what names it, what is left in it is there for good.

use super::code::{data, ends_statement, escaped_block, is_compared, is_sign, opens_code, over_continued};
use super::keys::{Holds, Keys};
use super::pairs::is_of_key;
use super::parts::{PARTS, marked_end, over_lines, part, prefix, starts_text, text_of_kind};

/// Letters of a word behind a colon in a sentence that are too few for a secret: prose has colons too.
const PROSE: usize = 4;
/// How far from the beginning of a line a key may begin it.
pub(super) const INDENT: usize = 200;
/// How far a value is looked at whose name may follow.
const NEAR: usize = 256;
/// Backslashes before a quote, at most, where its other end is looked for.
const SLASHES: usize = 7;

/// Keys that are words of every day: behind their colon a sentence goes on.
const NOUNS: &[&str] = &["secret", "secrets", "token", "tokens"];
/// Words between a header's name and its secret.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token", "apikey", "negotiate", "hmac", "key"];
/// What may stand before a key that begins a line.
const DECLARING: &[&str] = &["export", "set", "setx", "const", "let", "var", "env"];
/// Quotes of HTML, of addresses, and of printers, each with its other end.
const PAIRED: &[(&str, &str)] = &[
    ("&quot;", "&quot;"),
    ("&#34;", "&#34;"),
    ("&apos;", "&apos;"),
    ("&#39;", "&#39;"),
    ("%22", "%22"),
    ("%27", "%27"),
    ("\u{201c}", "\u{201d}"),
    ("\u{201e}", "\u{201c}"),
    ("\u{2018}", "\u{2019}"),
    ("\u{ab}", "\u{bb}"),
];

/// The key whose value is looked for.
pub(super) struct Named<'t> {
    /// Where the key begins.
    pub start: usize,
    /// Where its line begins.
    pub line: usize,
    pub text: &'t str,
    /// Whether it stands in quotes of its own.
    pub is_quoted: bool,
    pub holds: Holds,
}

/// Where the value behind a sign ends; none where there is none, or it is no secret.
pub(super) fn after_sign(text: &str, sign: usize, named: &Named<'_>, keys: &Keys) -> Option<usize> {
    let signs = skip(text, sign, is_sign);
    let at = over_continued(text, skip(text, signs, is_blank));
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let is_equal = text.get(sign..signs)?.contains('=');
    let walk = Walk { text, keys, named };
    // A path of code: `Token::new`.
    if text.get(sign..at) == Some("::") && !named.is_quoted {
        return None;
    }
    let ends = |(slashes, _): (usize, char)| {
        text.get(at + slashes + 1..).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    if let Some(quote) = walk.quote_before().filter(|quote| at == signs && opened(rest) == Some(*quote) && ends(*quote))
    {
        // What holds the key ends here: `password:` is spoken of, or another text is put behind it.
        let behind = at + quote.0 + 1;
        let other = over_joints(text, behind);
        return quoted(text, other).filter(|_| other > behind).map(|(end, _)| end);
    }
    let said = text.get(sign..signs)?;
    let is_code = match opens_block(rest) {
        Some(_) => ends_statement(text, named.line, sign),
        None => opens_code(rest, said) && !named.is_quoted,
    };
    if is_code {
        return None;
    }
    if is_compared(text, sign, said) && !starts_closed(rest) {
        // What it is compared with is a name, or nothing.
        let near = text.get(..text.floor_char_boundary(text.len().min(at + NEAR)))?;
        let end = word_end(near, at, true);
        if end == near.len() && end < text.len() {
            return Some(word_end(text, at, true));
        }
        let word = text.get(at..end)?;
        let is_name = word.chars().all(|c| !c.is_ascii_digit() && (is_of_key(c) || "()[]{}:;$?!*".contains(c)));
        return (!is_name).then_some(end);
    }
    if opens_block(rest).is_some() || starts_closed(rest) {
        let end = walk.value(at);
        return (end > at).then_some(end);
    }
    if walk.is_number(at) {
        return None;
    }
    let quote = walk.quote_before();
    let within = quote.and_then(|quote| closing(text, at, quote)).map(|(end, _)| end);
    let key = named.text.to_ascii_lowercase();
    if key.ends_with("authorization") || key.ends_with("cookie") {
        return Some(within.unwrap_or_else(|| header_end(text, at)));
    }
    let is_spaced = at > signs && text.get(..sign).is_some_and(|before| before.ends_with(is_blank));
    if !is_equal || is_spaced {
        if let Some(end) = within {
            return (end > at).then_some(end);
        }
        if !named.is_quoted && (walk.begins_line() || key.ends_with("phrase") || key.ends_with("mnemonic")) {
            return Some(walk.line_end(at).max(walk.value(at)));
        }
    }
    let end = walk.value(at);
    let word = text.get(at..end).filter(|word| !word.is_empty())?;
    // An ampersand within it is none of an address: what stands behind it goes on.
    if word.contains('&') && !walk.is_queried() && within.is_none() {
        return Some(walk.line_end(end));
    }
    let is_sentence = || {
        let next = text.get(end..).and_then(|rest| rest.strip_prefix(' ')).unwrap_or_default();
        let is_noun = NOUNS.iter().any(|noun| key.ends_with(noun));
        is_noun && word.chars().all(char::is_lowercase) && next.starts_with(char::is_lowercase)
    };
    let is_prose = !is_equal
        && !named.is_quoted
        && word.chars().all(char::is_alphabetic)
        && (word.chars().count() < PROSE || is_sentence());
    (!is_prose).then_some(end)
}

/// Where the value behind an option of a command line ends.
pub(super) fn after_flag(text: &str, end: usize, named: &Named<'_>, keys: &Keys) -> Option<usize> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '\\');
    let rest = text.get(end..)?;
    let mut at = match rest.starts_with(is_quote) && !rest.starts_with("\\\n") {
        true => skip(text, skip(text, end, is_quote), |c| is_blank(c) || c == ','),
        false => skip(text, end, is_blank),
    };
    if let Some(item) = next_item(text, end, named.line) {
        at = item;
    }
    while let Some(next) = text.get(at..).and_then(|rest| rest.strip_prefix("\\\n")) {
        at = skip(text, text.len() - next.len(), is_blank);
    }
    let walk = Walk { text, keys, named };
    // An option that is spoken of, or one of a list.
    let is_apart = rest.starts_with('`') || !walk.is_listed() && text.get(end..at).is_some_and(|gap| gap.contains(','));
    if is_apart && opened(text.get(at..)?).is_none() {
        return None;
    }
    if at == end || text.get(at..)?.starts_with(['\n', '\r', '=', ':']) || walk.is_number(at) {
        return None;
    }
    let mut end = walk.value(at);
    // Several of them, up to the next option.
    while named.text.ends_with('s') {
        let next = skip(text, end, |c| is_blank(c) || matches!(c, '"' | '\'' | ','));
        if next == end || text.get(next..)?.starts_with(['-', '\n', '\r', '|', ';', '&', '>']) {
            break;
        }
        end = walk.value(next).max(next + 1);
        if next >= text.len() {
            break;
        }
    }
    (end > at).then_some(end.min(text.len()))
}

/// Over what stands between two texts of a list, or of one that is put together, if it does.
fn over_joints(text: &str, at: usize) -> usize {
    let next = skip(text, at, |c| is_blank(c) || "+.,&".contains(c));
    let below = over_lines(text, next);
    let item = text
        .get(below..)
        .and_then(|rest| rest.strip_prefix("- "))
        .map(|rest| skip(text, text.len() - rest.len(), is_blank));
    match item {
        Some(item) if below > next => item,
        _ if next > at => below,
        _ => next,
    }
}

/// Where the next item of a list begins that goes over lines, one of them an option's: `"--token",` or `- --token`.
fn next_item(text: &str, end: usize, line: usize) -> Option<usize> {
    let quote = skip(text, end, |c| c == '\\');
    let behind = if text.get(quote..)?.starts_with(['"', '\'']) { quote + 1 } else { end };
    let is_item = text.get(line..end)?.trim_start_matches(is_blank).starts_with("- ");
    let comma = skip(text, behind, is_blank);
    let rest = text.get(comma..)?;
    let from = match rest.strip_prefix(',') {
        Some(_) => comma + 1,
        None if is_item || rest.starts_with('\\') => comma,
        None => return None,
    };
    let at = over_lines(text, from);
    if at == skip(text, from, is_blank) {
        return None;
    }
    let rest = text.get(at..)?;
    match from > comma {
        true => opened(rest).map(|_| at),
        false => rest.strip_prefix("- ").map(|item| skip(text, text.len() - item.len(), is_blank)),
    }
}

/// Where what is said behind a key ends, without a sign between them.
pub(super) fn behind(text: &str, at: usize, named: &Named<'_>, keys: &Keys) -> Option<usize> {
    Some(Walk { text, keys, named }.value(at)).filter(|end| *end > at + 1)
}

/// Where a short value ends, whosever it is.
pub(super) fn near(text: &str, sign: usize) -> Option<usize> {
    let end = (0..4).filter_map(|less| (sign + NEAR).checked_sub(less)).find(|end| text.is_char_boundary(*end));
    let text = text.get(..end.unwrap_or(text.len()).min(text.len()))?;
    let at = skip(text, sign + 1, is_blank);
    let end = quoted(text, at).map_or_else(|| word_end(text, at, false), |(end, _)| end);
    (end > at).then_some(end)
}

/// Whether a line break of JSON that is a text stands there.
fn is_escaped_break(text: &str, at: usize) -> bool {
    let slashes = skip(text, at, |c| c == '\\');
    slashes > at && text.get(slashes..).is_some_and(|rest| rest.starts_with(['n', 'r']))
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn skip(text: &str, at: usize, what: impl Fn(char) -> bool) -> usize {
    text.get(at..).map_or(at, |rest| text.len() - rest.trim_start_matches(what).len())
}

/// Whether something begins that has an end of its own.
pub(super) fn starts_closed(rest: &str) -> bool {
    rest.starts_with(['{', '[', '(', '%', '<']) && marked_end(rest, 0).is_some()
        || rest.starts_with(['{', '[', '('])
        || prefix(rest).is_some()
        || opened(rest).is_some()
        || PAIRED.iter().any(|(open, _)| rest.starts_with(open))
}

/// The quote that a text begins with, and how many backslashes are before it: JSON within JSON has more.
pub(super) fn opened(rest: &str) -> Option<(usize, char)> {
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest.get(slashes..)?.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    Some((slashes, quote))
}

/// Where the rest of a line says nothing, or `|` or `>`: how far the line break is. It may be one within JSON that is a text.
fn opens_block(rest: &str) -> Option<usize> {
    let bare = rest.strip_prefix(['|', '>']).unwrap_or(rest);
    let bare = bare.trim_start_matches(|c: char| {
        c.is_ascii_digit() && rest.len() > bare.len() || rest.len() > bare.len() && matches!(c, '+' | '-')
    });
    let bare = bare.trim_start_matches([' ', '\t', '\r']);
    let escaped = bare.trim_start_matches('\\');
    let is_break = bare.starts_with('\n') || escaped.len() < bare.len() && escaped.starts_with(['n', 'r']);
    is_break.then(|| rest.len() - bare.len())
}

/// From a place within quotes to their end, and behind it: a quote with no more backslashes before it than before the first.
fn closing(text: &str, from: usize, (slashes, quote): (usize, char)) -> Option<(usize, usize)> {
    let mut before = 0;
    for (at, byte) in text.as_bytes().iter().enumerate().skip(from) {
        if *byte == quote as u8 && before <= slashes {
            return Some((at - before, at + 1));
        }
        before = if *byte == b'\\' { before + 1 } else { 0 };
    }
    None
}

/// What stands in quotes from a place on: to their end, or to the text's, and behind it.
pub(super) fn quoted(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    if let Some((open, close)) = PAIRED.iter().find(|(open, _)| rest.starts_with(open)) {
        let from = at + open.len();
        let end = text.get(from..)?.find(close).map(|end| from + end);
        return Some(end.map_or((text.len(), text.len()), |end| (end, end + close.len())));
    }
    let (slashes, quote) = opened(rest)?;
    let from = at + slashes + 1;
    let three = String::from(quote).repeat(3);
    if slashes == 0 && rest.starts_with(&three) {
        let end = text.get(at + 3..)?.find(&three).map(|end| at + 3 + end);
        return Some(end.map_or((text.len(), text.len()), |end| (end, end + 3)));
    }
    let mut looked = from;
    loop {
        let Some((end, behind)) = closing(text, looked, (slashes, quote)) else {
            return Some((text.len(), text.len()));
        };
        // A quote within quotes is written twice in SQL and CSV, and a shell goes on behind one.
        let goes_on = slashes == 0 && end > from && text.get(behind..).is_some_and(|rest| rest.starts_with(quote));
        if !goes_on {
            return Some((end, behind));
        }
        looked = behind + 1;
    }
}

/// Where a word ends: at white space, at a quote that it does not open itself, and where another pair begins.
pub(super) fn word_end(text: &str, from: usize, is_json: bool) -> usize {
    let (mut at, mut before) = (from, ':');
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let next = at + c.len_utf8();
        let rest = text.get(next..).unwrap_or_default();
        let is_value = at > from && matches!(before, '=' | ':');
        match c {
            '{' | '[' | '(' if is_value => {
                (at, before) = (data(text, at), ' ');
                continue;
            }
            // What follows is a block of lines.
            '|' | '>' | '\\' if is_value && text.get(at..).is_some_and(|rest| opens_block(rest).is_some()) => {
                return at;
            }
            _ if before == '\\' && c != '"' && c != '\'' => {}
            ',' | ';' | '&' if at == from => {}
            '"' | '\'' | '`' if "=:,([{$".contains(before) && at > from => match quoted(text, at) {
                Some((_, behind)) => {
                    (at, before) = (behind, ' ');
                    continue;
                }
                None => return at,
            },
            '"' | '\'' | '`' => {
                return if before == '\\' {
                    text.get(from..at).map_or(at, |word| from + word.trim_end_matches('\\').len())
                } else {
                    at
                };
            }
            ',' | ';'
                if rest.is_empty()
                    || rest.starts_with(|c: char| c.is_whitespace() || "\"'`\\".contains(c))
                    || is_pair(rest) =>
            {
                return at;
            }
            '&' if rest.is_empty()
                || rest.starts_with(|c: char| c.is_whitespace() || c == '&')
                || rest.starts_with("amp;")
                || is_pair(rest) =>
            {
                return at;
            }
            '}' | ']' if is_json => return at,
            '<' if rest.starts_with('/') => return at,
            c if c.is_whitespace() => return at,
            _ => {}
        }
        before = if c == '\\' && before == '\\' { ' ' } else { c };
        at = next;
    }
    text.len()
}

/// An object or an array, to the bracket that ends it, or to the first line break if it may have none; brackets within texts do not count.
pub(super) fn brackets(text: &str, from: usize, has_lines: bool) -> usize {
    let (mut depth, mut at, mut before) = (0_usize, from, b'[');
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'\n' if !has_lines => return at,
            b'\\' if !has_lines && text.get(at + 1..).is_some_and(|rest| rest.starts_with('n')) => return at,
            b'"' | b'\'' | b'\\' if b"{[(:,= \n\t".contains(&before) => {
                if let Some((_, behind)) = quoted(text, at) {
                    (at, before) = (behind, b'"');
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
        before = *byte;
    }
    text.len()
}

/// Whether a text begins with another pair.
pub(super) fn is_pair(rest: &str) -> bool {
    let rest = rest.trim_start_matches(is_blank);
    let key: usize =
        rest.chars().take(64).take_while(|c| is_of_key(*c) || "[]%".contains(*c)).map(char::len_utf8).sum();
    let behind = rest.get(key..).unwrap_or_default().trim_start_matches(['"', '\'', '\\']).trim_start_matches(is_blank);
    key > 0 && behind.starts_with(['=', ':'])
}

/// The end of a header: the line, with what goes on in the next one.
fn header_end(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
        let goes_on = text.get(end + 1..).is_some_and(|rest| {
            rest.starts_with(is_blank) && !rest.trim_start_matches(is_blank).starts_with(['\n', '\r'])
        });
        if !goes_on {
            return end;
        }
        at = end + 1;
    }
}

/// Goes through the value of one key.
struct Walk<'t> {
    text: &'t str,
    keys: &'t Keys,
    named: &'t Named<'t>,
}

impl Walk<'_> {
    /// Where the value ends that begins here: what is in quotes or brackets, a block of lines, a word, and where that says that more follows (`password:`,
    /// `Bearer`, `user =`), that too.
    fn value(&self, from: usize) -> usize {
        let (mut at, mut end) = (from, from);
        loop {
            at = skip(self.text, at, is_blank);
            let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) else {
                return end.max(at.min(self.text.len()));
            };
            if let Some(to_break) = opens_block(rest) {
                match self.block(at + to_break) {
                    // Lines below belong to a key that begins its line, as in YAML; of another's only the first word does.
                    Ok(end) if self.begins_line() || rest.starts_with(['|', '>', '\\']) => return end,
                    Ok(_) => at = skip(self.text, at + to_break, char::is_whitespace),
                    Err(next) => at = next,
                }
                // The next line that says something.
                if at >= self.text.len() {
                    return end;
                }
                end = at;
                continue;
            }
            if let Some(end) = marked_end(self.text, at) {
                return end;
            }
            if rest.starts_with(['{', '[', '(']) {
                let behind = data(self.text, at);
                let next = skip(self.text, behind, is_blank);
                let more = self.text.get(next..).unwrap_or_default();
                if rest.starts_with('(') && (more.starts_with(char::is_alphanumeric) || starts_text(more)) {
                    // A type or a remark before it: `(String) x`.
                    (at, end) = (next, behind);
                    continue;
                }
                return self.with_parts((behind, behind), true);
            }
            if let Some((to, behind)) = text_of_kind(self.text, at) {
                let next = skip(self.text, behind, is_blank);
                let signs = skip(self.text, next, |c| matches!(c, '=' | '>' | ':'));
                if self.text.get(next..).is_some_and(|rest| rest.starts_with(['=', ':'])) && signs < self.text.len() {
                    // A key in quotes, which has a value of its own.
                    (at, end) = (signs, signs);
                    continue;
                }
                let goes_on = |c: char| c.is_alphanumeric() || c == '$';
                let more = self.text.get(behind..).unwrap_or_default();
                let other = more.trim_start_matches('\\').strip_prefix(['"', '\'']);
                let is_joined =
                    behind > to && (more.starts_with(goes_on) || other.is_some_and(|more| more.starts_with(goes_on)));
                return match is_joined {
                    true => {
                        let end = word_end(self.text, behind, false).max(self.joined(behind));
                        self.with_parts((end, end), false)
                    }
                    false => self.with_parts((to, behind), true),
                };
            }
            end = word_end(self.text, at, self.named.is_quoted);
            let word = self.text.get(at..end).unwrap_or_default();
            let gap = skip(self.text, end, is_blank);
            let next = self.text.get(gap..).unwrap_or_default();
            if word.is_empty() {
                return end;
            }
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let announces =
                SCHEMES.contains(&bare.to_ascii_lowercase().as_str()) || word.len() <= 64 && self.keys.hold(bare);
            if word.ends_with([':', '=']) {
                at = end;
            } else if next.starts_with(['=', ':']) {
                at = skip(self.text, gap, |c| matches!(c, '=' | '>' | ':'));
            } else if announces && gap > end && !next.is_empty() && !next.starts_with(['\n', '\r']) {
                at = gap;
            } else {
                return self.with_parts((end, end), false);
            }
        }
    }

    /// The end of a part of a value and the place behind it, with what is put behind it.
    fn with_parts(&self, (mut to, mut behind): (usize, usize), mut is_quoted: bool) -> usize {
        for _ in 0..PARTS {
            let Some(next) = part(self.text, behind, is_quoted, PARTS) else { break };
            (to, behind) = next;
            is_quoted = true;
        }
        to
    }

    /// Behind quotes that go on in others.
    fn joined(&self, at: usize) -> usize {
        quoted(self.text, at).map_or(at, |(_, behind)| behind)
    }

    /// The lines below that stand further in than the key, or are items of a list at its side; else where the next line begins that says something.
    fn block(&self, newline: usize) -> Result<usize, usize> {
        let text = self.text;
        if is_escaped_break(text, newline) {
            return Ok(escaped_block(text, newline, self.named.line, self.named.start));
        }
        let indent = text.get(self.named.line..).unwrap_or_default();
        let indent = indent.bytes().take(INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_item = text.get(self.named.line + indent..).is_some_and(|line| line.starts_with("- "));
        let (mut end, mut at) = (None, newline + 1);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let line = rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or(rest));
            let said = line.trim_start_matches([' ', '\t']);
            if said.trim_end().is_empty() {
                at += line.len() + 1;
                continue;
            }
            let depth = line.len() - said.len();
            if depth <= indent && !(depth == indent && said.starts_with('-') && !is_item) {
                break;
            }
            end = Some(at + line.len());
            at += line.len() + 1;
        }
        end.ok_or(at)
    }

    /// Whether a number stands there, and the key would be that of a count.
    fn is_number(&self, at: usize) -> bool {
        if self.named.holds != Holds::UnlessNumber {
            return false;
        }
        let word = self.text.get(at..word_end(self.text, at, true)).unwrap_or_default();
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || b".,_".contains(&byte))
    }

    /// The quote directly before the key, if the key does not stand in quotes by itself.
    fn quote_before(&self) -> Option<(usize, char)> {
        if self.named.is_quoted {
            return None;
        }
        let before = self.text.get(..self.named.start)?;
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let bare = before.get(..before.len() - 1)?;
        let slashes = bare.bytes().rev().take(SLASHES + 1).take_while(|byte| *byte == b'\\').count();
        (slashes <= SLASHES).then_some((slashes, quote))
    }

    /// Whether a list is open on the line of an option: `[x, --token, y]`.
    fn is_listed(&self) -> bool {
        let before = self.text.get(self.named.line..self.named.start).filter(|before| before.len() <= INDENT);
        before
            .and_then(|before| before.rfind(['[', ']']).and_then(|at| before.get(at..)))
            .is_some_and(|from| from.starts_with('['))
    }

    /// Whether the key is one of an address.
    fn is_queried(&self) -> bool {
        self.text.get(..self.named.start).is_some_and(|before| before.ends_with(['?', '&', '#', ';']))
    }

    /// Whether nothing stands before the key on its line but what marks an item or declares a name.
    fn begins_line(&self) -> bool {
        let before = self.text.get(self.named.line..self.named.start).filter(|before| before.len() <= INDENT);
        let Some(before) = before else { return false };
        let word = before.trim_matches(|c: char| c.is_whitespace() || "-*#>+/\\".contains(c));
        word.is_empty() || DECLARING.contains(&word)
    }

    /// The end of the line, or where another pair begins on it.
    fn line_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let ends = |(at, c): &(usize, char)| match c {
            '\r' | '\n' => true,
            ',' | ';' => rest.get(at + 1..).is_some_and(is_pair),
            _ => false,
        };
        from + rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at)
    }
}
