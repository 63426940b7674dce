//! Advantages toward an arbitrary cell, for targets that no declared goal names.

#![expect(
    clippy::indexing_slicing,
    reason = "steps are indexed by node numbers of the graph that they were searched in"
)]

use std::sync::Arc;

use super::WORST_ADVANTAGE;
use super::field::FAR;
use super::graph::{Graph, NONE};
use crate::{Cell, MAX_ACTIONS, State};

/// Steps to a cell from everywhere, by breadth-first search backwards; cells that end the episode are in the way unless they are the target.
#[derive(Clone, Debug)]
pub struct Reach {
    graph: Arc<Graph>,
    target: Cell,
    discount: f64,
    /// For each node the steps until the cell is entered.
    steps: Vec<u16>,
}

impl Reach {
    pub(super) fn new(graph: Arc<Graph>, target: Cell, discount: f64) -> Reach {
        let mut steps = vec![FAR; graph.nodes.len()];
        let mut queue: Vec<u32> = Vec::new();
        for look in graph.looks.iter().filter(|look| look.next == NONE && look.cell == target) {
            if steps[look.node as usize] == FAR {
                steps[look.node as usize] = 1;
                queue.push(look.node);
            }
        }
        for (node, _) in (0u32..).zip(&graph.nodes).filter(|(_, state)| state.cell == target) {
            steps[node as usize] = 0;
        }
        for node in (0u32..).zip(&graph.nodes).filter(|(_, state)| state.cell == target).map(|(node, _)| node) {
            for &before in graph.before(node) {
                if steps[before as usize] == FAR {
                    steps[before as usize] = 1;
                    queue.push(before);
                }
            }
        }
        let mut head = 0;
        while let Some(&node) = queue.get(head) {
            head += 1;
            for &before in graph.before(node) {
                if steps[before as usize] == FAR {
                    steps[before as usize] = steps[node as usize] + 1;
                    queue.push(before);
                }
            }
        }
        Reach { graph, target, discount, steps }
    }

    /// The target.
    pub fn target(&self) -> Cell {
        self.target
    }

    /// Steps until the target is entered, 0 on it; none where there is no way.
    pub fn steps(&self, state: &State) -> Option<u16> {
        self.steps.get(self.graph.node(*state) as usize).copied().filter(|steps| *steps != FAR && !state.done)
    }

    /// Each action's advantage in units of one step's cost, as [`super::Oracle::advantages`]: `k` steps wasted cost
    /// `(discount^k - 1) / (1 - discount)`. All 0 on the target and where there is no way to it.
    pub fn advantages(&self, state: &State) -> [f64; MAX_ACTIONS] {
        let Some(steps) = self.steps(state).filter(|steps| *steps > 0) else { return [0.0; MAX_ACTIONS] };
        let node = self.graph.node(*state);
        let mut out = [WORST_ADVANTAGE; MAX_ACTIONS];
        for (action, out) in (0u8..).zip(&mut out).take(self.graph.actions) {
            let next = self.graph.next(node)[usize::from(action)];
            let rest = match self.steps.get(next as usize) {
                Some(rest) => *rest,
                None if self.ends_on_target(node, action) => 0,
                None => FAR,
            };
            if rest != FAR {
                let wasted = i32::from(rest) + 1 - i32::from(steps);
                let cost = (self.discount.powi(wasted) - 1.0) / (1.0 - self.discount);
                *out = if wasted == 0 { 0.0 } else { cost.max(WORST_ADVANTAGE) };
            }
        }
        out
    }

    /// Whether an action that ends the episode does so on the target.
    fn ends_on_target(&self, node: u32, action: u8) -> bool {
        let first = self.graph.looks.partition_point(|look| (look.node, look.action) < (node, action));
        self.graph
            .looks
            .get(first)
            .is_some_and(|look| (look.node, look.action, look.cell) == (node, action, self.target))
    }
}
