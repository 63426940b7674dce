//! Goals over several things for a walking agent: what is left, and the next thing that happens.
//!
//! An episode is cut at the steps in which something happens to the goal: a thing taken, a chest opened, an end. Between two such
//! steps the agent walks through cells where nothing happens. With `X_j(m)` the value of making `j` happen now when the set `m` is left,
//!
//! ```text
//! V(m, cell) = max_j  discount^(steps(cell, j; m) - 1) * X_j(m)        X_j(m) = reward_j + discount * V(m - j, cell_j)
//! ```
//!
//! where `steps(cell, j; m)` avoids every other cell where something would happen in `m`. This is exact by construction; what makes it
//! fast is that the detour is hardly ever needed:
//! - taking a thing of non-negative weight that nothing else depends on never hurts: the walk onward is the same and its rewards come
//!   no later. For goals without locks plain distances do;
//! - with locks, taking a key early may open the wrong chest on the way (a worse one, or one that is passed again later). A leg by plain
//!   distance is then an upper bound. Only where it beats every leg that is known to be clear is the way searched anew around the cells
//!   where something happens.
//!
//! Products `discount^k * X` find the best legs; those within 1e-12 of the best are then folded step by step, so that the value is the
//! fold of an episode's return to the last bit.

#![expect(clippy::indexing_slicing, reason = "tables are n by n over the nodes of this tour; masks have n bits")]

use std::collections::BTreeSet;

use super::dense::MOST_VALUES;
use super::field::{FAR, Field};
use super::fold::{fold, ladder};
use super::purpose::{Lock, Purpose, refusal};
use crate::{Board, Cell, State, WorldError};

/// Legs whose approximate values differ by less are compared exactly.
const CLOSE: f64 = 1.0 - 1e-12;
/// Up to so many nodes sets are numbered through a table, beyond by search.
const TABLE: usize = 16;

/// A cell where something happens to the goal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub cell: Cell,
    /// Its bit of [`State::left`]; 0 where it ends the episode.
    pub bit: u32,
    pub reward: f64,
}

/// The solved tour.
#[derive(Clone, Debug)]
pub(super) struct Tour {
    nodes: Vec<Node>,
    locks: Vec<Lock>,
    size: (u8, u8),
    open: Board,
    discount: f64,
    /// Steps from every cell to each node.
    fields: Vec<Field>,
    /// Steps from node to node, `discount^(steps - 1)`, and the nodes that lie on the way and on every way as short.
    steps: Vec<u16>,
    near: Vec<f64>,
    via: Vec<u32>,
    powers: Vec<f64>,
    /// Sets of nodes left (bit `j`: node `j`), ascending, and their numbers.
    masks: Vec<u32>,
    numbers: Vec<u32>,
    /// `X_j(m)` at `number(m) * n + j`.
    worth: Vec<f64>,
}

/// The next thing to make happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    node: usize,
    pub steps: u16,
    pub value: f64,
}

impl Tour {
    /// Solves a goal; `open` are the cells that are neither walls nor end the episode, `nodes` lie on distinct cells.
    ///
    /// # Errors
    /// There are too many combinations of things left.
    pub fn solve(
        purpose: &Purpose,
        size: (u8, u8),
        open: &Board,
        start: Cell,
        nodes: &[Node],
        discount: f64,
    ) -> Result<Tour, WorldError> {
        let (mut kept, mut fields) = (Vec::new(), Vec::new());
        for node in nodes {
            let mut target = Board::EMPTY;
            target.add(node.cell);
            let field = Field::flood(size.0, size.1, open, &target);
            if field.at(start) != FAR {
                kept.push(*node);
                fields.push(field);
            }
        }
        let among = |bits: u32| {
            (0..).zip(&kept).filter(|(_, node)| node.bit & bits != 0).fold(0, |mask, (j, _)| mask | 1u32 << j)
        };
        let locks = purpose.locks.iter().map(|lock| Lock {
            keys: among(lock.keys),
            chests: among(lock.chests),
            spare: lock.spare,
        });
        let longest = fields.iter().map(|field| field.longest).max().unwrap_or(0);
        let mut tour = Tour {
            locks: locks.collect(),
            nodes: kept,
            size,
            open: *open,
            discount,
            fields,
            steps: Vec::new(),
            near: Vec::new(),
            via: Vec::new(),
            powers: ladder(1.0, longest.saturating_add(1), discount),
            masks: Vec::new(),
            numbers: Vec::new(),
            worth: Vec::new(),
        };
        tour.measure();
        tour.number(&purpose.goal.name)?;
        tour.fill();
        Ok(tour)
    }

    /// The value of a reduced state.
    #[inline]
    pub fn value(&self, state: State) -> f64 {
        self.leg(state.cell, self.mask(state.left)).map_or(0.0, |leg| leg.value)
    }

