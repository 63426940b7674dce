//! Asks a webhook about what waits for a person: a POST that says what it is, whose answer may decide.
//!
//! A thread of its own with its own connection to the log, which begins with the first matter: no call waits for it but the one that is held anyway. The
//! request stays open until it is answered or the matter is settled otherwise, so a service can answer when its person has pressed a button, and
//! nothing needs to listen for it here. A decision goes the way of `misgoal guard approve`, with the same rules. Who decides is told everything; who is only
//! informed is told what the log may hold, and decides nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING, USER_AGENT,
};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use misgoal_guard::Record;
use misgoal_guard::approval::Kind;
use misgoal_guard::read::{Limits, Node, Side, Value, fold, value};
use misgoal_guard::redact::Redactor;
use ring::hmac;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, mpsc};

use crate::desk::{Tell, lock};
use crate::files::{Files, Webhook};
use crate::log::{Decision, Log, Pending};
use crate::tls::{self, Connector};
use crate::{GatewayError, Note, now};

/// Requests that are open at once; further matters wait for their turn.
const AT_ONCE: usize = 64;
/// Before the first try, the second, the third.
const TRIES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5)];
/// How often it is looked whether the matter is settled otherwise.
const LOOK: Duration = Duration::from_millis(250);
/// How long a request about an alarm or a tool may stay open, which wait as long as it takes.
const PATIENCE: u64 = 3_600_000;
/// Bytes of an answer.
const MOST: usize = 64 << 10;
/// Letters of a name that an answer gives.
const NAME: usize = 100;

/// A webhook that can be asked.
pub(crate) struct Hook {
    uri: Uri,
    client: Client<Connector, Full<Bytes>>,
    key: Option<hmac::Key>,
    /// Whether its answer counts. Over `http` from another machine it never does: anybody on the way can have written it, and read what it was asked.
    decides: bool,
}

impl Hook {
    /// Reads the secret and the certificates.
    ///
    /// # Errors
    /// When the secret is not there or the address is none.
    pub fn load(webhook: &Webhook) -> Result<Hook, GatewayError> {
        // Its path may hold a key: it is not repeated.
        let wrong = |_| GatewayError::Data("the webhook's `url` is no address".to_owned());
        let uri = tls::address(&webhook.url).map_err(wrong)?;
        let key = webhook.secret()?.map(|secret| hmac::Key::new(hmac::HMAC_SHA256, &secret));
        let client = Client::builder(TokioExecutor::new()).build(tls::connector(&uri, webhook.ca.as_deref())?);
        let is_sure = uri.scheme_str() == Some("https") || uri.host().is_some_and(tls::is_here);
        let decides = is_sure && webhook.decides.unwrap_or(true);
        Ok(Hook { uri, client, key, decides })
    }

    /// The request, signed as Standard Webhooks has it (standardwebhooks.com): over id, time and body.
    fn request(&self, id: &str, body: &str) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::from(body.to_owned())));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, self.uri.clone());
        let seconds = now() / 1000;
        let mut headers = vec![
            (CONTENT_TYPE, "application/json".to_owned()),
            (USER_AGENT, concat!("misgoal-guard/", env!("CARGO_PKG_VERSION")).to_owned()),
            (HeaderName::from_static("webhook-id"), id.to_owned()),
            (HeaderName::from_static("webhook-timestamp"), seconds.to_string()),
        ];
        if let Some(key) = &self.key {
            headers.push((HeaderName::from_static("webhook-signature"), sign(key, id, seconds, body)));
        }
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers_mut().insert(name, value);
            }
        }
        request
    }
}

