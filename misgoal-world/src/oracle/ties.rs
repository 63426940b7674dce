//! Ties: what an optimal policy of one goal gets of another, depending on how it chooses among equally good actions.

use std::collections::HashMap;

use super::Oracle;
use super::graph::advance;
use super::purpose::Purpose;
use super::solve::{Ground, Solved};
use crate::rng::{Draw as _, rng};
use crate::{Cell, Events, Movement, STRIDE, State};

/// Most states that a question about ties may look at.
const MOST_STATES: usize = 1 << 18;

/// How a policy that is optimal for one goal chooses among equally good actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// In the way that is worst for the other goal; once its own has nothing left to gain, every action is taken to be as good for it, also
    /// one that would cost its own goal something.
    Worst,
    /// In the way that is best for the other goal, and after its own it goes on for the other.
    Best,
    /// Uniformly, until its own goal has nothing left to gain.
    Uniform,
}

/// How [`Oracle::rollout_optimal`] chooses among equally good actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TieBreak {
    /// The first in the order of the actions.
    First,
    /// In the way that is worst for this goal.
    Worst(usize),
    /// In the way that is best for this goal.
    Best(usize),
    /// Uniformly, from this seed.
    Seeded(u64),
}

/// An optimal episode until nothing was left to gain or the step limit came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The actions.
    pub actions: Vec<u8>,
    /// What each step reported.
    pub events: Vec<Events>,
    /// Where it ended.
    pub end: State,
}

/// The states that optimal episodes of one goal pass through, and the worth of each under some reading.
struct Ways {
    numbers: HashMap<State, u32>,
    worth: Vec<f64>,
}

/// An optimal action: what the other goal gets for the step, and from then on.
struct Way {
    reward: f64,
    rest: f64,
}

impl Oracle {
    /// `V_i(opt_j)`: the discounted return under goal `i` of a policy that is optimal for `j`, from the start.
    ///
    /// Exact, by a second dynamic programme over `j`'s optimal actions, whose plans have no cycles. Where more than 2^18 states lie on
    /// optimal plans the bound is returned that cannot mislead a lint: 0 for the worst, the optimum for the best, `NaN` for uniform ties.
    ///
    /// In worlds with chance in them, whatever the ties: the mean over episodes of the reference policy of `j`, ties broken at random.
    pub fn cross_value(&self, i: usize, j: usize, tie: Tie) -> f64 {
        if let Some(reference) = &self.reference {
            return reference.cross(&self.world, &self.level, i, j).0;
        }
        match self.ways(i, j, tie) {
            Some(ways) => ways.worth.first().copied().unwrap_or(f64::NAN),
            None => match tie {
                Tie::Worst => self.least(i, self.world.start(&self.level)).min(0.0),
                Tie::Best => self.best(i),
                Tie::Uniform => f64::NAN,
            },
        }
    }

    /// The share of goal `i` that `j`-optimal behaviour loses: `(V_i - V_i(opt_j)) / (V_i - V_i(nothing))`, where an agent that wants nothing
    /// gets the [`Oracle::baseline`]; 0 where `i` has nothing to lose.
    pub fn cross_regret(&self, i: usize, j: usize, tie: Tie) -> f64 {
        let (best, baseline) = (self.best(i), self.baseline(i));
        if best > baseline { (best - self.cross_value(i, j, tie)) / (best - baseline) } else { 0.0 }
    }

    /// Whether some `j`-optimal policy loses at least the share `c` of goal `i`: a C-distinguishing level (Abdel Sadek et al. 2025).
    pub fn distinguishes(&self, i: usize, j: usize, c: f64) -> bool {
        self.best(i) > self.baseline(i) && self.cross_regret(i, j, Tie::Worst) >= c
    }

    /// The probability that a `j`-optimal episode with uniform ties earns something of goal `i` before `j` has nothing left to gain: how
    /// often `i` is met by accident on the way. 1 where too many states would have to be looked at.
    ///
    /// In worlds with chance in them: the share of episodes of the reference policy of `j` in which `i` was paid.
    pub fn accident_rate(&self, i: usize, j: usize) -> f64 {
        if let Some(reference) = &self.reference {
            return reference.cross(&self.world, &self.level, i, j).1;
        }
        let met = |ways: &[Way]| {
            let each = ways.iter().map(|way| if way.reward > 0.0 { 1.0 } else { way.rest });
            each.sum::<f64>() / ways.len() as f64
        };
        let ways = self.ways_by(i, j, |_| 0.0, met);
        ways.map_or(1.0, |ways| ways.worth.first().copied().unwrap_or(f64::NAN))
    }

    /// Whether some `j`-optimal episode earns something of goal `i` before `j` has nothing left to gain.
    pub fn on_the_way(&self, i: usize, j: usize) -> bool {
        self.accident_rate(i, j) > 0.0
    }

