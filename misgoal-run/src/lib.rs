//! Runs a study: units of work, events, run directory, resume, index of runs.

pub mod record;
