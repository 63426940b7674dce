//! Messages of the server.

use super::{Asked, Channel, Flight, Guard, Move, Question, Step, TASKS, Task, methods, refused, reply, unknown_task};
use crate::ending::Ending;
use crate::read::{Glimpser, Id, Message, Node, Refusal, Side, Value, check_numbers, read};
use crate::record::Record;

/// Notifications that may hold the result of a call.
const TASK_NEWS: &[&str] = &["notifications/tasks", "notifications/tasks/status"];

impl Guard {
    /// A message of a server over stdio; `now` in milliseconds.
    pub fn from_server(&mut self, line: &[u8], now: u64) -> Step {
        self.from_channel(Channel::Shared, line, now)
    }

    /// A message of the server that comes in here.
    pub fn from_channel(&mut self, channel: Channel, line: &[u8], now: u64) -> Step {
        if let Some(step) = self.once_more(channel, line, now) {
            return step;
        }
        let awaited = self.awaited_on(channel);
        let step = self.take_in(channel, line, now);
        if let Some((sent, is_list)) = awaited.filter(|(sent, _)| !self.is_awaited(sent)) {
            self.remember(sent, is_list, line, &step.then);
        }
        step
    }

    fn take_in(&mut self, channel: Channel, line: &[u8], now: u64) -> Step {
        let message = match read(line, Side::Server, &self.limits) {
            Ok(message) => message,
            Err(refusal) => {
                let mut glimpses = Glimpser::of(line);
                glimpses.retain(|one| one.asks || one.id.as_ref().is_none_or(|id| self.awaits_here(channel, id)));
                return self.unread(Side::Server, &glimpses, &refusal, now);
            }
        };
        match message {
            Message::Response { id, result } => self.answered(channel, line, id.as_ref(), &result, now),
            // Of revision 2026-07-28: the whole task, with its result where it has one.
            Message::Notification { method, params: Some(task) } if TASK_NEWS.contains(&method.as_str()) => {
                self.task_news(&task, now)
            }
            Message::Notification { method, .. } => {
                if methods::known_notification(&method, &self.config.methods) {
                    return Step::new(Move::Forward);
                }
                let message = format!("the notification `{}` is not one of MCP's", method.escape_debug());
                let then = if self.enforces() { Move::Drop } else { Move::Forward };
                Step::with(then, refused(Side::Server, "unknown-method", &message))
            }
            Message::Request { id, method, .. } => self.asks(channel, line, id, &method),
        }
    }

    /// An answer to `"1"` where `1` waits: some clients take it and others do not. Who waits for it is told.
    pub(super) fn misnamed(&mut self, id: &Id, now: u64) -> Option<Step> {
        let flight = self.flights.remove(&self.key(&id.text))?;
        let message = format!("it is the answer to {id}, and the request was {}", flight.id);
        Some(self.not_shown(&flight, &Refusal::new("unasked-answer", message), now))
    }

    /// An answer without a request: one that was cancelled, or none.
    pub(super) fn unasked(&mut self, id: &Id) -> Step {
        let key = self.key(&id.text);
        let late = self.cancelled.get(&key).filter(|flight| flight.id == *id);
        if late.is_none() {
            let record = refused(Side::Server, "unasked-answer", "an answer that no request asked for");
            return Step::with(Move::Drop, record);
        }
        let flight = self.cancelled.remove(&key);
        self.cancelled_order.retain(|one| *one != key);
        let mut step = Step::new(Move::Drop);
        if let Some((call, tool, _)) = flight.as_ref().and_then(|flight| flight.asked.judged()) {
            step.records.push(Record::outcome(call, tool, Ending::Late));
        }
        step
    }

    pub(super) fn landing(&mut self, id: &Id) -> Option<Flight> {
        let key = self.key(&id.text);
        match self.flights.get(&key) {
            Some(flight) if flight.id == *id => self.flights.remove(&key),
            _ => None,
        }
    }

