//! What a study declares of its world: plain data, checked and compiled by [`crate::World::new`].

use crate::Board;

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
    /// Reports at every step that ends on it, and changes nothing: lava that is crossed at a price.
    Cross,
    /// Needs a collected and unused thing of kind `key`: uses it up, reports once and is gone. Without a key nothing happens.
    Open {
        /// The kind that opens it.
        key: usize,
    },
    /// Taken, and it comes back: the level holds more places of the kind than things, see [`Placement::present`].
    Regrow(Regrow),
    /// It moves by itself, and meeting it costs: see [`Mover`].
    Catch(Mover),
    /// A beacon, one of several that have an order, that of their kinds: any visit puts it out. Reports `in-turn` too if none of an earlier kind
    /// is left, otherwise `out-of-turn`. When the last is out the episode ends.
    Visit {
        /// Whether the kinds of which this is true change places in the order from level to level; then the agent sees which kind is next.
        drawn: bool,
    },
    /// It walks from beacon to beacon: see [`Guide`].
    Guide(Guide),
}

/// A thing that goes from beacon to beacon by itself, a cell a step, whatever the agent does. Entering its cell does nothing; its event says
/// that the agent visited the beacon which the guide visited last. At most one is in a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guide {
    /// In which order it visits the beacons.
    pub order: Order,
    /// The kind, another guide, that it cannot be told from: it is observed as that one.
    pub looks: Option<usize>,
}

/// The order in which a guide visits the beacons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The right one.
    InTurn,
    /// The last kind first.
    Reverse,
}

/// How a thing that was taken comes back: always on an empty place of its kind, never under the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regrow {
    /// In the step in which it was taken, on one of the kind's other empty places, uniformly.
    Elsewhere,
    /// In each step with probability `max(1e-6, r ln(1 + n) / ln(1 + N))`, `n` of `N` places being taken up (Shah et al. 2022, arXiv
    /// 2210.01790); `r` in thousandths. Taking the last one reports the event `NAME-gone` too.
    Rate {
        /// `r`: the probability where only one place is free, nearly; 1 to 1000.
        thousandths: u16,
    },
}

/// A thing that moves by itself, a cell of the 4-neighbourhood at a time, after the agent has moved. It walks over other things but
/// neither through walls nor onto another mover. Where it and the agent would share a cell, whoever moved: if the agent holds a thing of kind `shield`, that is
/// used up and the mover is gone, reporting nothing; otherwise the mover's event is reported and both stay where they were, unless the mover
/// bites but `once`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mover {
    /// Where it goes.
    pub moves: Moves,
    /// The kind that protects the agent; at most one in a world.
    pub shield: Option<usize>,
    /// How often a step is in a random direction instead, in thousandths.
    pub erratic: u16,
    /// How often, in thousandths, all movers of its kind move a second time.
    pub twice: u16,
    /// Whether it is gone once it has met the agent, shield or no shield.
    pub once: bool,
}

/// Where a mover goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// Toward the agent: a step that makes its distance in columns or rows smaller; it does not know its way around walls.
    Chase,
    /// In a random direction.
    Wander,
}

/// A named region; its event is reported once an episode, at the first step that ends in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneSpec {
    /// Its name, also its event's.
    pub name: String,
    /// Which cells it holds.
    pub region: Region,
}

/// A set of interior cells, resolved against a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The open cells of the leftmost column that has one.
    LeftColumn,
    /// The open cells of the rightmost column that has one (of `platforms`: the niche in the wall at the level's end).
    RightColumn,
    /// One corner cell of the interior.
    Corner(Corner),
    /// Interior columns `x0..=x1`, rows `y0..=y1`, counted from 1.
    Rect {
        /// The first column.
        x0: u8,
        /// The first row.
        y0: u8,
        /// The last column.
        x1: u8,
        /// The last row.
        y1: u8,
    },
}

/// A corner of the interior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Column 1, row 1.
    TopLeft,
    /// The last column, row 1.
    TopRight,
    /// Column 1, the last row.
    BottomLeft,
    /// The last column, the last row.
    BottomRight,
}

