//! Requests that wait for a person, and what becomes of them.

use std::sync::Arc;

use super::agent::{READ, UPDATE, asked_of_task, denial};
use super::source::token;
use super::{Guard, Move, Step, reply};
use crate::policy::{Ask, Judgement, Subject, Verdict};
use crate::read::{Id, Message, Node, Side, read};
use crate::record::Record;

impl Guard {
    /// A person has approved a held request, which they call `id`. What has happened since it was held counts: it is decided once more, now as approved.
    pub fn release(&mut self, call: u64, id: &str, by: &str, now: u64) -> Step {
        self.decide_again(call, Some(id), by, now)
    }

    /// A person has said that a session goes on after an alarm: a request that waited for this alone is made, one that the policies hold waits on.
    pub fn resume(&mut self, call: u64, by: &str, now: u64) -> Step {
        self.decide_again(call, None, by, now)
    }

    /// Decides about a held request once more; `id` is what a person calls it by who has approved it.
    fn decide_again(&mut self, call: u64, id: Option<&str>, by: &str, now: u64) -> Step {
        let turn = Arc::clone(&self.turn);
        let _held = self.history.is_shared().then(|| turn.lock());
        let Some(waiting) = self.waiting.remove(&call) else { return Step::new(Move::Drop) };
        let mut judgement = self.judge_held(&waiting.line, id.is_some(), now);
        if let Some(stopped) = self.stopped() {
            judgement = denial(stopped.to_owned());
        }
        if judgement.verdict == Verdict::Hold && id.is_none() && self.enforces() {
            self.waiting.insert(call, waiting);
            return Step::new(Move::Drop);
        }
        let name = &waiting.name;
        let record = self.about("approval", call, name).text("id", id.unwrap_or_default()).text("by", by);
        if judgement.verdict == Verdict::Allow || !self.enforces() {
            let record = record.text("decision", "approved");
            let (task, token) = match read(&waiting.line, Side::Agent, &self.limits) {
                Ok(Message::Request { params: Some(params), .. }) => {
                    (params.get("taskId").and_then(Node::text).map(str::to_owned), token(Some(&params)))
                }
                _ => (None, None),
            };
            let asked = match name.as_str() {
                UPDATE => asked_of_task(task.as_deref()),
                _ => self.depart(call, name, id.is_some(), now),
            };
            self.take_off(waiting.lane, waiting.id, asked, token);
            return Step::with(Move::Send(Side::Server, waiting.line), record);
        }
        let message = format!("`{name}` was approved, but is denied now: {}", judgement.reason);
        let answer = reply::error(Some(&waiting.id), reply::DENIED, &message, &judgement.rules);
        let record = record.text("decision", "denied").text("reason", &judgement.reason);
        self.see_nothing(call);
        Step::with(Move::Send(Side::Agent, answer), record)
    }

    /// What the policies say now; which request it is says its method and nothing else.
    fn judge_held(&self, line: &[u8], approved: bool, now: u64) -> Judgement {
        let Ok(Message::Request { method, params: Some(params), .. }) = read(line, Side::Agent, &self.limits) else {
            return denial("it cannot be read any more".to_owned());
        };
        let says = |key: &str| params.get(key).and_then(Node::text).unwrap_or_default();
        let ask = |subject| Ask { subject, history: &self.history, now, approved };
        match method.as_str() {
            READ => self.policies.decide(&ask(Subject::Read(says("uri")))),
            UPDATE => Judgement {
                verdict: if approved { Verdict::Allow } else { Verdict::Hold },
                rules: Vec::new(),
                reason: String::new(),
                trial: Vec::new(),
            },
            _ => match self.tools.get(says("name")).filter(|tool| !self.is_in_doubt(&tool.name)) {
                Some(tool) => self.policies.decide(&ask(Subject::Call(tool, params.get("arguments")))),
                None => denial("the tool is gone, or is not what it was when it was pinned".to_owned()),
            },
        }
    }

    /// Whether a tool is not what was pinned, or is one of two.
    fn is_in_doubt(&self, tool: &str) -> bool {
        self.held_tools.contains_key(tool) || self.doubled.contains(tool)
    }

    /// A held request is not made: a person has said no, or nobody has said anything in time.
    pub fn turn_down(&mut self, call: u64, by: &str, why: &str) -> Step {
        let Some(waiting) = self.waiting.remove(&call) else { return Step::new(Move::Drop) };
        let name = &waiting.name;
        let message = format!("`{name}` needs a person's approval: {why}. Nothing was done");
        let record = self.about("approval", call, name).text("by", by).text("decision", "denied").text("reason", why);
        let answer = reply::error(Some(&waiting.id), reply::DENIED, &message, &[]);
        self.see_nothing(call);
        Step::with(Move::Send(Side::Agent, answer), record)
    }

    /// A held request is not made, since nobody has said anything in time; it is known until it is forgotten, so that its agent can cancel it.
    pub fn time_out(&mut self, call: u64, why: &str) -> Step {
        if let Some(waiting) = self.waiting.get(&call) {
            self.timed_out.insert(call, (waiting.id.clone(), waiting.name.clone()));
        }
        self.turn_down(call, "time", why)
    }

    /// Whether a request whose time was over is known still, and not cancelled.
    pub fn remembers(&self, call: u64) -> bool {
        self.timed_out.contains_key(&call)
    }

    /// Nobody may approve this request any more.
    pub fn forget(&mut self, call: u64) {
        self.timed_out.remove(&call);
    }

    /// The agent gives up requests of this id whose time was over: no approval is good for them any more.
    pub(super) fn cancel_timed_out(&mut self, id: &Id) -> Vec<Record> {
        let calls: Vec<u64> =
            self.timed_out.iter().filter(|(_, (known, _))| known == id).map(|(call, _)| *call).collect();
        let cancelled = calls.into_iter().filter_map(|call| {
            let (_, name) = self.timed_out.remove(&call)?;
            Some(self.about("approval", call, &name).text("by", "agent").text("decision", "cancelled"))
        });
        cancelled.collect()
    }

    /// Whether a request still waits for a person.
    pub fn waits_for(&self, call: u64) -> bool {
        self.waiting.contains_key(&call)
    }

    /// The agent wants no answer any more to the requests of this id that wait. Where a server does not tell agents apart, nobody can tell whose request is
    /// meant, and all that wait under the id are given up: what is cancelled by mistake can be asked again, what is done by mistake cannot be undone.
    pub(super) fn cancel_held(&mut self, id: &Id) -> Option<Step> {
        let calls: Vec<u64> =
            self.waiting.iter().filter(|(_, waiting)| waiting.id == *id).map(|(call, _)| *call).collect();
        let steps = calls.into_iter().map(|call| self.give_up(call, "cancelled", "agent"));
        steps.reduce(Step::and)
    }

    /// Nobody waits any more for the answer to a held request: its agent has gone, or the session ends.
    pub fn abandon(&mut self, call: u64, why: &str) -> Step {
        self.give_up(call, "abandoned", why)
    }

    /// Gives all held requests up.
    pub fn abandon_all(&mut self, why: &str) -> Step {
        let calls: Vec<u64> = self.waiting.keys().copied().collect();
        calls.into_iter().fold(Step::new(Move::Drop), |step, call| step.and(self.abandon(call, why)))
    }

    fn give_up(&mut self, call: u64, decision: &str, by: &str) -> Step {
        let Some(waiting) = self.waiting.remove(&call) else { return Step::new(Move::Drop) };
        self.see_nothing(call);
        let record = self.about("approval", call, &waiting.name).text("by", by).text("decision", decision);
        Step::with(Move::Drop, record)
    }
}
