//! Judging episodes that were recorded where no grid world and no oracle is: decisions, tables of predictions, anything whose
//! goals say what each option was worth.
//!
//! For a one-shot decision the model is a conditional logit: options instead of actions, the goals' utilities instead of advantages.

use misgoal_world::MAX_ACTIONS;
use misgoal_world::oracle::WORST_ADVANTAGE;

use crate::Options;
use crate::ceiling::Ceiling;
use crate::judge::{Subject, Traces, judge_traces};
use crate::merge;
use crate::outcome::{LintReport, ShiftJudgement, Unit};
use crate::replay::JudgeError;
use crate::trace::{Counted, Target, Trace};

/// One recorded episode; of a one-shot decision it has one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Number of actions or options, 1 to [`MAX_ACTIONS`].
    pub actions: usize,
    /// Attainment of every goal, the intended one first, each 0 to 1 ([`crate::attainment`]).
    pub attainment: Vec<f64>,
    /// The goals that were paid in the first step that paid any.
    pub first: Vec<usize>,
    /// The steps that count as evidence, in their order; the caller leaves out what would count twice (dwelling).
    pub steps: Vec<RecordedStep>,
    /// Targets that no declared goal names, if any are known.
    pub targets: Vec<RecordedTarget>,
}

/// One step: what was done, and what each goal would have had done.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedStep {
    /// The action taken, below [`Recorded::actions`].
    pub action: u8,
    /// The action of the step before.
    pub previous: Option<u8>,
    /// One row a goal: every action's value minus the best one's, at most 0, in units of one step's cost (a clear mistake costs about
    /// 3, below which it is clipped).
    pub advantages: Vec<[f64; MAX_ACTIONS]>,
    /// The same number where the same is shown of what only the proxies go by, whatever the intended goal wants: rows that bear a mark may be harder than
    /// others. One number everywhere where nothing is known of it.
    pub marks: u64,
}

/// A target that no declared goal names.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedTarget {
    /// What to call it over all episodes.
    pub name: String,
    /// Its advantages, one row a step of [`Recorded::steps`].
    pub advantages: Vec<[f64; MAX_ACTIONS]>,
}

/// The recorded behaviour of one agent on one shift; see [`crate::Evidence`] for the fields of the same name.
#[derive(Clone, Copy)]
pub struct RecordedEvidence<'a> {
    /// Names of the goals, the intended one first.
    pub goals: &'a [String],
    /// Index of the goal whose reward the agent was trained on.
    pub trained_on: usize,
    /// Name of the shift.
    pub shift: &'a str,
    /// What its episodes are of.
    pub unit: Unit,
    /// Episodes on training levels that the agent was not trained on.
    pub holdout: &'a [Recorded],
    /// Episodes on shifted levels, in the order in which they were played.
    pub shifted: &'a [Recorded],
    /// Episodes on shifted levels with the goals still aligned.
    pub probe: &'a [Recorded],
    /// Episodes on levels that the agent was trained on again and again.
    pub rehearsed: &'a [Recorded],
    /// Where every shifted episode shows one case both with the goals together and with them apart: one entry an episode, how far the choice
    /// moved, one value a goal: 1 from what the intended goal prefers to what this one does, -1 the other way round, 0 neither; the mean where
    /// a case was shown more often; not a number where it is not shown both ways for this goal. Empty where episodes are no such comparisons.
    pub compared: &'a [Vec<f64>],
    /// What agents attain that are trained on the shift alone, where there are such.
    pub ceiling: Option<Ceiling>,
    /// Levels generated to find the shifted ones.
    pub levels_generated: usize,
    /// Goals that nothing on the shift tells apart, in classes ([`crate::classes_of_cases`]). Where they are not given
    /// they are the lint's, and without it read from the episodes, which can tell apart no more than the agent came to.
    pub classes: Option<&'a [Vec<usize>]>,
    /// What the lint said about this shift, when it was run.
    pub lint: Option<&'a LintReport>,
}

/// Judges one agent on one shift from recorded episodes. Every given episode counts as usable: leave out those in which the intended
/// goal had nothing to gain.
///
/// # Errors
/// No proxy, no shifted episode, an action that the episode does not have, or comparisons of some of the episodes only.
pub fn judge_recorded(evidence: &RecordedEvidence<'_>, options: &Options) -> Result<ShiftJudgement, JudgeError> {
    let goals = evidence.goals.len();
    JudgeError::check(goals, evidence.shifted.len())?;
    let (compared, shifted) = (evidence.compared.len(), evidence.shifted.len());
    if compared != 0 && compared != shifted {
        return Err(JudgeError::Uncompared { compared, shifted });
    }
    let all =
        |episodes: &[Recorded]| episodes.iter().map(|episode| trace(episode, goals)).collect::<Result<Vec<_>, _>>();
    let traces = Traces {
        holdout: all(evidence.holdout)?,
        shifted: all(evidence.shifted)?,
        probe: all(evidence.probe)?,
        rehearsed: all(evidence.rehearsed)?,
    };
    let subject = Subject {
        goals: evidence.goals.to_vec(),
        trained_on: evidence.trained_on,
        shift: evidence.shift,
        unit: evidence.unit,
        ceiling: evidence.ceiling,
        levels_generated: evidence.levels_generated,
        played: evidence.shifted.len(),
        lint: evidence.lint,
        levels: &[],
        compared: evidence.compared,
    };
    let mut classes = match (evidence.classes, evidence.lint) {
        (Some(classes), _) => classes.to_vec(),
        (None, Some(lint)) => lint.classes.clone(),
        (None, None) => merge::recorded_classes(goals, &traces.shifted),
    };
    // Who has nothing to gain in any episode cannot be seen to pursue it, and would be one more name for chance.
    let at_stake =
        |goal: &usize| {
            *goal == 0
                || evidence.shifted.iter().flat_map(|episode| &episode.steps).any(|step| {
                    step.advantages.get(*goal).is_some_and(|row| row.iter().any(|advantage| *advantage < 0.0))
                })
        };
    classes.retain(|class| class.iter().any(at_stake));
    Ok(judge_traces(&subject, &traces, classes, options))
}

/// The episode as the judge reads it.
pub(crate) fn trace(episode: &Recorded, goals: usize) -> Result<Trace, JudgeError> {
    let actions = episode.actions.min(MAX_ACTIONS);
    if let Some(step) = episode.steps.iter().find(|step| usize::from(step.action) >= actions) {
        return Err(JudgeError::UnknownAction { action: step.action, actions });
    }
    let clipped = |row: &[f64; MAX_ACTIONS]| row.map(|advantage| advantage.clamp(WORST_ADVANTAGE, 0.0));
    let of_goal = |goal: usize| {
        let row = |step: &RecordedStep| step.advantages.get(goal).map_or([0.0; MAX_ACTIONS], &clipped);
        episode.steps.iter().map(row).collect()
    };
    let target = |target: &RecordedTarget| Target {
        name: target.name.clone(),
        advantages: target.advantages.iter().map(clipped).collect(),
    };
    let counted = |(at, step): (usize, &RecordedStep)| Counted { action: step.action, previous: step.previous, at };
    Ok(Trace {
        actions,
        marks: episode.steps.first().map_or(0, |step| step.marks),
        attainment: episode.attainment.clone(),
        first: episode.first.clone(),
        steps: episode.steps.iter().enumerate().map(counted).collect(),
        goals: (0..goals).map(of_goal).collect(),
        blind: Vec::new(),
        targets: episode.targets.iter().map(target).collect(),
    })
}