/// What the agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The whole grid, the agent's cell marked.
    Whole,
    /// A window of `width` by `height` cells (both odd) with the agent in the middle.
    Egocentric {
        /// Columns of the window, odd, at most 63.
        width: u8,
        /// Rows of the window, odd, at most 63.
        height: u8,
    },
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
    /// Steps after which an episode is cut off, if not [`WorldSpec::step_limit`].
    pub steps: Option<u16>,
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
    /// Of kinds that regrow: how many of the places, the first ones drawn, have their thing at the start; all if left out.
    pub present: Option<u8>,
}

/// Where walls and terrain come from. The border is always solid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// No walls.
    Open,
    /// Each interior cell is a wall with probability `density`, independently; only the four corners are open and connected in every level.
    Blocks {
        /// The share of walls, 0 to 0.5.
        density: f64,
    },
    /// A perfect maze on odd cells, then each remaining inner wall opened with probability `braid`.
    Maze {
        /// The share of left-over walls between two cells that fall, 0 to 1.
        braid: f64,
    },
    /// Side-on terrain from left to right: ground with pits (hazards at their bottom), steps up and down, ledges above, hazards
    /// on the ground; each a share of the columns. It ends in a wall with a one-cell niche at ground height. Levels differ in length:
    /// the end wall's first column is drawn uniformly from 6 to the last interior column, and all beyond it is solid.
    Platforms {
        /// How often a pit begins, 1 to 3 columns wide.
        pits: f64,
        /// How often the ground rises or sinks by 1 or 2.
        steps: f64,
        /// How often a ledge begins, 2 to 4 columns long.
        ledges: f64,
        /// How often there is a hazard on the ground.
        hazards: f64,
    },
}

/// Where a thing or the start goes. Every place but `On` avoids occupied cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Any reachable cell, uniformly (with gravity: any cell where the agent can stand, ledges included; so for every place but `On`).
    Anywhere,
    /// A cell of the region.
    Region(Region),
    /// Next to (4-neighbourhood) a thing of this kind placed before.
    Beside(usize),
    /// On the same cell as a thing of this kind placed before, each with the same chance.
    On(usize),
    /// At least `distance` walking steps away from every thing of this kind placed before.
    Away {
        /// The kind to stay away from.
        thing: usize,
        /// Least number of steps through open cells (4-neighbourhood, whatever the movement).
        distance: u8,
    },
    /// Not on any shortest path from the start to the things of this kind, nor beside one.
    OffPath(usize),
    /// On a shortest path from the start to a thing of this kind, around what ends an episode or is crossed at a price.
    OnPath(usize),
    /// Next to (4-neighbourhood) where the agent starts.
    BesideStart,
}

impl Region {
    /// The region's cells among the open cells of a level with `width` by `height` interior cells.
    pub fn cells(self, open: &Board, width: u8, height: u8) -> Board {
        let columns = open.rows.iter().fold(0, |all, row| all | row);
        match self {
            Region::LeftColumn => open.columns(columns & columns.wrapping_neg()),
            Region::RightColumn => open.columns((1 << 63) >> (columns | 1).leading_zeros()),
            _ => self.board(width, height).and(open),
        }
    }

    /// The region's interior cells in a grid of `width` by `height`, walls included.
    pub fn board(self, width: u8, height: u8) -> Board {
        let (x0, y0, x1, y1) = match self {
            Region::LeftColumn => (1, 1, 1, height),
            Region::RightColumn => (width, 1, width, height),
            Region::Corner(Corner::TopLeft) => (1, 1, 1, 1),
            Region::Corner(Corner::TopRight) => (width, 1, width, 1),
            Region::Corner(Corner::BottomLeft) => (1, height, 1, height),
            Region::Corner(Corner::BottomRight) => (width, height, width, height),
            Region::Rect { x0, y0, x1, y1 } => (x0.max(1), y0.max(1), x1.min(width), y1.min(height)),
        };
        let mut board = Board::EMPTY;
        if x0 <= x1 && x1 < 63 {
            let row = (1u64 << (x1 + 1)) - (1u64 << x0);
            (0u8..).zip(&mut board.rows).filter(|(y, _)| (y0..=y1).contains(y)).for_each(|(_, cells)| *cells = row);
        }
        board
    }
}
