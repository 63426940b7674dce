//! The oracle: exact optimal values and advantages of every goal on a level.
//!
//! A value is the most discounted return that any policy gets from a state, over an infinite horizon: the time left is ignored, and
//! levels are generated such that optimal plans fit the step limit ([`Oracle::solvable`] says whether one does). Worlds are
//! deterministic and every event pays once, so an optimal plan is finite. Values are folded as [`Goal::discounted`] folds a return; so
//! an optimal episode's regret is exactly 0, and no episode's is negative, because rounding keeps order (HOUSE invariant 7). The one
//! exception: where a goal has negative weights and an episode is cut off on its way into a penalty that it could no longer avoid.
//!
//! Three solvers, by what the goal needs; `docs/algorithms/oracle.md` has the arguments:
//! - `field`: one target of a walking agent: a bitboard flood fill;
//! - `tour`: several things, keys and chests, for a walking agent: dynamic programming over what is left and the thing last reached;
//! - `dense`: everything else (platforms, negative weights, an order of beacons, wide zones among other things): layered best-first values over
//!   places, jump phases and what is left; for goals that follow a guide, over the time until it stands as well (`timed`).

mod cross;
mod dense;
mod field;
mod fold;
mod graph;
mod purpose;
mod random;
mod reach;
mod reference;
mod sets;
mod solve;
mod ties;
mod timed;
mod tour;
mod trips;

use std::sync::{Arc, OnceLock};

pub(crate) use field::{FAR, Field};
pub use random::Estimate;
pub use reach::Reach;
pub use reference::EPISODES as REFERENCE_EPISODES;
pub use ties::{Plan, Tie, TieBreak};

use crate::{Goal, Level, MAX_ACTIONS, State, World, WorldError};
use graph::{Graph, advance};
use purpose::{Purpose, ends_somewhere, refusal};
use reference::Reference;
use solve::Solved;

/// The lowest advantage, in steps: beyond it an action is as bad as can be.
pub const WORST_ADVANTAGE: f64 = -3.0;

/// One level, solved for all goals. Goals are numbered as they were given; a number beyond them has the value `NaN` everywhere.
#[derive(Clone, Debug)]
pub struct Oracle {
    world: World,
    level: Level,
    aims: Vec<Aim>,
    graph: OnceLock<Arc<Graph>>,
    /// In worlds with chance in them, instead of solved aims.
    reference: Option<Box<Reference>>,
}

/// A goal and what is known of it.
#[derive(Clone, Debug)]
struct Aim {
    purpose: Purpose,
    solved: Solved,
    best: f64,
    random: OnceLock<Estimate>,
    /// The goal with its weights negated: what the worst of all policies gets.
    spite: OnceLock<Option<Box<(Purpose, Solved)>>>,
}

impl Oracle {
    /// Solves a level for all goals, with the world's discount.
    ///
    /// # Errors
    /// A goal weighs `timeout`, gains from what is crossed again and again or has a weight that is not finite, or depends on more combinations of things than can be held.
    pub fn solve(world: &World, level: &Level, goals: &[Goal]) -> Result<Oracle, WorldError> {
        let graph = OnceLock::new();
        if world.is_lively() {
            goals.iter().try_for_each(|goal| Purpose::new(world, level, goal).map(|_| ()))?;
            let reference = Some(Box::new(Reference::new(world, level, goals)));
            return Ok(Oracle { world: world.clone(), level: level.clone(), aims: Vec::new(), graph, reference });
        }
        let ground = solve::Ground::new(world, level);
        let aims = goals.iter().map(|goal| {
            ends_somewhere(world, goal)?;
            let purpose = Purpose::new(world, level, goal)?;
            let solved = Solved::new(world, level, &purpose, &ground, &graph)?;
            let best = solved.value(&purpose, &world.start(level));
            Ok(Aim { purpose, solved, best, random: OnceLock::new(), spite: OnceLock::new() })
        });
        let aims = aims.collect::<Result<Vec<Aim>, WorldError>>()?;
        Ok(Oracle { world: world.clone(), level: level.clone(), aims, graph, reference: None })
    }

    /// The world that the level is of.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The level.
    pub fn level(&self) -> &Level {
        &self.level
    }

    /// How many goals were solved.
    pub fn goal_count(&self) -> usize {
        self.reference.as_ref().map_or(self.aims.len(), |reference| reference.goal_count())
    }

    /// Whether values are exact. In worlds where things move or regrow by chance they are those of a reference planner: what is called best is the
    /// mean return of a good scripted policy over [`REFERENCE_EPISODES`] episodes, and an agent may do better.
    pub fn is_exact(&self) -> bool {
        self.reference.is_none()
    }

    /// The optimal value of the start, `V*_g`.
    pub fn best(&self, goal: usize) -> f64 {
        if let Some(reference) = &self.reference {
            return if goal < reference.goal_count() {
                reference.best(&self.world, &self.level, goal)
            } else {
                f64::NAN
            };
        }
        self.aims.get(goal).map_or(f64::NAN, |aim| aim.best)
    }

    /// The optimal value of a state; 0 once the episode is over, `NaN` for a place or phase that no episode reaches.
    #[inline]
    pub fn value(&self, goal: usize, state: &State) -> f64 {
        if let Some(reference) = &self.reference {
            return reference.value(&self.world, &self.level, goal, state);
        }
        self.aims.get(goal).map_or(f64::NAN, |aim| aim.solved.value(&aim.purpose, state))
    }

