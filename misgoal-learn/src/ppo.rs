//! Proximal policy optimisation (Schulman et al. 2017, arXiv 1707.06347), one update at a time.
//!
//! Implementation details, numbered as in Huang et al. 2022 ("The 37 implementation details of proximal policy optimization"):
//! 1 environments side by side, not reset between updates; 2 orthogonal second layer, policy head scaled by 0.01, value head by 1;
//! 3 Adam with epsilon 1e-5; 4 step size annealed linearly to 0; 5 generalised advantage estimation, value targets = advantages +
//! values; 6 minibatches of shuffled samples, every sample once an epoch; 8 clipped surrogate; 10 entropy bonus; 11 gradient clipped by
//! its global norm; 12 divergence and clip fraction reported; 13 policy and value separated only in the heads: they share both layers,
//! as in the Atari variant. Rewards and observations are neither scaled nor clipped: rewards are about 1, observations are bits.
//!
//! Deviations:
//! - Advantages are normalised over the whole rollout and not over each minibatch (7): a minibatch of 2048 has the same moments.
//! - The value loss is not clipped (9): Andrychowicz et al. 2021 found that clipping hurts.
//! - Samples are shuffled within a shard, and a minibatch takes as many from each: shards need not exchange anything.
//! - An episode cut off by the step limit is bootstrapped with the value of the state it was in (Pardo et al. 2018): the limit is not
//!   part of the task, and the observation does not show the time.
//! - Every episode is on a fresh level. The first ones begin at different times of the clock, so that environments whose episodes all
//!   last to the step limit do not begin and end together.
//!
//! Determinism: a rollout and a gradient have a fixed number of shards with random streams of their own, and sums over shards are
//! taken in their order. The same settings and seed give bit-identical weights on any number of threads, and on AVX-512 and AVX2.

use misgoal_policy::simd::Kernel;
use misgoal_policy::{Architecture, Network};
use misgoal_world::rng::{mix, rng};
use misgoal_world::{Goal, World, WorldError};
use rand_core::Rng;

use crate::adam::Adam;
use crate::config::PpoConfig;
use crate::gradient::{Gradient, Transposed};
use crate::levels::LevelSource;
use crate::loss::{Coefficients, PpoLoss, Sums};
use crate::metrics::{Episodes, Metrics, TimeSplit};
use crate::parallel;
use crate::rollout::{Environments, Rollout, Stage};

/// What is trained, where and how.
pub struct Setup {
    /// The world.
    pub world: World,
    /// Where its levels come from.
    pub levels: Box<dyn LevelSource>,
    /// All declared goals; returns are reported for each.
    pub goals: Vec<Goal>,
    /// The goal whose weights are the rewards: an index into `goals`.
    pub train_on: usize,
    /// Settings.
    pub config: PpoConfig,
    /// Decides parameters, levels and actions.
    pub seed: u64,
    /// Threads to use; the result does not depend on it. One is the fastest per core.
    pub threads: usize,
    /// The instruction set; [`Kernel::best`] unless a test wants another.
    pub kernel: Kernel,
}

/// Why training cannot begin or go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrainError {
    /// A setting is out of range, or contradicts another.
    Setup(String),
    /// No level can be drawn, or the world's observations do not fit.
    World(WorldError),
    /// The weights are no longer numbers.
    Diverged {
        /// The update in which it happened.
        update: u64,
    },
    /// A snapshot is damaged or of another training.
    Snapshot(String),
}

impl std::fmt::Display for TrainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TrainError::Setup(message) | TrainError::Snapshot(message) => f.write_str(message),
            TrainError::World(error) => error.fmt(f),
            TrainError::Diverged { update } => {
                write!(f, "training diverged in update {update}: try a smaller `learning rate`")
            }
        }
    }
}

impl std::error::Error for TrainError {}

impl From<WorldError> for TrainError {
    fn from(error: WorldError) -> TrainError {
        TrainError::World(error)
    }
}

/// A part of the rollout and of the gradient.
pub(crate) struct Shard {
    pub rollout: Rollout,
    gradient: Gradient,
    order: Vec<u32>,
    sums: Sums,
}

