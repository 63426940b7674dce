//! Edits of a training level: what an adversary may change, and the levels that come of it.

use std::collections::BTreeSet;

use misgoal_world::rng::{Draw as _, Rng};
use misgoal_world::{Board, Cell, Level, World};

/// One change of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edit {
    /// The thing of this kind that lies at `from` lies at `to`.
    Move { kind: u8, from: Cell, to: Cell },
    /// The agent starts at `to`.
    Start { from: Cell, to: Cell },
    /// A cell is solid, or open.
    Wall { cell: Cell, solid: bool },
}

/// Which cells a thing or the start may be put on: those on which the agent can come to rest and that it can reach, without another thing.
pub(crate) fn free_cells(world: &World, level: &Level) -> Board {
    let mut free = world.reachable(level).and(&world.standable(level)).minus(&level.hazards);
    level.items.iter().for_each(|item| free.remove(item.cell));
    free.remove(level.start);
    free
}

impl Edit {
    /// Carries the edit out; `None` where it cannot be, or changes nothing.
    fn apply(self, world: &World, level: &Level) -> Option<Level> {
        match self {
            Edit::Move { kind, from, to } => {
                let item = level.items.iter().position(|item| item.kind == kind && item.cell == from)?;
                // Where the thing was is free now; whether it can be reached at its new place does not depend on it.
                free_cells(world, level).has(to).then(|| world.with_item_at(level, item, to)).flatten()
            }
            Edit::Start { to, .. } => free_cells(world, level).has(to).then(|| world.with_start(level, to)).flatten(),
            Edit::Wall { cell, solid } => world.with_wall(level, cell, solid),
        }
    }

    /// The same move to elsewhere; a wall stays.
    pub(crate) fn to(self, to: Cell) -> Edit {
        match self {
            Edit::Move { kind, from, .. } => Edit::Move { kind, from, to },
            Edit::Start { from, .. } => Edit::Start { from, to },
            Edit::Wall { .. } => self,
        }
    }

    /// What it is of: edits with the same mark undo or replace each other.
    fn mark(self) -> (u8, u8, Cell) {
        match self {
            Edit::Move { kind, from, .. } => (0, kind, from),
            Edit::Start { from, .. } => (1, 0, from),
            Edit::Wall { cell, .. } => (2, 0, cell),
        }
    }

    /// The sort of edit, in words: `coin moved left`, `wall added`.
    pub(crate) fn family(self, world: &World) -> String {
        let thing = |kind: u8| world.spec().things.get(usize::from(kind)).map_or("thing", |thing| thing.name.as_str());
        match self {
            Edit::Move { kind, from, to } => format!("`{}` moved {}", thing(kind), direction(from, to)),
            Edit::Start { from, to } => format!("start moved {}", direction(from, to)),
            Edit::Wall { solid: true, .. } => "a wall added".to_owned(),
            Edit::Wall { solid: false, .. } => "a wall taken away".to_owned(),
        }
    }

    /// The edit in words: `coin from column 30, row 6 to column 12, row 6`.
    pub(crate) fn words(self, world: &World) -> String {
        let at = |cell: Cell| format!("column {}, row {}", cell.x(), cell.y());
        match self {
            Edit::Move { from, to, .. } | Edit::Start { from, to } => {
                let what = self.family(world);
                let what = what.rsplit_once(" moved").map_or(what.as_str(), |(what, _)| what);
                format!("{what} from {} to {}", at(from), at(to))
            }
            Edit::Wall { cell, .. } => format!("{} at {}", self.family(world), at(cell)),
        }
    }

    /// The edit as a clause: `the coin moved 3 cells left`.
    pub(crate) fn clause(self, world: &World) -> String {
        let way = |from: Cell, to: Cell| {
            let (dx, dy) = (i32::from(to.x()) - i32::from(from.x()), i32::from(to.y()) - i32::from(from.y()));
            let part = |by: i32, words: (&str, &str)| {
                let count = by.unsigned_abs();
                let cells = if count == 1 { "cell" } else { "cells" };
                (by != 0).then(|| format!("{count} {cells} {}", if by > 0 { words.1 } else { words.0 }))
            };
            [part(dx, ("left", "right")), part(dy, ("up", "down"))]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" and ")
        };
        match self {
            Edit::Move { kind, from, to } => {
                let name = world.spec().things.get(usize::from(kind)).map_or("thing", |thing| thing.name.as_str());
                format!("the `{name}` moved {}", way(from, to))
            }
            Edit::Start { from, to } => format!("the start moved {}", way(from, to)),
            Edit::Wall { cell, .. } => format!("{} at column {}, row {}", self.family(world), cell.x(), cell.y()),
        }
    }

    /// The cell that is changed in the level as it was, and in the level as it is then.
    pub(crate) fn cells(self) -> (Cell, Cell) {
        match self {
            Edit::Move { from, to, .. } | Edit::Start { from, to } => (from, to),
            Edit::Wall { cell, .. } => (cell, cell),
        }
    }

    /// The same change in another level: things and start move by as much, walls stay where they are.
    fn carried(self, world: &World, level: &Level) -> Option<Edit> {
        let moved = |origin: Cell, from: Cell, to: Cell| {
            let (dx, dy) = (i32::from(to.x()) - i32::from(from.x()), i32::from(to.y()) - i32::from(from.y()));
            let aim = (i32::from(origin.x()) + dx, i32::from(origin.y()) + dy);
            let far = |cell: &Cell| (i32::from(cell.x()) - aim.0).abs() + (i32::from(cell.y()) - aim.1).abs();
            free_cells(world, level).cells().min_by_key(far)
        };
        match self {
            Edit::Move { kind, from, to } => {
                let item = level.items.iter().find(|item| item.kind == kind)?;
                Some(Edit::Move { kind, from: item.cell, to: moved(item.cell, from, to)? })
            }
            Edit::Start { from, to } => Some(Edit::Start { from: level.start, to: moved(level.start, from, to)? }),
            Edit::Wall { .. } => Some(self),
        }
    }
}