    /// Steps until an optimal plan has made everything happen that it is going to.
    pub fn plan_steps(&self, state: State) -> u16 {
        let (mut cell, mut mask, mut steps) = (state.cell, self.mask(state.left), 0u16);
        while let Some(leg) = self.leg(cell, mask) {
            steps = steps.saturating_add(leg.steps);
            cell = self.nodes[leg.node].cell;
            match self.after(mask, leg.node) {
                Some(after) => mask = after,
                None => break,
            }
        }
        steps
    }

    /// The best leg from a cell with a set of nodes left; none where nothing can be gained.
    fn leg(&self, cell: Cell, mask: u32) -> Option<Leg> {
        let live = self.live(mask);
        let worth = self.worth_of(mask, live)?;
        let steps = |j: usize| self.fields[j].at(cell);
        let close = |j: usize| self.powers.get(usize::from(steps(j))).map_or(0.0, |power| power * worth[j]);
        let top = (0..worth.len()).map(close).fold(0.0, f64::max);
        let mut best: Option<Leg> = None;
        for node in (0..worth.len()).filter(|j| top > 0.0 && close(*j) >= top * CLOSE) {
            let leg = Leg { node, steps: steps(node), value: fold(worth[node], steps(node), self.discount) };
            if best.is_none_or(|best| {
                leg.value > best.value || (leg.value == best.value && !self.is_clear(cell, best.node, live))
            }) {
                best = Some(leg);
            }
        }
        let best = best?;
        if self.is_clear(cell, best.node, live) { Some(best) } else { self.leg_around(cell, live, worth) }
    }

    /// The best leg when every cell where something else would happen is walked around.
    #[cold]
    fn leg_around(&self, cell: Cell, live: u32, worth: &[f64]) -> Option<Leg> {
        let mut open = self.open;
        let mut from = Board::EMPTY;
        for (_, node) in (0..).zip(&self.nodes).filter(|(j, _)| live >> j & 1 == 1) {
            open.remove(node.cell);
        }
        from.add(cell);
        let field = Field::flood(self.size.0, self.size.1, &open, &from);
        let mut best: Option<Leg> = None;
        for (j, node) in self.nodes.iter().enumerate().filter(|(j, _)| live >> j & 1 == 1) {
            let nearest = neighbours(node.cell).map(|cell| field.at(cell)).min().unwrap_or(FAR);
            if nearest == FAR {
                continue;
            }
            let leg = Leg { node: j, steps: nearest + 1, value: fold(worth[j], nearest + 1, self.discount) };
            if leg.value > best.map_or(0.0, |best| best.value) {
                best = Some(leg);
            }
        }
        best
    }

    /// Whether a shortest way from a cell to a node passes nothing that would happen; may deny what is true, never the reverse.
    fn is_clear(&self, cell: Cell, node: usize, live: u32) -> bool {
        self.locks.is_empty() || self.way(cell, node) & live & !(1 << node) == 0
    }

    /// The nodes on one shortest way from a cell to a node, neither end included.
    fn way(&self, mut cell: Cell, node: usize) -> u32 {
        let field = &self.fields[node];
        let mut passed = 0;
        while field.at(cell) != FAR && field.at(cell) > 1 {
            let nearer = |next: &Cell| field.at(*next) < field.at(cell);
            let there =
                |next: Cell| (0..).zip(&self.nodes).find(|(_, node)| node.cell == next).map_or(0, |(j, _)| 1u32 << j);
            let Some(next) = neighbours(cell).filter(nearer).min_by_key(|next| there(*next)) else { break };
            passed |= there(next);
            cell = next;
        }
        passed
    }

    /// Distances between the nodes and what lies on the way.
    fn measure(&mut self) {
        let n = self.nodes.len();
        let mut bare = self.open;
        self.nodes.iter().for_each(|node| bare.remove(node.cell));
        let clear: Vec<Field> = match self.locks.as_slice() {
            [] => Vec::new(),
            _ => {
                self.nodes.iter().map(|node| Field::flood(self.size.0, self.size.1, &bare, &only(node.cell))).collect()
            }
        };
        for i in 0..n {
            for j in 0..n {
                let steps = if i == j { FAR } else { self.fields[j].at(self.nodes[i].cell) };
                self.steps.push(steps);
                self.near.push(self.powers.get(usize::from(steps)).copied().unwrap_or(0.0));
                let around = |field: &Field| neighbours(self.nodes[i].cell).map(|cell| field.at(cell)).min();
                let is_clear = clear.get(j).is_none_or(|field| around(field).is_some_and(|near| near < steps));
                let via = if is_clear || steps == FAR { 0 } else { self.way(self.nodes[i].cell, j) };
                self.via.push(via);
            }
        }
    }

