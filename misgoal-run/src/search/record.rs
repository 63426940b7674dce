//! What `misgoal search --json` prints.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{Interval, NamedInterval, StudyRecord};

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchRecord {
    /// [`crate::record::FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// The study in short.
    pub study: StudyRecord,
    /// `file` or `scripted:NAME`.
    pub policy: String,
    /// The seed of the search.
    pub seed: u64,
    /// Stage R, one entry a shift on which the goals part: random levels, the only shares that say how common a failure is.
    pub prevalence: Vec<PrevalenceRecord>,
    /// Stage F: edited training levels that were tried.
    pub evaluations: u32,
    /// Distinct levels among them on which the agent misses the intended goal in most tries. They were chosen to fail: no prevalence.
    pub failures: u32,
    /// Training levels that have a failing edit.
    pub failing_training_levels: u32,
    /// A yardstick: failures among as many random levels of the shifts on which the goals part.
    pub drawn_failures: u32,
    /// Another: failures among as many training levels with one to three random edits.
    pub random_failures: u32,
    /// Training levels among those.
    pub random_training_levels: u32,
    /// The sorts of change that turn the agent, over the counterexamples, most frequent first.
    pub families: Vec<FamilyRecord>,
    /// Median number of edits of a counterexample.
    pub median_edits: Option<f64>,
    /// The smallest changes that were found, smallest first.
    pub counterexamples: Vec<CounterexampleRecord>,
}

/// Random levels of one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrevalenceRecord {
    /// The shift's name.
    pub shift: String,
    /// Levels played, unfiltered; those on which nothing is at stake are left out.
    pub levels: u32,
    /// Share of them on which the intended goal was missed.
    pub lost: Interval,
    /// Share of them on which it was missed and this proxy attained, one entry a proxy.
    pub toward: Vec<NamedInterval>,
}

/// Counterexamples of one sort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FamilyRecord {
    /// What was changed, in words.
    pub words: String,
    /// How many counterexamples are of this sort.
    pub count: u32,
    /// The proxy that the agent attains instead; none where it attains no declared goal.
    pub instead: Option<String>,
}

/// A training level and the smallest change found that turns the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CounterexampleRecord {
    /// The training level's seed.
    pub training_seed: u64,
    /// The edits in words.
    pub edits: Vec<String>,
    /// The training level.
    pub before: String,
    /// The edited level.
    pub after: String,
    /// The edited level with the agent's way as `+`.
    pub way: String,
    /// The agent's actions on the edited level, a digit each.
    pub actions: String,
    /// Mean attainment of every goal on the training level, in tries that the search did not use.
    pub attained_before: BTreeMap<String, f64>,
    /// The same on the edited level.
    pub attained_after: BTreeMap<String, f64>,
    /// The proxy that the agent attains instead.
    pub instead: Option<String>,
}

/// The JSON Schema of [`SearchRecord`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(SearchRecord).to_value()
}
