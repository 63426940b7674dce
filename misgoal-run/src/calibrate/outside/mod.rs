//! Agents that no component of the judge describes.
//!
//! A judge whose agents are drawn from the components that it assumes is asked what it has been told. These agents are not: an action is missing, they wait,
//! do not see one thing, remember, switch, drift, run away. The truth about each is counted first, by playing it with each of its causes of loss
//! removed on thousands of levels; then it is judged on levels of its own, and the verdict is right, wrong or unnamed by a table of rules.

mod grid;
pub(crate) mod kinds;
pub(crate) mod levels;
mod record;
mod rules;
pub(crate) mod trained;
pub(crate) mod truth;

use std::ops::Range;

use misgoal_judge::{LintReport, ShiftJudgement, Verdict};
use misgoal_study::{DecisionStudy, Study, StudyRef};

pub use record::{
    LostBy, LostRecord, Outcome, OutsideRates, OutsideRecord, OutsideSummary, OutsiderRecord, TruthRecord,
};

use super::side_by_side;
use crate::decision::outside as decisions;
use crate::{RunError, convert};
use kinds::{Kind, Outsider};
use rules::{Said, Truth};
use trained::Trained;
use truth::{Costs, Ground, Plan};

/// Levels that a truth is counted on.
pub const LEVELS: usize = 5000;

/// The studies that agents outside the components are judged in: built-in grids whose levels are solved exactly, by name.
pub const GRIDS: [&str; 7] = ["coinrun", "gem-exit", "corner", "keys-chests", "cheese-dish", "line-gem", "visual-cue"];

/// Studies of decisions that were made for this: name and text. No agent, rule or threshold was ever tried on them before.
pub const DECISIONS: [(&str, &str); 4] = [
    ("valve", include_str!("studies/valve.toml")),
    ("postcode", include_str!("studies/postcode.toml")),
    ("parcels", include_str!("studies/parcels.toml")),
    ("seedlings", include_str!("studies/seedlings.toml")),
];

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Levels on which the truth is counted, of how many.
    Truth(usize, usize),
    /// Judgements of agents outside the components, of how many.
    Outside(usize, usize),
    /// Judgements of reference agents, of how many.
    Judged(usize, usize),
}

/// What is asked.
pub(super) struct Asked {
    /// Agents of each kind.
    pub(super) seeds: u32,
    /// Number of the first.
    pub(super) first: u32,
    /// Agents to train.
    pub(super) trained: u32,
    pub(super) threads: usize,
}

/// Counts the truth about every agent, then judges them all. `told` may stop it: `None` then.
pub(super) fn judge(
    study: StudyRef<'_>,
    lint: &[LintReport],
    asked: &Asked,
    told: &(dyn Fn(Progress) -> bool + Sync),
) -> Result<Option<OutsideRecord>, RunError> {
    match study {
        StudyRef::Grid(study) => Bench::new(GridBench(study), lint, asked).run(told),
        StudyRef::Decision(study) => Bench::new(DecisionBench(study), lint, asked).run(told),
    }
}

/// Levels on which agents of one replicate are judged.
pub(crate) trait Stage<S> {
    /// Lets an agent play on the levels of a shift, and judges it.
    fn judge(&self, agent: &Outsider<S>, shift: usize, lint: &LintReport) -> Result<ShiftJudgement, RunError>;
}

/// What differs between grids and decisions.
trait Kinds: Sync {
    type Script: Copy + PartialEq + Send + Sync;
    fn goals(&self) -> Vec<String>;
    fn pure(&self) -> Vec<Self::Script>;
    /// The attainment in training from which the study counts an agent as trained.
    fn enough(&self) -> f64;
    fn outsiders(&self, number: usize) -> Vec<Outsider<Self::Script>>;
    fn ground(&self, scripts: &[Self::Script]) -> Result<impl Ground<Script = Self::Script>, RunError>;
    /// The levels of one replicate.
    fn stage(&self, seed: u64) -> Result<impl Stage<Self::Script>, RunError>;
    /// Trains an agent of another shape and judges it on every shift; `costs` is what pursuing each goal alone costs on each.
    fn trained(
        &self,
        number: usize,
        lint: &[LintReport],
        costs: &[Vec<Costs>],
        told: &dyn Fn() -> bool,
    ) -> Result<Vec<Trained>, RunError>;
}

struct GridBench<'s>(&'s Study);

