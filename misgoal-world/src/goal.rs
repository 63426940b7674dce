//! Goals: weights on events.

use crate::Events;

/// A goal is a reward for each event; an episode's return under any goal is read from its events, whatever the agent was trained on.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The name that verdicts use.
    pub name: String,
    /// A weight for each of the world's events, in [`crate::World::event_names`]' order.
    pub weights: Vec<f64>,
}

impl Goal {
    /// The reward for one step's events.
    #[inline]
    pub fn reward(&self, events: Events) -> f64 {
        events.iter().filter_map(|event| self.weights.get(event)).sum()
    }

    /// The discounted return of an episode's steps, folded from the last step back: `r_0 + discount * (r_1 + discount * ...)`.
    ///
    /// The oracle folds the same way, so that an optimal episode's regret is 0 to the last bit (HOUSE invariant 7).
    pub fn discounted(&self, steps: &[Events], discount: f64) -> f64 {
        steps.iter().rev().fold(0.0, |rest, events| self.reward(*events) + discount * rest)
    }

    /// The plain sum of an episode's rewards.
    pub fn total(&self, steps: &[Events]) -> f64 {
        steps.iter().map(|events| self.reward(*events)).sum()
    }

    /// This goal with every weight multiplied by `factor`.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Goal {
        self.weights.iter_mut().for_each(|weight| *weight *= factor);
        self
    }
}
