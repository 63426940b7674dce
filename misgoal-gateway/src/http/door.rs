//! Who may come in: paths, hosts, origins, and headers that must say what the body says.

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use misgoal_guard::read::{Message, Node, Value};

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
        if headers.get_all(ORIGIN).iter().count() > 1 || headers.get_all(HOST).iter().count() > 1 {
            return Err(Away::new(400, "doubled-header", "`Origin` or `Host` is given twice"));
        }
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

/// Headers that mirror the body (revision 2026-07-28) must say the same: whoever routes by them would else act on another call than the one judged.
pub(super) fn mirrors(headers: &HeaderMap, message: &Message<'_>) -> Result<(), Away> {
    let mismatch = |name: &str| {
        Away::new(400, "header-mismatch", format!("the header `{name}` does not say what the message says"))
    };
    let (method, params) = match message {
        Message::Request { method, params, .. } | Message::Notification { method, params } => {
            (Some(method.as_str()), params.as_ref())
        }
        Message::Response { .. } => (None, None),
    };
    let one = |name: &str| -> Result<Option<String>, Away> {
        let mut all = headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => decoded(value).map(Some).ok_or_else(|| mismatch(name)),
            (Some(_), Some(_)) => Err(mismatch(name)),
        }
    };
    if let Some(said) = one("mcp-method")?
        && Some(said.as_str()) != method
    {
        return Err(mismatch("Mcp-Method"));
    }
    // Requests about a task are named after it (the tasks extension).
    let naming: &[&str] = match method {
        Some(method) if method.starts_with("tasks/") => &["taskId"],
        _ => &["name", "uri"],
    };
    let named = params.and_then(|params| naming.iter().find_map(|key| params.get(key))).and_then(Node::text);
    if let Some(said) = one("mcp-name")?
        && Some(said.as_str()) != named
    {
        return Err(mismatch("Mcp-Name"));
    }
    for name in headers.keys().filter(|name| name.as_str().starts_with("mcp-param-")) {
        let said = one(name.as_str())?.unwrap_or_default();
        let arguments = params.and_then(|params| params.get("arguments"));
        if !arguments.is_some_and(|arguments| holds(arguments, &said)) {
            return Err(mismatch(name.as_str()));
        }
    }
    Ok(())
}

/// Whether some argument has this value.
fn holds(node: &Node<'_>, said: &str) -> bool {
    match &node.value {
        Value::String(text) => text == said,
        Value::Number(text) => *text == said,
        Value::Bool(flag) => flag.to_string() == said,
        Value::Object(members) => members.iter().any(|member| holds(&member.node, said)),
        Value::Array(_) | Value::Null => false,
    }
}

/// A header's value; one that plain ASCII cannot write is wrapped as `=?base64?...?=`.
fn decoded(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    match text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(wrapped) => String::from_utf8(base64::decode(wrapped)?).ok(),
        None => Some(text.to_owned()),
    }
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
        assert_eq!(check(&[("host", "localhost"), ("host", "evil.example")]), Err(400));
        assert_eq!(check(&[]), Err(400));
    }

    #[test]
    fn headers_say_what_the_body_says() {
        let line = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"päy","arguments":{"sum":7,"to":{"region":"eu"}}}}"#;
        let limits = Limits::default();
        let message = read(line.as_bytes(), Side::Agent, &limits).unwrap();
        let fits = |pairs: &[(&'static str, &str)]| mirrors(&headers(pairs), &message).is_ok();
        assert!(fits(&[]));
        assert!(fits(&[("mcp-method", "tools/call"), ("mcp-name", "=?base64?cMOkeQ==?="), ("mcp-param-region", "eu")]));
        assert!(fits(&[("mcp-param-sum", "7")]));
        assert!(!fits(&[("mcp-method", "tools/list")]));
        assert!(!fits(&[("mcp-method", "tools/call"), ("mcp-method", "tools/list")]));
        assert!(!fits(&[("mcp-name", "echo")]));
        assert!(!fits(&[("mcp-name", "=?base64?cMOkeR==?=")]));
        assert!(!fits(&[("mcp-param-region", "us")]));
    }

    #[test]
    fn a_request_about_a_task_is_named_after_it() {
        let line = br#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t1","name":"other"}}"#;
        let message = read(line, Side::Agent, &Limits::default()).unwrap();
        let fits = |name: &str| mirrors(&headers(&[("mcp-name", name)]), &message).is_ok();
        assert!(fits("t1") && !fits("other"));
    }
}
