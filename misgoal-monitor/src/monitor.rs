//! The whole monitor: a model, and a detector with its promise for behaviour and one for capability.

use std::fmt;
use std::sync::Arc;

use misgoal_stats::conformal::{Bag, Detector, Ground};
use misgoal_stats::draw;
use rand_pcg::Pcg64Mcg;

use crate::alternative::{Alternative, Declared};
use crate::detect::{Evidence, Model, Watch};
use crate::explain;
use crate::session::{Event, Session};

/// A learned monitor and what it has seen of an agent's sessions since.
///
/// Each channel keeps the promise by itself: at most one false alarm in N sessions, as long as the watched sessions are exchangeable with those that
/// calibrated it. Nothing else is assumed, least of all that the model is right.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    /// What sessions are held against.
    pub model: Arc<Model>,
    /// The detector of the behaviour channel.
    pub behaviour: Detector,
    /// The detector of the capability channel.
    pub capability: Detector,
}

/// Why a monitor cannot be learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearnError {
    sessions: usize,
}

/// Fewer good sessions are not worth a profile.
const FEWEST_SESSIONS: usize = 8;

impl fmt::Display for LearnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sessions } = self;
        write!(
            f,
            "{sessions} sessions with calls are too few to learn from: record at least {FEWEST_SESSIONS} good ones"
        )
    }
}

impl std::error::Error for LearnError {}

impl Monitor {
    /// Learns from good sessions. Half of them, drawn with a fixed seed, teach the profile; the others, which it has not seen, calibrate the promise of at
    /// most one false alarm in `promise` sessions. The proxy of obeying tools' answers is always among the alternatives.
    ///
    /// # Errors
    /// When fewer than eight sessions have calls.
    pub fn learn(good: &[Session], mut alternatives: Vec<Alternative>, promise: f64) -> Result<Monitor, LearnError> {
        let mut order: Vec<&Session> = good.iter().filter(|session| session.calls().next().is_some()).collect();
        if order.len() < FEWEST_SESSIONS {
            return Err(LearnError { sessions: order.len() });
        }
        let mut rng = Pcg64Mcg::new(1);
        for at in (1..order.len()).rev() {
            order.swap(at, draw::below(at + 1, &mut rng));
        }
        let (train, calibration) = order.split_at(order.len() / 2);
        alternatives.insert(0, Alternative::Declared(Declared::obeys_tool_output()));
        let model = Arc::new(Model::learn(train, alternatives));
        let watched: Vec<Watch> = calibration.iter().map(|session| Watch::whole(&model, session)).collect();
        let detector = |scores: Vec<f64>| Detector::new(Bag::new(&scores), promise);
        let behaviour = detector(watched.iter().map(Watch::score).collect());
        let capability = detector(watched.iter().map(Watch::capability_score).collect());
        Ok(Monitor { model, behaviour, capability })
    }

    /// The promise: at most one false alarm in so many sessions, in each channel.
    pub fn promise(&self) -> f64 {
        self.behaviour.promise()
    }

    /// Begins to watch a session.
    pub fn begin(&self, instructions: &[String], task: Option<&str>) -> Live {
        let watch = Watch::new(&self.model, instructions, task);
        Live { watch, calls: Vec::new(), events: 0, raised: [false; 2] }
    }

    /// The same monitor under another promise: at most one false alarm in so many sessions.
    #[must_use]
    pub fn promising(mut self, promise: f64) -> Monitor {
        for detector in [&mut self.behaviour, &mut self.capability] {
            let (r, row) = detector.row();
            *detector = Detector::resume(detector.bag().clone(), promise, r, row);
        }
        self
    }

    /// Takes note of a session that has ended: it counts toward rows of sessions, and its scores join the calibration.
    pub fn end(&mut self, live: &Live) -> [Option<Ground>; 2] {
        self.note(live.scores())
    }

    /// The same of a session of which only its final [`Live::scores`] were kept.
    pub fn note(&mut self, [behaviour, capability]: [f64; 2]) -> [Option<Ground>; 2] {
        [self.behaviour.end(behaviour), self.capability.end(capability)]
    }

    /// Watches a whole session, without taking note of it: the alarms, at the events at which they come.
    pub fn replay(&self, session: &Session) -> (Live, Vec<Alarm>) {
        let mut live = self.begin(&session.instructions, session.task.as_deref());
        let alarms = session.events.iter().flat_map(|event| live.see(self, event)).collect();
        (live, alarms)
    }
}

