//! One request of the agent and its answer: POST, GET and DELETE of MCP's Streamable HTTP transport.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use misgoal_guard::read::{Id, Limits, Message, Side, read};
use misgoal_guard::{Move, Record, Step};
use tokio::sync::watch;

use super::body::{self, Body, Stream};
use super::door::{Away, Door, mirrors};
use super::hall::{Busy, Bytes, Hall, Session};
use super::pump::Pump;
use crate::tls::{self, Connector};

/// How long the agent may take for a request's body.
const BODY: Duration = Duration::from_secs(30);
/// How long a server may take for the beginning of its answer.
const ANSWER: Duration = Duration::from_secs(600);
/// Bytes of an answer that is no message, such as a page that says what went wrong.
const PAGE: usize = 64 << 10;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

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
        At { session, lane, headers: known_headers(headers), passing: false }
    }
}

type Answer = Response<Body>;

/// Answers a request, whatever happens.
pub(super) async fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    // An agent that goes away must not leave a step half done: the exchange is carried out by itself.
    let carried = tokio::spawn(async move { desk.take(request).await });
    Ok(carried.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the exchange has failed")))
}

impl Desk {
    async fn take(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        if let Err(away) = self.door.check(request.headers()) {
            return self.turn_away(None, None, &away).await;
        }
        if request.uri().path() != self.upstream.path() {
            let words = format!("there is nothing here; the guarded server is at {}", self.upstream.path());
            return plain(StatusCode::NOT_FOUND, &words);
        }
        let method = request.method().clone();
        match method {
            Method::POST => self.post(request).await,
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
        let mut ids = headers.get_all(SESSION).iter();
        let at = match (ids.next(), ids.next()) {
            (Some(_), Some(_)) => return Err(plain(StatusCode::BAD_REQUEST, "`Mcp-Session-Id` is given twice")),
            (Some(id), None) => {
                let known = id.to_str().ok().map(|id| self.hall.find(id)).transpose().map_err(failed)?.flatten();
                // The agent begins anew, as the specification has it.
                let session = known.ok_or_else(|| plain(StatusCode::NOT_FOUND, "the guard knows no such session"))?;
                At::new(session, 0, headers)
            }
            (None, _) => {
                let (session, lane) = self.hall.common().await.map_err(failed)?;
                At::new(session, lane, headers)
            }
        };
        Ok(at)
    }

    async fn post(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let limits = match crate::desk::lock(&self.hall.desk.files) {
            Ok(files) => files.config.limits(false),
            Err(error) => return plain(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        };
        let is_json = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| media(kind) == "application/json");
        if !is_json {
            return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "messages are `application/json`");
        }
        let line = match tokio::time::timeout(BODY, Limited::new(body, limits.bytes).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let words = format!("a message has more than {} bytes", limits.bytes);
                return self.turn_away(None, None, &Away { status: 413, code: "too-large", words }).await;
            }
            Ok(Err(_)) => return plain(StatusCode::BAD_REQUEST, "the request broke off"),
            Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the request takes too long"),
        };
        let (id, begins, mismatch) = peek(&line, &limits, &parts.headers);
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
        let mut then = self.hall.judge(&at.session, at.lane, Side::Agent, &line).await;
        if let Move::Hold(held) = then {
            then = self.hall.hold(&at.session, held).await;
        }
        let line = match then {
            Move::Forward => line,
            Move::Send(Side::Server, line) => line.into(),
            Move::Send(Side::Agent, bytes) => {
                let status = refusal(id.is_some(), &parts.headers, &bytes);
                self.close_if(begins, &at).await;
                return json(status, trimmed(bytes));
            }
            Move::Drop | Move::Hold(_) => {
                self.close_if(begins, &at).await;
                return empty(StatusCode::ACCEPTED);
            }
        };
        self.forward(at, Method::POST, &parts.headers, line, id, begins, busy).await
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
        line: Bytes,
        id: Option<Id>,
        begins: bool,
        busy: Busy,
    ) -> Answer {
        let mut request = Request::new(Full::new(line));
        (*request.method_mut(), *request.uri_mut()) = (method, self.upstream.clone());
        *request.headers_mut() = passed(headers, &[CONTENT_LENGTH, ACCEPT_ENCODING, ORIGIN]);
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
                    |bytes| json(StatusCode::BAD_GATEWAY, trimmed(bytes)),
                );
            }
        };
        let (parts, from) = response.into_parts();
        if parts.headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            let lost = self.lose(&at, id.as_ref()).await;
            self.close_if(begins, &at).await;
            return json(StatusCode::BAD_GATEWAY, trimmed(lost.unwrap_or_default()));
        }
        let mut at = at;
        if begins {
            match self.enter(&parts.headers, &mut at, parts.status).await {
                Ok(()) => {}
                Err(answer) => return answer,
            }
        }
        let kind = parts.headers.get(CONTENT_TYPE).map(media).unwrap_or_default();
        let mut response = match kind.as_str() {
            "text/event-stream" if parts.status.is_success() => {
                let (pump, stream) = Pump::new(Arc::clone(&self), at, id, busy);
                tokio::spawn(pump.run(from));
                body::streamed(stream)
            }
            _ => {
                let (status, bytes) = self.whole(&at, from, id.as_ref(), parts.status, &kind).await;
                drop(busy);
                self.close_if(at.passing, &at).await;
                let mut whole = if bytes.is_empty() { empty(status) } else { json(status, bytes) };
                *whole.status_mut() = status;
                let headers = std::mem::take(whole.headers_mut());
                let mut all = passed(&parts.headers, &[CONTENT_LENGTH, CONTENT_TYPE]);
                all.extend(headers);
                *whole.headers_mut() = all;
                return whole;
            }
        };
        *response.status_mut() = parts.status;
        *response.headers_mut() = passed(&parts.headers, &[CONTENT_LENGTH]);
        response
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
        kind: &str,
    ) -> (StatusCode, Bytes) {
        let most = match crate::desk::lock(&self.hall.desk.files) {
            Ok(files) if kind == "application/json" => files.config.limits.message_bytes,
            _ => PAGE,
        };
        let collected = Limited::new(from, most).collect().await.map(http_body_util::Collected::to_bytes);
        let bytes = match collected {
            Ok(bytes) if kind == "application/json" && !bytes.is_empty() => bytes,
            // What is no message is not shown: nobody has judged it.
            Ok(_) | Err(_) => {
                return match self.lose(at, id).await {
                    Some(lost) if status.is_success() => (StatusCode::BAD_GATEWAY, trimmed(lost)),
                    Some(lost) => (status, trimmed(lost)),
                    None => (status, Bytes::new()),
                };
            }
        };
        let out = match self.hall.judge(&at.session, at.lane, Side::Server, &bytes).await {
            Move::Forward => Some(bytes),
            Move::Send(Side::Agent, bytes) => Some(trimmed(bytes)),
            Move::Send(Side::Server, line) => {
                self.reply(at, line).await;
                None
            }
            Move::Drop | Move::Hold(_) => None,
        };
        // A request that this was no answer to has none.
        match (self.lose(at, id).await, out) {
            (Some(lost), _) => (StatusCode::BAD_GATEWAY, trimmed(lost)),
            (None, Some(out)) => (status, out),
            (None, None) => (status, Bytes::new()),
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
    pub async fn reply(&self, at: &At, line: Vec<u8>) {
        let mut request = Request::new(Full::new(line.into()));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, self.upstream.clone());
        *request.headers_mut() = at.headers.clone();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let accept = HeaderValue::from_static("application/json, text/event-stream");
        request.headers_mut().insert(hyper::header::ACCEPT, accept);
        // A server that does not take the refusal of its request goes without one.
        let _ = tokio::time::timeout(BODY, self.client.request(request)).await;
    }
}

