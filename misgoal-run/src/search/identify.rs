//! Stage I: a level is proposed, played and judged, until a verdict or the budget is reached.
//!
//! The levels are chosen to tell the leading goal from its closest rival ([`misgoal_judge::next_level`]) out of a stock that is drawn once; none is
//! played twice. What the choice looks at is past or known beforehand, so the e-test holds as it would on random levels; but shares over
//! these levels say nothing of how common anything is.

use misgoal_judge::{Before, Evidence, LintReport, Separation, Sequential, ShiftJudgement, Trial, classes, judge};
use misgoal_policy::Agent;
use misgoal_study::Study;
use misgoal_world::rng::mix;
use misgoal_world::{Distribution, Oracle};

use super::pursue::{Choice, Identified, Pursuit, Until, record};
use super::record::IdentifyRecord;
use crate::play::play;
use crate::request::GivenPolicy;
use crate::{RunError, lint, policy};

/// Sets these episodes apart from those of the other stages.
const STREAM: u64 = 0x1de2_71f1;
/// Seeds of the stock: far from those that held-out levels, stage R and stage F take.
const SEEDS: u64 = 10_000_000;

/// A stock of solved levels and what each of them can tell.
pub struct Stock {
    levels: Vec<(u64, Oracle)>,
    separations: Vec<Separation>,
    classes: Vec<Vec<usize>>,
}

impl Stock {
    /// Works out what the levels can tell.
    pub fn new(levels: Vec<(u64, Oracle)>) -> Stock {
        let goals = levels.first().map_or(0, |(_, oracle)| oracle.goal_count());
        let oracles: Vec<&Oracle> = levels.iter().map(|(_, oracle)| oracle).collect();
        let separations = oracles.iter().map(|oracle| Separation::of(oracle)).collect();
        Stock { classes: classes(goals, &oracles), separations, levels }
    }

    /// Draws and solves this many levels of a distribution.
    ///
    /// # Errors
    /// A level cannot be drawn or solved.
    pub fn draw(study: &Study, name: &str, from: &Distribution, count: u32, first: u64) -> Result<Stock, RunError> {
        let one = |seed: u64| {
            let wrong = |error| RunError::Study(format!("study `{}`, level {seed} of `{name}`: {error}", study.name));
            let level = study.world.generate(from, seed).map_err(wrong)?;
            Ok((seed, Oracle::solve(&study.world, &level, &study.goals).map_err(wrong)?))
        };
        Ok(Stock::new((first..first + u64::from(count)).map(one).collect::<Result<_, RunError>>()?))
    }

    /// Share of the levels on which no goal can be told from another: less than one nat for every pair.
    pub fn ambiguous(&self) -> f64 {
        let goals = self.levels.first().map_or(0, |(_, oracle)| oracle.goal_count());
        let alike = |separation: &&Separation| {
            (0..goals).all(|i| (0..goals).all(|j| separation.nats(i, j) < misgoal_judge::LIMIT))
        };
        self.separations.iter().filter(alike).count() as f64 / self.separations.len().max(1) as f64
    }
}

/// Who is to be identified, and where.
pub struct Quest<'q> {
    /// The study.
    pub study: &'q Study,
    /// The shift's name.
    pub shift: &'q str,
    /// What the lint says about the shift.
    pub lint: Option<&'q LintReport>,
    /// The levels to choose from.
    pub stock: &'q Stock,
    /// Levels that may be played.
    pub budget: usize,
    /// Seed of the agent's episodes.
    pub seed: u64,
}