    /// A request of the server: sampling, elicitation, roots.
    fn asks(&mut self, channel: Channel, line: &[u8], id: Id, method: &str) -> Step {
        let digest = blake3::hash(line);
        // On a stream that is taken up again comes what may have been lost on its way. Who has it twice answers once: the second answer is no request's.
        let may_repeat = matches!(channel, Channel::Again(_) | Channel::Other);
        let is_same = |asked: &Question| (&asked.id, asked.digest) == (&id, digest);
        let (code, message) = if let Some(stopped) = self.stopped() {
            ("stopped", stopped.to_owned())
        } else if may_repeat && self.server_flights.get(&id.text).is_some_and(is_same) {
            return Step::new(Move::Forward);
        } else if self.server_flights.contains_key(&id.text) {
            ("id-in-flight", format!("the id {id} is still in use by a request without its answer"))
        } else if self.server_flights.len() >= self.config.limits.in_flight {
            ("too-many", format!("{} requests are waiting for their answers", self.config.limits.in_flight))
        } else if methods::known_request(Side::Server, method, &self.config.methods) || !self.enforces() {
            let asked = Question { id: id.clone(), from_user: method == "elicitation/create", digest };
            self.server_flights.insert(id.text, asked);
            return Step::new(Move::Forward);
        } else {
            ("unknown-method", format!("the method `{}` is not one of MCP's", method.escape_debug()))
        };
        let id = (code != "id-in-flight").then_some(&id);
        let answer = reply::error(id, reply::INVALID, &message, &[code.to_owned()]);
        Step::with(Move::Send(Side::Server, answer), refused(Side::Server, code, &message))
    }

    /// The answer to a request of the agent.
    pub(super) fn landed(
        &mut self,
        line: &[u8],
        flight: &Flight,
        result: &Result<Node<'_>, Node<'_>>,
        now: u64,
    ) -> Step {
        let good = match result {
            Ok(result) => !is_error(result),
            Err(_) => false,
        };
        let body = match result {
            Ok(node) | Err(node) => node,
        };
        // The reader has left `tools` to those who know what was asked for.
        if !matches!(flight.asked, Asked::List)
            && let Some(Err(refusal)) = body.get("tools").map(|tools| check_numbers(tools, Side::Server))
        {
            return self.not_shown(flight, &refusal, now);
        }
        match &flight.asked {
            Asked::List if good => self.filter_list(line, flight, body, now),
            Asked::List | Asked::Other => Step::new(Move::Forward),
            Asked::Tasks if body.get("tasks").map(Node::items).unwrap_or_default().iter().any(has_come_to) => {
                let refusal = Refusal::new("bad-answer", "a list of tasks has a result in it; ask for the task itself");
                self.not_shown(flight, &refusal, now)
            }
            Asked::Tasks => Step::new(Move::Forward),
            // The server's word that there is no such task, or no such method, is nobody's result.
            Asked::Task { id, .. } if result.is_err() && !self.tasks.contains_key(id) => Step::new(Move::Forward),
            // The later revisions put the result of a call, or its error, into the task itself.
            Asked::Task { is_result: false, .. } if !has_come_to(body) => Step::new(Move::Forward),
            Asked::Task { id, is_result } => {
                let inner = body.get("result").filter(|_| !is_result);
                let good = good && !inner.is_some_and(is_error) && (*is_result || body.get("error").is_none());
                match self.came_to(id, good, body, now) {
                    Some(record) => Step::with(Move::Forward, record),
                    None if self.enforces() => self.not_shown(flight, &unknown_task(id), now),
                    None => Step::with(Move::Forward, unseen(id)),
                }
            }
            Asked::Call { call, tool, at, approved } => {
                let mut ending = ending(good);
                if good && let Some(task) = task_of(body) {
                    self.forget_a_task();
                    // A name that a person's call has had does not become that of another.
                    let approved = *approved || self.tasks.get(task).is_some_and(|known| known.approved);
                    let (tool, is_done) = (tool.clone(), has_come_to(body));
                    self.tasks.insert(task.to_owned(), Task { call: *call, tool, at: *at, approved, is_done });
                    ending = if is_done { ending } else { Ending::Working };
                } else if good && body.get("resultType").and_then(Node::text) == Some("input_required") {
                    ending = Ending::Asks;
                }
                self.ended_with(flight, result, now, ending)
            }
            Asked::Read { .. } => self.ended_with(flight, result, now, ending(good)),
        }
    }

    /// What a task's call has come to; none of a task that this session has not seen begin. It may be asked for again, and is another result then if the server
    /// wants it so: its labels are put on the session each time, and it counts once.
    fn came_to(&mut self, id: &str, good: bool, body: &Node<'_>, now: u64) -> Option<Record> {
        let task = self.tasks.get_mut(id)?;
        let was_done = std::mem::replace(&mut task.is_done, true);
        let (call, tool, at) = (task.call, task.tool.clone(), task.at);
        let ending = if was_done { Ending::Again } else { ending(good) };
        self.history.ended(&tool, at, now, ending);
        Some(self.taste(Record::outcome(call, &tool, ending), &tool, body, now))
    }

