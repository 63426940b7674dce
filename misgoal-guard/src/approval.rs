//! Approvals: a person is shown everything that would be sent, and their word is about exactly that, from exactly this session.

use std::collections::BTreeMap;

use crate::read::{Member, Node, Value, write_string};
use crate::tools::Tool;

/// What is hashed, and how; another way of hashing has another name.
const DOMAIN: &str = "misgoal guard approval 2";
/// The same for what redaction takes out.
const TAKEN_OUT: &str = "misgoal guard redaction 1";

/// What a person is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request of the agent.
    Call,
    /// A tool's new or changed definition.
    Tool,
    /// A session after an alarm.
    Alarm,
}

impl Kind {
    /// The word for it, in the log and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Call => "call",
            Kind::Tool => "tool",
            Kind::Alarm => "alarm",
        }
    }

    /// The kind of a word; none where it is none of ours.
    pub fn read(word: &str) -> Option<Kind> {
        [Kind::Call, Kind::Tool, Kind::Alarm].into_iter().find(|kind| kind.word() == word)
    }
}

/// The secret of one log. A plain hash of a short secret gives the secret away to whoever tries them all; what is hashed for the log is hashed with this.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// For what is written to no log: replays, tests.
    pub const NONE: Key = Key([0; 32]);

    /// A key of these bytes, which are to be random.
    pub const fn new(bytes: [u8; 32]) -> Key {
        Key(bytes)
    }

    /// Each part with its length, so that no two lists of parts are hashed alike.
    fn hash(&self, parts: &[&str]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize()
    }

    /// Names a text that is taken out of what is written: equal for equal texts, and of use to nobody without the key. 64 bits in hexadecimal.
    pub(crate) fn names(&self, text: &str) -> String {
        self.hash(&[TAKEN_OUT, text]).to_hex().chars().take(16).collect()
    }
}

/// Names what a person is asked: equal where kind, session and everything that is shown are equal, and nowhere else.
pub fn digest(key: &Key, kind: Kind, session: &str, content: &str) -> String {
    key.hash(&[DOMAIN, kind.word(), session, content]).to_hex().to_string()
}

/// What a person is shown of a request, and what their word is about: all that is sent. Left out are JSON-RPC's version, the id, which is another one when the
/// same is asked again, and a progress token that is the id. `headers` are sent beside the message. The members of the message and of its parameters, which nobody reads
/// in an order, stand in that of their names; whatever is in these stays in its own: a server may sort by what is named first.
pub fn of_request<'a>(mut message: Node<'a>, headers: &[(String, String)]) -> Node<'a> {
    let id = message.get("id").map(Node::canonical);
    if let Some(Node { value: Value::Object(meta), .. }) =
        inner(&mut message, "params").and_then(|params| inner(params, "_meta"))
    {
        meta.retain(|member| member.key != "progressToken" || Some(member.node.canonical()) != id);
    }
    if let Value::Object(members) = &mut message.value {
        members.retain(|member| member.key != "id" && member.key != "jsonrpc");
        members.extend((!headers.is_empty()).then(|| Member { key: "headers".into(), node: of_headers(headers) }));
        members.sort_by(|a, b| a.key.cmp(&b.key));
    }
    if let Some(Node { value: Value::Object(params), .. }) = inner(&mut message, "params") {
        params.sort_by(|a, b| a.key.cmp(&b.key));
    }
    message
}

/// Headers by name; one that is sent more than once has all its values.
fn of_headers<'a>(headers: &[(String, String)]) -> Node<'a> {
    let node = |value| Node { start: 0, end: 0, value };
    let mut by_name: BTreeMap<&str, Vec<Node<'a>>> = BTreeMap::new();
    for (name, value) in headers {
        by_name.entry(name).or_default().push(node(Value::String(value.clone().into())));
    }
    let member = |(name, mut values): (&str, Vec<Node<'a>>)| {
        let one = if values.len() == 1 { values.pop() } else { None };
        Member { key: name.to_owned().into(), node: one.unwrap_or_else(|| node(Value::Array(values))) }
    };
    node(Value::Object(by_name.into_iter().map(member).collect()))
}

fn inner<'n, 'a>(node: &'n mut Node<'a>, key: &str) -> Option<&'n mut Node<'a>> {
    match &mut node.value {
        Value::Object(members) => members.iter_mut().find(|member| member.key == key).map(|member| &mut member.node),
        _ => None,
    }
}

/// What a person is shown of a tool: how it is pinned (nothing, where it is new), and how the server defines it now.
pub fn of_tool(pinned: Option<&Tool>, now: &Tool) -> String {
    let mut text = String::from("{\"name\":");
    write_string(&mut text, &now.name);
    text.push_str(",\"now\":");
    text.push_str(&now.definition);
    text.push_str(",\"pinned\":");
    text.push_str(pinned.map_or("null", |pinned| &pinned.definition));
    text.push('}');
    text
}

