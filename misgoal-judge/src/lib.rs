//! Lint, likelihoods, estimators and the decision table.

mod along;
mod blind;
mod candidates;
mod decide;
mod describe;
mod facts;
mod habits;
mod judge;
mod likelihood;
mod lint;
mod merge;
mod optimise;
mod options;
pub mod outcome;
mod predictive;
mod recorded;
mod replay;
mod trace;

pub use along::{StepEvidence, evidence_along};
pub use judge::{Evidence, judge};
pub use lint::{LintLevels, SHIFT_LIMIT, TRAIN_LIMIT, lint};
pub use options::Options;
pub use outcome::*;
pub use recorded::{Recorded, RecordedEvidence, RecordedStep, RecordedTarget, judge_recorded};
pub use replay::{JudgeError, Trial, attainment};
