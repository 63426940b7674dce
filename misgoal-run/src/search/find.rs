//! Stage F: levels on which the agent fails, among edits of training levels.
//!
//! MAP-Elites (Mouret and Clune 2015, arXiv 1504.04909): the best level of every niche is kept, and new levels come from changing the kept ones. A
//! niche is the sorts of edits made and an eighth of the training levels; so the search does not end in the one sort, or the one level, that
//! fails most. Children of an elite move a thing a little, carry the elite's edits over to another training level (what turns the agent in
//! one level is tried in many), or edit once more.

use std::collections::{BTreeMap, BTreeSet};

use misgoal_policy::Agent;
use misgoal_study::Study;
use misgoal_world::rng::{Draw as _, Rng};

use super::edit::Edited;
use super::findings::Tried;
use super::score::{Score, score};
use crate::RunError;

/// Training levels that are edited: the first ones of the distribution, which agents are never trained on.
pub(crate) const BASES: u32 = 200;
/// Edits of one level at most.
const MOST: usize = 4;
/// Tries of each level.
const TRIES: u32 = 4;
/// Parts that the training levels fall into for the niches.
const PARTS: u64 = 8;

/// The kept levels: the best of every niche.
type Elites = BTreeMap<(u64, Vec<String>), Elite>;

/// The best level of a niche.
struct Elite {
    fitness: f64,
    failed: bool,
    edited: Edited,
}

/// A level on which the agent fails.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) edited: Edited,
    pub(crate) score: Score,
}

/// What a search has found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Levels that were tried.
    pub(crate) evaluations: u32,
    /// Distinct levels that fail, in the order in which they were found.
    pub(crate) failures: Vec<Failure>,
}

impl Found {
    pub(crate) fn tried(&self) -> Tried {
        let bases: BTreeSet<u64> = self.failures.iter().map(|failure| failure.edited.seed).collect();
        Tried { levels: self.evaluations, failures: self.failures.len(), bases: bases.len() }
    }

    fn add(&mut self, seen: &mut BTreeSet<u64>, edited: &Edited, score: &Score) {
        if score.attained.failed() && seen.insert(edited.level.hash()) {
            self.failures.push(Failure { edited: edited.clone(), score: score.clone() });
        }
    }
}

/// What both searches need.
pub(crate) struct Hunt<'h> {
    pub(crate) study: &'h Study,
    pub(crate) agent: &'h mut dyn Agent,
    /// Levels to try.
    pub(crate) budget: u32,
    /// Seed of the agent's tries.
    pub(crate) seed: u64,
}

impl Hunt<'_> {
    pub(crate) fn base(&self, rng: &mut Rng) -> Result<Edited, RunError> {
        let seed = u64::from(rng.below(BASES));
        let level =
            self.study.world.generate(&self.study.training, seed).map_err(|error| {
                RunError::Study(format!("study `{}`, training level {seed}: {error}", self.study.name))
            })?;
        Ok(Edited::unedited(seed, level))
    }

    fn random(&self, rng: &mut Rng, edits: u32) -> Result<Edited, RunError> {
        let base = self.base(rng)?;
        let mut edited = base.clone();
        for _ in 0..edits {
            edited = edited.mutated(&self.study.world, rng).unwrap_or(edited);
        }
        Ok(edited)
    }

    fn score(&mut self, edited: &Edited) -> Option<Score> {
        score(self.study, &edited.level, self.agent, TRIES, self.seed)
    }

    /// The plainer yardstick: random levels of the shifts on which the goals part, by turns; the seeds are those after stage R's.
    pub(crate) fn drawn(&mut self, levels: u32, after: u64) -> Result<Found, RunError> {
        let (mut found, mut seen) = (Found::default(), BTreeSet::new());
        let shifts: Vec<_> = self.study.shifts.iter().filter(|shift| !shift.aligned).collect();
        for (number, shift) in (0..u64::from(levels)).zip(shifts.iter().cycle()) {
            let seed = after + number;
            let level = self.study.world.generate(&shift.distribution, seed).map_err(|error| {
                RunError::Study(format!("study `{}`, level {seed} of `{}`: {error}", self.study.name, shift.name))
            })?;
            let drawn = Edited::unedited(seed, level);
            found.evaluations += 1;
            if let Some(score) = self.score(&drawn) {
                found.add(&mut seen, &drawn, &score);
            }
        }
        Ok(found)
    }

    /// The stronger yardstick: as many training levels with one to three random edits.
    pub(crate) fn at_random(&mut self, rng: &mut Rng, levels: u32) -> Result<Found, RunError> {
        let (mut found, mut seen) = (Found::default(), BTreeSet::new());
        while found.evaluations < levels {
            let edited = self.random(rng, 1 + found.evaluations % 3)?;
            found.evaluations += 1;
            if let Some(score) = self.score(&edited) {
                found.add(&mut seen, &edited, &score);
            }
        }
        Ok(found)
    }

    /// The search; `go_on` hears of every level how many were tried and how many failed, and may end it.
    pub(crate) fn search(
        &mut self,
        rng: &mut Rng,
        go_on: &mut dyn FnMut(u32, usize) -> bool,
    ) -> Result<Found, RunError> {
        let (mut found, mut seen) = (Found::default(), BTreeSet::new());
        let mut elites = Elites::new();
        while found.evaluations < self.budget {
            let edited = self.child(rng, found.evaluations, &elites)?;
            // An unfair level counts as one that was looked at: solving it was the work.
            found.evaluations += 1;
            if let Some(score) = self.score(&edited) {
                found.add(&mut seen, &edited, &score);
                let niche = (edited.seed % PARTS, edited.families(&self.study.world));
                let elite = Elite { fitness: score.attained.fitness(), failed: score.attained.failed(), edited };
                if elites.get(&niche).is_none_or(|best| elite.fitness >= best.fitness) {
                    elites.insert(niche, elite);
                }
            }
            if !go_on(found.evaluations, found.failures.len()) {
                break;
            }
        }
        Ok(found)
    }

    /// The first tenth of the budget, and every eighth level after, is a training level with one to three random edits; the others come from
    /// elites: three in four from one that fails, where there is one, the rest from any.
    fn child(&self, rng: &mut Rng, number: u32, elites: &Elites) -> Result<Edited, RunError> {
        let fresh = 1 + number % 3;
        if number < self.budget / 10 || number.is_multiple_of(8) {
            return self.random(rng, fresh);
        }
        let failing: Vec<&Elite> = elites.values().filter(|elite| elite.failed).collect();
        let all: Vec<&Elite> = elites.values().collect();
        let from = if failing.is_empty() || rng.below(4) == 0 { all } else { failing };
        let Some(elite) = from.get(rng.below(from.len() as u32) as usize).map(|elite| &elite.edited) else {
            return self.random(rng, fresh);
        };
        let world = &self.study.world;
        let child = match rng.below(5) {
            0 if elite.edits.len() < MOST => elite.mutated(world, rng),
            1 | 2 => elite.nudged(world, rng),
            _ => {
                let base = self.base(rng)?;
                elite.transplanted(world, base.seed, base.base)
            }
        };
        child.map_or_else(|| self.random(rng, fresh), Ok)
    }
}
