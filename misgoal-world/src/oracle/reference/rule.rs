//! A goal's rule of thumb in a world with chance in it: what does an action cost, in steps?
//!
//! - *Wants.* The steps from where an action leads to the nearest thing of positive weight, a lighter kind counted as further off:
//!   `ln(w_max / w) / ln(1 / 0.9)` steps. What protects from movers that hurt the goal is wanted for the loss that it saves, as long
//!   as more of them are left than the agent holds protection for.
//! - *Danger.* Where nothing protects: the probability that a mover reaches the agent in this step, times the loss, as so many steps.
//! - *Restraint.* Where it hurts the goal that the last of a kind is gone: taking one costs `rate / p(n - 1) - 1` steps, the wait for a
//!   thing at the pace that it leaves behind over that at the best pace. Where that is more than the one step that waiting costs, nothing of the kind is
//!   wanted.

use super::super::WORST_ADVANTAGE;
use super::super::field::{FAR, Field};
use crate::lively::{each, regrowth};
use crate::{Board, Cell, Enter, Goal, Level, MAX_ACTIONS, Mover, Moves, Regrow, State, World, ZONE_BIT, dynamics};

/// How much less a thing is worth a step further off, as kinds of different weight are compared.
const PATIENCE: f64 = 0.9;
/// How many steps the largest gain is worth: what it takes to get to the next one, in worlds as dense as these.
const STEPS_A_GAIN: f64 = 5.0;

/// A goal's rule on a level.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    goal: Goal,
    /// The largest weight.
    largest: f64,
    /// Whether there are no walls inside: distances are then sums of columns and rows.
    open: bool,
}

/// Cells that are wanted, and how much further off they count than they are.
struct Want {
    cells: Board,
    bias: f64,
}

impl Rule {
    pub fn new(world: &World, level: &Level, goal: &Goal) -> Rule {
        let largest = goal.weights.iter().copied().fold(0.0, f64::max);
        let open = level.walls.and(world.interior()).count() == 0;
        Rule { goal: goal.clone(), largest, open }
    }

    pub fn advantages(&self, world: &World, level: &Level, state: &State) -> [f64; MAX_ACTIONS] {
        let wants = self.wants(world, level, state);
        let distances = self.distances(world, level, &wants);
        let mut costs = [f64::INFINITY; MAX_ACTIONS];
        for (action, cost) in (0u8..).zip(&mut costs).take(world.action_count()) {
            let to = dynamics::walk(&level.walls, state.cell, action);
            *cost = distances.to(to) + self.danger(world, level, state, to) + self.restraint(world, level, state, to);
        }
        let best = costs.iter().copied().fold(f64::INFINITY, f64::min);
        costs.map(|cost| if cost == best { 0.0 } else { (best - cost).max(WORST_ADVANTAGE) })
    }

    pub fn value(&self, world: &World, level: &Level, state: &State) -> f64 {
        let wants = self.wants(world, level, state);
        if wants.is_empty() {
            return 0.0;
        }
        self.largest.max(f64::MIN_POSITIVE)
            * world.spec().discount.powf(self.distances(world, level, &wants).to(state.cell))
    }

    fn weight(&self, event: usize) -> f64 {
        self.goal.weights.get(event).copied().unwrap_or(0.0)
    }

    /// What the goal goes for in a state, each kind by itself.
    fn wants(&self, world: &World, level: &Level, state: &State) -> Vec<Want> {
        let mut weighed: Vec<(Board, f64)> = Vec::new();
        let saves = self.saves(world, level, state);
        for (kind, thing) in world.spec().things.iter().enumerate() {
            let there = level.kinds.get(kind).copied().unwrap_or(0) & state.left;
            let mut weight = self.weight(kind);
            if world.shield() == Some(kind) {
                weight += saves;
            }
            let shut = matches!(thing.enter, Enter::Open { key } if world.held(level, state, key) == 0);
            if weight <= 0.0 || there == 0 || shut || self.cost_of_taking(world, level, state, kind) > 1.0 {
                continue;
            }
            let mut cells = Board::EMPTY;
            for index in each(there) {
                level.items.get(index).into_iter().for_each(|item| cells.add(level.cell_of(index, item, state)));
            }
            weighed.push((cells, weight));
        }
        for (zone, cells) in level.zones.iter().enumerate() {
            let weight = self.weight(world.spec().things.len() + zone);
            if weight > 0.0 && state.left >> (ZONE_BIT + zone as u32) & 1 == 1 {
                weighed.push((*cells, weight));
            }
        }
        let most = weighed.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        let want = |(cells, weight): (Board, f64)| Want { cells, bias: (most / weight).ln() / -PATIENCE.ln() };
        weighed.into_iter().map(want).collect()
    }