fn sign(key: &hmac::Key, id: &str, seconds: u64, body: &str) -> String {
    let signed = hmac::sign(key, format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", crate::base64::encode(signed.as_ref()))
}

/// Whether the webhook of these files can be used, if they name one.
///
/// # Errors
/// When its secret or its certificates are not where they should be.
pub(crate) fn check(files: &Files) -> Result<(), GatewayError> {
    files.webhook.as_ref().map_or(Ok(()), |webhook| Hook::load(webhook).map(drop))
}

/// Brings matters to the webhook, if guard.toml names one when they come.
pub(crate) struct Herald {
    path: PathBuf,
    files: Arc<Mutex<Files>>,
    redactor: Arc<Mutex<Redactor>>,
    tell: Tell,
    /// Whether there is a webhook. Who tells may hold the files.
    wanted: AtomicBool,
    matters: Mutex<Option<mpsc::UnboundedSender<String>>>,
}

impl Herald {
    pub fn new(path: PathBuf, files: Arc<Mutex<Files>>, redactor: Arc<Mutex<Redactor>>, tell: Tell) -> Herald {
        Herald { path, files, redactor, tell, wanted: AtomicBool::new(false), matters: Mutex::new(None) }
    }

    /// From here on there is a webhook, or none.
    pub fn want(&self, files: &Files) {
        self.wanted.store(files.webhook.is_some(), Ordering::SeqCst);
    }

    /// Hears what the operator hears: what waits for a person is brought to the webhook, without waiting for it.
    pub fn hear(&self, note: &Note) {
        let (Note::Held { id, .. } | Note::Alarm { id: Some(id), .. }) = note else { return };
        if !self.wanted.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut matters) = self.matters.lock() else { return };
        if matters.is_none() {
            let (sender, receiver) = mpsc::unbounded_channel();
            let (path, files, tell) = (self.path.clone(), Arc::clone(&self.files), Arc::clone(&self.tell));
            let redactor = Arc::clone(&self.redactor);
            std::thread::spawn(move || {
                if let Err(error) = work(&path, files, redactor, &tell, receiver) {
                    tell(Note::Failed(format!("the webhook cannot be asked: {error}")));
                }
            });
            *matters = Some(sender);
        }
        if let Some(matters) = matters.as_ref()
            && matters.send(id.clone()).is_err()
        {
            (self.tell)(Note::Failed(format!("the webhook cannot be asked about {id}")));
        }
    }
}

/// Takes matters until the guard ends.
fn work(
    path: &std::path::Path,
    files: Arc<Mutex<Files>>,
    redactor: Arc<Mutex<Redactor>>,
    tell: &Tell,
    mut matters: mpsc::UnboundedReceiver<String>,
) -> Result<(), GatewayError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| GatewayError::Io { what: "cannot start threads".to_owned(), error })?;
    let mut log = Log::open(path)?;
    log.redacts_with(Arc::clone(&redactor));
    let errand = Arc::new(Errand { log: Mutex::new(log), files, redactor, tell: Arc::clone(tell) });
    let room = Arc::new(Semaphore::new(AT_ONCE));
    runtime.block_on(async {
        let mut known = std::collections::BTreeSet::new();
        while let Some(id) = matters.recv().await {
            // A held tool is told of whenever its server lists it.
            if !known.insert(id.clone()) {
                continue;
            }
            let (errand, room) = (Arc::clone(&errand), Arc::clone(&room));
            tokio::spawn(async move {
                let Ok(_place) = room.acquire().await else { return };
                if let Err(error) = errand.run(&id).await {
                    (errand.tell)(Note::Failed(format!("the webhook could not be asked about {id}: {error}")));
                }
            });
        }
    });
    Ok(())
}

struct Errand {
    log: Mutex<Log>,
    files: Arc<Mutex<Files>>,
    redactor: Arc<Mutex<Redactor>>,
    tell: Tell,
}

/// What came of asking.
enum Said {
    /// This.
    Decided { approve: bool, by: String },
    /// It was told, and leaves the decision to others.
    Nothing,
    /// Something that is no answer; asking again may help, or not.
    Wrong { why: String, again: bool },
    /// Somebody else has decided, or the time is over.
    Settled,
}

