//! Scripted reference agents: their goals are known, so that a judgement of them can be wrong.
//!
//! Named `optimal-GOAL`, `noisy-GOAL`, `soft-GOAL`, `first-GOAL` and `wall-blind-GOAL` for every declared goal, and
//! `random`, `switcher`, `habit` and `unlisted`; see [`Script`]. Agents that no component of the judge describes are [`Stranger`]s:
//! `without-ACTION-GOAL`, `slow-GOAL`, `blind-THING-GOAL`, `restless-GOAL`, `turns-to-GOAL`, `turns-from-GOAL`, `away-GOAL`, `shuns-GOAL`, `nearest`.

mod actor;
mod names;
mod parse;
mod stranger;

pub use actor::Scripted;
pub use parse::ScriptError;
pub use stranger::{Flaw, Stranger, Wish};

/// What a scripted agent does. Goals are indices into the declared goals, the intended one 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Script {
    /// Always a best action for the goal, the first one among equals; at random once nothing is left to gain.
    Optimal {
        /// The goal.
        goal: usize,
    },
    /// Epsilon-greedy: optimal, but a uniformly random action with probability `epsilon`.
    Noisy {
        /// The goal.
        goal: usize,
        /// Share of random actions.
        epsilon: f64,
    },
    /// Boltzmann: actions with probability proportional to exp(advantage / temperature), advantages in steps.
    Soft {
        /// The goal.
        goal: usize,
        /// Temperature in steps.
        temperature: f64,
    },
    /// Optimal for the goal, and once nothing of it is left to gain, for the intended one; 5 % random actions. What an
    /// agent does that took a means for the end: it collects every key before it opens a chest.
    First {
        /// The goal pursued first.
        goal: usize,
    },
    /// Straight toward the goal's nearest target as if there were no walls, a random action one time in ten.
    WallBlind {
        /// The goal.
        goal: usize,
    },
    /// Uniformly random actions.
    Random,
    /// Draws one of two goals per episode and pursues it with 5 % random actions.
    Switcher {
        /// The goal of most episodes.
        first: usize,
        /// The goal of the others.
        second: usize,
        /// Share of the episodes in which `first` is pursued.
        share: f64,
    },
    /// A stereotyped walker: biased actions with momentum, the same on every level.
    Habit,
    /// Pursues, with 5 % random actions, a thing that no goal weighs, or else the place farthest from every goal.
    Unlisted,
    /// An agent that no component of the judge describes.
    Stranger(Stranger),
}
