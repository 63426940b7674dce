//! One session between an agent and a server: every message of either side goes in, what is to be done with it comes out.
//!
//! The caller writes a step's records to the log first, and only then makes its move: a call whose record cannot be written is not made.

mod agent;
mod answer;
mod channel;
mod elicit;
mod held;
mod list;
mod methods;
#[cfg(test)]
mod origins_of_methods;
mod reply;
mod server;
mod source;
mod told;
mod unread;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use channel::Answered;
pub use channel::{Channel, Sent};

use crate::approval::Key as Secret;
use crate::config::{Config, Mode};
use crate::diagnostic::Diagnostics;
use crate::ending::Ending;
use crate::policy::Policies;
use crate::read::{Id, Limits, Message, Refusal, Side, read};
use crate::record::Record;
use crate::redact::Redactor;
use crate::session::History;
use crate::tools::{RESERVED, Tool, Tools};
use elicit::Form;
use source::Sources;

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// It goes on, byte for byte.
    Forward,
    /// It does not; these bytes go to this side instead.
    Send(Side, Vec<u8>),
    /// It was several messages, and whoever waits for one of them has an answer.
    Answer(Vec<(Side, Vec<u8>)>),
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
    /// The tool, or the method where it is no tool's.
    pub tool: String,
    /// Names exactly this call, in this session; see [`crate::approval::digest`].
    pub digest: String,
    /// The version of the policies that hold it.
    pub version: String,
    /// All that would be sent, for who decides: [`crate::approval::of_request`].
    pub content: String,
    /// The same as the log may hold it; empty where it may hold no arguments.
    pub redacted: String,
    /// Why it is held.
    pub reason: String,
}

/// How much room there is for messages to a server that does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Enough.
    Enough,
    /// None for further requests; what is about those that are on their way is still taken.
    NoRequest,
    /// None for anything.
    None,
}

/// What comes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// To be logged before the move is made.
    pub records: Vec<Record>,
    /// What is to be done.
    pub then: Move,
    /// What the monitor saw, as lines of a trace, where it is to be recorded.
    pub seen: Vec<String>,
}

impl Step {
    /// A step that needs no record.
    pub fn new(then: Move) -> Step {
        Step { records: Vec::new(), then, seen: Vec::new() }
    }

    /// A step with its record.
    pub fn with(then: Move, record: Record) -> Step {
        Step { records: vec![record], then, seen: Vec::new() }
    }

    /// This step, and after it what another one has to write down.
    #[must_use]
    pub fn and(mut self, later: Step) -> Step {
        self.records.extend(later.records);
        self.seen.extend(later.seen);
        self
    }

    /// Whether its move lets an answer leave for the agent, `side` being where the message came from: then its records are to be on the disk. What goes to
    /// the server must only be in the log, which a killed process does not take with it.
    pub fn answers(&self, side: Side) -> bool {
        match &self.then {
            Move::Forward => side == Side::Server,
            Move::Send(to, _) => *to == Side::Agent,
            Move::Answer(all) => all.iter().any(|(to, _)| *to == Side::Agent),
            Move::Drop => false,
            Move::Hold(_) => true,
        }
    }
}

/// What an answer of the server will be about.
#[derive(Clone, Debug)]
enum Asked {
    /// `approved`: by a person.
    Call {
        call: u64,
        tool: String,
        at: u64,
        approved: bool,
    },
    Read {
        call: u64,
        at: u64,
    },
    List,
    /// Something about a task.
    Task {
        id: String,
        ask: TaskAsk,
    },
    /// A list of tasks.
    Tasks,
    Other {
        method: String,
    },
}

/// What is asked about a task: the result of its call, how it is, that it ends, or that it goes on with what the agent adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TaskAsk {
    Result,
    Get,
    Cancel,
    Update,
}

impl Asked {
    /// The attempt, its tool and when it was made, of what is judged.
    fn judged(&self) -> Option<(u64, &str, u64)> {
        match self {
            Asked::Call { call, tool, at, .. } => Some((*call, tool, *at)),
            Asked::Read { call, at } => Some((*call, "resources/read", *at)),
            Asked::List | Asked::Task { .. } | Asked::Tasks | Asked::Other { .. } => None,
        }
    }
}

#[derive(Clone, Debug)]
struct Flight {
    id: Id,
    asked: Asked,
    /// Of all requests of the session that have gone to the server.
    number: u64,
    /// What notifications about how far it is name it by.
    token: Option<String>,
}

/// A request of the server's own that the agent has not answered.
#[derive(Clone, Debug)]
struct Question {
    id: Id,
    /// The form in which a person is asked, where one is.
    form: Option<Form>,
    digest: blake3::Hash,
}

/// A lane and the text of an id.
type Key = (u64, String);

#[derive(Clone, Debug)]
struct Waiting {
    lane: u64,
    id: Id,
    /// The tool, or the method.
    name: String,
    line: Vec<u8>,
}

