//! Which solver a goal needs on a level, and its answers.

use std::sync::{Arc, OnceLock};

use super::dense::Dense;
use super::field::{FAR, Field};
use super::fold::ladder;
use super::graph::{Graph, advance};
use super::purpose::Purpose;
use super::tour::{MOST_NODES, Node, Tour};
use crate::{Board, Cell, Enter, Events, Level, Movement, STRIDE, State, World, WorldError, ZONE_BIT};

/// A solved goal.
#[derive(Clone, Debug)]
pub(super) enum Solved {
    /// Nothing in the level carries weight.
    Nothing,
    /// One target: the value at `n` steps from it is `ladder[n]`, until `bits` are no longer left.
    Target { bits: u32, field: Field, ladder: Vec<f64> },
    /// Several things for a walking agent.
    Tour(Box<Tour>),
    /// Everything else.
    Dense(Dense),
}

/// What all goals of a walking agent share: where it can be without the episode ending.
pub(super) struct Ground {
    /// Cells that end the episode.
    deadly: Board,
    /// Cells that are neither walls nor deadly.
    open: Board,
}

impl Ground {
    /// Looks at terrain and things.
    pub fn new(world: &World, level: &Level) -> Ground {
        let mut deadly = level.hazards;
        for item in &level.items {
            let thing = world.spec().things.get(usize::from(item.kind));
            if matches!(thing.map(|thing| thing.enter), Some(Enter::End | Enter::Hurt)) {
                deadly.add(item.cell);
            }
        }
        let mut open = Board::EMPTY;
        for (open, (walls, deadly)) in open.rows.iter_mut().zip(level.walls.rows.iter().zip(deadly.rows)) {
            *open = !(walls | deadly);
        }
        Ground { deadly, open }
    }
}

impl Solved {
    /// Solves a goal with the quickest solver that is exact for it.
    ///
    /// # Errors
    /// There are too many combinations of things left.
    pub fn new(
        world: &World,
        level: &Level,
        purpose: &Purpose,
        ground: &Ground,
        graph: &OnceLock<Arc<Graph>>,
    ) -> Result<Solved, WorldError> {
        let start = world.start(level);
        if purpose.is_spent(start.left) {
            return Ok(Solved::Nothing);
        }
        // On the start cell things happen in the first step that stays there: left to the solver that steps.
        let walks = world.spec().movement == Movement::Walk
            && !purpose.negative
            && !purpose.crosses
            && !purpose.ordered
            && purpose.settles == 0
            && !level.notable.has(start.cell);
        let size = (world.spec().width, world.spec().height);
        if walks && let Some((targets, reward)) = single_target(world, level, purpose, ground) {
            let field = Field::flood(size.0, size.1, &ground.open, &targets);
            let ladder = ladder(reward, field.longest, world.spec().discount);
            return Ok(Solved::Target { bits: purpose.bits, field, ladder });
        }
        if walks && let Some(nodes) = nodes(world, level, purpose, ground) {
            let tour = Tour::solve(purpose, size, &ground.open, start.cell, &nodes, world.spec().discount)?;
            return Ok(Solved::Tour(Box::new(tour)));
        }
        let graph = graph.get_or_init(|| Arc::new(Graph::new(world, level)));
        Ok(Solved::Dense(Dense::solve(world, level, purpose, graph.clone())?))
    }

    /// A state's value.
    #[inline]
    pub fn value(&self, purpose: &Purpose, state: &State) -> f64 {
        match self {
            _ if state.done => 0.0,
            Solved::Nothing => 0.0,
            Solved::Target { bits, .. } if *bits != 0 && state.left & bits == 0 => 0.0,
            Solved::Target { field, ladder, .. } => {
                ladder.get(usize::from(field.at(state.cell))).copied().unwrap_or(0.0)
            }
            Solved::Tour(tour) => tour.value(purpose.reduced(*state)),
            Solved::Dense(dense) => dense.value(purpose, purpose.reduced(*state)),
        }
    }

