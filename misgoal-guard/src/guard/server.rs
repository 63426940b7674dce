//! Messages of the server.

use super::{Asked, Flight, Guard, Move, Step, TASKS, Task, methods, refused, reply, unknown_task};
use crate::ending::Ending;
use crate::read::{Glimpser, Id, Message, Node, Refusal, Side, Value, check_numbers, read};
use crate::record::Record;

/// Notifications that may hold the result of a call.
const TASK_NEWS: &[&str] = &["notifications/tasks", "notifications/tasks/status"];

impl Guard {
    /// A message of the server; `now` in milliseconds.
    pub fn from_server(&mut self, line: &[u8], now: u64) -> Step {
        self.from_stream(None, line, now)
    }

    /// A message on the stream that answers this request, if it answers one. There clients take any answer for the one to this request, whatever its id.
    pub fn from_stream(&mut self, of: Option<&Id>, line: &[u8], now: u64) -> Step {
        let message = match read(line, Side::Server, &self.limits) {
            Ok(message) => message,
            Err(refusal) => return self.unread(Side::Server, &Glimpser::of(line), &refusal, now),
        };
        match message {
            Message::Response { id: Some(id), .. } if of.is_some_and(|of| *of != id) => {
                let message = format!("an answer to {id} stands where that to another request is awaited");
                Step::with(Move::Drop, refused(Side::Server, "unasked-answer", &message))
            }
            Message::Response { id: Some(id), result } => match self.landing(&id) {
                Some(flight) => self.landed(line, &flight, &result, now),
                None => self.misnamed(&id, now).unwrap_or_else(|| self.unasked(&id)),
            },
            // The server could not read a message; the agent has no request that this belongs to.
            Message::Response { id: None, .. } => Step::new(Move::Forward),
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
            Message::Request { id, method, .. } => self.asks(id, &method),
        }
    }

    /// An answer to `"1"` where `1` waits: some clients take it and others do not. Who waits for it is told.
    fn misnamed(&mut self, id: &Id, now: u64) -> Option<Step> {
        let flight = self.flights.remove(&self.key(&id.text))?;
        let message = format!("it is the answer to {id}, and the request was {}", flight.id);
        Some(self.not_shown(&flight, &Refusal::new("unasked-answer", message), now))
    }

    /// An answer without a request: one that was cancelled, or none.
    fn unasked(&mut self, id: &Id) -> Step {
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
            step.records.push(self.outcome(call, tool, Ending::Late));
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
    fn asks(&mut self, id: Id, method: &str) -> Step {
        let (code, message) = if let Some(stopped) = self.stopped() {
            ("stopped", stopped.to_owned())
        } else if self.server_flights.contains_key(&id.text) {
            ("id-in-flight", format!("the id {id} is still in use by a request without its answer"))
        } else if self.server_flights.len() >= self.config.limits.in_flight {
            ("too-many", format!("{} requests are waiting for their answers", self.config.limits.in_flight))
        } else if methods::known_request(Side::Server, method, &self.config.methods) || !self.enforces() {
            self.server_flights.insert(id.text.clone(), (id, method == "elicitation/create"));
            return Step::new(Move::Forward);
        } else {
            ("unknown-method", format!("the method `{}` is not one of MCP's", method.escape_debug()))
        };
        let id = (code != "id-in-flight").then_some(&id);
        let answer = reply::error(id, reply::INVALID, &message, &[code.to_owned()]);
        Step::with(Move::Send(Side::Server, answer), refused(Side::Server, code, &message))
    }

    /// The answer to a request of the agent.
    fn landed(&mut self, line: &[u8], flight: &Flight, result: &Result<Node<'_>, Node<'_>>, now: u64) -> Step {
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
        Some(self.taste(self.outcome(call, &tool, ending), &tool, body, now))
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
        step.records.push(self.taste(self.outcome(call, tool, outcome), tool, body, now));
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
        step.records.push(self.outcome(call, tool, Ending::Refused));
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
