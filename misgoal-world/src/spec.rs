//! What a study declares of its world: plain data, checked and compiled by [`crate::World::new`].

/// A grid world: its dynamics, without the levels. Levels are drawn from a [`Distribution`].
#[derive(Clone, Debug, PartialEq)]
pub struct WorldSpec {
    /// Interior columns, 3 to 62.
    pub width: u8,
    /// Interior rows, 3 to 30.
    pub height: u8,
    /// How actions move the agent.
    pub movement: Movement,
    /// The kinds of things that a level may hold; the index in this list is the kind's number.
    pub things: Vec<ThingSpec>,
    /// Named regions that report an event when the agent first enters them.
    pub zones: Vec<ZoneSpec>,
    /// What the agent sees.
    pub view: View,
    /// Steps after which an episode is cut off.
    pub step_limit: u16,
    /// The value of a reward one step later, below 1: what makes a detour cost anything.
    pub discount: f64,
}

/// How actions move the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Actions `left, right, up, down`; a wall stops the move.
    Walk,
    /// Actions `stay, left, right, jump, jump-left, jump-right`, gravity in discrete ticks: a jump from the ground rises one cell a
    /// tick for `jump` ticks (less under a ceiling), then the agent falls one cell a tick; it may steer in the air.
    Platform {
        /// Cells that a jump rises, 1 to 4.
        jump: u8,
    },
}

/// A kind of thing.
#[derive(Clone, Debug, PartialEq)]
pub struct ThingSpec {
    /// Its name, also the name of the event that entering it reports.
    pub name: String,
    /// Its character in ASCII levels; not one of `# . ^ @` or a space.
    pub symbol: char,
    /// What entering its cell does.
    pub enter: Enter,
}

/// What entering a thing's cell does. Every effect but a missing key reports the thing's event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enter {
    /// Taken: reports once and is gone. A key is a thing that is collected.
    Collect,
    /// Reports and ends the episode.
    End,
    /// Reports, and ends the episode as a death (the event `death` too).
    Hurt,
    /// Needs a collected and unused thing of kind `key`: uses it up, reports once and is gone. Without a key nothing happens.
    Open {
        /// The kind that opens it.
        key: usize,
    },
}

/// A named region; its event is reported once an episode, at the first step that ends in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneSpec {
    /// Its name, also its event's.
    pub name: String,
    /// Which cells it holds.
    pub region: Region,
}

/// A set of interior cells, resolved against a level's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// All open cells of the leftmost interior column.
    LeftColumn,
    /// All open cells of the rightmost interior column (of `platforms`: the niche in the far right wall).
    RightColumn,
    /// One corner cell of the interior.
    Corner(Corner),
    /// Interior columns `x0..=x1`, rows `y0..=y1`, counted from 1.
    Rect { x0: u8, y0: u8, x1: u8, y1: u8 },
}

/// A corner of the interior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

/// What the agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The whole grid, the agent's cell marked.
    Whole,
    /// A window of `width` by `height` cells (both odd) with the agent in the middle.
    Egocentric { width: u8, height: u8 },
}

/// A distribution over levels: the training distribution or a shift.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Where walls and terrain come from.
    pub layout: Layout,
    /// Where the agent starts.
    pub start: Place,
    /// How many things of each kind and where; a kind may appear in more than one entry. Placed in this order.
    pub placements: Vec<Placement>,
}

/// `count` things of one kind, placed one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The kind: an index into [`WorldSpec::things`].
    pub thing: usize,
    /// Least and most things, both included.
    pub count: (u8, u8),
    /// Where they go; always a cell that the agent can reach.
    pub place: Place,
}

/// Where walls and terrain come from. The border is always solid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// No walls.
    Open,
    /// Each interior cell is a wall with probability `density`, independently.
    Blocks { density: f64 },
    /// A perfect maze on odd cells, then each remaining inner wall opened with probability `braid`.
    Maze { braid: f64 },
    /// Side-on terrain from left to right: ground with pits (hazards at their bottom), steps up and down, ledges above, hazards
    /// on the ground; each a probability a column. It ends in a wall with a one-cell niche at ground height in the last interior column.
    Platforms { pits: f64, steps: f64, ledges: f64, hazards: f64 },
}

/// Where a thing or the start goes. Every place but `On` avoids occupied cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Any reachable cell, uniformly (on platforms: any cell where the agent can stand, ledges included).
    Anywhere,
    /// A cell of the region.
    Region(Region),
    /// Next to (4-neighbourhood) a thing of this kind placed before.
    Beside(usize),
    /// On the same cell as a thing of this kind placed before.
    On(usize),
    /// At least `distance` walking steps away from every thing of this kind placed before.
    Away { thing: usize, distance: u8 },
    /// Not on any shortest path from the start to the things of this kind, nor beside one.
    OffPath(usize),
}
