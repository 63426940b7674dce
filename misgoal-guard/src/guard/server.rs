//! Messages of the server.

use super::agent::{READ, asks_again, asks_for_task};
use super::answer::{check, check_inner, ending, has_come_to, is_error, is_task, state, task_of};
use super::elicit::{ELICIT, Form};
use super::source::Sources;
use super::{
    Asked, Channel, Flight, Guard, INPUTS, Move, Question, Step, TASKS, Task, TaskAsk, methods, refused, reply,
    unknown_task,
};
use crate::ending::Ending;
use crate::read::{Glimpser, Id, Member, Message, Node, Refusal, Side, Value, check_numbers, read};
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
        let step = self.read_in(channel, line, now);
        if let Some((sent, is_list)) = awaited.filter(|(sent, _)| !self.is_awaited(sent)) {
            self.remember(sent, is_list, line, &step.then);
        }
        step
    }

    fn read_in(&mut self, channel: Channel, line: &[u8], now: u64) -> Step {
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
                self.task_news(&method, &task, now)
            }
            Message::Notification { method, params } => {
                let is_known = methods::known_notification(&method, &self.config.methods);
                let mut step = Step::new(if is_known || !self.enforces() { Move::Forward } else { Move::Drop });
                if !is_known {
                    let message = format!("the notification `{}` is not one of MCP's", method.escape_debug());
                    step.records.push(refused(Side::Server, "unknown-method", &message));
                }
                if step.then == Move::Forward {
                    step.records.extend(self.hear_unasked(channel, &method, None, params.as_ref(), now));
                }
                step
            }
            Message::Request { id, method, params } => self.asks(channel, line, id, &method, params.as_ref(), now),
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
    fn asks(
        &mut self,
        channel: Channel,
        line: &[u8],
        id: Id,
        method: &str,
        params: Option<&Node<'_>>,
        now: u64,
    ) -> Step {
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
            let form = (method == ELICIT).then(|| Form::of(params));
            let record = self.hear_unasked(channel, method, Some(&id), params, now);
            self.server_flights.insert(id.text.clone(), Question { id, form, digest });
            return Step { records: Vec::from_iter(record), ..Step::new(Move::Forward) };
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
        let body = match result {
            Ok(node) | Err(node) => node,
        };
        // The reader has left `tools` to those who know what was asked for.
        if !matches!(flight.asked, Asked::List)
            && let Some(Err(refusal)) = body.get("tools").map(|tools| check_numbers(tools, Side::Server))
        {
            return self.not_shown(flight, &refusal, now);
        }
        if let Err(refusal) = self.check_answer(&flight.asked, result) {
            return self.not_shown(flight, &refusal, now);
        }
        match &flight.asked {
            Asked::List => {
                let step = match result {
                    // Whatever else a list says of itself: who reads its tools finds them.
                    Ok(body) => self.filter_list(line, flight, body, now),
                    Err(_) => Step::new(Move::Forward),
                };
                let beside = if result.is_ok() { &without_list(body, "tools") } else { body };
                let record = self.take_in(&Sources::one("tools/list"), "tools/list", &[beside], false, now);
                Step { records: step.records.into_iter().chain(record).collect(), ..step }
            }
            Asked::Other { method } => {
                let mut step = Step::new(Move::Forward);
                if !body.members().is_empty() {
                    step.records.extend(self.take_in(&Sources::one(method), method, &[body], false, now));
                }
                self.remember_inputs(method, body);
                step
            }
            Asked::Tasks if body.get("tasks").map(Node::items).unwrap_or_default().iter().any(has_come_to) => {
                let refusal = Refusal::new("bad-answer", "a list of tasks has a result in it; ask for the task itself");
                self.not_shown(flight, &refusal, now)
            }
            Asked::Tasks => {
                let mut step = Step::new(Move::Forward);
                let tasks = body.get("tasks").filter(|_| result.is_ok()).map(Node::items).unwrap_or_default();
                for task in tasks {
                    let id = task.get("taskId").and_then(Node::text).unwrap_or_default();
                    step.records.extend(self.task_says(id, "tasks/list", false, task, now));
                }
                let beside = if tasks.is_empty() { body } else { &without_list(body, "tasks") };
                step.records.extend(self.take_in(&Sources::one("tasks/list"), "tasks/list", &[beside], false, now));
                step
            }
            Asked::Task { id, ask } => self.told_of_task(flight, id, *ask, result, now),
            Asked::Call { tool, .. } => {
                let (tool, of) = (tool.clone(), asks_again(tool));
                self.ended(flight, &tool, &of, result, now)
            }
            Asked::Read { .. } => self.ended(flight, READ, READ, result, now),
        }
    }

    /// Refuses a result of which clients make different things.
    fn check_answer(&self, asked: &Asked, result: &Result<Node<'_>, Node<'_>>) -> Result<(), Refusal> {
        let Ok(result) = result else { return Ok(()) };
        match asked {
            Asked::Call { .. } | Asked::Read { .. } => {
                let is_read = matches!(asked, Asked::Read { .. });
                let inner = task_of(result).and_then(|(_, task)| task.get("result"));
                inner.map_or(Ok(()), |inner| check_inner(inner, is_read)).and_then(|()| check(result, is_read))
            }
            Asked::Task { id, ask } => {
                let is_read = self.tasks.get(id).is_some_and(|task| task.tool == READ);
                if *ask == TaskAsk::Result && !is_task(result) {
                    return check(result, is_read);
                }
                result.get("result").map_or(Ok(()), |result| check_inner(result, is_read))
            }
            Asked::List | Asked::Tasks | Asked::Other { .. } => Ok(()),
        }
    }

    /// The answer to a call or a read: its result, a task that it has become, or what the server wants first.
    fn ended(&mut self, flight: &Flight, tool: &str, of: &str, result: &Result<Node<'_>, Node<'_>>, now: u64) -> Step {
        let Ok(body) = result else { return self.ended_with(flight, result, now, Ending::Failed) };
        let mut ends = ending(!is_error(body));
        let Some((call, _, at)) = flight.asked.judged() else { return Step::new(Move::Forward) };
        if let (Ending::Good, Some((id, task))) = (ends, task_of(body)) {
            if self.tasks.get(id).is_some_and(|known| known.call != call && known.tool != tool) {
                let message = format!("the task `{}` is that of another tool's call", id.escape_debug());
                return self.not_shown(flight, &Refusal::new("bad-answer", message), now);
            }
            self.forget_a_task();
            // A name that a person's call has had does not become that of another.
            let was_approved = self.tasks.get(id).is_some_and(|known| known.approved);
            let approved = was_approved || matches!(flight.asked, Asked::Call { approved: true, .. });
            let is_done = state(task).is_some();
            ends = state(task).unwrap_or(Ending::Working);
            let (tool, token) = (tool.to_owned(), flight.token.clone());
            self.tasks.insert(id.to_owned(), Task { call, tool, at, approved, is_done, heard: None, token });
            self.remember_inputs(&asks_for_task(id), task);
        } else if ends == Ending::Good && body.get("resultType").and_then(Node::text) == Some("input_required") {
            ends = Ending::Asks;
            self.remember_inputs(of, body);
        }
        self.ended_with(flight, result, now, ends)
    }

    /// What a server says when it is asked about a task.
    fn told_of_task(
        &mut self,
        flight: &Flight,
        id: &str,
        ask: TaskAsk,
        result: &Result<Node<'_>, Node<'_>>,
        now: u64,
    ) -> Step {
        let is_known = self.tasks.contains_key(id);
        let says = |records: Vec<Record>| Step { records, ..Step::new(Move::Forward) };
        let result = match result {
            Ok(result) => result,
            // Why the result of a task cannot be had is not what its call has come to: the agent may have asked in a way that makes the server say so.
            Err(error) => {
                let sources = self.of_task(id, ask.method());
                let is_open = self.tasks.get(id).is_some_and(|task| !task.is_done) && ask == TaskAsk::Result;
                let heard = self.take_in(&sources, ask.method(), &[error], false, now);
                let lost = self.tasks.get(id).filter(|_| is_open);
                let lost = lost.map(|task| self.outcome(task.call, &task.tool, Ending::Lost));
                return says(lost.into_iter().chain(heard).collect());
            }
        };
        // The later revisions put the result of a call, or its error, into the task itself; and an answer that is a task still is none that has come to something.
        let is_result = ask == TaskAsk::Result && !is_task(result);
        if let Err(refusal) = self.is_heard(result) {
            return self.not_shown(flight, &refusal, now);
        }
        match (is_result || has_come_to(result), is_known) {
            (true, true) if is_result => says(vec![self.came_to(id, ending(!is_error(result)), Ok(result), now)]),
            (true, false) if self.enforces() => self.not_shown(flight, &unknown_task(id), now),
            (true, false) => {
                let heard = self.take_in(&self.of_task(id, ask.method()), ask.method(), &[result], false, now);
                says([unseen(id)].into_iter().chain(heard).collect())
            }
            _ => says(self.task_says(id, ask.method(), true, result, now)),
        }
    }

    /// What a task says of itself, in an answer or of its server's own accord; `is_asked`: its name is the agent's own word.
    fn task_says(&mut self, id: &str, method: &str, is_asked: bool, task: &Node<'_>, now: u64) -> Vec<Record> {
        if let Some(known) = self.tasks.get(id) {
            let was_done = known.is_done;
            self.remember_inputs(&asks_for_task(id), task);
            if let Some(ends) = state(task).filter(|_| !was_done || has_come_to(task)) {
                return vec![self.came_to(id, ends, Err(task), now)];
            }
        }
        let is_bare = self.is_bare(task, Some(id).filter(|_| is_asked));
        Vec::from_iter(self.take_in(&self.of_task(id, method), method, &[task], is_bare, now))
    }

    /// What the call of a task that this session has seen begin has come to. It may be asked for again, and is another result then if the server wants it so: its
    /// labels are put on the session each time, and it counts once. `said`: the result itself, or the task.
    fn came_to(&mut self, id: &str, ends: Ending, said: Result<&Node<'_>, &Node<'_>>, now: u64) -> Record {
        let Some(task) = self.tasks.get_mut(id) else { return unseen(id) };
        let was_done = std::mem::replace(&mut task.is_done, true);
        let (call, tool, at) = (task.call, task.tool.clone(), task.at);
        let ends = if was_done { Ending::Again } else { ends };
        self.history.ended(&tool, at, now, ends);
        let (Ok(body) | Err(body)) = said;
        // A task holds a result or an error, or has only words for why there is none.
        let held = |task| body.get("error").map(Err).or(body.get("result").map(Ok)).unwrap_or(Err(task));
        self.see_result(id, call, &tool, said.or_else(held));
        self.taste(self.outcome(call, &tool, ends), &tool, body, now)
    }

    /// Lets the monitor hear what a task has come to, and each time that it is another result.
    fn see_result(&mut self, id: &str, call: u64, tool: &str, said: Result<&Node<'_>, &Node<'_>>) {
        if !self.watches() {
            return;
        }
        let (Ok(body) | Err(body)) = said;
        let heard = Some(blake3::hash(body.canonical().as_bytes()));
        let Some(task) = self.tasks.get_mut(id).filter(|task| task.heard != heard) else { return };
        let is_later = task.heard.is_some();
        task.heard = heard;
        // What it cannot read has been refused, where anything is.
        _ = if is_later { self.see_more(call, tool, said) } else { self.see_answer(call, tool, said) };
    }

    /// A server says of its own accord how a task is.
    fn task_news(&mut self, method: &str, task: &Node<'_>, now: u64) -> Step {
        let id = task.get("taskId").and_then(Node::text).unwrap_or_default();
        let is_read = self.tasks.get(id).is_some_and(|task| task.tool == READ);
        if let Some(Err(refusal)) = task.get("result").map(|result| check_inner(result, is_read)) {
            return Step::with(Move::Drop, refused(Side::Server, refusal.code, &refusal.message));
        }
        if let Err(refusal) = self.is_heard(task) {
            return Step::with(Move::Drop, refused(Side::Server, refusal.code, &refusal.message));
        }
        if !has_come_to(task) || self.tasks.contains_key(id) {
            return Step { records: self.task_says(id, method, false, task, now), ..Step::new(Move::Forward) };
        }
        if self.enforces() {
            return Step::with(Move::Drop, unseen(id));
        }
        let heard = self.take_in(&self.of_task(id, method), method, &[task], false, now);
        Step { records: [unseen(id)].into_iter().chain(heard).collect(), ..Step::new(Move::Forward) }
    }

    /// The forms in which a person is asked before this request goes on.
    fn remember_inputs(&mut self, of: &str, body: &Node<'_>) {
        for asked in body.get("inputRequests").map(Node::members).unwrap_or_default() {
            if asked.node.get("method").and_then(Node::text) == Some(ELICIT) {
                self.inputs.push_back((of.to_owned(), asked.key.to_string(), Form::of(asked.node.get("params"))));
            }
            if self.inputs.len() > INPUTS {
                self.inputs.pop_front();
            }
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
        // The monitor hears what the call has come to, when it has.
        let seen = match ending {
            Ending::Working => Ok(()),
            _ => self.see_answer(call, tool, result.as_ref()),
        };
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
        let labels = self.history.taste(&[tool], &[body]);
        let record = record.texts("labels", labels.iter().map(String::as_str));
        self.history.bear(labels, now);
        record.number("bytes", (body.end - body.start) as u64)
    }

    /// The end of a request whose answer does not reach the agent; what it is told in its place may quote the answer.
    pub(super) fn close(&mut self, asked: &Asked, words: &str, now: u64, step: &mut Step) {
        let words = Node::of_text(words);
        let open = match asked {
            // The result of a task is that of its call.
            Asked::Task { id, ask: TaskAsk::Result } => self.tasks.get(id).filter(|task| !task.is_done),
            _ => None,
        };
        let of_task = open.map(|task| (task.call, task.tool.clone(), task.at));
        let of_call = || asked.judged().map(|(call, tool, at)| (call, tool.to_owned(), at));
        let Some((call, tool, at)) = of_task.or_else(of_call) else {
            let sources = self.asked(asked);
            step.records.extend(self.take_in(&sources, "error", &[&words], false, now));
            return;
        };
        let tool = tool.as_str();
        self.history.ended(tool, at, now, Ending::Refused);
        let labels = self.history.taste(&[tool], &[&words]);
        let record = self.outcome(call, tool, Ending::Refused);
        step.records.push(record.texts("labels", labels.iter().map(String::as_str)));
        self.history.bear(labels, now);
        self.see_nothing(call);
    }
}

/// What a list says of itself: its members but for the one that has the list.
fn without_list<'a>(body: &Node<'a>, key: &str) -> Node<'a> {
    let rest: Vec<Member<'a>> = body.members().iter().filter(|member| member.key != key).cloned().collect();
    let end = rest.iter().map(|member| member.node.end - member.node.start).sum();
    Node { start: 0, end, value: Value::Object(rest) }
}

/// What is logged of a result that is that of no call of this session.
fn unseen(task: &str) -> Record {
    let refusal = unknown_task(task);
    refused(Side::Server, refusal.code, &refusal.message).text("mode", "log")
}
