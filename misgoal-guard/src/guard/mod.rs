//! One session between an agent and a server: every message of either side goes in, what is to be done with it comes out.
//!
//! The caller writes a step's records to the log first, and only then makes its move: a call whose record cannot be written is not made.

mod agent;
mod list;
mod methods;
mod reply;
mod server;

use std::collections::BTreeMap;

use crate::config::{Config, Mode};
use crate::diagnostic::Diagnostics;
use crate::policy::Policies;
use crate::read::{Id, Limits, Message, Side, read};
use crate::record::Record;
use crate::redact::Redactor;
use crate::session::History;
use crate::tools::{Tool, Tools};

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// It goes on, byte for byte.
    Forward,
    /// It does not; these bytes go to this side instead.
    Send(Side, Vec<u8>),
    /// It goes nowhere.
    Drop,
    /// It waits for a person: see [`Guard::release`] and [`Guard::turn_down`].
    Hold(Held),
}

/// A call that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which attempt of the session.
    pub call: u64,
    /// The tool.
    pub tool: String,
    /// Names exactly this call; see [`crate::approval::digest`].
    pub digest: String,
    /// The version of the policies that hold it.
    pub version: String,
    /// The arguments, redacted.
    pub arguments: String,
    /// Why it is held.
    pub reason: String,
}

/// What comes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// To be logged before the move is made.
    pub records: Vec<Record>,
    /// What is to be done.
    pub then: Move,
}

impl Step {
    fn new(then: Move) -> Step {
        Step { records: Vec::new(), then }
    }

    fn with(then: Move, record: Record) -> Step {
        Step { records: vec![record], then }
    }
}

/// What an answer of the server will be about.
#[derive(Clone, Debug)]
enum Asked {
    Call { call: u64, tool: String, at: u64 },
    Read { call: u64, at: u64 },
    List,
    Task { id: String },
    Other,
}

#[derive(Clone, Debug)]
struct Flight {
    id: Id,
    asked: Asked,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: Id,
    line: Vec<u8>,
}

/// The state of one session.
#[derive(Clone, Debug)]
pub struct Guard {
    config: Config,
    limits: Limits,
    policies: Policies,
    policy_name: String,
    policy_text: String,
    tools: Tools,
    redactor: Redactor,
    history: History,
    /// The agent's requests by the text of their ids: `1` and `"1"` cannot both be in flight.
    flights: BTreeMap<String, Flight>,
    server_flights: BTreeMap<String, (Id, bool)>,
    waiting: BTreeMap<u64, Waiting>,
    /// Tools whose definition is not what was pinned, with what they are now.
    held_tools: BTreeMap<String, Tool>,
    tasks: BTreeMap<String, (u64, String)>,
    next: u64,
}

/// Tasks whose results are still awaited, at most.
const TASKS: usize = 4096;

impl Guard {
    /// A session under a configuration, the text of its policies and its pinned tools. `lines`: whether messages are lines of a stream.
    ///
    /// # Errors
    /// When the policies do not compile.
    pub fn new(
        config: Config,
        policy_name: &str,
        policy: &str,
        tools: Tools,
        lines: bool,
    ) -> Result<Guard, Diagnostics> {
        let policies = Policies::compile(policy_name, policy, &tools, &config)?;
        Ok(Guard {
            limits: config.limits(lines),
            redactor: Redactor::new(&config.redact),
            history: History::new(&config),
            config,
            policies,
            policy_name: policy_name.to_owned(),
            policy_text: policy.to_owned(),
            tools,
            flights: BTreeMap::new(),
            server_flights: BTreeMap::new(),
            waiting: BTreeMap::new(),
            held_tools: BTreeMap::new(),
            tasks: BTreeMap::new(),
            next: 1,
        })
    }

    /// Takes over a changed configuration, policy or tool list; the session goes on with its history.
    ///
    /// # Errors
    /// When the new policies do not compile: everything is then as it was.
    pub fn reload(&mut self, config: Config, policy: &str, tools: Tools) -> Result<Step, Diagnostics> {
        let policies = Policies::compile(&self.policy_name, policy, &tools, &config)?;
        let mut history = History::new(&config);
        history.take_over(std::mem::take(&mut self.history));
        self.held_tools.retain(|name, now| tools.get(name).is_none_or(|pinned| pinned.digest != now.digest));
        self.limits = config.limits(self.limits.lines);
        self.redactor = Redactor::new(&config.redact);
        (self.config, self.policies, self.tools, self.history) = (config, policies, tools, history);
        self.policy_text = policy.to_owned();
        let record = Record::new("policy").text("version", &self.policies.version);
        // What the agent may see may be something else now.
        let changed = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n".to_vec();
        Ok(Step::with(Move::Send(Side::Agent, changed), record))
    }

    /// Names the state of policies, configuration and pinned tools.
    pub fn version(&self) -> &str {
        &self.policies.version
    }

    /// The pinned tools; they grow when new ones are pinned at first sight.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// The definitions that wait for a person to accept them.
    pub fn held_tools(&self) -> impl Iterator<Item = &Tool> {
        self.held_tools.values()
    }

    /// The session's history, for what the log remembers of earlier ones.
    pub fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn enforces(&self) -> bool {
        self.config.mode == Mode::Enforce
    }

    /// A message that was too long to be kept.
    pub fn too_large(&mut self, side: Side) -> Step {
        let message = format!("a message has more than {} bytes", self.limits.bytes);
        let record = refused(side, "too-large", &message);
        match side {
            Side::Agent => {
                Step::with(Move::Send(Side::Agent, reply::error(None, reply::INVALID, &message, &[])), record)
            }
            Side::Server => Step::with(Move::Drop, record),
        }
    }

    /// A message whose records could not be written goes nowhere. Returns the answer for an agent that waits for one.
    pub fn unlogged(&mut self, side: Side, line: &[u8]) -> Option<Vec<u8>> {
        let id = match read(line, side, &self.limits) {
            Ok(Message::Request { id, .. }) if side == Side::Agent => id,
            Ok(Message::Response { id: Some(id), .. }) if side == Side::Server => id,
            _ => return None,
        };
        self.flights.remove(&id.text);
        self.waiting.retain(|_, waiting| waiting.id != id);
        let words = "the audit log cannot be written, so nothing was done or shown; tell the operator";
        Some(reply::error(Some(&id), reply::DENIED, words, &[]))
    }

    /// Requests of the agent that the server has not answered, for when it is gone: an error for each.
    pub fn orphans(&mut self) -> Vec<Step> {
        let flights = std::mem::take(&mut self.flights);
        flights.into_values().map(|flight| self.lost(flight)).collect()
    }

    fn lost(&mut self, flight: Flight) -> Step {
        let answer = reply::error(Some(&flight.id), reply::INVALID, "the server ended before it answered", &[]);
        let mut step = Step::new(Move::Send(Side::Agent, answer));
        if let Asked::Call { call, tool, .. } = &flight.asked {
            step.records.push(Record::new("outcome").of(*call, tool).text("outcome", "lost"));
        }
        if let Asked::Read { call, .. } = &flight.asked {
            step.records.push(Record::new("outcome").of(*call, "resources/read").text("outcome", "lost"));
        }
        step
    }
}

fn refused(side: Side, code: &str, message: &str) -> Record {
    let side = if side == Side::Agent { "agent" } else { "server" };
    Record::new("refused").text("from", side).text("code", code).text("reason", message)
}
