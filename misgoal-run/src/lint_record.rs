//! What lint found, as it stands in the run's documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Interval;

/// Lint's finding on one proxy and one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LintRecord {
    /// The proxy's name.
    pub proxy: String,
    /// The shift's name.
    pub shift: String,
    /// Whether training can tell the proxy from the intended goal.
    pub training: Training,
    /// Share of the training levels that do: half of the intended return or more is lost there. Missing in older documents.
    #[serde(default = "Interval::missing")]
    pub parting: Interval,
    /// Cross-regret on training levels with the proxy's ties broken in the worst way for the intended goal.
    pub train_worst: Interval,
    /// The same with ties broken in the best way.
    pub train_best: Interval,
    /// Cross-regret on the shift's levels, ties broken in the worst way.
    pub shift_worst: Interval,
    /// The same with ties broken in the best way.
    pub shift_best: Interval,
    /// Levels looked at in each.
    pub levels: u32,
    /// What the judged levels can tell.
    #[serde(default)]
    pub evidence: EvidenceRecord,
    /// Whether that is enough to tell this proxy from the intended goal. Where it is not, whether an agent pursues it stays unknown.
    pub discriminates: bool,
    /// Why the study can tell nothing at all on this shift, as a clause; `null` where it can. An agent gets no verdict then.
    #[serde(default)]
    pub failure: Option<String>,
    /// The seed of the training level that tells them apart best, where some do.
    pub witness: Option<u64>,
    /// The finding in a sentence.
    pub sentence: String,
    /// This proxy paired with each goal declared before it, the intended one first: over all proxies, every pair of goals once.
    #[serde(default)]
    pub pairs: Vec<PairRecord>,
    /// How many levels a verdict will need: on an agent of this proxy, and on an aligned one. Empty where it was not worked out.
    #[serde(default)]
    pub forecasts: Vec<ForecastRecord>,
}

/// Whether training can tell two goals apart by what an agent earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Training {
    /// Hardly: every optimal agent of the one earns what the other asks for, but for a share of .05 at most.
    Certified,
    /// Not always: some optimal agent of the one earns what the other asks for, but for a share of .05 at most.
    Compatible,
    /// Yes: every optimal agent of the one loses more of the other.
    Separable,
}

impl Training {
    /// The word for it, the same everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Training::Certified => "certified",
            Training::Compatible => "compatible",
            Training::Separable => "separable",
        }
    }
}

/// The evidence that the judged levels have of two goals, whichever of them an agent pursues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRecord {
    /// Judged levels.
    pub levels: u32,
    /// Nats over all of them; a level counts as 3 at most.
    pub nats: f64,
    /// A lower limit (95 %) of what as many other levels of the shift will give.
    pub low: f64,
    /// Nats that are enough.
    pub needed: f64,
}

/// Two goals: can training tell them apart, and which of the evaluation's levels do?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairRecord {
    /// The goal that the proxy is paired with.
    pub with: String,
    /// As in [LintRecord](#lintrecord); of two proxies, whether an agent of one loses of the other in training.
    pub training: Training,
    /// Share of the training levels that tell them apart. Missing in older documents.
    #[serde(default = "Interval::missing")]
    pub parting: Interval,
    /// Cross-regret on training levels, ties broken in the worst way; of two proxies in the direction in which it is larger.
    pub train_worst: Interval,
    /// The same with ties broken in the best way.
    pub train_best: Interval,
    /// The seed of the training level that tells them apart best, where some do.
    pub witness: Option<u64>,
    /// What the judged levels can tell.
    #[serde(default)]
    pub evidence: EvidenceRecord,
    /// Judged levels looked at.
    pub levels: u32,
    /// Share of them that separate the two: at least 1 nat of evidence is expected, whichever of the two an agent pursues.
    pub separating: Interval,
    /// Lower quartile, median and upper quartile of those nats over the levels.
    pub nats: Vec<f64>,
    /// The seed of the shift's level that separates the two best.
    pub clearest: Option<u64>,
}

/// How many levels it takes to see what an agent pursues, tried on a reference agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastRecord {
    /// The goal that the reference agent pursues.
    pub goal: String,
    /// The reference agent, as `--policy scripted:NAME` has it.
    pub agent: String,
    /// The least number of levels tried on which 90 % of the judgements are right; `null` where no number was enough.
    pub levels: Option<u32>,
    /// The most frequent verdict on the largest number tried, where that was not enough: a code as in [VerdictRecord](#verdictrecord).
    pub instead: Option<String>,
    /// The numbers of levels tried, rising.
    pub tried: Vec<RungRecord>,
}

/// Judgements of a reference agent on one number of levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RungRecord {
    /// Levels judged on.
    pub levels: u32,
    /// Share of the judgements that were right.
    pub right: Interval,
}
