//! Server-sent events, read strictly and written anew (WHATWG HTML, section 9.2).
//!
//! What two readers could split differently is refused: a carriage return that no line feed follows ends a line for some readers and not for others, and so do other
//! control characters in a name or an id, and there every byte that is not ASCII: to who takes the bytes for ISO-8859-1 (PyPI's `requests`, where no charset is
//! said), 0x85 ends a line. A message is written as one `data` line: there are readers that take each line for a message.

use crate::line::one_line;

/// One event. Comments and unknown fields are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its kind, where it has one.
    pub kind: Option<String>,
    /// Its id, with which a broken stream is taken up again.
    pub id: Option<String>,
    /// After how many milliseconds to try again.
    pub retry: Option<String>,
    /// Its data, lines joined by line feeds; `None` where no data field was there.
    pub data: Option<Vec<u8>>,
}

/// Why a stream is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// An event has more bytes than a message may have.
    TooLong,
    /// A carriage return stands within a line, or a name or id has a byte that is no visible ASCII: some of them end a line for some.
    Ambiguous,
}

/// Takes bytes, gives events.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    line: Vec<u8>,
    event: Event,
    bytes: usize,
    most: usize,
    begun: bool,
}

impl Reader {
    /// A reader of events of at most so many bytes.
    pub fn new(most: usize) -> Reader {
        Reader { most, ..Reader::default() }
    }

    /// Reads on; `keep_alive` counts comments, which some servers send to keep a connection open.
    pub fn read(&mut self, bytes: &[u8], events: &mut Vec<Event>, keep_alive: &mut usize) -> Result<(), Broken> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.bytes += part.len();
            // Field names and line ends are few bytes more than the message itself.
            if self.bytes > self.most + (self.most >> 3) + 1024 {
                return Err(Broken::TooLong);
            }
            self.line.extend_from_slice(part);
            if self.line.last() != Some(&b'\n') {
                continue;
            }
            self.line.pop();
            if self.line.last() == Some(&b'\r') {
                self.line.pop();
            }
            let line = std::mem::take(&mut self.line);
            self.take(&line, events, keep_alive)?;
        }
        Ok(())
    }

    fn take(&mut self, line: &[u8], events: &mut Vec<Event>, keep_alive: &mut usize) -> Result<(), Broken> {
        let line = if std::mem::replace(&mut self.begun, true) {
            line
        } else {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        };
        if line.contains(&b'\r') {
            return Err(Broken::Ambiguous);
        }
        if line.is_empty() {
            self.bytes = 0;
            let event = std::mem::take(&mut self.event);
            if event != Event::default() {
                events.push(event);
            }
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(0) => {
                *keep_alive += 1;
                return Ok(());
            }
            Some(at) => (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default()),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let text = || match String::from_utf8(value.to_vec()) {
            Ok(text) if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Ok(text),
            _ => Err(Broken::Ambiguous),
        };
        match name {
            b"data" => match &mut self.event.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                none => *none = Some(value.to_vec()),
            },
            b"event" => self.event.kind = Some(text()?),
            b"id" => self.event.id = Some(text()?),
            // A longer time than fits is none.
            b"retry" if value.iter().all(u8::is_ascii_digit) => {
                self.event.retry = text()?.parse::<u32>().ok().map(|milliseconds| milliseconds.to_string());
            }
            _ => {}
        }
        Ok(())
    }
}

/// A comment, which keeps a connection open.
pub(crate) const KEEP_ALIVE: &[u8] = b":\n\n";

/// The event as bytes.
pub(crate) fn write(event: &Event) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in [("event", &event.kind), ("id", &event.id), ("retry", &event.retry)] {
        if let Some(value) = value {
            out.extend(format!("{name}: {value}\n").bytes());
        }
    }
    if let Some(data) = &event.data {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&one_line(data));
        out.push(b'\n');
    }
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a stream, whatever the pieces in which it comes.
    fn check(stream: &str) -> Result<(Vec<Event>, usize), Broken> {
        let mut all = Vec::new();
        for size in [1, 2, 7, 1000] {
            let (mut reader, mut events, mut comments) = (Reader::new(100), Vec::new(), 0);
            let read =
                stream.as_bytes().chunks(size).try_for_each(|part| reader.read(part, &mut events, &mut comments));
            all.push(read.map(|()| (events, comments)));
        }
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
        all.remove(0)
    }

    #[test]
    fn events_are_read_and_written_anew() {
        let stream = "\u{feff}: hello\nevent: message\r\nid:7\nretry: 10\ndata: {\"a\":\ndata:1}\nother: x\n\n\n\nid: 8\ndata\n\nunfinished";
        let (events, comments) = check(stream).unwrap();
        let first = Event {
            kind: Some("message".into()),
            id: Some("7".into()),
            retry: Some("10".into()),
            data: Some(b"{\"a\":\n1}".to_vec()),
        };
        assert_eq!(events, [first.clone(), Event { id: Some("8".into()), data: Some(Vec::new()), ..Event::default() }]);
        assert_eq!(comments, 1);
        let written = String::from_utf8(write(&first)).unwrap();
        assert_eq!(written, "event: message\nid: 7\nretry: 10\ndata: {\"a\": 1}\n\n");
        assert_eq!(check(&written).unwrap().0, [Event { data: Some(b"{\"a\": 1}".to_vec()), ..first }]);
    }

    #[test]
    fn what_readers_split_differently_is_refused() {
        assert_eq!(check("data: a\rdata: b\n\n"), Err(Broken::Ambiguous));
        assert_eq!(check("data: a\r\r\n\n"), Err(Broken::Ambiguous));
        for c in ["\0", "\u{b}", "\u{1e}", "\u{85}", "\u{2028}", "Å", "é", "\t"] {
            assert_eq!(check(&format!("id: 1{c}data: x\n\n")), Err(Broken::Ambiguous), "{c:?}");
            assert_eq!(check(&format!("event: a{c}\n\n")), Err(Broken::Ambiguous), "{c:?}");
        }
        assert_eq!(check(&format!("data: {}\n\n", "x".repeat(2000))), Err(Broken::TooLong));
    }
}
