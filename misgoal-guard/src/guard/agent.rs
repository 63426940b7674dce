//! Messages of the agent.

use std::sync::Arc;

use super::{Asked, CANCELLED, Flight, Guard, Held, Move, Step, Waiting, methods, refused, reply};
use crate::approval::digest;
use crate::policy::{Ask, Judgement, Subject, Verdict};
use crate::read::{Glimpser, Id, Message, Node, Refusal, Side, Value, read, write_string};
use crate::record::Record;
use crate::session::Outcome;

/// What is judged, on its way: which request it is and what it asks for.
struct Attempt<'a> {
    call: u64,
    id: Id,
    /// The tool, or `resources/read`.
    name: String,
    uri: Option<String>,
    arguments: Option<&'a Node<'a>>,
}

impl Guard {
    /// A message of the agent; `now` in milliseconds.
    pub fn from_agent(&mut self, line: &[u8], now: u64) -> Step {
        let message = match read(line, Side::Agent, &self.limits) {
            Ok(message) => message,
            Err(refusal) => return self.unread(Side::Agent, Glimpser::of(line), &refusal, now),
        };
        let turn = Arc::clone(&self.turn);
        let _held = self.history.is_shared().then(|| turn.lock());
        match message {
            Message::Request { id, method, params } => self.request(line, id, &method, params.as_ref(), now),
            Message::Notification { method, params } => self.notification(&method, params.as_ref()),
            Message::Response { id, result } => self.answer(id.as_ref(), &result),
        }
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
        match method {
            "tools/call" => self.call(line, id, params, now),
            "resources/read" => self.read_resource(line, id, params, now),
            "tools/list" => self.fly(id, Asked::List),
            "tasks/result" => {
                let task = params.and_then(|params| params.get("taskId")).and_then(Node::text);
                let asked = task.map_or(Asked::Other, |task| Asked::Task { id: task.to_owned() });
                self.fly(id, asked)
            }
            _ if methods::known_request(Side::Agent, method, &self.config.methods) => self.fly(id, Asked::Other),
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
                let mut step = self.fly(id, Asked::Other);
                step.records.push(record.text("mode", "log"));
                step
            }
        }
    }

    /// Goes on to the server, and its answer will be known.
    fn fly(&mut self, id: Id, asked: Asked) -> Step {
        self.flights.insert(self.key(&id.text), Flight { id, asked });
        Step::new(Move::Forward)
    }

    fn notification(&mut self, method: &str, params: Option<&Node<'_>>) -> Step {
        if !methods::known_notification(method, &self.config.methods) {
            let message = format!("the notification `{}` is not one of MCP's", method.escape_debug());
            let record = refused(Side::Agent, "unknown-method", &message);
            // A request without its id would be done and never answered: that is no notification of another kind but a trick.
            let request = methods::known_request(Side::Agent, method, &[])
                || ["tools/call", "tools/list", "resources/read"].contains(&method);
            let then = if self.enforces() || request { Move::Drop } else { Move::Forward };
            return Step::with(then, record);
        }
        if method == "notifications/cancelled"
            && let Some(id) = params.and_then(|params| params.get("requestId"))
        {
            if let Some(refusal) = self.other_kind(id) {
                return Step::with(Move::Drop, refused(Side::Agent, refusal.code, &refusal.message));
            }
            let text = id.text().map_or_else(|| id.canonical(), str::to_owned);
            let lane = self.lane;
            let call = self.waiting.iter().find(|(_, waiting)| waiting.lane == lane && waiting.id.text == text);
            let call = call.map(|(call, _)| *call);
            if let Some(call) = call {
                self.waiting.remove(&call);
                let record = Record::new("outcome").number("held", call).text("outcome", "cancelled");
                return Step::with(Move::Drop, record);
            }
            // The server need not answer any more; if it does all the same, the answer is not that of a later request of this id.
            let key = self.key(&text);
            if let Some(flight) = self.flights.remove(&key) {
                let mut step = Step::new(Move::Forward);
                if let Some((call, tool, _)) = flight.asked.judged() {
                    step.records.push(Record::new("outcome").of(call, tool).text("outcome", "cancelled"));
                }
                self.cancelled.insert(key.clone(), flight);
                self.cancelled_order.push_back(key);
                if self.cancelled_order.len() > CANCELLED
                    && let Some(oldest) = self.cancelled_order.pop_front()
                {
                    self.cancelled.remove(&oldest);
                }
                return step;
            }
        }
        Step::new(Move::Forward)
    }

    /// The agent's answer to a request of the server.
    fn answer(&mut self, id: Option<&Id>, result: &Result<Node<'_>, Node<'_>>) -> Step {
        let asked = id.and_then(|id| match self.server_flights.get(&id.text) {
            Some((asked, _)) if asked == id => self.server_flights.remove(&id.text),
            _ => None,
        });
        match asked {
            Some((_, from_user)) => {
                if let (true, Ok(result)) = (from_user, result) {
                    self.history.origins.add(&["user"], result);
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
        let arguments = params.and_then(|params| params.get("arguments"));
        if arguments.is_some_and(|arguments| !matches!(arguments.value, Value::Object(_))) {
            return refuse(Some(&id), &Refusal::new("bad-call", "the call's arguments are no object"));
        }
        if let Some(known) = self.tools.lookalike(name) {
            let message = format!("the tool `{}` looks like `{known}` and is not it", name.escape_unicode());
            return refuse(Some(&id), &Refusal::new("lookalike-tool", message));
        }
        let attempt = Attempt { call: self.next, id, name: name.to_owned(), uri: None, arguments };
        let judgement = match self.tools.get(name) {
            _ if self.held_tools.contains_key(name) => denial(format!(
                "the tool `{name}` is not what it was when it was pinned; a person must look at the change \
                 (`misgoal guard pending`)"
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
        let name = "resources/read".to_owned();
        let attempt = Attempt { call: self.next, id, name, uri: Some(uri.to_owned()), arguments: None };
        self.settle(line, attempt, judgement, now)
    }

    /// Logs an attempt and does what was decided about it.
    fn settle(&mut self, line: &[u8], attempt: Attempt<'_>, judgement: Judgement, now: u64) -> Step {
        self.next += 1;
        let enforces = self.enforces();
        let arguments = attempt.arguments.map_or_else(|| "{}".to_owned(), |node| self.redactor.json(node));
        let mut step = Step::new(Move::Forward);
        let judgement = match &attempt.uri {
            Some(uri) => {
                let mut seen = String::from("{\"uri\":");
                write_string(&mut seen, &self.redactor.text(uri));
                seen.push('}');
                self.see_call(attempt.call, &attempt.name, &seen, None, judgement, &mut step)
            }
            None => {
                let origins = self.records().then(|| self.history.origins.by_argument(attempt.arguments));
                self.see_call(attempt.call, &attempt.name, &arguments, origins.as_ref(), judgement, &mut step)
            }
        };
        let verdict = match (judgement.verdict, enforces) {
            (Verdict::Allow, _) => "allow",
            (Verdict::Deny, true) => "deny",
            (Verdict::Deny, false) => "would-deny",
            (Verdict::Hold, true) => "hold",
            (Verdict::Hold, false) => "would-hold",
        };
        let named = match &attempt.uri {
            Some(uri) => digest(uri, None),
            None => digest(&attempt.name, attempt.arguments),
        };
        let mut record = Record::new("attempt").of(attempt.call, &attempt.name).text("verdict", verdict);
        record = record.texts("rules", judgement.rules.iter().map(String::as_str)).text("reason", &judgement.reason);
        record = record.texts("trial", judgement.trial.iter().map(String::as_str));
        if let Some(uri) = &attempt.uri {
            record = record.text("uri", &self.redactor.text(uri));
        } else if self.config.log.arguments {
            record = record.json("arguments", &arguments);
        }
        record = record.text("digest", &named).text("version", &self.policies.version);
        step.records.push(record);
        step.then = match judgement.verdict {
            Verdict::Deny if enforces => {
                let message = format!(
                    "`{}` is denied: {}. Nothing was done. Ask the operator for permission if the task needs it",
                    attempt.name, judgement.reason
                );
                self.see_nothing(attempt.call);
                Move::Send(Side::Agent, reply::error(Some(&attempt.id), reply::DENIED, &message, &judgement.rules))
            }
            Verdict::Hold if enforces => {
                let held = Held {
                    call: attempt.call,
                    tool: attempt.name,
                    digest: named,
                    version: self.policies.version.clone(),
                    arguments,
                    reason: judgement.reason,
                };
                self.waiting.insert(attempt.call, Waiting { lane: self.lane, id: attempt.id, line: line.to_vec() });
                Move::Hold(held)
            }
            _ => {
                let asked = self.depart(attempt.call, attempt.name, attempt.uri.is_some(), now);
                self.flights.insert(self.key(&attempt.id.text), Flight { id: attempt.id, asked });
                Move::Forward
            }
        };
        step
    }

    fn depart(&mut self, call: u64, name: String, is_read: bool, now: u64) -> Asked {
        self.history.made(&name, now);
        if is_read { Asked::Read { call, at: now } } else { Asked::Call { call, tool: name, at: now } }
    }

    /// A person has approved a held call. What has happened since it was held counts: it is decided once more, now as approved.
    pub fn release(&mut self, call: u64, by: &str, now: u64) -> Step {
        self.decide_again(call, by, true, now)
    }

    /// A person has said that a session goes on after an alarm: a call that waited for this alone is made, one that the policies hold waits on.
    pub fn resume(&mut self, call: u64, by: &str, now: u64) -> Step {
        self.decide_again(call, by, false, now)
    }

    fn decide_again(&mut self, call: u64, by: &str, approved: bool, now: u64) -> Step {
        let turn = Arc::clone(&self.turn);
        let _held = self.history.is_shared().then(|| turn.lock());
        let Some(waiting) = self.waiting.remove(&call) else { return Step::new(Move::Drop) };
        let line = waiting.line.clone();
        let Ok(Message::Request { params: Some(params), .. }) = read(&line, Side::Agent, &self.limits) else {
            return Step::new(Move::Drop);
        };
        let uri = params.get("uri").and_then(Node::text).map(str::to_owned);
        let tool = params.get("name").and_then(Node::text);
        let ask = |subject| Ask { subject, history: &self.history, now, approved };
        let (name, mut judgement) = match (tool, &uri) {
            (Some(name), _) => match self.tools.get(name).filter(|_| !self.held_tools.contains_key(name)) {
                Some(tool) => (name, self.policies.decide(&ask(Subject::Call(tool, params.get("arguments"))))),
                None => (name, denial(format!("the tool `{name}` is gone"))),
            },
            (None, Some(uri)) => ("resources/read", self.policies.decide(&ask(Subject::Read(uri)))),
            (None, None) => return Step::new(Move::Drop),
        };
        if let Some(stopped) = self.stopped() {
            judgement = denial(stopped.to_owned());
        }
        if judgement.verdict == Verdict::Hold && !approved && self.enforces() {
            self.waiting.insert(call, waiting);
            return Step::new(Move::Drop);
        }
        let record = Record::new("approval").of(call, name).text("by", by);
        if judgement.verdict == Verdict::Allow || !self.enforces() {
            let record = record.text("decision", "approved");
            let asked = self.depart(call, name.to_owned(), tool.is_none(), now);
            self.flights.insert((waiting.lane, waiting.id.text.clone()), Flight { id: waiting.id, asked });
            return Step::with(Move::Send(Side::Server, waiting.line), record);
        }
        let message = format!("`{name}` was approved, but is denied now: {}", judgement.reason);
        let answer = reply::error(Some(&waiting.id), reply::DENIED, &message, &judgement.rules);
        let record = record.text("decision", "denied").text("reason", &judgement.reason);
        self.see_nothing(call);
        Step::with(Move::Send(Side::Agent, answer), record)
    }

    /// A held call is not made: a person has said no, or nobody has said anything in time.
    pub fn turn_down(&mut self, call: u64, tool: &str, by: &str, why: &str) -> Step {
        let Some(waiting) = self.waiting.remove(&call) else { return Step::new(Move::Drop) };
        let message = format!("`{tool}` needs a person's approval: {why}. Nothing was done");
        let record =
            Record::new("approval").of(call, tool).text("by", by).text("decision", "denied").text("reason", why);
        let answer = reply::error(Some(&waiting.id), reply::DENIED, &message, &[]);
        self.see_nothing(call);
        Step::with(Move::Send(Side::Agent, answer), record)
    }

    pub(super) fn ended(&mut self, tool: &str, at: u64, now: u64, good: bool) {
        self.history.ended(tool, at, now, if good { Outcome::Good } else { Outcome::Failed });
    }
}

fn denial(reason: String) -> Judgement {
    Judgement { verdict: Verdict::Deny, rules: Vec::new(), reason, trial: Vec::new() }
}

fn refuse(id: Option<&Id>, refusal: &Refusal) -> Step {
    let message = format!("the message was refused: {}", refusal.message);
    let answer = reply::error(id, reply::INVALID, &message, &[refusal.code.to_owned()]);
    Step::with(Move::Send(Side::Agent, answer), refused(Side::Agent, refusal.code, &refusal.message))
}