impl Errand {
    async fn run(&self, id: &str) -> Result<(), GatewayError> {
        let (webhook, valid, server, agent) = {
            let files = lock(&self.files)?;
            let config = &files.config;
            let Some(webhook) = files.webhook.clone() else { return Ok(()) };
            (webhook, config.approvals.valid.0, config.server.clone(), config.agent.clone())
        };
        let Some(matter) = lock(&self.log)?.state(id)?.filter(|matter| matter.state.is_open()) else { return Ok(()) };
        let hook = Hook::load(&webhook)?;
        // Settled meanwhile, where nothing is held any more.
        let Some(shown) = lock(&self.log)?.shown(&matter)? else { return Ok(()) };
        let told = match hook.decides {
            true => Pending { reason: matter.reason_in(&shown), ..matter.clone() },
            false => informed(&matter, &*lock(&self.redactor)?),
        };
        let body = body(&told, &shown, hook.decides, &server, &agent);
        // An approval that comes too late for its call is good for the same call made again.
        let until = match matter.kind {
            Kind::Call => matter.expires.saturating_add(valid),
            Kind::Tool | Kind::Alarm => now().saturating_add(PATIENCE),
        };
        let (said, tries) = self.ask(&hook, &matter, &body, until).await?;
        self.note(&hook, &matter, said, tries, valid)
    }

    /// Asks, up to three times.
    async fn ask(&self, hook: &Hook, matter: &Pending, body: &str, until: u64) -> Result<(Said, u64), GatewayError> {
        let id = format!("{}-{}", matter.session, matter.id);
        let mut last = Said::Nothing;
        for (tries, pause) in (1..).zip(TRIES) {
            let once = async {
                tokio::time::sleep(pause).await;
                once(hook, hook.request(&id, body), matter).await
            };
            last = tokio::select! {
                said = once => said,
                settled = self.settled(&matter.id, until) => settled.map(|()| Said::Settled)?,
            };
            if !matches!(last, Said::Wrong { again: true, .. }) {
                return Ok((last, tries));
            }
        }
        Ok((last, TRIES.len() as u64))
    }

    /// Returns when there is nothing to decide any more.
    async fn settled(&self, id: &str, until: u64) -> Result<(), GatewayError> {
        loop {
            tokio::time::sleep(LOOK).await;
            let still = lock(&self.log)?.state(id)?.is_some_and(|matter| matter.state.is_open());
            if !still || now() >= until {
                return Ok(());
            }
        }
    }

    /// Does what was said, and writes it down.
    fn note(&self, hook: &Hook, matter: &Pending, said: Said, tries: u64, valid: u64) -> Result<(), GatewayError> {
        let mut log = lock(&self.log)?;
        // Its path may hold a key.
        let host = tls::authority(&hook.uri);
        let record = Record::new("webhook").tool(&matter.tool).public(true).text("id", &matter.id).text("host", &host);
        let record = record.number("tries", tries);
        let failed = |why: &str| {
            let what =
                format!("the webhook at {host} did not decide about {}: {why}; it waits for a person", matter.id);
            (self.tell)(Note::Failed(what));
        };
        let record = match said {
            Said::Settled => record.text("what", "settled otherwise"),
            Said::Nothing => record.text("what", "told"),
            Said::Wrong { why, .. } => {
                failed(&why);
                record.text("what", "failed").text("why", &why)
            }
            Said::Decided { approve, by } => {
                let record = record.text("what", if approve { "approve" } else { "deny" }).text("by", &by);
                let why = if !hook.decides {
                    "it is only informed: its address is `http` on another machine, or guard.toml says that it does not decide"
                } else if matter.kind == Kind::Tool {
                    "a tool's new definition is accepted by `misgoal guard approve` alone"
                } else {
                    let until = now().saturating_add(valid);
                    let decision = if approve { Decision::Approve { until } } else { Decision::Deny };
                    let is_first = log.decide(&matter.id, decision, &by)?;
                    if is_first { "" } else { "it was settled already" }
                };
                if !why.is_empty() {
                    failed(why);
                }
                record.text("ignored", why)
            }
        };
        log.append(&matter.session, &[record], false)
    }
}

/// A matter for whom it is only told to, in the words of the log, and with them what it shows.
fn informed(matter: &Pending, redactor: &Redactor) -> Pending {
    let (reason, redacted) = match matter.kind {
        Kind::Call => (redactor.text(&matter.reason).into_owned(), matter.redacted.clone()),
        Kind::Tool => (redactor.text(&matter.reason).into_owned(), without_secrets(&matter.redacted, redactor)),
        // The table has it as the log does.
        Kind::Alarm => (matter.reason.clone(), matter.redacted.clone()),
    };
    Pending { reason, redacted, ..matter.clone() }
}

