//! Messages of the server.

use super::{Asked, Flight, Guard, Move, Step, TASKS, methods, refused, reply};
use crate::read::{Id, Message, Node, Side, Value, read};
use crate::record::Record;

impl Guard {
    /// A message of the server; `now` in milliseconds.
    pub fn from_server(&mut self, line: &[u8], now: u64) -> Step {
        let message = match read(line, Side::Server, &self.limits) {
            Ok(message) => message,
            Err(refusal) => {
                let record = refused(Side::Server, refusal.code, &refusal.message);
                let id = (line.len() <= self.limits.bytes).then(|| reply::lenient_id(line)).flatten();
                let flight = id.and_then(|id| self.landing(&id));
                let Some(flight) = flight else { return Step::with(Move::Drop, record) };
                let words = format!("the server's answer was refused: {}", refusal.message);
                let answer = reply::error(Some(&flight.id), reply::INVALID, &words, &[refusal.code.to_owned()]);
                let mut step = Step::with(Move::Send(Side::Agent, answer), record);
                if let Some(outcome) = self.close(&flight.asked, now, "refused") {
                    step.records.push(outcome);
                }
                return step;
            }
        };
        match message {
            Message::Response { id: Some(id), result } => match self.landing(&id) {
                Some(flight) => self.landed(line, &flight, &result, now),
                None => Step::with(
                    Move::Drop,
                    refused(Side::Server, "unasked-answer", "an answer that no request asked for"),
                ),
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

    fn landing(&mut self, id: &Id) -> Option<Flight> {
        match self.flights.get(&id.text) {
            Some(flight) if flight.id == *id => self.flights.remove(&id.text),
            _ => None,
        }
    }

    /// A request of the server: sampling, elicitation, roots.
    fn asks(&mut self, id: Id, method: &str) -> Step {
        let (code, message) = if self.server_flights.contains_key(&id.text) {
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
            Ok(result) => !result.get("isError").is_some_and(|flag| flag.value == Value::Bool(true)),
            Err(_) => false,
        };
        let body = match result {
            Ok(node) | Err(node) => node,
        };
        match &flight.asked {
            Asked::List if good => self.filter_list(line, flight, body, now),
            Asked::List | Asked::Other => Step::new(Move::Forward),
            Asked::Task { id } => match self.tasks.remove(id) {
                Some((call, tool)) => {
                    let record =
                        self.taste(Record::new("outcome").of(call, &tool).text("outcome", word(good)), &tool, body);
                    Step::with(Move::Forward, record)
                }
                None => Step::new(Move::Forward),
            },
            Asked::Call { call, tool, at } => {
                if let Some(task) = body.get("task").and_then(|task| task.get("taskId")).and_then(Node::text)
                    && self.tasks.len() < TASKS
                {
                    self.tasks.insert(task.to_owned(), (*call, tool.clone()));
                }
                self.ended(tool, *at, now, good);
                let record = Record::new("outcome").of(*call, tool).text("outcome", word(good));
                Step::with(Move::Forward, self.taste(record, tool, body))
            }
            Asked::Read { call, at } => {
                self.ended("resources/read", *at, now, good);
                let record = Record::new("outcome").of(*call, "resources/read").text("outcome", word(good));
                Step::with(Move::Forward, self.taste(record, "resources/read", body))
            }
        }
    }

    /// Takes in a result: the labels that it puts on the session, and the values that it held.
    fn taste(&mut self, record: Record, tool: &str, body: &Node<'_>) -> Record {
        let labels = self.history.labels_of(tool, &mut |pattern| any_text(body, &|text| pattern.is_match(text)));
        let names: Vec<&str> = std::iter::once(tool).chain(labels.iter().map(String::as_str)).collect();
        self.history.origins.add(&names, body);
        let record = record.texts("labels", labels.iter().map(String::as_str));
        self.history.labels.extend(labels);
        record.number("bytes", (body.end - body.start) as u64)
    }

    /// The outcome of a request whose answer does not reach the agent.
    fn close(&mut self, asked: &Asked, now: u64, outcome: &str) -> Option<Record> {
        let (call, tool, at) = match asked {
            Asked::Call { call, tool, at } => (*call, tool.as_str(), *at),
            Asked::Read { call, at } => (*call, "resources/read", *at),
            Asked::List | Asked::Task { .. } | Asked::Other => return None,
        };
        self.ended(tool, at, now, false);
        Some(Record::new("outcome").of(call, tool).text("outcome", outcome))
    }
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
