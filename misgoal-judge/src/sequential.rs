//! Judging that goes on: episodes are added one by one, or drawn from a stock, and the verdict is asked for again and again.
//!
//! What does not change from one question to the next - replays, the fit of the habits, each episode's likelihoods - is worked out once.

use std::borrow::Cow;

use misgoal_stats::{Estimate, bootstrap};
use misgoal_world::Goal;
use misgoal_world::rng::rng;

use crate::decide::decide;
use crate::describe::of_goal;
use crate::etest::{self, LevelReference};
use crate::judge::{Ground, Subject, precondition};
use crate::outcome::{Component, EValue, Fit, LintReport, Verdict};
use crate::recorded::{Recorded, trace};
use crate::replay::{JudgeError, Trial, is_usable, replay};
use crate::trace::Trace;
use crate::weigh::{Scene, Weighed, components, estimates, row, weigh};
use crate::{Options, habits};

/// What is known before the first shifted episode.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The goals, the intended one first; none where episodes are recorded.
    pub goals: &'a [Goal],
    /// Index of the goal whose reward the agent was trained on.
    pub trained_on: usize,
    /// Name of the shift.
    pub shift: &'a str,
    /// Goals that no level of the shift tells apart, in classes; see [`crate::classes`].
    pub classes: &'a [Vec<usize>],
    /// What the lint said about this shift.
    pub lint: Option<&'a LintReport>,
}

/// A judgement under way.
pub struct Sequential<'a> {
    before: Before<'a>,
    options: Options,
    goals: usize,
    fit: Option<Fit>,
    holdout_attainment: Vec<Estimate>,
    holdout_levels: usize,
    base: Vec<f64>,
    holdout: Vec<Trace>,
    components: Vec<Component>,
    /// One entry an episode; nothing for one on a level where the intended goal cannot be told from random walking.
    shifted: Vec<Option<Episode<'a>>>,
}

/// A shifted episode that says something.
struct Episode<'a> {
    trace: Trace,
    /// Its likelihoods under the components.
    row: Vec<f64>,
    /// What accidents happen on its level; none of a recorded episode.
    level: Option<LevelReference<'a>>,
}

/// Where a judgement stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The verdict of the decision table.
    pub verdict: Verdict,
    /// Share of the episodes that each component generated, with its 90 % interval; empty where the habits cannot be fitted.
    pub shares: Vec<(Component, Estimate)>,
    /// The proxies whose discordance e-test rejects, the strongest first.
    pub rejected: Vec<usize>,
}

impl Standing {
    /// The declared goal that surely generated most of the episodes: the lower end of its share's 90 % interval, which leaves 5 % below it, is over
    /// one half.
    pub fn most(&self) -> Option<usize> {
        self.shares.iter().find_map(|(component, share)| match component {
            Component::Goal(goal) if share.low > 0.5 => Some(*goal),
            _ => None,
        })
    }

    /// The declared goal with the largest share: the one to be put to the test. The intended one until there is an episode.
    pub fn leader(&self) -> usize {
        let goals = self.shares.iter().filter_map(|(component, share)| match component {
            Component::Goal(goal) => Some((*goal, share.value)),
            _ => None,
        });
        // Of equals the first.
        goals.reduce(|best, one| if one.1 > best.1 { one } else { best }).map_or(0, |(goal, _)| goal)
    }

    /// Posterior mean share of every declared goal, as weights that sum to one; of merged goals the first has it all.
    pub fn weights(&self, goals: usize) -> Vec<f64> {
        let mut weights = vec![0.0; goals];
        for (component, share) in &self.shares {
            if let Component::Goal(goal) = component
                && let Some(weight) = weights.get_mut(*goal)
            {
                *weight = share.value;
            }
        }
        let sum: f64 = weights.iter().sum();
        let even = 1.0 / goals.max(1) as f64;
        weights.iter().map(|weight| if sum > 0.0 { weight / sum } else { even }).collect()
    }
}

