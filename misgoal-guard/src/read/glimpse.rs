//! What can be made out of a message that is not read, so that whoever waits for it does not wait for ever: its id, and whether it asks for something.

use super::message::Id;
use super::number::plain;
use super::{Limits, Side, Value, scan};

/// What was made out. Nothing of it is trusted: it only says who is told of the refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// Its id, where one was found; the last one, where several were.
    pub id: Option<Id>,
    /// Whether it has a method, and neither a result nor an error: a request or a notification.
    pub asks: bool,
}

/// Bytes of a key or an id that are kept: the longest id that a message may have, each letter escaped.
const KEPT: usize = 6 * 256 + 2;

/// Looks through the bytes of a message as they come, for messages that are too long to be kept as well as for those that are wrong.
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
}

impl Glimpser {
    /// What can be made out of a whole message.
    pub fn of(bytes: &[u8]) -> Glimpse {
        let mut glimpser = Glimpser::default();
        glimpser.read(bytes);
        glimpser.found()
    }

    /// What was made out so far.
    pub fn found(self) -> Glimpse {
        Glimpse { id: self.id, asks: self.has_method && !self.has_outcome }
    }

    /// Looks on.
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    fn byte(&mut self, byte: u8) {
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
                if self.depth == 1 {
                    self.member();
                }
                self.depth = self.depth.saturating_sub(1);
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

    #[track_caller]
    fn check(message: &str, id: Option<&str>, asks: bool) {
        for size in [1, 3, 1000] {
            let mut glimpser = Glimpser::default();
            message.as_bytes().chunks(size).for_each(|part| glimpser.read(part));
            let found = glimpser.found();
            assert_eq!((found.id.map(|id| id.json()).as_deref(), found.asks), (id, asks), "{message}");
        }
    }

    #[test]
    fn ids_are_found_in_what_cannot_be_read() {
        check(r#"{"jsonrpc":"2.0","id":7,"result":{"a":NaN,"id":8}}"#, Some("7"), false);
        check(
            r#"{"result":{"id":[{"id":3}],"t":"\"id\":4,\ud83d"},"jsonrpc":"2.0", "id" : "a\"b" }"#,
            Some(r#""a\"b""#),
            false,
        );
        check(r#"{"id":1,"method":"ping","id":2}"#, Some("2"), true);
        check(r#"{"id":1,"method":"ping","result":{}}"#, Some("1"), false);
        check(r#"{"i\u0064":1,"met\u0068od":2"#, Some("1"), false);
        check("\u{feff}{\"id\":5}", Some("5"), false);
        for (written, read) in [
            ("1.0", "1"),
            ("10e-1", "1"),
            ("-0", "0"),
            ("1.5", "1.5"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            check(&format!(r#"{{"id":{written}}}"#), Some(read), false);
        }
        for none in [
            "not JSON at all",
            "",
            "{}",
            "[{\"id\":1}]",
            r#"{"id":null}"#,
            r#"{"id":{"id":1}}"#,
            r#"{"id":tru}"#,
            r#"{"id":1"#,
        ] {
            check(none, None, false);
        }
        check(&format!(r#"{{"a":"{}","id":9}}"#, "x".repeat(10_000)), Some("9"), false);
        check(&format!(r#"{{"id":"{}"}}"#, "x".repeat(10_000)), None, false);
    }

    proptest! {
        #[test]
        fn the_id_of_a_message_is_found(id in "[ -~é\n]{0,20}", key in "[a-z\"\\\\]{0,5}", inner in any::<i32>()) {
            let message = serde_json::json!({ "params": { "id": inner, (key.clone()): [key, { "id": inner }] }, "id": &id });
            prop_assert_eq!(Glimpser::of(message.to_string().as_bytes()).id, Some(Id { text: id, is_string: true }));
        }
    }
}
