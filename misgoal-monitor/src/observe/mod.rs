//! What a profile knows of a session: a few categorical observations for each call, each within a context.

mod claim;
mod place;
mod scope;
mod shape;
mod source;
mod words;

pub use source::Source;

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::session::{Call, Event, Outcome, Session};
use source::Heard;

/// What is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Which tool is called, or that the agent replies, given what came before.
    Next,
    /// Which arguments are given.
    Keys,
    /// What an argument's value looks like.
    Shape,
    /// Where an argument's value comes from.
    Source,
    /// Who spoke of what the tool does: the user, a tool's answer, both or nobody.
    Asked,
    /// Whether one sentence of a tool's answer names what the tool does together with the call's values, none of which the user said.
    Ordered,
    /// The words of an argument.
    Words,
    /// Whether the call's words are those of a prohibition in the instructions.
    Prohibited,
    /// Whether paths in the arguments lie where the user and the instructions point.
    Scope,
    /// Which kinds of places are read or written: tests, secrets, the system, the project.
    Place,
    /// Whether secrets are named or shown, by the call or by the answer.
    Secret,
    /// Whether a text claims success after failures, without a word about them.
    Claim,
    /// Whether calls succeed, fail, or are repeated without change: the capability channel.
    Health,
}

impl Channel {
    /// All channels.
    pub const ALL: [Channel; 13] = [
        Channel::Next,
        Channel::Keys,
        Channel::Shape,
        Channel::Source,
        Channel::Asked,
        Channel::Ordered,
        Channel::Words,
        Channel::Prohibited,
        Channel::Scope,
        Channel::Place,
        Channel::Secret,
        Channel::Claim,
        Channel::Health,
    ];

    /// The name in profile files.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Next => "next",
            Channel::Keys => "keys",
            Channel::Shape => "shape",
            Channel::Source => "source",
            Channel::Asked => "asked",
            Channel::Ordered => "ordered",
            Channel::Words => "words",
            Channel::Prohibited => "prohibited",
            Channel::Scope => "scope",
            Channel::Place => "place",
            Channel::Secret => "secret",
            Channel::Claim => "claim",
            Channel::Health => "health",
        }
    }

    /// The channel of this name.
    pub fn named(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// One observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What kind it is of.
    pub channel: Channel,
    /// Its context, the most general part first.
    pub context: Vec<String>,
    /// What was observed.
    pub symbol: String,
    /// How much it counts: words of one value are no independent evidence.
    pub weight: f64,
    /// Index of the event in the session.
    pub event: usize,
}

/// The symbol of a reply to the user.
pub const REPLY: &str = "(reply)";

/// How many of the latest actions are the context of the next.
const ORDER: usize = 3;

/// Reads a session event by event.
#[derive(Clone, Debug)]
pub struct Observer {
    heard: Heard,
    scope: scope::Scope,
    claim: claim::Claims,
    /// The latest actions, the latest first.
    history: VecDeque<String>,
    /// Tool of each call that is not answered yet.
    open: BTreeMap<usize, String>,
    /// The latest calls as text, for repetitions.
    latest: VecDeque<String>,
    events: usize,
}

impl Observer {
    /// An observer of a session that begins with these instructions.
    pub fn new(instructions: &[String]) -> Observer {
        let mut heard = Heard::default();
        instructions.iter().for_each(|text| heard.instructions.hear(text));
        Observer {
            heard,
            scope: scope::Scope::new(instructions),
            claim: claim::Claims::default(),
            history: VecDeque::new(),
            open: BTreeMap::new(),
            latest: VecDeque::new(),
            events: 0,
        }
    }

    /// The observations that an event brings; events are to be given in order.
    pub fn see(&mut self, event: &Event) -> Vec<Observation> {
        let at = self.events;
        self.events += 1;
        let mut out = Vec::new();
        let mut note = |channel, context: Vec<String>, symbol: String, weight| {
            out.push(Observation { channel, context, symbol, weight, event: at });
        };
        match event {
            Event::User(text) => {
                self.heard.user.hear(text);
                self.scope.hear(text);
            }
            Event::Agent(text) => {
                note(Channel::Next, self.history.iter().cloned().collect(), REPLY.to_owned(), 1.0);
                if let Some(claim) = self.claim.of(text) {
                    note(Channel::Claim, vec![REPLY.to_owned()], claim, 1.0);
                }
                self.push(REPLY);
            }
            Event::Call(call) => {
                self.call(call, &mut note);
                self.open.insert(at, call.tool.clone());
                self.push(&call.tool);
            }
            Event::Result(outcome) => self.result(outcome, &mut note),
        }
        out
    }

    fn push(&mut self, action: &str) {
        self.history.push_front(action.to_owned());
        self.history.truncate(ORDER);
    }

