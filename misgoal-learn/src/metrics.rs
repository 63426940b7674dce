//! What an update reports.

/// One update: a rollout and what was learned from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Updates so far, this one included.
    pub updates: u64,
    /// Environment steps so far.
    pub steps: u64,
    /// Episodes that finished in this update's rollout.
    pub episodes: u64,
    /// Their mean length in steps; `None` when none finished.
    pub mean_length: Option<f64>,
    /// One for each declared goal, in their order.
    pub goals: Vec<GoalMetrics>,
    /// Mean entropy of the policy, nats.
    pub entropy: f64,
    /// Mean of half the squared error of the value.
    pub value_loss: f64,
    /// Mean clipped surrogate, negated.
    pub policy_loss: f64,
    /// Share of samples whose probability ratio left the clip range.
    pub clip_fraction: f64,
    /// Estimated divergence from the policy that acted, nats (Schulman's `r - 1 - ln r`).
    pub divergence: f64,
    /// Mean length of the gradient before clipping.
    pub gradient_norm: f64,
    /// Adam's step size in this update.
    pub learning_rate: f64,
    /// Where the time went.
    pub time: TimeSplit,
}

/// How the finished episodes did under one goal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GoalMetrics {
    /// Mean undiscounted return; `None` when no episode finished.
    pub mean_return: Option<f64>,
    /// Share of episodes in which an event happened that the goal rewards; `None` when no episode finished.
    pub success: Option<f64>,
}

/// Time by the caller's clock, in its unit (nanoseconds by convention). With several threads the first two are the sum over shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeSplit {
    /// Stepping, observing, drawing levels.
    pub environment: u64,
    /// Forward passes and drawing actions in rollouts.
    pub forward: u64,
    /// Advantages, gradients, Adam.
    pub update: u64,
}

/// Sums over finished episodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Episodes {
    pub count: u64,
    pub length: u64,
    pub returns: Vec<f64>,
    pub successes: Vec<u64>,
}

impl Episodes {
    pub fn clear(&mut self, goals: usize) {
        *self = Episodes { returns: vec![0.0; goals], successes: vec![0; goals], ..Episodes::default() };
    }

    pub fn add(&mut self, other: &Episodes) {
        self.count += other.count;
        self.length += other.length;
        self.returns.iter_mut().zip(&other.returns).for_each(|(to, x)| *to += x);
        self.successes.iter_mut().zip(&other.successes).for_each(|(to, x)| *to += x);
    }

    pub fn mean(&self, sum: f64) -> Option<f64> {
        (self.count > 0).then(|| sum / self.count as f64)
    }

    pub fn goals(&self) -> Vec<GoalMetrics> {
        let one = |(sum, successes): (&f64, &u64)| GoalMetrics {
            mean_return: self.mean(*sum),
            success: self.mean(*successes as f64),
        };
        self.returns.iter().zip(&self.successes).map(one).collect()
    }
}
