//! The sessions of a server behind the guard, and the way from a step to its records and its move.
//!
//! A step is made while its session is locked; its records are asked to be written before the lock is given back, so that they stand in the log in the
//! order in which they were made; only when they are committed is the move made. Nothing waits while a session is locked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use misgoal_guard::read::Side;
use misgoal_guard::{Channel, Guard, Held, Move, Record, Step};
use tokio::sync::{mpsc, oneshot};

use super::scribe::{Job, Scribe};
use crate::desk::{Desk, Stamp, lock};
use crate::log::Log;
use crate::seat::Seat;
use crate::{GatewayError, Note, now};

/// How long to wait for what is done in a moment.
const MOMENT: Duration = Duration::from_millis(2);

/// Whose message it is; the server's, and where it came in.
#[derive(Clone, Copy)]
enum From {
    Agent,
    Server(Channel),
}

impl From {
    fn side(self) -> Side {
        match self {
            From::Agent => Side::Agent,
            From::Server(_) => Side::Server,
        }
    }
}

/// Bytes on their way to the agent.
pub(super) type Bytes = hyper::body::Bytes;

/// A session, and who of its exchanges waits for a person.
pub(super) struct Session {
    pub seat: Mutex<Seat>,
    /// Held attempts, each with whoever is to be told its move.
    waiting: Mutex<HashMap<u64, oneshot::Sender<Move>>>,
    /// The stream on which the server may speak unasked, if the agent has opened one.
    pub stream: Mutex<Option<mpsc::Sender<Bytes>>>,
    /// When it was last used, in milliseconds.
    used: AtomicU64,
    /// Exchanges that are going on.
    open: AtomicU64,
}

impl Session {
    /// Tells whoever waits for a held attempt what is done with it.
    fn tell(&self, call: u64, then: Move) {
        let told = self.waiting.lock().ok().and_then(|mut waiting| waiting.remove(&call));
        if let Some(told) = told {
            // An agent that has gone hears nothing; what was to be sent for it is not sent.
            let _ = told.send(then);
        }
    }
}

/// Resolves when nobody waits for an exchange's answer any more.
pub(super) type Gone = oneshot::Receiver<std::convert::Infallible>;

/// Goes with an exchange: a session with one is not idle.
pub(super) struct Busy(Arc<Session>);

impl Busy {
    pub fn new(session: &Arc<Session>) -> Busy {
        session.open.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(session))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.used.store(now(), Ordering::SeqCst);
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A move that may be made once its records are committed.
pub(super) struct Ticket {
    done: Option<oneshot::Receiver<Result<(), String>>>,
    then: Move,
}

/// All sessions.
pub(super) struct Hall {
    pub desk: Desk,
    scribe: Scribe,
    pub server: String,
    /// By the server's id for them.
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    /// Agents that the server does not tell apart, because it knows no sessions, are one to the guard too.
    common: Mutex<Option<Arc<Session>>>,
    lanes: AtomicU64,
    /// Sessions at once, at most.
    most: usize,
    /// How long a session may be unused, in milliseconds.
    idle: u64,
}

impl Hall {
    pub fn new(desk: Desk, scribe: Scribe, server: String, most: usize, idle: u64) -> Hall {
        let (sessions, common) = (Mutex::default(), Mutex::default());
        Hall { desk, scribe, server, sessions, common, lanes: AtomicU64::new(1), most, idle }
    }

