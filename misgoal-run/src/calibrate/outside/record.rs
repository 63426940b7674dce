//! What was found about agents that no component describes: the truth, the judgements, and the figures over them.

use std::collections::BTreeMap;

use misgoal_stats::beta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kinds::{Cause, KINDS, Kind};
use super::rules::Truth;
use crate::record::Interval;

/// Agents that no component of the judge describes, on one study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutsideRecord {
    /// The levels that each truth was counted on.
    pub levels: u32,
    /// The truth about every agent, found before any was judged.
    pub truths: Vec<TruthRecord>,
    /// Every judgement.
    pub judged: Vec<OutsiderRecord>,
    /// The figures over them.
    pub summary: OutsideSummary,
}

/// The truth about an agent. Figures are shares of the return that can be attained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TruthRecord {
    /// What is unlike any component of the judge, such as `mixture`.
    pub kind: String,
    /// The agent.
    pub agent: String,
    /// The shift.
    pub shift: String,
    /// What it attains of the intended goal on training levels.
    pub training: f64,
    /// What it attains on the shift.
    pub shifted: f64,
    /// What it loses on the shift, by cause.
    pub lost: Vec<LostRecord>,
    /// How far each proxy is followed: what is lost to it, as a share of what an agent loses that pursues nothing else; or the episodes in which
    /// something is lost to it, as a share of that agent's, whichever is more. Left out where pursuing it costs nothing.
    pub followed: BTreeMap<String, f64>,
    /// The codes of the verdicts that are right.
    pub right: Vec<String>,
}

/// The return that is lost by one cause: what the agent attains without the cause, less what it attains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LostRecord {
    /// The cause.
    pub cause: LostBy,
    /// The proxy that it is lost to, where the cause is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// How much.
    pub lost: f64,
}

/// Why return is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LostBy {
    /// A proxy is pursued.
    Proxy,
    /// A goal is pursued that the study does not list, such as to get away.
    UnlistedGoal,
    /// Something is lacking, or nothing is pursued.
    Ability,
    /// A trained agent's loss that no listed goal explains.
    Unexplained,
}

impl TruthRecord {
    pub(super) fn new(kind: Kind, agent: &str, shift: &str, truth: &Truth, goals: &[String]) -> TruthRecord {
        let lost = |(cause, lost): &(Cause, f64)| {
            let (cause, proxy) = match cause {
                Cause::Proxy(goal) => (LostBy::Proxy, goals.get(*goal).cloned()),
                Cause::Unlisted => (LostBy::UnlistedGoal, None),
                Cause::Ability => (LostBy::Ability, None),
                Cause::Unexplained => (LostBy::Unexplained, None),
            };
            LostRecord { cause, proxy, lost: *lost }
        };
        let followed = goals.iter().zip(&truth.followed).skip(1);
        TruthRecord {
            kind: kind.words().to_owned(),
            agent: agent.to_owned(),
            shift: shift.to_owned(),
            training: truth.training,
            shifted: truth.shifted,
            lost: truth.lost.iter().map(lost).collect(),
            followed: followed.filter_map(|(name, far)| Some((name.clone(), (*far)?))).collect(),
            right: truth.right(goals),
        }
    }
}

/// Whether a verdict is the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is.
    Right,
    /// It says something that is not so.
    Wrong,
    /// It is none: inconclusive, or the study cannot discriminate.
    Unnamed,
}

/// One agent, judged once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutsiderRecord {
    /// As [`TruthRecord::kind`].
    pub kind: String,
    /// As [`TruthRecord::agent`].
    pub agent: String,
    /// The shift.
    pub shift: String,
    /// The replicate: it has levels of its own.
    pub seed: u64,
    /// The verdict's code; a proxy is named behind a colon.
    pub verdict: String,
    /// Why it is inconclusive, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is the truth.
    pub outcome: Outcome,
    /// Whether the judgement was tagged as a misfit of its model.
    pub misfit: bool,
}

/// Rates of all judgements, with 90 % intervals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutsideRates {
    /// The kind of agents; empty for all of them.
    pub kind: String,
    /// Judgements.
    pub judged: u32,
    /// Right.
    pub right: Interval,
    /// Wrong: confident of something that is not so.
    pub wrong: Interval,
    /// Wrong, and not even tagged as a misfit.
    pub wrong_untagged: Interval,
    /// Unnamed.
    pub unnamed: Interval,
}

/// Rates of all judgements and of those of each kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutsideSummary {
    /// One entry a kind.
    pub kinds: Vec<OutsideRates>,
    /// All of them.
    pub all: OutsideRates,
}

impl OutsideSummary {
    /// The figures over some judgements: of one study, or of several together.
    pub fn of<'r>(judged: impl Iterator<Item = &'r OutsiderRecord> + Clone) -> OutsideSummary {
        let kinds = KINDS.iter().map(|kind| kind.words());
        let of_kind = |kind: &str| rates(kind, judged.clone().filter(|one| one.kind == kind));
        OutsideSummary {
            kinds: kinds.map(of_kind).filter(|rates| rates.judged > 0).collect(),
            all: rates("", judged.clone()),
        }
    }

    /// Whether wrong verdicts are rare, by the upper end of their interval, and most are right.
    pub fn meets_targets(&self) -> bool {
        self.all.wrong.high <= 0.02 && self.all.right.value >= 0.80
    }
}

fn rates<'r>(kind: &str, judged: impl Iterator<Item = &'r OutsiderRecord> + Clone) -> OutsideRates {
    let all = judged.clone().count();
    let share = |holds: &dyn Fn(&OutsiderRecord) -> bool| {
        beta::proportion(judged.clone().filter(|one| holds(one)).count(), all).into()
    };
    OutsideRates {
        kind: kind.to_owned(),
        judged: all as u32,
        right: share(&|one| one.outcome == Outcome::Right),
        wrong: share(&|one| one.outcome == Outcome::Wrong),
        wrong_untagged: share(&|one| one.outcome == Outcome::Wrong && !one.misfit),
        unnamed: share(&|one| one.outcome == Outcome::Unnamed),
    }
}
