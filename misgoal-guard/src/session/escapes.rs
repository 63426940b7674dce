//! A text with its escapes read: of programs' texts, of addresses, of terminals.

/// A text with its escapes read as JSON, Python, C and shells have them, wherever in it they stand: who writes for models often leaves them in.
pub(super) fn unescaped(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let (mut units, mut letters) = (Vec::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        let mut unit = letter;
        if letter == '\\' {
            let rest = letters.as_str();
            if let Some((code, length)) = code(rest) {
                units.push(code);
                letters = rest.get(length..).unwrap_or_default().chars();
                continue;
            }
            unit = match letters.next() {
                Some('n' | 'r' | 't' | 'b' | 'f') => ' ',
                Some('e') => ESCAPE,
                Some(other) => other,
                None => letter,
            };
        }
        units.extend_from_slice(unit.encode_utf16(&mut [0; 2]));
    }
    // Halves of a pair that stand alone are no letters.
    Some(String::from_utf16_lossy(&units))
}

/// The code that stands behind a backslash (`u00fc`, `xfc`, `033`), and how long it is.
fn code(rest: &str) -> Option<(u16, usize)> {
    let read = |from: usize, to: usize, radix: u32| {
        let digits = rest.get(from..to).filter(|digits| digits.chars().all(|c| c.is_digit(radix)))?;
        Some((u16::from_str_radix(digits, radix).ok()?, to))
    };
    match rest.as_bytes().first()? {
        b'u' => read(1, 5, 16),
        b'x' => read(1, 3, 16),
        b'0' | b'1' => read(0, 3, 8),
        _ => None,
    }
}

/// A text with what an address writes with a percent sign (RFC 3986) as it is meant.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let (mut bytes, mut rest, mut is_any) = (Vec::new(), text.as_bytes(), false);
    if !rest.contains(&b'%') {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let code = match (first, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        bytes.push(code.map_or(*first, |(high, low)| high << 4 | low));
        if code.is_some() {
            is_any = true;
            rest = behind.get(2..).unwrap_or_default();
        }
    }
    is_any.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

const ESCAPE: char = '\u{1b}';

/// A text with this in place of each sequence that tells a terminal to colour or to move (ECMA-48).
pub(super) fn uncoloured(text: &str, between: &str) -> Option<String> {
    let begins = [ESCAPE, '\u{9b}', '\u{9d}'];
    if !text.contains(begins) {
        return None;
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, from)) = rest.find(begins).and_then(|at| rest.split_at_checked(at)) {
        plain.push_str(before);
        plain.push_str(between);
        rest = behind_sequence(from);
    }
    plain.push_str(rest);
    Some(plain)
}

/// What stands behind the sequence that a text begins with.
fn behind_sequence(text: &str) -> &str {
    let mut letters = text.chars();
    let mut kind = letters.next();
    if kind == Some(ESCAPE) {
        let rest = letters.as_str();
        kind = letters.next();
        // Two begin one behind the other, or nothing that a terminal knows is told.
        if !kind.is_some_and(|c| (' '..='~').contains(&c)) {
            return rest;
        }
    }
    let rest = letters.as_str();
    match kind {
        // Parameters, what stands between, and the last letter.
        Some('[' | '\u{9b}') => {
            let behind = rest.trim_start_matches(|c| (' '..='?').contains(&c));
            behind.strip_prefix(|c| ('@'..='~').contains(&c)).unwrap_or(behind)
        }
        // Titles and links end with a bell or `ESC \`. One that never ends is text.
        Some(']' | '\u{9d}') => {
            let end = rest.find(['\u{7}', ESCAPE, '\u{9b}', '\u{9c}', '\u{9d}', '\n']).and_then(|at| rest.get(at..));
            let end = end.filter(|end| !end.starts_with('\n'));
            end.map_or(rest, |end| {
                end.strip_prefix("\u{1b}\\").or_else(|| end.strip_prefix(['\u{7}', '\u{9c}'])).unwrap_or(end)
            })
        }
        Some(' '..='/') => rest.strip_prefix(|c| ('0'..='~').contains(&c)).unwrap_or(rest),
        _ => rest,
    }
}
