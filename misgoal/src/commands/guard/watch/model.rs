//! What is known of a guard's sessions, from the records that were read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use misgoal_gateway::Stored;
use misgoal_gateway::log::Matter;
use misgoal_guard::Ending;
use serde_json::value::RawValue;

use crate::output::Tone;

/// Decisions that are kept.
const ENTRIES: usize = 2000;
/// Sessions that are kept: those in which something happened last.
const SESSIONS: usize = 500;

/// What records of no session have in a session's place: what is done to the log, and what a person or the guard's files say.
const NOBODY: &str = "";
const OPERATOR: &str = "operator";

/// A session as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The first of its records that was read.
    pub first: i64,
    /// Whether that was its beginning; where not, the counts are of what was read.
    pub whole: bool,
    /// The last one's time.
    pub at: i64,
    pub ended: bool,
    pub calls: u64,
    pub denied: u64,
    pub held: u64,
    pub failed: u64,
    pub labels: BTreeSet<String>,
    pub alarm: Option<Alarm>,
}

/// A session's last alarm.
#[derive(Clone, Debug, Default)]
pub struct Alarm {
    pub at: i64,
    /// What it leads to, or what a person has said.
    pub then: String,
    /// Since when and toward what, and the observations that moved it most.
    pub lines: Vec<String>,
}

/// One line of the stream.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: i64,
    pub at: i64,
    pub session: String,
    pub call: Option<i64>,
    pub tool: String,
    pub word: String,
    pub tone: Tone,
    /// Rules and reason.
    pub why: String,
    /// What came of it.
    pub end: String,
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub sessions: BTreeMap<String, Session>,
    pub entries: VecDeque<Entry>,
    pub waiting: Vec<Matter>,
    /// The last record that was read.
    pub last: i64,
    /// Records that came faster than they were looked at.
    pub missed: i64,
}

/// What a record's body says, field by field: a number that no machine number holds, which an agent may have put into its arguments, hides nothing else.
pub struct Body(BTreeMap<String, Box<RawValue>>);

/// Fields that are read first.
const ORDER: [&str; 4] = ["verdict", "rules", "reason", "arguments"];

impl Body {
    /// The fields; none where it is no object.
    pub fn of(record: &Stored) -> Body {
        Body(serde_json::from_str(&record.body).unwrap_or_default())
    }

    /// Texts as texts, everything else byte for byte as it stands there.
    pub fn fields(&self) -> Vec<(String, String)> {
        let text = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
        let mut fields: Vec<_> = self.0.iter().map(|(name, raw)| (name.clone(), text(raw))).collect();
        fields.sort_by_key(|(name, _)| ORDER.iter().position(|first| first == name).unwrap_or(ORDER.len()));
        fields
    }

    fn says(&self, key: &str) -> String {
        self.0.get(key).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }

    fn list(&self, key: &str) -> Vec<String> {
        self.0.get(key).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }
}

impl Model {
    /// Takes the log's next record.
    pub fn take(&mut self, record: &Stored) {
        if self.last > 0 && record.seq > self.last + 1 {
            self.missed += record.seq - self.last - 1;
        }
        self.last = self.last.max(record.seq);
        let body = Body::of(record);
        if !matches!(record.session.as_str(), NOBODY | OPERATOR) {
            self.session(record, &body);
        }
        if record.kind == "outcome" || record.kind == "approval" {
            let of = |entry: &&mut Entry| {
                entry.call == record.call && entry.session == record.session && entry.call.is_some()
            };
            if let Some(entry) = self.entries.iter_mut().rev().find(of) {
                entry.end = end(record, &body);
                return;
            }
        }
        if let Some(entry) = entry(record, &body) {
            self.entries.push_back(entry);
            if self.entries.len() > ENTRIES {
                self.entries.pop_front();
            }
        }
    }

