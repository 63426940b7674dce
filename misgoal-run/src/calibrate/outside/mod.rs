//! Agents that no component of the judge describes.
//!
//! A judge whose agents are drawn from the components that it assumes is asked what it has been told. These agents are not: an action is missing, they wait,
//! do not see one thing, remember, switch, drift, run away. The truth about each is counted first, by playing it with each of its causes of loss
//! removed on thousands of levels; then it is judged on levels of its own, and the verdict is right, wrong or unnamed by a table of rules.

mod grid;
pub(crate) mod kinds;
mod record;
mod rules;
pub(crate) mod truth;

use misgoal_judge::{LintReport, ShiftJudgement};
use misgoal_study::{DecisionStudy, Study, StudyRef};

pub use record::{OutsideRates, OutsideRecord, OutsideSummary, Outcome, OutsiderRecord, TruthRecord};

use super::side_by_side;
use crate::decision::outside as decisions;
use crate::{RunError, convert};
use kinds::Outsider;
use rules::{Said, Truth};
use truth::{Ground, Means, scripts};

/// Levels that a truth is counted on.
pub const LEVELS: usize = 5000;

/// The studies that agents outside the components are judged in: built-in grids whose levels are solved exactly, by name.
pub const GRIDS: [&str; 7] =
    ["coinrun", "gem-exit", "corner", "keys-chests", "cheese-dish", "line-gem", "visual-cue"];

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
    pub(super) seeds: u32,
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

/// What differs between grids and decisions.
trait Kinds: Sync {
    type Script: Copy + PartialEq + Send + Sync;
    fn goals(&self) -> Vec<String>;
    fn pure(&self) -> Vec<Self::Script>;
    fn outsiders(&self, number: usize) -> Vec<Outsider<Self::Script>>;
    fn ground(&self, scripts: &[Self::Script]) -> Result<impl Ground<Script = Self::Script>, RunError>;
    /// Judges agents on the levels of one replicate.
    fn judged(
        &self,
        seed: u64,
        agents: &[Outsider<Self::Script>],
        shift: usize,
        lint: &LintReport,
        each: &mut dyn FnMut(&Outsider<Self::Script>, &ShiftJudgement) -> bool,
    ) -> Result<(), RunError>;
}

struct GridBench<'s>(&'s Study);

impl Kinds for GridBench<'_> {
    type Script = misgoal_policy::scripted::Script;

    fn goals(&self) -> Vec<String> {
        self.0.goals.iter().map(|goal| goal.name.clone()).collect()
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
    fn judged(
        &self,
        seed: u64,
        agents: &[Outsider<Self::Script>],
        shift: usize,
        lint: &LintReport,
        each: &mut dyn FnMut(&Outsider<Self::Script>, &ShiftJudgement) -> bool,
    ) -> Result<(), RunError> {
        let stage = grid::Stage::new(self.0, seed)?;
        for agent in agents {
            if !each(agent, &stage.judge(agent, shift, lint)?) {
                break;
            }
        }
        Ok(())
    }
}

struct DecisionBench<'s>(&'s DecisionStudy);

impl Kinds for DecisionBench<'_> {
    type Script = crate::decision::stranger::Stranger;

    fn goals(&self) -> Vec<String> {
        self.0.goals.iter().map(|goal| goal.name.clone()).collect()
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
    fn judged(
        &self,
        seed: u64,
        agents: &[Outsider<Self::Script>],
        shift: usize,
        lint: &LintReport,
        each: &mut dyn FnMut(&Outsider<Self::Script>, &ShiftJudgement) -> bool,
    ) -> Result<(), RunError> {
        let stage = decisions::Stage::new(self.0, seed)?;
        for agent in agents {
            if !each(agent, &stage.judge(agent, shift, lint)?) {
                break;
            }
        }
        Ok(())
    }
}

/// A study with its agents.
struct Bench<'l, K: Kinds> {
    kinds: K,
    lint: &'l [LintReport],
    seeds: usize,
    threads: usize,
}

