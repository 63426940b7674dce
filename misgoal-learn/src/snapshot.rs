//! Storing a training run between two updates and bringing it back, to the bit.
//!
//! A snapshot holds weights, Adam's moments, and for every environment its state, its running returns and how many episodes it has
//! begun: levels and random streams follow from the seed and those numbers. A safetensors file, versioned by [`SNAPSHOT_VERSION`]; its metadata
//! says which training it is of, in the words of `identity`, and what the caller adds.

use std::collections::BTreeMap;

use misgoal_policy::tensors::{self, Data, File, ReadError};
use misgoal_world::{Cell, Events, MAX_MOVERS, State, World};

use crate::identity;
use crate::ppo::{Setup, TrainError, Trainer};

/// The version of snapshots that this crate writes. It reads all up to this one.
///
/// - 1: `setup` holds what Rust's `Debug` printed of the settings.
/// - 2: `training` holds the settings as canonical text.
pub const SNAPSHOT_VERSION: u64 = 2;
const FORMAT: &str = "misgoal-snapshot";

impl From<ReadError> for TrainError {
    fn from(error: ReadError) -> TrainError {
        TrainError::Snapshot(format!("cannot read the snapshot: {error}"))
    }
}

/// That a snapshot is of this training: of everything that decides the weights, but not the threads.
fn check(file: &File<'_>, version: u64, setup: &Setup) -> Result<(), TrainError> {
    let why = match version {
        1 if file.text("setup")? == identity::legacy(setup) => return Ok(()),
        1 => "its world, goals, settings or seed differ from this one's".to_owned(),
        _ => match identity::difference(file.text("training")?, &identity::training(setup)) {
            None => return Ok(()),
            Some(why) => why,
        },
    };
    Err(TrainError::Snapshot(format!("the snapshot is of another training: {why}")))
}

impl Trainer {
    /// The run as it is now.
    pub fn snapshot(&self) -> Vec<u8> {
        self.snapshot_with(&[])
    }

