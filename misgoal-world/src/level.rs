//! One concrete level: what does not change during an episode.

use crate::{Board, Cell, MAX_KINDS};

/// One thing in a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// Its kind: an index into [`crate::WorldSpec::things`].
    pub kind: u8,
    /// Where it is.
    pub cell: Cell,
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
}
