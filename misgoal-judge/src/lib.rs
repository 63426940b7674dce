//! Lint, likelihoods, estimators and the decision table.

mod along;
mod blind;
mod candidates;
mod decide;
mod describe;
mod facts;
mod forecast;
mod habits;
mod index;
mod judge;
mod likelihood;
mod lint;
mod merge;
mod optimise;
mod options;
pub mod outcome;
mod pairs;
mod predictive;
mod recorded;
mod replay;
mod sequential;
mod trace;
mod weigh;

pub use along::{StepEvidence, evidence_along};
pub use forecast::{Forecast, Outlook, Rung, forecast};
pub use index::discrimination;
pub use judge::{Evidence, judge};
pub use lint::{LintLevels, SHIFT_LIMIT, TRAIN_LIMIT, lint};
pub use merge::{LIMIT, classes};
pub use options::Options;
pub use outcome::*;
pub use pairs::{PairLint, TrainingTells, pairs};
pub use recorded::{Recorded, RecordedEvidence, RecordedStep, RecordedTarget, judge_recorded};
pub use replay::{JudgeError, Trial, attainment};
pub use sequential::{Before, Sequential, Standing};
