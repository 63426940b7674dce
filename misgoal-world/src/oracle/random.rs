//! The value of the uniformly random policy over the step limit.

use std::collections::HashMap;

use super::Oracle;
use super::graph::advance;
use crate::rng::{Draw as _, rng};

/// Most products that the exact computation may take (some ten milliseconds).
const MOST_WORK: usize = 1 << 23;
/// Episodes of a simulated value.
const EPISODES: u32 = 2048;
/// The stream of random numbers of simulated values.
const STREAM: u64 = 0x7261_6e64;

/// A mean and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub mean: f64,
    /// Its standard error; 0 where it is exact.
    pub standard_error: f64,
}

impl Oracle {
    /// The value of the uniformly random policy from the start over the step limit; computed when first asked for.
    pub fn random(&self, goal: usize) -> f64 {
        self.random_estimate(goal).mean
    }

    /// [`Oracle::random`] with its standard error. Exact by dynamic programming over the steps left where few states matter to the goal;
    /// otherwise the mean of 2048 episodes of a pinned generator.
    pub fn random_estimate(&self, goal: usize) -> Estimate {
        if let Some(reference) = &self.reference {
            return reference.random(&self.world, &self.level, goal);
        }
        let Some(aim) = self.aims.get(goal) else { return Estimate { mean: f64::NAN, standard_error: f64::NAN } };
        *aim.random.get_or_init(|| match self.random_exact(goal) {
            Some(mean) => Estimate { mean, standard_error: 0.0 },
            None => self.random_simulated(goal),
        })
    }

    /// What an agent gets of a goal that wants nothing: the random policy's value, or 0 where random walking loses more than it gains and
    /// there is something to gain. Otherwise whoever loses less than a random walker, who stumbles about in lava, would count as having attained most
    /// of a goal that it misses.
    ///
    /// In worlds with chance in them always the random policy's: what moves comes to an agent that wants nothing, and 0 is not to be had.
    pub fn baseline(&self, goal: usize) -> f64 {
        let random = self.random(goal);
        if self.is_exact() && self.best(goal) > 0.0 { random.max(0.0) } else { random }
    }

    /// Backward induction over the states that the goal can tell apart; none if those are too many.
    fn random_exact(&self, goal: usize) -> Option<f64> {
        let purpose = &self.aims.get(goal)?.purpose;
        let (world, level) = (&self.world, &self.level);
        let spec = world.spec();
        let actions = world.action_count();
        let most = MOST_WORK / (actions * usize::from(level.steps).max(1));
        let start = purpose.reduced(world.start(level));
        let mut numbers = HashMap::from([(start, 0u32)]);
        let mut states = vec![start];
        // For every state and action the successor, or `u32::MAX` where nothing is left to gain or lose, and the reward.
        let mut edges: Vec<(u32, f64)> = Vec::new();
        let mut next = 0;
        while let Some(&state) = states.get(next) {
            next += 1;
            if states.len() > most {
                return None;
            }
            for action in 0..actions as u8 {
                let (events, after, ended) = advance(world, level, state, action);
                let after = purpose.reduced(after);
                let number = if ended || purpose.is_spent(after.left) {
                    u32::MAX
                } else {
                    *numbers.entry(after).or_insert_with(|| {
                        states.push(after);
                        states.len() as u32 - 1
                    })
                };
                edges.push((number, purpose.goal.reward(events)));
            }
        }
        let share = 1.0 / actions as f64;
        let mut values = vec![0.0; states.len()];
        let mut later = values.clone();
        for _ in 0..level.steps {
            std::mem::swap(&mut values, &mut later);
            for (value, edges) in values.iter_mut().zip(edges.chunks_exact(actions)) {
                let onward = |number: u32| later.get(number as usize).copied().unwrap_or(0.0);
                let sum: f64 = edges.iter().map(|(number, reward)| reward + spec.discount * onward(*number)).sum();
                *value = share * sum;
            }
        }
        values.first().copied()
    }

    fn random_simulated(&self, goal: usize) -> Estimate {
        let Some(aim) = self.aims.get(goal) else { return Estimate { mean: f64::NAN, standard_error: f64::NAN } };
        let mut rng = rng(STREAM, goal as u64);
        let actions = self.world.action_count() as u32;
        let discount = self.world.spec().discount;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..EPISODES {
            let mut state = self.world.start(&self.level);
            let (mut weight, mut total) = (1.0, 0.0);
            while !state.done && !aim.purpose.is_spent(state.left) {
                let step = self.world.step(&self.level, &mut state, rng.below(actions) as u8);
                total += weight * aim.purpose.goal.reward(step.events);
                weight *= discount;
            }
            sum += total;
            squares += total * total;
        }
        let episodes = f64::from(EPISODES);
        let mean = sum / episodes;
        let variance = (squares - episodes * mean * mean).max(0.0) / (episodes - 1.0);
        Estimate { mean, standard_error: (variance / episodes).sqrt() }
    }
}