/// Definitions of a tool without what looks like a secret in them; nothing where they cannot be read.
fn without_secrets(content: &str, redactor: &Redactor) -> String {
    let limits = Limits { bytes: usize::MAX, depth: Limits::DEEPEST, lines: false };
    value(content.as_bytes(), Side::Server, &limits).map(|node| redactor.json(&node)).unwrap_or_default()
}

/// What a webhook is told about a matter: everything where its answer counts, else what the log may hold. Values stand there as they were sent: a number is not
/// read and written again.
fn body(matter: &Pending, shown: &str, decides: bool, server: &str, agent: &str) -> String {
    let shown = if decides { shown } else { matter.redacted.as_str() };
    // An object; where the log may hold no arguments there is nothing to tell.
    let parts: BTreeMap<String, Box<RawValue>> = serde_json::from_str(shown).unwrap_or_default();
    let raw = |parts: &BTreeMap<String, Box<RawValue>>, key: &str| parts.get(key).map(|raw| raw.get().to_owned());
    let mut body = Record::new("webhook").text("type", "approval.requested").text("id", &matter.id);
    body = body.text("kind", matter.kind.word()).json("decides", if decides { "true" } else { "false" });
    body = body.text("server", server).text("agent", agent).text("session", &matter.session).text("tool", &matter.tool);
    let named = match matter.kind {
        Kind::Call => {
            let parameters = raw(&parts, "params").unwrap_or_default();
            let parameters: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&parameters).unwrap_or_default();
            vec![
                ("arguments", raw(&parameters, "arguments")),
                ("message", Some(shown.to_owned()).filter(|shown| !shown.is_empty())),
                ("expires", Some(matter.expires.to_string())),
            ]
        }
        Kind::Tool => vec![("definition", raw(&parts, "now")), ("pinned", raw(&parts, "pinned"))],
        Kind::Alarm => vec![("evidence", raw(&parts, "because"))],
    };
    for (name, json) in named {
        body = json.into_iter().fold(body, |body, json| body.json(name, &json));
    }
    let body = body.text("reason", &matter.reason).text("digest", &matter.digest).text("version", &matter.version);
    body.number("created", matter.created).body
}

/// Asks once. Redirects are not followed: where a held call is told of is the operator's to say.
async fn once(hook: &Hook, request: Request<Full<Bytes>>, matter: &Pending) -> Said {
    let response = match hook.client.request(request).await {
        Ok(response) => response,
        Err(error) => return Said::Wrong { why: format!("it cannot be reached: {}", tls::why(&error)), again: true },
    };
    let status = response.status();
    if !status.is_success() {
        let again = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        let words = if status.is_redirection() { "; redirects are not followed" } else { "" };
        return Said::Wrong { why: format!("it answers {}{words}", status.as_u16()), again };
    }
    let doubt = doubt(status, response.headers());
    match Limited::new(response.into_body(), MOST).collect().await {
        Ok(body) => {
            // Some readers take them for headers.
            let trailers = body.trailers().is_some_and(|trailers| !trailers.is_empty());
            let doubt = doubt.or_else(|| trailers.then(|| "its answer has headers after its end".to_owned()));
            decision(&body.to_bytes(), doubt, matter)
        }
        Err(_) => Said::Wrong { why: "its answer broke off, or is too long".to_owned(), again: true },
    }
}

