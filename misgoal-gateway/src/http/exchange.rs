//! One request of the agent and its answer: POST, GET and DELETE of MCP's Streamable HTTP transport.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use misgoal_guard::read::{Id, Limits, Message, Refusal, Side, read};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Channel, Guard, Move, Record, Sent, Step};
use tokio::sync::watch;

use super::answer::{is_answer, kind_of, too_large};
use super::beside;
use super::body::{self, Body, Stream};
use super::door::{Away, Door, mirrors};
use super::event_id;
use super::hall::{Busy, Bytes, Gone, Hall, Session};
use super::headers::{self, Kind, LAST_EVENT, SESSION};
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

/// What a request of HTTP is for: whose answer can come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It brings a request of the agent.
    Request(Sent),
    /// It takes up the stream of a request again.
    Resuming(Sent),
    /// It opens the stream on which the server speaks unasked, or takes it up again.
    Listening,
    /// It brings a notification or an answer of the agent's, or ends the session.
    Other,
}

impl What {
    /// The request whose stream the answer may be.
    pub fn sent(&self) -> Option<&Sent> {
        match self {
            What::Request(sent) | What::Resuming(sent) => Some(sent),
            What::Listening | What::Other => None,
        }
    }

    /// The request that has its answer now or never. One whose stream cannot be taken up now may have it another time.
    fn waits(&self) -> Option<&Sent> {
        match self {
            What::Request(sent) => Some(sent),
            What::Resuming(_) | What::Listening | What::Other => None,
        }
    }
}

