//! The ways of a walking agent between the cells of a tour.

#![expect(clippy::indexing_slicing, reason = "tables have a row of `width` entries for each of the nodes")]

use super::field::{FAR, Field};
use super::fold::ladder;
use super::sets::bits;
use crate::{Board, Cell, STRIDE};

/// Distances to and between nodes, and what lies on the way.
#[derive(Clone, Debug)]
pub(super) struct Trips {
    pub cells: Vec<Cell>,
    /// Entries in a row of the tables below: the number of nodes, rounded up to whole vectors of four.
    pub width: usize,
    size: (u8, u8),
    open: Board,
    /// Steps from every cell to each node.
    fields: Vec<Field>,
    /// Steps from node `i` to node `j` at `i * width + j`, and `discount^(steps - 1)`, 0 where there is no way.
    steps: Vec<u16>,
    near: Vec<f64>,
    /// The nodes on a shortest way from `i` to `j`, none if some shortest way passes none; in `crowded` all of a row.
    via: Vec<u32>,
    crowded: Vec<u32>,
    /// `discount^(n - 1)` at `n`.
    powers: Vec<f64>,
}

impl Trips {
    /// Measures all ways; `fields` are those of the cells. Without `locked` what lies on the way is of no interest.
    pub fn new(
        cells: Vec<Cell>,
        fields: Vec<Field>,
        size: (u8, u8),
        open: &Board,
        discount: f64,
        locked: bool,
    ) -> Trips {
        let n = cells.len();
        let width = n.next_multiple_of(4);
        let longest = fields.iter().map(|field| field.longest).max().unwrap_or(0);
        let mut trips = Trips {
            width,
            size,
            open: *open,
            steps: vec![FAR; n * width],
            near: vec![0.0; n * width],
            via: vec![0; n * width],
            crowded: vec![0; n],
            powers: ladder(1.0, longest.saturating_add(1), discount),
            cells,
            fields,
        };
        for (i, &cell) in trips.cells.iter().enumerate() {
            for (j, field) in trips.fields.iter().enumerate().filter(|(j, _)| *j != i) {
                let steps = field.at(cell);
                trips.steps[i * width + j] = steps;
                trips.near[i * width + j] = trips.powers.get(usize::from(steps)).copied().unwrap_or(0.0);
            }
        }
        if locked {
            trips.look_for_obstacles();
        }
        trips
    }

    fn look_for_obstacles(&mut self) {
        let mut bare = self.open;
        self.cells.iter().for_each(|cell| bare.remove(*cell));
        for j in 0..self.cells.len() {
            let clear = Field::flood(self.size.0, self.size.1, &bare, &only(self.cells[j]));
            for i in 0..self.cells.len() {
                let steps = self.steps[i * self.width + j];
                let detours = !neighbours(self.cells[i]).any(|cell| clear.at(cell) < steps);
                if steps != FAR && detours {
                    let via = self.way(self.cells[i], j);
                    self.via[i * self.width + j] = via;
                    self.crowded[i] |= via;
                }
            }
        }
    }

    /// From node `i`: steps, `discount^(steps - 1)` and what lies on the way, for each node; and all that lies on any of the ways.
    #[inline]
    pub fn row(&self, i: usize) -> (&[u16], &[f64], &[u32], u32) {
        let row = i * self.width..(i + 1) * self.width;
        (&self.steps[row.clone()], &self.near[row.clone()], &self.via[row], self.crowded[i])
    }

    /// Steps from a cell to node `j` and `discount^(steps - 1)`; 0 where there is no way, and on the node itself, which is behind the agent.
    #[inline]
    pub fn leg(&self, cell: Cell, j: usize) -> (u16, f64) {
        let steps = self.fields[j].at(cell);
        (steps, self.powers.get(usize::from(steps)).copied().unwrap_or(0.0))
    }

    /// The nodes on one shortest way from a cell to a node, neither end included: none where it is easy to find such a way.
    pub fn way(&self, mut cell: Cell, j: usize) -> u32 {
        let field = &self.fields[j];
        let mut passed = 0;
        while field.at(cell) != FAR && field.at(cell) > 1 {
            let nearer = |next: &Cell| field.at(*next) < field.at(cell);
            let node =
                |next: Cell| (0..).zip(&self.cells).find(|(_, cell)| **cell == next).map_or(0, |(j, _)| 1u32 << j);
            let Some(next) = neighbours(cell).filter(nearer).min_by_key(|next| node(*next)) else { break };
            passed |= node(next);
            cell = next;
        }
        passed
    }

    /// The live nodes and the steps to them from a cell when all other live nodes are walked around.
    pub fn around(&self, cell: Cell, live: u32) -> impl Iterator<Item = (usize, u16)> {
        let mut open = self.open;
        bits(live).for_each(|j| open.remove(self.cells[j]));
        let field = Field::flood(self.size.0, self.size.1, &open, &only(cell));
        bits(live).filter_map(move |j| {
            let nearest = neighbours(self.cells[j]).map(|cell| field.at(cell)).min()?;
            (nearest != FAR).then(|| (j, nearest + 1))
        })
    }
}

pub(super) fn only(cell: Cell) -> Board {
    let mut board = Board::EMPTY;
    board.add(cell);
    board
}

fn neighbours(cell: Cell) -> impl Iterator<Item = Cell> {
    let steps = [u16::MAX, 1, STRIDE.wrapping_neg(), STRIDE];
    steps.into_iter().map(move |step| Cell(cell.0.wrapping_add(step)))
}
