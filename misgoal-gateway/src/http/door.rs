//! Who may come in: paths, hosts, origins, and headers that must say what the body says.

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use misgoal_guard::read::{Message, Node, Value, plain};
use misgoal_guard::tools::Mirrored;

use crate::base64;
use crate::tls::is_here;

/// Why a request is turned away at the door: the status and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Away {
    pub status: u16,
    pub code: &'static str,
    pub words: String,
}

impl Away {
    fn new(status: u16, code: &'static str, words: impl Into<String>) -> Away {
        Away { status, code, words: words.into() }
    }
}

/// What the operator lets in.
#[derive(Clone, Debug)]
pub(super) struct Door {
    /// Origins of web pages that may call, beside pages of this machine.
    pub origins: Vec<String>,
    /// Whether only this machine is listened to.
    pub loopback: bool,
}

/// The host of an authority, without its port.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

impl Door {
    /// A web page that is open in a browser on this machine must not get in, neither under its own origin nor under a name that it lets point here (DNS
    /// rebinding).
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Away> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        if let Some(origin) = text(ORIGIN) {
            let local = origin.split_once("://").is_some_and(|(_, authority)| is_here(host(authority)));
            if !local && !self.origins.iter().any(|allowed| allowed == origin) {
                let words = format!("the origin `{}` may not call", origin.escape_debug());
                return Err(Away::new(403, "origin", words));
            }
        }
        match text(HOST) {
            Some(authority) if self.loopback && !is_here(host(authority)) => {
                let words = format!("the host `{}` is not this machine", authority.escape_debug());
                Err(Away::new(403, "host", words))
            }
            None => Err(Away::new(400, "host", "the request names no host")),
            Some(_) => Ok(()),
        }
    }
}

/// Where a message of revision 2026-07-28 says which revision it is of.
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Headers that mirror the body (revision 2026-07-28) must say the same: whoever routes by them would else act on another call than the one judged.
///
/// `declared` gives what a tool's definition wants in headers.
pub(super) fn mirrors(
    headers: &HeaderMap,
    message: &Message<'_>,
    declared: &dyn Fn(&str) -> Result<Vec<Mirrored>, Away>,
) -> Result<(), Away> {
    let mismatch = |name: &str| {
        Away::new(400, "header-mismatch", format!("the header `{name}` does not say what the message says"))
    };
    let (method, params) = match message {
        Message::Request { method, params, .. } | Message::Notification { method, params } => {
            (Some(method.as_str()), params.as_ref())
        }
        Message::Response { .. } => (None, None),
    };
    // None of these is given twice: that has been looked at.
    let fits = |name: &str, value: Option<&str>| match headers.get(name) {
        Some(said) if value.is_none_or(|value| !is_spelled(said, value)) => Err(mismatch(name)),
        _ => Ok(()),
    };
    fits("mcp-method", method)?;
    // Requests about a task are named after it (the tasks extension), those about a resource after its address.
    let naming = match method.and_then(|method| method.split('/').next()) {
        Some("tasks") => "taskId",
        Some("resources") => "uri",
        _ => "name",
    };
    let named = params.and_then(|params| params.get(naming)).and_then(Node::text);
    fits("mcp-name", named)?;
    let meta = params.and_then(|params| params.get("_meta")).and_then(|meta| meta.get(VERSION)).and_then(Node::text);
    if meta.is_some() {
        fits("mcp-protocol-version", meta)?;
    }
    let mut declared = Declared { of: declared, tool: params.and_then(|params| params.get("name")), known: None };
    for name in headers.keys().filter_map(|name| name.as_str().strip_prefix("mcp-param-")) {
        let header = format!("mcp-param-{name}");
        let Some(said) = headers.get(&header) else { continue };
        let Some(arguments) = params.and_then(|params| params.get("arguments")) else { return Err(mismatch(&header)) };
        let paths = declared.paths(name)?;
        let fits = match paths.as_slice() {
            // The tool declares no such header: then it can be the argument of its name, wherever that stands, or else any one.
            [] => match all_named(arguments, name).as_slice() {
                [] => holds(arguments, said),
                all => all.iter().all(|node| is(node, said)),
            },
            paths => paths.iter().all(|path| {
                path.iter().try_fold(arguments, |node, key| node.get(key)).is_some_and(|node| is(node, said))
            }),
        };
        if !fits {
            return Err(mismatch(&header));
        }
    }
    Ok(())
}

