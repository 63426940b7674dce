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
    TooLong(Glimpse),
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
/// the same message.
pub(crate) fn one_line(message: &[u8]) -> Cow<'_, [u8]> {
    let breaks = |at: usize| match message.get(at..) {
        Some([b'\n' | b'\r', ..]) => Some((1, " ")),
        Some([0xe2, 0x80, 0xa8, ..]) => Some((3, "\\u2028")),
        Some([0xe2, 0x80, 0xa9, ..]) => Some((3, "\\u2029")),
        Some([0xc2, 0x85, ..]) => Some((2, "\\u0085")),
        _ => None,
    };
    let suspects = |from: usize| {
        let rest = message.get(from..).unwrap_or_default();
        rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)).map(|at| from + at)
    };
    let mut out: Option<Vec<u8>> = None;
    let (mut kept, mut at) = (0, 0);
    while let Some(suspect) = suspects(at) {
        at = suspect + 1;
        if let Some((length, instead)) = breaks(suspect) {
            let out = out.get_or_insert_default();
            out.extend_from_slice(message.get(kept..suspect).unwrap_or_default());
            out.extend_from_slice(instead.as_bytes());
            (kept, at) = (suspect + length, suspect + length);
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
        assert_eq!(next(), (Line::TooLong(Glimpse::default()), String::new()));
        assert_eq!(next(), (Line::Whole, "x\n".into()));
        assert_eq!(next(), (Line::Whole, "\n".into()));
        assert_eq!(next(), (Line::Whole, "last".into()));
        assert_eq!(next(), (Line::End, String::new()));
    }

    #[test]
    fn of_a_long_line_there_is_a_glimpse() {
        let message = format!("{{\"result\":\"{}\",\"id\":7}}\n", "x".repeat(100));
        let mut stream = std::io::BufReader::with_capacity(16, message.as_bytes());
        let Line::TooLong(glimpse) = read_line(&mut stream, &mut Vec::new(), 40).unwrap() else { panic!("too long") };
        assert_eq!((glimpse.id.unwrap().text.as_str(), glimpse.asks), ("7", false));
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
        assert!(matches!(one_line("\"é€\"".as_bytes()), Cow::Borrowed(_)));
    }
}
