//! Evaluation: an agent plays every level once, and the judge reads what it did.

use misgoal_judge::{
    Ceiling, Compounding, Evidence, LintReport, ShiftJudgement, Trial, attainment, compounding, judge,
};
use misgoal_policy::Agent;
use misgoal_stats::beta;
use misgoal_study::Study;

use crate::RunError;
use crate::holdout::Mixture;
use crate::levels::{Case, LevelSet, Levels, episode_seed};
use crate::play::{Episode, play};
use crate::record::Interval;

/// From this attainment on a goal counts as attained.
const ATTAINED: f64 = 0.5;

/// One set of levels and what the agent did on them, in the same order.
pub(crate) struct Played<'a> {
    pub(crate) set: &'a LevelSet,
    pub(crate) episodes: Vec<Episode>,
}

impl<'a> Played<'a> {
    /// Plays every level once. An episode's seed depends on the unit's seed, the set and the level only.
    pub(crate) fn new(study: &Study, set: &'a LevelSet, agent: &mut dyn Agent, seed: u64) -> Played<'a> {
        Played::each(set, seed, |_, case, seed| play(&study.world, case.level(), agent, seed))
    }

    /// Plays every level once as `episode` says, which hears the level's number in the set and the episode's seed.
    pub(crate) fn each(
        set: &'a LevelSet,
        seed: u64,
        mut episode: impl FnMut(usize, Case<'a>, u64) -> Episode,
    ) -> Played<'a> {
        let cases = set.cases().enumerate();
        let seed = |case: &Case<'_>| episode_seed(seed, &set.name, case.seed);
        let episodes = cases.map(|(number, case)| episode(number, case, seed(&case))).collect();
        Played { set, episodes }
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Case<'a>, &Episode)> {
        self.set.cases().zip(&self.episodes)
    }

    /// The judged episodes as the judge wants them.
    pub(crate) fn trials(&self) -> Vec<Trial<'_>> {
        let judged = self.pairs().filter(|(case, _)| case.judged);
        judged.map(|(case, episode)| trial(case, episode)).collect()
    }

    /// Which goals' events came first in each episode, judged or not.
    pub(crate) fn firsts(&self, study: &Study) -> Vec<Vec<usize>> {
        self.episodes.iter().map(|episode| first(study, episode)).collect()
    }
}

pub(crate) fn trial<'t>(case: Case<'t>, episode: &'t Episode) -> Trial<'t> {
    Trial { oracle: case.oracle, actions: &episode.actions }
}

/// The goals that were paid in the first step that paid any.
pub(crate) fn first(study: &Study, episode: &Episode) -> Vec<usize> {
    let paid = |events| {
        let goals: Vec<usize> = (0..study.goals.len())
            .filter(|goal| study.goals.get(*goal).is_some_and(|goal| goal.reward(events) > 0.0))
            .collect();
        (!goals.is_empty()).then_some(goals)
    };
    episode.events.iter().find_map(|events| paid(*events)).unwrap_or_default()
}

/// Attainment of every goal in an episode.
pub(crate) fn attainments(study: &Study, case: Case<'_>, episode: &Episode) -> Vec<f64> {
    let discount = study.world.spec().discount;
    let oracle = case.oracle;
    let goals = study.goals.iter().enumerate();
    goals
        .map(|(index, goal)| {
            attainment(goal.discounted(&episode.events, discount), oracle.baseline(index), oracle.best(index))
        })
        .collect()
}

/// Everything that one agent did.
pub(crate) struct Evaluation<'a> {
    pub(crate) holdout: Played<'a>,
    pub(crate) shifts: Vec<Played<'a>>,
    pub(crate) probes: Vec<Played<'a>>,
    /// Levels that the agent was trained on, where it was trained on few.
    pub(crate) rehearsed: Option<Played<'a>>,
    /// The shifted part of the hold-out, of an agent that was trained on shifted levels too.
    pub(crate) mixed: Option<Mixed<'a>>,
}

/// Shifted levels of a hold-out.
pub(crate) struct Mixed<'a> {
    mixture: Mixture,
    played: Played<'a>,
}

