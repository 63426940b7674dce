//! Straight-line advantages: what an agent would want that has a goal but does not see walls.
//!
//! Such an agent is incapable rather than misguided. Without a model of its own it is taken for a stereotyped walker,
//! because it runs into the same wall again and again; so the device component includes it.

use misgoal_world::oracle::WORST_ADVANTAGE;
use misgoal_world::{Cell, Enter, Goal, Movement, Oracle, State, ZONE_BIT};

use crate::trace::Advantages;

/// Advantages toward the goal's nearest rewarded cell as if nothing were in the way: minus the steps wasted, all 0 where
/// nothing is left to reach. `None` under gravity, where walls are also the ground.
pub(crate) fn advantages(oracle: &Oracle, goal: &Goal, state: &State) -> Option<Advantages> {
    let world = oracle.world();
    if world.spec().movement != Movement::Walk {
        return None;
    }
    let mut out = Advantages::default();
    let targets = rewarded(oracle, goal, state);
    let distance = |x: i16, y: i16| {
        let to = |cell: &Cell| (i16::from(cell.x()) - x).abs() + (i16::from(cell.y()) - y).abs();
        targets.iter().map(to).min()
    };
    let (x, y) = (i16::from(state.cell.x()), i16::from(state.cell.y()));
    let Some(here) = distance(x, y) else { return Some(out) };
    // left, right, up, down
    for (advantage, (dx, dy)) in out.iter_mut().zip([(-1, 0), (1, 0), (0, -1), (0, 1)]) {
        let there = distance(x + dx, y + dy).unwrap_or(here);
        *advantage = f64::from(here - 1 - there).max(WORST_ADVANTAGE);
    }
    Some(out)
}

/// Cells of things and zones with a positive weight that are still to be had. Not those of guides: what their event pays is not to be had where they are,
/// and who goes there follows them.
fn rewarded(oracle: &Oracle, goal: &Goal, state: &State) -> Vec<Cell> {
    let (world, level) = (oracle.world(), oracle.level());
    let wanted = |event: usize| goal.weights.get(event).is_some_and(|weight| *weight > 0.0);
    let left = |bit: u32| state.left >> bit & 1 == 1;
    let leads = |kind: usize| matches!(world.spec().things.get(kind).map(|thing| thing.enter), Some(Enter::Guide(_)));
    let pays = |kind: usize| wanted(kind) && !leads(kind);
    let items = (0u32..).zip(&level.items).filter(|(bit, item)| left(*bit) && pays(usize::from(item.kind)));
    let zones = (0u32..)
        .zip(&level.zones)
        .filter(|(zone, _)| left(ZONE_BIT + zone) && wanted(world.spec().things.len() + *zone as usize));
    items
        .map(|(bit, item)| level.cell_of(bit as usize, item, state))
        .chain(zones.flat_map(|(_, cells)| cells.cells()))
        .collect()
}
