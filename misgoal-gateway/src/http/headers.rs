//! Headers of both directions. What says how a body is to be read, the guard says itself: one thing, once. The rest goes through, but for what would make another
//! request of the one that was judged.

use hyper::Request;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, TRANSFER_ENCODING,
};
use misgoal_guard::read::Refusal;

use super::door::Away;

/// The session, as the server names it.
pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// From which event on a stream is taken up again.
pub(super) const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

pub(super) const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
/// Headers of a request that are lists by their definition, so that all readers take several for one: all others that reach a server, or say how the request is to
/// be read, are given once.
const LISTS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "baggage",
    "cache-control",
    "connection",
    "pragma",
    "prefer",
    "te",
    "trailer",
    "tracestate",
    "upgrade",
    "via",
    "warning",
];

/// Headers of one connection (RFC 9110, section 7.6.1), and those that ask its other end for something.
const HOPS: &[&str] = &[
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that do not reach the server: the origin that was looked at here, in what form the answer is wanted, and those with which common frameworks and proxies take
/// another method, path, host, caller or file for the request's. docs/guard.md has the same list.
const OURS: &[&str] = &[
    "accept-charset",
    "accept-encoding",
    "client-ip",
    "front-end-https",
    "http-method-override",
    "origin",
    "proxy",
    "range",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-method-override",
    "x-originating-ip",
    "x-path-info",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-remote-user",
    "x-request-uri",
    "x-scheme",
    "x-script-name",
    "x-sendfile",
    "x-sendfile-type",
    "x-url-scheme",
];

/// The same, by how they begin.
const OURS_BEGIN: &[&str] = &[
    "cf-connecting-",
    "fastly-client-",
    "forwarded",
    "if-",
    "remote-",
    "ssl-client-",
    "x-accel-",
    "x-authenticated-",
    "x-auth-request-",
    "x-client-cert",
    "x-forwarded",
    "x-goog-authenticated-user-",
    "x-http-method",
    "x-http-path",
    "x-middleware-",
    "x-original-",
    "x-rewrite-",
    "x-ssl-client-",
];

/// Headers of MCP that go to a server; `Mcp-Param-*` are others of a message.
const MCP: &[&str] = &["mcp-method", "mcp-name", "mcp-protocol-version", "mcp-session-id"];

/// Whether to some readers this is the name of another header (CGI and WSGI make `_` of `-`, and some of `.` too).
fn is_odd(name: &str) -> bool {
    !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a header stays here for its name.
fn is_ours(name: &str) -> bool {
    is_odd(name) || OURS.contains(&name) || OURS_BEGIN.iter().any(|begin| name.starts_with(begin))
}

/// A request whose headers can be read in two ways is turned away.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Away> {
    let headers = request.headers();
    let wrong = |code, words: String| Err(Away { status: 400, code, words });
    let twice = |name: &&HeaderName| {
        // The origin goes no further, and is looked at here.
        let counts = *name == ORIGIN || !is_ours(name.as_str());
        counts && !LISTS.contains(&name.as_str()) && headers.get_all(*name).iter().nth(1).is_some()
    };
    if let Some(name) = headers.keys().find(twice) {
        return wrong("doubled-header", format!("the header `{name}` is given twice"));
    }
    // To some readers 0x85 ends the line of a header (Python's `http.server` and `http.client`).
    if let Some((name, _)) = headers.iter().find(|(_, value)| !is_ascii(value)) {
        return wrong("header-value", format!("the header `{name}` has a byte that is not visible ASCII"));
    }
    let revision = headers.get("mcp-protocol-version").map(HeaderValue::as_bytes);
    let is_one = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if revision.is_some_and(|revision| revision.is_empty() || !revision.iter().all(is_one)) {
        return wrong("protocol-version", "the header `MCP-Protocol-Version` is not one revision".to_owned());
    }
    // A request line may name a host as well.
    let line = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    if line.is_some_and(|line| headers.get(HOST).is_none_or(|host| !host.as_bytes().eq_ignore_ascii_case(line))) {
        return wrong("host", "the request line names another host than `Host`".to_owned());
    }
    // A body that is packed for the way would be read here as it is.
    if headers.get(TRANSFER_ENCODING).is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return wrong("transfer-encoding", "a body comes as it is or `chunked`, in no other encoding".to_owned());
    }
    let end_to_end =
        |name: &String| name.starts_with("mcp-") || name.starts_with("content-") || name == "authorization";
    if let Some(name) = named_by_connection(headers).into_iter().find(end_to_end) {
        return wrong("connection", format!("`Connection` names `{name}`, which is not the connection's"));
    }
    Ok(())
}