impl<'a> Evaluation<'a> {
    /// Lets an agent play all levels; `told` hears how many episodes each set adds.
    pub(crate) fn new(
        study: &Study,
        levels: &'a Levels,
        rehearsed: Option<&'a LevelSet>,
        agent: &mut dyn Agent,
        seed: u64,
        mut told: impl FnMut(usize),
    ) -> Evaluation<'a> {
        let mut play = |set: &'a LevelSet| {
            let played = Played::new(study, set, agent, seed);
            told(played.episodes.len());
            played
        };
        let holdout = play(&levels.holdout);
        let shifts = levels.shifts.iter().map(&mut play).collect();
        let probes = levels.probes.iter().map(&mut play).collect();
        let rehearsed = rehearsed.map(&mut play);
        Evaluation { holdout, shifts, probes, rehearsed, mixed: None }
    }

    /// Holds the agent to what it was trained on: a share of the held-out levels are of a shift.
    pub(crate) fn mix(
        &mut self,
        study: &Study,
        levels: &'a Levels,
        mixture: Mixture,
        agent: &mut dyn Agent,
        seed: u64,
    ) {
        let played = |set| Mixed { mixture, played: Played::new(study, set, agent, seed) };
        self.mixed = levels.aside(mixture).map(played);
    }

    /// Whether any of its training levels are the study's.
    pub(crate) fn trained_here(&self) -> bool {
        let (training, _) = self.parts();
        training > 0
    }

    /// Every held-out level, judged or not.
    pub(crate) fn held_out(&self) -> impl Iterator<Item = (Case<'a>, &Episode)> {
        let (training, shifted) = self.parts();
        let mixed = self.mixed.iter().flat_map(|mixed| mixed.played.pairs());
        self.holdout.pairs().take(training).chain(mixed.take(shifted))
    }

    /// How many of the held-out levels are of training, and how many of a shift.
    fn parts(&self) -> (usize, usize) {
        let Some(Mixed { mixture, .. }) = self.mixed else { return (self.holdout.episodes.len(), 0) };
        let all = self.holdout.set.held_out(mixture);
        let shifted = mixture.shifted(all);
        (all - shifted, shifted)
    }

    /// The judged held-out episodes.
    fn held_out_trials(&self) -> Vec<Trial<'_>> {
        let mut trials = self.holdout.trials();
        if let Some(mixed) = &self.mixed {
            let shifted = mixed.mixture.shifted(trials.len());
            trials.truncate(trials.len() - shifted);
            trials.extend(mixed.played.trials().into_iter().take(shifted));
        }
        trials
    }

    /// Judges one of the shifts.
    pub(crate) fn judge(
        &self,
        study: &Study,
        trained_on: usize,
        shift: &Played<'_>,
        ceiling: Option<Ceiling>,
        lint: Option<&LintReport>,
    ) -> Result<ShiftJudgement, RunError> {
        let (holdout, shifted) = (self.held_out_trials(), shift.trials());
        let probe: Vec<Trial<'_>> = self.probes.iter().flat_map(Played::trials).collect();
        let rehearsed = self.rehearsed.as_ref().map_or(Vec::new(), Played::trials);
        let evidence = Evidence {
            goals: &study.goals,
            trained_on,
            shift: &shift.set.name,
            holdout: &holdout,
            shifted: &shifted,
            probe: &probe,
            rehearsed: &rehearsed,
            ceiling,
            levels_generated: shift.set.cases().len(),
            lint,
        };
        judge(&evidence, &study.evaluation.options)
            .map_err(|error| RunError::Study(format!("study `{}`, shift `{}`: {error}", study.name, shift.set.name)))
    }

    /// What follows on one of the shifts from the step at which the goals part.
    pub(crate) fn compounding(&self, study: &Study, shift: &Played<'_>) -> Result<Vec<Compounding>, RunError> {
        compounding(&study.goals, &shift.trials())
            .map_err(|error| RunError::Study(format!("study `{}`, shift `{}`: {error}", study.name, shift.set.name)))
    }

    /// Share of the held-out levels on which the intended goal was attained.
    pub(crate) fn training_success(&self, study: &Study) -> Interval {
        let attained = |(case, episode): &(Case<'_>, &Episode)| {
            attainments(study, *case, episode).first().is_some_and(|intended| *intended >= ATTAINED)
        };
        beta::proportion(self.held_out().filter(attained).count(), self.held_out().count()).into()
    }
}
