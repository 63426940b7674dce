//! The movement graph of a level: every place and jump phase that an episode can reach, and where each action leads from there.
//!
//! Nothing that the agent takes ever blocks its way, so movement does not depend on what is left: one graph serves all goals.

#![expect(clippy::indexing_slicing, reason = "node numbers index tables that were built with one entry a node")]

use crate::{Cell, Events, Level, Movement, State, World};

/// The successor of an action that ends the episode, and the node of a state that no episode reaches.
pub(super) const NONE: u32 = u32::MAX;

/// Places and jump phases, numbered in the order in which a breadth-first search from the start finds them.
#[derive(Debug)]
pub(super) struct Graph {
    /// Each node as a state with everything left.
    pub nodes: Vec<State>,
    /// Actions a node.
    pub actions: usize,
    /// Successor of node `n` under action `a` at `n * actions + a`; [`NONE`] where the episode ends.
    next: Vec<u32>,
    /// The edges whose step has to be looked at: those that end the episode, or on a cell where there is something.
    pub looks: Vec<Look>,
    /// Predecessors of node `n`: `before[from[n]..from[n + 1]]`, one entry an edge.
    before: Vec<u32>,
    from: Vec<u32>,
    /// Node of a cell and phase.
    index: Vec<u32>,
    width: usize,
    phases: usize,
}

/// An edge on which something may happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub node: u32,
    pub action: u8,
    /// The successor, or [`NONE`].
    pub next: u32,
    /// Where the step ends.
    pub cell: Cell,
}

/// One step with the time set back, as far as nothing depends on it: what happens, where it leads and whether the world ends the episode there. The
/// step limit does not.
#[inline]
pub(super) fn advance(world: &World, level: &Level, state: State, action: u8) -> (Events, State, bool) {
    let settles = level.settles();
    let mut after = State { time: state.time.min(settles), ..state };
    let mut events = world.step(level, &mut after, action).events;
    let timeout = 1 << (world.event_names().len() - 1);
    if events.0 & timeout != 0 {
        events.0 &= !timeout;
        after.done = false;
    }
    after.time = after.time.min(settles);
    (events, after, after.done)
}

impl Graph {
    /// Explores a level from its start.
    pub fn new(world: &World, level: &Level) -> Graph {
        let spec = world.spec();
        let actions = world.action_count();
        let phases = match spec.movement {
            Movement::Walk => 1,
            Movement::Platform { jump } => usize::from(jump) + 1,
        };
        let width = usize::from(spec.width) + 2;
        let start = world.start(level);
        let mut graph = Graph {
            nodes: vec![start],
            actions,
            next: Vec::new(),
            looks: Vec::new(),
            before: Vec::new(),
            from: Vec::new(),
            index: vec![NONE; width * (usize::from(spec.height) + 2) * phases],
            width,
            phases,
        };
        if let Some(slot) = graph.slot(start) {
            graph.index[slot] = 0;
        }
        let mut node = 0;
        while let Some(&state) = graph.nodes.get(node) {
            for action in 0..actions as u8 {
                let (_, after, ended) = advance(world, level, state, action);
                let next = if ended { NONE } else { graph.enter(State { left: start.left, time: 0, ..after }) };
                graph.next.push(next);
                if ended || level.notable.has(after.cell) {
                    graph.looks.push(Look { node: node as u32, action, next, cell: after.cell });
                }
            }
            node += 1;
        }
        graph.link_back();
        graph
    }

    /// The node of a state, found or added.
    fn enter(&mut self, state: State) -> u32 {
        let Some(slot) = self.slot(state) else { return NONE };
        if self.index[slot] == NONE {
            self.index[slot] = self.nodes.len() as u32;
            self.nodes.push(state);
        }
        self.index[slot]
    }

    fn slot(&self, state: State) -> Option<usize> {
        let slot = (usize::from(state.cell.y()) * self.width + usize::from(state.cell.x())) * self.phases
            + usize::from(state.rise);
        (slot < self.index.len()).then_some(slot)
    }

    /// Builds the predecessor lists by counting sort.
    fn link_back(&mut self) {
        let mut from = vec![0u32; self.nodes.len() + 2];
        for &next in self.next.iter().filter(|next| **next != NONE) {
            from[next as usize + 2] += 1;
        }
        for node in 2..from.len() {
            from[node] += from[node - 1];
        }
        let mut before = vec![0; from[from.len() - 1] as usize];
        for (edge, &next) in self.next.iter().enumerate().filter(|(_, next)| **next != NONE) {
            let slot = &mut from[next as usize + 1];
            before[*slot as usize] = (edge / self.actions) as u32;
            *slot += 1;
        }
        from.pop();
        (self.before, self.from) = (before, from);
    }

    /// The node of a state, whatever is left in it; [`NONE`] for a place or phase that no episode reaches.
    #[inline]
    pub fn node(&self, state: State) -> u32 {
        self.slot(state).map_or(NONE, |slot| self.index[slot])
    }

    /// The successors of a node, one an action.
    #[inline]
    pub fn next(&self, node: u32) -> &[u32] {
        let first = node as usize * self.actions;
        &self.next[first..first + self.actions]
    }

    /// The nodes from which some action leads here; a node once for every such action.
    #[inline]
    pub fn before(&self, node: u32) -> &[u32] {
        &self.before[self.from[node as usize] as usize..self.from[node as usize + 1] as usize]
    }
}