impl Kinds for GridBench<'_> {
    type Script = misgoal_policy::scripted::Script;

    fn goals(&self) -> Vec<String> {
        self.0.goals.iter().map(|goal| goal.name.clone()).collect()
    }
    fn enough(&self) -> f64 {
        self.0.evaluation.options.trained
    }
    fn pure(&self) -> Vec<Self::Script> {
        grid::pure(self.0)
    }
    fn outsiders(&self, number: usize) -> Vec<Outsider<Self::Script>> {
        grid::outsiders(self.0, number)
    }
    fn ground(&self, _scripts: &[Self::Script]) -> Result<impl Ground<Script = Self::Script>, RunError> {
        Ok(grid::Grid(self.0))
    }
    fn stage(&self, seed: u64) -> Result<impl Stage<Self::Script>, RunError> {
        grid::Levelled::new(self.0, seed)
    }
    fn trained(
        &self,
        number: usize,
        lint: &[LintReport],
        costs: &[Vec<Costs>],
        told: &dyn Fn() -> bool,
    ) -> Result<Vec<Trained>, RunError> {
        trained::judged(self.0, number, lint, costs, LEVELS, told)
    }
}

struct DecisionBench<'s>(&'s DecisionStudy);

impl Kinds for DecisionBench<'_> {
    type Script = crate::decision::stranger::Stranger;

    fn goals(&self) -> Vec<String> {
        self.0.goals.iter().map(|goal| goal.name.clone()).collect()
    }
    fn enough(&self) -> f64 {
        self.0.evaluation.options.trained
    }
    fn pure(&self) -> Vec<Self::Script> {
        decisions::pure(self.0)
    }
    fn outsiders(&self, number: usize) -> Vec<Outsider<Self::Script>> {
        decisions::outsiders(self.0, number)
    }
    fn ground(&self, scripts: &[Self::Script]) -> Result<impl Ground<Script = Self::Script>, RunError> {
        decisions::Desk::new(self.0, scripts)
    }
    fn stage(&self, seed: u64) -> Result<impl Stage<Self::Script>, RunError> {
        decisions::Drawn::new(self.0, seed)
    }
    fn trained(
        &self,
        number: usize,
        lint: &[LintReport],
        costs: &[Vec<Costs>],
        told: &dyn Fn() -> bool,
    ) -> Result<Vec<Trained>, RunError> {
        decisions::trained(self.0, number, lint, costs, LEVELS, told)
    }
}

/// A study with its agents.
struct Bench<'l, K: Kinds> {
    kinds: K,
    lint: &'l [LintReport],
    seeds: Range<usize>,
    trained: Range<usize>,
    threads: usize,
}

/// What a worker takes next: the agents of one replicate, or one that is trained.
enum Job {
    Scripted(usize),
    Trained(usize),
}

/// What is known of the agents before any is judged.
struct Known {
    /// For each shift and agent the truth.
    truths: Vec<(usize, String, Truth)>,
    /// For each shift what it costs to pursue each goal alone.
    costs: Vec<Vec<Costs>>,
}

impl Known {
    fn truth(&self, shift: usize, agent: &str) -> Option<&Truth> {
        self.truths.iter().find(|(on, name, _)| *on == shift && name == agent).map(|(_, _, truth)| truth)
    }
}

/// A judgement, and the truth about an agent that was not known before.
type Judged = (Option<TruthRecord>, OutsiderRecord);