    /// The length of an optimal plan from a state, where it is known without following one.
    pub fn plan_steps(&self, purpose: &Purpose, state: &State) -> Option<u16> {
        match self {
            Solved::Nothing => Some(0),
            Solved::Target { field, .. } => Some(field.at(state.cell)).filter(|steps| *steps != FAR),
            Solved::Tour(tour) => Some(tour.plan_steps(purpose.reduced(*state))),
            Solved::Dense(_) => None,
        }
    }
}

/// The cells of a goal with one kind of success, and what it pays; none if it has several.
fn single_target(world: &World, level: &Level, purpose: &Purpose, ground: &Ground) -> Option<(Board, f64)> {
    if !purpose.locks.is_empty() || purpose.bits.count_ones() + u32::from(purpose.ends) != 1 {
        return None;
    }
    let mut candidates = ground.deadly;
    if !purpose.ends {
        let bit = purpose.bits.trailing_zeros();
        candidates = match bit.checked_sub(ZONE_BIT) {
            Some(zone) => level.zones.get(zone as usize).copied().unwrap_or(Board::EMPTY),
            None => Board::EMPTY,
        };
        if let Some(item) = level.items.get(bit as usize) {
            candidates.add(item.cell);
        }
    }
    let mut targets = Board::EMPTY;
    let mut paid = None;
    for cell in candidates.cells() {
        match reward_on_entering(world, level, purpose, cell) {
            Some(reward) if reward != 0.0 => {
                targets.add(cell);
                if *paid.get_or_insert(reward) != reward {
                    return None;
                }
            }
            _ => {}
        }
    }
    Some((targets, paid.unwrap_or(0.0)))
}

/// What a goal is paid for walking onto a cell with everything left; none if the cell is walled in.
fn reward_on_entering(world: &World, level: &Level, purpose: &Purpose, cell: Cell) -> Option<f64> {
    // From the right, left, below and above, in the order of the actions.
    let sources =
        [cell.0.wrapping_add(1), cell.0.wrapping_sub(1), cell.0.wrapping_add(STRIDE), cell.0.wrapping_sub(STRIDE)];
    let (action, source) = (0u8..).zip(sources.map(Cell)).find(|(_, source)| !level.walls.has(*source))?;
    let (events, ..) = advance(world, level, State { cell: source, ..world.start(level) }, action);
    Some(purpose.goal.reward(events))
}

/// The cells where something happens to a goal, if each has one thing only.
fn nodes(world: &World, level: &Level, purpose: &Purpose, ground: &Ground) -> Option<Vec<Node>> {
    let (mut nodes, mut taken) = (Vec::new(), ground.deadly);
    let mut add = |cell: Cell, bit: u32, event: usize| {
        let fresh = !taken.has(cell);
        taken.add(cell);
        nodes.push(Node { cell, bit, reward: purpose.goal.reward(Events(1 << event)) });
        fresh
    };
    for (index, item) in level.items.iter().enumerate() {
        let bit = 1 << index;
        if purpose.bits & bit != 0 && !add(item.cell, bit, usize::from(item.kind)) {
            return None;
        }
    }
    for (index, zone) in level.zones.iter().enumerate() {
        let bit = 1 << (ZONE_BIT + index as u32);
        if purpose.bits & bit == 0 {
            continue;
        }
        let mut cells = zone.cells();
        match (cells.next(), cells.next()) {
            (Some(cell), None) if add(cell, bit, world.spec().things.len() + index) => {}
            (None, _) => {}
            _ => return None,
        }
    }
    if purpose.ends {
        for cell in ground.deadly.cells() {
            let reward = reward_on_entering(world, level, purpose, cell).unwrap_or(0.0);
            if reward != 0.0 {
                nodes.push(Node { cell, bit: 0, reward });
            }
        }
    }
    (nodes.len() <= MOST_NODES).then_some(nodes)
}