    fn call(&mut self, call: &Call, note: &mut impl FnMut(Channel, Vec<String>, String, f64)) {
        let tool = call.tool.clone();
        note(Channel::Next, self.history.iter().cloned().collect(), tool.clone(), 1.0);
        let asked = self.asked(&tool);
        note(Channel::Asked, vec![tool.clone()], asked.to_owned(), 1.0);
        let (keys, single) = match &call.arguments {
            Value::Object(fields) => (fields.keys().cloned().collect::<Vec<_>>().join(", "), None),
            other => ("(no object)".to_owned(), Some(other)),
        };
        note(Channel::Keys, vec![tool.clone()], keys, 1.0);
        let fields = call.arguments.as_object().into_iter().flatten();
        let fields = fields.map(|(key, value)| (key.as_str(), value));
        let mut all = String::new();
        let naming = self.heard.sentences.with_stem(&words::stems(&tool));
        let mut ordered = if naming.is_empty() { "no" } else { "the tool" };
        for (key, value) in fields.chain(single.map(|value| ("(value)", value))) {
            let context = || vec![key.to_owned(), tool.clone()];
            note(Channel::Shape, context(), shape::shape(value), 1.0);
            let source = self.heard.source(value);
            note(Channel::Source, context(), source.name().to_owned(), 1.0);
            let mut text = String::new();
            source::leaves(value, &mut text, 0);
            if source == Source::Tool && self.heard.sentences.say(&naming, &text) {
                ordered = "the tool and a value";
            }
            let pieces = words::pieces(&text);
            let weight = tempered(pieces.len());
            for piece in pieces {
                note(Channel::Words, vec![tool.clone(), key.to_owned()], piece, weight);
            }
            if let Some(claim) = self.claim.of(&text) {
                note(Channel::Claim, vec![tool.clone()], claim, 1.0);
            }
            all += &text;
            all.push('\n');
        }
        let silent = if asked == "a tool's answer" { ", not the user" } else { "" };
        note(Channel::Ordered, vec![tool.clone()], format!("{ordered}{silent}"), 1.0);
        if let Some(symbol) = self.scope.prohibited(&tool, &all) {
            note(Channel::Prohibited, vec![tool.clone()], symbol.to_owned(), 1.0);
        }
        if let Some(symbol) = self.scope.place(&all) {
            note(Channel::Scope, vec![tool.clone()], symbol.to_owned(), 1.0);
        }
        for kind in place::kinds(&tool, &all) {
            note(Channel::Place, vec![tool.clone()], kind, 1.0);
        }
        note(Channel::Secret, vec!["call".to_owned(), tool.clone()], place::secret(&all).to_owned(), 1.0);
        let whole = format!("{tool}{}", call.arguments);
        let repeated = self.latest.iter().filter(|earlier| **earlier == whole).count();
        let symbol = ["new", "repeated", "repeated twice"].get(repeated).copied().unwrap_or("repeated often");
        note(Channel::Health, vec!["call".to_owned(), tool], symbol.to_owned(), 1.0);
        self.latest.push_front(whole);
        self.latest.truncate(8);
    }

    fn result(&mut self, outcome: &Outcome, note: &mut impl FnMut(Channel, Vec<String>, String, f64)) {
        let tool = outcome.call.and_then(|call| self.open.remove(&call));
        if let Some(tool) = tool {
            let symbol = if outcome.failed { "failed" } else { "answered" };
            note(Channel::Health, vec!["answer".to_owned(), tool.clone()], symbol.to_owned(), 1.0);
            note(Channel::Secret, vec!["answer".to_owned(), tool], place::secret(&outcome.text).to_owned(), 1.0);
        }
        self.heard.tools.hear(&outcome.text);
        self.heard.sentences.hear(&outcome.text);
        self.claim.hear(&outcome.text, outcome.failed);
    }

    /// Who spoke of what the tool's name says it does.
    fn asked(&self, tool: &str) -> &'static str {
        let stems = words::stems(tool);
        let by = |said: &source::Said| stems.iter().any(|stem| said.has_stem(stem));
        match (by(&self.heard.user), by(&self.heard.tools)) {
            (true, true) => "both",
            (true, false) => "the user",
            (false, true) => "a tool's answer",
            (false, false) => "nobody",
        }
    }
}

/// All observations of a session.
pub fn observe(session: &Session) -> Vec<Observation> {
    let mut observer = Observer::new(&session.instructions);
    session.events.iter().flat_map(|event| observer.see(event)).collect()
}

/// Where the value of each argument comes from, by the call's event and the argument's name.
pub fn source_of_arguments(session: &Session) -> BTreeMap<(usize, String), Source> {
    let mut observer = Observer::new(&session.instructions);
    let mut sources = BTreeMap::new();
    for (index, event) in session.events.iter().enumerate() {
        if let Event::Call(call) = event {
            for (key, value) in call.arguments.as_object().into_iter().flatten() {
                sources.insert((index, key.clone()), observer.heard.source(value));
            }
        }
        observer.see(event);
    }
    sources
}

/// The weight of each of n words: together they count as √n independent ones.
fn tempered(n: usize) -> f64 {
    1.0 / (n.max(1) as f64).sqrt()
}
