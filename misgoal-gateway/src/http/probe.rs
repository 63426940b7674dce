//! Asks an HTTP server for its tools, as `guard init --url` does.

use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use misgoal_guard::Tools;

use super::hall::Bytes;
use super::headers::{self, Kind};
use super::sse::Reader;
use crate::tls::{self, Connector};
use crate::{GatewayError, probe};

/// How long a server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of one answer.
const MOST: usize = 64 << 20;

/// The tools of the server at this address; `ca`: certificates of authorities, as in [`Front`](super::Front).
///
/// # Errors
/// When it cannot be reached or does not answer as an MCP server does.
pub fn tools(url: &str, ca: Option<&Path>) -> Result<Tools, GatewayError> {
    let uri = tls::address(url)?;
    let connector = tls::connector(&uri, ca)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| GatewayError::Io { what: "cannot start threads".to_owned(), error })?;
    let mut asking =
        Asking { client: Client::builder(TokioExecutor::new()).build(connector), uri, headers: HeaderMap::new() };
    let listed = probe::list(&mut |line, id| {
        let said = runtime.block_on(async { tokio::time::timeout(PATIENCE, asking.say(line, id)).await });
        said.unwrap_or_else(|_| Err(GatewayError::Server("the server does not answer".to_owned())))
    });
    runtime.block_on(asking.leave());
    listed
}

struct Asking {
    client: Client<Connector, Full<Bytes>>,
    uri: Uri,
    /// What the server wants to hear again: its session, the version that was agreed on.
    headers: HeaderMap,
}

impl Asking {
    fn request(&self, method: Method, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        (*request.method_mut(), *request.uri_mut()) = (method, self.uri.clone());
        *request.headers_mut() = headers::own(&self.headers, *request.method() == Method::POST);
        request
    }

    async fn say(&mut self, line: &str, id: Option<&str>) -> Result<Option<Vec<u8>>, GatewayError> {
        let said: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let mut request = self.request(Method::POST, line.to_owned().into());
        let method = said.get("method").and_then(serde_json::Value::as_str).unwrap_or_default();
        if let Ok(method) = HeaderValue::from_str(method) {
            request.headers_mut().insert(HeaderName::from_static("mcp-method"), method);
        }
        let failed = |why: &str| GatewayError::Server(format!("the server cannot be reached: {why}"));
        let response = self.client.request(request).await.map_err(|error| failed(&tls::why(&error)))?;
        let (parts, body) = response.into_parts();
        if let Some(session) = parts.headers.get("mcp-session-id") {
            self.headers.insert(HeaderName::from_static("mcp-session-id"), session.clone());
        }
        let Some(id) = id else { return Ok(None) };
        let kind = headers::kind_of(&parts.headers).map_err(|refusal| GatewayError::Server(refusal.to_string()))?;
        let answer = if kind == Kind::Events {
            self.event(body, id).await?
        } else {
            let whole = Limited::new(body, MOST).collect().await.map_err(|error| failed(&error.to_string()))?;
            whole.to_bytes().to_vec()
        };
        self.agree(&answer, method);
        Ok(Some(answer))
    }

    /// The event that is the answer, past whatever else the server says.
    async fn event(&self, mut body: hyper::body::Incoming, id: &str) -> Result<Vec<u8>, GatewayError> {
        let mut reader = Reader::new(MOST);
        while let Some(Ok(frame)) = body.frame().await {
            let Some(part) = frame.data_ref() else { continue };
            let mut events = Vec::new();
            let read = reader.read(part, &mut events, &mut 0);
            for data in events.into_iter().filter_map(|event| event.data) {
                if probe::answers(&data, id).unwrap_or(false) {
                    return Ok(data);
                }
            }
            read.map_err(|_| GatewayError::Server("the server's stream cannot be read".to_owned()))?;
        }
        Err(GatewayError::Server("the server does not answer".to_owned()))
    }

    /// Takes over the version of the protocol that the server chose, or that of servers without sessions.
    fn agree(&mut self, answer: &[u8], method: &str) {
        if method != "initialize" {
            return;
        }
        let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
        let version = answer.get("result").and_then(|result| result.get("protocolVersion"));
        let version = version.and_then(serde_json::Value::as_str).unwrap_or("2026-07-28");
        if let Ok(version) = HeaderValue::from_str(version) {
            self.headers.insert(HeaderName::from_static("mcp-protocol-version"), version);
        }
    }

    /// Ends the session, if the server has one.
    async fn leave(&self) {
        if self.headers.contains_key("mcp-session-id") {
            let request = self.request(Method::DELETE, Bytes::new());
            // It has said what it was asked for; how it takes the end is its own matter.
            let _ = tokio::time::timeout(PATIENCE, self.client.request(request)).await;
        }
    }
}
