//! The proxy of a stdio server: the agent talks to us, we talk to the server, and every line is judged in between.
//!
//! One thread reads the agent, one the server; the state is theirs in turn. Nothing is written to a pipe while the state is locked, so that a
//! side that does not read cannot stop the other. A third thread looks after held calls and changed files.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use misgoal_guard::read::Side;
use misgoal_guard::{Guard, Held, Move, Record, Step};

use crate::files::{Files, Place};
use crate::line::{Line, read_line};
use crate::log::{Log, State};
use crate::time::session_name;
use crate::{GatewayError, now};

/// How often held calls are looked after.
const LOOK: Duration = Duration::from_millis(100);
/// Looks between two looks at the files.
const FILES_EVERY: u32 = 10;
/// How long a server may take to end after the agent has gone.
const GRACE: Duration = Duration::from_secs(5);

/// What an operator may want to know at once; the log has everything.
#[derive(Clone, Debug)]
pub enum Note {
    /// A session has begun, under this version of the policies.
    Began {
        /// Its name in the log.
        session: String,
        /// The version.
        version: String,
    },
    /// A call waits for a person.
    Held {
        /// What it is called by.
        id: String,
        /// Of which tool.
        tool: String,
    },
    /// New files are in force, or were refused and the old ones stay.
    Reloaded(Result<String, String>),
    /// Something could not be logged: what it is about was not done.
    Failed(String),
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The agent closed it.
    ByAgent,
    /// The server ended first.
    ByServer(Option<i32>),
}

type Tell = Box<dyn Fn(Note) + Send + Sync>;

struct Core {
    guard: Guard,
    log: Log,
    /// Held calls by what they are called by, each with the attempt, its tool and when its time is over.
    held: BTreeMap<String, (u64, String, u64)>,
}

struct Proxy {
    core: Mutex<Core>,
    files: Mutex<Files>,
    to_agent: Mutex<Box<dyn Write + Send>>,
    to_server: Mutex<Option<Box<dyn Write + Send>>>,
    session: String,
    done: AtomicBool,
    tell: Tell,
}

/// A lock that a panic has poisoned belongs to a proxy that is ending: what it protects is not used for another decision.
fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, GatewayError> {
    mutex.lock().map_err(|_: PoisonError<_>| GatewayError::Data("a part of the guard has failed".to_owned()))
}

/// Runs a server behind the guard until one of the sides ends. `agent_in` and `agent_out` are the agent's side.
///
/// # Errors
/// When the files are wrong, the log cannot be opened or the server cannot be started: nothing has been forwarded then.
pub fn run(
    place: &Place,
    command: &[String],
    agent_in: impl Read + Send + 'static,
    agent_out: impl Write + Send + 'static,
    tell: impl Fn(Note) + Send + Sync + 'static,
) -> Result<Ended, GatewayError> {
    let files = place.load()?;
    let mut guard = Guard::new(files.config.clone(), &files.policy_name(), &files.policy, files.tools.clone(), true)?;
    let mut log = Log::open(&files.log_path)?;
    let window = files.config.longest_window().0;
    if window > 0 {
        log.recall(guard.history_mut(), now().saturating_sub(window))?;
    }
    let session = session_name();
    // The program alone: its arguments are where keys are passed.
    let began = Record::new("session").text("what", "began").text("server", &files.config.server);
    let began = began.text("program", command.first().map_or("", String::as_str)).text("version", guard.version());
    log.append(&session, &[began.text("mode", mode(&files))], files.config.log.durable)?;
    tell(Note::Began { session: session.clone(), version: guard.version().to_owned() });
    let mut server = start(command)?;
    let (Some(server_in), Some(server_out)) = (server.stdin.take(), server.stdout.take()) else {
        return Err(GatewayError::Server("the server has no pipes".to_owned()));
    };
    let proxy = Arc::new(Proxy {
        core: Mutex::new(Core { guard, log, held: BTreeMap::new() }),
        files: Mutex::new(files),
        to_agent: Mutex::new(Box::new(agent_out)),
        to_server: Mutex::new(Some(Box::new(server_in))),
        session,
        done: AtomicBool::new(false),
        tell: Box::new(tell),
    });
    let (from_agent, minder) = (Arc::clone(&proxy), Arc::clone(&proxy));
    let watched = place.clone();
    let agent_left = Arc::new(AtomicBool::new(false));
    let left = Arc::clone(&agent_left);
    // The agent's thread may stay in a read for ever; when the server ends first, the process ends with it there.
    std::thread::spawn(move || {
        from_agent.pump(Side::Agent, agent_in);
        left.store(true, Ordering::SeqCst);
        // The server sees the end of its input and ends.
        if let Ok(mut to_server) = from_agent.to_server.lock() {
            to_server.take();
        }
    });
    let minding = std::thread::spawn(move || minder.mind(&watched));
    let serving = Arc::clone(&proxy);
    let server_side = std::thread::spawn(move || serving.pump(Side::Server, server_out));
    let status = wait(&mut server, &agent_left)?;
    // What the server wrote before it ended still reaches the agent, unless a child of it holds the pipe open.
    let patience = std::time::Duration::from_millis(20);
    for _ in 0..100 {
        if server_side.is_finished() {
            break;
        }
        std::thread::sleep(patience);
    }
    proxy.end();
    // The minder looks at `done` each time round.
    let _ = minding.join();
    Ok(if agent_left.load(Ordering::SeqCst) { Ended::ByAgent } else { Ended::ByServer(status.code()) })
}