pub(super) fn is_ascii(value: &HeaderValue) -> bool {
    value.as_bytes().iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// A body is one JSON text in UTF-8, or it is not read: a server that went by another charset or encoding would read another message.
pub(super) fn is_message(headers: &HeaderMap) -> Result<(), Away> {
    let wrong = |code, words: String| Err(Away { status: 415, code, words });
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| !is_identity(coding)) {
        return wrong("content-encoding", "a message comes as it is, without a `Content-Encoding`".to_owned());
    }
    match headers.get(CONTENT_TYPE).map(media) {
        Some(Some(Media { kind, utf8: true })) if kind == JSON => Ok(()),
        Some(Some(Media { kind, utf8: false })) if kind == JSON => {
            wrong("charset", "messages are `application/json` in UTF-8".to_owned())
        }
        _ => wrong("content-type", "messages are `application/json`".to_owned()),
    }
}

/// What a server has answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One message.
    Message,
    /// A stream of them.
    Events,
    /// Something else, or nothing.
    Page,
}

/// What an answer's headers say of its body.
///
/// # Errors
/// When they say nothing that all readers understand alike.
pub(super) fn kind_of(headers: &HeaderMap) -> Result<Kind, Refusal> {
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| !is_identity(coding)) {
        let words = "the server's answer has a `Content-Encoding` that was not asked for";
        return Err(Refusal::new("content-encoding", words));
    }
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !codings.next().is_none_or(is_chunked) || codings.next().is_some() {
        let words = "the server's answer comes in a `Transfer-Encoding` other than `chunked`";
        return Err(Refusal::new("transfer-encoding", words));
    }
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let (first, second) = (kinds.next(), kinds.next());
    if second.is_some() {
        return Err(Refusal::new("doubled-header", "the server's answer has two `Content-Type`"));
    }
    let media = first.and_then(media);
    match media.as_ref().map(|media| (media.kind.as_str(), media.utf8)) {
        Some((JSON | EVENTS, false)) => {
            Err(Refusal::new("charset", "the server's answer is not in UTF-8, as its `Content-Type` has it"))
        }
        Some((JSON, true)) => Ok(Kind::Message),
        Some((EVENTS, true)) => Ok(Kind::Events),
        _ => Ok(Kind::Page),
    }
}

/// Whether this coding changes nothing.
fn is_identity(coding: &HeaderValue) -> bool {
    coding.as_bytes().eq_ignore_ascii_case(b"identity")
}

/// A media type, and whether nothing is said of its charset but that it is UTF-8.
struct Media {
    kind: String,
    utf8: bool,
}

/// `None` where it is no text. A parameter other than one charset says something that is not understood here, so that it is taken for another charset.
fn media(value: &HeaderValue) -> Option<Media> {
    let text = value.to_str().ok()?;
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let is_utf8 = |part: &str| {
        let (name, charset) = part.split_once('=').unwrap_or((part, ""));
        let charset = charset.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(charset);
        name.eq_ignore_ascii_case("charset")
            && ["utf-8", "utf8"].iter().any(|known| charset.eq_ignore_ascii_case(known))
    };
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let utf8 = parts.len() <= 1 && parts.iter().all(|part| is_utf8(part));
    Some(Media { kind, utf8 })
}

