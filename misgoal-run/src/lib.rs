//! Runs a study: units of work, events, run directory, resume, index of runs.
//!
//! The only crate that owns formats on disk: `docs/run-directory.md` describes them.

mod clock;
mod convert;
mod error;
pub mod event;
pub mod index;
pub mod manifest;
pub mod read;
pub mod record;
mod reference;
mod store;

pub use error::{Fault, RunError};
pub use event::{Event, Progress, Sink, TimeSplit, UnitId};
pub use reference::json_reference;
pub use store::dir::{RunDir, UnitDir};