/// A training run in progress.
pub struct Trainer {
    pub(crate) setup: Setup,
    pub(crate) network: Network,
    pub(crate) adam: Adam,
    pub(crate) shards: Vec<Shard>,
    pub(crate) updates: u64,
    pub(crate) transposed: Transposed,
}

/// The random stream of a shard's order of samples.
const ORDER: u64 = 0x0cde << 32;

impl Trainer {
    /// A run at its beginning.
    ///
    /// # Errors
    /// A setting is out of range, or a first level cannot be drawn.
    pub fn new(setup: Setup) -> Result<Trainer, TrainError> {
        let config = &setup.config;
        config.validate().map_err(TrainError::Setup)?;
        let (inputs, actions) = (setup.world.feature_count(), setup.world.action_count());
        let shape = Architecture { hidden: config.hidden, ..Architecture::new(inputs, actions) };
        let network = Network::new(shape, mix(setup.seed)).map_err(|error| TrainError::Setup(error.to_string()))?;
        let network = network.with_kernel(setup.kernel);
        let each = config.envs / config.shards;
        let stage = stage(&setup, &network, 0, &|| 0)?;
        let mut shards = Vec::with_capacity(config.shards);
        for shard in 0..config.shards {
            let environments = Environments::new(&stage, shard * each, each, config.envs)?;
            shards.push(Shard {
                rollout: Rollout::new(environments, &network),
                gradient: Gradient::new(&network),
                order: (0..(each * config.horizon) as u32).collect(),
                sums: Sums::default(),
            });
        }
        let (adam, transposed) = (Adam::new(&network), Transposed::new(&network));
        Ok(Trainer { setup, network, adam, shards, updates: 0, transposed })
    }

    /// The network as it is now.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The settings.
    pub fn config(&self) -> &PpoConfig {
        &self.setup.config
    }

    /// Updates done.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Environment steps taken.
    pub fn steps(&self) -> u64 {
        self.updates * self.setup.config.batch()
    }

    /// Whether all steps of the settings were taken.
    pub fn finished(&self) -> bool {
        self.updates >= self.setup.config.updates()
    }

    /// One rollout and what is learned from it. `clock` is read to say where the time went; results do not depend on it.
    ///
    /// # Errors
    /// A level cannot be drawn, or the weights are no longer numbers.
    pub fn step_update(&mut self, clock: &(dyn Fn() -> u64 + Sync)) -> Result<Metrics, TrainError> {
        let config = self.setup.config.clone();
        let threads = self.setup.threads;

        // Act.
        let stage = stage(&self.setup, &self.network, self.updates, clock)?;
        parallel::each(&mut self.shards, threads, |i, shard| shard.rollout.run(&stage, i))?;
        let learning = clock();
        self.normalise();

        // Learn: learning rate and entropy bonus follow the share of training that is over.
        let over = (self.updates as f64 / config.updates() as f64).min(1.0);
        let rate = config.learning_rate * if config.anneal { 1.0 - over } else { 1.0 };
        let chunk = (config.batch() as usize / config.shards).div_ceil(config.minibatches);
        let mut norms = 0.0;
        let mut sums = Sums::default();
        for epoch in 0..config.epochs {
            let (seed, stream) = (self.setup.seed, ORDER ^ (self.updates * config.epochs as u64 + epoch as u64) << 8);
            for (i, shard) in self.shards.iter_mut().enumerate() {
                shuffle(&mut shard.order, &mut rng(seed, stream ^ i as u64));
            }
            for minibatch in 0..config.minibatches {
                let members = |shard: &Shard| {
                    let end = shard.order.len();
                    (minibatch * chunk).min(end)..((minibatch + 1) * chunk).min(end)
                };
                let size: usize = self.shards.iter().map(|shard| members(shard).len()).sum();
                if size == 0 {
                    continue;
                }
                let coefficients = Coefficients {
                    actions: self.network.architecture().actions,
                    clip: config.clip as f32,
                    value: config.value as f32,
                    entropy: (config.entropy + over * (config.entropy_end - config.entropy)) as f32,
                    scale: 1.0 / size as f32,
                };
                let (network, transposed) = (&self.network, &self.transposed);
                parallel::each(&mut self.shards, threads, |_, shard| -> Result<(), TrainError> {
                    let range = members(shard);
                    let Shard { rollout, gradient, order, sums } = shard;
                    let mut loss = PpoLoss { targets: &rollout.targets, coefficients, sums: Sums::default() };
                    let samples = order.get(range).unwrap_or_default();
                    gradient.add(network, transposed, &rollout.lists, samples, &mut loss);
                    *sums = loss.sums;
                    Ok(())
                })?;
                self.shards.iter().for_each(|shard| sums.add(&shard.sums));
                let mut gradients: Vec<_> = self.shards.iter_mut().map(|shard| &mut shard.gradient.sum).collect();
                norms += self.adam.step(&mut self.network, &mut gradients, rate, config.gradient_norm);
                self.transposed.refresh(&self.network);
            }
        }
        self.updates += 1;
        if !norms.is_finite() {
            return Err(TrainError::Diverged { update: self.updates });
        }
        let mut metrics = self.metrics(&config, &sums, norms);
        metrics.learning_rate = rate;
        metrics.time.update = metrics.time.update.saturating_add(clock().saturating_sub(learning));
        Ok(metrics)
    }

