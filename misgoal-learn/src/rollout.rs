//! Environments side by side, and the steps that a policy takes in them.

use misgoal_policy::{ActiveLists, Network, OUTPUTS, Sampled, Sampler, Scratch};
use misgoal_world::rng::{mix, rng};
use misgoal_world::{Events, Goal, Level, State, World, WorldError};

use crate::gae::{self, Step};
use crate::levels::LevelSource;
use crate::loss::Target;
use crate::metrics::{Episodes, TimeSplit};

/// What all shards read during a rollout.
pub(crate) struct Stage<'a> {
    pub world: &'a World,
    pub levels: &'a dyn LevelSource,
    pub goals: &'a [Goal],
    /// The goal whose weights are the rewards.
    pub train_on: &'a Goal,
    pub network: &'a Network,
    pub seed: u64,
    pub update: u64,
    pub horizon: usize,
    pub gamma: f32,
    pub lambda: f32,
    pub clock: &'a (dyn Fn() -> u64 + Sync),
}

/// Streams of a run's seed.
const LEVELS: u64 = 0x1e7e;
pub(crate) const ACTIONS: u64 = 0xac70 << 32;

/// One shard's environments, in structure-of-arrays form.
#[derive(Clone, Debug)]
pub(crate) struct Environments {
    /// The number of the first among all environments of the run.
    first: u64,
    /// Environments in the whole run.
    all: u64,
    pub levels: Vec<Level>,
    pub states: Vec<State>,
    /// Episodes that each environment has begun, the running one not counted: which level it is on.
    pub episodes: Vec<u64>,
    /// Events of the running episode.
    pub events: Vec<Events>,
    /// Returns of the running episode, one row of goals for each environment.
    pub returns: Vec<f64>,
}

impl Environments {
    pub fn new(stage: &Stage, first: usize, count: usize, all: usize) -> Result<Environments, WorldError> {
        let mut environments = Environments {
            first: first as u64,
            all: all as u64,
            levels: Vec::with_capacity(count),
            states: Vec::with_capacity(count),
            episodes: vec![0; count],
            events: vec![Events::NONE; count],
            returns: vec![0.0; count * stage.goals.len()],
        };
        for i in 0..count {
            let level = environments.draw(stage.levels, stage.seed, i)?;
            // The first episodes begin at different times: where all last to the step limit, a rollout would otherwise be all
            // beginnings, and the next one all ends.
            let time = (first + i) as u64 * u64::from(level.steps) / all.max(1) as u64;
            environments.states.push(State { time: time as u16, ..stage.world.start(&level) });
            environments.levels.push(level);
        }
        Ok(environments)
    }

    /// The level of environment `i`'s running episode: each of a run's episodes has a number, and the number's hash is the seed.
    pub fn draw(&self, levels: &dyn LevelSource, seed: u64, i: usize) -> Result<Level, WorldError> {
        let episode = self.episodes.get(i).copied().unwrap_or(0);
        let number = episode.wrapping_mul(self.all).wrapping_add(self.first + i as u64);
        levels.level(mix(mix(seed ^ LEVELS) ^ number))
    }
}

/// One logical part of a rollout: environments, what happened in them, and the samples made of it.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    pub environments: Environments,
    /// Observations, step by step, environment by environment; one row of environments more than there are steps.
    pub lists: ActiveLists,
    /// One for each of the first `horizon` rows of `lists`.
    pub targets: Vec<Target>,
    pub episodes: Episodes,
    pub time: TimeSplit,
    sampled: Sampled,
    rewards: Vec<f32>,
    ended: Vec<bool>,
    /// Steps that hit the step limit, and what was seen after them.
    cut: Vec<usize>,
    cut_lists: ActiveLists,
    scratch: Scratch,
    rows: Vec<f32>,
    sampler: Sampler,
}

impl Rollout {
    pub fn new(environments: Environments, network: &Network) -> Rollout {
        let shape = network.architecture();
        Rollout {
            environments,
            lists: ActiveLists::new(shape.inputs),
            targets: Vec::new(),
            episodes: Episodes::default(),
            time: TimeSplit::default(),
            sampled: Sampled::default(),
            rewards: Vec::new(),
            ended: Vec::new(),
            cut: Vec::new(),
            cut_lists: ActiveLists::new(shape.inputs),
            scratch: Scratch::new(shape),
            rows: Vec::new(),
            sampler: Sampler::new(shape.actions, network.kernel()),
        }
    }

    /// Takes `horizon` steps in every environment and computes what the loss needs of them. `shard` names the random stream.
    pub fn run(&mut self, stage: &Stage, shard: usize) -> Result<(), WorldError> {
        self.lists.clear();
        self.cut.clear();
        self.cut_lists.clear();
        self.rewards.clear();
        self.ended.clear();
        self.sampled.actions.clear();
        self.sampled.log_probs.clear();
        self.sampled.values.clear();
        self.episodes.clear(stage.goals.len());
        self.time = TimeSplit::default();
        let count = self.environments.states.len();
        let mut rng = rng(stage.seed, ACTIONS ^ stage.update << 8 ^ shard as u64);

        let mut before = (stage.clock)();
        for i in 0..count {
            self.observe(stage, i)?;
        }
        for t in 0..stage.horizon {
            let now = (stage.clock)();
            self.time.environment += now.saturating_sub(before);
            stage.network.forward_range(&self.lists, t * count, count, &mut self.scratch, &mut self.rows);
            self.sampler.sample(&self.rows, &mut rng, &mut self.sampled);
            before = (stage.clock)();
            self.time.forward += before.saturating_sub(now);
            for i in 0..count {
                self.step(stage, i, t * count + i)?;
                self.observe(stage, i)?;
            }
        }
        let now = (stage.clock)();
        self.time.environment += now.saturating_sub(before);
        self.bootstrap_cut(stage);
        self.estimate(stage, count);
        self.time.update += (stage.clock)().saturating_sub(now);
        Ok(())
    }

