//! Lint, likelihoods, estimators and the decision table.

mod decide;
mod facts;
mod habits;
mod likelihood;
mod optimise;
mod options;
pub mod outcome;
mod trace;

pub use options::Options;
pub use outcome::*;
