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

#![expect(
    clippy::indexing_slicing,
    reason = "rows have one entry for each of the tour's nodes, padded to whole vectors"
)]

use super::dense::MOST_VALUES;
use super::field::{FAR, Field};
use super::fold::fold;
use super::purpose::{Lock, Purpose, refusal};
use super::sets::{Sets, bits};
use super::trips::{Trips, only};
use crate::{Board, Cell, State, WorldError};

/// Legs whose approximate values differ by less are compared exactly.
const CLOSE: f64 = 1.0 - 1e-12;
/// Most nodes of a tour, padding included.
pub(super) const MOST_NODES: usize = 32;

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
    discount: f64,
    trips: Trips,
    sets: Sets,
    /// `X_j(m)` at `number(m) * width + j`.
    worth: Vec<f64>,
}

/// The next thing to make happen.
#[derive(Clone, Copy, Debug)]
struct Leg {
    node: usize,
    steps: u16,
    value: f64,
}

impl Tour {
    /// Solves a goal; `open` are the cells that are neither walls nor end the episode, `nodes` lie on at most [`MOST_NODES`] distinct cells.
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
            let field = Field::flood(size.0, size.1, open, &only(node.cell));
            if field.at(start) != FAR {
                kept.push(*node);
                fields.push(field);
            }
        }
        let among = |wanted: &dyn Fn(&Node) -> bool| {
            (0..).zip(&kept).filter(|(_, node)| wanted(node)).fold(0, |mask, (j, _)| mask | 1u32 << j)
        };
        let locks = purpose.locks.iter().map(|lock| Lock {
            keys: among(&|node| node.bit & lock.keys != 0),
            chests: among(&|node| node.bit & lock.chests != 0),
            spare: lock.spare,
        });
        let locks: Vec<Lock> = locks.collect();
        let endings = among(&|node| node.bit == 0);
        let cells = kept.iter().map(|node| node.cell).collect();
        let trips = Trips::new(cells, fields, size, open, discount, !locks.is_empty());
        let most = MOST_VALUES / trips.width.max(1);
        let Some(sets) = Sets::new(kept.len(), endings, locks, most) else {
            let name = &purpose.goal.name;
            return Err(refusal(format!(
                "goal `{name}` has to order too many things in this level: place fewer that it weighs"
            )));
        };
        let worth = vec![0.0; sets.masks.len() * trips.width];
        let mut tour = Tour { nodes: kept, discount, trips, sets, worth };
        tour.fill();
        Ok(tour)
    }

    /// The value of a reduced state.
    #[inline]
    pub fn value(&self, state: State) -> f64 {
        self.leg(state.cell, self.mask(state.left)).map_or(0.0, |leg| leg.value)
    }

    /// The length of an optimal plan from a reduced state.
    pub fn plan_steps(&self, state: State) -> u16 {
        let (mut cell, mut mask, mut steps) = (state.cell, self.mask(state.left), 0u16);
        while let Some(leg) = self.leg(cell, mask) {
            steps = steps.saturating_add(leg.steps);
            cell = self.nodes[leg.node].cell;
            match self.sets.after(mask, leg.node) {
                Some(after) => mask = after,
                None => break,
            }
        }
        steps
    }

    /// The nodes left in a state.
    #[inline]
    fn mask(&self, left: u32) -> u32 {
        let there = (0..).zip(&self.nodes).filter(|(_, node)| node.bit == 0 || node.bit & left != 0);
        self.sets.reduced(there.fold(0, |mask, (j, _)| mask | 1 << j))
    }

    /// The best leg from a cell with a set of nodes left; none where nothing can be gained.
    fn leg(&self, cell: Cell, mask: u32) -> Option<Leg> {
        let (number, live) = self.sets.find(mask)?;
        let worth = self.worth(number);
        let mut values = [0.0; MOST_NODES];
        let mut top = 0.0;
        for j in bits(live) {
            values[j] = self.trips.leg(cell, j).1 * worth[j];
            top = larger(top, values[j]);
        }
        let mut best: Option<Leg> = None;
        for node in bits(live).filter(|j| values[*j] > 0.0 && values[*j] >= top * CLOSE) {
            let steps = self.trips.leg(cell, node).0;
            let leg = Leg { node, steps, value: fold(worth[node], steps, self.discount) };
            let is_better = |best: Leg| {
                leg.value > best.value || (leg.value == best.value && !self.is_clear(cell, best.node, live))
            };
            if best.is_none_or(is_better) {
                best = Some(leg);
            }
        }
        let best = best?;
        if self.is_clear(cell, best.node, live) { Some(best) } else { self.leg_around(cell, live, worth) }
    }

    /// The best leg when every cell where something else would happen is walked around.
    #[cold]
    fn leg_around(&self, cell: Cell, live: u32, worth: &[f64]) -> Option<Leg> {
        let legs = self.trips.around(cell, live);
        let legs = legs.map(|(node, steps)| Leg { node, steps, value: fold(worth[node], steps, self.discount) });
        legs.filter(|leg| leg.value > 0.0).max_by(|a, b| a.value.total_cmp(&b.value))
    }

    /// Whether a shortest way from a cell to a node passes nothing that would happen; may deny what is true, never the reverse.
    fn is_clear(&self, cell: Cell, node: usize, live: u32) -> bool {
        self.sets.locks.is_empty() || self.trips.way(cell, node) & live == 0
    }

    /// Solves all sets, those with the least left first.
    fn fill(&mut self) {
        for number in 0..self.sets.masks.len() {
            let mask = self.sets.masks[number];
            let live = self.sets.find(mask).map_or(0, |(_, live)| live);
            for j in bits(live) {
                let rest = self.sets.after(mask, j).map_or(0.0, |after| self.onward(after, j));
                self.worth[number * self.trips.width + j] = self.nodes[j].reward + self.discount * rest;
            }
        }
    }

    /// The value of standing on node `i` with a set left that is solved.
    fn onward(&self, mask: u32, i: usize) -> f64 {
        let Some((number, live)) = self.sets.find(mask) else { return 0.0 };
        let worth = self.worth(number);
        let (steps, near, via, crowded) = self.trips.row(i);
        let mut values = [0.0; MOST_NODES];
        let top = products(near, worth, &mut values);
        // The best leg that is surely clear; legs below it do not matter, whatever is in their way.
        let mut sure = top;
        if crowded & live != 0 {
            sure = 0.0;
            for (value, via) in values.iter().zip(via) {
                sure = larger(sure, if via & live == 0 { *value } else { 0.0 });
            }
        }
        let (mut exact, mut bound) = (0.0, 0.0);
        let near_best = sure * CLOSE;
        for (((value, worth), steps), via) in values.iter().zip(worth).zip(steps).zip(via) {
            if *value >= near_best && *value > 0.0 {
                let value = fold(*worth, *steps, self.discount);
                bound = larger(bound, value);
                exact = larger(exact, if via & live == 0 { value } else { 0.0 });
            }
        }
        if bound > exact {
            self.leg_around(self.nodes[i].cell, live, worth).map_or(0.0, |leg| leg.value)
        } else {
            exact
        }
    }

    #[inline]
    fn worth(&self, number: usize) -> &[f64] {
        &self.worth[number * self.trips.width..(number + 1) * self.trips.width]
    }
}

/// Unlike `f64::max` one machine instruction; neither is `NaN`.
#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Element-wise products of two rows of whole vectors of four, and the largest.
#[inline]
fn products(near: &[f64], worth: &[f64], values: &mut [f64; MOST_NODES]) -> f64 {
    let mut top = [0.0; 4];
    for ((near, worth), values) in
        near.as_chunks::<4>().0.iter().zip(worth.as_chunks::<4>().0).zip(values.as_chunks_mut::<4>().0)
    {
        for lane in 0..4 {
            values[lane] = near[lane] * worth[lane];
            top[lane] = larger(top[lane], values[lane]);
        }
    }
    larger(larger(top[0], top[1]), larger(top[2], top[3]))
}