    /// Shifts and scales the advantages of all shards together to mean 0 and variance 1.
    fn normalise(&mut self) {
        let targets = || self.shards.iter().flat_map(|shard| &shard.rollout.targets);
        let count = targets().count().max(1) as f64;
        let mean = targets().map(|target| f64::from(target.advantage)).sum::<f64>() / count;
        let variance = targets().map(|target| (f64::from(target.advantage) - mean).powi(2)).sum::<f64>() / count;
        let (mean, scale) = (mean as f32, (1.0 / (variance.sqrt() + 1e-8)) as f32);
        for target in self.shards.iter_mut().flat_map(|shard| &mut shard.rollout.targets) {
            target.advantage = (target.advantage - mean) * scale;
        }
    }

    fn metrics(&self, config: &PpoConfig, sums: &Sums, norms: f64) -> Metrics {
        let mut episodes = Episodes::default();
        episodes.clear(self.setup.goals.len());
        let mut time = TimeSplit::default();
        for shard in &self.shards {
            episodes.add(&shard.rollout.episodes);
            time.environment += shard.rollout.time.environment;
            time.forward += shard.rollout.time.forward;
            time.update += shard.rollout.time.update;
        }
        let samples = (config.batch() * config.epochs as u64) as f64;
        Metrics {
            updates: self.updates,
            steps: self.steps(),
            episodes: episodes.count,
            mean_length: episodes.mean(episodes.length as f64),
            goals: episodes.goals(),
            entropy: sums.entropy / samples,
            value_loss: sums.value / samples,
            policy_loss: sums.policy / samples,
            clip_fraction: sums.clipped / samples,
            divergence: sums.divergence / samples,
            gradient_norm: norms / (config.epochs * config.minibatches) as f64,
            learning_rate: 0.0,
            time,
        }
    }
}

fn stage<'a>(
    setup: &'a Setup,
    network: &'a Network,
    update: u64,
    clock: &'a (dyn Fn() -> u64 + Sync),
) -> Result<Stage<'a>, TrainError> {
    let train_on = setup.goals.get(setup.train_on).ok_or_else(|| {
        TrainError::Setup(format!(
            "`train_on` is goal {} of {}: there is no such goal",
            setup.train_on,
            setup.goals.len()
        ))
    })?;
    Ok(Stage {
        world: &setup.world,
        levels: setup.levels.as_ref(),
        goals: &setup.goals,
        train_on,
        network,
        seed: setup.seed,
        update,
        horizon: setup.config.horizon,
        gamma: setup.config.gamma as f32,
        lambda: setup.config.lambda as f32,
        clock,
    })
}

/// All samples in random order (Fisher and Yates), whatever the order before: it is no state of a run. The remainder's bias is below 1e-12 for orders of this size.
fn shuffle(order: &mut [u32], rng: &mut impl Rng) {
    order.iter_mut().zip(0..).for_each(|(to, i)| *to = i);
    for i in (1..order.len()).rev() {
        order.swap(i, (rng.next_u64() % (i as u64 + 1)) as usize);
    }
}
