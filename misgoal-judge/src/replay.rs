//! Replays recorded actions and reads off what the likelihoods need.

use std::collections::BTreeMap;
use std::fmt;

use misgoal_world::{Cell, Events, Goal, Oracle, State};

use crate::blind;
use crate::candidates::candidates;
use crate::trace::{Advantages, Counted, Target, Trace};

/// Visits to a state that count. Dwelling would add evidence without limit; the rule looks at the past only, so that
/// e-values stay valid.
const VISITS: u32 = 2;
/// Below this difference between the best return and that of wanting nothing a goal is nothing to attain on a level.
const SPAN: f64 = 1e-9;

/// One recorded episode.
#[derive(Clone, Copy)]
pub struct Trial<'a> {
    /// The level, solved for every goal.
    pub oracle: &'a Oracle,
    /// The actions taken, from the level's start to the episode's end.
    pub actions: &'a [u8],
}

/// Why recorded episodes cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JudgeError {
    /// There is no goal, or no proxy.
    NoProxy,
    /// No shifted episode was given.
    NoEpisodes,
    /// An action that this world does not have.
    UnknownAction {
        /// The action.
        action: u8,
        /// The world's number of actions.
        actions: usize,
    },
    /// More components than a mixture holds.
    TooManyGoals {
        /// Declared goals.
        goals: usize,
    },
    /// Comparisons of some of the episodes only.
    Uncompared {
        /// Comparisons.
        compared: usize,
        /// Episodes.
        shifted: usize,
    },
}

impl JudgeError {
    /// What must hold before anything is judged.
    pub(crate) fn check(goals: usize, shifted: usize) -> Result<(), JudgeError> {
        match (goals, shifted) {
            (0 | 1, _) => Err(JudgeError::NoProxy),
            (201.., _) => Err(JudgeError::TooManyGoals { goals }),
            (_, 0) => Err(JudgeError::NoEpisodes),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for JudgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProxy => f.write_str("nothing to tell apart: declare the intended goal and at least one proxy"),
            Self::NoEpisodes => f.write_str("no shifted episode to judge: record at least one"),
            Self::UnknownAction { action, actions } => {
                write!(
                    f,
                    "action `{action}` in an episode: this world has the actions 0 to {}",
                    actions.saturating_sub(1)
                )
            }
            Self::TooManyGoals { goals } => write!(f, "`{goals}` goals: a judgement tells at most 200 apart"),
            Self::Uncompared { compared, shifted } => {
                write!(f, "`{compared}` comparisons of {shifted} episodes: give one for each, or none")
            }
        }
    }
}

impl std::error::Error for JudgeError {}

/// Attainment of a return between that of wanting nothing and the best: `clip((J - J_0) / (J* - J_0), 0, 1)`, `J_0` the random policy's return or 0,
/// whichever is more ([`Oracle::baseline`]).
///
/// 0 for a goal that the level gives nothing to attain of.
pub fn attainment(value: f64, baseline: f64, best: f64) -> f64 {
    if best - baseline <= SPAN {
        return 0.0;
    }
    ((value - baseline) / (best - baseline)).clamp(0.0, 1.0)
}

/// Whether an agent can do better than one that wants nothing: a level where it cannot says nothing.
pub(crate) fn is_usable(trial: &Trial<'_>) -> bool {
    trial.oracle.best(0) - trial.oracle.baseline(0) > SPAN
}

/// Replays an episode. Candidate targets are worked out on shifted levels only (`unlisted`).
pub(crate) fn replay(goals: &[Goal], trial: &Trial<'_>, unlisted: bool) -> Result<Trace, JudgeError> {
    let (world, level) = (trial.oracle.world(), trial.oracle.level());
    let actions = world.action_count();
    let mut state = world.start(level);
    let mut visits: BTreeMap<(Cell, u8, u32), u32> = BTreeMap::new();
    let mut visited = vec![state];
    let mut events: Vec<Events> = Vec::with_capacity(trial.actions.len());
    let mut trace = Trace {
        actions,
        marks: 0,
        attainment: Vec::new(),
        first: Vec::new(),
        steps: Vec::new(),
        goals: vec![Vec::new(); goals.len()],
        blind: Vec::new(),
        targets: Vec::new(),
    };
    let mut states: Vec<State> = Vec::new();
    let mut previous = None;
    for (at, &action) in trial.actions.iter().enumerate() {
        if usize::from(action) >= actions {
            return Err(JudgeError::UnknownAction { action, actions });
        }
        if state.done {
            break;
        }
        let count = visits.entry((state.cell, state.rise, state.left)).or_insert(0);
        *count += 1;
        if *count <= VISITS {
            trace.steps.push(Counted { action, previous, at });
            states.push(state);
            for (goal, list) in trace.goals.iter_mut().enumerate() {
                list.push(trial.oracle.advantages(goal, &state));
            }
        }
        let step = world.step(level, &mut state, action);
        if trace.first.is_empty() {
            trace.first =
                (0..goals.len()).filter(|&g| goals.get(g).is_some_and(|g| g.reward(step.events) > 0.0)).collect();
        }
        events.push(step.events);
        visited.push(state);
        previous = Some(action);
    }
    let discount = world.spec().discount;
    trace.attainment = goals
        .iter()
        .enumerate()
        .map(|(index, goal)| {
            attainment(goal.discounted(&events, discount), trial.oracle.baseline(index), trial.oracle.best(index))
        })
        .collect();
    if unlisted {
        let blind = |goal: &Goal| states.iter().map(|s| blind::advantages(trial.oracle, goal, s)).collect();
        trace.blind = goals.iter().filter_map(blind).collect();
        trace.targets = targets(trial.oracle, goals, &trace.steps, &states, &visited);
    }
    Ok(trace)
}

/// The advantages of every candidate target at the counted steps; none once the target has been reached.
fn targets(oracle: &Oracle, goals: &[Goal], steps: &[Counted], states: &[State], visited: &[State]) -> Vec<Target> {
    candidates(oracle.world(), oracle.level(), goals)
        .into_iter()
        .filter_map(|candidate| {
            let reach = oracle.reach(candidate.cell);
            reach.steps(visited.first()?)?;
            let reached = visited.iter().position(|state| state.cell == candidate.cell).unwrap_or(usize::MAX);
            let advantages = steps
                .iter()
                .zip(states)
                .map(|(step, state)| if step.at >= reached { Advantages::default() } else { reach.advantages(state) })
                .collect();
            Some(Target { name: candidate.name, advantages })
        })
        .collect()
}
