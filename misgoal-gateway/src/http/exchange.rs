//! One request of the agent and its answer: POST, GET and DELETE of MCP's Streamable HTTP transport.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use misgoal_guard::read::{Id, Limits, Message, Node, Refusal, Side, read};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Move, Record, Step};
use tokio::sync::watch;

use super::body::{self, Body, Stream};
use super::door::{Away, Door, mirrors};
use super::hall::{Busy, Bytes, Gone, Hall, Session};
use super::headers::{self, Kind, SESSION};
use super::pump::Pump;
use crate::line::{one_line, trimmed};
use crate::now;
use crate::tls::{self, Connector};

/// How long the agent may take for a request's body.
const BODY: Duration = Duration::from_secs(30);
/// How long a server may take for the beginning of its answer.
const ANSWER: Duration = Duration::from_secs(600);

/// What every exchange needs.
pub(super) struct Desk {
    pub hall: Arc<Hall>,
    pub door: Door,
    pub client: Client<Connector, Full<Bytes>>,
    /// The server's endpoint.
    pub upstream: Uri,
    /// Becomes true when all streams are to end.
    pub closing: watch::Receiver<bool>,
}

/// Where a request belongs.
pub(super) struct At {
    pub session: Arc<Session>,
    pub lane: u64,
    /// Headers with which the server knows the session.
    pub headers: HeaderMap,
    /// Whether nothing else will be said in it: it was begun, and the server gave it no id.
    pub passing: bool,
}

impl At {
    fn new(session: Arc<Session>, lane: u64, headers: &HeaderMap) -> At {
        At { session, lane, headers: headers::known(headers), passing: false }
    }

    /// The same place, for a step that says nothing to the server.
    fn without_headers(&self) -> At {
        At { session: Arc::clone(&self.session), headers: HeaderMap::new(), ..*self }
    }
}

type Answer = Response<Body>;

/// Answers a request, whatever happens.
pub(super) async fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    // An agent that goes away must not leave a step half done: the exchange is carried out by itself, and hears of it when this is dropped.
    let (_here, gone) = tokio::sync::oneshot::channel();
    let carried = tokio::spawn(async move { desk.take(request, gone).await });
    Ok(carried.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the exchange has failed")))
}

impl Desk {
    async fn take(self: Arc<Self>, request: Request<Incoming>, gone: Gone) -> Answer {
        if let Err(away) = headers::check(&request).and_then(|()| self.door.check(request.headers())) {
            return self.turn_away(None, None, &away).await;
        }
        if request.uri().path() != self.upstream.path() {
            let words = format!("there is nothing here; the guarded server is at {}", self.upstream.path());
            return plain(StatusCode::NOT_FOUND, &words);
        }
        let method = request.method().clone();
        match method {
            Method::POST => self.post(request, gone).await,
            Method::GET | Method::DELETE => self.other(&method, request).await,
            _ => plain(StatusCode::METHOD_NOT_ALLOWED, "only POST, GET and DELETE are answered"),
        }
    }

    /// Says no and logs it, in the session if there is one.
    async fn turn_away(&self, at: Option<&At>, id: Option<&Id>, away: &Away) -> Answer {
        let record = Record::new("refused").text("from", "agent").text("code", away.code).text("reason", &away.words);
        let status = StatusCode::from_u16(away.status).unwrap_or(StatusCode::BAD_REQUEST);
        if let Some(At { session, lane, .. }) = at {
            let step = Step::with(Move::Drop, record);
            self.hall.step(session, *lane, Side::Agent, |_| Some(step)).await;
        } else if let Err(error) = self.hall.note(record).await {
            (self.hall.desk.tell)(crate::Note::Failed(error.to_string()));
        }
        // HeaderMismatch of revision 2026-07-28.
        let code = if away.code == "header-mismatch" { -32020 } else { -32600 };
        let words = serde_json::Value::from(format!("misgoal guard: {}", away.words));
        let id = id.map_or_else(|| "null".to_owned(), Id::json);
        json(status, format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":{words}}}}}"#).into())
    }

    /// The session of a request, by the id that it bears.
    async fn session(&self, headers: &HeaderMap) -> Result<At, Answer> {
        let failed = |error: crate::GatewayError| plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string());
        let at = match headers.get(SESSION) {
            Some(id) => {
                let known = id.to_str().ok().map(|id| self.hall.find(id)).transpose().map_err(failed)?.flatten();
                // The agent begins anew, as the specification has it.
                let session = known.ok_or_else(|| plain(StatusCode::NOT_FOUND, "the guard knows no such session"))?;
                At::new(session, 0, headers)
            }
            None => {
                let (session, lane) = self.hall.common().await.map_err(failed)?;
                At::new(session, lane, headers)
            }
        };
        Ok(at)
    }

