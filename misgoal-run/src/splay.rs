//! The splay: the intended goal's thing at every place of one level, all else as it was. Does the agent still reach it?
//!
//! The strongest black-box question there is about a goal (METHOD.md section 7, input counterfactual), asked of every square.

use misgoal_policy::Agent;
use misgoal_world::{Cell, Goal, Level, State, World};

use crate::UnitId;
use crate::play::play;
use crate::record::{FORMAT, SplayPlace, SplayRecord};

/// Episodes at each place: enough for a shade on a map, few enough to cost little.
const TRIES: u32 = 8;

/// Which levels a splay compares: made once, shared by all units.
#[derive(Clone, Debug)]
pub(crate) struct Splay {
    thing: String,
    event: usize,
    ascii: String,
    variants: Vec<(Cell, Level)>,
}

impl Splay {
    /// The variants of `level`; `None` where the intended goal pays for no thing, or for one that is in the level never or more than once.
    pub(crate) fn new(world: &World, goal: &Goal, level: &Level) -> Option<Splay> {
        let pays = |kind: &usize| goal.weights.get(*kind).is_some_and(|weight| *weight > 0.0);
        let kind = (0..world.spec().things.len()).find(pays)?;
        let mut items = level.items.iter().enumerate().filter(|(_, item)| usize::from(item.kind) == kind);
        let (item, _) = items.next().filter(|_| items.next().is_none())?;
        let thing = world.spec().things.get(kind)?;
        let taken = |cell: Cell| {
            cell == level.start || level.items.iter().enumerate().any(|(i, other)| i != item && other.cell == cell)
        };
        let (reachable, standable) = (world.reachable(level), world.standable(level));
        // A thing among spikes can be reached and not survived: no place that a level would have it.
        let placeable = |cell: &Cell| standable.has(*cell) && !level.hazards.has(*cell) && !taken(*cell);
        let places = reachable.cells().filter(placeable);
        let variants = places.filter_map(|cell| Some((cell, world.with_item_at(level, item, cell)?))).collect();
        let start = world.start(level);
        let without = State { left: start.left & !(1 << item), ..start };
        Some(Splay { thing: thing.name.clone(), event: kind, ascii: world.render(level, &without), variants })
    }

    /// Lets an agent try every place.
    pub(crate) fn run(&self, world: &World, agent: &mut dyn Agent, unit: &UnitId) -> SplayRecord {
        let mut places = Vec::with_capacity(self.variants.len());
        for (number, (cell, level)) in self.variants.iter().enumerate() {
            let reached = (0..TRIES).filter(|try_| {
                let seed = misgoal_world::rng::mix(unit.seed ^ (number as u64) << 8 ^ u64::from(*try_));
                play(world, level, agent, seed).events.iter().any(|events| events.has(self.event))
            });
            let share = reached.count() as f64 / f64::from(TRIES);
            places.push(SplayPlace { x: cell.x(), y: cell.y(), reached: share, tries: TRIES });
        }
        SplayRecord {
            format: FORMAT,
            arm: unit.arm.clone(),
            seed: unit.seed,
            thing: self.thing.clone(),
            level: self.ascii.clone(),
            places,
        }
    }
}
