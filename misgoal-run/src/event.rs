//! What happens during a run: one enum, many sinks. The terminal, the recorder and tests all read this stream.

use crate::record::{LintRecord, MetricRow, RunRecord, UnitRecord};

/// One unit of work: an arm trained with one seed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId {
    /// The arm's name.
    pub arm: String,
    /// The seed.
    pub seed: u64,
}

impl std::fmt::Display for UnitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.arm, self.seed)
    }
}

/// Something that happened during a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run has a directory and begins, or goes on.
    RunStarted {
        /// The run's id.
        id: String,
        /// Its directory.
        path: std::path::PathBuf,
        /// The study's name.
        study: String,
        /// Every unit of the run, in the order of the work queue.
        units: Vec<UnitId>,
        /// How many of them were complete before this session.
        complete: usize,
        /// Units that are worked on side by side.
        threads: usize,
        /// The kernel of the network's arithmetic.
        kernel: String,
    },
    /// Lint found something about one proxy and one shift.
    Lint(LintRecord),
    /// Work on a unit begins.
    UnitStarted {
        /// Which.
        unit: UnitId,
        /// The steps that a checkpoint brought along; 0 for a fresh start.
        resumed_at: u64,
        /// Steps to train for.
        total: u64,
    },
    /// Training went on.
    Progress(Progress),
    /// A checkpoint was written.
    Checkpoint {
        /// Of which unit.
        unit: UnitId,
        /// At how many steps.
        steps: u64,
    },
    /// Evaluation went on.
    Evaluating {
        /// Of which unit.
        unit: UnitId,
        /// Episodes played.
        episodes: u64,
        /// Episodes to play.
        total: u64,
    },
    /// A unit is complete.
    UnitJudged {
        /// What was found.
        record: Box<UnitRecord>,
    },
    /// A unit was stopped on request, its checkpoint written.
    UnitStopped {
        /// Which.
        unit: UnitId,
        /// At how many steps.
        steps: u64,
    },
    /// Everything is complete and the verdict is written.
    RunFinished {
        /// What was found.
        record: Box<RunRecord>,
    },
    /// Something that the user should know and that stops nothing.
    Warning {
        /// The sentence.
        message: String,
    },
}

/// Training of one unit after an update.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Which unit.
    pub unit: UnitId,
    /// Environment steps so far.
    pub steps: u64,
    /// Steps to train for.
    pub total: u64,
    /// Environment steps a second over this session, everything included.
    pub steps_per_second: f64,
    /// Shares of this session's training time in the environment, the network's forward pass and the updates. They sum to at most 1.
    pub time: TimeSplit,
    /// Seconds that this unit's training will still take at this pace.
    pub seconds_left: f64,
    /// Returns and success per goal, and the update's diagnostics.
    pub row: MetricRow,
}

/// Shares of time, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeSplit {
    /// Generating levels, stepping and observing.
    pub environment: f64,
    /// The policy's forward pass.
    pub forward: f64,
    /// Advantages, gradients and the optimiser.
    pub update: f64,
}

/// Somewhere that events go.
///
/// Units run on several threads; their events come through a channel, so that a sink is called from one thread only and
/// events of one unit come in their order.
pub trait Sink {
    /// Takes one event.
    fn on(&mut self, event: &Event);
}

impl<F: FnMut(&Event)> Sink for F {
    fn on(&mut self, event: &Event) {
        self(event);
    }
}

/// Several sinks as one.
impl Sink for Vec<Box<dyn Sink>> {
    fn on(&mut self, event: &Event) {
        for sink in self {
            sink.on(event);
        }
    }
}