    async fn post(self: Arc<Self>, request: Request<Incoming>, mut gone: Gone) -> Answer {
        let (parts, body) = request.into_parts();
        let limits = match crate::desk::lock(&self.hall.desk.files) {
            Ok(files) => files.config.limits(false),
            Err(error) => return plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        };
        if let Err(away) = headers::is_message(&parts.headers) {
            return self.turn_away(None, None, &away).await;
        }
        let body = match tokio::time::timeout(BODY, Limited::new(body, limits.bytes).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let words = format!("a message has more than {} bytes", limits.bytes);
                return self.turn_away(None, None, &Away { status: 413, code: "too-large", words }).await;
            }
            Ok(Err(_)) => return plain(StatusCode::BAD_REQUEST, "the request broke off"),
            Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the request takes too long"),
        };
        let (id, begins, mismatch) = self.peek(&body, &limits, &parts.headers);
        let begins = begins && !parts.headers.contains_key(SESSION);
        let at = if begins {
            match self.hall.begin().await {
                Ok(session) => At::new(session, 0, &parts.headers),
                Err(error) => return plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
            }
        } else {
            match self.session(&parts.headers).await {
                Ok(at) => at,
                Err(answer) => return answer,
            }
        };
        let busy = Busy::new(&at.session);
        if let Some(away) = mismatch {
            return self.turn_away(Some(&at), id.as_ref(), &away).await;
        }
        let shown = headers::shown(&parts.headers);
        let mut then = self.hall.judge_with(&at.session, at.lane, shown, &body).await;
        if let Move::Hold(held) = then {
            then = self.hall.hold(&at.session, held, &mut gone).await;
        }
        let message = match then {
            Move::Forward => line(&body),
            Move::Answer(all) => {
                let mut errors = Vec::new();
                for (to, answer) in all {
                    match to {
                        Side::Agent => errors.push(line(&answer)),
                        Side::Server => self.reply(&at, answer).await,
                    }
                }
                self.close_if(begins, &at).await;
                return if errors.is_empty() {
                    empty(StatusCode::ACCEPTED)
                } else {
                    json(StatusCode::OK, batch(&errors))
                };
            }
            Move::Send(Side::Server, message) => line(&message),
            Move::Send(Side::Agent, bytes) => {
                let status = refusal(id.is_some(), &parts.headers, &bytes);
                self.close_if(begins, &at).await;
                return json(status, line(&bytes));
            }
            Move::Drop | Move::Hold(_) => {
                self.close_if(begins, &at).await;
                return empty(StatusCode::ACCEPTED);
            }
        };
        let (left, waited) = (at.without_headers(), id.clone());
        let forward = Arc::clone(&self).forward(at, Method::POST, &parts.headers, message, id, begins, busy);
        // Of an agent that waits for an answer and goes the server hears by the end of its request. What asks for nothing is said to the end.
        tokio::select! {
            biased;
            answer = forward => answer,
            _ = gone, if waited.is_some() => {
                self.leave(&left, waited.as_ref(), headers::cancels_by_closing(&parts.headers)).await;
                self.close_if(begins, &left).await;
                empty(StatusCode::ACCEPTED)
            }
        }
    }

    /// The agent has gone before the whole answer has come. In revision 2026-07-28 that is how it cancels a request.
    pub async fn leave(&self, at: &At, id: Option<&Id>, is_cancelled: bool) {
        let Some(id) = id else { return };
        let make = |seat: &mut crate::seat::Seat| match is_cancelled {
            true => seat.guard.cancel(&id.text),
            false => seat.guard.lose(id),
        };
        // There is no one to tell.
        _ = self.hall.step(&at.session, at.lane, Side::Server, make).await;
    }

    /// What is to be known of a message before it is judged: whose answer is awaited, whether it begins a session, and whether headers contradict it.
    fn peek(&self, line: &[u8], limits: &Limits, headers: &HeaderMap) -> (Option<Id>, bool, Option<Away>) {
        let Ok(message) = read(line, Side::Agent, limits) else { return (None, false, None) };
        let declared = |tool: &str| match crate::desk::lock(&self.hall.desk.files) {
            Ok(files) => Ok(files.tools.get(tool).map(Tool::mirrored).unwrap_or_default()),
            Err(error) => Err(Away { status: 503, code: "unavailable", words: error.to_string() }),
        };
        let mismatch = mirrors(headers, &message, &declared).err();
        match message {
            Message::Request { id, method, .. } => (Some(id), method == "initialize", mismatch),
            Message::Notification { .. } | Message::Response { .. } => (None, false, mismatch),
        }
    }

    /// Ends a session that was begun and leads nowhere.
    pub async fn close_if(&self, begins: bool, at: &At) {
        if begins {
            self.hall.end(&at.session).await;
        }
    }

    async fn other(self: Arc<Self>, method: &Method, request: Request<Incoming>) -> Answer {
        let at = match self.session(request.headers()).await {
            Ok(at) => at,
            Err(answer) => return answer,
        };
        let busy = Busy::new(&at.session);
        let id = request.headers().get(SESSION).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let headers = request.headers().clone();
        if *method == Method::DELETE {
            // Whatever the server says to it: nobody is to approve what the agent waits for no longer.
            self.hall.abandon(&at.session, None).await;
        }
        let answer = Arc::clone(&self).forward(at, method.clone(), &headers, Bytes::new(), None, false, busy).await;
        let gone = answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND;
        if let (&Method::DELETE, true, Some(id)) = (method, gone, id)
            && let Err(error) = self.hall.leave(&id).await
        {
            return plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string());
        }
        answer
    }

    /// Sends a message on, and judges what comes back. `id` is that of the request that waits for an answer; `begins`: whether it begins a session.
    #[expect(clippy::too_many_arguments, reason = "they are the parts of one exchange")]
    async fn forward(
        self: Arc<Self>,
        at: At,
        method: Method,
        headers: &HeaderMap,
        message: Bytes,
        id: Option<Id>,
        begins: bool,
        busy: Busy,
    ) -> Answer {
        let passed = headers::towards_server(headers, method == Method::POST);
        let mut request = Request::new(Full::new(message));
        (*request.method_mut(), *request.uri_mut()) = (method, self.upstream.clone());
        *request.headers_mut() = passed;
        let answered = tokio::time::timeout(ANSWER, self.client.request(request)).await;
        let response = match answered {
            Ok(Ok(response)) => response,
            failed => {
                let why = failed.map_or_else(
                    |_| "it takes too long".to_owned(),
                    |failed| failed.err().map(|error| tls::why(&error)).unwrap_or_default(),
                );
                (self.hall.desk.tell)(crate::Note::Failed(format!("the server cannot be reached: {why}")));
                let lost = self.lose(&at, id.as_ref()).await;
                self.close_if(begins, &at).await;
                return lost.map_or_else(
                    || plain(StatusCode::BAD_GATEWAY, "the server does not answer"),
                    |bytes| json(StatusCode::BAD_GATEWAY, line(&bytes)),
                );
            }
        };
        let (parts, from) = response.into_parts();
        let kind = match kind_of(&parts) {
            Ok(kind) => kind,
            Err(refusal) => {
                let answer = self.refuse(&at, id.as_ref(), &refusal).await;
                self.close_if(begins, &at).await;
                return answer;
            }
        };
        let mut at = at;
        if begins {
            match self.enter(&parts.headers, &mut at, parts.status).await {
                Ok(()) => {}
                Err(answer) => return answer,
            }
        }
        let session = at.headers.get(SESSION).cloned();
        let towards = |kind| headers::towards_agent(&parts.headers, session.as_ref(), kind);
        if kind == Kind::Events && parts.status == StatusCode::OK {
            let (pump, stream) = Pump::new(Arc::clone(&self), at, id, headers::cancels_by_closing(headers), busy);
            tokio::spawn(pump.run(from));
            let mut answer = body::streamed(stream);
            (*answer.status_mut(), *answer.headers_mut()) = (parts.status, towards(Some(kind)));
            return answer;
        }
        let (status, bytes) = self.whole(&at, from, id.as_ref(), parts.status, kind).await;
        drop(busy);
        self.close_if(at.passing, &at).await;
        let kind = (!bytes.is_empty()).then_some(Kind::Message);
        let mut answer = Response::new(body::whole(bytes));
        (*answer.status_mut(), *answer.headers_mut()) = (status, towards(kind));
        answer
    }

    /// The session that has just begun is known by the id that the server gives it; where it gives none, the agent will come without one.
    async fn enter(&self, headers: &HeaderMap, at: &mut At, status: StatusCode) -> Result<(), Answer> {
        let mut ids = headers.get_all(SESSION).iter();
        match (ids.next(), ids.next()) {
            (None, _) => {
                at.passing = true;
                Ok(())
            }
            (Some(id), None) if status.is_success() => {
                at.headers.insert(SESSION, id.clone());
                let entered = id.to_str().is_ok_and(|id| self.hall.enter(id, &at.session).unwrap_or(false));
                if entered {
                    return Ok(());
                }
                self.hall.end(&at.session).await;
                Err(plain(StatusCode::BAD_GATEWAY, "the server gave an id that another session bears"))
            }
            _ => {
                self.hall.end(&at.session).await;
                Err(plain(StatusCode::BAD_GATEWAY, "the server's session id cannot be used"))
            }
        }
    }

    /// An answer that is no stream: a message, or nothing that the agent needs to see.
    async fn whole(
        &self,
        at: &At,
        from: Incoming,
        id: Option<&Id>,
        status: StatusCode,
        kind: Kind,
    ) -> (StatusCode, Bytes) {
        let limits = match crate::desk::lock(&self.hall.desk.files) {
            // A body is no line.
            Ok(files) => files.config.limits(false),
            Err(_) => return (StatusCode::SERVICE_UNAVAILABLE, Bytes::new()),
        };
        // What is no message is not shown, and not read: nobody judges it, and it may have no end.
        let bytes = if kind == Kind::Message {
            match Limited::new(from, limits.bytes).collect().await {
                Ok(collected) => collected.to_bytes(),
                Err(error) if error.is::<LengthLimitError>() => {
                    return self.not_shown(at, id, status, &too_large(limits.bytes)).await;
                }
                Err(_) => {
                    let lost = self.lose(at, id).await;
                    return (StatusCode::BAD_GATEWAY, lost.map_or_else(Bytes::new, |lost| line(&lost)));
                }
            }
        } else {
            Bytes::new()
        };
        if bytes.is_empty() && id.is_none() {
            return (status, Bytes::new());
        }
        if let Err(refusal) = is_answer(&bytes, id, status, &limits) {
            return self.not_shown(at, id, status, &refusal).await;
        }
        let out = match self.hall.judge_answer(&at.session, at.lane, id, &bytes).await {
            Move::Forward => line(&bytes),
            Move::Send(Side::Agent, bytes) => line(&bytes),
            // It was read as an answer: none of these is the guard's move for one that is awaited.
            Move::Send(Side::Server, _) | Move::Answer(_) | Move::Drop | Move::Hold(_) => Bytes::new(),
        };
        (status, out)
    }

    /// An answer that is none for this request: its error. A status that says more than that goes on.
    async fn not_shown(&self, at: &At, id: Option<&Id>, status: StatusCode, refusal: &Refusal) -> (StatusCode, Bytes) {
        let says_more = status.is_client_error() || status.is_server_error();
        match self.refused(at, id, refusal).await {
            Some(refused) => (if says_more { status } else { StatusCode::OK }, line(&refused)),
            None => (status, Bytes::new()),
        }
    }

    /// The error for a request whose answer cannot be read in one way, on record; none where nobody waits for one.
    pub async fn refused(&self, at: &At, id: Option<&Id>, refusal: &Refusal) -> Option<Vec<u8>> {
        let make = |seat: &mut crate::seat::Seat| Some(seat.guard.refuse_answer(id, refusal, now()));
        match self.hall.step(&at.session, at.lane, Side::Server, make).await? {
            Move::Send(Side::Agent, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The same as an answer: an error of this one request, and not of the connection.
    async fn refuse(&self, at: &At, id: Option<&Id>, refusal: &Refusal) -> Answer {
        match self.refused(at, id, refusal).await {
            Some(bytes) => json(StatusCode::OK, line(&bytes)),
            None => plain(StatusCode::BAD_GATEWAY, &refusal.message),
        }
    }

    /// An error for a request that has had no answer, if there is one.
    pub async fn lose(&self, at: &At, id: Option<&Id>) -> Option<Vec<u8>> {
        let id = id?;
        match self.hall.step(&at.session, at.lane, Side::Server, |seat| seat.guard.lose(id)).await? {
            Move::Send(Side::Agent, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Answers a request of the server itself.
    pub async fn reply(&self, at: &At, message: Vec<u8>) {
        let mut request = Request::new(Full::new(line(&message)));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, self.upstream.clone());
        *request.headers_mut() = headers::own(&at.headers, true);
        // A server that does not take the refusal of its request goes without one.
        let _ = tokio::time::timeout(BODY, self.client.request(request)).await;
    }
}

/// Whether clients take what a server has sent for the answer to this request: the result or the error of exactly this one under the status 200, an error alone under
/// one that tells of an error, and under any other nothing. What they do not read must not be logged as read.
fn is_answer(bytes: &[u8], id: Option<&Id>, status: StatusCode, limits: &Limits) -> Result<(), Refusal> {
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
            let said = error.get("message").and_then(Node::text).unwrap_or("no message");
            wrong("no-answer", &format!("the server has answered that it cannot read the request: {}", short(said)))
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
fn kind_of(parts: &hyper::http::response::Parts) -> Result<Kind, Refusal> {
    if parts.status.is_informational() || (parts.status.is_redirection() && parts.status != StatusCode::NOT_MODIFIED) {
        let to = parts.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("?").escape_debug();
        let words = format!("the server sends elsewhere, to `{to}`; the guard goes where `guard serve` says");
        return Err(Refusal::new("redirect", words));
    }
    headers::kind_of(&parts.headers)
}

/// The status of an answer that the guard gives itself: an error of one request is not one of the connection, at which some clients give up. Revision 2026-07-28
/// wants a status of its own for methods that there are not.
fn refusal(was_read: bool, headers: &HeaderMap, answer: &[u8]) -> StatusCode {
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(answer) else {
        return StatusCode::INTERNAL_SERVER_ERROR;
    };
    let has_id = answer.get("id").is_some_and(|id| !id.is_null());
    let code = answer.get("error").and_then(|error| error.get("code")).and_then(serde_json::Value::as_i64);
    match headers::cancels_by_closing(headers) {
        true if !was_read => StatusCode::BAD_REQUEST,
        true if code == Some(-32601) => StatusCode::NOT_FOUND,
        _ if has_id => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The beginning of a text of the server's, in an error of the guard's own.
fn short(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Bytes of the guard's own without the end of their line, or a message as one line.
fn line(bytes: &[u8]) -> Bytes {
    one_line(trimmed(bytes)).into_owned().into()
}

/// Errors for the messages of a batch, as one.
fn batch(all: &[Bytes]) -> Bytes {
    [&b"["[..], &all.join(&b","[..]), b"]"].concat().into()
}

fn with(status: StatusCode, kind: Option<&'static str>, bytes: Bytes) -> Answer {
    let mut answer = Response::new(body::whole(bytes));
    *answer.status_mut() = status;
    if let Some(kind) = kind {
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    answer
}

fn json(status: StatusCode, bytes: Bytes) -> Answer {
    with(status, Some("application/json"), bytes)
}

fn plain(status: StatusCode, words: &str) -> Answer {
    with(status, Some("text/plain; charset=utf-8"), format!("misgoal guard: {words}\n").into())
}

fn empty(status: StatusCode) -> Answer {
    with(status, None, Bytes::new())
}

/// The sender's side of a stream of answers.
pub(super) type Sender = tokio::sync::mpsc::Sender<Bytes>;

/// How many events may wait for an agent that does not read them.
pub(super) fn channel() -> (Sender, Stream) {
    body::channel(16)
}
