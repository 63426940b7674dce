//! The log as OpenTelemetry traces: a span a call, in OTLP's JSON encoding (opentelemetry-proto 1.x, `TracesData`), one object a line, as the collector's
//! `otlpjsonfile` receiver reads it.
//!
//! Names of attributes are those of the semantic conventions for generative AI and for MCP (1.38, in development) and stand here alone; what the
//! conventions have no name for is called `misgoal.guard.*`. A span's ids are made from session and attempt, so exporting twice gives the same.

use std::collections::BTreeMap;

use misgoal_guard::Ending;
use serde_json::{Value, json};

use super::Stored;
use super::chain::hex;

/// Attribute names of the conventions.
mod names {
    pub(super) const OPERATION: &str = "gen_ai.operation.name";
    pub(super) const EXECUTE_TOOL: &str = "execute_tool";
    pub(super) const AGENT: &str = "gen_ai.agent.name";
    pub(super) const CONVERSATION: &str = "gen_ai.conversation.id";
    pub(super) const TOOL: &str = "gen_ai.tool.name";
    pub(super) const TOOL_TYPE: &str = "gen_ai.tool.type";
    pub(super) const CALL: &str = "gen_ai.tool.call.id";
    pub(super) const ARGUMENTS: &str = "gen_ai.tool.call.arguments";
    pub(super) const METHOD: &str = "mcp.method.name";
    pub(super) const RESOURCE: &str = "mcp.resource.uri";
    pub(super) const ERROR: &str = "error.type";
    pub(super) const SERVICE: &str = "service.name";
}

/// `SPAN_KIND_INTERNAL` and `SPAN_KIND_CLIENT`.
const INTERNAL: u8 = 1;
const CLIENT: u8 = 3;
/// `STATUS_CODE_ERROR`.
const FAILED: u8 = 2;

/// Puts attempts and what came of them together.
#[derive(Debug, Default)]
pub struct Spans {
    agent: String,
    server: String,
    /// Attempts whose outcome is still to come.
    open: BTreeMap<(String, i64), Stored>,
}

impl Spans {
    /// Spans of this agent's calls to this server.
    pub fn new(agent: &str, server: &str) -> Spans {
        Spans { agent: agent.to_owned(), server: server.to_owned(), open: BTreeMap::new() }
    }

    /// Takes the log's next record; the line to write where it ends a span.
    pub fn take(&mut self, record: &Stored) -> Option<Value> {
        let key = (record.session.clone(), record.call.unwrap_or_default());
        match record.kind.as_str() {
            "attempt" if says(record, "verdict") == "deny" => Some(self.call(record, record, "denied")),
            "attempt" => {
                self.open.insert(key, record.clone());
                None
            }
            "approval" if says(record, "decision") == "approved" => None,
            "approval" => {
                let attempt = self.open.remove(&key)?;
                Some(self.call(&attempt, record, &says(record, "decision")))
            }
            // It goes on as a task.
            "outcome" if says(record, "outcome") == Ending::Working.word() => None,
            "outcome" => {
                let attempt = self.open.remove(&key)?;
                Some(self.call(&attempt, record, &says(record, "outcome")))
            }
            "refused" | "alarm" => Some(self.note(record)),
            _ => None,
        }
    }

    /// The spans of calls whose outcome is not in the log: under way, or lost with the process.
    pub fn rest(mut self) -> Vec<Value> {
        std::mem::take(&mut self.open).into_values().map(|attempt| self.call(&attempt, &attempt, "unknown")).collect()
    }

    /// A call from its attempt to its end.
    fn call(&self, attempt: &Stored, end: &Stored, outcome: &str) -> Value {
        let tool = attempt.tool.clone().unwrap_or_default();
        let is_resource = tool == "resources/read";
        let method = if is_resource { "resources/read" } else { "tools/call" };
        let mut attributes = vec![
            text(names::OPERATION, names::EXECUTE_TOOL),
            text(names::AGENT, &self.agent),
            text(names::CONVERSATION, &attempt.session),
            text(names::METHOD, method),
            text(names::CALL, &attempt.call.unwrap_or_default().to_string()),
            text("misgoal.guard.verdict", &says(attempt, "verdict")),
            text("misgoal.guard.outcome", outcome),
        ];
        if is_resource {
            attributes.push(text(names::RESOURCE, &says(attempt, "uri")));
        } else {
            attributes.extend([text(names::TOOL, &tool), text(names::TOOL_TYPE, "extension")]);
        }
        // Arguments are in the log only where the operator wants them there, and redacted.
        attributes.extend(attempt.raw("arguments").map(|arguments| text(names::ARGUMENTS, &arguments)));
        attributes.extend(list("misgoal.guard.rules", attempt.field("rules")));
        attributes.extend(list("misgoal.guard.labels", end.field("labels")));
        let reason = [says(end, "reason"), says(attempt, "reason")].into_iter().find(|reason| !reason.is_empty());
        attributes.extend(reason.as_deref().map(|reason| text("misgoal.guard.reason", reason)));
        let failed = outcome != "unknown" && Ending::of(outcome).is_none_or(Ending::is_failure);
        if failed {
            attributes.push(text(names::ERROR, outcome));
        }
        let (name, kind) = (format!("{} {tool}", names::EXECUTE_TOOL), INTERNAL);
        let (name, kind) = if is_resource { (method.to_owned(), CLIENT) } else { (name, kind) };
        let status = if failed { json!({ "code": FAILED, "message": reason.unwrap_or_default() }) } else { json!({}) };
        self.line(attempt, (attempt.at, end.at), (&name, kind), &attributes, &status)
    }

