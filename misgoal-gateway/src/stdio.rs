//! The proxy of a stdio server: the agent talks to us, we talk to the server, and every line is judged in between.
//!
//! One thread reads the agent, one the server; the state is theirs in turn. Nothing is written to a pipe while the state is locked, so that a
//! side that does not read cannot stop the other. A third thread looks after held calls and changed files. What a side does not read yet is written by a thread for each.

use std::io::{BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use misgoal_guard::read::{Glimpse, Side};
use misgoal_guard::{Channel, Held, Move, Room, Step};

use crate::desk::{Desk, Stamp, lock};
use crate::files::Place;
use crate::line::{Line, one_line, read_line, trimmed};
use crate::log::{Log, Others};
use crate::outbox::Outbox;
use crate::outlet::Outlet;
use crate::seat::Seat;
use crate::{GatewayError, Note, now};

/// How often held calls are looked after.
const LOOK: Duration = Duration::from_millis(100);
/// Looks between two looks at the files.
const FILES_EVERY: u32 = 10;
/// How long a server may take to end after the agent has gone.
const GRACE: Duration = Duration::from_secs(5);

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The agent closed it, or the proxy was told to stop.
    ByAgent,
    /// The server ended first.
    ByServer(Option<i32>),
}

struct Core {
    seat: Seat,
    log: Log,
    /// The sessions beside this one, whose calls count as its own do.
    others: Others,
}

/// Who does what is to be done.
#[derive(Clone, Copy)]
enum Thread {
    /// The one that hears the server, which may wait for the agent to read.
    HearsServer,
    /// One that the agent, or a held call, waits for.
    Other,
}

impl Thread {
    /// The one that hears this side.
    fn of(side: Side) -> Thread {
        if side == Side::Server { Thread::HearsServer } else { Thread::Other }
    }
}

struct Proxy {
    core: Mutex<Core>,
    desk: Desk,
    to_agent: Outbox,
    to_server: Outlet,
    done: AtomicBool,
}