impl Quest<'_> {
    /// Plays and judges until what is wanted is there, or the budget or the stock is used up. `go_on` hears of every level.
    ///
    /// # Errors
    /// An episode cannot be replayed, which is a mistake in the world.
    pub fn pursue(
        &self,
        given: &GivenPolicy,
        choice: Choice,
        until: Until,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Identified, RunError> {
        let mut agent = policy::of(self.study, given)?;
        let holdout = self.holdout(agent.as_mut())?;
        self.run(&holdout, agent.as_mut(), choice, until, go_on)
    }

    fn holdout(&self, agent: &mut dyn Agent) -> Result<Vec<(Oracle, Vec<u8>)>, RunError> {
        let Study { world, goals, .. } = self.study;
        (0..self.study.evaluation.options.holdout_levels as u64)
            .map(|seed| {
                let wrong =
                    |error| RunError::Study(format!("study `{}`, training level {seed}: {error}", self.study.name));
                let level = world.generate(&self.study.training, seed).map_err(wrong)?;
                let oracle = Oracle::solve(world, &level, goals).map_err(wrong)?;
                let actions = play(world, &level, agent, mix(self.seed ^ STREAM ^ mix(seed))).actions;
                Ok((oracle, actions))
            })
            .collect()
    }

    fn run(
        &self,
        holdout: &[(Oracle, Vec<u8>)],
        agent: &mut dyn Agent,
        choice: Choice,
        until: Until,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Identified, RunError> {
        let Stock { levels, classes, .. } = self.stock;
        let before = Before {
            goals: &self.study.goals,
            trained_on: self.study.agent.train_on,
            shift: self.shift,
            classes,
            lint: self.lint,
        };
        let mut judging =
            Sequential::new(before, &trials(holdout), &self.study.evaluation.options).map_err(|e| self.wrong(e))?;
        let mut play = |judging: &mut Sequential<'_>, number: usize| {
            let Some((seed, oracle)) = levels.get(number) else { return Ok(Vec::new()) };
            let tries = mix(self.seed ^ STREAM ^ mix(*seed));
            let actions = play(&self.study.world, oracle.level(), agent, tries).actions;
            judging.add(&Trial { oracle, actions: &actions }).map_err(|error| self.wrong(error))?;
            Ok(actions)
        };
        self.pursuit(choice, until).run(&mut judging, &mut play, go_on)
    }

    fn pursuit(&self, choice: Choice, until: Until) -> Pursuit<'_> {
        Pursuit {
            separations: &self.stock.separations,
            classes: &self.stock.classes,
            goals: self.study.goals.len(),
            budget: self.budget,
            choice,
            until,
        }
    }

    fn wrong(&self, error: misgoal_judge::JudgeError) -> RunError {
        RunError::Study(format!("study `{}`, shift `{}`: {error}", self.study.name, self.shift))
    }

    /// The whole judgement of the chosen episodes.
    fn judgement(&self, holdout: &[(Oracle, Vec<u8>)], found: &Identified) -> Result<ShiftJudgement, RunError> {
        let holdout = trials(holdout);
        let shifted: Vec<Trial<'_>> = found
            .chosen
            .iter()
            .filter_map(|one| Some(Trial { oracle: &self.stock.levels.get(one.number)?.1, actions: &one.actions }))
            .collect();
        let evidence = Evidence {
            goals: &self.study.goals,
            trained_on: self.study.agent.train_on,
            shift: self.shift,
            holdout: &holdout,
            shifted: &shifted,
            probe: &[],
            rehearsed: &[],
            ceiling: None,
            levels_generated: self.stock.levels.len(),
            lint: self.lint,
        };
        judge(&evidence, &self.study.evaluation.options).map_err(|error| self.wrong(error))
    }
}

fn trials(episodes: &[(Oracle, Vec<u8>)]) -> Vec<Trial<'_>> {
    episodes.iter().map(|(oracle, actions)| Trial { oracle, actions }).collect()
}

/// Stage I on every shift on which the goals part: at most `budget` levels of `stock` drawn ones.
pub(super) fn shifts(
    study: &Study,
    agent: &mut dyn Agent,
    (budget, stock): (u32, u32),
    seed: u64,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<IdentifyRecord>, RunError> {
    if budget == 0 {
        return Ok(Vec::new());
    }
    let levels = crate::levels::Levels::new(study, None)?;
    let reports = lint::reports(study, &levels);
    let mut all = Vec::new();
    for (report, shift) in reports.iter().zip(study.shifts.iter().filter(|shift| !shift.aligned)) {
        let stock = Stock::draw(study, &shift.name, &shift.distribution, stock, SEEDS)?;
        let quest =
            Quest { study, shift: &shift.name, lint: Some(report), stock: &stock, budget: budget as usize, seed };
        let holdout = quest.holdout(agent)?;
        let found = quest.run(&holdout, agent, Choice::Designed, Until::Verdict, go_on)?;
        if found.chosen.is_empty() {
            continue;
        }
        let yardstick = quest.run(&holdout, agent, Choice::Drawn, Until::Shares, go_on)?;
        let judgement = quest.judgement(&holdout, &found)?;
        let seeds: Vec<u64> = quest.stock.levels.iter().map(|(seed, _)| *seed).collect();
        let pursuit = quest.pursuit(Choice::Designed, Until::Verdict);
        all.push(record(&pursuit, quest.shift, &seeds, (&found, &yardstick), &judgement));
    }
    Ok(all)
}
