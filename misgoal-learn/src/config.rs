//! What proximal policy optimisation can be told.

/// The settings of a training run. The defaults suit grid worlds with rewards of about 1.
#[derive(Clone, Debug, PartialEq)]
pub struct PpoConfig {
    /// Environment steps to train for; rounded up to whole updates.
    pub steps: u64,
    /// Environments side by side, a multiple of `shards`.
    pub envs: usize,
    /// Steps of every environment between updates.
    pub horizon: usize,
    /// Passes over the steps of an update.
    pub epochs: usize,
    /// Minibatches in a pass.
    pub minibatches: usize,
    /// Step size of Adam in the first update.
    pub learning_rate: f64,
    /// Whether the step size falls linearly to 0 at the end of training.
    pub anneal: bool,
    /// The value of a reward one step later while training, in `[0, 1]`.
    pub gamma: f64,
    /// Weighting of longer advantage estimates, in `[0, 1]`.
    pub lambda: f64,
    /// How far the probability ratio may move before its gradient is cut.
    pub clip: f64,
    /// Weight of the policy's entropy in the first update.
    pub entropy: f64,
    /// Weight of the policy's entropy in the last update; linear in between.
    pub entropy_end: f64,
    /// Weight of the value's squared error.
    pub value: f64,
    /// Longest gradient; longer ones are scaled down.
    pub gradient_norm: f64,
    /// Units of the two hidden layers.
    pub hidden: [usize; 2],
    /// Logical parts of every rollout and gradient, each with a random stream of its own. They belong to the experiment and not to the
    /// machine: the same number gives the same weights on any number of threads, another number other weights.
    pub shards: usize,
}

impl Default for PpoConfig {
    fn default() -> PpoConfig {
        PpoConfig {
            steps: 2_000_000,
            envs: 256,
            horizon: 32,
            epochs: 3,
            minibatches: 4,
            learning_rate: 5e-3,
            anneal: true,
            gamma: 0.99,
            lambda: 0.95,
            clip: 0.2,
            entropy: 0.01,
            entropy_end: 0.01,
            value: 0.5,
            gradient_norm: 0.5,
            hidden: [64, 64],
            shards: 4,
        }
    }
}

impl PpoConfig {
    /// Environment steps in an update.
    pub fn batch(&self) -> u64 {
        (self.envs * self.horizon) as u64
    }

    /// Updates in the whole training.
    pub fn updates(&self) -> u64 {
        self.steps.div_ceil(self.batch().max(1))
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// A sentence that names the setting, its value and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        let whole = [
            ("envs", self.envs, 1 << 16),
            ("horizon", self.horizon, 1 << 12),
            ("epochs", self.epochs, 100),
            ("minibatches", self.minibatches, 1 << 12),
            ("shards", self.shards, 64),
        ];
        for (name, value, most) in whole {
            if !(1..=most).contains(&value) {
                return Err(format!("`{name}` is `{value}`: give a whole number from 1 to {most}"));
            }
        }
        if self.steps == 0 {
            return Err("`steps` is `0`: give the number of environment steps to train for".to_owned());
        }
        if !self.envs.is_multiple_of(self.shards) {
            return Err(format!("`envs` is `{}`: give a multiple of `shards`, which is `{}`", self.envs, self.shards));
        }
        let per_shard = self.envs / self.shards * self.horizon;
        if self.minibatches > per_shard {
            let what = "more minibatches than steps in a shard";
            return Err(format!("`minibatches` is `{}`: {what}, give at most {per_shard}", self.minibatches));
        }
        let real = [
            ("learning rate", self.learning_rate, 0.0, 1.0),
            ("gamma", self.gamma, 0.0, 1.0),
            ("lambda", self.lambda, 0.0, 1.0),
            ("clip", self.clip, 0.0, 10.0),
            ("entropy", self.entropy, 0.0, 10.0),
            ("entropy end", self.entropy_end, 0.0, 10.0),
            ("value", self.value, 0.0, 100.0),
            ("gradient norm", self.gradient_norm, 0.0, 1e6),
        ];
        for (name, value, least, most) in real {
            if !(least..=most).contains(&value) {
                return Err(format!("`{name}` is `{value}`: give a number from {least} to {most}"));
            }
        }
        Ok(())
    }
}
