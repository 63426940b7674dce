//! Messages of the agent.

use std::collections::BTreeSet;
use std::sync::Arc;

use misgoal_monitor::trace::plain::Origins;

use super::source::token;
use super::told::check_told;
use super::watch::Recorded;
use super::{Asked, CANCELLED, Guard, Held, Move, Room, Step, TaskAsk, Waiting, methods, refused, reply};
use crate::approval::{Kind, digest, of_request};
use crate::ending::Ending;
use crate::policy::{Ask, Judgement, Subject, Verdict};
use crate::read::{
    Glimpser, Id, Message, Node, Refusal, Side, Value, check_template, check_uri, read, value, write_string,
};
use crate::record::Record;
use crate::tools::{RESERVED, Tool};

/// The request that goes on with a task.
pub(super) const UPDATE: &str = "tasks/update";
/// The request that reads a resource.
pub(super) const READ: &str = "resources/read";

/// What is judged, on its way: which request it is and what it asks for.
struct Attempt<'a> {
    call: u64,
    id: Id,
    what: What<'a>,
}

/// What a request asks for.
#[derive(Clone, Copy)]
enum What<'a> {
    /// A call of this tool.
    Call(&'a str, Option<&'a Node<'a>>),
    /// The resource of this URI.
    Read(&'a str),
    /// That this task goes on.
    Update(Option<&'a str>),
}

impl What<'_> {
    /// The tool, or the method.
    fn name(&self) -> &str {
        match self {
            What::Call(name, _) => name,
            What::Read(_) => READ,
            What::Update(_) => UPDATE,
        }
    }
}

impl Guard {
    /// A message of the agent; `now` in milliseconds.
    pub fn from_agent(&mut self, line: &[u8], now: u64) -> Step {
        let message = match read(line, Side::Agent, &self.limits) {
            Ok(message) => message,
            Err(refusal) => return self.unread(Side::Agent, &Glimpser::of(line), &refusal, now),
        };
        let turn = Arc::clone(&self.turn);
        let _held = self.history.is_shared().then(|| turn.lock());
        match message {
            Message::Request { id, method, params } => self.request(line, id, &method, params.as_ref(), now),
            Message::Notification { method, params } => self.notification(&method, params.as_ref()),
            Message::Response { id, result } => self.answer(id.as_ref(), &result),
        }
    }

    /// The same where what goes to the server may have to wait until that reads. A request for which there is no room is refused at once, so that its agent is
    /// heard on: what it cancels, and that it goes.
    pub fn from_agent_to(&mut self, room: Room, line: &[u8], now: u64) -> Step {
        if room == Room::Enough {
            return self.from_agent(line, now);
        }
        let words = "the server does not read what waits for it";
        if let Ok(Message::Request { id, .. }) = read(line, Side::Agent, &self.limits)
            && !self.in_flight(&id)
        {
            return refuse(Some(&id), &Refusal::new("server-busy", words));
        }
        let step = self.from_agent(line, now);
        if room == Room::None && step.then == Move::Forward {
            let record = refused(Side::Agent, "server-busy", &format!("{words}: a message to it is lost"));
            return Step { then: Move::Drop, ..step }.and(Step::with(Move::Drop, record));
        }
        step
    }

    pub(super) fn in_flight(&self, id: &Id) -> bool {
        let key = self.key(&id.text);
        let held = || self.waiting.values().any(|waiting| (waiting.lane, &waiting.id.text) == (key.0, &key.1));
        self.flights.contains_key(&key) || self.cancelled.contains_key(&key) || held()
    }

    fn request(&mut self, line: &[u8], id: Id, method: &str, params: Option<&Node<'_>>, now: u64) -> Step {
        if let Some(stopped) = self.stopped()
            && method != "ping"
        {
            let answer = reply::error(Some(&id), reply::DENIED, stopped, &[]);
            let record = refused(Side::Agent, "stopped", stopped).text("method", method);
            return Step::with(Move::Send(Side::Agent, answer), record);
        }
        if self.in_flight(&id) {
            let message = format!("the id {id} is still in use by a request without its answer");
            return refuse(None, &Refusal::new("id-in-flight", message));
        }
        if self.flights.len() + self.waiting.len() >= self.config.limits.in_flight {
            let message = format!("{} requests are waiting for their answers", self.config.limits.in_flight);
            return refuse(Some(&id), &Refusal::new("too-many", message));
        }
        if let Some(Err(refusal)) = params.filter(|_| method != "tools/call").map(check_uris) {
            return refuse(Some(&id), &refusal);
        }
        if let Some(Err(refusal)) = params.map(|params| self.check_version(method, params)) {
            return refuse(Some(&id), &refusal);
        }
        if let Some(params) = params {
            if let Err(refusal) = check_told(method, params) {
                return refuse(Some(&id), &refusal);
            }
            self.hear_user(method, params);
        }
        match method {
            "tools/call" => self.call(line, id, params, now),
            READ => self.read_resource(line, id, params, now),
            UPDATE => self.update_task(line, id, params, now),
            "tools/list" => self.fly(id, params, Asked::List),
            "tasks/result" => self.ask_for_task(id, params, TaskAsk::Result),
            "tasks/get" => self.ask_for_task(id, params, TaskAsk::Get),
            "tasks/cancel" => self.ask_for_task(id, params, TaskAsk::Cancel),
            "tasks/list" => self.fly(id, params, Asked::Tasks),
            _ if methods::known_request(Side::Agent, method, &self.config.methods) => {
                self.fly(id, params, Asked::Other { method: method.to_owned() })
            }
            _ => {
                let message = format!("the method `{}` is not one of MCP's", method.escape_debug());
                let record = refused(Side::Agent, "unknown-method", &message);
                if self.enforces() {
                    let hint = format!("{message}; the operator can list it under `methods` in guard.toml");
                    return Step::with(
                        Move::Send(Side::Agent, reply::error(Some(&id), reply::NO_METHOD, &hint, &[])),
                        record,
                    );
                }
                let mut step = self.fly(id, params, Asked::Other { method: method.to_owned() });
                step.records.push(record.text("mode", "log"));
                step
            }
        }
    }

    /// FastMCP keeps several versions of a tool, a resource or a prompt under one name, lists one of them, and takes the one that `_meta` asks for. What was pinned
    /// and judged is the listed one.
    fn check_version(&self, method: &str, params: &Node<'_>) -> Result<(), Refusal> {
        let wanted = |meta: &Node<'_>| Some(meta.get("fastmcp")?.get("version")?.plain());
        let Some(wanted) = params.get("_meta").and_then(wanted) else { return Ok(()) };
        let called = params.get("name").and_then(Node::text).filter(|_| method == "tools/call");
        let listed = called.and_then(|name| self.tools.get(name)).and_then(Tool::version);
        if listed.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let shown = |version: &str| version.trim_matches('"').escape_debug().to_string();
        let is = listed.map_or("names none".to_owned(), |listed| format!("is `{}`", shown(&listed)));
        let message = format!(
            "`_meta.fastmcp.version` asks for version `{}` and what was pinned {is}; leave it out",
            shown(&wanted)
        );
        Err(Refusal::new("tool-version", message))
    }

    /// Goes on to the server, and its answer will be known.
    fn fly(&mut self, id: Id, params: Option<&Node<'_>>, asked: Asked) -> Step {
        self.take_off(self.lane, id, asked, token(params));
        Step::new(Move::Forward)
    }

    /// What a person has said in the forms that the server has given with its answer to an earlier request like this one (revision 2026-07-28).
    fn hear_user(&mut self, method: &str, params: &Node<'_>) {
        let Some(said) = params.get("inputResponses") else { return };
        let says = |key: &str| params.get(key).and_then(Node::text).unwrap_or_default();
        let of = match method {
            "tools/call" => asks_again(says("name")),
            UPDATE => asks_for_task(says("taskId")),
            _ => method.to_owned(),
        };
        for one in said.members() {
            let place = self.inputs.iter().rposition(|(request, name, _)| *request == of && *name == one.key);
            let Some((.., form)) = place.and_then(|place| self.inputs.remove(place)) else { continue };
            for value in form.said(&one.node) {
                self.history.user_said(value);
            }
        }
    }

    fn notification(&mut self, method: &str, params: Option<&Node<'_>>) -> Step {
        if let Some(Err(refusal)) = params.map(|params| check_told(method, params)) {
            return Step::with(Move::Drop, refused(Side::Agent, refusal.code, &refusal.message));
        }
        if !methods::known_notification(method, &self.config.methods) {
            let message = format!("the notification `{}` is not one of MCP's", method.escape_debug());
            let record = refused(Side::Agent, "unknown-method", &message);
            // A request without its id would be done and never answered: that is no notification of another kind but a trick.
            let request = methods::known_request(Side::Agent, method, &[]) || methods::JUDGED.contains(&method);
            let then = if self.enforces() || request { Move::Drop } else { Move::Forward };
            return Step::with(then, record);
        }
        if method == "notifications/cancelled"
            && let Some(id) = params.and_then(|params| params.get("requestId"))
        {
            // It was read as an id: as text or as a whole number.
            let text = id.text().map_or_else(|| id.canonical(), str::to_owned);
            let id = Id { text, is_string: id.text().is_some() };
            if let Some(refusal) = self.other_kind(&id) {
                return Step::with(Move::Drop, refused(Side::Agent, refusal.code, &refusal.message));
            }
            let given_up = self.cancel_timed_out(&id);
            if let Some(mut step) = self.cancel_held(&id) {
                step.records.extend(given_up);
                return step;
            }
            // The server has never heard of what was never made.
            let then = if given_up.is_empty() { Move::Forward } else { Move::Drop };
            return match self.cancel(&id.text) {
                Some(step) => {
                    Step { then: Move::Forward, ..Step { records: given_up, ..Step::new(Move::Drop) }.and(step) }
                }
                None => Step { records: given_up, ..Step::new(then) },
            };
        }
        Step::new(Move::Forward)
    }

    /// Whether a message that has waited for the server to read is still to be sent: a request whose agent has cancelled it is not.
    pub fn is_wanted(&self, line: &[u8]) -> bool {
        match read(line, Side::Agent, &self.limits) {
            Ok(Message::Request { id, .. }) => self.flights.contains_key(&self.key(&id.text)),
            _ => true,
        }
    }

    /// The agent waits no longer for the answer to this request, if it is on its way.
    pub(super) fn cancel(&mut self, id: &str) -> Option<Step> {
        let key = self.key(id);
        let flight = self.flights.remove(&key)?;
        let mut step = Step::new(Move::Drop);
        if let Some((call, tool, _)) = flight.asked.judged() {
            step.records.push(self.outcome(call, tool, Ending::Cancelled));
        }
        // The server need not answer any more; if it does all the same, the answer is not that of a later request of this id.
        self.cancelled.insert(key.clone(), flight);
        self.cancelled_order.push_back(key);
        if self.cancelled_order.len() > CANCELLED
            && let Some(oldest) = self.cancelled_order.pop_front()
        {
            self.cancelled.remove(&oldest);
        }
        Some(step)
    }

    /// The agent's answer to a request of the server.
    fn answer(&mut self, id: Option<&Id>, result: &Result<Node<'_>, Node<'_>>) -> Step {
        let asked = id.and_then(|id| match self.server_flights.get(&id.text) {
            Some(asked) if asked.id == *id => self.server_flights.remove(&id.text),
            _ => None,
        });
        match asked {
            Some(asked) => {
                if let (Some(form), Ok(result)) = (asked.form, result) {
                    form.said(result).into_iter().for_each(|value| self.history.user_said(value));
                }
                Step::new(Move::Forward)
            }
            // Some clients answer a message that they could not read, without an id; that tells the server nothing.
            None => {
                Step::with(Move::Drop, refused(Side::Agent, "unasked-answer", "an answer that no request asked for"))
            }
        }
    }

    fn call(&mut self, line: &[u8], id: Id, params: Option<&Node<'_>>, now: u64) -> Step {
        let Some(name) = params.and_then(|params| params.get("name")).and_then(Node::text) else {
            return refuse(Some(&id), &Refusal::new("bad-call", "the call names no tool"));
        };
        if RESERVED.contains(&name) {
            // The log and counts would take it for a request of that method.
            let message = format!("no tool is called `{name}`: that is a method");
            return refuse(Some(&id), &Refusal::new("bad-call", message));
        }
        let arguments = params.and_then(|params| params.get("arguments"));
        if arguments.is_some_and(|arguments| !matches!(arguments.value, Value::Object(_))) {
            return refuse(Some(&id), &Refusal::new("bad-call", "the call's arguments are no object"));
        }
        if let Some(known) = self.tools.lookalike(name) {
            let message = format!("the tool `{}` looks like `{known}` and is not it", name.escape_unicode());
            return refuse(Some(&id), &Refusal::new("lookalike-tool", message));
        }
        let attempt = Attempt { call: self.next, id, what: What::Call(name, arguments) };
        let judgement = match self.tools.get(name) {
            _ if self.held_tools.contains_key(name) => denial(format!(
                "the tool `{name}` is not what it was when it was pinned; a person must look at the change \
                 (`misgoal guard pending`)"
            )),
            _ if self.doubled.contains(name) => denial(format!(
                "the server lists a second tool that is called `{name}` or looks so, and is another: nobody can tell which is meant"
            )),
            None => denial(format!("the server has not listed a tool `{}`", name.escape_debug())),
            Some(tool) => self.policies.decide(&Ask {
                subject: Subject::Call(tool, arguments),
                history: &self.history,
                now,
                approved: false,
            }),
        };
        self.settle(line, attempt, judgement, now)
    }

    fn read_resource(&mut self, line: &[u8], id: Id, params: Option<&Node<'_>>, now: u64) -> Step {
        let Some(uri) = params.and_then(|params| params.get("uri")).and_then(Node::text) else {
            return refuse(Some(&id), &Refusal::new("bad-call", "the resource to read has no `uri`"));
        };
        let judgement =
            self.policies.decide(&Ask { subject: Subject::Read(uri), history: &self.history, now, approved: false });
        let attempt = Attempt { call: self.next, id, what: What::Read(uri) };
        self.settle(line, attempt, judgement, now)
    }

    /// What a task has come to is what its call has come to. Who asks for a task that this session has not seen begin is answered by the server, in its own words where
    /// it has none; a result is not shown (`server.rs`).
    fn ask_for_task(&mut self, id: Id, params: Option<&Node<'_>>, ask: TaskAsk) -> Step {
        let Some(task) = params.and_then(|params| params.get("taskId")).and_then(Node::text) else {
            return refuse(Some(&id), &Refusal::new("bad-call", "the request names no task: it has no text `taskId`"));
        };
        self.fly(id, params, Asked::Task { id: task.to_owned(), ask })
    }

    /// A task that goes on with what the agent adds now: where a person had to approve the call, they have not seen this.
    fn update_task(&mut self, line: &[u8], id: Id, params: Option<&Node<'_>>, now: u64) -> Step {
        let task = params.and_then(|params| params.get("taskId")).and_then(Node::text);
        let approved = match task.and_then(|task| self.tasks.get(task)) {
            Some(task) => task.approved,
            // Nobody knows how it began.
            None => self.policies.ask_a_person() || self.alarmed(),
        };
        if !approved {
            return self.fly(id, params, asked_of_task(task));
        }
        let judgement = Judgement {
            verdict: Verdict::Hold,
            rules: Vec::new(),
            reason: "it goes on with a task whose call a person has approved, or may have".to_owned(),
            trial: Vec::new(),
        };
        let attempt = Attempt { call: self.next, id, what: What::Update(task) };
        self.settle(line, attempt, judgement, now)
    }

    /// Logs an attempt and does what was decided about it.
    fn settle(&mut self, line: &[u8], attempt: Attempt<'_>, judgement: Judgement, now: u64) -> Step {
        // It was read before: this says no.
        let headers = std::mem::take(&mut self.headers);
        let message = value(line, Side::Agent, &self.limits);
        // Who approves is not shown a token that is the request's id: it is taken from what is sent.
        let token = message.as_ref().ok().and_then(|message| token(message.get("params")));
        let message = match message {
            Ok(message) => of_request(message, &headers),
            Err(refusal) => return refuse(Some(&attempt.id), &refusal),
        };
        self.next += 1;
        let Attempt { call, id, what } = attempt;
        let name = what.name();
        let mut step = Step::new(Move::Forward);
        let judgement = self.seen(call, what, judgement, &mut step);
        let content = message.in_order();
        let named = digest(&self.secret, Kind::Call, &self.session, &content);
        step.records.push(
            self.attempted(call, what, &message, &judgement)
                .text("digest", &named)
                .text("version", &self.policies.version),
        );
        step.then = match judgement.verdict {
            Verdict::Deny if self.enforces() => {
                let message = format!(
                    "`{name}` is denied: {}. Nothing was done. Ask the operator for permission if the task needs it",
                    judgement.reason
                );
                self.see_nothing(call);
                Move::Send(Side::Agent, reply::error(Some(&id), reply::DENIED, &message, &judgement.rules))
            }
            Verdict::Hold if self.enforces() => {
                let redacted = if self.config.log.arguments { self.redactor.request(&message) } else { String::new() };
                let held = Held {
                    call,
                    tool: name.to_owned(),
                    digest: named,
                    version: self.policies.version.clone(),
                    content,
                    redacted,
                    reason: judgement.reason,
                };
                let waiting = Waiting { lane: self.lane, id, name: name.to_owned(), line: line.to_vec() };
                self.waiting.insert(call, waiting);
                Move::Hold(held)
            }
            _ => {
                let asked = match what {
                    What::Update(task) => asked_of_task(task),
                    What::Call(..) | What::Read(_) => self.depart(call, name, false, now),
                };
                self.take_off(self.lane, id, asked, token);
                Move::Forward
            }
        };
        step
    }

    /// What the monitor sees of an attempt, and how it changes what was decided.
    fn seen(&mut self, call: u64, what: What<'_>, judgement: Judgement, step: &mut Step) -> Judgement {
        if !self.watches() {
            return judgement;
        }
        match what {
            What::Call(name, arguments) => {
                let live = arguments.map_or_else(|| "{}".to_owned(), |node| self.redactor.live_json(node));
                let recorded = self.records().then(|| Recorded {
                    tool: self.written(name),
                    arguments: arguments.map_or_else(|| "{}".to_owned(), |node| self.redactor.recorded_json(node)),
                    origins: self.origins(arguments),
                });
                self.see_call(call, name, &live, recorded, judgement, step)
            }
            What::Read(uri) => {
                let mut seen = String::from("{\"uri\":");
                write_string(&mut seen, &self.redactor.bare_text(uri));
                seen.push('}');
                let recorded = self.records().then(|| Recorded {
                    tool: READ.to_owned(),
                    arguments: seen.clone(),
                    origins: Origins::new(),
                });
                self.see_call(call, READ, &seen, recorded, judgement, step)
            }
            What::Update(_) => judgement,
        }
    }

    /// A name as a recording may hold it.
    fn written(&self, name: &str) -> String {
        if self.is_public(name) { name.to_owned() } else { self.redactor.name(name).into_owned() }
    }

    /// Whose answers held the values of arguments, in names that a recording may hold.
    fn origins(&self, arguments: Option<&Node<'_>>) -> Origins {
        let origins = self.history.origins.by_argument(arguments).into_iter();
        let written = |(name, of): (String, BTreeSet<String>)| {
            (self.redactor.text(&name).into_owned(), of.iter().map(|source| self.written(source)).collect())
        };
        origins.map(written).collect()
    }

    /// The record of an attempt: arguments, and every other parameter, without their secrets.
    fn attempted(&self, call: u64, what: What<'_>, message: &Node<'_>, judgement: &Judgement) -> Record {
        let verdict = match (judgement.verdict, self.enforces()) {
            (Verdict::Allow, _) => "allow",
            (Verdict::Deny, true) => "deny",
            (Verdict::Deny, false) => "would-deny",
            (Verdict::Hold, true) => "hold",
            (Verdict::Hold, false) => "would-hold",
        };
        let record = self.about("attempt", call, what.name()).text("verdict", verdict);
        let record =
            record.texts("rules", judgement.rules.iter().map(String::as_str)).text("reason", &judgement.reason);
        let mut record = record.texts("trial", judgement.trial.iter().map(String::as_str));
        if let What::Read(uri) = what {
            record = record.text("uri", &self.redactor.text(uri));
        }
        if !self.config.log.arguments {
            return record;
        }
        let own: &[&str] = match what {
            What::Call(_, arguments) => {
                let arguments = arguments.map_or_else(|| "{}".to_owned(), |node| self.redactor.json(node));
                record = record.json("arguments", &arguments);
                &["name", "arguments"]
            }
            What::Read(_) => &["uri"],
            What::Update(_) => &[],
        };
        let mut beside = Record::new("attempt");
        for member in message.get("params").map(Node::members).unwrap_or_default() {
            if !own.contains(&member.key.as_ref()) {
                beside = beside.json(&self.redactor.text(&member.key), &self.redactor.member(member));
            }
        }
        if beside.body == "{}" { record } else { record.json("beside", &beside.body) }
    }

    /// On its way to the server.
    pub(super) fn depart(&mut self, call: u64, name: &str, approved: bool, now: u64) -> Asked {
        self.history.made(name, now);
        match name {
            READ => Asked::Read { call, at: now },
            _ => Asked::Call { call, tool: name.to_owned(), at: now, approved },
        }
    }
}

/// Refuses addresses of resources that two readers take for different ones, wherever a request has them: what is read, subscribed to, or to be completed.
fn check_uris(params: &Node<'_>) -> Result<(), Refusal> {
    let completed = params.get("ref").and_then(|to| to.get("uri")).and_then(Node::text);
    let watched = params.get("notifications").and_then(|wanted| wanted.get("resourceSubscriptions"));
    let all = params.get("uri").into_iter().chain(watched.map(Node::items).unwrap_or_default());
    all.filter_map(Node::text).try_for_each(check_uri)?;
    completed.map_or(Ok(()), check_template)
}

/// An answer about the task that goes on; one that has no name is answered as it is.
pub(super) fn asked_of_task(task: Option<&str>) -> Asked {
    Asked::Task { id: task.unwrap_or_default().to_owned(), ask: TaskAsk::Update }
}

/// Which request is made again with what a person has said: a call of this tool.
pub(super) fn asks_again(tool: &str) -> String {
    format!("tools/call {tool}")
}

/// The same for a task that goes on with it.
pub(super) fn asks_for_task(task: &str) -> String {
    format!("{UPDATE} {task}")
}

pub(super) fn denial(reason: String) -> Judgement {
    Judgement { verdict: Verdict::Deny, rules: Vec::new(), reason, trial: Vec::new() }
}

fn refuse(id: Option<&Id>, refusal: &Refusal) -> Step {
    let message = format!("the message was refused: {}", refusal.message);
    let answer = reply::error(id, reply::INVALID, &message, &[refusal.code.to_owned()]);
    Step::with(Move::Send(Side::Agent, answer), refused(Side::Agent, refusal.code, &refusal.message))
}
