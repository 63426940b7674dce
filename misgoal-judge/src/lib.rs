//! Lint, likelihoods, estimators and the decision table.

mod options;
pub mod outcome;

pub use options::Options;
pub use outcome::*;