    fn session(&mut self, record: &Stored, body: &Body) {
        if !self.sessions.contains_key(&record.session) && self.sessions.len() >= SESSIONS {
            let stale = self.sessions.iter().min_by_key(|(_, one)| (!one.ended, one.at)).map(|(name, _)| name.clone());
            stale.map(|name| self.sessions.remove(&name));
        }
        let began = record.kind == "session" && body.says("what") == "began";
        let new = || Session { first: record.seq, whole: began, ..Session::default() };
        let session = self.sessions.entry(record.session.clone()).or_insert_with(new);
        session.at = session.at.max(record.at);
        match record.kind.as_str() {
            "session" => session.ended = body.says("what") == "ended",
            "attempt" => {
                session.calls += 1;
                session.denied += u64::from(body.says("verdict").ends_with("deny"));
                session.held += u64::from(body.says("verdict").ends_with("hold"));
            }
            "approval" => session.denied += u64::from(body.says("decision") == "denied"),
            "outcome" => {
                session.failed += u64::from(Ending::of(&body.says("outcome")).is_some_and(Ending::is_failure));
                session.labels.extend(body.list("labels"));
            }
            "said" => session.labels.extend(body.list("labels")),
            "alarm" if body.says("decision").is_empty() => {
                let lines = body.says("text").lines().map(|line| line.trim().to_owned()).collect();
                session.alarm = Some(Alarm { at: record.at, then: body.says("then"), lines });
            }
            "alarm" => {
                let alarm = session.alarm.get_or_insert_default();
                alarm.then = format!("{} by {}", body.says("decision"), body.says("by"));
            }
            _ => {}
        }
    }

    /// Sessions, the last that began first.
    pub fn by_beginning(&self) -> Vec<(&str, &Session)> {
        let mut all: Vec<_> = self.sessions.iter().map(|(name, session)| (name.as_str(), session)).collect();
        all.sort_by_key(|(_, session)| std::cmp::Reverse(session.first));
        all
    }
}

fn end(record: &Stored, body: &Body) -> String {
    match record.kind.as_str() {
        "outcome" => body.says("outcome"),
        _ => format!("{} by {}", body.says("decision"), body.says("by")),
    }
}

/// A record as a line of the stream; none where its attempt's line says it, or it says nothing to a person.
fn entry(record: &Stored, body: &Body) -> Option<Entry> {
    let (word, tone, why) = match record.kind.as_str() {
        "attempt" => {
            let verdict = body.says("verdict");
            let tone = match verdict.as_str() {
                "allow" => Tone::Good,
                "deny" => Tone::Bad,
                _ => Tone::Unsure,
            };
            let rules = body.list("rules");
            let reason = body.says("reason");
            let why = match (rules.is_empty(), reason.is_empty()) {
                (true, _) => reason,
                (false, true) => format!("by {}", rules.join(", ")),
                (false, false) => format!("by {}: {reason}", rules.join(", ")),
            };
            (verdict, tone, why)
        }
        "refused" => ("refused".to_owned(), Tone::Bad, format!("{}: {}", body.says("code"), body.says("reason"))),
        "alarm" if body.says("decision").is_empty() => {
            let text = body.says("text");
            (
                "alarm".to_owned(),
                Tone::Bad,
                format!("{}: {}", body.says("then"), text.lines().next().unwrap_or_default()),
            )
        }
        "alarm" | "decision" => {
            let decision = body.says("decision");
            let tone = if matches!(decision.as_str(), "approved" | "goes on") { Tone::Good } else { Tone::Bad };
            (decision, tone, format!("by {} {}", body.says("by"), body.says("id")))
        }
        "session" => (body.says("what"), Tone::Quiet, body.says("program")),
        "policy" => {
            let refused = body.says("refused");
            let tone = if refused.is_empty() { Tone::Quiet } else { Tone::Bad };
            ("policy".to_owned(), tone, format!("{}{refused}", body.says("version")))
        }
        "held-tool" => ("held-tool".to_owned(), Tone::Unsure, body.says("what")),
        "archive" => ("archive".to_owned(), Tone::Quiet, format!("{} {}", body.says("what"), body.says("file"))),
        "pinned" => ("pinned".to_owned(), Tone::Quiet, String::new()),
        _ => return None,
    };
    Some(Entry {
        seq: record.seq,
        at: record.at,
        session: record.session.clone(),
        call: record.call,
        tool: record.tool.clone().unwrap_or_default(),
        word,
        tone,
        why,
        end: String::new(),
    })
}
