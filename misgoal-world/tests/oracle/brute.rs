//! The oracle's definition, computed the slow way: value iteration over every full state that an episode can reach.

use std::collections::HashMap;

use misgoal_world::{Cell, Events, Goal, Level, State, World};

/// All states of a level, with the time set back to when nothing depends on it any more, and every action's outcome.
pub struct Brute {
    pub states: Vec<State>,
    pub numbers: HashMap<State, usize>,
    /// For each state and action: what happens, and the next state unless the world ends the episode there.
    pub edges: Vec<Vec<(Events, Option<usize>)>>,
    discount: f64,
    /// Sweeps that change nothing by more are the last; 0 where every optimal plan is finite.
    pub tolerance: f64,
}

impl Brute {
    pub fn new(world: &World, level: &Level) -> Brute {
        let start = world.start(level);
        let timeout = world.event("timeout").unwrap();
        let mut brute = Brute {
            states: vec![start],
            numbers: HashMap::new(),
            edges: Vec::new(),
            discount: world.spec().discount,
            tolerance: 0.0,
        };
        brute.numbers.insert(start, 0);
        while brute.edges.len() < brute.states.len() {
            let state = brute.states[brute.edges.len()];
            let mut edges = Vec::new();
            for action in 0..world.action_count() as u8 {
                let mut after = state;
                let step = world.step(level, &mut after, action);
                after.time = after.time.min(level.settles());
                assert!(!step.events.has(timeout), "tests need a step limit above 1");
                let next = (!step.done).then(|| {
                    *brute.numbers.entry(after).or_insert_with(|| {
                        brute.states.push(after);
                        brute.states.len() - 1
                    })
                });
                edges.push((step.events, next));
            }
            brute.edges.push(edges);
        }
        brute
    }

    /// Sweeps `update` from all zeros until not a bit changes. With penalties, what a sweep cannot yet see fades by the discount, and would
    /// stop fading at the least number above 0: what is smaller than any value is 0.
    fn settle(&self, update: impl Fn(usize, &dyn Fn(Option<usize>) -> f64) -> f64) -> Vec<f64> {
        let mut values = vec![0.0; self.states.len()];
        loop {
            let onward = |next: Option<usize>| next.map_or(0.0, |next| values[next]);
            let swept: Vec<f64> = (0..values.len()).map(|state| update(state, &onward)).map(flush).collect();
            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= self.tolerance;
            if swept.iter().zip(&values).all(near) {
                return swept;
            }
            values = swept;
        }
    }

    /// The value of each action in a state.
    pub fn action_values(&self, goal: &Goal, values: &[f64], state: usize) -> Vec<f64> {
        let onward = |next: Option<usize>| next.map_or(0.0, |next| values[next]);
        let worth = |(events, next): &(Events, Option<usize>)| goal.reward(*events) + self.discount * onward(*next);
        self.edges[state].iter().map(worth).collect()
    }

    /// `V*_g` of every state.
    pub fn values(&self, goal: &Goal) -> Vec<f64> {
        self.settle(|state, onward| {
            let worth = |(events, next): &(Events, Option<usize>)| goal.reward(*events) + self.discount * onward(*next);
            self.edges[state].iter().map(worth).fold(f64::NEG_INFINITY, f64::max)
        })
    }

    /// The value under goal `of` of every state when actions must be optimal for `by` (whose values are given), chosen among by `pick`.
    /// `idle`: nothing more happens once `by` has nothing left to gain.
    pub fn restricted(&self, of: &Goal, by: &Goal, values: &[f64], idle: bool, pick: fn(&[f64]) -> f64) -> Vec<f64> {
        self.settle(|state, onward| {
            if idle && values[state] == 0.0 {
                return 0.0;
            }
            let optimal = self.action_values(by, values, state).into_iter().map(|value| value == values[state]);
            let worth = |(events, next): &(Events, Option<usize>)| of.reward(*events) + self.discount * onward(*next);
            let all: Vec<f64> =
                self.edges[state].iter().zip(optimal).filter(|(_, optimal)| *optimal).map(|(e, _)| worth(e)).collect();
            pick(&all)
        })
    }

    /// The probability that an episode that is optimal for `by`, with uniform ties, is paid by `of` before `by` has nothing left to gain.
    pub fn accident(&self, of: &Goal, by: &Goal, values: &[f64]) -> f64 {
        let rates = self.settle(|state, onward| {
            if values[state] == 0.0 {
                return 0.0;
            }
            let optimal = self.action_values(by, values, state).into_iter().map(|value| value == values[state]);
            let all: Vec<f64> = self.edges[state]
                .iter()
                .zip(optimal)
                .filter(|(_, optimal)| *optimal)
                .map(|((events, next), _)| if of.reward(*events) > 0.0 { 1.0 } else { onward(*next) })
                .collect();
            all.iter().sum::<f64>() / all.len() as f64
        });
        rates[0]
    }

    /// The least number of steps from every state until the agent is on a cell. Nothing may end the episode.
    pub fn steps(&self, target: Cell) -> Vec<Option<u16>> {
        let mut steps: Vec<Option<u16>> = self.states.iter().map(|state| (state.cell == target).then_some(0)).collect();
        loop {
            let before = steps.clone();
            for (state, edges) in self.edges.iter().enumerate() {
                let nearest = edges.iter().filter_map(|(_, next)| before[next.unwrap()]).min();
                if before[state].is_none() {
                    steps[state] = nearest.map(|steps| steps + 1);
                }
            }
            if steps == before {
                return steps;
            }
        }
    }

    /// The value of the uniformly random policy from the start over `steps` steps.
    pub fn random(&self, goal: &Goal, steps: u16) -> f64 {
        let mut values = vec![0.0; self.states.len()];
        for _ in 0..steps {
            values = (0..values.len())
                .map(|state| {
                    let all = self.action_values(goal, &values, state);
                    all.iter().sum::<f64>() / all.len() as f64
                })
                .collect();
        }
        values[0]
    }
}

fn flush(value: f64) -> f64 {
    if value.abs() < 1e-200 { 0.0 } else { value }
}
