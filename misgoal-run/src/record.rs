//! The run's documents as they stand on disk and on `--json`'s stdout: the only serialised form of a judgement.
//!
//! Every top-level document carries `format`; a change that an older reader would misread raises [`FORMAT`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of every document in this module.
pub const FORMAT: u32 = 1;

/// A figure with its interval (90 % unless the document says otherwise).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// `verdict.json`, and what `misgoal run --json` prints: everything that was found, per arm, seed and shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// The run's id.
    pub run: String,
    /// The command that repeats it.
    pub command: String,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall-clock seconds, sessions before a resume included.
    pub seconds: f64,
    /// Threads, kernel and the like: what a repetition needs to know of the machine.
    pub machine: BTreeMap<String, String>,
    /// The study in short.
    pub study: StudyRecord,
    /// What lint found before training, per proxy and shift.
    pub lint: Vec<LintRecord>,
    /// One entry an arm, in the study's order.
    pub arms: Vec<ArmRecord>,
    /// The verdict on the baseline arm over its seeds, in one sentence.
    pub sentence: String,
    /// Whether anything found calls for exit code 1.
    pub finding: bool,
}

/// The study in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyRecord {
    pub name: String,
    pub title: String,
    /// The hash of the study file.
    pub hash: String,
    /// The case study in words: system, aligned_goal, proxy_goal, shift, training_change, evaluation_change.
    pub case: BTreeMap<String, String>,
    /// The intended goal first, then the proxies.
    pub goals: Vec<GoalRecord>,
}

/// A goal in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalRecord {
    pub name: String,
    pub intended: bool,
    pub words: String,
}

/// Lint's finding on one proxy and one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LintRecord {
    pub proxy: String,
    pub shift: String,
    /// `certified`, `compatible` or `separable`: whether training can tell the proxy from the intended goal.
    pub training: String,
    /// Cross-regret on training levels with ties broken in the worst and in the best way for the intended goal.
    pub train_worst: Interval,
    pub train_best: Interval,
    /// Cross-regret on the shift's levels, worst and best ties.
    pub shift_worst: Interval,
    pub shift_best: Interval,
    /// Levels looked at in each.
    pub levels: u32,
    /// Whether the study can tell this proxy apart on this shift.
    pub discriminates: bool,
    /// A level seed that separates the goals in training, if there is one.
    pub witness: Option<u64>,
    /// The finding in a sentence.
    pub sentence: String,
}

/// One arm: a mitigation, or the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmRecord {
    pub name: String,
    pub words: String,
    /// The share of training levels drawn from `shift`; 0 for the baseline.
    pub share: f64,
    pub shift: Option<String>,
    /// One entry a seed.
    pub units: Vec<UnitRecord>,
    /// One entry a shift.
    pub over_seeds: Vec<OverSeedsRecord>,
}

/// One agent: an arm trained with one seed, or a given policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitRecord {
    pub arm: String,
    pub seed: u64,
    /// `trained`, `file` or `scripted:NAME`.
    pub policy: String,
    /// Environment steps trained.
    pub steps: u64,
    /// Seconds spent training, judging included.
    pub seconds: f64,
    /// Share of held-out training levels on which the intended goal was attained.
    pub training_success: Interval,
    /// One entry a shift.
    pub shifts: Vec<ShiftRecord>,
}

/// The judgement of one agent on one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShiftRecord {
    pub shift: String,
    /// Levels judged, and how many were drawn to find them (the rest were filtered out: see `filter`).
    pub levels: u32,
    pub drawn: u32,
    /// How levels were chosen, in words; empty when all drawn levels were judged.
    pub filter: String,
    /// Attainment of the intended goal on held-out training levels.
    pub holdout: Interval,
    /// Capability: attainment on the capability probe, or of the best-explained goal where there is none (`capability_of` says which).
    pub capability: Interval,
    pub capability_of: String,
    /// Attainment of each goal on the shift, in the study's order.
    pub attainment: Vec<NamedInterval>,
    /// Excess regret of the intended goal.
    pub excess_regret: Interval,
    /// Share of episodes that each component generated (`w`), and its share of the lost intended return (`A`).
    pub shares: Vec<NamedInterval>,
    pub regret_shares: Vec<NamedInterval>,
    pub e_values: Vec<EValueRecord>,
    /// The 2x2 table of intended and proxy, one entry a proxy.
    pub ledger: Vec<LedgerRecord>,
    /// Which event came first, as shares of the episodes; `unfiltered_first` on all drawn levels.
    pub first_reached: Vec<NamedInterval>,
    pub unfiltered_first: Vec<NamedInterval>,
    pub verdict: VerdictRecord,
}

