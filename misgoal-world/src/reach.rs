//! Which cells can be reached: bitboard flood fills for walking and for gravity.

#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns run over arrays of fixed length; the fills are the generator's main cost"
)]

use crate::gravity::Columns;
use crate::{Board, Cell, Enter, Item, Level, Movement, ROWS, World};

impl World {
    /// The cells that the agent can reach from the level's start. Hazards, ends and things that hurt can be entered but not passed: a
    /// cell that lies behind one only is not reached.
    pub fn reachable(&self, level: &Level) -> Board {
        self.reach(&level.walls, &self.stops(&level.hazards, &level.items), level.start)
    }

    /// The open cells where an agent can come to rest: with gravity those on solid ground, otherwise all.
    pub fn standable(&self, level: &Level) -> Board {
        self.rests(&level.walls)
    }

    /// Cells in which an episode ends.
    pub(crate) fn stops(&self, hazards: &Board, items: &[Item]) -> Board {
        let mut stops = *hazards;
        let ends = |item: &&Item| matches!(self.enter_effect(usize::from(item.kind)), Enter::End | Enter::Hurt);
        items.iter().filter(ends).for_each(|item| stops.add(item.cell));
        stops
    }

    /// The cells that can be reached from `start`; `stops` are entered, not left.
    pub(crate) fn reach(&self, walls: &Board, stops: &Board, start: Cell) -> Board {
        match self.spec().movement {
            Movement::Walk => {
                let open = self.interior().minus(walls);
                let mut seed = Board::EMPTY;
                seed.add(start);
                let reached = flood(&open.minus(stops), &seed);
                reached.or(&reached.grown().and(stops).and(&open))
            }
            Movement::Platform { jump } => Columns::new(walls, stops, self.spec().width).reach(jump, start).board(),
        }
    }

    /// See [`World::standable`].
    pub(crate) fn rests(&self, walls: &Board) -> Board {
        let mut rests = self.interior().minus(walls);
        if let Movement::Platform { .. } = self.spec().movement {
            for y in 0..ROWS - 1 {
                rests.rows[y] &= walls.rows[y + 1];
            }
        }
        rests
    }
}

/// All cells of `free` that are connected with a cell of `seed` in it (4-neighbourhood). Column 63 must not be free.
///
/// Rows are swept down and up until nothing changes; within a row, whole runs of free cells are filled at once.
pub(crate) fn flood(free: &Board, seed: &Board) -> Board {
    let mut filled = Board::EMPTY;
    for y in 0..ROWS {
        let seed = seed.rows[y] & free.rows[y];
        if seed != 0 {
            filled.rows[y] = run_fill(free.rows[y], seed);
        }
    }
    let rows = ROWS - free.rows.iter().rev().take_while(|row| **row == 0).count();
    loop {
        let mut grew = false;
        for y in 1..rows {
            grew |= spill(free, &mut filled, y - 1, y);
        }
        for y in (1..rows).rev() {
            grew |= spill(free, &mut filled, y, y - 1);
        }
        if !grew {
            return filled;
        }
    }
}

/// What row `from` spills into row `to`; whether it was anything.
#[inline]
fn spill(free: &Board, filled: &mut Board, from: usize, to: usize) -> bool {
    let fresh = filled.rows[from] & free.rows[to] & !filled.rows[to];
    if fresh != 0 {
        filled.rows[to] |= run_fill(free.rows[to], fresh);
    }
    fresh != 0
}

/// The runs of ones in `free` that hold a bit of `seed`, a subset of `free`.
///
/// Adding the seeds carries through each run from its lowest seed upwards and turns it to zeros (a later seed's own bit excepted): one
/// addition fills all runs towards the high bits. The other direction is the same on reversed words.
fn run_fill(free: u64, seed: u64) -> u64 {
    let up = |free: u64, seed: u64| free & !free.wrapping_add(seed) | seed;
    let high = up(free, seed);
    high | up(free.reverse_bits(), seed.reverse_bits()).reverse_bits()
}
