//! The solver that covers every goal: values over the movement graph, one layer for each set of things left. Where a guide is followed, these are the
//! values from when it stands, and `timed` works back from them.
//!
//! Rewards come only with events that use something up or end the episode. So a reward always leaves its layer for one with fewer
//! things left, whose values are known when layers are solved from the emptiest up. Inside a layer steps only discount, and values
//! follow in two passes.
//! 1. Positive values, best first. A step back multiplies by the discount, so candidates come out of a queue in falling order and are
//!    merged with the sorted values of the edges that leave the layer: every node is settled once, at its maximum. Rounded products
//!    keep that order, so the values are a fixed point of the rounded Bellman equation, to the last bit.
//! 2. Where nothing positive can be had and some weight is negative: an agent that can stay in the layer for ever does so, for 0. Nodes from
//!    which every path leaves the layer (a fall onto spikes) have no cycle among them and are settled in topological order.

#![expect(clippy::indexing_slicing, reason = "layers are slices of one value a node of the graph")]

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cross;
use super::graph::{Graph, NONE, advance};
use super::purpose::{Purpose, refusal};
use crate::{Level, State, World, WorldError};

/// Most values that a solution may hold: 32 MiB.
pub(super) const MOST_VALUES: usize = 1 << 22;

/// Values by layer and node.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    pub graph: Arc<Graph>,
    /// The bits left of each layer, ascending.
    pub(super) layers: Vec<u32>,
    pub(super) values: Vec<f64>,
    /// Values at each time before a guide stands that is followed, the last such time first: as many as `values` each.
    pub(super) earlier: Vec<f64>,
}

impl Dense {
    /// Solves a goal on a level.
    ///
    /// # Errors
    /// There are too many combinations of things left.
    pub fn solve(world: &World, level: &Level, purpose: &Purpose, graph: Arc<Graph>) -> Result<Dense, WorldError> {
        let size = graph.nodes.len();
        let layers = layers(world, level, purpose, &graph)?;
        let mut dense = Dense { values: vec![0.0; layers.len() * size], graph, layers, earlier: Vec::new() };
        for layer in 0..dense.layers.len() {
            dense.solve_layer(world, level, purpose, layer);
        }
        dense.work_back(world, level, purpose)?;
        Ok(dense)
    }

    /// The value of a reduced state; 0 where the goal is spent, `NaN` for a state that no episode reaches.
    #[inline]
    pub fn value(&self, purpose: &Purpose, state: State) -> f64 {
        if purpose.is_spent(state.left) {
            return 0.0;
        }
        let node = self.graph.node(state);
        match self.layers.binary_search(&state.left) {
            Ok(layer) if node != NONE => {
                let at = layer * self.graph.nodes.len() + node as usize;
                match usize::from(purpose.settles.saturating_sub(state.time)) {
                    0 => self.values[at],
                    back => self.earlier.get((back - 1) * self.values.len() + at).copied().unwrap_or(f64::NAN),
                }
            }
            _ => f64::NAN,
        }
    }

    fn solve_layer(&mut self, world: &World, level: &Level, purpose: &Purpose, layer: usize) {
        let (left, discount, size) = (self.layers[layer], world.spec().discount, self.graph.nodes.len());
        let mut exits = Vec::new();
        // Nodes that cannot be entered within the layer, because something happens there.
        let mut leaving = vec![false; size];
        // What it costs to end a step there and stay in the layer.
        let mut tolls = vec![0.0; if purpose.crosses { size } else { 0 }];
        for look in &self.graph.looks {
            let (events, after, ended) =
                advance(world, level, purpose.at_rest(self.graph.nodes[look.node as usize], left), look.action);
            let after = purpose.reduced(after);
            if ended {
                // A last beacon: elsewhere in the set of things left the step goes on.
                if let Some(leaving) = leaving.get_mut(look.next as usize) {
                    *leaving = true;
                }
                exits.push((purpose.goal.reward(events) + discount * 0.0, look.node));
            } else if after.left != left {
                leaving[look.next as usize] = true;
                exits.push((purpose.goal.reward(events) + discount * self.value(purpose, after), look.node));
            } else if let Some(toll) = tolls.get_mut(look.next as usize) {
                *toll = purpose.goal.reward(events);
            }
        }
        if purpose.crosses {
            let values = cross::solve(&self.graph, &exits, &leaving, &tolls, discount);
            self.values[layer * size..(layer + 1) * size].copy_from_slice(&values);
            return;
        }
        exits.sort_by(|(a, m), (b, n)| b.total_cmp(a).then(m.cmp(n)));
        let mut values = vec![0.0; size];
        spread(&self.graph, &exits, &leaving, discount, &mut values);
        if purpose.negative {
            peel(&self.graph, &exits, &leaving, discount, &mut values);
        }
        self.values[layer * size..(layer + 1) * size].copy_from_slice(&values);
    }
}

