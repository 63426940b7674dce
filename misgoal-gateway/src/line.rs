//! Lines of a stream, of at most so many bytes, and messages as lines.

use std::borrow::Cow;
use std::io::{BufRead, Result};

use misgoal_guard::read::{Glimpse, Glimpser};

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, its end included, is in the buffer.
    Whole,
    /// A line was longer than it may be; it was read past and is not kept, but for what was made out on the way.
    TooLong(Vec<Glimpse>),
    /// There is nothing more.
    End,
}

/// Reads the next line into `line`, which keeps its memory.
pub(crate) fn read_line(stream: &mut impl BufRead, line: &mut Vec<u8>, most: usize) -> Result<Line> {
    line.clear();
    let mut too_long: Option<Glimpser> = None;
    loop {
        let chunk = match stream.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok(match (too_long, line.is_empty()) {
                (Some(glimpser), _) => Line::TooLong(glimpser.found()),
                (None, true) => Line::End,
                (None, false) => Line::Whole,
            });
        }
        let end = chunk.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        // One byte more is the line's end.
        if too_long.is_none() && line.len() + part.len() > most + 1 {
            too_long.get_or_insert_default().read(line);
            line.clear();
        }
        match &mut too_long {
            Some(glimpser) => glimpser.read(part),
            None => line.extend_from_slice(part),
        }
        let read = part.len();
        stream.consume(read);
        if end.is_some() {
            return Ok(too_long.map_or(Line::Whole, |glimpser| Line::TooLong(glimpser.found())));
        }
    }
}

/// A message that was read, as one line to every reader: some end a line at a lone carriage return or at one of three characters of Unicode (Node's `readline`,
/// Python's `splitlines`) and would find messages of their own in it. Outside of texts these are spaces, in texts they are escaped: to a reader of JSON it is
/// the same message. Escaped is every character that has the byte 0x85, since that alone ends a line to who takes the bytes for ISO-8859-1 (PyPI's `requests`).
pub(crate) fn one_line(message: &[u8]) -> Cow<'_, [u8]> {
    let part = |from: usize, to: usize| message.get(from..to.min(message.len())).unwrap_or_default();
    // Where what is replaced begins, how many bytes it has, and what stands there instead.
    let breaks = |at: usize| match part(at, at + 3) {
        [b'\n' | b'\r', ..] => Some((at, 1, " ".to_owned())),
        [0xe2, 0x80, 0xa8 | 0xa9] => escaped(part(at, at + 3)).map(|(length, text)| (at, length, text)),
        [0x85, ..] => {
            let start =
                (at.saturating_sub(3)..at).rev().find(|at| part(*at, at + 1).iter().any(|byte| *byte >= 0xc0))?;
            escaped(part(start, start + 4)).map(|(length, text)| (start, length, text))
        }
        _ => None,
    };
    let suspects = |from: usize| {
        let rest = message.get(from..).unwrap_or_default();
        rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0x85 | 0xe2)).map(|at| from + at)
    };
    let mut out: Option<Vec<u8>> = None;
    let (mut kept, mut at) = (0, 0);
    while let Some(suspect) = suspects(at) {
        at = suspect + 1;
        if let Some((start, length, instead)) = breaks(suspect) {
            let out = out.get_or_insert_default();
            out.extend_from_slice(message.get(kept..start).unwrap_or_default());
            out.extend_from_slice(instead.as_bytes());
            (kept, at) = (start + length, start + length);
        }
    }
    match out {
        Some(mut out) => {
            out.extend_from_slice(message.get(kept..).unwrap_or_default());
            Cow::Owned(out)
        }
        None => Cow::Borrowed(message),
    }
}

/// How many bytes the first character has, and how JSON escapes it.
fn escaped(bytes: &[u8]) -> Option<(usize, String)> {
    let first = bytes.utf8_chunks().next()?.valid().chars().next()?;
    let mut units = [0; 2];
    let units = first.encode_utf16(&mut units).iter();
    Some((first.len_utf8(), units.map(|unit| format!("\\u{unit:04x}")).collect()))
}

/// A message without the end of its line.
pub(crate) fn trimmed(message: &[u8]) -> &[u8] {
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    message.strip_suffix(b"\r").unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_read_past_and_not_kept() {
        let mut stream = std::io::BufReader::with_capacity(3, &b"abc\nabcdefgh\nx\n\nlast"[..]);
        let mut line = Vec::new();
        let mut next = || {
            let read = read_line(&mut stream, &mut line, 4).unwrap();
            (read, String::from_utf8(line.clone()).unwrap())
        };
        assert_eq!(next(), (Line::Whole, "abc\n".into()));
        assert_eq!(next(), (Line::TooLong(Vec::new()), String::new()));
        assert_eq!(next(), (Line::Whole, "x\n".into()));
        assert_eq!(next(), (Line::Whole, "\n".into()));
        assert_eq!(next(), (Line::Whole, "last".into()));
        assert_eq!(next(), (Line::End, String::new()));
    }

    #[test]
    fn of_a_long_line_there_is_a_glimpse() {
        let message = format!("{{\"result\":\"{}\",\"id\":7}}\n", "x".repeat(100));
        let mut stream = std::io::BufReader::with_capacity(16, message.as_bytes());
        let Line::TooLong(glimpses) = read_line(&mut stream, &mut Vec::new(), 40).unwrap() else { panic!("too long") };
        let [glimpse] = glimpses.as_slice() else { panic!("one message: {glimpses:?}") };
        assert_eq!((glimpse.id.as_ref().unwrap().text.as_str(), glimpse.asks), ("7", false));
    }

    #[test]
    fn a_message_is_one_line_to_every_reader() {
        let check = |message: &str, expected: &str| {
            assert_eq!(std::str::from_utf8(&one_line(message.as_bytes())).unwrap(), expected);
            let same = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(same(message), same(expected), "to a reader of JSON it is the same");
        };
        check("{\"a\":\"b\"}", "{\"a\":\"b\"}");
        check("{\n\"a\":\r\n[1,\r2]}", "{ \"a\":  [1, 2]}");
        check("\"a\u{2028}b\u{2029}c\u{85}\"", "\"a\\u2028b\\u2029c\\u0085\"");
        check("\"\\\\\u{2028}\u{2027}\u{86}é€\"", "\"\\\\\\u2028\u{2027}\u{86}é€\"");
        // The byte 0x85, wherever it stands in a character.
        check("\"Åx\u{2005}\u{5140}😅Å\"", "\"\\u00c5x\\u2005\\u5140\\ud83d\\ude05\\u00c5\"");
        assert!(!one_line("\"ÅÅ中\u{5140}\u{f0145}\"".as_bytes()).contains(&0x85));
        assert!(matches!(one_line("\"é€\"".as_bytes()), Cow::Borrowed(_)));
    }
}
