//! Stage I: cases chosen to tell the goals apart, until a verdict or the budget is reached.

use misgoal_decision::Solved;
use misgoal_judge::{
    Before, LintReport, Options, Recorded, RecordedEvidence, Separation, Sequential, Unit, judge_recorded,
};
use misgoal_study::DecisionStudy;
use misgoal_world::rng::mix;

use super::super::agent::Chooses;
use super::super::cases::{CaseSet, Sets};
use super::super::evaluate::recorded;
use super::super::lint::{classes, reports, table_of_nats};
use crate::RunError;
use crate::search::IdentifyRecord;
use crate::search::pursue::{Choice, Pursuit, Until, record};

/// Sets these episodes apart from those of the other stages.
const STREAM: u64 = 0x1de2_71f1;
/// Seeds of the stock: far from those that held-out cases, stage R and stage F take.
const SEEDS: u64 = 10_000_000;

/// On every shift on which the goals part: at most `budget` cases of `stock` drawn ones.
pub(super) fn shifts(
    study: &DecisionStudy,
    agent: &mut Chooses,
    (budget, stock): (u32, u32),
    seed: u64,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<IdentifyRecord>, RunError> {
    if budget == 0 {
        return Ok(Vec::new());
    }
    let judged = Sets::new(study, None)?;
    let reports = reports(study, &judged);
    let mut drawn = study.clone();
    drawn.evaluation.options.levels = stock as usize;
    let stocks = Sets::from_seed(&drawn, None, SEEDS)?;
    let mut all = Vec::new();
    for (lint, stock) in reports.iter().zip(&stocks.shifts) {
        let quest = Quest { study, sets: &judged, stock, lint, seed };
        all.extend(quest.pursue(agent, budget as usize, go_on)?);
    }
    Ok(all)
}

struct Quest<'q> {
    study: &'q DecisionStudy,
    sets: &'q Sets,
    stock: &'q CaseSet,
    lint: &'q LintReport,
    seed: u64,
}

impl Quest<'_> {
    fn pursue(
        &self,
        agent: &mut Chooses,
        budget: usize,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Option<IdentifyRecord>, RunError> {
        let goals = self.study.goals.len();
        let classes = classes(self.sets, self.stock);
        let separations: Vec<Separation> =
            self.stock.solved.iter().map(|solved| Separation::new(goals, table_of_nats(self.sets, solved))).collect();
        let holdout: Vec<Recorded> =
            self.sets.holdout.solved.iter().map(|solved| self.decided(agent, solved).1).collect();
        let designed = Pursuit {
            separations: &separations,
            classes: &classes,
            goals,
            budget,
            choice: Choice::Designed,
            until: Until::Verdict,
        };
        let found = self.run(agent, &designed, &holdout, go_on)?;
        if found.chosen.is_empty() {
            return Ok(None);
        }
        let yardstick =
            self.run(agent, &Pursuit { choice: Choice::Drawn, until: Until::Shares, ..designed }, &holdout, go_on)?;
        let chosen = found.chosen.iter().filter_map(|one| Some((self.stock.solved.get(one.number)?, &one.actions)));
        let shifted: Vec<Recorded> =
            chosen.map(|(solved, actions)| recorded(self.sets, solved.options(), solved, actions)).collect();
        let names: Vec<String> = self.study.goals.iter().map(|goal| goal.name.clone()).collect();
        let evidence = RecordedEvidence {
            goals: &names,
            trained_on: self.study.agent.train_on,
            shift: &self.stock.name,
            unit: Unit::Case,
            holdout: &holdout,
            shifted: &shifted,
            probe: &[],
            rehearsed: &[],
            compared: &[],
            ceiling: None,
            levels_generated: self.stock.solved.len(),
            classes: Some(&classes),
            lint: Some(self.lint),
        };
        let judgement = judge_recorded(&evidence, self.options()).map_err(|error| self.wrong(error))?;
        let seeds: Vec<u64> = self.stock.solved.iter().map(|solved| solved.case.seed).collect();
        Ok(Some(record(&designed, &self.stock.name, &seeds, (&found, &yardstick), &judgement)))
    }

    fn run(
        &self,
        agent: &mut Chooses,
        pursuit: &Pursuit<'_>,
        holdout: &[Recorded],
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<crate::search::Identified, RunError> {
        let before = Before {
            goals: &[],
            trained_on: self.study.agent.train_on,
            shift: &self.stock.name,
            classes: pursuit.classes,
            lint: Some(self.lint),
        };
        let mut judging = Sequential::of_recorded(before, pursuit.goals, holdout, self.options())
            .map_err(|error| self.wrong(error))?;
        let mut play = |judging: &mut Sequential<'_>, number: usize| {
            let Some(solved) = self.stock.solved.get(number) else { return Ok(Vec::new()) };
            let (choices, episode) = self.decided(agent, solved);
            judging.add_recorded(&episode).map_err(|error| self.wrong(error))?;
            Ok(choices)
        };
        pursuit.run(&mut judging, &mut play, go_on)
    }

    fn decided(&self, agent: &mut Chooses, solved: &Solved) -> (Vec<u8>, Recorded) {
        let choices = agent.episode(solved, solved.options(), mix(self.seed ^ STREAM ^ mix(solved.case.seed)));
        let episode = recorded(self.sets, solved.options(), solved, &choices);
        (choices, episode)
    }

    fn options(&self) -> &Options {
        &self.study.evaluation.options
    }

    fn wrong(&self, error: misgoal_judge::JudgeError) -> RunError {
        RunError::Study(format!("study `{}`, shift `{}`: {error}", self.study.name, self.stock.name))
    }
}
