//! Layers in which a step may cost something and change nothing: lava that is crossed at a price.
//!
//! With `toll(n)` the reward of ending a step at node `n` within the layer,
//!
//! ```text
//! V(n) = max(best exit of n, max over n' in the layer of toll(n') + discount * V(n'))
//! ```
//!
//! Best-first order does not carry over: under a discount a debt that is put off shrinks, so a node of negative value may be worth more than its
//! successor. Instead values rise from below: every sweep extends plans by a step, each value is the fold of a plan that exists, and after as many
//! sweeps as there are nodes every plan without a cycle has been tried. A cycle that costs nothing is worth 0 and is put in at the start. If
//! sweeps still find something better then (it pays to go round for ever, as on an island in a sea of lava), or there are nodes from which every
//! way costs for ever, policy iteration finishes; only there are values not folds of a finite episode, and exact to rounding alone.

#![expect(clippy::indexing_slicing, reason = "all tables have an entry for each node of the graph")]

use super::graph::{Graph, NONE};

/// An improvement of a policy below this, relative to the value, is rounding.
const ROUNDING: f64 = 1e-12;
/// Rounds of policy iteration; a handful are needed, and each is exact for a policy at least as good as the one before.
const MOST_ROUNDS: usize = 1000;

/// What a policy does at a node: it leaves the layer for so much, or goes on to another node.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    Leave(f64),
    Go(u32),
}

/// The values of a layer's nodes. `exits` are what leaving edges are worth and their nodes, `leaving` the nodes that cannot be entered
/// within the layer, `tolls` the rewards of entering the others.
pub(super) fn solve(graph: &Graph, exits: &[(f64, u32)], leaving: &[bool], tolls: &[f64], discount: f64) -> Vec<f64> {
    let mut best = vec![f64::NEG_INFINITY; tolls.len()];
    for &(value, node) in exits {
        best[node as usize] = best[node as usize].max(value);
    }
    let layer = Layer { graph, leaving, tolls, discount, best };
    let mut values = layer.best.clone();
    layer.idle().iter().zip(&mut values).filter(|(idle, _)| **idle).for_each(|(_, value)| *value = value.max(0.0));
    let settled = (0..=values.len()).any(|_| !layer.sweep(&mut values));
    if !settled || values.iter().any(|value| !value.is_finite()) {
        layer.improve(&mut values);
    }
    values
}

struct Layer<'a> {
    graph: &'a Graph,
    leaving: &'a [bool],
    tolls: &'a [f64],
    discount: f64,
    /// The best exit of each node, negative infinity where it has none.
    best: Vec<f64>,
}

impl Layer<'_> {
    /// The nodes that an action leads to within the layer.
    fn inside(&self, node: u32) -> impl Iterator<Item = u32> {
        self.graph.next(node).iter().copied().filter(|next| *next != NONE && !self.leaving[*next as usize])
    }

    /// What it is worth to go on to a node.
    #[inline]
    fn onward(&self, next: u32, values: &[f64]) -> f64 {
        self.tolls[next as usize] + self.discount * values[next as usize]
    }

    /// The nodes from which the agent can stay in the layer for ever at no cost: what is left when those without a free step to another such
    /// node are taken away.
    fn idle(&self) -> Vec<bool> {
        let mut idle = vec![true; self.tolls.len()];
        loop {
            let before = idle.iter().filter(|idle| **idle).count();
            for node in 0..idle.len() {
                let free = |next: u32| self.tolls[next as usize] == 0.0 && idle[next as usize];
                idle[node] = idle[node] && self.inside(node as u32).any(free);
            }
            if idle.iter().filter(|idle| **idle).count() == before {
                return idle;
            }
        }
    }

    /// Raises every value to the best that one step and the values so far allow; whether any rose.
    fn sweep(&self, values: &mut [f64]) -> bool {
        let mut rose = false;
        for node in 0..values.len() {
            for next in self.inside(node as u32) {
                let value = self.onward(next, values);
                if value > values[node] {
                    values[node] = value;
                    rose = true;
                }
            }
        }
        rose
    }

    /// Howard's policy iteration from the best choices under the values so far.
    fn improve(&self, values: &mut [f64]) {
        let size = values.len() as u32;
        let first = |node: u32| {
            let going = self.inside(node).map(|next| (self.onward(next, values), Choice::Go(next)));
            let leave = (self.best[node as usize], Choice::Leave(self.best[node as usize]));
            going.fold(leave, |best, choice| if choice.0 > best.0 || best.0.is_infinite() { choice } else { best }).1
        };
        let mut policy: Vec<Choice> = (0..size).map(first).collect();
        for _ in 0..MOST_ROUNDS {
            self.evaluate(&policy, values);
            let mut better = false;
            for node in 0..size {
                let here = values[node as usize];
                let least = here + ROUNDING * (1.0 + here.abs());
                let leave = self.best[node as usize];
                let going = self.inside(node).map(|next| (self.onward(next, values), Choice::Go(next)));
                let choices = going.chain([(leave, Choice::Leave(leave))]);
                if let Some(choice) = choices.filter(|(value, _)| *value > least).max_by(|a, b| a.0.total_cmp(&b.0)) {
                    policy[node as usize] = choice.1;
                    better = true;
                }
            }
            if !better {
                return;
            }
        }
    }

    /// The values of a policy: along every chain of choices back from where it leaves the layer, or from the cycle that it ends in.
    fn evaluate(&self, policy: &[Choice], values: &mut [f64]) {
        let mut known = vec![false; policy.len()];
        // The place of a node in the chain that is being followed.
        let mut place = vec![usize::MAX; policy.len()];
        for start in 0..policy.len() {
            let mut chain = Vec::new();
            let mut node = start;
            while !known[node] && place[node] == usize::MAX {
                place[node] = chain.len();
                chain.push(node);
                match policy[node] {
                    Choice::Go(next) => node = next as usize,
                    Choice::Leave(value) => {
                        values[node] = value;
                        known[node] = true;
                    }
                }
            }
            if !known[node] {
                // A cycle: its rewards, once round, over what a round takes off the value.
                let round = &chain[place[node]..];
                let toll = |node: &usize| match policy[*node] {
                    Choice::Go(next) => self.tolls[next as usize],
                    Choice::Leave(_) => 0.0,
                };
                let once = round.iter().rev().fold(0.0, |rest, node| toll(node) + self.discount * rest);
                values[node] = once / (1.0 - self.discount.powi(round.len() as i32));
                known[node] = true;
            }
            for &node in chain.iter().rev() {
                if let (false, Choice::Go(next)) = (known[node], policy[node]) {
                    values[node] = self.onward(next, values);
                    known[node] = true;
                }
            }
        }
    }
}