/// The sets of things left that episodes can come to, ascending, without those for which the goal is spent.
fn layers(world: &World, level: &Level, purpose: &Purpose, graph: &Graph) -> Result<Vec<u32>, WorldError> {
    let mut found = Vec::new();
    let first = purpose.reduced_bits(world.start(level).left);
    let mut open = BTreeSet::from([first]);
    while let Some(left) = open.pop_last() {
        if purpose.is_spent(left) {
            continue;
        }
        found.push(left);
        if found.len() * graph.nodes.len() > MOST_VALUES {
            let name = &purpose.goal.name;
            return Err(too_much(name));
        }
        for look in graph.looks.iter().filter(|look| look.next != NONE) {
            let state = purpose.at_rest(graph.nodes[look.node as usize], left);
            let (_, after, ended) = advance(world, level, state, look.action);
            let after = purpose.reduced(after);
            if after.left != left && !ended {
                open.insert(after.left);
            }
        }
    }
    found.reverse();
    Ok(found)
}

/// Refuses a goal that would need more than [`MOST_VALUES`].
pub(super) fn too_much(name: &str) -> WorldError {
    refusal(format!(
        "goal `{name}` depends on too many things at once in this level: place fewer things that it weighs"
    ))
}

/// Pass 1: positive values, best first. `exits` are sorted by falling value.
fn spread(graph: &Graph, exits: &[(f64, u32)], leaving: &[bool], discount: f64, values: &mut [f64]) {
    let mut exits = exits.iter().take_while(|(value, _)| *value > 0.0).copied().peekable();
    let mut queue = std::collections::VecDeque::<(f64, u32)>::new();
    loop {
        let exit = exits.peek().map_or(0.0, |(value, _)| *value);
        let queued = queue.front().map_or(0.0, |(value, _)| *value);
        let Some((value, node)) = (if exit >= queued { exits.next() } else { queue.pop_front() }) else { return };
        if values[node as usize] > 0.0 {
            continue;
        }
        values[node as usize] = value;
        if leaving[node as usize] {
            continue;
        }
        let earlier = discount * value;
        if earlier > 0.0 {
            queue.extend(
                graph.before(node).iter().filter(|node| values[**node as usize] == 0.0).map(|node| (earlier, *node)),
            );
        }
    }
}

/// Pass 2: nodes that cannot stay in the layer, from its edge inwards.
fn peel(graph: &Graph, exits: &[(f64, u32)], leaving: &[bool], discount: f64, values: &mut [f64]) {
    let size = graph.nodes.len();
    let mut best = vec![f64::NEG_INFINITY; size];
    for &(value, node) in exits {
        best[node as usize] = best[node as usize].max(value);
    }
    let stays = |next: u32| next != NONE && !leaving[next as usize];
    let mut ways: Vec<usize> =
        (0..size as u32).map(|node| graph.next(node).iter().filter(|next| stays(**next)).count()).collect();
    let mut ready: Vec<u32> =
        (0..size as u32).filter(|node| ways[*node as usize] == 0 && values[*node as usize] <= 0.0).collect();
    while let Some(node) = ready.pop() {
        let inside = graph.next(node).iter().filter(|next| stays(**next)).map(|next| discount * values[*next as usize]);
        values[node as usize] = inside.fold(best[node as usize], f64::max);
        if leaving[node as usize] {
            continue;
        }
        for &before in graph.before(node) {
            ways[before as usize] -= 1;
            if ways[before as usize] == 0 && values[before as usize] <= 0.0 {
                ready.push(before);
            }
        }
    }
}
