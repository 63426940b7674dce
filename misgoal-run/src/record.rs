//! The run's documents as they stand on disk and on `--json`'s stdout: the only serialised form of a judgement.
//!
//! Every top-level document carries `format`; a change that an older reader would misread raises [`FORMAT`].

mod over;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::ceiling::{CeilingFigure, CeilingRecord, CeilingSource};
pub use crate::holdout::HoldOut;
pub use crate::lint_record::{EvidenceRecord, ForecastRecord, LintRecord, PairRecord, RungRecord, Training};
pub use crate::unit_identity::UnitIdentity;
pub use misgoal_judge::VerdictCode;
pub use over::{
    ByLevelRecord, LedgerOverSeeds, NamedOverSeeds, OverSeedsInterval, OverSeedsRecord, SeedShare, SeedsWithVerdict,
    Span,
};

/// The version of every document in this module.
pub const FORMAT: u32 = 1;

/// A figure with its interval (90 % unless the document says otherwise); all three `null` where nothing was observed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The estimate.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// The interval's lower end.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub low: f64,
    /// The interval's upper end.
    #[serde(with = "number")]
    #[schemars(with = "Option<f64>")]
    pub high: f64,
}

impl Interval {
    /// Of nothing.
    pub(crate) fn missing() -> Interval {
        Interval { value: f64::NAN, low: f64::NAN, high: f64::NAN }
    }
}

/// `verdict.json`, and what `misgoal run --json` prints: everything that was found, per arm, seed and shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// The version of the judge whose verdicts these are; 0 in files from before it had one.
    #[serde(default)]
    pub judge: u32,
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
    /// What can be attained on the shifts: one entry a shift of which it is known. The agents of the other arms are read against it; where there is none, an
    /// excess regret does not tell a harder shift from a loss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ceilings: Vec<CeilingRecord>,
    /// One entry an arm, in the study's order; then those of ceilings, which the run trained to know what can be attained: `ceiling.SHIFT`.
    pub arms: Vec<ArmRecord>,
    /// The verdict on the baseline arm over its seeds, in one sentence.
    pub sentence: String,
    /// Whether anything found calls for exit code 1.
    pub finding: bool,
}

/// The study in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudyRecord {
    /// The study's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The hash of the study file.
    pub hash: String,
    /// The case study in words: system, aligned_goal, proxy_goal, shift, training_change, evaluation_change.
    pub case: BTreeMap<String, String>,
    /// The intended goal first, then the proxies.
    pub goals: Vec<GoalRecord>,
}

/// A goal in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GoalRecord {
    /// Its name.
    pub name: String,
    /// Whether it is the intended goal.
    pub intended: bool,
    /// What it pays for, in words.
    pub words: String,
}

/// One arm: a mitigation, or the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArmRecord {
    /// The arm's name.
    pub name: String,
    /// What it changes, in words.
    pub words: String,
    /// The share of training levels drawn from `shift`; 0 for the baseline.
    pub share: f64,
    /// The shift that the share is drawn from.
    pub shift: Option<String>,
    /// Share of held-out training levels that the worst of these seeds solves: which seed is the worst is part of what is uncertain. Absent where the seeds'
    /// counts are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_training_success: Option<Interval>,
    /// One entry a seed.
    pub units: Vec<UnitRecord>,
    /// One entry a shift.
    pub over_seeds: Vec<OverSeedsRecord>,
}

/// One agent: an arm trained with one seed, or a given policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitRecord {
    /// The arm's name.
    pub arm: String,
    /// The training seed.
    pub seed: u64,
    /// `trained`, `file` or `scripted:NAME`.
    pub policy: String,
    /// Environment steps trained.
    pub steps: u64,
    /// Seconds spent training, judging included.
    pub seconds: f64,
    /// Share of held-out training levels on which the intended goal was attained.
    pub training_success: Interval,
    /// How many levels that is a share of; absent in what an earlier version wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_levels: Option<u32>,
    /// One entry a shift.
    pub shifts: Vec<ShiftRecord>,
    /// Judgements along the training, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub along: Vec<AlongRecord>,
    /// When competence and when the proxy appeared, one entry a shift, where the agent was judged along its training.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appeared: Vec<AppearedRecord>,
}