    /// Runs something with the log, after what was asked for before.
    async fn with_log<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Log) -> T + Send + 'static,
    ) -> Result<T, GatewayError> {
        let (done, result) = oneshot::channel();
        self.scribe.ask(Job::Do(Box::new(move |log| {
            // Whoever asked may have gone.
            let _ = done.send(job(log));
        })));
        result.await.map_err(|_| GatewayError::Data("the log is closed".to_owned()))
    }

    /// Begins a session.
    pub async fn begin(self: &Arc<Self>) -> Result<Arc<Session>, GatewayError> {
        if lock(&self.sessions)?.len() >= self.most {
            return Err(GatewayError::Data(format!("there are {} sessions already", self.most)));
        }
        let hall = Arc::clone(self);
        let seat = self
            .with_log(move |log| {
                let (seat, began) = hall.desk.begin(log, &hall.server)?;
                let durable = seat.guard.config().log.durable;
                log.append(&seat.name, &[began], durable)?;
                Ok::<_, GatewayError>(seat)
            })
            .await??;
        Ok(Arc::new(Session {
            seat: Mutex::new(seat),
            waiting: Mutex::default(),
            stream: Mutex::default(),
            used: AtomicU64::new(now()),
            open: AtomicU64::new(0),
        }))
    }

    /// The session that bears the server's id; none where the guard does not know it.
    pub fn find(&self, id: &str) -> Result<Option<Arc<Session>>, GatewayError> {
        Ok(lock(&self.sessions)?.get(id).map(Arc::clone))
    }

    /// Gives a session the server's id for it. An id that another session bears is refused: the server would mix two agents up.
    pub fn enter(&self, id: &str, session: &Arc<Session>) -> Result<bool, GatewayError> {
        let mut sessions = lock(&self.sessions)?;
        if sessions.contains_key(id) {
            return Ok(false);
        }
        sessions.insert(id.to_owned(), Arc::clone(session));
        Ok(true)
    }

    /// The session of all agents that bring none, and a lane of their own for this exchange.
    pub async fn common(self: &Arc<Self>) -> Result<(Arc<Session>, u64), GatewayError> {
        let lane = self.lanes.fetch_add(1, Ordering::SeqCst);
        if let Some(session) = lock(&self.common)?.as_ref() {
            return Ok((Arc::clone(session), lane));
        }
        let fresh = self.begin().await?;
        lock(&fresh.seat)?.is_common = true;
        let session = {
            let mut common = lock(&self.common)?;
            Arc::clone(common.get_or_insert_with(|| Arc::clone(&fresh)))
        };
        if !Arc::ptr_eq(&session, &fresh) {
            self.end(&fresh).await;
        }
        Ok((session, lane))
    }

    /// Ends the session of this id.
    pub async fn leave(self: &Arc<Self>, id: &str) -> Result<(), GatewayError> {
        let left = lock(&self.sessions)?.remove(id);
        if let Some(session) = left {
            self.end(&session).await;
        }
        Ok(())
    }

    /// Writes a session's last records; who waits in it is told that nothing is done.
    pub async fn end(self: &Arc<Self>, session: &Arc<Session>) {
        let (hall, of) = (Arc::clone(self), Arc::clone(session));
        let ended = self.with_log(move |log| {
            let mut seat = lock(&of.seat)?;
            for step in seat.end(log) {
                hall.write(log, &of, &mut seat, &step, true)?;
            }
            Ok::<_, GatewayError>(())
        });
        if let Err(error) = ended.await.and_then(|ended| ended) {
            (self.desk.tell)(Note::Failed(error.to_string()));
        }
        if let Ok(mut waiting) = session.waiting.lock() {
            waiting.clear();
        }
        if let Ok(mut stream) = session.stream.lock() {
            stream.take();
        }
    }

    /// Ends all sessions, or those that were not used for long.
    pub async fn sweep(self: &Arc<Self>, all: bool) -> Result<(), GatewayError> {
        let before = now().saturating_sub(self.idle);
        let over = |session: &Arc<Session>| {
            all || (session.open.load(Ordering::SeqCst) == 0 && session.used.load(Ordering::SeqCst) < before)
        };
        let mut ended: Vec<Arc<Session>> = {
            let mut sessions = lock(&self.sessions)?;
            let ids: Vec<String> =
                sessions.iter().filter(|(_, session)| over(session)).map(|(id, _)| id.clone()).collect();
            ids.iter().filter_map(|id| sessions.remove(id)).collect()
        };
        ended.extend(lock(&self.common)?.take_if(|session| over(session)));
        for session in ended {
            self.end(&session).await;
        }
        Ok(())
    }

    /// Asks for a step's records to be written. The session is locked by the caller, and stays so until this returns.
    pub fn ask(self: &Arc<Self>, session: &Arc<Session>, seat: &mut Seat, step: Step, side: Side) -> Ticket {
        if step.records.is_empty() && step.seen.is_empty() {
            return Ticket { done: None, then: step.then };
        }
        let forced = seat.guard.config().log.durable && step.answers(side);
        let (done, result) = oneshot::channel();
        let news = |record: &Record| matches!(record.kind, "alarm" | "pinned" | "held-tool" | "approval");
        let then = step.then.clone();
        if step.seen.is_empty() && !step.records.iter().any(news) {
            self.scribe.ask(Job::Append { session: seat.name.clone(), records: step.records, forced, done });
        } else {
            let (hall, of) = (Arc::clone(self), Arc::clone(session));
            self.scribe.ask(Job::Do(Box::new(move |log| {
                let written = lock(&of.seat).and_then(|mut seat| hall.write(log, &of, &mut seat, &step, forced));
                // Whoever asked may have gone.
                let _ = done.send(written.map_err(|error| error.to_string()));
            })));
        }
        Ticket { done: Some(result), then }
    }

    /// Writes a step's records, and does what alarms, new tools and cancelled requests ask for.
    fn write(
        &self,
        log: &mut Log,
        session: &Session,
        seat: &mut Seat,
        step: &Step,
        forced: bool,
    ) -> Result<(), GatewayError> {
        log.append(&seat.name, &step.records, forced)?;
        seat.tell_alarms(log, &step.records, &self.desk.tell);
        self.desk.record(&step.seen);
        if step.records.iter().any(|record| record.kind == "approval") {
            for call in seat.given_up(log)? {
                session.tell(call, Move::Drop);
            }
        }
        if step.records.iter().any(|record| matches!(record.kind, "pinned" | "held-tool")) {
            self.desk.keep_tools(seat, log)?;
        }
        Ok(())
    }

    /// The move, once its records are committed; else an error for whoever waits, and nothing is forwarded.
    async fn redeem(&self, session: &Session, ticket: Ticket, lane: u64, from: From, line: &[u8]) -> Move {
        let Some(done) = ticket.done else { return ticket.then };
        let error = match done.await {
            Ok(Ok(())) => return ticket.then,
            Ok(Err(error)) => error,
            Err(_) => "the log is closed".to_owned(),
        };
        (self.desk.tell)(Note::Failed(error));
        let answer = lock(&session.seat).ok().and_then(|mut seat| {
            let guard = seat.guard.on(lane);
            match from {
                From::Agent => guard.unlogged_request(line),
                From::Server(channel) => guard.unlogged_answer(channel, line),
            }
        });
        answer.map_or(Move::Drop, |answer| Move::Send(Side::Agent, answer))
    }

    /// Judges a message of the agent that has sent these headers with it.
    pub async fn judge_with(
        self: &Arc<Self>,
        session: &Arc<Session>,
        lane: u64,
        headers: Vec<(String, String)>,
        line: &[u8],
    ) -> Move {
        let make = |guard: &mut Guard| guard.beside(headers).from_agent(line, now());
        self.judge_any(session, lane, From::Agent, make, line).await
    }

    /// Judges a message of the server that comes in here.
    pub async fn judge_answer(
        self: &Arc<Self>,
        session: &Arc<Session>,
        lane: u64,
        channel: Channel,
        line: &[u8],
    ) -> Move {
        if let Channel::Again(number) = channel {
            // What was read of an answer before is shown again when it is in the log, which is soon.
            while lock(&session.seat).is_ok_and(|seat| seat.guard.is_being_logged(number)) {
                tokio::time::sleep(MOMENT).await;
            }
        }
        // The exchange ends with its answer: the monitor hears it now.
        let make = |guard: &mut Guard| guard.from_channel(channel, line, now()).and(guard.catch_up());
        let then = self.judge_any(session, lane, From::Server(channel), make, line).await;
        // Where that has failed, nothing is remembered.
        if let (Channel::Stream(number) | Channel::Again(number), Ok(mut seat)) = (channel, session.seat.lock()) {
            seat.guard.logged(number, line);
        }
        then
    }

    /// Judges a message, and gives the move when its records are committed.
    async fn judge_any(
        self: &Arc<Self>,
        session: &Arc<Session>,
        lane: u64,
        from: From,
        make: impl FnOnce(&mut Guard) -> Step,
        line: &[u8],
    ) -> Move {
        let Ok(ticket) = lock(&session.seat).map(|mut seat| {
            let step = make(seat.guard.on(lane));
            self.ask(session, &mut seat, step, from.side())
        }) else {
            return Move::Drop;
        };
        self.redeem(session, ticket, lane, from, line).await
    }

    /// Makes any other step, and gives its move when its records are committed.
    pub async fn step(
        self: &Arc<Self>,
        session: &Arc<Session>,
        lane: u64,
        side: Side,
        make: impl FnOnce(&mut Seat) -> Option<Step>,
    ) -> Option<Move> {
        let ticket = {
            let mut seat = lock(&session.seat).ok()?;
            seat.guard.on(lane);
            let step = make(&mut seat)?;
            self.ask(session, &mut seat, step, side)
        };
        let from = if side == Side::Agent { From::Agent } else { From::Server(Channel::Other) };
        Some(self.redeem(session, ticket, lane, from, &[]).await)
    }

    /// Uses an approval that came late for the same call, or puts the call before a person and waits for what comes of it. `gone` resolves when nobody waits for
    /// the answer any more.
    pub async fn hold(self: &Arc<Self>, session: &Arc<Session>, held: Held, gone: &mut Gone) -> Move {
        let call = held.call;
        let (told, mut hear) = oneshot::channel();
        if let Ok(mut waiting) = session.waiting.lock() {
            waiting.insert(call, told);
        }
        let (hall, of) = (Arc::clone(self), Arc::clone(session));
        self.scribe.ask(Job::Do(Box::new(move |log| {
            let Ok(mut seat) = lock(&of.seat) else { return };
            if let Some(step) = seat.hold(log, held, &hall.desk.tell) {
                hall.deliver(log, &of, &mut seat, Some(call), step);
            }
        })));
        let then = tokio::select! {
            biased;
            then = &mut hear => Some(then),
            _ = gone => None,
        };
        let then = match then {
            Some(then) => then,
            None if self.abandon(session, Some(call)).await => return Move::Drop,
            // Its move was made in the same moment.
            None => hear.await,
        };
        then.unwrap_or(Move::Drop)
    }

    /// Gives a held call up whose agent has gone, or all of a session that is to end; false where the call does not wait any more.
    pub async fn abandon(self: &Arc<Self>, session: &Arc<Session>, call: Option<u64>) -> bool {
        let (hall, of) = (Arc::clone(self), Arc::clone(session));
        let abandoned = self.with_log(move |log| {
            let mut seat = lock(&of.seat)?;
            let step = match call {
                Some(call) => seat.abandon(log, call)?,
                None => Some(seat.abandon_all(log)?),
            };
            let Some(step) = step else { return Ok(false) };
            match (call, of.waiting.lock()) {
                (Some(call), Ok(mut waiting)) => _ = waiting.remove(&call),
                // Who waits hears that nothing is done.
                (None, Ok(mut waiting)) => waiting.clear(),
                (_, Err(_)) => {}
            }
            hall.write(log, &of, &mut seat, &step, false)?;
            Ok::<_, GatewayError>(true)
        });
        abandoned.await.and_then(|abandoned| abandoned).unwrap_or_else(|error| {
            (self.desk.tell)(Note::Failed(error.to_string()));
            // What cannot be written down is not done.
            true
        })
    }

    /// Writes a step's records and tells whoever waits what to do; nothing is done where they cannot be written.
    fn deliver(&self, log: &mut Log, session: &Session, seat: &mut Seat, call: Option<u64>, step: Step) {
        let forced = seat.guard.config().log.durable;
        let then = match self.write(log, session, seat, &step, forced) {
            Ok(()) => step.then,
            Err(error) => {
                (self.desk.tell)(Note::Failed(error.to_string()));
                Move::Drop
            }
        };
        if let Some(call) = call {
            session.tell(call, then);
        }
    }

    /// Looks after what waits for a person, in every session.
    pub fn look_after(self: &Arc<Self>) -> Result<(), GatewayError> {
        for session in self.all()? {
            if !lock(&session.seat)?.waits() {
                continue;
            }
            let hall = Arc::clone(self);
            self.scribe.ask(Job::Do(Box::new(move |log| {
                let Ok(mut seat) = lock(&session.seat) else { return };
                match seat.look_after(log) {
                    Ok(steps) => {
                        for (call, step) in steps {
                            hall.deliver(log, &session, &mut seat, call, step);
                        }
                    }
                    Err(error) => (hall.desk.tell)(Note::Failed(error.to_string())),
                }
            })));
        }
        Ok(())
    }

    fn all(&self) -> Result<Vec<Arc<Session>>, GatewayError> {
        let mut all: Vec<Arc<Session>> = lock(&self.sessions)?.values().map(Arc::clone).collect();
        all.extend(lock(&self.common)?.as_ref().map(Arc::clone));
        Ok(all)
    }

    /// Takes over changed files in every session; wrong ones never replace good ones.
    pub async fn look_at_files(self: &Arc<Self>, stamp: &mut Stamp) -> Result<(), GatewayError> {
        let pinned = lock(&self.desk.files)?.tools.clone();
        let fresh = match self.desk.changed(stamp, &pinned) {
            Ok(None) => return Ok(()),
            Ok(Some(fresh)) => fresh,
            Err(error) => {
                let refused = Desk::refusal(&error);
                (self.desk.tell)(Note::Reloaded(Err(error.to_string())));
                return self.with_log(move |log| log.append("operator", &[refused], true)).await?;
            }
        };
        for session in self.all()? {
            let then = self.step(&session, 0, Side::Server, |seat| Some(seat.guard.adopt(&fresh))).await;
            let stream = lock(&session.stream)?.clone();
            if let (Some(Move::Send(Side::Agent, line)), Some(stream)) = (then, stream) {
                let event = super::sse::Event { data: Some(line.trim_ascii_end().to_vec()), ..Default::default() };
                // An agent that does not read its stream asks again by itself.
                let _ = stream.try_send(super::sse::write(&event).into());
            }
        }
        (self.desk.tell)(Note::Reloaded(Ok(self.desk.version()?)));
        Ok(())
    }

    /// Logs something that belongs to no session.
    pub async fn note(&self, record: Record) -> Result<(), GatewayError> {
        self.with_log(move |log| log.append("", &[record], false)).await?
    }

    /// Closes the log.
    pub fn close(&self) {
        self.scribe.ask(Job::Close);
    }
}