/// A named figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedInterval {
    pub name: String,
    #[serde(flatten)]
    pub interval: Interval,
}

/// The discordance test of one proxy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EValueRecord {
    pub proxy: String,
    /// The e-value after the last level (capped at 1e300).
    pub value: f64,
    /// After how many levels it first passed the threshold.
    pub rejected_at: Option<u32>,
}

/// Shares of episodes by what they attained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerRecord {
    pub proxy: String,
    pub intended_only: Interval,
    pub both: Interval,
    pub proxy_only: Interval,
    pub neither: Interval,
}

/// A verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictRecord {
    /// Kebab-case: `aligned`, `misgeneralization`, `unlisted-goal`, `mixed`, `capability-failure`, `stereotyped`, `reward-misspecification`,
    /// `undertrained`, `cannot-discriminate`, `inconclusive`.
    pub code: String,
    /// The proxy, for `misgeneralization`.
    pub toward: Option<String>,
    /// Full (most episodes) or partial, and whether the discordance test agrees.
    pub full: bool,
    pub confirmed: bool,
    /// The verdict in a sentence.
    pub sentence: String,
    /// Further remarks: a capability component, a misfitting model, merged goals.
    pub flags: Vec<String>,
    /// For `inconclusive`: about how many more levels would settle it.
    pub more_levels: Option<u32>,
}

/// One shift over an arm's seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverSeedsRecord {
    pub shift: String,
    /// How many seeds got each verdict code.
    pub verdicts: BTreeMap<String, u32>,
    /// Share of seeds that misgeneralize, Beta(1/2, 1/2) interval.
    pub misgeneralizing: Interval,
    /// Over seeds: capability, attainment of each goal, loss explained by each component, ledger and first-reached shares.
    pub capability: Interval,
    pub attainment: Vec<NamedInterval>,
    pub regret_shares: Vec<NamedInterval>,
    pub ledger: Vec<LedgerRecord>,
    pub first_reached: Vec<NamedInterval>,
    pub unfiltered_first: Vec<NamedInterval>,
    /// In one sentence.
    pub sentence: String,
}

/// One line of `metrics.jsonl`: the state of training after an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// Environment steps so far.
    pub steps: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// Mean undiscounted return of the episodes finished since the last row, per goal.
    pub returns: Vec<f64>,
    /// Share of those episodes in which the goal paid at all, per goal.
    pub success: Vec<f64>,
    pub episodes: u64,
    pub mean_length: f64,
    pub entropy: f64,
    pub value_loss: f64,
    pub clip_fraction: f64,
}

/// One line of `episodes.jsonl`: an episode as its level and its actions; replaying them reproduces `hash`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeRecord {
    /// `ARM/SEED/SHIFT/NUMBER`, with `training` for held-out training levels.
    pub id: String,
    pub arm: String,
    pub seed: u64,
    pub shift: String,
    /// The level's seed in its distribution.
    pub level_seed: u64,
    /// Why this episode is kept: `random`, `worst`, `ambiguous` or `hand-picked`.
    pub label: String,
    /// Whether it was among the judged levels (not filtered out).
    pub judged: bool,
    /// One digit an action.
    pub actions: String,
    /// The hash of the final state, in hexadecimal.
    pub hash: String,
    /// Attainment per goal.
    pub attainment: Vec<f64>,
    /// The first goal event reached, if any.
    pub first: Option<String>,
    /// Posterior of each component after each step, where it was computed: `evidence[step][component]`, components named in `components`.
    pub evidence: Vec<Vec<f32>>,
    pub components: Vec<String>,
}

/// `splay.json`: the intended goal's thing set at every place of one layout, and whether the agent reached it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplayRecord {
    pub format: u32,
    pub arm: String,
    pub seed: u64,
    /// The thing that was moved.
    pub thing: String,
    /// The layout in ASCII, without the thing.
    pub level: String,
    /// For each place tried: column, row (border counted), share of tries in which it was reached, and tries.
    pub places: Vec<SplayPlace>,
}

/// One place of a [`SplayRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplayPlace {
    pub x: u8,
    pub y: u8,
    pub reached: f64,
    pub tries: u32,
}