impl<'l, K: Kinds> Bench<'l, K> {
    fn new(kinds: K, lint: &'l [LintReport], asked: &Asked) -> Bench<'l, K> {
        Bench { kinds, lint, seeds: asked.seeds as usize, threads: asked.threads }
    }

    /// The agents of all replicates, those that come up again once.
    fn agents(&self) -> Vec<Outsider<K::Script>> {
        let mut agents: Vec<Outsider<K::Script>> = Vec::new();
        for agent in (0..self.seeds).flat_map(|number| self.kinds.outsiders(number)) {
            if !agents.iter().any(|other| other.name == agent.name) {
                agents.push(agent);
            }
        }
        agents
    }

    fn run(&self, told: &(dyn Fn(Progress) -> bool + Sync)) -> Result<Option<OutsideRecord>, RunError> {
        let (agents, goals, pure) = (self.agents(), self.kinds.goals(), self.kinds.pure());
        let all = scripts(&agents, &pure);
        let ground = self.kinds.ground(&all)?;
        let (mut truths, mut records) = (Vec::new(), Vec::new());
        for (shift, lint) in self.lint.iter().enumerate() {
            let told = |done: usize| told(Progress::Truth(done, LEVELS));
            let Some(means) = Means::count(&ground, shift, all.clone(), (LEVELS, self.threads), &told)? else {
                return Ok(None);
            };
            for agent in &agents {
                let truth = means.truth(agent, &pure)?;
                records.push(TruthRecord::new(agent, &lint.shift, &truth, &goals));
                truths.push((shift, agent.name.clone(), truth));
            }
        }
        let of = |shift: usize, name: &str| {
            truths.iter().find(|(on, agent, _)| *on == shift && agent == name).map(|(_, _, truth)| truth)
        };
        let total: usize = (0..self.seeds).map(|number| self.kinds.outsiders(number).len()).sum::<usize>() * self.lint.len();
        let judged = side_by_side(
            (0..self.seeds).collect(),
            self.threads,
            &|done| told(Progress::Outside(done, total)),
            &|number: &usize, count: &dyn Fn(usize) -> bool| self.judged(*number, &goals, &of, count),
        )?;
        Ok(judged.map(|judged| {
            let judged: Vec<OutsiderRecord> = judged.into_iter().flatten().collect();
            let summary = OutsideSummary::of(judged.iter());
            OutsideRecord { levels: LEVELS as u32, truths: records, judged, summary }
        }))
    }

    /// Judges the agents of one replicate.
    fn judged<'t>(
        &self,
        number: usize,
        goals: &[String],
        truth: &dyn Fn(usize, &str) -> Option<&'t Truth>,
        count: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<OutsiderRecord>, RunError> {
        let (agents, seed) = (self.kinds.outsiders(number), number as u64);
        let mut judged = Vec::new();
        for (shift, lint) in self.lint.iter().enumerate() {
            let mut missing = None;
            self.kinds.judged(seed, &agents, shift, lint, &mut |agent, judgement| {
                match truth(shift, &agent.name) {
                    Some(truth) => judged.push(outsider(agent, judgement, truth, goals, seed)),
                    None => missing = Some(agent.name.clone()),
                }
                count(1)
            })?;
            if let Some(agent) = missing {
                return Err(RunError::Internal(format!("nothing is known about `{agent}`")));
            }
        }
        Ok(judged)
    }
}

/// A judgement set against the truth. A goal that no level tells from the one named stands for it.
fn outsider<S>(
    agent: &Outsider<S>,
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
            let name = goals.get(goal).map_or("", String::as_str);
            (alike.iter().any(|goal| truth.allows(Said::Toward(*goal, full))), format!("{code}:{name}{in_part}"))
        }
        other => (truth.allows(other), code.to_owned()),
    };
    let outcome = match (said, right) {
        (Said::Unnamed, _) => Outcome::Unnamed,
        (_, true) => Outcome::Right,
        (_, false) => Outcome::Wrong,
    };
    OutsiderRecord {
        kind: agent.kind.words().to_owned(),
        agent: agent.name.clone(),
        shift: judgement.shift.clone(),
        seed,
        verdict,
        outcome,
        misfit: judgement.misfit.is_some_and(|misfit| misfit.tagged),
    }
}