    /// Something that was refused, or an alarm: a span without length.
    fn note(&self, record: &Stored) -> Value {
        let mut attributes = vec![text(names::AGENT, &self.agent), text(names::CONVERSATION, &record.session)];
        for key in ["code", "from", "reason", "text", "then", "decision", "by"] {
            let value = says(record, key);
            if !value.is_empty() {
                attributes.push(text(&format!("misgoal.guard.{key}"), &value));
            }
        }
        attributes.push(text(names::ERROR, &record.kind));
        let name = format!("guard {}", record.kind);
        self.line(record, (record.at, record.at), (&name, INTERNAL), &attributes, &json!({ "code": FAILED }))
    }

    fn line(
        &self,
        of: &Stored,
        (start, end): (i64, i64),
        (name, kind): (&str, u8),
        attributes: &[Value],
        status: &Value,
    ) -> Value {
        let nanos = |millis: i64| millis.saturating_mul(1_000_000).to_string();
        let trace = blake3::hash(of.session.as_bytes());
        let span = blake3::hash(format!("{}/{}/{}", of.session, of.seq, of.kind).as_bytes());
        let id = |hash: &blake3::Hash, bytes: usize| hex(hash.as_bytes().get(..bytes).unwrap_or_default());
        json!({ "resourceSpans": [{
            "resource": { "attributes": [text(names::SERVICE, &self.server)] },
            "scopeSpans": [{
                "scope": { "name": "misgoal.guard", "version": env!("CARGO_PKG_VERSION") },
                "spans": [{
                    "traceId": id(&trace, 16), "spanId": id(&span, 8), "name": name, "kind": kind,
                    "startTimeUnixNano": nanos(start), "endTimeUnixNano": nanos(end),
                    "attributes": attributes, "status": status,
                }],
            }],
        }] })
    }
}

/// A text of a record's body, or of the list `rules`.
fn says(record: &Stored, key: &str) -> String {
    record.field(key).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn list(key: &str, values: Option<Value>) -> Option<Value> {
    let values: Vec<Value> =
        values?.as_array()?.iter().filter_map(Value::as_str).map(|value| json!({ "stringValue": value })).collect();
    Some(json!({ "key": key, "value": { "arrayValue": { "values": values } } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seq: i64, kind: &str, call: Option<i64>, body: &str) -> Stored {
        let tool = call.map(|_| "pay".to_owned());
        let (session, hash) = ("s1".to_owned(), String::new());
        Stored { seq, at: 1_000 * seq, session, kind: kind.to_owned(), call, tool, body: body.to_owned(), hash }
    }

    /// Name, length in milliseconds, outcome and error of the spans that records give, the unfinished ones last.
    #[track_caller]
    fn check(records: &[Stored], expected: &[(&str, i64, &str, &str)]) {
        let mut spans = Spans::new("clerk", "bank");
        let mut lines: Vec<Value> = records.iter().filter_map(|record| spans.take(record)).collect();
        lines.extend(spans.rest());
        let told = |line: &Value| {
            let span = &line["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
            let of = |key: &str| {
                let all = span["attributes"].as_array()?;
                let found = all.iter().find(|one| one["key"] == key)?;
                found["value"]["stringValue"].as_str().map(str::to_owned)
            };
            let time = |key: &str| span[key].as_str()?.parse::<i64>().ok();
            let length = (time("endTimeUnixNano").unwrap_or(0) - time("startTimeUnixNano").unwrap_or(0)) / 1_000_000;
            assert_eq!(span["traceId"].as_str().map(str::len), Some(32));
            assert_eq!(span["spanId"].as_str().map(str::len), Some(16));
            let outcome = of("misgoal.guard.outcome").unwrap_or_default();
            (
                span["name"].as_str().unwrap_or_default().to_owned(),
                length,
                outcome,
                of("error.type").unwrap_or_default(),
            )
        };
        let told: Vec<_> = lines.iter().map(told).collect();
        let told: Vec<_> = told.iter().map(|(a, b, c, d)| (a.as_str(), *b, c.as_str(), d.as_str())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_call_is_a_span() {
        let allow = record(1, "attempt", Some(1), r#"{"verdict":"allow","rules":["a"],"arguments":{"to":"Ann"}}"#);
        let hold = record(2, "attempt", Some(2), r#"{"verdict":"hold","reason":"ask"}"#);
        let deny = record(3, "attempt", Some(3), r#"{"verdict":"deny","reason":"no"}"#);
        let good = record(5, "outcome", Some(1), r#"{"outcome":"good","labels":["seen"]}"#);
        let approved = record(6, "approval", Some(2), r#"{"decision":"approved"}"#);
        let denied = record(6, "approval", Some(2), r#"{"decision":"denied"}"#);
        let failed = record(8, "outcome", Some(2), r#"{"outcome":"failed"}"#);
        check(&[allow.clone(), good], &[("execute_tool pay", 4_000, "good", "")]);
        check(&[deny], &[("execute_tool pay", 0, "denied", "denied")]);
        check(&[hold.clone(), approved, failed], &[("execute_tool pay", 6_000, "failed", "failed")]);
        check(&[hold, denied], &[("execute_tool pay", 4_000, "denied", "denied")]);
        check(&[allow], &[("execute_tool pay", 0, "unknown", "")]);
    }

    #[test]
    fn what_was_refused_and_alarms_are_told_too() {
        let refused = record(1, "refused", None, r#"{"code":"duplicate-key","reason":"twice"}"#);
        let alarm = record(2, "alarm", None, r#"{"text":"since step 3","then":"hold"}"#);
        check(&[refused, alarm], &[("guard refused", 0, "", "refused"), ("guard alarm", 0, "", "alarm")]);
        // What only the log needs gives no span.
        check(&[record(3, "session", None, "{}"), record(4, "pinned", None, "{}")], &[]);
    }
}
