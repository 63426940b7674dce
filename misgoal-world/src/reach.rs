//! Which cells can be reached: bitboard flood fills for walking and for gravity.

#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns run over arrays of fixed length; the fills are the generator's main cost"
)]

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
            Movement::Platform { jump } => fall(walls, stops, jump, start, self.spec().width),
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
        filled.rows[y] = run_fill(free.rows[y], seed.rows[y] & free.rows[y]);
    }
    loop {
        let before = filled;
        for y in 1..ROWS {
            spill(free, &mut filled, y - 1, y);
        }
        for y in (1..ROWS).rev() {
            spill(free, &mut filled, y, y - 1);
        }
        if filled == before {
            return filled;
        }
    }
}

/// What row `from` spills into row `to`.
fn spill(free: &Board, filled: &mut Board, from: usize, to: usize) {
    let fresh = filled.rows[from] & free.rows[to] & !filled.rows[to];
    if fresh != 0 {
        filled.rows[to] |= run_fill(free.rows[to], fresh);
    }
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

/// The cells that an agent under gravity can reach from `start`, with any number of steps.
///
/// A column is a word (bit `y` is row `y`) for each number of ticks that a jump may still rise, so that one column's whole step is a
/// few shifts. Columns whose set grew are worked off in sweeps to the right and to the left.
fn fall(walls: &Board, stops: &Board, jump: u8, start: Cell, width: u8) -> Board {
    let (solid, stop) = (columns(walls, width), columns(stops, width));
    let last = usize::from(width) + 1;
    // `reached[r][x]`: the rows of column `x` where the agent can be with `r` ticks left to rise.
    let mut reached = [[0u32; 64]; 4];
    reached[0][usize::from(start.x())] = 1 << start.y();
    let layers = usize::from(jump.clamp(1, 4));
    let (mut dirty, mut rightwards) = (1u64 << start.x(), true);
    let mut at = usize::from(start.x());
    while dirty != 0 {
        // The next dirty column in the direction of the sweep, or else turn round.
        let ahead = if rightwards { dirty >> at << at } else { dirty & (!0 >> (63 - at)) };
        if ahead == 0 {
            rightwards = !rightwards;
            continue;
        }
        at = if rightwards { ahead.trailing_zeros() } else { 63 - ahead.leading_zeros() } as usize;
        dirty &= !(1 << at);
        let (ground, ceiling) = (solid[at] >> 1, solid[at] << 1);
        let live = |layer: usize| reached[layer][at] & !stop[at];
        let stands = live(0) & ground;
        // After the vertical move, for each number of ticks left.
        let mut moved = [0u32; 4];
        moved[0] = stands | (live(0) & !ground) << 1;
        moved[layers - 1] |= (stands & !ceiling) >> 1;
        for rising in 1..layers {
            moved[0] |= live(rising) & ceiling;
            moved[rising - 1] |= (live(rising) & !ceiling) >> 1;
        }
        for x in [at, at.saturating_sub(1), (at + 1).min(last)] {
            for layer in 0..layers {
                let fresh = moved[layer] & !solid[x] & !reached[layer][x];
                if fresh != 0 {
                    reached[layer][x] |= fresh;
                    dirty |= 1 << x;
                }
            }
        }
    }
    let mut board = Board::EMPTY;
    for x in 1..last {
        let mut rows = reached.iter().fold(0, |all, layer| all | layer[x]);
        while rows != 0 {
            board.rows[rows.trailing_zeros() as usize % ROWS] |= 1 << x;
            rows &= rows - 1;
        }
    }
    board
}

/// The board's columns `0..=width + 1` as words.
fn columns(board: &Board, width: u8) -> [u32; 64] {
    let mut columns = [0; 64];
    for (x, column) in columns.iter_mut().enumerate().take(usize::from(width) + 2) {
        for (y, row) in board.rows.iter().enumerate() {
            *column |= ((row >> x & 1) as u32) << y;
        }
    }
    columns
}
