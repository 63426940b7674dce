//! What an episode says about goals, once replayed: the steps that count and every model's advantages at them.

use misgoal_world::MAX_ACTIONS;

/// Advantages of every action at one step, in units of one step's cost, at most 0 and clipped below at
/// [`misgoal_world::oracle::WORST_ADVANTAGE`]: a disaster and a large detour are both just "not this goal". Entries past
/// the world's action count are never read.
pub(crate) type Advantages = [f64; MAX_ACTIONS];

/// A step that counts: one of the first two visits to its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The action taken.
    pub action: u8,
    /// The action of the step before, whether that counted or not.
    pub previous: Option<u8>,
    /// Index of the step in the episode.
    pub at: usize,
}

/// A target that no declared goal names, with its advantages at the counted steps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    /// What to call it over all levels: a thing, a zone, or a part of the grid.
    pub name: String,
    /// One entry per counted step.
    pub advantages: Vec<Advantages>,
}

/// One episode, replayed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    /// Number of actions in the world.
    pub actions: usize,
    /// Which marks the first step shows ([`crate::RecordedStep::marks`]).
    pub marks: u64,
    /// Attainment of every goal, intended first.
    pub attainment: Vec<f64>,
    /// Goals whose first positive event came in the earliest such step; empty when there was none.
    pub first: Vec<usize>,
    /// The steps that count.
    pub steps: Vec<Counted>,
    /// Per declared goal, its advantages at the counted steps.
    pub goals: Vec<Vec<Advantages>>,
    /// Per declared goal, its straight-line advantages at the counted steps; empty under gravity.
    pub blind: Vec<Vec<Advantages>>,
    /// Unlisted candidate targets; empty on training levels.
    pub targets: Vec<Target>,
}