    /// Finds every set of nodes that episodes can come to.
    fn number(&mut self, goal: &str) -> Result<(), WorldError> {
        let n = self.nodes.len();
        let full = self.reduced(if n == 32 { u32::MAX } else { (1 << n) - 1 });
        let small = n <= TABLE;
        let mut table = if small { vec![u32::MAX; full as usize + 1] } else { Vec::new() };
        let mut open = BTreeSet::from([full]);
        let mut cursor = full;
        if small {
            table[full as usize] = 0;
        }
        loop {
            // Successors are smaller numbers: a scan downwards, or the largest of a set, meets every set after all that lead to it.
            let mask = if small {
                while cursor > 0 && table[cursor as usize] == u32::MAX {
                    cursor -= 1;
                }
                cursor
            } else {
                open.pop_last().unwrap_or(0)
            };
            if mask == 0 {
                break;
            }
            cursor = cursor.saturating_sub(1);
            let live = self.live(mask);
            if live == 0 {
                continue;
            }
            self.masks.push(mask);
            if self.masks.len() * n > MOST_VALUES {
                return Err(refusal(format!(
                    "goal `{goal}` has to order too many things in this level: place fewer that it weighs"
                )));
            }
            for after in bits(live).filter_map(|j| self.after(mask, j)) {
                if small {
                    table[after as usize] = 0;
                } else {
                    open.insert(after);
                }
            }
        }
        self.masks.reverse();
        if small {
            table.fill(u32::MAX);
            (0..).zip(&self.masks).for_each(|(number, mask)| table[*mask as usize] = number);
        }
        self.numbers = table;
        Ok(())
    }

    /// Solves all sets, those with the least left first.
    fn fill(&mut self) {
        let n = self.nodes.len();
        self.worth = vec![0.0; self.masks.len() * n];
        for number in 0..self.masks.len() {
            let mask = self.masks[number];
            for j in bits(self.live(mask)) {
                let rest = self.after(mask, j).map_or(0.0, |after| self.onward(after, j));
                self.worth[number * n + j] = self.nodes[j].reward + self.discount * rest;
            }
        }
    }

    /// The value of standing on node `i` with a set left that is solved.
    fn onward(&self, mask: u32, i: usize) -> f64 {
        let n = self.nodes.len();
        let live = self.live(mask);
        let Some(worth) = self.worth_of(mask, live) else { return 0.0 };
        let (near, steps) = (&self.near[i * n..(i + 1) * n], &self.steps[i * n..(i + 1) * n]);
        let via = &self.via[i * n..(i + 1) * n];
        let (mut sure, mut top) = (0.0f64, 0.0f64);
        for ((near, worth), via) in near.iter().zip(worth).zip(via) {
            let value = near * worth;
            top = top.max(value);
            sure = sure.max(if via & live == 0 { value } else { 0.0 });
        }
        let (mut exact, mut bound) = (0.0f64, 0.0f64);
        for j in 0..n {
            let value = near[j] * worth[j];
            if value > 0.0 && value >= sure * CLOSE {
                let value = fold(worth[j], steps[j], self.discount);
                bound = bound.max(value);
                if via[j] & live == 0 {
                    exact = exact.max(value);
                }
            }
        }
        if bound > exact {
            self.leg_around(self.nodes[i].cell, live, worth).map_or(0.0, |leg| leg.value)
        } else {
            exact
        }
    }

    /// The row of `X_j`; none where nothing can happen, or the set was not foreseen.
    #[inline]
    fn worth_of(&self, mask: u32, live: u32) -> Option<&[f64]> {
        if live == 0 {
            return None;
        }
        let number = match self.numbers.get(mask as usize) {
            Some(number) => *number as usize,
            None => self.masks.binary_search(&mask).ok()?,
        };
        self.worth.get(number * self.nodes.len()..)?.get(..self.nodes.len())
    }

    /// The nodes left in a state.
    #[inline]
    fn mask(&self, left: u32) -> u32 {
        let there = (0..).zip(&self.nodes).filter(|(_, node)| node.bit == 0 || node.bit & left != 0);
        self.reduced(there.fold(0, |mask, (j, _)| mask | 1 << j))
    }

    /// The nodes at which something would happen: all that are left, but no chest without a key.
    #[inline]
    fn live(&self, mask: u32) -> u32 {
        self.locks.iter().fold(mask, |live, lock| if lock.held(mask) == 0 { live & !lock.chests } else { live })
    }

    /// What is left after node `j` happened; none where that ends the episode.
    #[inline]
    fn after(&self, mask: u32, j: usize) -> Option<u32> {
        (self.nodes[j].bit != 0).then(|| self.reduced(mask & !(1 << j)))
    }

    #[inline]
    fn reduced(&self, mask: u32) -> u32 {
        self.locks.iter().fold(mask, |mask, lock| lock.reduced(mask))
    }
}

fn only(cell: Cell) -> Board {
    let mut board = Board::EMPTY;
    board.add(cell);
    board
}

fn neighbours(cell: Cell) -> impl Iterator<Item = Cell> {
    let steps = [u16::MAX, 1, crate::STRIDE.wrapping_neg(), crate::STRIDE];
    steps.into_iter().map(move |step| Cell(cell.0.wrapping_add(step)))
}

fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}