/// What the called tool declares, asked for once, and where there is such a header at all.
struct Declared<'d, 'n, 'a> {
    of: &'d dyn Fn(&str) -> Result<Vec<Mirrored>, Away>,
    tool: Option<&'n Node<'a>>,
    known: Option<Vec<Mirrored>>,
}

impl Declared<'_, '_, '_> {
    /// Where the argument of this header stands.
    fn paths(&mut self, header: &str) -> Result<Vec<Vec<String>>, Away> {
        let known = match self.known.take() {
            Some(known) => known,
            None => self.tool.and_then(Node::text).map_or(Ok(Vec::new()), |tool| (self.of)(tool))?,
        };
        let paths = known.iter().filter(|one| one.header == header).map(|one| one.path.clone()).collect();
        self.known = Some(known);
        Ok(paths)
    }
}

/// All arguments of this name, of whatever depth.
fn all_named<'n, 'a>(node: &'n Node<'a>, name: &str) -> Vec<&'n Node<'a>> {
    let own = node.members().iter().filter(|member| member.key.eq_ignore_ascii_case(name)).map(|member| &member.node);
    own.chain(node.members().iter().flat_map(|member| all_named(&member.node, name))).collect()
}

/// Whether some argument has this value.
fn holds(node: &Node<'_>, said: &HeaderValue) -> bool {
    is(node, said) || node.members().iter().any(|member| holds(&member.node, said))
}

/// Whether a header says this value, and in the one spelling of it: a number as ECMAScript writes it or as the message does.
fn is(node: &Node<'_>, said: &HeaderValue) -> bool {
    match &node.value {
        Value::String(text) => is_spelled(said, text),
        Value::Number(text) => is_spelled(said, text) || is_spelled(said, &plain(text)),
        Value::Bool(flag) => is_spelled(said, if *flag { "true" } else { "false" }),
        Value::Object(_) | Value::Array(_) | Value::Null => false,
    }
}

