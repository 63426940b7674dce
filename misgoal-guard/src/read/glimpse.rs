//! What can be made out of a message that is not read, so that whoever waits for it does not wait for ever: its id, and whether it asks for something.

use super::message::Id;
use super::number::plain;
use super::{Limits, Side, Value, scan};

/// What was made out of one message. Nothing of it is trusted: it only says who is told of the refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// Its id, where one was found; the last one, where several were.
    pub id: Option<Id>,
    /// Whether it has a method, and neither a result nor an error: a request or a notification.
    pub asks: bool,
}

/// Bytes of a key or an id that are kept: the longest id that a message may have, each letter escaped.
const KEPT: usize = 6 * 256 + 2;
/// Messages with an id that are made out in one text, at most; no more requests are on their way, unless the operator wants it so.
const MOST: usize = 1024;

/// Looks through the bytes of a message as they come, for messages that are too long to be kept as well as for those that are wrong. What stands around objects is
/// passed over (brackets of a batch, something before or after a message), and so are the zeros of UTF-16.
#[derive(Clone, Debug, Default)]
pub struct Glimpser {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether a colon was seen since the last comma of the message itself.
    in_value: bool,
    /// The key or value at hand, of the message itself.
    token: Vec<u8>,
    key: Vec<u8>,
    id: Option<Id>,
    has_method: bool,
    has_outcome: bool,
    /// The messages that have ended.
    found: Vec<Glimpse>,
}

impl Glimpser {
    /// What can be made out of a whole text: each message that has an id.
    pub fn of(bytes: &[u8]) -> Vec<Glimpse> {
        let mut glimpser = Glimpser::default();
        glimpser.read(bytes);
        glimpser.found()
    }

    /// What was made out so far.
    pub fn found(mut self) -> Vec<Glimpse> {
        self.message();
        self.found
    }

    /// Looks on.
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().filter(|byte| **byte != 0) {
            self.byte(*byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.depth == 0 {
            self.depth = usize::from(byte == b'{');
            return;
        }
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.member();
                    self.message();
                }
            }
            b':' if self.depth == 1 && !self.in_value => {
                self.in_value = true;
                self.key = std::mem::take(&mut self.token);
            }
            b',' if self.depth == 1 => self.member(),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => self.keep(byte),
        }
    }

    /// A message has ended.
    fn message(&mut self) {
        let id = self.id.take();
        let (has_method, has_outcome) = (std::mem::take(&mut self.has_method), std::mem::take(&mut self.has_outcome));
        if id.is_some() && self.found.len() < MOST {
            self.found.push(Glimpse { id, asks: has_method && !has_outcome });
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.token.len() <= KEPT {
            self.token.push(byte);
        }
    }

    /// A member of the message has ended.
    fn member(&mut self) {
        let (key, value) = (std::mem::take(&mut self.key), std::mem::take(&mut self.token));
        self.in_value = false;
        match serde_json::from_slice::<String>(&key).as_deref() {
            Ok("id") => self.id = id(&value).or(self.id.take()),
            Ok("method") => self.has_method = true,
            Ok("result" | "error") => self.has_outcome = true,
            _ => {}
        }
    }
}

/// The id as its writer reads it: of one value there is one text.
fn id(token: &[u8]) -> Option<Id> {
    let node = scan::parse(token, Side::Server, &Limits { bytes: KEPT, depth: 1, lines: true }).ok()?;
    let (text, is_string) = match node.value {
        Value::String(text) => (text.into_owned(), true),
        Value::Number("-0") => ("0".to_owned(), false),
        Value::Number(text) => (plain(text).into_owned(), false),
        _ => return None,
    };
    (text.len() <= 256).then_some(Id { text, is_string })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is made out: ids, with a question mark behind those of messages that ask for something.
    #[track_caller]
    fn check(message: impl AsRef<[u8]>, expected: &[&str]) {
        let message = message.as_ref();
        for size in [1, 3, 1000] {
            let mut glimpser = Glimpser::default();
            message.chunks(size).for_each(|part| glimpser.read(part));
            let mark = |found: Glimpse| format!("{}{}", found.id.unwrap().json(), if found.asks { "?" } else { "" });
            let found: Vec<String> = glimpser.found().into_iter().map(mark).collect();
            assert_eq!(found, expected, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn ids_are_found_in_what_cannot_be_read() {
        check(r#"{"jsonrpc":"2.0","id":7,"result":{"a":NaN,"id":8}}"#, &["7"]);
        check(r#"{"result":{"id":[{"id":3}],"t":"\"id\":4,\ud83d"},"jsonrpc":"2.0", "id" : "a\"b" }"#, &[r#""a\"b""#]);
        check(r#"{"id":1,"method":"ping","id":2}"#, &["2?"]);
        check(r#"{"id":1,"method":"ping","result":{}}"#, &["1"]);
        check(r#"{"i\u0064":1,"met\u0068od":2"#, &["1"]);
        check("\u{feff}{\"id\":5}", &["5"]);
        for (written, read) in [
            ("1.0", "1"),
            ("10e-1", "1"),
            ("-0", "0"),
            ("1.5", "1.5"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            check(format!(r#"{{"id":{written}}}"#), &[read]);
        }
        for none in ["not JSON at all", "", "{}", r#"{"id":null}"#, r#"{"id":{"id":1}}"#, r#"{"id":tru}"#, r#"{"id":1"#]
        {
            check(none, &[]);
        }
        check(format!(r#"{{"a":"{}","id":9}}"#, "x".repeat(10_000)), &["9"]);
        check(format!(r#"{{"id":"{}"}}"#, "x".repeat(10_000)), &[]);
    }

    #[test]
    fn several_messages_in_one_text_are_made_out() {
        let (one, two) = (r#"{"jsonrpc":"2.0","id":1,"result":{"id":9}}"#, r#"{"id":"2","method":"ping"}"#);
        check(format!("[{one},{two}]"), &["1", "\"2\"?"]);
        check(format!("{one}{two}"), &["1", "\"2\"?"]);
        check(format!("[[{one}]] log: {two}"), &["1", "\"2\"?"]);
        check(format!("\u{1b}[32m{one}\u{1b}[0m"), &["1"]);
        check(format!("}}]{one}"), &["1"]);
        // Cut off after the id.
        check(r#"{"id":1,"result":{"a":[{"b":"#, &["1"]);
        for units in [
            one.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
            one.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ] {
            check(units, &["1"]);
        }
    }

    proptest! {
        #[test]
        fn the_id_of_a_message_is_found(id in "[ -~é\n]{0,20}", key in "[a-z\"\\\\]{0,5}", inner in any::<i32>()) {
            let message = serde_json::json!({ "params": { "id": inner, (key.clone()): [key, { "id": inner }] }, "id": &id });
            let found = Glimpser::of(message.to_string().as_bytes());
            prop_assert_eq!(found, [Glimpse { id: Some(Id { text: id, is_string: true }), asks: false }]);
        }
    }
}
