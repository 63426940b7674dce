//! Values of goals that follow a guide: while it walks they depend on the time, and are worked back from when it stands.
//!
//! The guide's way depends on nothing that the agent does (`crate::guide`). So at time `t` before it stands the Bellman equation has its right-hand side
//! at time `t + 1`, and one sweep a time is exact; values are folded as everywhere.

#![expect(clippy::indexing_slicing, reason = "blocks are slices of one value a layer and node")]

use super::dense::{Dense, MOST_VALUES, too_much};
use super::graph::{NONE, advance};
use super::purpose::Purpose;
use crate::{Level, State, World, WorldError};

impl Dense {
    /// Adds the values of all times before the guide stands; nothing for goals that do not follow one.
    ///
    /// # Errors
    /// There are too many combinations of things left and times.
    pub fn work_back(&mut self, world: &World, level: &Level, purpose: &Purpose) -> Result<(), WorldError> {
        let (block, times) = (self.values.len(), usize::from(purpose.settles));
        if block * times > MOST_VALUES {
            return Err(too_much(&purpose.goal.name));
        }
        self.earlier.reserve_exact(block * times);
        for time in (0..purpose.settles).rev() {
            let mut swept = Vec::with_capacity(block);
            for layer in 0..self.layers.len() {
                self.sweep(world, level, purpose, (layer, time), &mut swept);
            }
            self.earlier.extend(swept);
        }
        Ok(())
    }

    /// The values of one layer at one time, from those at the next.
    fn sweep(
        &self,
        world: &World,
        level: &Level,
        purpose: &Purpose,
        (layer, time): (usize, u16),
        swept: &mut Vec<f64>,
    ) {
        let (left, discount, size) = (self.layers[layer], world.spec().discount, self.graph.nodes.len());
        // What follows if nothing happens: the same layer a step later.
        let back = usize::from(purpose.settles - time - 1);
        let later = match back.checked_sub(1) {
            None => &self.values[layer * size..(layer + 1) * size],
            Some(back) => &self.earlier[back * self.values.len() + layer * size..][..size],
        };
        let mut looks = self.graph.looks.iter().peekable();
        for node in 0..size as u32 {
            let mut best = f64::NEG_INFINITY;
            for (action, next) in (0u8..).zip(self.graph.next(node)) {
                let look = looks.next_if(|look| (look.node, look.action) == (node, action));
                let value = if look.is_some() || *next == NONE {
                    let state = State { left, time, ..self.graph.nodes[node as usize] };
                    let (events, after, ended) = advance(world, level, state, action);
                    let rest = if ended { 0.0 } else { self.value(purpose, purpose.reduced(after)) };
                    purpose.goal.reward(events) + discount * rest
                } else {
                    0.0 + discount * later[*next as usize]
                };
                best = best.max(value);
            }
            swept.push(best);
        }
    }
}
