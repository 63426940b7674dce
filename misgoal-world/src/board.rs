//! Bitboards: one bit a cell, one 64-bit word a row.

#![expect(
    clippy::indexing_slicing,
    reason = "a row's number is masked to the 32 rows of the array; a step reads four bits this way"
)]

/// Cells in a row of every board; a cell's number is `y * STRIDE + x`.
pub const STRIDE: u16 = 64;
/// Rows of every board. A level's interior is at most 62 wide and 30 high: its border takes the rest.
pub const ROWS: usize = 32;

/// A cell of a level, `y * STRIDE + x`, border included: the interior begins at (1, 1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cell(pub u16);

impl Cell {
    /// The cell in column `x` and row `y`, both counted from the border at 0.
    pub const fn at(x: u8, y: u8) -> Cell {
        Cell(y as u16 * STRIDE + x as u16)
    }
    /// The column, 0 at the left border.
    pub const fn x(self) -> u8 {
        (self.0 % STRIDE) as u8
    }
    /// The row, 0 at the top border.
    pub const fn y(self) -> u8 {
        (self.0 / STRIDE) as u8
    }
    /// The cell as an index into a table of `STRIDE * ROWS` entries.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
    /// Steps between two cells where nothing is in the way.
    pub fn manhattan(self, other: Cell) -> u16 {
        u16::from(self.x().abs_diff(other.x())) + u16::from(self.y().abs_diff(other.y()))
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {})", self.x(), self.y())
    }
}

/// A set of cells.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Board {
    /// Bit `x` of word `y` is the cell in column `x` and row `y`.
    pub rows: [u64; ROWS],
}

impl Board {
    /// The empty set.
    pub const EMPTY: Board = Board { rows: [0; ROWS] };

    /// Whether the cell is in the set. Cell numbers wrap at `STRIDE * ROWS`.
    #[inline]
    pub fn has(&self, cell: Cell) -> bool {
        self.rows[usize::from(cell.0 / STRIDE) % ROWS] >> (cell.0 % STRIDE) & 1 == 1
    }
    /// Row `y` as a word; rows outside of the board are empty.
    #[inline]
    pub fn row(&self, y: u8) -> u64 {
        self.rows.get(usize::from(y)).copied().unwrap_or(0)
    }
    /// Adds a cell.
    #[inline]
    pub fn add(&mut self, cell: Cell) {
        self.rows[usize::from(cell.0 / STRIDE) % ROWS] |= 1 << (cell.0 % STRIDE);
    }
    /// Takes a cell out.
    #[inline]
    pub fn remove(&mut self, cell: Cell) {
        self.rows[usize::from(cell.0 / STRIDE) % ROWS] &= !(1 << (cell.0 % STRIDE));
    }
    /// The cells of `self` that are also in `other`.
    #[inline]
    #[must_use]
    pub fn and(mut self, other: &Board) -> Board {
        self.rows.iter_mut().zip(&other.rows).for_each(|(row, other)| *row &= other);
        self
    }
    /// The cells of `self` that are not in `other`.
    #[inline]
    #[must_use]
    pub fn minus(mut self, other: &Board) -> Board {
        self.rows.iter_mut().zip(&other.rows).for_each(|(row, other)| *row &= !other);
        self
    }
    /// The cells of either.
    #[inline]
    #[must_use]
    pub fn or(mut self, other: &Board) -> Board {
        self.rows.iter_mut().zip(&other.rows).for_each(|(row, other)| *row |= other);
        self
    }
    /// The cells in the columns whose bits are set in `columns`.
    #[must_use]
    pub fn columns(mut self, columns: u64) -> Board {
        self.rows.iter_mut().for_each(|row| *row &= columns);
        self
    }
    /// The cells of the set and their four neighbours.
    #[must_use]
    pub fn grown(&self) -> Board {
        let mut grown = Board::EMPTY;
        for y in 0..ROWS {
            let (above, below) =
                (y.checked_sub(1).map_or(0, |y| self.rows[y]), self.rows.get(y + 1).copied().unwrap_or(0));
            grown.rows[y] = self.rows[y] | self.rows[y] << 1 | self.rows[y] >> 1 | above | below;
        }
        grown
    }
    /// Whether the set has no cell.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| *row == 0)
    }
    /// The cell of number `index`, counted row by row from the top left.
    pub fn nth(&self, mut index: u32) -> Option<Cell> {
        for (y, mut row) in (0u8..).zip(self.rows) {
            let here = row.count_ones();
            if index < here {
                for _ in 0..index {
                    row &= row - 1;
                }
                return Some(Cell::at(row.trailing_zeros() as u8, y));
            }
            index -= here;
        }
        None
    }
    /// How many cells are in the set.
    pub fn count(&self) -> u32 {
        self.rows.iter().map(|row| row.count_ones()).sum()
    }
    /// The cells of the set, row by row from the top left.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        (0u8..).zip(self.rows).flat_map(|(y, mut row)| {
            std::iter::from_fn(move || {
                let x = (row != 0).then(|| row.trailing_zeros() as u8)?;
                row &= row - 1;
                Some(Cell::at(x, y))
            })
        })
    }
}

impl Default for Board {
    fn default() -> Board {
        Board::EMPTY
    }
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.cells()).finish()
    }
}