/// Why an answer under this status and with these headers may be another one to another reader; none where it is JSON in UTF-8 to all, and whole.
fn doubt(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    if status != StatusCode::OK {
        return Some(format!("it answers {}: only 200 decides", status.as_u16()));
    }
    let all =
        |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    if headers.contains_key(CONTENT_RANGE) || all(CONTENT_ENCODING).any(|encoding| encoding != "identity") {
        return Some("its answer is encoded or a part of one: `Content-Encoding`, `Content-Range`".to_owned());
    }
    let (codings, lengths): (Vec<String>, Vec<String>) =
        (all(TRANSFER_ENCODING).collect(), all(CONTENT_LENGTH).collect());
    let is_whole = match (codings.as_slice(), lengths.as_slice()) {
        ([coding], []) => coding == "chunked",
        // Without either nobody can tell whether it was cut off.
        ([], [length]) => !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    if !is_whole {
        let words = "its answer has neither exactly one `Content-Length` nor exactly `Transfer-Encoding: chunked`";
        return Some(words.to_owned());
    }
    let types: Vec<String> = all(CONTENT_TYPE).collect();
    let is_json = |one: &String| {
        let mut parts = one.split(';').map(str::trim);
        let charset =
            |part: &str| part.strip_prefix("charset=").is_some_and(|name| ["utf-8", "\"utf-8\""].contains(&name));
        parts.next() == Some("application/json") && parts.clone().count() < 2 && parts.all(charset)
    };
    match types.as_slice() {
        [one] if is_json(one) => None,
        _ => Some("its answer has not exactly one `Content-Type`, `application/json` in UTF-8".to_owned()),
    }
}

/// Keys of an answer.
const KNOWN: [&str; 4] = ["decision", "by", "id", "digest"];

/// What an answer says: `{"decision": "approve" or "deny", "by": "NAME"}` decides, unless there is a doubt about how it is to be read. One that names a call must name this one.
fn decision(body: &[u8], doubt: Option<String>, matter: &Pending) -> Said {
    let limits = Limits { bytes: MOST, depth: 16, lines: false };
    let wrong = |why: &str| Said::Wrong { why: why.to_owned(), again: false };
    // Many services answer in words of their own.
    let claims = serde_json::from_slice::<serde_json::Value>(body).ok();
    let claims = claims.as_ref().and_then(serde_json::Value::as_object);
    let looks = |key: &str| KNOWN.into_iter().find(|known| fold(key) == *known);
    if !claims.is_some_and(|claims| claims.keys().any(|key| looks(key) == Some("decision"))) {
        return Said::Nothing;
    }
    if let Some(doubt) = doubt {
        return wrong(&doubt);
    }
    let Ok(answer) = value(body, Side::Server, &limits) else { return wrong("its answer can be read in two ways") };
    if answer.members().iter().any(|member| looks(&member.key).is_some_and(|known| known != member.key)) {
        return wrong("its answer can be read in two ways: a key in it looks like one of ours");
    }
    let says = |key: &str| answer.get(key).and_then(Node::text);
    for (key, is) in [("id", &matter.id), ("digest", &matter.digest)] {
        if answer.get(key).is_some() && says(key) != Some(is) {
            return wrong("its answer is about another matter");
        }
    }
    let approve = match says("decision") {
        Some("approve") => true,
        Some("deny") => false,
        _ => return wrong("its decision is neither `approve` nor `deny`"),
    };
    // Many services have no name to give, and say so.
    let name = match answer.get("by").filter(|by| by.value != Value::Null) {
        None => "somebody",
        Some(by) => match by.text().filter(|name| name.chars().any(char::is_alphanumeric)) {
            Some(name) => name,
            None => return wrong("its `by` is no name: give a text with letters in it, or leave it out"),
        },
    };
    let by: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    Said::Decided { approve, by: format!("{by}, by webhook") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_count_that_nobody_else_can_have_written() {
        for (url, expected) in [
            ("http://127.0.0.1:9/hook", true),
            ("http://localhost/hook", true),
            ("http://[::1]:9/hook", true),
            ("https://hooks.example/hook", true),
            ("http://hooks.example/hook", false),
            ("http://127.0.0.1@hooks.example/hook", false),
            ("http://localhost.hooks.example/hook", false),
        ] {
            let hook = |decides| {
                let (url, secret_env, secret_file, ca) = (url.to_owned(), None, None, None);
                Hook::load(&Webhook { url, secret_env, secret_file, ca, decides }).unwrap().decides
            };
            assert_eq!((hook(None), hook(Some(false)), hook(Some(true))), (expected, false, expected), "{url}");
        }
    }

    #[test]
    fn an_answer_decides_that_all_read_alike() {
        let json = [("content-type", "application/json")];
        let framed = |status: u16, headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            headers.iter().for_each(|(name, value)| _ = map.append(*name, HeaderValue::from_static(value)));
            doubt(StatusCode::from_u16(status).unwrap(), &map).is_none()
        };
        let check = |status, headers: &[(&'static str, &'static str)]| {
            framed(status, &[headers, &[("content-length", "22")]].concat())
        };
        assert!(check(200, &json));
        assert!(check(200, &[("content-type", "Application/JSON; charset=UTF-8"), ("content-encoding", "identity")]));
        for status in [201, 202, 203, 204, 206, 226] {
            assert!(!check(status, &json), "{status}");
        }
        for headers in [
            &[][..],
            &[("content-type", "text/plain")],
            &[("content-type", "application/json, text/plain")],
            &[("content-type", "application/json; charset=utf-7")],
            &[("content-type", "application/json; charset=utf-8; charset=utf-7")],
            &[("content-type", "application/json"), ("content-type", "application/json")],
            &[("content-type", "application/json"), ("content-encoding", "gzip")],
            &[("content-type", "application/json"), ("content-encoding", "identity"), ("content-encoding", "br")],
            &[("content-type", "application/json"), ("content-range", "bytes 0-21/99")],
        ] {
            assert!(!check(200, headers), "{headers:?}");
        }
        let (coding, length) = ("transfer-encoding", "content-length");
        for (frame, expected) in [
            (&[(length, "22")][..], true),
            (&[(coding, "chunked")], true),
            (&[(coding, "Chunked")], true),
            (&[], false),
            (&[(coding, "gzip, chunked")], false),
            (&[(coding, "gzip"), (coding, "chunked")], false),
            (&[(coding, "chunked, chunked")], false),
            (&[(coding, "chunked"), (coding, "chunked")], false),
            (&[(coding, "identity")], false),
            (&[(coding, "gzip")], false),
            (&[(coding, "chunked;x=1")], false),
            (&[(coding, "")], false),
            (&[(coding, "chunked"), (length, "22")], false),
            (&[(coding, "identity"), (length, "22")], false),
            (&[(length, "22"), (length, "22")], false),
            (&[(length, "22, 22")], false),
            (&[(length, "+22")], false),
        ] {
            assert_eq!(framed(200, &[&json[..], frame].concat()), expected, "{frame:?}");
        }
    }

    #[test]
    fn an_answer_that_is_not_in_our_words_decides_nothing() {
        let matter = Pending {
            id: "a".to_owned(),
            kind: Kind::Call,
            session: String::new(),
            tool: String::new(),
            digest: "d".to_owned(),
            version: String::new(),
            redacted: String::new(),
            reason: String::new(),
            created: 0,
            expires: 0,
            state: crate::log::State::Waiting,
            by: None,
        };
        let said = |body: &str| match decision(body.as_bytes(), None, &matter) {
            Said::Decided { .. } => "decided",
            Said::Nothing => "told",
            Said::Wrong { .. } => "failed",
            Said::Settled => "settled",
        };
        for (body, expected) in [
            (r#"{"decision":"approve","by":"Ada","id":"a","digest":"d","note":1}"#, "decided"),
            (r#"{"decision":"deny","by":null}"#, "decided"),
            (r#"{"decision":"deny"}"#, "decided"),
            (r#"{"decision":"approve","by":"Åsa 山田"}"#, "decided"),
            (r#"{"decision":"approve","by":""}"#, "failed"),
            (r#"{"decision":"approve","by":" \u200b-"}"#, "failed"),
            (r#"{"decision":"deny","by":5}"#, "failed"),
            (r#"{"decision":"approve","by":["Ada"]}"#, "failed"),
            (r#"{"decision":"approve","Decision":"deny"}"#, "failed"),
            (r#"{"decision":"approve","decision\u200b":"deny"}"#, "failed"),
            (r#"{"decision":"approve","ID":"b"}"#, "failed"),
            (r#"{"decision":"approve","Ｄigest":"d"}"#, "failed"),
            (r#"{"decision":"approve","decision":"deny"}"#, "failed"),
            (r#"{"Decision":"approve"}"#, "failed"),
            (r#"{"ok":true}"#, "told"),
            ("ok", "told"),
        ] {
            assert_eq!(said(body), expected, "{body}");
        }
    }

    #[test]
    fn requests_are_signed_as_the_standard_has_it() {
        // The example of the standard's own tests.
        let secret = crate::base64::decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