fn mode(files: &Files) -> &'static str {
    if files.config.mode == misgoal_guard::Mode::Enforce { "enforce" } else { "log" }
}

/// Starts a server; its stderr stays the operator's.
pub(crate) fn start(command: &[String]) -> Result<Child, GatewayError> {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| GatewayError::Server("there is no command to start a server with".to_owned()))?;
    let mut starting = Command::new(program);
    starting.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    starting.spawn().map_err(|error| GatewayError::Io { what: format!("cannot start `{program}`"), error })
}

/// Waits for the server, and no longer than [`GRACE`] once the agent has gone.
fn wait(server: &mut Child, agent_left: &AtomicBool) -> Result<ExitStatus, GatewayError> {
    let failed = |error| GatewayError::Io { what: "cannot wait for the server".to_owned(), error };
    let step = Duration::from_millis(5);
    let mut left = Duration::ZERO;
    loop {
        if let Some(status) = server.try_wait().map_err(failed)? {
            return Ok(status);
        }
        std::thread::sleep(step);
        if agent_left.load(Ordering::SeqCst) {
            left += step;
        }
        if left > GRACE {
            server.kill().map_err(failed)?;
            return server.wait().map_err(failed);
        }
    }
}

impl Proxy {
    /// Takes the lines of one side until there are none.
    fn pump(&self, side: Side, stream: impl Read) {
        let mut stream = BufReader::with_capacity(64 << 10, stream);
        let mut line = Vec::new();
        loop {
            let Ok(most) = lock(&self.core).map(|core| core.guard.config().limits.message_bytes) else { return };
            let read = match read_line(&mut stream, &mut line, most) {
                Ok(read) => read,
                // A side that cannot be read is gone.
                Err(_) => Line::End,
            };
            let done = match read {
                Line::End => return,
                Line::Whole if line.trim_ascii().is_empty() => continue,
                Line::Whole => self.judge(side, &line),
                Line::TooLong => self.too_long(side),
            };
            if let Err(error) = done {
                (self.tell)(Note::Failed(error.to_string()));
                return;
            }
        }
    }