/// Runs a server behind the guard until one of the sides ends, or `stop` is set. `agent_in` and `agent_out` are the agent's side.
///
/// # Errors
/// When the files are wrong, the log cannot be opened or the server cannot be started: nothing has been forwarded then.
pub fn run(
    place: &Place,
    command: &[String],
    agent_in: impl Read + Send + 'static,
    agent_out: impl Write + Send + 'static,
    stop: &Arc<AtomicBool>,
    tell: impl Fn(Note) + Send + Sync + 'static,
) -> Result<Ended, GatewayError> {
    let (desk, mut log) = Desk::open(place, true, tell)?;
    let durable = lock(&desk.files)?.config.log.durable;
    // The program alone: its arguments are where keys are passed.
    let (seat, began) = desk.begin(&log, command.first().map_or("", String::as_str))?;
    log.append(&seat.name, &[began], durable)?;
    let others = Others::after(&seat.name, desk.recalled);
    let mut server = start(command)?;
    let (Some(server_in), Some(server_out)) = (server.stdin.take(), server.stdout.take()) else {
        return Err(GatewayError::Server("the server has no pipes".to_owned()));
    };
    let proxy = Arc::new(Proxy {
        core: Mutex::new(Core { seat, log, others }),
        desk,
        to_agent: Outbox::new(agent_out),
        to_server: Outlet::new(server_in),
        done: AtomicBool::new(false),
    });
    let (from_agent, minder) = (Arc::clone(&proxy), Arc::clone(&proxy));
    let agent_left = Arc::new(AtomicBool::new(false));
    let left = Arc::clone(&agent_left);
    // The agent's thread may stay in a read for ever; when the server ends first, the process ends with it there.
    std::thread::spawn(move || {
        from_agent.pump(Side::Agent, agent_in);
        left.store(true, Ordering::SeqCst);
    });
    let minding = std::thread::spawn(move || minder.mind());
    let sending = Arc::clone(&proxy);
    std::thread::spawn(move || sending.to_server.run(|line| sending.is_wanted(line)));
    let telling = Arc::clone(&proxy);
    let telling = std::thread::spawn(move || telling.to_agent.run());
    let serving = Arc::clone(&proxy);
    let server_side = std::thread::spawn(move || serving.pump(Side::Server, server_out));
    let gone = || agent_left.load(Ordering::SeqCst) || stop.load(Ordering::SeqCst);
    let status = proxy.wait(&mut server, &gone, &|| server_side.is_finished())?;
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
    // What the guard has said itself reaches an agent that reads.
    proxy.to_agent.close();
    for _ in 0..GRACE.as_millis() / patience.as_millis() {
        if telling.is_finished() {
            break;
        }
        std::thread::sleep(patience);
    }
    Ok(if gone() { Ended::ByAgent } else { Ended::ByServer(status.code()) })
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

impl Core {
    /// Judges a message and writes what is to be known of it. Where calls are counted or labels last, no other process comes between what is known of
    /// other sessions and the record of this call: a limit holds for sessions side by side too, at the price of a commit on the disk for each attempt where the log is durable.
    fn decide(&mut self, side: Side, line: &[u8], room: Room) -> (Step, Result<(), GatewayError>) {
        if side == Side::Server {
            let step = self.seat.guard.from_server(line, now());
            let written = self.append(&step, side);
            return (step, written);
        }
        if !self.seat.guard.is_shared() {
            let step = self.seat.guard.from_agent_to(room, line, now());
            let written = self.append(&step, side);
            return (step, written);
        }
        let Core { seat, log, others } = self;
        let mut step = Step::new(Move::Drop);
        let written = log.alone(seat.guard.config().log.durable, |log| {
            log.follow(others, seat.guard.history_mut())?;
            step = seat.guard.from_agent_to(room, line, now());
            log.append(&seat.name, &step.records, false)
        });
        (step, written)
    }

    fn append(&mut self, step: &Step, side: Side) -> Result<(), GatewayError> {
        let forced = self.seat.guard.config().log.durable && step.answers(side);
        self.log.append(&self.seat.name, &step.records, forced)
    }
}

impl Proxy {
    /// Waits for the server, and no longer than [`GRACE`] once the agent has gone, or the server has closed its output, so that nothing is answered any more.
    fn wait(
        &self,
        server: &mut Child,
        gone: &dyn Fn() -> bool,
        is_mute: &dyn Fn() -> bool,
    ) -> Result<ExitStatus, GatewayError> {
        let failed = |error| GatewayError::Io { what: "cannot wait for the server".to_owned(), error };
        let step = Duration::from_millis(5);
        let mut left = Duration::ZERO;
        loop {
            if let Some(status) = server.try_wait().map_err(failed)? {
                return Ok(status);
            }
            std::thread::sleep(step);
            if gone() || is_mute() {
                if left.is_zero() {
                    self.leave();
                }
                left += step;
                // The server sees the end of its input and ends. One that does not read keeps what waits for it: then its time runs out.
                self.to_server.close();
            }
            if left > GRACE {
                server.kill().map_err(failed)?;
                return server.wait().map_err(failed);
            }
        }
    }

    /// The agent has gone: what waits for a person waits for nobody.
    fn leave(&self) {
        let Ok(mut core) = lock(&self.core) else { return };
        let Core { seat, log, .. } = &mut *core;
        match seat.leave(log) {
            // There is no one to tell.
            Ok(step) => _ = self.commit(&mut core, step, Side::Agent, &[]),
            Err(error) => (self.desk.tell)(Note::Failed(error.to_string())),
        }
    }

    /// Takes the lines of one side until there are none.
    fn pump(&self, side: Side, stream: impl Read) {
        let mut stream = BufReader::with_capacity(64 << 10, stream);
        let mut line = Vec::new();
        loop {
            let Ok(most) = lock(&self.core).map(|core| core.seat.guard.config().limits.message_bytes) else { return };
            let read = match read_line(&mut stream, &mut line, most) {
                Ok(read) => read,
                // A side that cannot be read is gone.
                Err(_) => Line::End,
            };
            let done = match read {
                Line::End => return,
                Line::Whole if line.trim_ascii().is_empty() => continue,
                Line::Whole => self.judge(side, &line),
                Line::TooLong(glimpses) => self.too_long(side, &glimpses),
            };
            if let Err(error) = done {
                (self.desk.tell)(Note::Failed(error.to_string()));
                return;
            }
            if side == Side::Agent {
                self.to_agent.wait_for_room();
            }
        }
    }

    fn too_long(&self, side: Side, glimpses: &[Glimpse]) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let step = core.seat.guard.too_large(side, glimpses, now());
        let then = self.commit(&mut core, step, side, &[]);
        drop(core);
        self.act(Thread::of(side), side, &[], then)
    }

    fn judge(&self, side: Side, line: &[u8]) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let (step, written) = core.decide(side, line, self.to_server.room());
        let news = step.records.iter().any(|record| matches!(record.kind, "pinned" | "held-tool"));
        let then = self.settle(&mut core, step, written, side, line);
        if news {
            let Core { seat, log, .. } = &mut *core;
            self.desk.keep_tools(seat, log)?;
        }
        drop(core);
        self.act(Thread::of(side), side, line, then)?;
        if side == Side::Agent {
            return Ok(());
        }
        // The agent has its answer; the monitor hears it while the agent thinks.
        let mut core = lock(&self.core)?;
        let heard = core.seat.guard.catch_up();
        self.commit(&mut core, heard, side, &[]);
        Ok(())
    }

    /// Writes a step's records, and returns the move if that worked: else an error for whoever waits, and nothing is forwarded.
    fn commit(&self, core: &mut Core, step: Step, side: Side, line: &[u8]) -> Move {
        let written = core.append(&step, side);
        self.settle(core, step, written, side, line)
    }

    /// What is to be done after a step's records were written, or were not.
    fn settle(&self, core: &mut Core, step: Step, written: Result<(), GatewayError>, side: Side, line: &[u8]) -> Move {
        let Core { seat, log, .. } = core;
        match written {
            Ok(()) => {
                seat.tell_alarms(log, &step.records, &self.desk.tell);
                if step.records.iter().any(|record| record.kind == "approval")
                    && let Err(error) = seat.given_up(log)
                {
                    (self.desk.tell)(Note::Failed(error.to_string()));
                }
                self.desk.record(&step.seen);
                step.then
            }
            Err(error) => {
                (self.desk.tell)(Note::Failed(error.to_string()));
                let answer = match side {
                    Side::Agent => seat.guard.unlogged_request(line),
                    Side::Server => seat.guard.unlogged_answer(Channel::Shared, line),
                };
                match answer {
                    Some(answer) => Move::Send(Side::Agent, answer),
                    None => Move::Drop,
                }
            }
        }
    }

    fn act(&self, by: Thread, from: Side, line: &[u8], then: Move) -> Result<(), GatewayError> {
        match then {
            Move::Forward => self.write(by, if from == Side::Agent { Side::Server } else { Side::Agent }, line),
            Move::Send(to, bytes) => self.answer(by, from, to, &bytes),
            Move::Answer(all) => all.iter().try_for_each(|(to, bytes)| self.answer(by, from, *to, bytes)),
            Move::Drop => Ok(()),
            Move::Hold(held) => self.hold(held),
        }
    }

    /// What the guard says itself, because of a message of this side. A server that asks on and on, and reads none of the answers, gets no more of them.
    fn answer(&self, by: Thread, from: Side, to: Side, line: &[u8]) -> Result<(), GatewayError> {
        match (from, to, self.to_server.room()) {
            (Side::Server, Side::Server, Room::None) => Ok(()),
            _ => self.write(by, to, line),
        }
    }

    fn write(&self, by: Thread, to: Side, line: &[u8]) -> Result<(), GatewayError> {
        let gone = |error| GatewayError::Io { what: "cannot write to the other side".to_owned(), error };
        let mut line = one_line(trimmed(line)).into_owned();
        line.push(b'\n');
        match (to, by) {
            (Side::Agent, Thread::HearsServer) => self.to_agent.write(&line).map_err(gone),
            (Side::Agent, Thread::Other) => self.to_agent.put(line).map_err(gone),
            (Side::Server, _) => self.to_server.send(line).map_err(gone),
        }
    }

    /// Whether a request that has waited for the server to read is still to be made: its agent may have cancelled it, or gone.
    fn is_wanted(&self, line: &[u8]) -> bool {
        lock(&self.core).is_ok_and(|core| core.seat.guard.is_wanted(line))
    }

    /// Uses an approval that was given already, or puts the call before a person.
    fn hold(&self, held: Held) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let Core { seat, log, .. } = &mut *core;
        let Some(step) = seat.hold(log, held, &self.desk.tell) else { return Ok(()) };
        let then = self.commit(&mut core, step, Side::Agent, &[]);
        drop(core);
        self.act(Thread::Other, Side::Agent, &[], then)
    }

    /// Looks after held calls and the files until the session is over.
    fn mind(&self) {
        let mut stamp = self.desk.opened.clone();
        let mut round = 0;
        while !self.done.load(Ordering::SeqCst) {
            std::thread::sleep(LOOK);
            round += 1;
            let minded = self
                .look_after_held()
                .and_then(|()| if round % FILES_EVERY == 0 { self.look_at_files(&mut stamp) } else { Ok(()) });
            if let Err(error) = minded {
                (self.desk.tell)(Note::Failed(error.to_string()));
            }
        }
    }

    fn look_after_held(&self) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        if !core.seat.waits() {
            return Ok(());
        }
        let Core { seat, log, others } = &mut *core;
        if seat.guard.is_shared() {
            log.follow(others, seat.guard.history_mut())?;
        }
        let steps = seat.look_after(log)?;
        let moves: Vec<Move> =
            steps.into_iter().map(|(_, step)| self.commit(&mut core, step, Side::Agent, &[])).collect();
        drop(core);
        moves.into_iter().try_for_each(|then| self.act(Thread::Other, Side::Agent, &[], then))
    }

    /// Takes over changed files; wrong ones never replace good ones.
    fn look_at_files(&self, stamp: &mut Stamp) -> Result<(), GatewayError> {
        let mut core = lock(&self.core)?;
        let guard = &mut core.seat.guard;
        let step = match self.desk.changed(stamp, guard.tools()) {
            Ok(None) => return Ok(()),
            Ok(Some(fresh)) => {
                let step = guard.adopt(&fresh);
                (self.desk.tell)(Note::Reloaded(Ok(guard.version().to_owned())));
                step
            }
            Err(error) => {
                (self.desk.tell)(Note::Reloaded(Err(error.to_string())));
                Step::with(Move::Drop, Desk::refusal(&error))
            }
        };
        let then = self.commit(&mut core, step, Side::Server, &[]);
        drop(core);
        self.act(Thread::Other, Side::Server, &[], then)
    }

    /// Answers what the server has left unanswered, and closes the session in the log.
    fn end(&self) {
        self.done.store(true, Ordering::SeqCst);
        let Ok(mut core) = lock(&self.core) else { return };
        let Core { seat, log, .. } = &mut *core;
        let steps = seat.end(log);
        let moves: Vec<Move> = steps.into_iter().map(|step| self.commit(&mut core, step, Side::Server, &[])).collect();
        drop(core);
        for then in moves {
            // The agent may have gone: then there is no one to tell.
            let _ = self.act(Thread::Other, Side::Server, &[], then);
        }
    }
}
