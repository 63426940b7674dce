//! Shortest paths under a world's own dynamics.

use crate::{Board, Cell, Movement, STRIDE, World, dynamics};

impl World {
    /// The cells of all shortest paths from `start` to `to`, both included; `stops` are entered, not left. Empty where there is none.
    ///
    /// A breadth-first search over cells (with gravity: cells and ticks left to rise) layer by layer, then back from the goal through the
    /// states that led to it.
    pub(crate) fn shortest_paths(&self, walls: &Board, stops: &Board, start: Cell, to: Cell) -> Board {
        let mut layers = vec![vec![(start, 0u8)]];
        let mut seen = vec![false; usize::from(STRIDE) * crate::ROWS * 4];
        let slot = |(cell, rise): (Cell, u8)| cell.index() * 4 + usize::from(rise % 4);
        seen.iter_mut().skip(slot((start, 0))).take(1).for_each(|seen| *seen = true);
        let mut reached = start == to;
        while !reached {
            let mut next = Vec::new();
            for &(cell, rise) in layers.last().into_iter().flatten() {
                if stops.has(cell) {
                    continue;
                }
                for state in self.successors(walls, cell, rise) {
                    if let Some(seen) = seen.get_mut(slot(state))
                        && !*seen
                    {
                        *seen = true;
                        reached |= state.0 == to;
                        next.push(state);
                    }
                }
            }
            if next.is_empty() {
                return Board::EMPTY;
            }
            layers.push(next);
        }
        let mut path = Board::EMPTY;
        let mut ahead: Vec<(Cell, u8)> =
            layers.pop().unwrap_or_default().into_iter().filter(|state| state.0 == to).collect();
        path.add(to);
        while let Some(layer) = layers.pop() {
            let leads = |&(cell, rise): &(Cell, u8)| {
                !stops.has(cell) && self.successors(walls, cell, rise).any(|state| ahead.contains(&state))
            };
            ahead = layer.into_iter().filter(leads).collect();
            ahead.iter().for_each(|state| path.add(state.0));
        }
        path
    }

    fn successors<'a>(&self, walls: &'a Board, cell: Cell, rise: u8) -> impl Iterator<Item = (Cell, u8)> + use<'a> {
        let movement = self.spec().movement;
        (0..self.action_count() as u8).map(move |action| match movement {
            Movement::Walk => (dynamics::walk(walls, cell, action), 0),
            Movement::Platform { jump } => dynamics::fall(walls, jump, cell, rise, action),
        })
    }
}
