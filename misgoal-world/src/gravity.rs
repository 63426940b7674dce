//! What an agent under gravity can reach.

#![expect(
    clippy::indexing_slicing,
    reason = "columns and layers run over arrays of fixed length; the fill is the generator's main cost"
)]

use crate::{Board, Cell};

/// Terrain by columns: bit `y` of word `x` is the cell in column `x` and row `y`.
pub(crate) struct Columns {
    /// Solid cells, the border included.
    pub solid: [u32; 64],
    /// Cells that end an episode: they are entered, not left.
    pub stops: [u32; 64],
    /// The number of the right border.
    pub last: usize,
}

/// `[x][r]`: the rows of column `x` where the agent can be with `r` ticks left to rise.
pub(crate) struct Reached([[u32; 4]; 64]);

impl Columns {
    /// The columns of two boards of a grid with `width` interior columns.
    pub fn new(walls: &Board, stops: &Board, width: u8) -> Columns {
        Columns { solid: transposed(walls), stops: transposed(stops), last: usize::from(width) + 1 }
    }

    /// What can be reached from rest at `start`, in any number of steps.
    ///
    /// One column's whole step, for all its cells and jump phases, is a few shifts; columns whose set grew are worked off in sweeps
    /// to the right and to the left. A level of 32 columns takes about 60 column steps.
    pub fn reach(&self, jump: u8, start: Cell) -> Reached {
        match jump {
            1 => self.fill::<1>(start),
            2 => self.fill::<2>(start),
            3 => self.fill::<3>(start),
            _ => self.fill::<4>(start),
        }
    }

    fn fill<const JUMP: usize>(&self, start: Cell) -> Reached {
        let mut reached = [[0u32; 4]; 64];
        let mut at = usize::from(start.x());
        reached[at][0] = 1 << (start.y() % 32);
        let (mut dirty, mut rightwards) = (1u64 << at, true);
        while dirty != 0 {
            // The next column of the sweep, or else turn round.
            let ahead = if rightwards { dirty >> at << at } else { dirty & (!0 >> (63 - at)) };
            if ahead == 0 {
                rightwards = !rightwards;
                continue;
            }
            at = if rightwards { ahead.trailing_zeros() } else { 63 - ahead.leading_zeros() } as usize;
            dirty &= !(1 << at);
            let (ground, ceiling) = (self.solid[at] >> 1, self.solid[at] << 1);
            let live = reached[at].map(|rows| rows & !self.stops[at]);
            let stands = live[0] & ground;
            // Where the vertical move leads, by ticks left after it.
            let mut moved = [0u32; 4];
            moved[0] = stands | (live[0] & !ground) << 1;
            moved[JUMP - 1] |= (stands & !ceiling) >> 1;
            for rising in 1..JUMP {
                moved[0] |= live[rising] & ceiling;
                moved[rising - 1] |= (live[rising] & !ceiling) >> 1;
            }
            for x in [at, at.saturating_sub(1), (at + 1).min(self.last)] {
                let mut grew = 0;
                for rising in 0..JUMP {
                    let fresh = moved[rising] & !self.solid[x] & !reached[x][rising];
                    reached[x][rising] |= fresh;
                    grew |= fresh;
                }
                dirty |= u64::from(grew != 0) << x;
            }
        }
        Reached(reached)
    }
}

impl Reached {
    /// The cells, in whatever phase of a jump.
    pub fn board(&self) -> Board {
        let mut board = Board::EMPTY;
        for (x, layers) in self.0.iter().enumerate() {
            add_column(&mut board, x, layers.iter().fold(0, |all, layer| all | layer));
        }
        board
    }

    /// The cells in which the agent can come to rest alive.
    pub fn rests(&self, terrain: &Columns) -> Board {
        let mut board = Board::EMPTY;
        for x in 1..terrain.last {
            add_column(&mut board, x, self.0[x][0] & (terrain.solid[x] >> 1) & !terrain.stops[x]);
        }
        board
    }
}

fn add_column(board: &mut Board, x: usize, mut rows: u32) {
    while rows != 0 {
        board.rows[rows.trailing_zeros() as usize] |= 1 << x;
        rows &= rows - 1;
    }
}

/// A board's columns, by the recursive exchange of blocks (Warren, Hacker's Delight, section 7-3) on its left and right half.
fn transposed(board: &Board) -> [u32; 64] {
    let mut columns = [0; 64];
    for (half, columns) in columns.chunks_exact_mut(32).enumerate() {
        for (column, row) in columns.iter_mut().zip(&board.rows) {
            *column = (row >> (32 * half)) as u32;
        }
        let (mut size, mut mask) = (16, 0x0000_ffffu32);
        while size > 0 {
            let mut at = 0;
            while at < 32 {
                let swapped = (columns[at] >> size ^ columns[at + size]) & mask;
                columns[at] ^= swapped << size;
                columns[at + size] ^= swapped;
                at = (at + size + 1) & !size;
            }
            size /= 2;
            mask ^= mask << size;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::rng;
    use rand_pcg::rand_core::Rng as _;

    #[test]
    fn transposing_swaps_rows_and_columns() {
        let mut rng = rng(3, 0);
        let board = Board { rows: std::array::from_fn(|_| rng.next_u64()) };
        let columns = transposed(&board);
        for (x, column) in columns.iter().enumerate() {
            for y in 0..32 {
                assert_eq!(column >> y & 1 == 1, board.has(Cell::at(x as u8, y)));
            }
        }
    }
}
