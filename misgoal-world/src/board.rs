//! Bitboards: one bit a cell, one 64-bit word a row.

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

    /// Whether the cell is in the set.
    #[inline]
    pub fn has(&self, cell: Cell) -> bool {
        self.row(cell.y()) >> cell.x() & 1 == 1
    }
    /// Row `y` as a word; rows outside of the board are empty.
    #[inline]
    pub fn row(&self, y: u8) -> u64 {
        self.rows.get(usize::from(y)).copied().unwrap_or(0)
    }
    /// Adds a cell.
    #[inline]
    pub fn add(&mut self, cell: Cell) {
        if let Some(row) = self.rows.get_mut(usize::from(cell.y())) {
            *row |= 1 << cell.x();
        }
    }
    /// Takes a cell out.
    #[inline]
    pub fn remove(&mut self, cell: Cell) {
        if let Some(row) = self.rows.get_mut(usize::from(cell.y())) {
            *row &= !(1 << cell.x());
        }
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