    /// The movers that hurt the goal: kind, mover, and those that are left.
    fn foes<'a>(
        &'a self,
        world: &'a World,
        level: &'a Level,
        state: &'a State,
    ) -> impl Iterator<Item = (usize, Mover, u32)> + 'a {
        world.spec().things.iter().enumerate().filter_map(|(kind, thing)| {
            let Enter::Catch(mover) = thing.enter else { return None };
            let alive = level.kinds.get(kind).copied().unwrap_or(0) & state.left;
            (alive != 0 && self.weight(kind) < 0.0).then_some((kind, mover, alive))
        })
    }

    /// What one more thing that protects is worth: the worst loss that it saves, if there are more such movers than things held.
    fn saves(&self, world: &World, level: &Level, state: &State) -> f64 {
        let stopped = self.foes(world, level, state).filter(|(_, mover, _)| mover.shield.is_some());
        let (count, loss) = stopped.fold((0, 0.0f64), |(count, loss), (kind, _, alive)| {
            (count + alive.count_ones(), loss.max(-self.weight(kind)))
        });
        if count > u32::from(state.held) { loss } else { 0.0 }
    }

    /// The expected loss to movers in the step that leads to a cell, as steps.
    fn danger(&self, world: &World, level: &Level, state: &State, to: Cell) -> f64 {
        let mut cost = 0.0;
        for (kind, mover, alive) in self.foes(world, level, state) {
            if mover.shield.is_some() && state.held > 0 {
                continue;
            }
            let (random, twice) = (f64::from(mover.erratic) / 1000.0, f64::from(mover.twice) / 1000.0);
            let step = match mover.moves {
                Moves::Chase => 1.0 - 0.75 * random,
                Moves::Wander => 0.25,
            };
            for index in each(alive) {
                let Some(item) = level.items.get(index) else { continue };
                let hit = match level.cell_of(index, item, state).manhattan(to) {
                    0 => 1.0,
                    1 => step,
                    2 => step * step * twice,
                    _ => 0.0,
                };
                cost -= hit * self.weight(kind);
            }
        }
        cost * STEPS_A_GAIN / if self.largest > 0.0 { self.largest } else { 1.0 }
    }

    /// What it costs to take a thing of a kind whose end would hurt the goal, in steps; 0 for other kinds.
    fn cost_of_taking(&self, world: &World, level: &Level, state: &State, kind: usize) -> f64 {
        let hurts = world.gone_event(kind).is_some_and(|gone| self.weight(gone) < 0.0);
        let Enter::Regrow(Regrow::Rate { thousandths }) = world.enter_effect(kind) else { return 0.0 };
        if !hurts {
            return 0.0;
        }
        let places = level.kinds.get(kind).copied().unwrap_or(0);
        let there = (places & state.left).count_ones();
        let rate = f64::from(thousandths) / 1000.0;
        (rate / regrowth(rate, there.saturating_sub(1), places.count_ones()) - 1.0).max(0.0)
    }

    /// What a step onto a cell costs because of what it takes there.
    fn restraint(&self, world: &World, level: &Level, state: &State, to: Cell) -> f64 {
        if !level.notable.has(to) {
            return 0.0;
        }
        let here =
            level.items.iter().enumerate().filter(|(index, item)| item.cell == to && state.left >> index & 1 == 1);
        let cost = here.map(|(_, item)| self.cost_of_taking(world, level, state, usize::from(item.kind)));
        cost.filter(|cost| *cost > 1.0).sum()
    }

    fn distances<'a>(&self, world: &World, level: &Level, wants: &'a [Want]) -> Distances<'a> {
        if self.open {
            return Distances::Open(wants);
        }
        let mut open = Board::EMPTY;
        for (open, walls) in open.rows.iter_mut().zip(level.walls.rows) {
            *open = !walls;
        }
        let spec = world.spec();
        let field = |want: &Want| (Field::flood(spec.width, spec.height, &open, &want.cells), want.bias);
        Distances::Walled(wants.iter().map(field).collect())
    }
}

/// Steps to the nearest thing that is wanted.
enum Distances<'a> {
    Open(&'a [Want]),
    Walled(Vec<(Field, f64)>),
}

impl Distances<'_> {
    /// From a cell; 0 where nothing is wanted or nothing can be reached.
    fn to(&self, from: Cell) -> f64 {
        let nearest = match self {
            Distances::Open(wants) => wants
                .iter()
                .filter_map(|want| {
                    let steps = want.cells.cells().map(|cell| cell.manhattan(from)).min()?;
                    Some(f64::from(steps) + want.bias)
                })
                .fold(f64::INFINITY, f64::min),
            Distances::Walled(fields) => fields
                .iter()
                .map(|(field, bias)| (field.at(from), bias))
                .filter(|(steps, _)| *steps != FAR)
                .map(|(steps, bias)| f64::from(steps) + bias)
                .fold(f64::INFINITY, f64::min),
        };
        if nearest.is_finite() { nearest } else { 0.0 }
    }
}