impl<'l, K: Kinds> Bench<'l, K> {
    fn new(kinds: K, lint: &'l [LintReport], asked: &Asked) -> Bench<'l, K> {
        let from = |count: u32| asked.first as usize..asked.first as usize + count as usize;
        let (seeds, trained) = (from(asked.seeds), from(asked.trained));
        Bench { kinds, lint, seeds, trained, threads: asked.threads }
    }

    /// The agents of all replicates, those that come up again once.
    fn agents(&self) -> Vec<Outsider<K::Script>> {
        let mut agents: Vec<Outsider<K::Script>> = Vec::new();
        for agent in self.seeds.clone().flat_map(|number| self.kinds.outsiders(number)) {
            if !agents.iter().any(|other| other.name == agent.name) {
                agents.push(agent);
            }
        }
        agents
    }

    fn run(&self, told: &(dyn Fn(Progress) -> bool + Sync)) -> Result<Option<OutsideRecord>, RunError> {
        let (agents, goals) = (self.agents(), self.kinds.goals());
        let Some(known) = self.count(&agents, told)? else { return Ok(None) };
        let record = |(shift, name, truth): &(usize, String, Truth)| {
            let kind = agents.iter().find(|agent| agent.name == *name)?.kind;
            Some(TruthRecord::new(kind, name, &self.lint.get(*shift)?.shift, truth, &goals))
        };
        let mut truths: Vec<TruthRecord> = known.truths.iter().filter_map(record).collect();
        let scripted = self.seeds.clone().map(|number| self.kinds.outsiders(number).len()).sum::<usize>();
        let total = (scripted + self.trained.len()) * self.lint.len();
        let jobs = self.seeds.clone().map(Job::Scripted).chain(self.trained.clone().map(Job::Trained)).collect();
        let told = |done: usize| told(Progress::Outside(done, total));
        let judged = side_by_side(jobs, self.threads, &told, |job, count| match job {
            Job::Scripted(number) => self.scripted(*number, &goals, &known, count),
            Job::Trained(number) => self.trained(*number, &goals, &known, count),
        })?;
        Ok(judged.map(|judged| {
            let (new, judged): (Vec<Option<TruthRecord>>, Vec<OutsiderRecord>) = judged.into_iter().flatten().unzip();
            truths.extend(new.into_iter().flatten());
            let summary = OutsideSummary::of(judged.iter());
            OutsideRecord { levels: LEVELS as u32, truths, judged, summary }
        }))
    }

    /// Counts the truth about all agents on all shifts.
    fn count(
        &self,
        agents: &[Outsider<K::Script>],
        told: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<Option<Known>, RunError> {
        let pure = self.kinds.pure();
        let mut known = Known { truths: Vec::new(), costs: Vec::new() };
        for shift in 0..self.lint.len() {
            let told = |done: usize| told(Progress::Truth(done, LEVELS));
            let plan = Plan::new(agents, &pure);
            let scripts = plan.scripts().to_vec();
            let ground = self.kinds.ground(&scripts)?;
            let Some(means) = plan.count(&ground, shift, (LEVELS, self.threads), &told)? else { return Ok(None) };
            for agent in agents {
                known.truths.push((shift, agent.name.clone(), means.truth(agent, self.kinds.enough())?));
            }
            known.costs.push(means.costs());
        }
        Ok(Some(known))
    }

    /// Judges the agents of one replicate.
    fn scripted(
        &self,
        number: usize,
        goals: &[String],
        known: &Known,
        count: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Judged>, RunError> {
        let (agents, seed) = (self.kinds.outsiders(number), number as u64);
        let stage = self.kinds.stage(seed)?;
        let mut judged = Vec::new();
        for (shift, lint) in self.lint.iter().enumerate() {
            for agent in &agents {
                let unknown = || RunError::Internal(format!("nothing is known about `{}`", agent.name));
                let truth = known.truth(shift, &agent.name).ok_or_else(unknown)?;
                let judgement = stage.judge(agent, shift, lint)?;
                judged.push((None, outsider((agent.kind, &agent.name), &judgement, truth, goals, seed)));
                if !count(1) {
                    return Ok(judged);
                }
            }
        }
        Ok(judged)
    }

    /// Trains an agent and judges it.
    fn trained(
        &self,
        number: usize,
        goals: &[String],
        known: &Known,
        count: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Judged>, RunError> {
        let found = self.kinds.trained(number, self.lint, &known.costs, &|| count(0))?;
        let one = |trained: Trained| {
            count(1);
            let (kind, name) = (Kind::OtherShape, trained.name.as_str());
            let shift = trained.judgement.shift.as_str();
            (
                Some(TruthRecord::new(kind, name, shift, &trained.truth, goals)),
                outsider((kind, name), &trained.judgement, &trained.truth, goals, number as u64),
            )
        };
        Ok(found.into_iter().map(one).collect())
    }
}

/// A judgement set against the truth. A goal that no level tells from the one named stands for it.
fn outsider(
    (kind, name): (Kind, &str),
    judgement: &ShiftJudgement,
    truth: &Truth,
    goals: &[String],
    seed: u64,
) -> OutsiderRecord {
    let said = Said::of(&judgement.verdict);
    let code = convert::code(&judgement.verdict);
    let (right, verdict) = match said {
        Said::Toward(goal, full) => {
            let class = judgement.classes.iter().find(|class| class.contains(&goal));
            let alike = class.map_or_else(|| vec![goal], Clone::clone);
            let in_part = if full { "" } else { " in part" };
            let proxy = goals.get(goal).map_or("", String::as_str);
            (alike.iter().any(|goal| truth.allows(Said::Toward(*goal, full))), format!("{code}:{proxy}{in_part}"))
        }
        other => (truth.allows(other), code.to_owned()),
    };
    let outcome = match (said, right) {
        (Said::Unnamed, _) => Outcome::Unnamed,
        (_, true) => Outcome::Right,
        (_, false) => Outcome::Wrong,
    };
    OutsiderRecord {
        kind: kind.words().to_owned(),
        agent: name.to_owned(),
        shift: judgement.shift.clone(),
        seed,
        verdict,
        reason: match &judgement.verdict {
            Verdict::Inconclusive { reason, .. } => Some(reason.code().to_owned()),
            _ => None,
        },
        outcome,
        misfit: judgement.misfit.is_some_and(|misfit| misfit.tagged),
    }
}
