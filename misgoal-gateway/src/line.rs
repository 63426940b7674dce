//! Lines of a stream, of at most so many bytes.

use std::io::{BufRead, Result};

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, its end included, is in the buffer.
    Whole,
    /// A line was longer than it may be; it was read past and is not kept.
    TooLong,
    /// There is nothing more.
    End,
}

/// Reads the next line into `line`, which keeps its memory.
pub(crate) fn read_line(stream: &mut impl BufRead, line: &mut Vec<u8>, most: usize) -> Result<Line> {
    line.clear();
    let mut too_long = false;
    loop {
        let chunk = match stream.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok(match (too_long, line.is_empty()) {
                (true, _) => Line::TooLong,
                (false, true) => Line::End,
                (false, false) => Line::Whole,
            });
        }
        let end = chunk.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        // One byte more is the line's end.
        too_long |= line.len() + part.len() > most + 1;
        if too_long {
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        let read = part.len();
        stream.consume(read);
        if end.is_some() {
            return Ok(if too_long { Line::TooLong } else { Line::Whole });
        }
    }
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
        assert_eq!(next(), (Line::TooLong, String::new()));
        assert_eq!(next(), (Line::Whole, "x\n".into()));
        assert_eq!(next(), (Line::Whole, "\n".into()));
        assert_eq!(next(), (Line::Whole, "last".into()));
        assert_eq!(next(), (Line::End, String::new()));
    }
}
