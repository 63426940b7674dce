//! What a server has answered with, as clients take it.

use hyper::StatusCode;
use hyper::http::response::Parts;
use misgoal_guard::read::{Id, Limits, Message, Node, Refusal, Side, read};

use super::headers::{self, Kind};

/// Whether clients take what a server has sent for the answer to this request: the result or the error of exactly this one under the status 200, an error alone under
/// one that tells of an error, and under any other nothing. What they do not read must not be logged as read.
pub(super) fn is_answer(bytes: &[u8], id: Option<&Id>, status: StatusCode, limits: &Limits) -> Result<(), Refusal> {
    let says_error = status.is_client_error() || status.is_server_error();
    let wrong = |code, words: &str| Err(Refusal::new(code, format!("{words} (status {})", status.as_u16())));
    if bytes.is_empty() {
        return wrong("no-answer", "the server has answered with no message");
    }
    match read(bytes, Side::Server, limits)? {
        Message::Response { id: of, result } if of.as_ref() == id => match (status, result) {
            (StatusCode::OK, _) if id.is_some() => Ok(()),
            (_, Err(_)) if says_error => Ok(()),
            _ => wrong("status", "the server has answered under a status under which clients read no answer"),
        },
        // Of a request that the server could not make out.
        Message::Response { id: None, result: Err(error) } if says_error => {
            // Its words are no result of a call: no label would come of them.
            let said = error.get("code").map(Node::canonical).unwrap_or_default();
            wrong(
                "no-answer",
                &format!("the server has answered with the error {said} that it cannot read the request"),
            )
        }
        Message::Response { .. } => wrong("unasked-answer", "the server has answered another request than this one"),
        Message::Request { .. } | Message::Notification { .. } => {
            wrong("no-answer", "the server has answered with a message that is no answer")
        }
    }
}

/// A body of which more came than a message may have.
pub(super) fn too_large(most: usize) -> Refusal {
    Refusal::new("too-large", format!("a message has more than {most} bytes (`message-bytes` in guard.toml)"))
}

/// What an answer says of its body; a server that sends the agent elsewhere would lead it past the guard.
pub(super) fn kind_of(parts: &Parts) -> Result<Kind, Refusal> {
    if parts.status.is_informational() || (parts.status.is_redirection() && parts.status != StatusCode::NOT_MODIFIED) {
        return Err(Refusal::new("redirect", "the server sends elsewhere; the guard goes where `guard serve` says"));
    }
    headers::kind_of(&parts.headers)
}
