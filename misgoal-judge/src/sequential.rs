//! Judging that goes on: episodes are added one by one, or drawn from a stock, and the verdict is asked for again and again.
//!
//! What does not change from one question to the next - replays, the fit of the habits, each episode's likelihoods - is worked out once.

use std::borrow::Cow;

use misgoal_stats::{Estimate, UnitMean};
use misgoal_world::Goal;

use crate::ceiling::Base;
use crate::choice::{self, ChoiceFacts};
use crate::decide::settle;
use crate::describe::of_goal;
use crate::etest::{self, LevelReference};
use crate::facts::Facts;
use crate::judge::{Ground, Subject, precondition};
use crate::outcome::{Component, EValue, Fit, LintReport, Unit, Verdict};
use crate::recorded::{Recorded, trace};
use crate::replay::{JudgeError, Trial, is_usable, replay};
use crate::trace::Trace;
use crate::weigh::{Row, Scene, Unlisted, Weighed, components, row, weigh};
use crate::{Options, habits, training};

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
    holdout: Vec<Trace>,
    base: Vec<f64>,
    in_training: Option<usize>,
    components: Vec<Component>,
    /// One entry an episode; nothing for one on a level where the intended goal cannot be told from random walking.
    shifted: Vec<Option<Episode<'a>>>,
}

/// A shifted episode that says something.
struct Episode<'a> {
    trace: Trace,
    /// Its likelihoods under the components; none where the habits cannot be fitted.
    row: Option<Row>,
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
        let attained = |goal: usize| of_goal(&holdout, goal);
        let fit = habits::fit(&holdout);
        Sequential {
            in_training: fit.as_ref().and_then(|fit| training::pursued(fit, &holdout, before.classes, options)),
            fit,
            goals,
            holdout_attainment: (0..goals).map(|goal| UnitMean::new(&attained(goal)).estimate()).collect(),
            base: attained(0).iter().map(|rho| 1.0 - rho).collect(),
            components: Vec::new(),
            shifted: Vec::new(),
            options: options.clone(),
            holdout,
            before,
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
            self.components = components(self.before.classes, &[&trace], Unlisted::Possible);
        }
        let row = self.fit.as_ref().map(|fit| row(fit, &trace, &self.components, self.before.classes));
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
        match self.weighed(numbers) {
            Ok((said, verdict)) => Standing { verdict, shares: said.shares(), rejected: said.rejected() },
            Err(verdict) => Standing { verdict, shares: Vec::new(), rejected: Vec::new() },
        }
    }

    /// The same without the shares.
    pub(crate) fn verdict_of(&self, numbers: &[usize]) -> Verdict {
        self.weighed(numbers).map_or_else(|verdict| verdict, |(_, verdict)| verdict)
    }

    /// What some of the episodes say; a verdict alone where rows 0 and 1 of the decision table have one.
    fn weighed(&self, numbers: &[usize]) -> Result<(Said, Verdict), Verdict> {
        let chosen: Vec<&Episode<'a>> =
            numbers.iter().filter_map(|number| self.shifted.get(*number)?.as_ref()).collect();
        let subject = Subject {
            goals: Vec::new(),
            trained_on: self.before.trained_on,
            shift: self.before.shift,
            unit: Unit::Level,
            ceiling: None,
            levels_generated: numbers.len(),
            played: numbers.len(),
            lint: self.before.lint,
            levels: &[],
            compared: &[],
        };
        let ground = Ground {
            classes: self.before.classes,
            usable: chosen.len(),
            holdout_levels: self.holdout.len(),
            holdout_attainment: &self.holdout_attainment,
            rehearsed: None,
            in_training: self.in_training,
        };
        if let Some(verdict) = precondition(&subject, &ground, &self.options) {
            return Err(verdict);
        }
        let shifted: Vec<&Trace> = chosen.iter().map(|episode| &episode.trace).collect();
        let rows: Vec<&Row> = chosen.iter().filter_map(|episode| episode.row.as_ref()).collect();
        let levels: Vec<&LevelReference<'_>> = chosen.iter().filter_map(|episode| episode.level.as_ref()).collect();
        let e_values = self.e_values(&shifted, &levels);
        let answer = if choice::is_single(self.holdout.iter().chain(shifted.iter().copied())) {
            ChoiceFacts::new(self.before.classes, &self.holdout, &shifted, &[], None, e_values.clone(), &self.options)
        } else {
            None
        };
        if let Some(facts) = answer {
            let verdict = choice::decide(&facts, self.before.classes, &self.options).verdict;
            return Ok((Said::Choices(Box::new(facts)), verdict));
        }
        let parting = levels.iter().map(|level| level.all_part(self.before.classes)).collect();
        let scene = Scene {
            base: &self.base,
            over: Base::HeldOut,
            holdout: &self.base,
            probe: &[],
            e_values,
            parting,
            in_training: self.in_training,
        };
        let Weighed { mut facts, .. } = weigh(&shifted, &rows, self.components.clone(), scene, &self.options);
        let verdict = settle(&mut facts, self.before.classes, &self.options).verdict;
        Ok((Said::Episodes(Box::new(facts)), verdict))
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

/// What some episodes say, by the model that describes them.
enum Said {
    Episodes(Box<Facts>),
    Choices(Box<ChoiceFacts>),
}

impl Said {
    fn shares(&self) -> Vec<(Component, Estimate)> {
        match self {
            Said::Episodes(facts) => facts.shares(),
            Said::Choices(facts) => facts.estimates(),
        }
    }

    fn rejected(&self) -> Vec<usize> {
        match self {
            Said::Episodes(facts) => facts.rejected(),
            Said::Choices(facts) => facts.rejected(),
        }
    }
}
