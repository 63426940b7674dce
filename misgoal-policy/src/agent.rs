//! Whatever acts in a world: networks here, scripted reference agents beside them.

use misgoal_world::{Level, State, World};

/// Something that acts. An episode is determined by the world, the level, the agent and the seed.
pub trait Agent {
    /// An episode begins: forget the last one, draw from `seed` from now on.
    fn begin(&mut self, world: &World, level: &Level, seed: u64);
    /// The action to take, an index into [`World::action_names`].
    fn act(&mut self, world: &World, level: &Level, state: &State) -> u8;
}
