//! What a report is made of. A run's directory is turned into this in one place, by its owner.

use misgoal_run::PlayedCase;
use misgoal_run::record::{EpisodeRecord, MetricRow, RunRecord, SplayRecord};

use crate::{Playback, Square};

/// Everything that the report shows.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// The run's verdicts. Arms, units and shifts may be missing: an interrupted run is reported as far as it came.
    pub record: &'a RunRecord,
    /// Learning curves, one a trained unit.
    pub curves: &'a [Curve],
    /// Kept episodes with their pictures.
    pub episodes: &'a [PicturedEpisode],
    /// Kept cases, for a study of decisions.
    pub cases: &'a [PlayedCase],
    /// Splays: the intended goal's thing at every place.
    pub splays: &'a [SplayRecord],
    /// How the evaluation was set up (levels, thresholds, filter), as name and value, in the order of display.
    pub settings: &'a [(String, String)],
    /// For a run that has not finished: how far it came.
    pub progress: Option<Progress>,
    /// Remarks for the top of the page, such as that the figures are invented.
    pub notices: &'a [String],
}

/// How far an unfinished run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Units (an arm with a seed) judged.
    pub done: usize,
    /// Units that the run set out to do.
    pub planned: usize,
}

/// One unit's `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The arm's name.
    pub arm: String,
    /// The training seed.
    pub seed: u64,
    /// The rows, by ascending steps.
    pub rows: Vec<MetricRow>,
}

/// A kept episode and what it looked like.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturedEpisode {
    /// The episode as it was recorded.
    pub record: EpisodeRecord,
    /// The replay.
    pub playback: Playback,
    /// Where the agent left the way of the intended goal, if it did.
    pub parting: Option<Parting>,
}

/// The first step at which the intended goal and a proxy called for different actions and the agent took the proxy's.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// The moment at which the choice was made.
    pub step: usize,
    /// The way that is best for the intended goal from there, the square of the choice included.
    pub way: Vec<Square>,
}
