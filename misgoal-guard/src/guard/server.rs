//! Messages of the server.

use super::{Asked, Flight, Guard, Move, Step, TASKS, Task, methods, refused, reply, unknown_task};
use crate::read::{Glimpser, Id, Message, Node, Side, Value, check_numbers, read};
use crate::record::Record;

impl Guard {
    /// A message of the server; `now` in milliseconds.
    pub fn from_server(&mut self, line: &[u8], now: u64) -> Step {
        let message = match read(line, Side::Server, &self.limits) {
            Ok(message) => message,
            Err(refusal) => return self.unread(Side::Server, &Glimpser::of(line), &refusal, now),
        };
        match message {
            Message::Response { id: Some(id), result } => match self.landing(&id) {
                Some(flight) => self.landed(line, &flight, &result, now),
                None => self.unasked(&id),
            },
            // The server could not read a message; the agent has no request that this belongs to.
            Message::Response { id: None, .. } => Step::new(Move::Forward),
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
            step.records.push(Record::new("outcome").of(call, tool).text("outcome", "late"));
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
            // The later revisions put the result of a call, or its error, into the task itself.
            Asked::Task { is_result: false, .. } if body.get("result").or_else(|| body.get("error")).is_none() => {
                Step::new(Move::Forward)
            }
            Asked::Task { id, is_result } => match self.tasks.get(id) {
                // It may be asked for again, and is another one then if the server wants it so.
                Some(Task { call, tool, .. }) => {
                    let (call, tool) = (*call, tool.clone());
                    let inner = body.get("result").filter(|_| !is_result);
                    let good = good && !inner.is_some_and(is_error) && (*is_result || body.get("error").is_none());
                    let outcome = Record::new("outcome").of(call, &tool).text("outcome", word(good));
                    let record = self.taste(outcome, &tool, body, now);
                    Step::with(Move::Forward, record)
                }
                // The server's word that there is no such task, or no such method, is nobody's result.
                None if result.is_err() => Step::new(Move::Forward),
                None if self.enforces() => self.not_shown(flight, &unknown_task(id), now),
                None => {
                    let refusal = unknown_task(id);
                    Step::with(Move::Forward, refused(Side::Server, refusal.code, &refusal.message).text("mode", "log"))
                }
            },
            Asked::Call { call, tool, approved, .. } => {
                if let Some(task) = task_of(body) {
                    self.forget_a_task();
                    // A name that a person's call has had does not become that of another.
                    let approved = *approved || self.tasks.get(task).is_some_and(|known| known.approved);
                    self.tasks.insert(task.to_owned(), Task { call: *call, tool: tool.clone(), approved });
                }
                self.ended_with(flight, result, now, good)
            }
            Asked::Read { .. } => self.ended_with(flight, result, now, good),
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
    fn ended_with(&mut self, flight: &Flight, result: &Result<Node<'_>, Node<'_>>, now: u64, good: bool) -> Step {
        let Some((call, tool, at)) = flight.asked.judged() else { return Step::new(Move::Forward) };
        self.ended(tool, at, now, good);
        let mut step = Step::new(Move::Forward);
        let seen = self.see_answer(call, tool, result.as_ref());
        let mut outcome = word(good);
        if let Err(words) = seen
            && self.enforces()
        {
            outcome = "refused";
            step.records.push(refused(Side::Server, "monitor", &words));
            step.then =
                Move::Send(Side::Agent, reply::error(Some(&flight.id), reply::DENIED, &words, &["monitor".to_owned()]));
        }
        let body = match result {
            Ok(node) | Err(node) => node,
        };
        step.records.push(self.taste(Record::new("outcome").of(call, tool).text("outcome", outcome), tool, body, now));
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
        self.ended(tool, at, now, false);
        step.records.push(Record::new("outcome").of(call, tool).text("outcome", "refused"));
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

fn word(good: bool) -> &'static str {
    if good { "good" } else { "failed" }
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