/// A task that a call has become.
#[derive(Clone, Debug)]
struct Task {
    call: u64,
    tool: String,
    /// When the call was made.
    at: u64,
    /// Whether a person has approved the call.
    approved: bool,
    /// Whether its result has been seen.
    is_done: bool,
    /// Names the result that the monitor has heard last.
    heard: Option<blake3::Hash>,
    /// As its call's [`Flight`] has it.
    token: Option<String>,
}

/// The state of one session. Clones share their counts, and decide one after the other where anything is counted.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Held from a decision to its being counted.
    turn: Arc<Mutex<()>>,
    config: Config,
    limits: Limits,
    /// Shared by sessions that were cloned from one.
    policies: Arc<Policies>,
    policy_name: String,
    policy_text: String,
    tools: Tools,
    redactor: Redactor,
    history: History,
    /// Which exchange the message at hand belongs to; see [`Guard::on`].
    lane: u64,
    /// What the agent sends beside the message at hand; see [`Guard::beside`].
    headers: Vec<(String, String)>,
    /// The agent's requests by lane and the text of their ids: `1` and `"1"` cannot both be in flight.
    flights: BTreeMap<Key, Flight>,
    /// Requests that the agent has cancelled and the server may answer all the same, by the text of their ids, and in their order.
    cancelled: BTreeMap<Key, Flight>,
    cancelled_order: VecDeque<Key>,
    /// Requests that have gone to the server.
    sent: u64,
    /// Whose tokens those that have gone lately bore.
    borne: VecDeque<(blake3::Hash, Sources)>,
    /// What came on streams that can be taken up again.
    answered: VecDeque<Answered>,
    server_flights: BTreeMap<String, Question>,
    /// Requests that the server has made.
    asked_by_server: u64,
    /// What persons are asked before a request is made again (revision 2026-07-28): of which request, under which name, and the form.
    inputs: VecDeque<(String, String, Form)>,
    waiting: BTreeMap<u64, Waiting>,
    /// Held requests that were turned down because their time was over, with what they were called: their agent may cancel them still.
    timed_out: BTreeMap<u64, (Id, String)>,
    /// Tools whose definition is not what was pinned, with what they are now.
    held_tools: BTreeMap<String, Tool>,
    /// Pinned tools beside which the last list had another of the same name, or of one that looks so.
    doubled: BTreeSet<String>,
    tasks: BTreeMap<String, Task>,
    next: u64,
    /// The behavioural monitor of this session.
    watch: Option<watch::Watch>,
    /// Names the session in the log and in recorded traces.
    session: String,
    /// With what is hashed that the log names and does not hold.
    secret: Secret,
}

