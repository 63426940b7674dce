//! Distance fields of walking agents by bitboard flood fill: a wave a step, a word a row.

#![expect(clippy::indexing_slicing, reason = "rows are masked to the board's 32 and cells to the level's interior")]

use crate::{Board, Cell, ROWS};

/// Further than any number of steps.
pub(crate) const FAR: u16 = u16::MAX;

/// Steps between each cell and the nearest of some targets; [`FAR`] where there is no way.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    width: u16,
    steps: Vec<u16>,
    /// The largest number of steps in the field.
    pub longest: u16,
}

impl Field {
    /// Floods from `targets` through `open`; targets are left even where they are not open. `width` and `height` count the interior.
    pub fn flood(width: u8, height: u8, open: &Board, targets: &Board) -> Field {
        let rows = usize::from(height).min(ROWS - 2);
        let width = u16::from(width) + 2;
        let mut steps = vec![FAR; usize::from(width) * (rows + 2)];
        let mut free = *open;
        let mut front = *targets;
        // The rows that the front touches: a wave looks one further either way.
        let (mut low, mut high) = (ROWS, 0);
        for y in 1..=rows {
            if front.rows[y] != 0 {
                (low, high) = (low.min(y), y);
            }
        }
        let mut wave = 0;
        while low <= high {
            let mut next = Board::EMPTY;
            let (from, to) = ((low - 1).max(1), (high + 1).min(rows));
            (low, high) = (ROWS, 0);
            for y in from..=to {
                let here = front.rows[y];
                let mut bits = here;
                while bits != 0 {
                    steps[y * usize::from(width) + bits.trailing_zeros() as usize] = wave;
                    bits &= bits - 1;
                }
                free.rows[y] &= !here;
                let spread = (here << 1 | here >> 1 | front.rows[y - 1] | front.rows[y + 1]) & free.rows[y];
                next.rows[y] = spread;
                if spread != 0 {
                    (low, high) = (low.min(y), y);
                }
            }
            front = next;
            wave += 1;
        }
        Field { width, steps, longest: wave.saturating_sub(1) }
    }

    /// Steps at a cell.
    #[inline]
    pub fn at(&self, cell: Cell) -> u16 {
        let index = usize::from(cell.y()) * usize::from(self.width) + usize::from(cell.x());
        self.steps.get(index).copied().unwrap_or(FAR)
    }
}