    /// A server says of its own accord how a task is.
    fn task_news(&mut self, task: &Node<'_>, now: u64) -> Step {
        if !has_come_to(task) {
            return Step::new(Move::Forward);
        }
        let id = task.get("taskId").and_then(Node::text).unwrap_or_default();
        let good = task.get("error").is_none() && !task.get("result").is_some_and(is_error);
        match self.came_to(id, good, task, now) {
            Some(record) => Step::with(Move::Forward, record),
            None => Step::with(if self.enforces() { Move::Drop } else { Move::Forward }, unseen(id)),
        }
    }

    /// Makes room for another task: of the oldest one nobody knows any more how it began.
    fn forget_a_task(&mut self) {
        if self.tasks.len() < TASKS {
            return;
        }
        let oldest = self.tasks.iter().min_by_key(|(_, task)| task.call).map(|(name, _)| name.clone());
        oldest.map(|oldest| self.tasks.remove(&oldest));
    }

    /// The end of a call or a read: what it held is taken in, and it is shown unless the monitor cannot read it.
    fn ended_with(&mut self, flight: &Flight, result: &Result<Node<'_>, Node<'_>>, now: u64, ending: Ending) -> Step {
        let Some((call, tool, at)) = flight.asked.judged() else { return Step::new(Move::Forward) };
        self.history.ended(tool, at, now, ending);
        let mut step = Step::new(Move::Forward);
        let seen = self.see_answer(call, tool, result.as_ref());
        let mut outcome = ending;
        if let Err(words) = seen
            && self.enforces()
        {
            outcome = Ending::Refused;
            step.records.push(refused(Side::Server, "monitor", &words));
            step.then =
                Move::Send(Side::Agent, reply::error(Some(&flight.id), reply::DENIED, &words, &["monitor".to_owned()]));
        }
        let body = match result {
            Ok(node) | Err(node) => node,
        };
        step.records.push(self.taste(Record::outcome(call, tool, outcome), tool, body, now));
        step
    }

    /// Takes in a result: the labels that it puts on the session, and the values that it held.
    fn taste(&mut self, record: Record, tool: &str, body: &Node<'_>, now: u64) -> Record {
        let labels = self.history.labels_of(tool, &mut |pattern| any_text(body, &|text| pattern.is_match(text)));
        let names: Vec<&str> = std::iter::once(tool).chain(labels.iter().map(String::as_str)).collect();
        self.history.origins.add(&names, body);
        let record = record.texts("labels", labels.iter().map(String::as_str));
        self.history.bear(labels, now);
        record.number("bytes", (body.end - body.start) as u64)
    }

    /// The end of a request whose answer does not reach the agent.
    pub(super) fn close(&mut self, asked: &Asked, now: u64, step: &mut Step) {
        let Some((call, tool, at)) = asked.judged() else { return };
        self.history.ended(tool, at, now, Ending::Refused);
        // The error may repeat words of it: what any result of the tool would put on the session this one does. Whether a pattern fits nobody can tell.
        let labels = self.history.labels_of(tool, &mut |_| false);
        let record = Record::outcome(call, tool, Ending::Refused).texts("labels", labels.iter().map(String::as_str));
        step.records.push(record);
        self.history.bear(labels, now);
        self.see_nothing(call);
    }
}

/// The task that a call has become: as 2025-11-25 has it, and as the extension of 2026-07-28 does.
fn task_of<'a>(body: &'a Node<'_>) -> Option<&'a str> {
    let flat = || (body.get("resultType").and_then(Node::text) == Some("task")).then_some(body);
    body.get("task").or_else(flat)?.get("taskId").and_then(Node::text)
}

/// Whether a result says that the call has failed.
fn is_error(result: &Node<'_>) -> bool {
    result.get("isError").is_some_and(|flag| flag.value == Value::Bool(true))
}

/// Whether a task holds what its call has come to.
fn has_come_to(task: &Node<'_>) -> bool {
    task.get("result").or_else(|| task.get("error")).is_some()
}

fn ending(good: bool) -> Ending {
    if good { Ending::Good } else { Ending::Failed }
}

/// What is logged of a result that is that of no call of this session.
fn unseen(task: &str) -> Record {
    let refusal = unknown_task(task);
    refused(Side::Server, refusal.code, &refusal.message).text("mode", "log")
}

/// Whether any text in a value fits.
fn any_text(node: &Node<'_>, fits: &dyn Fn(&str) -> bool) -> bool {
    match &node.value {
        Value::String(text) => fits(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, fits)),
        Value::Object(members) => members.iter().any(|member| any_text(&member.node, fits)),
        _ => false,
    }
}