/// What somebody was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// About what.
    pub kind: Kind,
    /// For which session.
    pub session: String,
    /// Names exactly what was shown: [`digest`].
    pub digest: String,
    /// Under which policies.
    pub version: String,
}

/// What they said, as the log's chain has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Whether it is yes.
    pub approves: bool,
    /// About what.
    pub asked: Asked,
    /// Until when a yes is good, in milliseconds.
    pub until: u64,
    /// Who said it.
    pub by: String,
}

/// Why a yes moves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is about something else.
    OtherMatter,
    /// The policies, the configuration or the pinned tools have changed since.
    OtherPolicy,
    /// Its time is over.
    Expired,
}

impl Unfit {
    /// Why, in words for the agent and the log.
    pub const fn words(self) -> &'static str {
        match self {
            Unfit::OtherMatter => "what was approved is not what was asked",
            Unfit::OtherPolicy => {
                "it was approved, but the policies, the configuration or the pinned tools have changed since it was asked"
            }
            Unfit::Expired => "it was approved, but the time is over in which that is good",
        }
    }
}

impl Word {
    /// Whether it is good for what was asked, under the policies in force now.
    ///
    /// # Errors
    /// Says why it is not.
    pub fn fits(&self, asked: &Asked, version: &str, now: u64) -> Result<(), Unfit> {
        if self.asked != *asked {
            return Err(Unfit::OtherMatter);
        }
        if asked.version != version {
            return Err(Unfit::OtherPolicy);
        }
        if now >= self.until {
            return Err(Unfit::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Limits, Side, value};

    const KEY: Key = Key::new([7; 32]);

    fn of(line: &str) -> String {
        let message = value(line.as_bytes(), Side::Agent, &Limits::default()).unwrap();
        digest(&KEY, Kind::Call, "s", &of_request(message, &[]).in_order())
    }

    #[test]
    fn everything_that_is_sent_is_in_the_digest() {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":1}}}"#;
        for (other, same) in [
            // The same, asked again, spelled otherwise.
            (
                r#"{"id":"x","params":{"arguments":{"to":"b\u006fb","sum":1},"name":"pay"},"method":"tools/call","jsonrpc":"2.0"}"#,
                true,
            ),
            // Members in another order may be another order to the server.
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"sum":1,"to":"bob"}}}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":"1"}}}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":1},"inputResponses":{"sum":{"action":"accept"}}}}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":1},"requestState":"s"}}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":1},"_meta":{"run-as":"root"}}}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":1},"task":{"ttl":1}}}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":"bob","sum":1}},"extra":1}"#,
                false,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"name":"pay","arguments":{"to":"bob","sum":1}}}"#,
                false,
            ),
        ] {
            assert_eq!(of(call) == of(other), same, "{other}");
        }
        let progress = |id: u32, token: u32| {
            of(&format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"pay","_meta":{{"progressToken":{token}}}}}}}"#
            ))
        };
        assert_eq!(progress(1, 1), progress(2, 2), "a token that is the id says nothing");
        assert_ne!(progress(1, 1), progress(1, 1_000_000));
    }

    #[test]
    fn headers_are_shown_with_the_message() {
        let message = value(br#"{"id":1,"method":"m"}"#, Side::Agent, &Limits::default()).unwrap();
        let headers =
            [("x-run-as", "root"), ("a", "1"), ("a", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shown = of_request(message, &headers).in_order();
        assert_eq!(shown, r#"{"headers":{"a":["1","2"],"x-run-as":"root"},"method":"m"}"#);
    }

    #[test]
    fn kind_session_and_key_are_in_the_digest() {
        let one = digest(&KEY, Kind::Call, "s", "{}");
        for other in [
            digest(&KEY, Kind::Tool, "s", "{}"),
            digest(&KEY, Kind::Call, "t", "{}"),
            digest(&KEY, Kind::Call, "s{", "}"),
            digest(&Key::new([8; 32]), Kind::Call, "s", "{}"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_word_is_for_one_session_one_matter_one_policy_and_a_while() {
        let asked = |session: &str, digest: &str, version: &str| Asked {
            kind: Kind::Call,
            session: session.to_owned(),
            digest: digest.to_owned(),
            version: version.to_owned(),
        };
        let word = Word { approves: true, asked: asked("s", "d", "v"), until: 100, by: "me".to_owned() };
        assert_eq!(word.fits(&asked("s", "d", "v"), "v", 99), Ok(()));
        assert_eq!(word.fits(&asked("t", "d", "v"), "v", 99), Err(Unfit::OtherMatter));
        assert_eq!(word.fits(&asked("s", "e", "v"), "v", 99), Err(Unfit::OtherMatter));
        assert_eq!(word.fits(&Asked { kind: Kind::Alarm, ..asked("s", "d", "v") }, "v", 99), Err(Unfit::OtherMatter));
        assert_eq!(word.fits(&asked("s", "d", "v"), "newer", 99), Err(Unfit::OtherPolicy));
        assert_eq!(word.fits(&asked("s", "d", "v"), "v", 100), Err(Unfit::Expired));
    }
}