    /// Appends what environment `i` shows now.
    #[inline]
    fn observe(&mut self, stage: &Stage, i: usize) -> Result<(), WorldError> {
        let environments = &self.environments;
        let (Some(level), Some(state)) = (environments.levels.get(i), environments.states.get(i)) else {
            return Ok(());
        };
        push(&mut self.lists, stage.world, level, state)
    }

    /// Takes the action that was drawn for sample `at` in environment `i`, and begins a new episode where one ends.
    #[inline]
    fn step(&mut self, stage: &Stage, i: usize, at: usize) -> Result<(), WorldError> {
        let environments = &mut self.environments;
        let (Some(level), Some(state)) = (environments.levels.get_mut(i), environments.states.get_mut(i)) else {
            return Ok(());
        };
        let step = stage.world.step(level, state, self.sampled.actions.get(at).copied().unwrap_or(0));
        let goals = stage.goals.len();
        let returns = environments.returns.get_mut(i * goals..(i + 1) * goals).unwrap_or_default();
        let mut reward = 0.0;
        if step.events != Events::NONE {
            reward = stage.train_on.reward(step.events) as f32;
            returns.iter_mut().zip(stage.goals).for_each(|(sum, goal)| *sum += goal.reward(step.events));
            if let Some(events) = environments.events.get_mut(i) {
                events.0 |= step.events.0;
            }
        }
        self.rewards.push(reward);
        self.ended.push(step.done);
        if !step.done {
            return Ok(());
        }
        let cut_off = stage.world.event("timeout").is_some_and(|event| step.events.has(event));
        if cut_off {
            self.cut.push(at);
            push(&mut self.cut_lists, stage.world, level, state)?;
        }
        self.episodes.count += 1;
        self.episodes.length += u64::from(state.time);
        let events = environments.events.get(i).copied().unwrap_or_default();
        for (goal, (all, own)) in self.episodes.returns.iter_mut().zip(returns).enumerate() {
            *all += std::mem::take(own);
            let rewarded = |event| stage.goals.get(goal).and_then(|g| g.weights.get(event)).is_some_and(|w| *w > 0.0);
            if let Some(successes) = self.episodes.successes.get_mut(goal) {
                *successes += u64::from(events.iter().any(rewarded));
            }
        }
        if let (Some(events), Some(episode)) = (environments.events.get_mut(i), environments.episodes.get_mut(i)) {
            *events = Events::NONE;
            *episode += 1;
        }
        let level = environments.draw(stage.levels, stage.seed, i)?;
        if let (Some(state), Some(old)) = (environments.states.get_mut(i), environments.levels.get_mut(i)) {
            *state = stage.world.start(&level);
            *old = level;
        }
        Ok(())
    }

    /// An episode that the step limit cut off would have gone on: its last reward gets the discounted value of the state it was in.
    fn bootstrap_cut(&mut self, stage: &Stage) {
        stage.network.forward_batch(&self.cut_lists, &mut self.scratch, &mut self.rows);
        let actions = stage.network.architecture().actions;
        for (at, row) in self.cut.iter().zip(self.rows.chunks_exact(OUTPUTS)) {
            if let (Some(reward), Some(value)) = (self.rewards.get_mut(*at), row.get(actions)) {
                *reward += stage.gamma * value;
            }
        }
    }

    /// Targets of all steps; advantages not yet normalised.
    fn estimate(&mut self, stage: &Stage, count: usize) {
        let samples = stage.horizon * count;
        stage.network.forward_range(&self.lists, samples, count, &mut self.scratch, &mut self.rows);
        self.targets.resize(samples, Target::default());
        let actions = stage.network.architecture().actions;
        for i in 0..count {
            let last = self.rows.get(i * OUTPUTS + actions).copied().unwrap_or(0.0);
            let at = |t: usize| t * count + i;
            let steps = (0..stage.horizon).map(|t| {
                let (reward, value) = (self.rewards.get(at(t)), self.sampled.values.get(at(t)));
                let ended = self.ended.get(at(t)).copied().unwrap_or(true);
                (t, Step { reward: reward.copied().unwrap_or(0.0), value: value.copied().unwrap_or(0.0), ended })
            });
            gae::advantages(steps, last, stage.gamma, stage.lambda, |t, advantage| {
                let sampled = &self.sampled;
                let (action, log_prob) = (sampled.actions.get(at(t)), sampled.log_probs.get(at(t)));
                if let Some(target) = self.targets.get_mut(at(t)) {
                    *target = Target {
                        action: f32::from(action.copied().unwrap_or(0)),
                        log_prob: log_prob.copied().unwrap_or(0.0),
                        advantage,
                        value: advantage + sampled.values.get(at(t)).copied().unwrap_or(0.0),
                    };
                }
            });
        }
    }
}

/// Appends what the agent observes.
#[inline]
fn push(lists: &mut ActiveLists, world: &World, level: &Level, state: &State) -> Result<(), WorldError> {
    let pushed = lists.push_with(world.max_active(), |room| world.observe_into(level, state, room));
    pushed.map_err(|error| WorldError { part: misgoal_world::Part::View, message: error.to_string() })
}
