//! What every trace format is read into.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// One session of an agent: a user's task, from its first message to its last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// The recording's name for it; made from its place in the file where the recording has none.
    pub id: String,
    /// The kind of task, where the recording says so: a profile can be kept per kind.
    pub task: Option<String>,
    /// The reward or success that the recording gives, 1 for success.
    pub reward: Option<f64>,
    /// What the agent was told before the user spoke: system prompt, constraints.
    pub instructions: Vec<String>,
    /// Names of the tools that the agent was offered, where recorded, in their order.
    pub tools: Vec<String>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What a person wrote about an event (its index): ground truth for evaluations. No profile and no detector reads it.
    pub marks: Vec<(usize, String)>,
    /// Whose answers held an argument's value, by the call's event and the argument's name, where a guard has recorded the session: it saw what the
    /// recording leaves out as a secret. `user` stands for what a person answered.
    pub origins: BTreeMap<(usize, String), BTreeSet<String>>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The user said something.
    User(String),
    /// The agent said something to the user.
    Agent(String),
    /// The agent called a tool.
    Call(Call),
    /// A tool answered.
    Result(Outcome),
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The recording's id of the call, if it has one.
    pub id: Option<String>,
    /// The tool's name.
    pub tool: String,
    /// Its arguments, mostly an object. Arguments that were recorded as text and are no JSON are a string.
    pub arguments: Value,
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Index in [`Session::events`] of the call that it answers, if that call is in the recording.
    pub call: Option<usize>,
    /// The answer as text.
    pub text: String,
    /// Whether the answer says that the call failed.
    pub failed: bool,
}

impl Session {
    /// The calls with their index in [`Session::events`], in order.
    pub fn calls(&self) -> impl Iterator<Item = (usize, &Call)> {
        self.events.iter().enumerate().filter_map(|(index, event)| match event {
            Event::Call(call) => Some((index, call)),
            _ => None,
        })
    }

    /// The call at an index of [`Session::events`].
    pub fn call(&self, index: usize) -> Option<&Call> {
        match self.events.get(index) {
            Some(Event::Call(call)) => Some(call),
            _ => None,
        }
    }

    /// The latest call that bears `id` and has no answer yet; without an id, the earliest unanswered call.
    pub fn unanswered(&self, id: Option<&str>) -> Option<usize> {
        let answered = |index: usize| {
            let answers = |event: &Event| matches!(event, Event::Result(outcome) if outcome.call == Some(index));
            self.events.get(index..).is_some_and(|later| later.iter().any(answers))
        };
        match id {
            // From the end: ids are unique in a good recording, and then this looks at the few latest events only.
            Some(id) => {
                let mut calls = self.events.iter().enumerate().rev();
                calls.find_map(|(index, event)| match event {
                    Event::Call(call) if call.id.as_deref() == Some(id) && !answered(index) => Some(index),
                    _ => None,
                })
            }
            None => self.calls().map(|(index, _)| index).find(|index| !answered(*index)),
        }
    }
}

/// Whether an answer's text reads like a failure: many recordings have no flag for it.
pub fn reads_as_failure(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(40).collect::<String>().to_lowercase();
    ["error", "exception", "traceback", "fatal", "{\"error\"", "failed"].iter().any(|word| start.starts_with(word))
}