/// One line of `along.jsonl`: the agent judged during its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlongRecord {
    /// Environment steps so far.
    pub steps: u64,
    /// Attainment of the intended goal on held-out training levels.
    pub holdout: Interval,
    /// One entry a shift.
    pub shifts: Vec<AlongShiftRecord>,
}

/// One shift in an [`AlongRecord`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlongShiftRecord {
    /// The shift's name.
    pub shift: String,
    /// Capability, as in [`ShiftRecord::capability`].
    pub capability: Interval,
    /// Attainment of each goal on the shift, in the study's order.
    pub attainment: Vec<NamedInterval>,
    /// Harm: the share of the intended return that is lost while a declared proxy is pursued.
    pub harm: Interval,
    /// The verdict's code.
    #[schemars(with = "VerdictCode")]
    pub verdict: String,
    /// The proxy, for `misgeneralization`.
    pub toward: Option<String>,
}

/// When competence and when the proxy appeared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppearedRecord {
    /// The shift's name.
    pub shift: String,
    /// Steps at the first point at which the attainment on held-out training levels surely counts as trained.
    pub competent_at: Option<u64>,
    /// Steps at the first point at which the verdict names a proxy.
    pub proxy_at: Option<u64>,
    /// That proxy.
    pub proxy: Option<String>,
}

/// The judgement of one agent on one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShiftRecord {
    /// The shift's name.
    pub shift: String,
    /// Levels judged.
    pub levels: u32,
    /// Levels drawn to find those judged; the rest were filtered out, see `filter`.
    pub drawn: u32,
    /// How levels were chosen, in words; empty when all drawn levels were judged.
    pub filter: String,
    /// Attainment of the intended goal on held-out training levels.
    pub holdout: Interval,
    /// Capability: attainment on the capability probe, or of the best-explained goal where there is none.
    pub capability: Interval,
    /// What `capability` is the attainment of, in words.
    pub capability_of: String,
    /// Attainment of each goal on the shift, in the study's order.
    pub attainment: Vec<NamedInterval>,
    /// Excess regret of the intended goal.
    pub excess_regret: Interval,
    /// What it is the excess over.
    #[serde(default)]
    pub excess_over: ExcessOver,
    /// Share of episodes that each component generated (`w`). Where an episode is a single choice: of the cases, slips apart.
    pub shares: Vec<NamedInterval>,
    /// Where an episode is a single choice and nothing on the shift shows how often the agent errs there: the shares that fit however often it does, one entry a
    /// proxy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fits: Vec<FitsRecord>,
    /// Share of the lost intended return that each component explains (`A`). Where an episode is a single choice `device` stands for slips.
    pub regret_shares: Vec<NamedInterval>,
    /// The discordance e-test, one entry a proxy.
    pub e_values: Vec<EValueRecord>,
    /// The 2x2 table of intended and proxy, one entry a proxy.
    pub ledger: Vec<LedgerRecord>,
    /// Which goal was paid first, as shares of the judged episodes: `together` where several were paid in the same step, `none` where none was.
    pub first_reached: Vec<NamedInterval>,
    /// The same on all drawn levels, those that were filtered out included.
    pub unfiltered_first: Vec<NamedInterval>,
    /// What follows from the step at which the goals part, one entry a proxy from which they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compounding: Vec<CompoundingRecord>,
    /// The verdict.
    pub verdict: VerdictRecord,
    /// What was attained on each level: in a unit's `judgement.json` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_level: Option<ByLevelRecord>,
    /// How the posterior of the shares was sampled; absent where no episode was weighed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<SamplingRecord>,
}

/// What an excess regret is the excess over: whichever is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExcessOver {
    /// The regret on held-out levels of the kind that the agent was trained on.
    #[default]
    HeldOut,
    /// The regret of the shift's ceiling.
    Ceiling,
}

