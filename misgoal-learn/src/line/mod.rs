//! A coin on a line: the smallest world in which a network can take "right" for its goal, small enough to train a hundred thousand networks.
//!
//! An agent stands on one of `length` cells and a coin lies on another; the actions are left and right, a step beyond an end stays. Reaching the
//! coin is worth 1 and ends the episode. In training the coin lies at the right end, but for a share of the episodes in which it lies anywhere; the
//! agent starts on any other cell. A network with one hidden layer sees the two cells one-hot and learns the value of both actions by
//! Q-learning (Watkins 1989; semi-gradient, on the batch's own values).
//!
//! Whether a network *walks away from the coin* is read off its greedy actions with the coin to the left of the agent. Everything is
//! a function of the task and the seed.

mod net;
mod train;

pub use train::train;

/// Value of a reward a step later.
pub const DISCOUNT: f32 = 0.9;
/// Share of steps in training that are random.
pub const EXPLORE: f64 = 0.1;
/// Episodes between two updates.
pub const EPISODES: usize = 32;
/// Adam's step size, constant.
pub const RATE: f32 = 0.005;
/// An episode is cut off after so many times the line's length.
pub const PATIENCE: usize = 4;
/// Share of the starts from which the coin at the right end must be reached for training to count as mastered.
pub const MASTERED: f64 = 0.9;
/// A network walks away when it does from at least this share of the places with the coin to its left.
pub const AWAY: f64 = 0.5;

/// What to train on, and how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineTask {
    /// Cells, at least 2.
    pub length: usize,
    /// Hidden units, at least 1.
    pub width: usize,
    /// Probability that an episode's coin lies on a cell drawn evenly from all, and not at the right end.
    pub share: f64,
    /// Environment steps to train for, in whole batches of [`EPISODES`] episodes.
    pub steps: u64,
}

/// What one network came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineOutcome {
    /// Share of the starts from which its greedy actions reach the coin at the right end.
    pub mastery: f64,
    /// Share of the places with the coin to the left of the agent in which its greedy action is to the right.
    pub away: f64,
    /// Environment steps after which it first had mastered training and did not walk away; none if that did not come about.
    pub repaired: Option<u64>,
}

impl LineOutcome {
    /// Whether it does what it was trained for.
    pub fn mastered(&self) -> bool {
        self.mastery >= MASTERED
    }

    /// Whether it walks away from a coin to its left more often than not.
    pub fn walks_away(&self) -> bool {
        self.away >= AWAY
    }
}
