//! Whose word it is what a server says. What belongs to a call is that of its tool. What the agent has asked for by a method that calls no tool is that of the
//! method. What nobody has asked for may be of any tool that was called, and what a task says that this session has not seen begin of any tool there is.

use std::collections::BTreeSet;

use super::{Asked, Channel, Flight, Guard, TaskAsk, methods};
use crate::read::{Id, Node, Value};
use crate::record::Record;

/// Where a message of a server comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    /// Tools and methods.
    names: BTreeSet<String>,
    /// The attempt and its tool, where it is one.
    call: Option<(u64, String)>,
}

impl Sources {
    /// A tool or a method alone.
    pub(super) fn one(name: &str) -> Sources {
        Sources { names: BTreeSet::from([name.to_owned()]), call: None }
    }

    fn call(call: u64, tool: &str) -> Sources {
        Sources { call: Some((call, tool.to_owned())), ..Sources::one(tool) }
    }

    fn and(mut self, other: Sources) -> Sources {
        self.names.extend(other.names);
        // Two attempts of one tool are two.
        self.call = None;
        self
    }
}

impl Guard {
    /// Takes in what a server says that is no call's result, under this method. Where it puts something new on the session there is a record.
    pub(super) fn take_in(
        &mut self,
        sources: &Sources,
        method: &str,
        parts: &[&Node<'_>],
        is_bare: bool,
        now: u64,
    ) -> Option<Record> {
        let names: Vec<&str> = sources.names.iter().map(String::as_str).collect();
        let labels = match is_bare {
            // Who only says that it is working has told nothing that could be obeyed; what it says has its origin all the same, and is held against patterns.
            true => self.history.taste_bare(&names, parts),
            false => self.history.taste(&names, parts),
        };
        if labels.is_empty() {
            return None;
        }
        let is_news = self.history.is_news(&labels, now);
        let record = Record::new("said").text("method", method).texts("labels", labels.iter().map(String::as_str));
        let record = record.number("bytes", parts.iter().map(|part| (part.end - part.start) as u64).sum());
        self.history.bear(labels, now);
        let record = match &sources.call {
            Some((call, tool)) => record.of(*call, tool).public(self.is_public(tool)),
            None => record,
        };
        is_news.then_some(record)
    }

    /// Takes in what a server says beside its messages and reaches the agent with them, such as `headers` of its answer.
    pub fn hear_beside(&mut self, channel: Channel, what: &str, parts: &[&Node<'_>], now: u64) -> Option<Record> {
        let sources = self.sources(channel, what, None);
        self.take_in(&sources, what, parts, parts.iter().all(|part| has_no_words(part)), now)
    }

    /// Takes in what a notification or a request of the server says.
    pub(super) fn hear_unasked(
        &mut self,
        channel: Channel,
        method: &str,
        id: Option<&Id>,
        params: Option<&Node<'_>>,
        now: u64,
    ) -> Option<Record> {
        let params = params.filter(|params| !params.members().is_empty());
        // Most servers count their requests: such an id says nothing.
        self.asked_by_server += u64::from(id.is_some());
        let counts = |id: &&Id| id.text.parse::<u64>().is_ok_and(|number| number <= self.asked_by_server);
        let id = id.filter(|id| !counts(id)).map(|id| Node::of_text(&id.text));
        let name = (!methods::is_of_mcp(method)).then(|| Node::of_text(method));
        let beside: Vec<&Node<'_>> = id.iter().chain(&name).collect();
        let is_bare =
            params.is_none_or(|params| self.is_bare(params, None)) && beside.iter().all(|part| has_no_words(part));
        let parts: Vec<&Node<'_>> = params.into_iter().chain(beside).collect();
        if parts.is_empty() {
            return None;
        }
        let sources = self.sources(channel, method, params);
        self.take_in(&sources, method, &parts, is_bare, now)
    }

    /// Whose word a notification or a request of the server is that comes in here.
    pub(super) fn sources(&self, channel: Channel, method: &str, params: Option<&Node<'_>>) -> Sources {
        let token = params.and_then(|params| params.get("progressToken")).map(Node::plain);
        let flights = self.flights.values().chain(self.cancelled.values());
        let of_token = |wanted: &String| {
            let flights =
                flights.filter(|flight| flight.token.as_ref() == Some(wanted)).map(|one| self.asked(&one.asked));
            let tasks = self.tasks.values().filter(|task| task.token.as_ref() == Some(wanted));
            flights.chain(tasks.map(|task| Sources::call(task.call, &task.tool))).collect::<Vec<_>>()
        };
        let task = params.and_then(related).map(|task| self.of_task(task, method));
        let stream = channel.number().and_then(|number| {
            let mut all = self.flights.values().chain(self.cancelled.values());
            all.find(|flight| flight.number == number && !listens(flight))
        });
        let mut claims = token.as_ref().map(of_token).unwrap_or_default();
        claims.extend(task);
        claims.extend(stream.map(|flight| self.asked(&flight.asked)));
        let claimed = claims.into_iter().reduce(Sources::and);
        // Of a token that is used again nobody can say which of its requests is meant.
        let token = token.map(|token| blake3::hash(token.as_bytes()));
        let before = self.borne.iter().filter(|(borne, _)| Some(*borne) == token).map(|(_, sources)| sources);
        let others = |all: Sources, one: &Sources| match one.names.is_subset(&all.names) {
            true => all,
            false => all.and(one.clone()),
        };
        claimed.map_or_else(|| self.unclaimed(method), |claimed| before.fold(claimed, others))
    }

    /// Whose word the answer to this is.
    pub(super) fn asked(&self, asked: &Asked) -> Sources {
        match asked {
            Asked::Call { call, tool, .. } => Sources::call(*call, tool),
            Asked::Read { call, .. } => Sources::call(*call, super::agent::READ),
            Asked::List => Sources::one("tools/list"),
            Asked::Tasks => Sources::one("tasks/list"),
            Asked::Task { id, ask } => self.of_task(id, ask.method()),
            Asked::Other { method } => Sources::one(method),
        }
    }

    /// Whose word it is what a task says.
    pub(super) fn of_task(&self, id: &str, method: &str) -> Sources {
        match self.tasks.get(id) {
            Some(task) => Sources::call(task.call, &task.tool),
            None => {
                let mut any = self.unclaimed(method);
                any.names.extend(self.tools.iter().map(|tool| tool.name.clone()));
                any.names.insert(super::agent::READ.to_owned());
                any
            }
        }
    }

    /// Nobody has asked for it: any tool that was called may have told the server.
    pub(super) fn unclaimed(&self, method: &str) -> Sources {
        let mut sources = Sources::one(method);
        sources.names.extend(self.history.called.iter().cloned());
        sources
    }

    /// Whether parameters or a task say nothing but how far something is, in words that the protocol has for it.
    pub(super) fn is_bare(&self, said: &Node<'_>, id: Option<&str>) -> bool {
        let is_task = |text: &str| id == Some(text) || self.tasks.contains_key(text);
        let has_token = |token: &Node<'_>| {
            let token = Some(token.plain());
            self.flights.values().chain(self.cancelled.values()).any(|flight| flight.token == token)
                || self.tasks.values().any(|task| task.token == token)
        };
        matches!(said.value, Value::Object(_))
            && said.members().iter().all(|member| match (member.key.as_ref(), &member.node.value) {
                ("requestId" | "progress" | "total" | "ttl" | "ttlMs" | "pollInterval" | "pollIntervalMs", value) => {
                    matches!(value, Value::Number(_) | Value::Null)
                }
                ("progressToken", _) => has_token(&member.node),
                ("status", Value::String(word)) => STATUS.contains(&word.as_ref()),
                ("resultType", Value::String(word)) => matches!(word.as_ref(), "complete" | "task"),
                ("taskId", Value::String(task)) => is_task(task),
                ("createdAt" | "lastUpdatedAt", Value::String(time)) => is_time(time),
                ("_meta", Value::Object(members)) => members.iter().all(|one| {
                    one.key == RELATED && related(said).is_some_and(is_task) && { one.node.members().len() == 1 }
                }),
                _ => false,
            })
    }
}

/// The words for how a task is.
pub(super) const STATUS: &[&str] = &["working", "input_required", "completed", "failed", "cancelled"];
/// What names the task that a message belongs to (revision 2025-11-25).
const RELATED: &str = "io.modelcontextprotocol/related-task";

fn related<'n>(params: &'n Node<'_>) -> Option<&'n str> {
    params.get("_meta")?.get(RELATED)?.get("taskId")?.text()
}

/// Whether a text is a time of RFC 3339, which has no room for words.
fn is_time(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte))
}

/// Whether it is a number, or a text with no letters but those of hexadecimal digits, as most ids are.
fn has_no_words(said: &Node<'_>) -> bool {
    match &said.value {
        Value::Number(_) => true,
        Value::String(text) => text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
        _ => false,
    }
}

/// A stream for news of any kind belongs to no call.
fn listens(flight: &Flight) -> bool {
    matches!(&flight.asked, Asked::Other { method } if method == "subscriptions/listen")
}

/// What names a request in notifications about how far it is, as one text.
pub(super) fn token(params: Option<&Node<'_>>) -> Option<String> {
    Some(params?.get("_meta")?.get("progressToken")?.plain())
}

impl TaskAsk {
    /// The method that asks so.
    pub(super) fn method(self) -> &'static str {
        match self {
            TaskAsk::Result => "tasks/result",
            TaskAsk::Get => "tasks/get",
            TaskAsk::Cancel => "tasks/cancel",
            TaskAsk::Update => super::agent::UPDATE,
        }
    }
}
