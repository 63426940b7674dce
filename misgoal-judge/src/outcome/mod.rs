//! What a judgement says: plain data, for the report, the run's formats and the terminal.

mod by_level;
mod code;
mod lint;
mod more;
mod shift;
mod unit;
mod verdict;

pub use by_level::ByLevel;
pub use code::VerdictCode;
pub use lint::{CrossRegret, LintReport, PairEvidence, PairLint, ProxyLint, Training};
pub use more::More;
pub use shift::{
    Check, Component, EValue, EpisodeEvidence, Fit, Fits, Ledger, Misfit, Reference, Sampling, ShiftJudgement,
};
pub use unit::Unit;
pub use verdict::{Extent, ProxyShare, Reason, Verdict};