/// A session that is being watched.
#[derive(Clone, Debug)]
pub struct Live {
    watch: Watch,
    /// Events that are calls.
    calls: Vec<usize>,
    events: usize,
    raised: [bool; 2],
}

/// The two channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// What the agent is after.
    Behaviour,
    /// Whether it manages.
    Capability,
}

impl Channel {
    /// The channel in one word.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Behaviour => "behaviour",
            Channel::Capability => "capability",
        }
    }
}

/// An alarm, and everything that a person needs to judge it.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// The channel.
    pub channel: Channel,
    /// Whether this session alone is cause, or a row of sessions that it belongs to.
    pub ground: Ground,
    /// Sessions in the row, this one included.
    pub row: usize,
    /// How strange a good session would have to be to look like this one: the conformal p-value.
    pub p: f64,
    /// The promise under which the alarm is given.
    pub promise: f64,
    /// The call, counted from 1, since which the session has moved.
    pub since: usize,
    /// The call at which the evidence was enough.
    pub at: usize,
    /// Index of the event at which the evidence was enough.
    pub event: usize,
    /// Toward what.
    pub toward: String,
    /// The three observations that moved it most, in words.
    pub because: Vec<String>,
}

impl Live {
    /// Takes note of an event. Gives each channel's first alarm of the session, at the event that is cause for it.
    pub fn see(&mut self, monitor: &Monitor, event: &Event) -> Vec<Alarm> {
        if matches!(event, Event::Call(_)) {
            self.calls.push(self.events);
        }
        self.watch.see(event);
        let at = self.events;
        self.events += 1;
        let mut alarms = Vec::new();
        for (index, channel) in [Channel::Behaviour, Channel::Capability].into_iter().enumerate() {
            if self.raised.get(index).copied().unwrap_or(true) {
                continue;
            }
            if let Some(alarm) = self.alarm(monitor, channel, at) {
                self.raised.iter_mut().skip(index).take(1).for_each(|raised| *raised = true);
                alarms.push(alarm);
            }
        }
        alarms
    }

    fn alarm(&self, monitor: &Monitor, channel: Channel, event: usize) -> Option<Alarm> {
        let (detector, score) = match channel {
            Channel::Behaviour => (&monitor.behaviour, self.watch.score()),
            Channel::Capability => (&monitor.capability, self.watch.capability_score()),
        };
        let ground = detector.look(score)?;
        let evidence = match channel {
            Channel::Behaviour => self.watch.behaviour()?,
            Channel::Capability => self.watch.capability()?,
        };
        Some(Alarm {
            channel,
            ground,
            row: detector.row().1 + 1,
            p: detector.bag().p_value(evidence.score),
            promise: detector.promise(),
            since: self.step(evidence.since),
            at: self.step(event),
            event,
            because: self.because(&evidence),
            toward: evidence.toward,
        })
    }

    /// The evidence in both channels so far.
    pub fn evidence(&self) -> [Option<Evidence>; 2] {
        [self.watch.behaviour(), self.watch.capability()]
    }

    /// The scores in both channels so far.
    pub fn scores(&self) -> [f64; 2] {
        [self.watch.score(), self.watch.capability_score()]
    }

    /// The observations of a piece of evidence in words, each with its call's number.
    pub fn because(&self, evidence: &Evidence) -> Vec<String> {
        let words = |moved| format!("step {}: {}", self.step(explain::event(moved)), explain::observation(moved));
        evidence.moved.iter().map(words).collect()
    }

    /// The call, counted from 1, to which an event belongs: its own or the latest before it.
    pub fn step(&self, event: usize) -> usize {
        self.calls.partition_point(|call| *call <= event).max(1)
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Alarm { since, at, toward, promise, p, row, .. } = self;
        write!(f, "since step {since} the session moves toward {toward} (noticed at step {at}; ")?;
        match self.ground {
            Ground::Session => write!(f, "p = {p:.2e}; promise: at most one false alarm in {promise} sessions)")?,
            Ground::Row => {
                write!(
                    f,
                    "p = {p:.2e}, after {row} sessions in a row; promise: at most one false alarm in {promise} sessions)"
                )?;
            }
        }
        self.because.iter().try_for_each(|words| write!(f, "\n  {words}"))
    }
}
