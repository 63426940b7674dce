//! One concrete level: what does not change during an episode.

use crate::{Board, Cell, MAX_KINDS, State, Trail};

/// One thing in a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// Its kind: an index into [`crate::WorldSpec::things`].
    pub kind: u8,
    /// Where it is; of movers and guides, where it starts.
    pub cell: Cell,
    /// Whether this is only a place: of a kind that regrows, without its thing at the start.
    pub asleep: bool,
}

/// A concrete level. Built by [`crate::World::generate`], [`crate::World::parse`] and [`crate::World::with_item_at`], which see to its
/// invariants: the border is solid, start and items are on open cells, at most [`crate::MAX_ITEMS`] items.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// Solid cells, the border included.
    pub walls: Board,
    /// Cells that kill (pit bottoms, spikes): terrain, reported as `death`.
    pub hazards: Board,
    /// Cells with an item, a zone or a hazard: what a step must look at.
    pub notable: Board,
    /// The things, sorted by kind and then by cell; item `i` is bit `i` of [`crate::State::left`].
    pub items: Vec<Item>,
    /// For each kind the items of that kind, as a mask over [`crate::State::left`].
    pub kinds: [u32; MAX_KINDS],
    /// Each zone's open cells, in [`crate::WorldSpec::zones`]' order.
    pub zones: Vec<Board>,
    /// Where the agent starts.
    pub start: Cell,
    /// Steps after which an episode is cut off.
    pub steps: u16,
    /// The items that are not there at the start, as a mask over [`crate::State::left`].
    pub asleep: u32,
    /// The items that move, as a mask; the `n`-th of them is at [`crate::State::movers`]`[n]`.
    pub movers: u32,
    /// Where an episode's generator starts in worlds with chance in them, made of the level's hash; otherwise 0.
    pub chance: u64,
    /// The kinds in the order in which their beacons are to be visited: ascending, but that drawn kinds have changed places.
    pub turns: [u8; MAX_KINDS],
    /// The guide's way, in a level that has a guide.
    pub trail: Option<Box<Trail>>,
}

impl Level {
    /// Where item `index` is in a state: its own cell, or where it has moved to.
    #[inline]
    pub fn cell_of(&self, index: usize, item: &Item, state: &State) -> Cell {
        match (self.slot(index).and_then(|slot| state.movers.get(slot)), &self.trail) {
            (Some(cell), _) => *cell,
            (None, Some(trail)) if trail.guide == index => trail.at(state.time),
            _ => item.cell,
        }
    }

    /// The kind of beacon that is next in the order, of those that are beacons by `is`; none where none is left.
    #[inline]
    pub(crate) fn next_turn(&self, left: u32, is: impl Fn(usize) -> bool) -> Option<usize> {
        let there = |kind: usize| is(kind) && self.kinds.get(kind).is_some_and(|items| items & left != 0);
        self.turns.iter().map(|kind| usize::from(*kind)).find(|kind| there(*kind))
    }

    /// Steps after which the guide stands still for good; 0 without one. Until then what happens depends on the time.
    #[inline]
    pub fn settles(&self) -> u16 {
        self.trail.as_ref().map_or(0, |trail| trail.settles())
    }

    /// The place of item `index` in [`crate::State::movers`]; none if it does not move.
    #[inline]
    pub fn slot(&self, index: usize) -> Option<usize> {
        let bit = 1u32.checked_shl(index as u32).unwrap_or(0);
        (self.movers & bit != 0).then(|| (self.movers & (bit - 1)).count_ones() as usize)
    }
}
