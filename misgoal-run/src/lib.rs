//! Runs a study: units of work, events, run directory, resume, index of runs.
//!
//! The only crate that owns formats on disk: `docs/run-directory.md` describes them.

mod along;
mod assemble;
pub mod atlas;
pub mod audit;
pub mod calibrate;
mod ceiling;
pub mod checkpoint;
mod clock;
pub mod compare;
mod convert;
mod decision;
mod error;
mod evaluate;
pub mod event;
mod evidence;
mod holdout;
mod identity;
#[cfg(test)]
mod identity_tests;
pub mod index;
mod levels;
mod lint;
mod lint_record;
pub mod manifest;
mod over;
mod pick;
pub mod pipeline;
mod play;
mod policy;
mod prepare;
mod queue;
pub mod read;
pub mod record;
mod reference;
mod replay;
mod request;
pub mod search;
mod splay;
mod store;
mod train;
mod unit;
mod unit_identity;
mod work;

pub use assemble::study_record;
pub use ceiling::{TrainCeilings, ceiling_of};
pub use decision::{Choice, PlayedCase, played};
pub use error::{Fault, RunError};
pub use event::{Event, Progress, Sink, TimeSplit, UnitId};
pub use lint::{LintProgress, lint};
pub use pipeline::{Outcome, judge_anew, judge_policy, resume, run};
pub use policy::scripted_names;
pub use reference::json_reference;
pub use replay::{Replay, replay};
pub use request::{GivenPolicy, Request};
pub use store::dir::{RunDir, UnitDir};