    /// The optimal value of each action in a state, `Q*(s, a) = r + discount * V*(s')`: all 0 once the episode is over; negative infinity for
    /// actions that the world does not have.
    pub fn action_values(&self, goal: usize, state: &State, out: &mut [f64; MAX_ACTIONS]) {
        *out = [f64::NEG_INFINITY; MAX_ACTIONS];
        if let Some(reference) = &self.reference {
            // The other way round: values that have the rule's advantages.
            let advantages = reference.advantages(&self.world, &self.level, goal, state);
            let best = reference.value(&self.world, &self.level, goal, state);
            let unit = (1.0 - self.world.spec().discount) * if best > 0.0 { best } else { 1.0 };
            for (out, advantage) in out.iter_mut().zip(advantages).take(self.world.action_count()) {
                *out = best + unit * advantage;
            }
            return;
        }
        for (action, value) in (0u8..).zip(out.iter_mut()).take(self.world.action_count()) {
            *value = if state.done { 0.0 } else { self.action_value(goal, *state, action).0 };
        }
    }

    /// An action's value and the state that follows.
    fn action_value(&self, goal: usize, state: State, action: u8) -> (f64, State) {
        let (events, after, _) = advance(&self.world, &self.level, state, action);
        let reward = self.aims.get(goal).map_or(f64::NAN, |aim| aim.purpose.goal.reward(events));
        (reward + self.world.spec().discount * self.value(goal, &after), after)
    }

    /// Each action's advantage in units of one step's cost, `(Q - V) / ((1 - discount) * V)`, clipped below at
    /// [`WORST_ADVANTAGE`]: -1 is a step wasted.
    ///
    /// Optimal actions have exactly 0: values are folded alike, so plans that are equally good have equal bits and no tolerance is
    /// needed. Where `V` is 0 nothing is left to gain and every action has 0. Only goals with negative weights know worse: where nothing can
    /// be gained, an action that loses has [`WORST_ADVANTAGE`]. So have the actions that the world does not have.
    pub fn advantages(&self, goal: usize, state: &State) -> [f64; MAX_ACTIONS] {
        if let Some(reference) = &self.reference {
            return reference.advantages(&self.world, &self.level, goal, state);
        }
        let mut values = [0.0; MAX_ACTIONS];
        self.action_values(goal, state, &mut values);
        let best = values.iter().fold(f64::NEG_INFINITY, |best, value| best.max(*value));
        let unit = (1.0 - self.world.spec().discount) * best;
        values.map(|value| match () {
            () if value == best => 0.0,
            () if unit > 0.0 => ((value - best) / unit).max(WORST_ADVANTAGE),
            () => WORST_ADVANTAGE,
        })
    }

    /// The length of an optimal plan until nothing is left to gain; none where nothing can be gained from the start.
    /// In worlds with chance in them the step limit, where a reference policy does better than wanting nothing.
    pub fn optimal_steps(&self, goal: usize) -> Option<u16> {
        if self.reference.is_some() {
            return (self.best(goal) > self.baseline(goal)).then_some(self.level.steps);
        }
        let aim = self.aims.get(goal).filter(|aim| aim.best > 0.0)?;
        let start = self.world.start(&self.level);
        match aim.solved.plan_steps(&aim.purpose, &start) {
            Some(steps) => Some(steps),
            None => {
                u16::try_from(self.follow(goal, start, u16::MAX, |_, optimal| optimal.first().copied()).actions.len())
                    .ok()
            }
        }
    }

    /// Whether the level can be solved for a goal: it can be reached, and an optimal plan fits the step limit. A goal that gains nothing is solved by
    /// keeping away from what it loses by, where a random walker would come to it.
    ///
    /// # Errors
    /// Says what fails.
    pub fn solvable(&self, goal: usize) -> Result<(), WorldError> {
        let limit = self.level.steps;
        let exact = self.aims.get(goal).map(|aim| aim.purpose.goal.name.as_str());
        let name = exact.or(self.reference.as_ref().map(|all| all.goal_name(goal))).unwrap_or("");
        match self.optimal_steps(goal) {
            None if self.best(goal) > self.baseline(goal) => Ok(()),
            None => Err(refusal(format!(
                "goal `{name}` cannot gain anything in this level: nothing that it rewards can be reached from the start"
            ))),
            Some(steps) if steps > limit => Err(refusal(format!(
                "goal `{name}` needs {steps} steps in this level, but an episode ends after {limit}: raise the step limit"
            ))),
            Some(_) => Ok(()),
        }
    }

    /// Distances to a cell, as if entering it were the goal: for targets that no goal names. Searched anew at each call.
    pub fn reach(&self, cell: crate::Cell) -> Reach {
        Reach::new(self.graph().clone(), cell, self.world.spec().discount)
    }

    /// The movement graph, explored when it is first needed.
    fn graph(&self) -> &Arc<Graph> {
        self.graph.get_or_init(|| {
            let still = self.world.is_lively().then(|| self.world.still());
            Arc::new(Graph::new(still.as_ref().unwrap_or(&self.world), &self.level))
        })
    }
}
