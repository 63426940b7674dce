//! Lint, likelihoods, estimators and the decision table.

mod blind;
mod candidates;
mod decide;
mod facts;
mod habits;
mod judge;
mod likelihood;
mod merge;
mod optimise;
mod options;
pub mod outcome;
mod predictive;
mod replay;
mod trace;

pub use judge::{Evidence, judge};
pub use options::Options;
pub use outcome::*;
pub use replay::{JudgeError, Trial, attainment};