/// Tasks that are remembered, at most: after that, the oldest is forgotten.
const TASKS: usize = 4096;
/// Cancelled requests that are remembered, and tokens of requests. Ids of cancelled ones cannot be used again until then, which MCP forbids anyway.
const CANCELLED: usize = 4096;
/// Forms that are remembered: what is said in an older one is not known to be the user's word.
const INPUTS: usize = 1024;

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
            redactor: Redactor::new(&config.redact, Secret::NONE),
            history: History::new(&config),
            config,
            policies: Arc::new(policies),
            policy_name: policy_name.to_owned(),
            policy_text: policy.to_owned(),
            tools,
            turn: Arc::default(),
            lane: 0,
            headers: Vec::new(),
            flights: BTreeMap::new(),
            cancelled: BTreeMap::new(),
            cancelled_order: VecDeque::new(),
            sent: 0,
            borne: VecDeque::new(),
            answered: VecDeque::new(),
            server_flights: BTreeMap::new(),
            asked_by_server: 0,
            inputs: VecDeque::new(),
            waiting: BTreeMap::new(),
            timed_out: BTreeMap::new(),
            held_tools: BTreeMap::new(),
            doubled: BTreeSet::new(),
            tasks: BTreeMap::new(),
            next: 1,
            watch: None,
            session: String::new(),
            secret: Secret::NONE,
        })
    }

    /// With the key of the log that its records go to: without it, what they name could be guessed.
    #[must_use]
    pub fn keyed(mut self, secret: Secret) -> Guard {
        self.redactor = Redactor::new(&self.config.redact, secret.clone());
        self.secret = secret;
        self
    }

    /// A session that nothing has happened in, under a changed configuration, policy or tool list; what this one and its clones have counted counts on.
    ///
    /// # Errors
    /// When the new policies do not compile.
    pub fn renewed(&self, config: Config, policy: &str, tools: Tools) -> Result<Guard, Diagnostics> {
        let fresh = Guard::new(config, &self.policy_name, policy, tools, self.limits.lines)?;
        let mut fresh = fresh.keyed(self.secret.clone());
        fresh.turn = Arc::clone(&self.turn);
        fresh.history.continues(&self.history);
        Ok(fresh)
    }

    /// Takes over what a fresh session has of configuration, policies and pinned tools; the session goes on with its history.
    pub fn adopt(&mut self, fresh: &Guard) -> Step {
        let held = |name: &str, now: &Tool| fresh.tools.get(name).is_none_or(|pinned| pinned.digest != now.digest);
        self.held_tools.retain(|name, now| held(name, now));
        self.config = fresh.config.clone();
        (self.limits, self.redactor) = (fresh.limits, fresh.redactor.clone());
        (self.policies, self.policy_text) = (Arc::clone(&fresh.policies), fresh.policy_text.clone());
        self.tools = fresh.tools.clone();
        self.turn = Arc::clone(&fresh.turn);
        self.history.adopt(&fresh.history);
        let record = Record::new("policy").text("version", &self.policies.version);
        // What the agent may see may be something else now.
        let changed = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n".to_vec();
        Step::with(Move::Send(Side::Agent, changed), record)
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

    /// Whether it matters to this session what others do: policies can ask how many calls there were, or for labels that last.
    pub fn is_shared(&self) -> bool {
        self.history.is_shared()
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The next message is of this lane. Over a transport that gives each request an answer of its own, agents that the server does not tell apart may use
    /// the same ids at once: each exchange is a lane then. Elsewhere all are of lane 0.
    pub fn on(&mut self, lane: u64) -> &mut Guard {
        self.lane = lane;
        self
    }

    /// Beside the next message these headers go to the server, by their names in lower case: who approves it is shown them too.
    pub fn beside(&mut self, headers: Vec<(String, String)>) -> &mut Guard {
        self.headers = headers;
        self
    }

    /// A request is on its way to the server from here on.
    fn take_off(&mut self, lane: u64, id: Id, asked: Asked, token: Option<String>) {
        self.sent += 1;
        if let Some(token) = &token {
            if self.borne.len() >= CANCELLED {
                self.borne.pop_front();
            }
            self.borne.push_back((blake3::hash(token.as_bytes()), self.asked(&asked)));
        }
        self.flights.insert((lane, id.text.clone()), Flight { id, asked, number: self.sent, token });
    }

    /// Whether the name of a tool or a method is no secret: the server lists it, or guard.toml names it. Any other is the agent's own words.
    pub(super) fn is_public(&self, name: &str) -> bool {
        RESERVED.contains(&name)
            || self.tools.get(name).is_some()
            || self.held_tools.contains_key(name)
            || self.config.names(name)
    }

    /// A record about an attempt at this tool or of this method.
    fn about(&self, kind: &'static str, call: u64, name: &str) -> Record {
        Record::new(kind).of(call, name).public(self.is_public(name))
    }

    /// What has become of an attempt.
    fn outcome(&self, call: u64, name: &str, ending: Ending) -> Record {
        self.about("outcome", call, name).text("outcome", ending.word())
    }

    fn key(&self, text: &str) -> Key {
        (self.lane, text.to_owned())
    }

    fn enforces(&self) -> bool {
        self.config.mode == Mode::Enforce
    }

    /// A request whose records could not be written goes nowhere. Returns the answer for its agent.
    pub fn unlogged_request(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        match read(line, Side::Agent, &self.limits) {
            Ok(Message::Request { id, .. }) => Some(self.unlogged(&id)),
            _ => None,
        }
    }

    /// A message of the server's whose records could not be written goes nowhere. Returns the answer for an agent that waits for one.
    pub fn unlogged_answer(&mut self, channel: Channel, line: &[u8]) -> Option<Vec<u8>> {
        let known = self.forget_unlogged(channel);
        let id = known.or_else(|| match read(line, Side::Server, &self.limits) {
            Ok(Message::Response { id, .. }) if self.has_come_to(channel) => id,
            _ => None,
        })?;
        Some(self.unlogged(&id))
    }

    fn unlogged(&mut self, id: &Id) -> Vec<u8> {
        self.flights.remove(&self.key(&id.text));
        let lane = self.lane;
        self.waiting.retain(|_, waiting| (waiting.lane, &waiting.id) != (lane, id));
        let words = "the audit log cannot be written, so nothing was done or shown; tell the operator";
        reply::error(Some(id), reply::DENIED, words, &[])
    }

    /// Requests of the agent that the server has not answered, for when it is gone: an error for each.
    pub fn orphans(&mut self) -> Vec<Step> {
        let flights = std::mem::take(&mut self.flights);
        flights.into_values().map(|flight| self.lost(flight)).collect()
    }
}

/// A task that this session has not seen begin.
fn unknown_task(task: &str) -> Refusal {
    let task = task.escape_debug();
    let message = format!(
        "this session has not seen the task `{task}` begin, so that its result is that of no call that was judged; call the tool again"
    );
    Refusal::new("unknown-task", message)
}

fn refused(side: Side, code: &str, message: &str) -> Record {
    let side = if side == Side::Agent { "agent" } else { "server" };
    Record::new("refused").text("from", side).text("code", code).text("reason", message)
}