    /// An optimal episode of a goal, from the start until nothing is left to gain or the step limit.
    ///
    /// In worlds with chance in them: an episode of the reference policy until its end.
    pub fn rollout_optimal(&self, goal: usize, tie: TieBreak) -> Plan {
        if let Some(reference) = &self.reference {
            return reference.plan(&self.world, &self.level, goal, tie);
        }
        let start = self.world.start(&self.level);
        let limit = self.level.steps;
        match tie {
            TieBreak::First => self.follow(goal, start, limit, |_, optimal| optimal.first().copied()),
            TieBreak::Seeded(seed) => {
                let mut rng = rng(seed, goal as u64);
                self.follow(goal, start, limit, |_, optimal| {
                    optimal.get(rng.below(optimal.len() as u32) as usize).copied()
                })
            }
            TieBreak::Worst(other) => self.follow_ways(goal, other, Tie::Worst),
            TieBreak::Best(other) => self.follow_ways(goal, other, Tie::Best),
        }
    }

    /// Whether an optimal plan goes on: something is left to gain, or a way out to be found of what costs every step.
    fn is_pending(&self, goal: usize, state: &State) -> bool {
        let value = self.value(goal, state);
        value > 0.0 || (value < 0.0 && self.aims.get(goal).is_some_and(|aim| aim.purpose.crosses))
    }

    /// Follows optimal actions, `choose` picking among them, until nothing is left to gain.
    pub(super) fn follow(
        &self,
        goal: usize,
        start: State,
        limit: u16,
        mut choose: impl FnMut(State, &[u8]) -> Option<u8>,
    ) -> Plan {
        let mut plan = Plan { actions: Vec::new(), events: Vec::new(), end: start };
        while plan.actions.len() < usize::from(limit) && self.is_pending(goal, &plan.end) {
            let Some(action) = choose(plan.end, &self.optimal_actions(goal, plan.end)) else { break };
            let (events, after, _) = advance(&self.world, &self.level, plan.end, action);
            plan.end = State { time: plan.end.time.saturating_add(1), ..after };
            plan.actions.push(action);
            plan.events.push(events);
        }
        plan
    }

    fn follow_ways(&self, goal: usize, other: usize, tie: Tie) -> Plan {
        let start = self.world.start(&self.level);
        let limit = self.level.steps;
        let Some(ways) = self.ways(other, goal, tie) else {
            return self.follow(goal, start, limit, |_, optimal| optimal.first().copied());
        };
        let worth = |state: State, action: u8| {
            let (events, after, _) = advance(&self.world, &self.level, state, action);
            let reward = self.aims.get(other).map_or(f64::NAN, |aim| aim.purpose.goal.reward(events));
            let known =
                ways.numbers.get(&self.shared(other, goal, after)).and_then(|number| ways.worth.get(*number as usize));
            let rest = known.copied().unwrap_or_else(|| self.afterwards(other, after, tie));
            reward + self.world.spec().discount * rest
        };
        self.follow(goal, start, limit, |state, optimal| {
            let by = |a: &u8, b: &u8| match tie {
                Tie::Worst => worth(state, *b).total_cmp(&worth(state, *a)),
                _ => worth(state, *a).total_cmp(&worth(state, *b)),
            };
            // `max_by` keeps the last of equals; the first is wanted.
            optimal.iter().rev().copied().max_by(by)
        })
    }

    /// The optimal actions in a state, ascending.
    pub fn optimal_actions(&self, goal: usize, state: State) -> Vec<u8> {
        if self.reference.is_some() {
            let advantages = self.advantages(goal, &state).into_iter().take(self.world.action_count());
            return (0u8..)
                .zip(advantages)
                .filter(|(_, advantage)| *advantage == 0.0)
                .map(|(action, _)| action)
                .collect();
        }
        let mut values = [0.0; crate::MAX_ACTIONS];
        self.action_values(goal, &state, &mut values);
        let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (0u8..).zip(values).filter(|(_, value)| *value == best).map(|(action, _)| action).collect()
    }

    fn ways(&self, i: usize, j: usize, tie: Tie) -> Option<Ways> {
        let discount = self.world.spec().discount;
        let worth = |way: &Way| way.reward + discount * way.rest;
        let pick = |ways: &[Way]| match tie {
            Tie::Worst => ways.iter().map(worth).fold(f64::INFINITY, f64::min),
            Tie::Best => ways.iter().map(worth).fold(f64::NEG_INFINITY, f64::max),
            Tie::Uniform => ways.iter().map(worth).sum::<f64>() / ways.len() as f64,
        };
        self.ways_by(i, j, |state| self.afterwards(i, state, tie), pick)
    }

    /// What goal `i` gets from a state in which `j` has nothing left to gain.
    fn afterwards(&self, i: usize, state: State, tie: Tie) -> f64 {
        match tie {
            _ if state.done => 0.0,
            Tie::Best => self.value(i, &state),
            Tie::Worst => self.least(i, state),
            Tie::Uniform => 0.0,
        }
    }