/// What goes to the server.
struct Outward {
    method: Method,
    headers: HeaderMap,
    message: Bytes,
    what: What,
    /// Whether it begins a session.
    begins: bool,
    /// Whether it is of revision 2026-07-28 or a later one.
    is_modern: bool,
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
        let sent = match id.map(|id| self.sent(&at, |guard| guard.sent(&id))).transpose() {
            Ok(sent) => sent.flatten(),
            Err(error) => return plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        };
        let (left, waited) = (at.without_headers(), sent.clone());
        let what = sent.map_or(What::Other, What::Request);
        let passed = headers::towards_server(&parts.headers, true);
        let is_modern = headers::cancels_by_closing(&parts.headers);
        let forward = Arc::clone(&self).forward(
            at,
            Outward { method: Method::POST, headers: passed, message, what, begins, is_modern },
            busy,
        );
        // Of an agent that waits for an answer and goes the server hears by the end of its request. What asks for nothing is said to the end.
        tokio::select! {
            biased;
            answer = forward => answer,
            _ = gone, if waited.is_some() => {
                self.leave(&left, waited.as_ref(), is_modern).await;
                self.close_if(begins, &left).await;
                empty(StatusCode::ACCEPTED)
            }
        }
    }

    /// The agent has gone before the whole answer has come. In revision 2026-07-28 that is how it cancels a request.
    pub async fn leave(&self, at: &At, sent: Option<&Sent>, is_cancelled: bool) {
        let Some(sent) = sent else { return };
        let make = |seat: &mut crate::seat::Seat| match is_cancelled {
            true => seat.guard.cancel_sent(sent),
            false => seat.guard.lose(sent),
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

    /// Asks the guard of a session about a request.
    fn sent(&self, at: &At, ask: impl FnOnce(&Guard) -> Option<Sent>) -> Result<Option<Sent>, crate::GatewayError> {
        Ok(ask(crate::desk::lock(&at.session.seat)?.guard.on(at.lane)))
    }

    async fn other(self: Arc<Self>, method: &Method, request: Request<Incoming>) -> Answer {
        let at = match self.session(request.headers()).await {
            Ok(at) => at,
            Err(answer) => return answer,
        };
        let busy = Busy::new(&at.session);
        let id = request.headers().get(SESSION).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let mut passed = headers::towards_server(request.headers(), false);
        let mut what = if *method == Method::GET { What::Listening } else { What::Other };
        if let (Some(given), What::Listening) = (request.headers().get(LAST_EVENT), &what) {
            match self.resumed(&at, given) {
                Ok((known, id)) => {
                    what = known;
                    passed.insert(LAST_EVENT, id);
                }
                Err(away) => return self.turn_away(Some(&at), None, &away).await,
            }
        }
        if *method == Method::DELETE {
            // Whatever the server says to it: nobody is to approve what the agent waits for no longer.
            self.hall.abandon(&at.session, None).await;
        }
        let is_modern = headers::cancels_by_closing(request.headers());
        let (method, message) = (method.clone(), Bytes::new());
        let is_end = method == Method::DELETE;
        let out = Outward { method, headers: passed, message, what, begins: false, is_modern };
        let answer = Arc::clone(&self).forward(at, out, busy).await;
        let gone = answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND;
        if let (true, true, Some(id)) = (is_end, gone, id)
            && let Err(error) = self.hall.leave(&id).await
        {
            return plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string());
        }
        answer
    }

    /// Which stream an agent takes up, and after which event of the server's; an error where the guard has not given the event's id, or knows the request no more.
    fn resumed(&self, at: &At, given: &HeaderValue) -> Result<(What, HeaderValue), Away> {
        let unknown = || {
            let words = "the guard knows no stream of this session with this event that can be taken up again";
            Away { status: 400, code: "event-id", words: words.to_owned() }
        };
        let failed = |error: crate::GatewayError| Away { status: 503, code: "unavailable", words: error.to_string() };
        // Whose agents are not told apart, of them nobody comes back for its own.
        let given = given.to_str().ok().filter(|_| at.lane == 0).ok_or_else(unknown)?;
        let name = crate::desk::lock(&at.session.seat).map_err(failed)?.name.clone();
        let (number, id) = event_id::for_server(&name, given).ok_or_else(unknown)?;
        let id = HeaderValue::from_str(&id).map_err(|_| unknown())?;
        if number == event_id::NO_REQUEST {
            return Ok((What::Listening, id));
        }
        let sent = self.sent(at, |guard| guard.sent_as(number)).map_err(failed)?;
        Ok((What::Resuming(sent.ok_or_else(unknown)?), id))
    }

    /// Sends a message on, and judges what comes back.
    async fn forward(self: Arc<Self>, at: At, out: Outward, busy: Busy) -> Answer {
        let Outward { method, headers, message, what, begins, is_modern } = out;
        let mut request = Request::new(Full::new(message));
        (*request.method_mut(), *request.uri_mut()) = (method, self.upstream.clone());
        *request.headers_mut() = headers;
        let answered = tokio::time::timeout(ANSWER, self.client.request(request)).await;
        let response = match answered {
            Ok(Ok(response)) => response,
            failed => {
                let why = failed.map_or_else(
                    |_| "it takes too long".to_owned(),
                    |failed| failed.err().map(|error| tls::why(&error)).unwrap_or_default(),
                );
                (self.hall.desk.tell)(crate::Note::Failed(format!("the server cannot be reached: {why}")));
                let lost = self.lose(&at, what.waits()).await;
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
                if let Some(to) = parts.headers.get(LOCATION) {
                    let words = format!("the server sends elsewhere, to `{}`", to.as_bytes().escape_ascii());
                    (self.hall.desk.tell)(crate::Note::Failed(words));
                }
                let answer = self.refuse(&at, what.waits(), &refusal).await;
                self.close_if(begins, &at).await;
                return answer;
            }
        };
        let (given, mut at) = (at.headers.clone(), at);
        if begins {
            match self.enter(&parts.headers, &mut at, parts.status).await {
                Ok(()) => {}
                Err(answer) => return answer,
            }
        }
        let session = at.headers.get(SESSION).cloned();
        let towards = |kind| beside::towards_agent(&parts.headers, session.as_ref(), kind);
        self.hear_headers(&at, &what, &given, &towards(None)).await;
        if kind == Kind::Events && parts.status == StatusCode::OK {
            let (pump, stream) = Pump::new(Arc::clone(&self), at, what, is_modern, busy);
            tokio::spawn(pump.run(from));
            let mut answer = body::streamed(stream);
            (*answer.status_mut(), *answer.headers_mut()) = (parts.status, towards(Some(kind)));
            return answer;
        }
        let (status, bytes) = self.whole(&at, from, what.waits(), parts.status, kind).await;
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
        sent: Option<&Sent>,
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
                    return self.not_shown(at, sent, status, &too_large(limits.bytes)).await;
                }
                Err(_) => {
                    let lost = self.lose(at, sent).await;
                    return (StatusCode::BAD_GATEWAY, lost.map_or_else(Bytes::new, |lost| line(&lost)));
                }
            }
        } else {
            Bytes::new()
        };
        if bytes.is_empty() && sent.is_none() {
            return (status, Bytes::new());
        }
        if let Err(refusal) = is_answer(&bytes, sent.map(|sent| &sent.id), status, &limits) {
            return self.not_shown(at, sent, status, &refusal).await;
        }
        let Some(sent) = sent else {
            // An error about what asked for nothing, under a status that says the same.
            if let Ok(Message::Response { result: Ok(said) | Err(said), .. }) = read(&bytes, Side::Server, &limits) {
                self.hear(at, Channel::Other, "error", &[&said]).await;
            }
            return (status, line(&bytes));
        };
        let out = match self.hall.judge_answer(&at.session, at.lane, Channel::Answer(sent.number), &bytes).await {
            Move::Forward => line(&bytes),
            Move::Send(Side::Agent, bytes) => line(&bytes),
            // It was read as an answer: none of these is the guard's move for one that is awaited.
            Move::Send(Side::Server, _) | Move::Answer(_) | Move::Drop | Move::Hold(_) => Bytes::new(),
        };
        (status, out)
    }

    /// An answer that is none for this request: its error. A status that says more than that goes on.
    async fn not_shown(
        &self,
        at: &At,
        sent: Option<&Sent>,
        status: StatusCode,
        refusal: &Refusal,
    ) -> (StatusCode, Bytes) {
        let says_more = status.is_client_error() || status.is_server_error();
        match self.refused(at, sent, refusal).await {
            Some(refused) => (if says_more { status } else { StatusCode::OK }, line(&refused)),
            None => (status, Bytes::new()),
        }
    }

    /// The error for a request whose answer cannot be read in one way, on record; none where nobody waits for one.
    pub async fn refused(&self, at: &At, sent: Option<&Sent>, refusal: &Refusal) -> Option<Vec<u8>> {
        let make = |seat: &mut crate::seat::Seat| Some(seat.guard.refuse_answer(sent, refusal, now()));
        match self.hall.step(&at.session, at.lane, Side::Server, make).await? {
            Move::Send(Side::Agent, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The same as an answer: an error of this one request, and not of the connection.
    async fn refuse(&self, at: &At, sent: Option<&Sent>, refusal: &Refusal) -> Answer {
        match self.refused(at, sent, refusal).await {
            Some(bytes) => json(StatusCode::OK, line(&bytes)),
            None => plain(StatusCode::BAD_GATEWAY, &refusal.message),
        }
    }

    /// An error for a request that has had no answer, if there is one.
    pub async fn lose(&self, at: &At, sent: Option<&Sent>) -> Option<Vec<u8>> {
        let sent = sent?;
        match self.hall.step(&at.session, at.lane, Side::Server, |seat| seat.guard.lose(sent)).await? {
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
