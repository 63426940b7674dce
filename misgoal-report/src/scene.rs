//! An episode as pictures need it: the level once, then what changes from moment to moment.

/// A cell, border included: `(0, 0)` is the top left corner of the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Square {
    /// Column.
    pub x: u8,
    /// Row.
    pub y: u8,
}

impl Square {
    /// The cell in column `x` and row `y`.
    pub const fn at(x: u8, y: u8) -> Square {
        Square { x, y }
    }
}

/// Which goal a thing or a zone belongs to: it decides shape and colour everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The intended goal pays for it.
    Intended,
    /// Proxy number `n` (from 0) pays for it, and the intended goal does not.
    Proxy(usize),
    /// No goal pays for it: a key, a door, scenery.
    Neutral,
    /// Entering it hurts.
    Harm,
}

/// A kind of thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Its name, also its event's.
    pub name: String,
    /// Its character in ASCII levels.
    pub symbol: char,
    /// Whose it is.
    pub role: Role,
}

/// A thing in the level; its index in [`Scene::things`] is its bit in [`Moment::left`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// Index into [`Scene::kinds`].
    pub kind: usize,
    /// Where it is.
    pub square: Square,
}

/// A named region.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Its name, also its event's.
    pub name: String,
    /// Whose it is.
    pub role: Role,
    /// Its open cells.
    pub squares: Vec<Square>,
}

/// What does not change during an episode.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scene {
    /// Columns, border included.
    pub width: u8,
    /// Rows, border included.
    pub height: u8,
    /// Solid cells, border included.
    pub walls: Vec<Square>,
    /// Cells that kill.
    pub hazards: Vec<Square>,
    /// Named regions.
    pub zones: Vec<Zone>,
    /// The kinds of things.
    pub kinds: Vec<Kind>,
    /// The things as they stand at the start.
    pub things: Vec<Thing>,
}

impl Scene {
    /// Each thing with its kind; a thing of an unknown kind is left out.
    pub fn placed(&self) -> impl Iterator<Item = (usize, &Kind, Square)> {
        self.things
            .iter()
            .enumerate()
            .filter_map(|(bit, thing)| self.kinds.get(thing.kind).map(|kind| (bit, kind, thing.square)))
    }
}

/// The episode at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Where the agent is.
    pub square: Square,
    /// Things not yet taken, bit `i` for `things[i]`.
    pub left: u32,
    /// The action that led here, in words; empty at the start.
    pub action: String,
    /// The events that the step reported.
    pub events: Vec<String>,
}

/// One episode, moment by moment: `moments[0]` is the start, `moments[t]` the situation after `t` actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    /// The level.
    pub scene: Scene,
    /// The start and every step.
    pub moments: Vec<Moment>,
}

impl Playback {
    /// How many actions were taken.
    pub fn steps(&self) -> usize {
        self.moments.len().saturating_sub(1)
    }
    /// The step after which thing `bit` was gone, if it was taken.
    pub fn taken_at(&self, bit: usize) -> Option<usize> {
        self.moments.iter().position(|moment| bit < 32 && moment.left >> bit & 1 == 0)
    }
    /// Each event with the step at which it was reported, in order.
    pub fn events(&self) -> impl Iterator<Item = (usize, &str)> {
        self.moments
            .iter()
            .enumerate()
            .flat_map(|(step, moment)| moment.events.iter().map(move |event| (step, event.as_str())))
    }
}
