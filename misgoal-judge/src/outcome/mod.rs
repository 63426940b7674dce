//! What a judgement says: plain data, for the report, the run's formats and the terminal.

mod lint;
mod seeds;
mod shift;
mod verdict;

pub use lint::{CrossRegret, LintReport, PairEvidence, PairLint, ProxyLint, Training};
pub use seeds::{SeedSummary, over_seeds, pooled};
pub use shift::{Check, Component, EValue, EpisodeEvidence, Fit, Ledger, Misfit, Reference, ShiftJudgement};
pub use verdict::{Extent, Reason, Verdict};