/// Left, right, up or down, whichever is more.
fn direction(from: Cell, to: Cell) -> &'static str {
    let (dx, dy) = (i32::from(to.x()) - i32::from(from.x()), i32::from(to.y()) - i32::from(from.y()));
    match (dx.abs() >= dy.abs(), dx > 0, dy > 0) {
        (true, false, _) => "left",
        (true, true, _) => "right",
        (false, _, false) => "up",
        (false, _, true) => "down",
    }
}

/// A training level and the edits that were made to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edited {
    /// The training level's seed.
    pub(crate) seed: u64,
    /// The training level.
    pub(crate) base: Level,
    /// The edits, in the order in which they are carried out.
    pub(crate) edits: Vec<Edit>,
    /// What came of it.
    pub(crate) level: Level,
}

impl Edited {
    /// A training level as it is.
    pub(crate) fn unedited(seed: u64, base: Level) -> Edited {
        Edited { seed, level: base.clone(), base, edits: Vec::new() }
    }

    /// The base with these edits instead; `None` where one of them cannot be carried out.
    pub(crate) fn with(&self, world: &World, edits: &[Edit]) -> Option<Edited> {
        let level = edits.iter().try_fold(self.base.clone(), |level, edit| edit.apply(world, &level))?;
        Some(Edited { level, edits: edits.to_vec(), seed: self.seed, base: self.base.clone() })
    }

    /// One more edit, or another one in the place of one that it undoes.
    pub(crate) fn mutated(&self, world: &World, rng: &mut Rng) -> Option<Edited> {
        let edit = propose(world, &self.base, &self.level, rng)?;
        let mut edits: Vec<Edit> = self.edits.iter().copied().filter(|old| old.mark() != edit.mark()).collect();
        edits.push(edit);
        self.with(world, &edits)
    }

    /// One of the moves, to a free place at most two squares beside its own.
    pub(crate) fn nudged(&self, world: &World, rng: &mut Rng) -> Option<Edited> {
        let number = rng.below(self.edits.len() as u32) as usize;
        let (Edit::Move { to, .. } | Edit::Start { to, .. }) = *self.edits.get(number)? else { return None };
        let near: Vec<Cell> =
            free_cells(world, &self.level).cells().filter(|cell| (1..=2).contains(&cell.manhattan(to))).collect();
        let place = *near.get(rng.below(near.len() as u32) as usize)?;
        let mut edits = self.edits.clone();
        let edit = edits.get_mut(number)?;
        *edit = edit.to(place);
        self.with(world, &edits)
    }

    /// The same edits carried over to another training level.
    pub(crate) fn transplanted(&self, world: &World, seed: u64, base: Level) -> Option<Edited> {
        let fresh = Edited::unedited(seed, base);
        let edits: Option<Vec<Edit>> = self.edits.iter().map(|edit| edit.carried(world, &fresh.base)).collect();
        fresh.with(world, &edits?)
    }

    /// The sorts of edits, each once, in order.
    pub(crate) fn families(&self, world: &World) -> Vec<String> {
        let families: BTreeSet<String> = self.edits.iter().map(|edit| edit.family(world)).collect();
        families.into_iter().collect()
    }
}

/// A random edit: three in five move a thing, one moves the start, one changes a wall.
fn propose(world: &World, base: &Level, level: &Level, rng: &mut Rng) -> Option<Edit> {
    let to = |rng: &mut Rng| {
        let free = free_cells(world, level);
        free.nth(rng.below(free.count()))
    };
    match rng.below(5) {
        0..=2 if !base.items.is_empty() => {
            let item = base.items.get(rng.below(base.items.len() as u32) as usize)?;
            Some(Edit::Move { kind: item.kind, from: item.cell, to: to(rng)? })
        }
        3 => Some(Edit::Start { from: base.start, to: to(rng)? }),
        _ => {
            let spec = world.spec();
            let (x, y) = (1 + rng.below(spec.width.into()), 1 + rng.below(spec.height.into()));
            let cell = Cell::at(u8::try_from(x).ok()?, u8::try_from(y).ok()?);
            Some(Edit::Wall { cell, solid: !base.walls.has(cell) })
        }
    }
}
