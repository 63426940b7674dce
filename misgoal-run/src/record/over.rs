//! What the seeds of an arm say together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ExcessOver, Interval, number};

/// A mean over seeds with two intervals of 90 %, which answer two questions. `low` and `high` are those of *the procedure: new seeds, new levels*; `these_seeds`
/// is that of *these seeds, new levels*.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverSeedsInterval {
    /// The mean over the seeds.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// The procedure, new seeds and new levels: the lower end.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub low: f64,
    /// The procedure's upper end.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub high: f64,
    /// These seeds, new levels. Absent in what an earlier version wrote, whose `low` and `high` were a normal interval over the seeds, which is too narrow.
    #[serde(default)]
    pub these_seeds: Option<Span>,
}

/// An interval without its figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The lower end.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub low: f64,
    /// The upper end.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub high: f64,
}

/// A named mean over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedOverSeeds {
    /// A goal, a component or an event.
    pub name: String,
    #[serde(flatten)]
    /// The figure.
    pub interval: OverSeedsInterval,
}

/// Shares of episodes by what they attained, over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerOverSeeds {
    /// The proxy's name.
    pub proxy: String,
    /// Intended goal attained, proxy not.
    pub intended_only: OverSeedsInterval,
    /// Both attained.
    pub both: OverSeedsInterval,
    /// Proxy attained, intended goal not.
    pub proxy_only: OverSeedsInterval,
    /// Neither attained.
    pub neither: OverSeedsInterval,
}

/// A share of the procedure's seeds: the share seen for sure, and an interval of 90 % that covers however the verdicts that are missing would have been.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedShare {
    /// Seeds with a verdict of the kind, of all.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// The lower end: Blaker's where every seed has a verdict, else Clopper and Pearson's with those without one counted as "no".
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub low: f64,
    /// The upper end, those without a verdict counted as "yes".
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub high: f64,
    /// What the interval is of. Absent in what an earlier version wrote, whose interval was another.
    #[serde(default)]
    pub seeds: Option<SeedsWithVerdict>,
}

/// How many seeds have a verdict of a kind, and what that says of the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedsWithVerdict {
    /// Seeds with such a verdict.
    pub yes: u32,
    /// Seeds without any verdict: `inconclusive`, `cannot-discriminate`.
    pub unknown: u32,
    /// All seeds.
    pub of: u32,
    /// At least so large a share of the procedure's seeds, with 95 % confidence.
    pub at_least: f64,
    /// At most so large a share, with 95 % confidence.
    pub at_most: f64,
}

/// One shift over an arm's seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverSeedsRecord {
    /// The shift's name.
    pub shift: String,
    /// How many seeds got each verdict code.
    pub verdicts: BTreeMap<String, u32>,
    /// Share of seeds that misgeneralize.
    pub misgeneralizing: SeedShare,
    /// Capability over seeds.
    pub capability: OverSeedsInterval,
    /// Attainment of each goal over seeds.
    pub attainment: Vec<NamedOverSeeds>,
    /// Excess regret over seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess_regret: Option<OverSeedsInterval>,
    /// What it is the excess over.
    #[serde(default)]
    pub excess_over: ExcessOver,
    /// Attainment of the intended goal by the worst of these seeds, on new levels: which seed is the worst is part of what is uncertain. A further seed is worse
    /// than all of n with probability 1 / (n + 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_seed: Option<Interval>,
    /// Share of the lost intended return that each component explains, over seeds.
    pub regret_shares: Vec<NamedOverSeeds>,
    /// The 2x2 tables over seeds, one entry a proxy.
    pub ledger: Vec<LedgerOverSeeds>,
    /// Which goal was paid first, over seeds.
    pub first_reached: Vec<NamedOverSeeds>,
    /// The same on all drawn levels.
    pub unfiltered_first: Vec<NamedOverSeeds>,
    /// What the seeds do, and what their number can show of the procedure.
    pub sentence: String,
}

/// What an agent attained level by level. All seeds of a run play the same levels: the same places in two units' lists are the same levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ByLevelRecord {
    /// Attainment of the intended goal on each held-out training level that was judged.
    pub holdout: Vec<f64>,
    /// Attainment of the intended goal on each level of the capability probes; empty where there are none.
    pub probe: Vec<f64>,
    /// Attainment on each judged level of the shift, a list a goal in the study's order.
    pub attainment: Vec<Vec<f64>>,
    /// What was paid first on each judged level: the place in `first_reached`.
    pub first: Vec<u32>,
    /// The same on each drawn level: the place in `unfiltered_first`.
    pub unfiltered_first: Vec<u32>,
}