    fn too_long(&self, side: Side) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let step = core.guard.too_large(side);
        let then = self.commit(&mut core, step, side, &[]);
        drop(core);
        self.act(side, &[], then)
    }

    fn judge(&self, side: Side, line: &[u8]) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let step = match side {
            Side::Agent => core.guard.from_agent(line, now()),
            Side::Server => core.guard.from_server(line, now()),
        };
        let news = step.records.iter().any(|record| matches!(record.kind, "pinned" | "held-tool"));
        let then = self.commit(&mut core, step, side, line);
        if news {
            self.keep_tools(&mut core)?;
        }
        drop(core);
        self.act(side, line, then)
    }

    /// Writes a step's records, and returns the move if that worked: else an error for whoever waits, and nothing is forwarded.
    fn commit(&self, core: &mut Core, step: Step, side: Side, line: &[u8]) -> Move {
        // What goes to the server must be in the log, what goes to the agent must be on the disk.
        let to_server = match &step.then {
            Move::Forward => side == Side::Agent,
            Move::Send(to, _) => *to == Side::Server,
            Move::Drop => true,
            Move::Hold(_) => false,
        };
        let forced = core.guard.config().log.durable && !to_server;
        match core.log.append(&self.session, &step.records, forced) {
            Ok(()) => step.then,
            Err(error) => {
                (self.tell)(Note::Failed(error.to_string()));
                match core.guard.unlogged(side, line) {
                    Some(answer) => Move::Send(Side::Agent, answer),
                    None => Move::Drop,
                }
            }
        }
    }

    fn act(&self, from: Side, line: &[u8], then: Move) -> Result<(), GatewayError> {
        match then {
            Move::Forward => self.write(if from == Side::Agent { Side::Server } else { Side::Agent }, line),
            Move::Send(to, bytes) => self.write(to, &bytes),
            Move::Drop => Ok(()),
            Move::Hold(held) => self.hold(held),
        }
    }

    fn write(&self, to: Side, line: &[u8]) -> Result<(), GatewayError> {
        let gone = |error| GatewayError::Io { what: "cannot write to the other side".to_owned(), error };
        match to {
            Side::Agent => {
                let mut agent = lock(&self.to_agent)?;
                agent.write_all(line).and_then(|()| agent.flush()).map_err(gone)
            }
            Side::Server => match lock(&self.to_server)?.as_mut() {
                Some(server) => server.write_all(line).and_then(|()| server.flush()).map_err(gone),
                None => Ok(()),
            },
        }
    }

    /// Uses an approval that was given already, or puts the call before a person.
    fn hold(&self, held: Held) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let then = match core.log.redeem(&held.digest, &held.version) {
            Ok(Some(by)) => {
                let step = core.guard.release(held.call, &by, now());
                self.commit(&mut core, step, Side::Agent, &[])
            }
            Ok(None) => {
                let expires = now().saturating_add(core.guard.config().approvals.wait.0);
                match core.log.hold(&self.session, &held, expires) {
                    Ok(id) => {
                        core.held.insert(id.clone(), (held.call, held.tool.clone(), expires));
                        drop(core);
                        (self.tell)(Note::Held { id, tool: held.tool });
                        return Ok(());
                    }
                    Err(error) => self.give_up(&mut core, &held, &error),
                }
            }
            Err(error) => self.give_up(&mut core, &held, &error),
        };
        drop(core);
        self.act(Side::Agent, &[], then)
    }

    fn give_up(&self, core: &mut Core, held: &Held, error: &GatewayError) -> Move {
        (self.tell)(Note::Failed(error.to_string()));
        core.guard.turn_down(held.call, &held.tool, "guard", "the guard cannot ask for it now").then
    }

    /// Looks after held calls and the files until the session is over.
    fn mind(&self, place: &Place) {
        let mut stamp = lock(&self.files).map(|files| files.stamp(place)).unwrap_or_default();
        let mut round = 0;
        while !self.done.load(Ordering::SeqCst) {
            std::thread::sleep(LOOK);
            round += 1;
            let minded = self
                .look_after_held()
                .and_then(|()| if round % FILES_EVERY == 0 { self.look_at_files(place, &mut stamp) } else { Ok(()) });
            if let Err(error) = minded {
                (self.tell)(Note::Failed(error.to_string()));
            }
        }
    }

    fn look_after_held(&self) -> Result<(), GatewayError> {
        let mut moves = Vec::new();
        {
            let mut core = lock(&self.core)?;
            let waiting: Vec<_> = core.held.iter().map(|(id, held)| (id.clone(), held.clone())).collect();
            for (id, (call, tool, expires)) in waiting {
                let state = core.log.state(&id)?;
                let by = state.as_ref().and_then(|one| one.by.clone()).unwrap_or_default();
                let step = match state.map_or(State::Denied, |one| one.state) {
                    State::Approved if core.log.settle(&id, State::Approved, State::Used)? => {
                        core.guard.release(call, &by, now())
                    }
                    State::Waiting if now() < expires => continue,
                    State::Waiting => {
                        core.log.settle(&id, State::Waiting, State::TimedOut)?;
                        let why = format!(
                            "nobody has said anything in time. `misgoal guard approve {id}` approves it still; then make the same call again"
                        );
                        core.guard.turn_down(call, &tool, "time", &why)
                    }
                    _ => core.guard.turn_down(call, &tool, &by, "a person has denied it"),
                };
                core.held.remove(&id);
                moves.push(self.commit(&mut core, step, Side::Agent, &[]));
            }
        }
        moves.into_iter().try_for_each(|then| self.act(Side::Agent, &[], then))
    }

    /// Takes over changed files; wrong ones never replace good ones.
    fn look_at_files(
        &self,
        place: &Place,
        stamp: &mut Vec<Option<(std::time::SystemTime, u64)>>,
    ) -> Result<(), GatewayError> {
        let fresh = lock(&self.files)?.stamp(place);
        if fresh == *stamp {
            return Ok(());
        }
        *stamp = fresh;
        let mut core = lock(&self.core)?;
        let loaded = place.load().and_then(|files| {
            // The guard's own pinning of a new tool is no change.
            let same = files.tools == *core.guard.tools()
                && lock(&self.files).is_ok_and(|old| {
                    old.policy == files.policy && format!("{:?}", old.config) == format!("{:?}", files.config)
                });
            let step = match same {
                true => None,
                false => Some(core.guard.reload(files.config.clone(), &files.policy, files.tools.clone())?),
            };
            Ok((files, step))
        });
        let then = match loaded {
            Ok((files, step)) => {
                *lock(&self.files)? = files;
                let Some(step) = step else { return Ok(()) };
                (self.tell)(Note::Reloaded(Ok(core.guard.version().to_owned())));
                self.commit(&mut core, step, Side::Server, &[])
            }
            Err(error) => {
                let record = Record::new("policy").text("refused", &error.to_string());
                (self.tell)(Note::Reloaded(Err(error.to_string())));
                self.commit(&mut core, Step { records: vec![record], then: Move::Drop }, Side::Server, &[])
            }
        };
        drop(core);
        self.act(Side::Server, &[], then)
    }

    /// Writes newly pinned tools to their file, and puts changed ones before a person.
    fn keep_tools(&self, core: &mut Core) -> Result<(), GatewayError> {
        let mut files = lock(&self.files)?;
        if files.tools != *core.guard.tools() {
            files.write_tools(core.guard.tools())?;
            files.tools = core.guard.tools().clone();
        }
        for tool in core.guard.held_tools() {
            let reason = match core.guard.tools().get(&tool.name) {
                Some(_) => "its definition is not what was pinned",
                None => "it is new",
            };
            let id = core.log.hold_tool(&self.session, tool, reason)?;
            (self.tell)(Note::Held { id, tool: tool.name.clone() });
        }
        Ok(())
    }

    /// Answers what the server has left unanswered, and closes the session in the log.
    fn end(&self) {
        self.done.store(true, Ordering::SeqCst);
        let Ok(mut core) = lock(&self.core) else { return };
        let mut moves = Vec::new();
        for step in core.guard.orphans() {
            moves.push(self.commit(&mut core, step, Side::Server, &[]));
        }
        let ended = Step { records: vec![Record::new("session").text("what", "ended")], then: Move::Drop };
        let _ = self.commit(&mut core, ended, Side::Server, &[]);
        drop(core);
        for then in moves {
            // The agent may have gone: then there is no one to tell.
            let _ = self.act(Side::Server, &[], then);
        }
    }
}