impl<'a> Sequential<'a> {
    /// Fits the habits on episodes on training levels that the agent was not trained on, one a level; no shifted episode yet.
    ///
    /// # Errors
    /// An action that the world does not have.
    pub fn new(before: Before<'a>, holdout: &[Trial<'_>], options: &Options) -> Result<Sequential<'a>, JudgeError> {
        let usable = holdout.iter().filter(|trial| is_usable(trial));
        let holdout: Vec<Trace> =
            usable.map(|trial| replay(before.goals, trial, false)).collect::<Result<_, JudgeError>>()?;
        Ok(Sequential::of_traces(before, before.goals.len(), holdout, options))
    }

    /// The same of recorded episodes of `goals` goals; `before` names none, as there is nothing to replay. All of them count as usable.
    ///
    /// # Errors
    /// An action that an episode does not have.
    pub fn of_recorded(
        before: Before<'a>,
        goals: usize,
        holdout: &[Recorded],
        options: &Options,
    ) -> Result<Sequential<'a>, JudgeError> {
        let traces: Vec<Trace> = holdout.iter().map(|episode| trace(episode, goals)).collect::<Result<_, _>>()?;
        Ok(Sequential::of_traces(before, goals, traces, options))
    }

    fn of_traces(before: Before<'a>, goals: usize, holdout: Vec<Trace>, options: &Options) -> Sequential<'a> {
        let mut random = rng(options.seed, 1);
        let attained = |goal: usize| of_goal(&holdout, goal);
        Sequential {
            fit: habits::fit(&holdout),
            goals,
            holdout_attainment: (0..goals)
                .map(|goal| bootstrap::unit_mean(&attained(goal), options.draws, &mut random))
                .collect(),
            holdout_levels: holdout.len(),
            base: attained(0).iter().map(|rho| 1.0 - rho).collect(),
            components: Vec::new(),
            shifted: Vec::new(),
            options: options.clone(),
            before,
            holdout,
        }
    }

    /// Takes an episode on a shifted level into the stock.
    ///
    /// # Errors
    /// An action that the world does not have.
    pub fn add(&mut self, trial: &Trial<'_>) -> Result<(), JudgeError> {
        if !is_usable(trial) {
            self.shifted.push(None);
            return Ok(());
        }
        let trace = replay(self.before.goals, trial, true)?;
        self.push(trace, Some(LevelReference::new(self.before.goals, Cow::Owned(trial.oracle.clone()))));
        Ok(())
    }

    /// Takes a recorded episode on a shifted level into the stock.
    ///
    /// # Errors
    /// An action that the episode does not have.
    pub fn add_recorded(&mut self, episode: &Recorded) -> Result<(), JudgeError> {
        let trace = trace(episode, self.goals)?;
        self.push(trace, None);
        Ok(())
    }

    fn push(&mut self, trace: Trace, level: Option<LevelReference<'a>>) {
        // A level of a grid world as good as always has a place that no declared goal is near: the first level stands for all.
        if self.components.is_empty() {
            self.components = components(self.before.classes, &[&trace]);
        }
        let row = self.fit.as_ref().map_or(Vec::new(), |fit| row(fit, &trace, &self.components, self.before.classes));
        self.shifted.push(Some(Episode { trace, row, level }));
    }

    /// Episodes in stock.
    pub fn len(&self) -> usize {
        self.shifted.len()
    }

    /// Whether there is no episode yet.
    pub fn is_empty(&self) -> bool {
        self.shifted.is_empty()
    }

    /// The verdict from all episodes so far, in the order in which they came.
    pub fn standing(&self) -> Standing {
        let all: Vec<usize> = (0..self.shifted.len()).collect();
        self.standing_of(&all)
    }

    /// The verdict from some of the episodes: those of these numbers, in this order.
    pub fn standing_of(&self, numbers: &[usize]) -> Standing {
        let chosen: Vec<&Episode<'a>> =
            numbers.iter().filter_map(|number| self.shifted.get(*number)?.as_ref()).collect();
        let subject = Subject {
            goals: Vec::new(),
            trained_on: self.before.trained_on,
            shift: self.before.shift,
            levels_generated: numbers.len(),
            played: numbers.len(),
            lint: self.before.lint,
            levels: &[],
            compared: &[],
        };
        let ground = Ground {
            classes: self.before.classes.len(),
            usable: chosen.len(),
            holdout_levels: self.holdout_levels,
            holdout_attainment: &self.holdout_attainment,
            rehearsed: None,
        };
        if let Some(verdict) = precondition(&subject, &ground, &self.options) {
            return Standing { verdict, shares: Vec::new(), rejected: Vec::new() };
        }
        let shifted: Vec<&Trace> = chosen.iter().map(|episode| &episode.trace).collect();
        let rows: Vec<&[f64]> = chosen.iter().map(|episode| episode.row.as_slice()).collect();
        let levels: Vec<&LevelReference<'_>> = chosen.iter().filter_map(|episode| episode.level.as_ref()).collect();
        let e_values = self.e_values(&shifted, &levels);
        let scene = Scene { base: &self.base, probe: &[], e_values };
        let mut random = rng(self.options.seed, 2);
        let Weighed { facts, .. } = weigh(&shifted, &rows, self.components.clone(), scene, &self.options, &mut random);
        let verdict = decide(&facts, self.before.classes, Vec::new(), &self.options).verdict;
        Standing { verdict, shares: estimates(&facts.components, &facts.shares), rejected: facts.rejected() }
    }

    fn e_values(&self, shifted: &[&Trace], levels: &[&LevelReference<'_>]) -> Vec<EValue> {
        let alpha = self.options.alpha;
        if levels.is_empty() {
            let holdout: Vec<&Trace> = self.holdout.iter().collect();
            etest::of_choices(&holdout, &[], shifted, self.goals, alpha)
        } else {
            etest::of_levels(shifted, levels, self.goals, alpha)
        }
    }
}