/// Whether a header is this text, as MCP spells it: as it is where visible ASCII can write it, and else wrapped as `=?base64?...?=`. Who routes by headers need not
/// unwrap what could have been said plainly, nor strip it. Some unwrap it however its letters are written.
fn is_spelled(said: &HeaderValue, text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim() == text
        && !(text.to_ascii_lowercase().starts_with("=?base64?") && text.ends_with("?="));
    if is_plain {
        return said.as_bytes() == text.as_bytes();
    }
    said.as_bytes() == format!("=?base64?{}?=", base64::encode(text.as_bytes())).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use misgoal_guard::read::{Limits, Side, read};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn web_pages_of_elsewhere_stay_out() {
        let door = Door { origins: vec!["https://app.example".into()], loopback: true };
        let check = |pairs: &[(&'static str, &str)]| door.check(&headers(pairs)).map_err(|away| away.status);
        assert_eq!(check(&[("host", "127.0.0.1:8080")]), Ok(()));
        assert_eq!(check(&[("host", "[::1]:8080"), ("origin", "http://localhost:3000")]), Ok(()));
        assert_eq!(check(&[("host", "localhost"), ("origin", "https://app.example")]), Ok(()));
        assert_eq!(check(&[("host", "localhost"), ("origin", "https://evil.example")]), Err(403));
        assert_eq!(check(&[("host", "localhost"), ("origin", "null")]), Err(403));
        assert_eq!(check(&[("host", "localhost"), ("origin", "http://localhost.evil.example")]), Err(403));
        assert_eq!(check(&[("host", "rebound.example:8080")]), Err(403));
        assert_eq!(check(&[]), Err(400));
    }

    #[test]
    fn headers_say_what_the_body_says() {
        let line = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"päy","arguments":{"sum":7,"to":{"region":"eu"}}}}"#;
        let limits = Limits::default();
        let message = read(line.as_bytes(), Side::Agent, &limits).unwrap();
        let fits = |pairs: &[(&'static str, &str)]| mirrors(&headers(pairs), &message, &|_| Ok(Vec::new())).is_ok();
        assert!(fits(&[]));
        assert!(fits(&[("mcp-method", "tools/call"), ("mcp-name", "=?base64?cMOkeQ==?="), ("mcp-param-region", "eu")]));
        assert!(fits(&[("mcp-param-sum", "7")]));
        assert!(!fits(&[("mcp-method", "tools/list")]));
        assert!(!fits(&[("mcp-name", "echo")]));
        assert!(!fits(&[("mcp-name", "=?base64?cMOkeR==?=")]));
        // One spelling: what a reader that compares texts takes for another value is one.
        for (name, value) in [
            ("mcp-param-sum", "7.0"),
            ("mcp-param-sum", "07"),
            ("mcp-param-sum", "+7"),
            ("mcp-param-sum", "7e0"),
            ("mcp-param-sum", "=?base64?Nw==?="),
            ("mcp-param-region", "=?base64?ZXU=?="),
            ("mcp-param-region", "EU"),
            ("mcp-method", "=?base64?dG9vbHMvY2FsbA==?="),
        ] {
            assert!(!fits(&[(name, value)]), "{name}: {value}");
        }
        assert!(!fits(&[("mcp-param-region", "us")]));
        assert!(!fits(&[("mcp-param-region", "7")]), "another argument has it");
        assert!(!fits(&[("mcp-param-to", "eu")]), "an object has no header");
        assert!(fits(&[("mcp-param-other", "eu")]), "nobody says which argument this is");
        assert!(!fits(&[("mcp-param-other", "us")]));
    }

    /// However the mark of base64 is written, some unwrap it.
    #[test]
    fn a_text_that_looks_wrapped_is_wrapped() {
        for text in ["=?base64?eA==?=", "=?BASE64?eA==?=", "=?Base64?x?="] {
            let line = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"pay","arguments":{{"to":"{text}"}}}}}}"#
            );
            let message = read(line.as_bytes(), Side::Agent, &Limits::default()).unwrap();
            let fits = |said: &str| mirrors(&headers(&[("mcp-param-to", said)]), &message, &|_| Ok(Vec::new())).is_ok();
            assert!(!fits(text), "{text}");
            assert!(!fits("x"), "{text}");
            assert!(fits(&format!("=?base64?{}?=", base64::encode(text.as_bytes()))), "{text}");
        }
    }

    #[test]
    fn a_declared_header_is_its_own_argument() {
        let definition = br#"{"name":"pay","inputSchema":{"properties":{"to":{"properties":{"area":{"type":"string","x-mcp-header":"Region"}}},"sum":{"type":"integer","x-mcp-header":"SUM"}}}}"#;
        let node = misgoal_guard::read::value(definition, Side::Server, &Limits::default()).unwrap();
        let tool = misgoal_guard::tools::Tool::from_definition(&node).unwrap();
        let fits = |arguments: &str, name: &'static str, value: &str| {
            let line = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"pay","arguments":{arguments}}}}}"#
            );
            let message = read(line.as_bytes(), Side::Agent, &Limits::default()).unwrap();
            mirrors(&headers(&[(name, value)]), &message, &|_| Ok(tool.mirrored())).is_ok()
        };
        let arguments = r#"{"to":{"area":"eu"},"sum":42.0,"region":"us"}"#;
        assert!(fits(arguments, "mcp-param-region", "eu"));
        assert!(!fits(arguments, "mcp-param-region", "us"), "it is not the argument of its name");
        assert!(fits(arguments, "mcp-param-sum", "42"));
        assert!(!fits(arguments, "mcp-param-sum", "43"));
        assert!(!fits(r#"{"region":"eu"}"#, "mcp-param-region", "eu"), "the argument is not there");
    }

    #[test]
    fn a_request_about_a_task_is_named_after_it() {
        let line = br#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t1","name":"other"}}"#;
        let message = read(line, Side::Agent, &Limits::default()).unwrap();
        let fits = |name: &str| mirrors(&headers(&[("mcp-name", name)]), &message, &|_| Ok(Vec::new())).is_ok();
        assert!(fits("t1") && !fits("other"));
    }

    #[test]
    fn a_read_is_named_after_its_resource_and_the_revision_is_one() {
        let line = br#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"name":"look","uri":"a:b","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        let message = read(line, Side::Agent, &Limits::default()).unwrap();
        let fits = |name, value: &str| mirrors(&headers(&[(name, value)]), &message, &|_| Ok(Vec::new())).is_ok();
        assert!(fits("mcp-name", "a:b") && !fits("mcp-name", "look"));
        assert!(fits("mcp-protocol-version", "2026-07-28") && !fits("mcp-protocol-version", "2025-06-18"));
    }
}