/// How a posterior was sampled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SamplingRecord {
    /// Draws, of four chains together.
    pub draws: u32,
    /// Largest Monte Carlo standard error of a probability that the verdict was read from.
    pub error: f64,
    /// Largest potential scale reduction of a share: near 1 when the chains have met.
    pub r_hat: f64,
}

/// The shares of the cases that a proxy may have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FitsRecord {
    /// The proxy's name.
    pub proxy: String,
    /// The least of them.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

/// How one wrong turn leads on, in episodes in which the intended goal and a proxy part: the agent comes to a state where no action is best for
/// both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompoundingRecord {
    /// The proxy's name.
    pub proxy: String,
    /// Share of the episodes in which the goals part.
    pub parted: Interval,
    /// Share of these in which the agent's action there was none of the intended goal's best.
    pub wrong_turn: Interval,
    /// Share of the intended return that is lost after the wrong turn.
    pub loss_after_wrong: Interval,
    /// The same after the right turn.
    pub loss_after_right: Interval,
    /// Share of the episodes with the wrong turn that attain the intended goal all the same.
    pub recovered: Interval,
    /// Share of the later steps that are wrong too, after a wrong turn.
    pub cascade: Interval,
    /// Parted episodes by the step of the parting.
    pub by_step: Vec<ByStepRecord>,
}

/// Episodes whose goals part in one range of steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ByStepRecord {
    /// First step of the range, from 0.
    pub from: u32,
    /// Last step of the range.
    pub to: u32,
    /// Episodes.
    pub episodes: u32,
    /// Share of the intended return that is lost.
    pub loss: Interval,
}

/// A named figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedInterval {
    /// A goal, a component or an event.
    pub name: String,
    #[serde(flatten)]
    /// The figure.
    pub interval: Interval,
}

/// The discordance test of one proxy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EValueRecord {
    /// The proxy's name.
    pub proxy: String,
    /// The e-value after the last level (capped at 1e300); 1 where there was nothing to compare with.
    pub value: f64,
    /// After how many compared levels it first passed the threshold.
    pub rejected_at: Option<u32>,
    /// Levels on which the goals part and that had a reference to compare with.
    #[serde(default)]
    pub compared: u32,
    /// What they were compared with.
    #[serde(default)]
    pub reference: Reference,
}

/// What a discordance test compares levels with on which the goals part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// An agent of the intended goal on the same level, however noisy.
    SameLevel,
    /// The agent's own choices on the shift where the goals agree.
    Agreement,
    /// The agent's own choices on a capability probe, and blind choice.
    Probe,
    /// The agent's own choices on held-out training cases, and blind choice.
    HeldOut,
    /// The agent's other choices of the same case.
    SameCase,
    /// An assumed rate of accidents, in older documents.
    #[default]
    AssumedRate,
    /// There is none: nothing was tested.
    None,
}

impl Reference {
    /// The reference in words.
    pub fn words(self) -> &'static str {
        match self {
            Reference::SameLevel => "agents of the intended goal on the same levels, however noisy",
            Reference::Agreement => "its own choices where the goals agree",
            Reference::Probe => "its own choices on a probe, and blind choice",
            Reference::HeldOut => "its own choices in training, and blind choice",
            Reference::SameCase => "its other choices of the same cases",
            Reference::AssumedRate => "an assumed rate of accidents",
            Reference::None => "nothing to compare with",
        }
    }
}

/// Shares of episodes by what they attained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerRecord {
    /// The proxy's name.
    pub proxy: String,
    /// Intended goal attained, proxy not.
    pub intended_only: Interval,
    /// Both attained.
    pub both: Interval,
    /// Proxy attained, intended goal not.
    pub proxy_only: Interval,
    /// Neither attained.
    pub neither: Interval,
}

