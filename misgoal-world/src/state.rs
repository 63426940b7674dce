//! What changes during an episode, in 32 bytes, and what a step reports.

use crate::Cell;

/// The agent's situation in a level. Everything that [`crate::World::step`] reads beside the level is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Where the agent is.
    pub cell: Cell,
    /// Ticks that a jump still rises; 0 on the ground and while falling.
    pub rise: u8,
    /// Whether the episode is over.
    pub done: bool,
    /// Items not yet taken: bit `i` is the level's item `i`; zones not yet entered: bit [`ZONE_BIT`]` + z`.
    pub left: u32,
    /// Steps taken.
    pub time: u16,
    /// Things held that protect from movers, at most [`MAX_HELD`].
    pub held: u8,
    /// Where the movers are, in the order of the level's items; unused entries, and those of movers that are gone, are `Cell(0)`.
    pub movers: [Cell; MAX_MOVERS],
    /// The state of the episode's own generator (SplitMix64); 0 in worlds without chance in them.
    pub chance: u64,
}

/// States of one level that differ in movers or chance alone share their hash: few do, and tables over states are for worlds without either.
impl std::hash::Hash for State {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        let place = u64::from(self.cell.0) | u64::from(self.rise) << 16 | u64::from(self.done) << 24;
        hasher.write_u64(place | u64::from(self.left) << 32);
        hasher.write_u16(self.time);
    }
}

/// Zones take the bits from here up in [`State::left`].
pub const ZONE_BIT: u32 = 28;
/// Most items in a level.
pub const MAX_ITEMS: usize = ZONE_BIT as usize;
/// Most zones in a world.
pub const MAX_ZONES: usize = 4;
/// Most movers in a level.
pub const MAX_MOVERS: usize = 6;
/// Most protecting things that an agent holds.
pub const MAX_HELD: u8 = 10;
/// Most kinds of things in a world.
pub const MAX_KINDS: usize = 8;
/// Most actions in any world.
pub const MAX_ACTIONS: usize = 6;

/// A set of events: bit `e` is the event of that number in [`crate::World::event_names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Events(pub u32);

impl Events {
    /// No event.
    pub const NONE: Events = Events(0);
    /// Whether the event is in the set.
    #[inline]
    pub fn has(self, event: usize) -> bool {
        self.0 >> event & 1 == 1
    }
    /// Adds an event.
    #[inline]
    pub fn add(&mut self, event: usize) {
        self.0 |= 1 << event;
    }
    /// The events' numbers, ascending.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let event = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(event)
        })
    }
}

/// What a step reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub events: Events,
    /// Whether the episode ended in this step, by an end, a death or the step limit.
    pub done: bool,
}