    /// The run as it is now, with entries of the caller's own in the metadata: what it must know again that a training does not.
    pub fn snapshot_with(&self, entries: &[(&'static str, String)]) -> Vec<u8> {
        let all = || self.shards.iter().map(|shard| &shard.rollout.environments);
        let words = words(&self.setup.world);
        let states: Vec<u64> = all().flat_map(|e| &e.states).flat_map(|s| pack(*s).into_iter().take(words)).collect();
        let episodes: Vec<u64> = all().flat_map(|e| &e.episodes).copied().collect();
        let events: Vec<u64> = all().flat_map(|e| &e.events).map(|events| u64::from(events.0)).collect();
        let returns: Vec<f64> = all().flat_map(|e| &e.returns).copied().collect();
        let mut metadata: BTreeMap<&str, String> = entries.iter().cloned().collect();
        metadata.extend([
            ("format", FORMAT.to_owned()),
            ("version", SNAPSHOT_VERSION.to_string()),
            ("training", identity::training(&self.setup)),
            ("kernel", self.network.kernel().name().to_owned()),
            ("updates", self.updates.to_string()),
            ("adam steps", self.adam.steps.to_string()),
        ]);
        let (params, first, second) = (self.network.params(), &self.adam.first, &self.adam.second);
        let count = episodes.len();
        tensors::write(
            &metadata,
            &[
                ("params", vec![params.len()], Data::F32(params)),
                ("adam.first", vec![first.len()], Data::F32(first)),
                ("adam.second", vec![second.len()], Data::F32(second)),
                ("envs.states", vec![count, words], Data::U64(&states)),
                ("envs.episodes", vec![count], Data::U64(&episodes)),
                ("envs.events", vec![count], Data::U64(&events)),
                ("envs.returns", vec![count, self.setup.goals.len()], Data::F64(&returns)),
            ],
        )
    }

    /// The run of a snapshot; the setup must be the one that it was taken with, but for the number of threads. On the same kind of
    /// kernel (portable, or one of the others) what follows is bit-identical to a run that was never interrupted.
    ///
    /// # Errors
    /// The bytes are no snapshot of this version, or one of another training.
    pub fn restore(setup: Setup, bytes: &[u8]) -> Result<Trainer, TrainError> {
        let file = File::read(bytes)?;
        let (format, version) = (file.text("format")?, file.number("version")?);
        if format != FORMAT || !(1..=SNAPSHOT_VERSION).contains(&version) {
            return Err(TrainError::Snapshot(format!(
                "this is `{format}` version {version}, not a `{FORMAT}` of version 1 to {SNAPSHOT_VERSION}"
            )));
        }
        check(&file, version, &setup)?;
        let mut trainer = Trainer::new(setup)?;
        let total = trainer.network.layout().total;
        let params = file.f32s("params", total)?;
        trainer.network.update(|to| to.copy_from_slice(&params));
        trainer.transposed.refresh(&trainer.network);
        trainer.adam.first.copy_from_slice(&file.f32s("adam.first", total)?);
        trainer.adam.second.copy_from_slice(&file.f32s("adam.second", total)?);
        trainer.adam.steps = file.number("adam steps")?;
        trainer.updates = file.number("updates")?;

        let (envs, goals) = (trainer.setup.config.envs, trainer.setup.goals.len());
        let words = words(&trainer.setup.world);
        let states = file.u64s("envs.states", envs * words)?;
        let mut states = states.chunks_exact(words);
        let mut episodes = file.u64s("envs.episodes", envs)?.into_iter();
        let mut events = file.u64s("envs.events", envs)?.into_iter();
        let mut returns = file.f64s("envs.returns", envs * goals)?.into_iter();
        for shard in &mut trainer.shards {
            let to = &mut shard.rollout.environments;
            to.states.iter_mut().zip(&mut states).for_each(|(to, words)| *to = unpack(words));
            to.episodes.iter_mut().zip(&mut episodes).for_each(|(to, from)| *to = from);
            to.events.iter_mut().zip(&mut events).for_each(|(to, from)| *to = Events(from as u32));
            to.returns.iter_mut().zip(&mut returns).for_each(|(to, from)| *to = from);
            for i in 0..to.levels.len() {
                let level = to.draw(trainer.setup.levels.as_ref(), trainer.setup.seed, i)?;
                if let Some(old) = to.levels.get_mut(i) {
                    *old = level;
                }
            }
        }
        Ok(trainer)
    }
}

/// Words of a state: those that can differ from 0 in this world.
fn words(world: &World) -> usize {
    if world.is_lively() { 5 } else { 2 }
}

/// A state in five words; the last three are 0 in worlds without chance in them.
fn pack(state: State) -> [u64; 5] {
    let State { cell, rise, done, left, time, held, movers, chance } = state;
    let small = u64::from(cell.0) | u64::from(rise) << 16 | u64::from(done) << 24 | u64::from(time) << 32;
    let [mut first, mut second] = [0u64; 2];
    for (slot, cell) in movers.iter().enumerate() {
        let word = if slot < 4 { &mut first } else { &mut second };
        *word |= u64::from(cell.0) << (16 * (slot % 4));
    }
    [small, u64::from(left) | u64::from(held) << 32, first, second, chance]
}

fn unpack(words: &[u64]) -> State {
    let word = |at: usize| words.get(at).copied().unwrap_or(0);
    let mut movers = [Cell(0); MAX_MOVERS];
    for (slot, cell) in movers.iter_mut().enumerate() {
        *cell = Cell((word(2 + slot / 4) >> (16 * (slot % 4))) as u16);
    }
    State {
        cell: Cell(word(0) as u16),
        rise: (word(0) >> 16) as u8,
        done: word(0) >> 24 & 1 == 1,
        left: word(1) as u32,
        time: (word(0) >> 32) as u16,
        held: (word(1) >> 32) as u8,
        movers,
        chance: word(4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_packing() {
        let mut state = State {
            cell: Cell::at(62, 30),
            rise: 3,
            done: true,
            left: 0xf00f_00f0,
            time: 0xabcd,
            held: 0,
            movers: [Cell(0); MAX_MOVERS],
            chance: 0,
        };
        assert_eq!(unpack(&pack(state)[..2]), state);
        state.held = 9;
        state.chance = u64::MAX / 3;
        state.movers = std::array::from_fn(|slot| Cell::at(slot as u8 + 1, 60 - slot as u8));
        assert_eq!(unpack(&pack(state)), state);
    }
}