/// A verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictRecord {
    /// What it is; a later version may know more of them.
    #[schemars(with = "VerdictCode")]
    pub code: String,
    /// The proxy, for `misgeneralization`.
    pub toward: Option<String>,
    /// For `misgeneralization`: whether most episodes are surely the proxy's. Where not, it is partly pursued: it has most of the loss, or of single choices
    /// surely a part of the cases.
    pub full: bool,
    /// For `misgeneralization`: whether the discordance test agrees.
    pub confirmed: bool,
    /// The verdict in a sentence.
    pub sentence: String,
    /// Further remarks: a capability component, a misfitting model, merged goals.
    pub flags: Vec<String>,
    /// For `misgeneralization`, the proxy's share of the episodes; for `does-not-depend`, that of all proxies together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Interval>,
    /// For `inconclusive`: with so many more levels of the shift there is an even chance of a verdict; `null` where levels are not likely to bring one, see `more`.
    /// Written by an earlier version: the number that would settle it if all rates stayed what they were.
    pub more_levels: Option<u32>,
    /// The same with four chances in five; `null` where 2000 more levels are not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_levels_likely: Option<u32>,
    /// For `inconclusive`: what it would take, where anything can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<MoreRecord>,
}

/// What it would take to settle a verdict that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoreRecord {
    /// `levels` of the shift, so many as `more_levels` says; `near-limit`: more levels are not likely to settle it; `holdout-levels`: more held-out training
    /// levels, and not more levels of the shift.
    pub code: String,
    /// In words.
    pub words: String,
}

/// One line of `metrics.jsonl`: the state of training after an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricRow {
    /// Environment steps so far.
    pub steps: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// Mean undiscounted return of the episodes finished since the last row, per goal.
    pub returns: Vec<f64>,
    /// Share of those episodes in which the goal paid at all, per goal.
    pub success: Vec<f64>,
    /// Episodes finished since the last row.
    pub episodes: u64,
    /// Their mean length in steps.
    pub mean_length: f64,
    /// Mean entropy of the policy, in nats.
    pub entropy: f64,
    /// Mean squared error of the value head.
    pub value_loss: f64,
    /// Share of samples whose probability ratio was clipped.
    pub clip_fraction: f64,
}

/// One line of `episodes.jsonl`: an episode as its level and its actions; replaying them reproduces `hash`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EpisodeRecord {
    /// `ARM/SEED/SHIFT/NUMBER`, with `training` for held-out training levels.
    pub id: String,
    /// The arm's name.
    pub arm: String,
    /// The training seed.
    pub seed: u64,
    /// The shift's name, or `training`.
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
    /// The components that `evidence` speaks of.
    pub components: Vec<String>,
}

/// `splay.json`: the intended goal's thing set at every place of one layout, and whether the agent reached it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SplayRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The arm's name.
    pub arm: String,
    /// The training seed.
    pub seed: u64,
    /// The thing that was moved.
    pub thing: String,
    /// The layout in ASCII, without the thing.
    pub level: String,
    /// The places tried.
    pub places: Vec<SplayPlace>,
}

/// One place of a [`SplayRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SplayPlace {
    /// Column, border counted.
    pub x: u8,
    /// Row, border counted.
    pub y: u8,
    /// Share of tries in which the thing was reached.
    pub reached: f64,
    /// Tries.
    pub tries: u32,
}

/// `judgement.json`: what was found of one unit. Its presence marks the unit as complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitDocument {
    /// [`FORMAT`].
    pub format: u32,
    /// Which unit of which run it is; missing in files from before units said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<UnitIdentity>,
    /// The version of the judge; 0 in files from before it had one.
    #[serde(default)]
    pub judge: u32,
    /// What was found.
    pub unit: UnitRecord,
}

impl UnitDocument {
    /// Of a unit that this version's judge has judged.
    pub(crate) fn new(of: UnitIdentity, unit: UnitRecord) -> UnitDocument {
        UnitDocument { format: FORMAT, of: Some(of), judge: misgoal_judge::VERSION, unit }
    }
}

/// A version of the judge in words: `1`, or `before 1` where a file has none.
pub fn judge_version(judge: u32) -> String {
    if judge == 0 { "before 1".to_owned() } else { judge.to_string() }
}

/// The JSON Schema of [`RunRecord`]: of `verdict.json` and of what `--json` prints.
pub fn record_schema() -> serde_json::Value {
    schemars::schema_for!(RunRecord).to_value()
}

/// JSON has no word for "not a number": a missing figure is `null`.
mod number {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