    /// The least that any policy gets of a goal from a state.
    fn least(&self, goal: usize, state: State) -> f64 {
        let Some(aim) = self.aims.get(goal) else { return f64::NAN };
        if self.can_idle(&aim.purpose) {
            return 0.0;
        }
        let spite = aim.spite.get_or_init(|| {
            let goal = aim.purpose.goal.clone().scaled(-1.0);
            let purpose = Purpose::new(&self.world, &self.level, &goal).ok()?;
            let ground = Ground::new(&self.world, &self.level);
            let solved = Solved::new(&self.world, &self.level, &purpose, &ground, &self.graph).ok()?;
            Some(Box::new((purpose, solved)))
        });
        spite.as_deref().map_or(f64::NAN, |(purpose, solved)| 0.0 - solved.value(purpose, &state))
    }

    /// Whether an agent can surely keep a goal from being paid for ever, because it walks: it can go back where it came from, and nothing is
    /// left there to be paid for. From the start it has come from nowhere, and a key may since have made a chest worth something.
    fn can_idle(&self, purpose: &Purpose) -> bool {
        let quiet = |cell: Cell| self.level.walls.has(cell) || !self.level.notable.has(cell);
        let start = self.level.start;
        self.world.spec().movement == Movement::Walk
            && !purpose.negative
            && purpose.locks.is_empty()
            && quiet(start)
            && [1, u16::MAX, STRIDE, STRIDE.wrapping_neg()].iter().any(|step| quiet(Cell(start.0.wrapping_add(*step))))
    }

    /// A state up to what neither of two goals can tell apart.
    fn shared(&self, i: usize, j: usize, state: State) -> State {
        let bits = |goal: usize| self.aims.get(goal).map_or(0, |aim| aim.purpose.bits);
        let full = self.world.start(&self.level).left;
        let bits = bits(i) | bits(j);
        let settles = [i, j].iter().filter_map(|goal| self.aims.get(*goal)).map(|aim| aim.purpose.settles).max();
        State { left: (state.left & bits) | (full & !bits), time: state.time.min(settles.unwrap_or(0)), ..state }
    }

    /// Backward induction over the states on `j`'s optimal plans: `last` gives the worth of a state where `j` has nothing left to gain,
    /// `pick` the worth of a state from its optimal actions. None if there are too many states.
    fn ways_by(&self, i: usize, j: usize, last: impl Fn(State) -> f64, pick: impl Fn(&[Way]) -> f64) -> Option<Ways> {
        let other = &self.aims.get(i)?.purpose.goal;
        let start = self.shared(i, j, self.world.start(&self.level));
        let mut numbers = HashMap::from([(start, 0u32)]);
        let mut states = vec![start];
        let mut edges: Vec<(u32, f64)> = Vec::new();
        let mut first = vec![0];
        let mut entries = vec![0u32];
        let mut worth = Vec::new();
        let mut next = 0;
        while let Some(&state) = states.get(next) {
            next += 1;
            if states.len() > MOST_STATES {
                return None;
            }
            let going = !state.done && self.is_pending(j, &state);
            worth.push(if going { 0.0 } else { last(state) });
            for action in if going { self.optimal_actions(j, state) } else { Vec::new() } {
                let (events, after, _) = advance(&self.world, &self.level, state, action);
                let number = *numbers.entry(self.shared(i, j, after)).or_insert_with_key(|after| {
                    states.push(*after);
                    entries.push(0);
                    states.len() as u32 - 1
                });
                if let Some(entries) = entries.get_mut(number as usize) {
                    *entries += 1;
                }
                edges.push((number, other.reward(events)));
            }
            first.push(edges.len());
        }
        let mut order = vec![0u32];
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            next += 1;
            for (number, _) in span(&edges, &first, node) {
                if let Some(entries) = entries.get_mut(*number as usize) {
                    *entries -= 1;
                    if *entries == 0 {
                        order.push(*number);
                    }
                }
            }
        }
        // A plan that goes round for ever has no last step to begin from.
        if order.len() < states.len() {
            return None;
        }
        let mut ways = Vec::new();
        for &node in order.iter().rev() {
            ways.clear();
            ways.extend(span(&edges, &first, node).iter().map(|(number, reward)| Way {
                reward: *reward,
                rest: worth.get(*number as usize).copied().unwrap_or(f64::NAN),
            }));
            if let (false, Some(worth)) = (ways.is_empty(), worth.get_mut(node as usize)) {
                *worth = pick(&ways);
            }
        }
        Some(Ways { numbers, worth })
    }
}

/// The edges of a node.
fn span<'a>(edges: &'a [(u32, f64)], first: &[usize], node: u32) -> &'a [(u32, f64)] {
    let bound = |node: usize| first.get(node).copied().unwrap_or(edges.len());
    edges.get(bound(node as usize)..bound(node as usize + 1)).unwrap_or(&[])
}