/// The headers with which a request goes on to the server; `message`: whether it has a body.
pub(super) fn towards_server(headers: &HeaderMap, message: bool) -> HeaderMap {
    // What mirrors a message is nothing without one, and nobody has compared it.
    let foreign = |name: &str| match name.strip_prefix("mcp-") {
        Some("method" | "name") => !message,
        Some(rest) if rest.starts_with("param-") => !message,
        Some(_) => !MCP.contains(&name),
        None => false,
    };
    let mut passed = end_to_end(headers, |name| is_ours(name) || foreign(name));
    // Which stream is taken up again is looked at where that is done, and means nothing elsewhere.
    passed.remove(LAST_EVENT);
    passed.remove(ACCEPT);
    passed.extend(accepted(headers).map(|accepted| (ACCEPT, accepted)));
    say(&mut passed, message);
    passed
}

/// The kinds of an answer that MCP has, of those that an agent takes, and nothing beside: text of the agent's in this header nobody would be shown.
fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    let kinds = ["application/json", "text/event-stream", "application/*", "text/*", "*/*"];
    let all = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut taken = Vec::new();
    for one in all {
        let (kind, more) = one.split_once(';').unwrap_or((one, ""));
        let refuses =
            more.split(';').any(|more| matches!(more.trim(), "q=0" | "q=0." | "q=0.0" | "q=0.00" | "q=0.000"));
        let known = kinds.into_iter().find(|known| kind.trim().eq_ignore_ascii_case(known));
        taken.extend(known.filter(|known| !refuses && !taken.contains(known)));
    }
    (!taken.is_empty()).then(|| HeaderValue::from_str(&taken.join(", ")).ok()).flatten()
}

/// Whether the agent cancels a request by closing the stream of its answer: since revision 2026-07-28.
pub(super) fn cancels_by_closing(headers: &HeaderMap) -> bool {
    headers.get("mcp-protocol-version").is_some_and(|revision| revision.as_bytes() >= b"2026-07-28".as_slice())
}

/// The headers that go to the server with a message and are the agent's to choose, for who approves it.
pub(super) fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| {
        value.to_str().map_or_else(|_| value.as_bytes().escape_ascii().to_string(), str::to_owned)
    };
    let chosen = |name: &HeaderName| ![ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, SESSION].contains(name);
    let passed = towards_server(headers, true);
    passed
        .iter()
        .filter(|(name, _)| chosen(name))
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}

/// The headers with which the guard asks for something of its own; `known`: those with which the server knows the session.
pub(super) fn own(known: &HeaderMap, message: bool) -> HeaderMap {
    let mut headers = known.clone();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    say(&mut headers, message);
    headers
}

