//! Whatever acts in a world: networks here, scripted reference agents beside them.

use misgoal_world::rng::{Rng, rng};
use misgoal_world::{Level, State, World};

use crate::{Network, OUTPUTS, Sampled, Sampler, Scratch, greedy};

/// The stream of an episode's seed from which actions are drawn.
const STREAM: u64 = 0xac7;

/// Something that acts. An episode is determined by the world, the level, the agent and the seed.
pub trait Agent {
    /// An episode begins: forget the last one, draw from `seed` from now on.
    fn begin(&mut self, world: &World, level: &Level, seed: u64);
    /// The action to take, an index into [`World::action_names`].
    fn act(&mut self, world: &World, level: &Level, state: &State) -> u8;
}

/// How an action is chosen from logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Choice {
    /// Drawn from the softmax: the policy that was trained.
    #[default]
    Sample,
    /// The most probable action, the first of several.
    Greedy,
}

/// A network acting. Where the network's inputs are not those of the world it takes action 0: check
/// [`crate::Architecture::inputs`] against [`World::feature_count`] before.
#[derive(Clone, Debug)]
pub struct NetworkAgent {
    network: Network,
    choice: Choice,
    scratch: Scratch,
    sampler: Sampler,
    sampled: Sampled,
    active: Vec<u16>,
    rng: Rng,
}

impl NetworkAgent {
    /// The network acts by `choice`.
    pub fn new(network: Network, choice: Choice) -> NetworkAgent {
        let (scratch, actions) = (Scratch::new(network.architecture()), network.architecture().actions);
        let sampler = Sampler::new(actions, network.kernel());
        let sampled = Sampled::default();
        NetworkAgent { network, choice, scratch, sampler, sampled, active: Vec::new(), rng: rng(0, STREAM) }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

impl Agent for NetworkAgent {
    fn begin(&mut self, _world: &World, _level: &Level, seed: u64) {
        self.rng = rng(seed, STREAM);
    }

    fn act(&mut self, world: &World, level: &Level, state: &State) -> u8 {
        self.active.clear();
        world.observe(level, state, &mut self.active);
        let Ok(output) = self.network.forward(&self.active, &mut self.scratch) else { return 0 };
        match self.choice {
            Choice::Greedy => greedy(output.logits),
            Choice::Sample => {
                let mut row = [0.0; OUTPUTS];
                row.iter_mut().zip(output.logits).for_each(|(to, logit)| *to = *logit);
                self.sampled.actions.clear();
                self.sampled.log_probs.clear();
                self.sampled.values.clear();
                self.sampler.sample(&row, &mut self.rng, &mut self.sampled);
                self.sampled.actions.first().copied().unwrap_or(0)
            }
        }
    }
}