/// What is to be known of a message before it is judged: whose answer is awaited, whether it begins a session, and whether headers contradict it.
fn peek(line: &[u8], limits: &Limits, headers: &HeaderMap) -> (Option<Id>, bool, Option<Away>) {
    let Ok(message) = read(line, Side::Agent, limits) else { return (None, false, None) };
    let mismatch = mirrors(headers, &message).err();
    match message {
        Message::Request { id, method, .. } => (Some(id), method == "initialize", mismatch),
        Message::Notification { .. } | Message::Response { .. } => (None, false, mismatch),
    }
}

/// The status of an answer that the guard gives itself. Revision 2026-07-28 wants a status of its own for methods that there are not.
fn refusal(asked: bool, headers: &HeaderMap, answer: &[u8]) -> StatusCode {
    let code = || serde_json::from_slice::<serde_json::Value>(answer).ok()?.get("error")?.get("code")?.as_i64();
    match asked {
        false => StatusCode::BAD_REQUEST,
        true if headers.get("mcp-protocol-version").is_some_and(|version| version == "2026-07-28") => {
            if code() == Some(-32601) { StatusCode::NOT_FOUND } else { StatusCode::OK }
        }
        true => StatusCode::OK,
    }
}

/// A media type without its parameters.
fn media(value: &HeaderValue) -> String {
    let text = value.to_str().unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Headers that go through: all but those of the connection, what `Connection` names, and `without`.
fn passed(headers: &HeaderMap, without: &[HeaderName]) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let hops =
        ["keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "expect"];
    let kept = headers.iter().filter(|(name, _)| {
        ![CONNECTION, HOST, TRANSFER_ENCODING, UPGRADE].contains(name)
            && !hops.contains(&name.as_str())
            && !without.contains(name)
            && !named.iter().any(|one| one == name.as_str())
    });
    let mut passed = HeaderMap::new();
    for (name, value) in kept {
        passed.append(name.clone(), value.clone());
    }
    passed
}

/// What the guard needs to speak to the server in a session.
fn known_headers(headers: &HeaderMap) -> HeaderMap {
    let names = ["mcp-session-id", "mcp-protocol-version", "authorization"];
    let known = names.iter().filter_map(|name| Some((HeaderName::from_static(name), headers.get(*name)?.clone())));
    known.collect()
}

fn trimmed(mut line: Vec<u8>) -> Bytes {
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    line.into()
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
