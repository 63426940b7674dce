//! What `misgoal search --json` prints.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{EValueRecord, Interval, NamedInterval, StudyRecord, VerdictRecord};

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchRecord {
    /// [`crate::record::FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// The study in short.
    pub study: StudyRecord,
    /// What is played and edited: `level`, or `case` in studies of decisions.
    #[serde(default = "level")]
    pub unit: String,
    /// `file` or `scripted:NAME`.
    pub policy: String,
    /// The seed of the search.
    pub seed: u64,
    /// Stage R, one entry a shift on which the goals part: random levels, the only shares that say how common a failure is.
    pub prevalence: Vec<PrevalenceRecord>,
    /// Stage I, one entry a shift on which the goals part: which goal it is, on levels chosen to tell. Shares over these levels are no prevalence.
    #[serde(default)]
    pub identified: Vec<IdentifyRecord>,
    /// Stage F: edited training levels that were tried.
    pub evaluations: u32,
    /// Distinct levels among them on which the agent misses the intended goal in most tries. They were chosen to fail: no prevalence.
    pub failures: u32,
    /// Training levels that have a failing edit.
    pub failing_training_levels: u32,
    /// A yardstick: random levels of the shifts on which the goals part, tried as often each.
    #[serde(default)]
    pub drawn_levels: u32,
    /// Distinct ones among them on which the agent fails.
    pub drawn_failures: u32,
    /// How many times as many failing levels the search finds a try as random levels do. The interval is that of the random levels' share; the value
    /// is `null` where none of them failed, the upper end too.
    #[serde(default)]
    pub times_drawn: Option<Interval>,
    /// Another: failures among as many training levels with one to three random edits.
    pub random_failures: u32,
    /// Training levels among those.
    pub random_training_levels: u32,
    /// One parameter of the training distribution changed at a time, declared by nobody: those on whose random levels the agent surely loses more than in
    /// training, worst first.
    #[serde(default)]
    pub undeclared: Vec<VariationRecord>,
    /// A goal that no goal of the study stands for and that explains most of what is lost on the failing levels; to be re-tested on fresh levels.
    #[serde(default)]
    pub proposal: Option<ProposalRecord>,
    /// The sorts of change that turn the agent, over the counterexamples, most frequent first.
    pub families: Vec<FamilyRecord>,
    /// Median number of edits of a counterexample.
    pub median_edits: Option<f64>,
    /// The smallest changes that were found, smallest first.
    pub counterexamples: Vec<CounterexampleRecord>,
}

/// What was searched before there were other units.
fn level() -> String {
    "level".to_owned()
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

/// Which goal the agent pursues on one shift, asked of levels that were chosen to tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IdentifyRecord {
    /// The shift's name.
    pub shift: String,
    /// Drawn levels to choose from.
    pub stock: u32,
    /// Levels that might be played.
    pub budget: u32,
    /// Levels that were played: until the verdict, or all of the budget.
    pub levels: u32,
    /// After how many levels one goal surely had most of the episodes: its share's 90 % interval lay above one half.
    pub share_verdict: Option<u32>,
    /// That goal.
    pub pursued: Option<String>,
    /// The yardstick: the same on levels of the stock as they were drawn; `null` where the budget was not enough.
    pub share_verdict_drawn: Option<u32>,
    /// The verdict on the chosen levels.
    pub verdict: VerdictRecord,
    /// Share of the episodes on chosen levels that each component generated.
    pub shares: Vec<NamedInterval>,
    /// The discordance tests: valid, since levels are chosen from the past only.
    pub e_values: Vec<EValueRecord>,
    /// The chosen levels in their order.
    pub chosen: Vec<ChosenRecord>,
}

/// A level that stage I chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChosenRecord {
    /// The level's seed.
    pub level_seed: u64,
    /// The leading goal when it was chosen.
    pub leader: String,
    /// Nats of evidence to be expected for that goal against its closest rival.
    pub nats: f64,
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
    /// The edits in a sentence: `the coin moved 3 cells left`.
    #[serde(default)]
    pub caption: String,
    /// The agent's actions on the training level, a digit each.
    #[serde(default)]
    pub actions_before: String,
    /// Cells of the training level that were changed, as column and row.
    #[serde(default)]
    pub changed_before: Vec<[u8; 2]>,
    /// Cells of the edited level that are not as they were.
    #[serde(default)]
    pub changed_after: Vec<[u8; 2]>,
}

/// An unlisted goal, as a block for the study file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalRecord {
    /// The thing or zone that the agent goes to, and the next ones: most pursued first.
    pub targets: Vec<String>,
    /// Share of the lost return on the failing levels that an unlisted goal explains. These levels were selected: no prevalence.
    pub explained: Interval,
    /// The block to add; none where the first target is a part of the grid that the study has no zone for.
    pub toml: Option<String>,
}

/// A shift that nobody declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariationRecord {
    /// What is changed of the training distribution, in words.
    pub words: String,
    /// Random levels played, one try each.
    pub levels: u32,
    /// Share of them on which the intended goal was missed.
    pub lost: Interval,
    /// The proxy that was most often attained there instead; none where no proxy was.
    pub toward: Option<String>,
}

/// The JSON Schema of [`SearchRecord`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(SearchRecord).to_value()
}