/// What the guard itself says of a body, and of the answer that it wants.
fn say(headers: &mut HeaderMap, message: bool) {
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if message {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
}

/// What the guard needs to speak to the server in a session.
pub(super) fn known(headers: &HeaderMap) -> HeaderMap {
    let names = ["mcp-session-id", "mcp-protocol-version", "authorization"];
    let known = names.iter().filter_map(|name| Some((HeaderName::from_static(name), headers.get(*name)?.clone())));
    known.collect()
}

/// All headers but those of the connection, those that describe the body, and `other` ones.
pub(super) fn end_to_end(headers: &HeaderMap, other: impl Fn(&str) -> bool) -> HeaderMap {
    let named = named_by_connection(headers);
    let kept = headers.iter().filter(|(name, _)| {
        let name = name.as_str();
        !HOPS.contains(&name) && !name.starts_with("content-") && !named.iter().any(|one| one == name) && !other(name)
    });
    let mut passed = HeaderMap::new();
    for (name, value) in kept {
        passed.append(name.clone(), value.clone());
    }
    passed
}

/// Names in `Connection`: of the connection alone.
fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn a_message_is_json_in_utf8() {
        let check = |pairs: &[(&'static str, &str)]| is_message(&headers(pairs)).map_err(|away| away.code);
        for kind in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            "application/json; charset=\"utf-8\"",
            "application/json; Charset=utf8;",
        ] {
            assert_eq!(check(&[("content-type", kind)]), Ok(()), "{kind}");
        }
        for kind in [
            "application/json; charset=utf-7",
            "application/json; charset=utf-16",
            "application/json; charset=iso-8859-1",
            "application/json; charset=us-ascii",
            "application/json; charset=",
            "application/json; charset",
            "application/json; charset=utf-8; charset=utf-7",
            "application/json; charset=utf-8, application/json; charset=utf-7",
            "application/json; x=\"; charset=utf-7\"",
            "application/json; charset=\"utf-8",
        ] {
            assert_eq!(check(&[("content-type", kind)]), Err("charset"), "{kind}");
        }
        for kind in ["text/plain", "application/json, text/plain", "application/jsonp", "application/cbor", "", "*/*"] {
            assert_eq!(check(&[("content-type", kind)]), Err("content-type"), "{kind}");
        }
        assert_eq!(check(&[]), Err("content-type"));
        let json = ("content-type", "application/json");
        assert_eq!(check(&[json, ("content-encoding", "identity")]), Ok(()));
        for coding in ["gzip", "br", "deflate", "identity, gzip", "zstd", "utf-7", ""] {
            assert_eq!(check(&[json, ("content-encoding", coding)]), Err("content-encoding"), "{coding}");
        }
    }

    #[test]
    fn headers_that_two_readers_take_differently_are_refused() {
        let at = |uri: &str, pairs: &[(&'static str, &str)]| {
            let mut request = Request::builder().uri(uri).body(()).unwrap();
            *request.headers_mut() = headers(pairs);
            check(&request).map_err(|away| away.code)
        };
        let code = |pairs: &[(&'static str, &str)]| at("/mcp", pairs);
        assert_eq!(at("http://LOCALHOST:1/mcp", &[("host", "localhost:1")]), Ok(()));
        assert_eq!(at("http://evil.example/mcp", &[("host", "localhost")]), Err("host"));
        assert_eq!(at("http://localhost/mcp", &[]), Err("host"));
        assert_eq!(
            code(&[
                ("accept", "application/json"),
                ("accept", "text/event-stream"),
                ("via", "1.1 a"),
                ("via", "1.1 b")
            ]),
            Ok(())
        );
        // They do not reach the server.
        assert_eq!(
            code(&[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "5.6.7.8"), ("x_a", "1"), ("x_a", "2")]),
            Ok(())
        );
        for name in [
            "authorization",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "host",
            "last-event-id",
            "mcp-param-a",
            "mcp-session-id",
            "origin",
            "transfer-encoding",
            "x-a",
            "x-api-key",
        ] {
            assert_eq!(code(&[(name, "chunked")]), Ok(()), "{name}");
            assert_eq!(code(&[(name, "chunked"), (name, "chunked")]), Err("doubled-header"), "{name}");
        }
        assert_eq!(code(&[("transfer-encoding", "gzip, chunked")]), Err("transfer-encoding"));
        assert_eq!(code(&[("connection", "close, Mcp-Session-Id")]), Err("connection"));
        assert_eq!(code(&[("connection", "content-type")]), Err("connection"));
        assert_eq!(code(&[("connection", "keep-alive, x-hop")]), Ok(()));
        for revision in ["2025-06-18, 2025-11-25", "2025-06-18,2025-11-25", "", "2025-06-18;q=1"] {
            assert_eq!(code(&[("mcp-protocol-version", revision)]), Err("protocol-version"), "{revision}");
        }
        assert_eq!(code(&[("mcp-protocol-version", "2026-07-28")]), Ok(()));
        assert_eq!(code(&[("x-a", "\u{c5}")]), Err("header-value"));
    }

    #[test]
    fn the_server_is_told_one_thing_about_a_body() {
        let given = headers(&[
            ("content-type", "application/json; charset=UTF-8"),
            ("content-encoding", "identity"),
            ("content-length", "7"),
            ("content-language", "de"),
            ("accept-encoding", "gzip, deflate"),
            ("accept-charset", "utf-7"),
            ("accept", "application/json, text/event-stream"),
            ("x-http-method-override", "DELETE"),
            ("x-original-url", "/admin"),
            ("x-forwarded-for", "1.2.3.4"),
            ("mcp_session_id", "other"),
            ("mcp-session-id", "s"),
            ("x-api-key", "k"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("range", "bytes=0-1"),
            ("client-ip", "1.2.3.4"),
            ("x-client-ip", "1.2.3.4"),
            ("true-client-ip", "1.2.3.4"),
            ("cf-connecting-ip", "1.2.3.4"),
            ("remote-user", "root"),
            ("proxy", "http://evil.example"),
            ("x-remote-user", "root"),
            ("x-host", "evil.example"),
            ("x-http-path-override", "/admin"),
            ("x-path-info", "/admin"),
            ("x-script-name", "/admin"),
            ("x-accel-redirect", "/admin"),
            ("x-sendfile", "/etc/passwd"),
            ("x-forwarded", "1"),
            ("mcp.session.id", "other"),
            ("mcp-other", "1"),
            ("if-none-match", "*"),
            ("if-modified-since", "0"),
        ]);
        let said = |message| {
            let passed = towards_server(&given, message);
            let mut said: Vec<String> =
                passed.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
            said.sort();
            said.join("\n")
        };
        let expected =
            "accept-encoding: identity\naccept: application/json, text/event-stream\nmcp-session-id: s\nx-api-key: k";
        assert_eq!(said(false), expected);
        assert_eq!(said(true), expected.replacen("\nmcp", "\ncontent-type: application/json\nmcp", 1));
        // What mirrors a message goes with one alone.
        let mirrors = headers(&[("mcp-method", "tools/call"), ("mcp-name", "echo"), ("mcp-param-a", "1")]);
        assert_eq!(towards_server(&mirrors, false).keys_len(), 1);
        assert_eq!(towards_server(&mirrors, true).keys_len(), 5);
    }

    #[test]
    fn an_answer_is_read_in_one_way_or_not_at_all() {
        let kind = |pairs: &[(&'static str, &str)]| kind_of(&headers(pairs)).map_err(|refusal| refusal.code);
        assert_eq!(kind(&[("content-type", "application/json; charset=utf-8")]), Ok(Kind::Message));
        assert_eq!(kind(&[("content-type", "text/event-stream"), ("content-encoding", "Identity")]), Ok(Kind::Events));
        assert_eq!(kind(&[("content-type", "text/html; charset=latin1")]), Ok(Kind::Page));
        assert_eq!(kind(&[]), Ok(Kind::Page));
        assert_eq!(kind(&[("content-type", "application/json; charset=utf-7")]), Err("charset"));
        assert_eq!(kind(&[("content-type", "text/event-stream; charset=utf-16")]), Err("charset"));
        assert_eq!(kind(&[("content-type", "application/json"), ("content-type", "text/html")]), Err("doubled-header"));
        for codings in [&["gzip, chunked"][..], &["identity"], &["chunked", "chunked"], &["gzip", "chunked"]] {
            let pairs: Vec<(&str, &str)> = codings.iter().map(|coding| ("transfer-encoding", *coding)).collect();
            assert_eq!(kind(&pairs), Err("transfer-encoding"), "{codings:?}");
        }
        assert_eq!(kind(&[("transfer-encoding", "Chunked")]), Ok(Kind::Page));
        for coding in ["gzip", "identity, gzip", "br"] {
            assert_eq!(
                kind(&[("content-encoding", "identity"), ("content-encoding", coding)]),
                Err("content-encoding")
            );
        }
    }
}
