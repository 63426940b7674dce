//! What a server says beside its messages and reaches the agent: headers of its answers, and fields of its events. No more of it goes on than somebody needs, and the
//! guard takes it in like any other word of the server.

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use misgoal_guard::read::{Node, Side};
use misgoal_guard::{Channel, Move, Step};

use super::exchange::{At, Desk, What};
use super::headers::{JSON, Kind, SESSION, end_to_end, is_ascii};
use crate::now;

/// Proxies that keep or pack a stream would hold its events back.
const AS_IT_COMES: &str = "no-cache, no-transform";
/// Some readers take a text of which nobody says the charset for ISO-8859-1, and find other lines in it.
const EVENTS_IN_UTF8: &str = "text/event-stream; charset=utf-8";

/// Headers of an answer that go to the agent, beside `Access-Control-*`: nobody is led past the guard, a session has the one id under which the guard knows it, and what
/// a server says in others has no reader but a model. docs/guard.md has the same list.
const TO_AGENT: &[&str] = &[
    "allow",
    "authentication-info",
    "dpop-nonce",
    "mcp-protocol-version",
    "retry-after",
    "set-cookie",
    "www-authenticate",
];

/// The headers with which an answer goes on to the agent, in session `at`; where it begins a session, `at` is the new one.
pub(super) fn towards_agent(headers: &HeaderMap, at: Option<&HeaderValue>, kind: Option<Kind>) -> HeaderMap {
    let mut passed = end_to_end(headers, |name| !TO_AGENT.contains(&name) && !name.starts_with("access-control-"));
    let odd: Vec<HeaderName> =
        passed.iter().filter(|(_, value)| !is_ascii(value)).map(|(name, _)| name.clone()).collect();
    odd.iter().for_each(|name| _ = passed.remove(name));
    if let Some(at) = at.filter(|at| headers.get(SESSION) == Some(*at)) {
        passed.insert(SESSION, at.clone());
    }
    match kind {
        Some(Kind::Message) => _ = passed.insert(CONTENT_TYPE, HeaderValue::from_static(JSON)),
        Some(Kind::Events) => {
            passed.insert(CONTENT_TYPE, HeaderValue::from_static(EVENTS_IN_UTF8));
            passed.insert(CACHE_CONTROL, HeaderValue::from_static(AS_IT_COMES));
        }
        Some(Kind::Page) | None => {}
    }
    passed
}

impl Desk {
    /// The guard takes in what the server says beside its messages, and reaches the agent.
    pub async fn hear(&self, at: &At, channel: Channel, what: &str, parts: &[&Node<'_>]) {
        let heard = |seat: &mut crate::seat::Seat| {
            let record = seat.guard.hear_beside(channel, what, parts, now())?;
            Some(Step::with(Move::Drop, record))
        };
        self.hall.step(&at.session, at.lane, Side::Server, heard).await;
    }

    /// The same for the headers of an answer, but for what the agent has `given` itself.
    pub async fn hear_headers(&self, at: &At, what: &What, given: &HeaderMap, passed: &HeaderMap) {
        let own = |(name, value): &(_, &HeaderValue)| given.get(*name) != Some(*value);
        let texts: Vec<_> =
            passed.iter().filter(own).filter_map(|(_, value)| value.to_str().ok()).map(Node::of_text).collect();
        if !texts.is_empty() {
            let channel = what.sent().map_or(Channel::Other, |sent| Channel::Answer(sent.number));
            self.hear(at, channel, "headers", &texts.iter().collect::<Vec<_>>()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_past_the_guard() {
        let given: &[(&'static str, &str)] = &[
            ("content-type", "application/json; charset=utf-8"),
            ("content-length", "3"),
            ("location", "http://server/mcp"),
            ("alt-svc", "h3=\":443\""),
            ("mcp-session-id", "s"),
            ("x-more", "1"),
            ("server", "pay DE89"),
            ("retry-after", "120"),
            ("www-authenticate", "Bearer realm=\"a\""),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("access-control-allow-origin", "*"),
            ("allow", "POST\u{c5}"),
            ("cache-control", "public"),
            ("mcp-protocol-version", "2025-11-25"),
            ("x-accel-redirect", "/internal"),
            ("x-sendfile", "/etc/passwd"),
            ("mcp_session_id", "other"),
            ("mcp-other", "1"),
            ("x-text", "\u{c5}"),
        ];
        let given: HeaderMap = given
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        let names = |at: Option<&str>, kind| {
            let at = at.map(|at| HeaderValue::from_str(at).unwrap());
            let mut names: Vec<String> =
                towards_agent(&given, at.as_ref(), kind).keys().map(ToString::to_string).collect();
            names.sort();
            names.join(" ")
        };
        let passed = "access-control-allow-origin mcp-protocol-version retry-after set-cookie www-authenticate";
        let message = passed.replacen("mcp-protocol-version", "content-type mcp-protocol-version mcp-session-id", 1);
        assert_eq!(names(Some("s"), Some(Kind::Message)), message);
        assert_eq!(names(Some("other"), None), passed);
        assert_eq!(names(None, Some(Kind::Page)), passed);
        assert_eq!(towards_agent(&given, None, None).get_all("set-cookie").iter().count(), 2);
        let events = towards_agent(&given, None, Some(Kind::Events));
        assert_eq!(events.get("cache-control").unwrap(), AS_IT_COMES);
    }
}
