//! A world compiled from its declaration: the flat tables that stepping, observing and generating read.

use crate::features::Features;
use crate::{
    Board, Cell, Enter, Item, Level, MAX_KINDS, MAX_MOVERS, MAX_ZONES, Movement, Region, Regrow, State, Trail,
    WorldError, WorldSpec, ZONE_BIT, check,
};

/// A compiled world.
#[derive(Clone, Debug)]
pub struct World {
    spec: WorldSpec,
    events: Vec<String>,
    effects: [Enter; MAX_KINDS],
    border: Board,
    interior: Board,
    features: Features,
    /// Whether anything moves or regrows.
    lively: bool,
    /// The kind that protects from movers.
    shield: Option<usize>,
    /// For each kind the event that its last one was taken, if there is one.
    gone: [Option<usize>; MAX_KINDS],
    /// The event `in-turn`, before `out-of-turn`, where there are beacons.
    turns: Option<usize>,
}

impl World {
    /// Checks a declaration and compiles it.
    ///
    /// # Errors
    /// Names the part that is out of range or contradicts another.
    pub fn new(spec: WorldSpec) -> Result<World, WorldError> {
        check::spec(&spec)?;
        let mut events: Vec<String> = spec.things.iter().map(|thing| thing.name.clone()).collect();
        events.extend(spec.zones.iter().map(|zone| zone.name.clone()));
        let mut gone = [None; MAX_KINDS];
        for (gone, thing) in gone.iter_mut().zip(&spec.things) {
            if let Enter::Regrow(Regrow::Rate { .. }) = thing.enter {
                *gone = Some(events.len());
                events.push(format!("{}-gone", thing.name));
            }
        }
        let beacons = spec.things.iter().any(|thing| matches!(thing.enter, Enter::Visit { .. }));
        let turns = beacons.then_some(events.len());
        if beacons {
            events.extend(["in-turn".to_owned(), "out-of-turn".to_owned()]);
        }
        events.extend(["death".to_owned(), "timeout".to_owned()]);
        let lively = spec.things.iter().any(|thing| matches!(thing.enter, Enter::Regrow(_) | Enter::Catch(_)));
        let shield = spec.things.iter().find_map(|thing| match thing.enter {
            Enter::Catch(mover) => mover.shield,
            _ => None,
        });
        let mut effects = [Enter::End; MAX_KINDS];
        effects.iter_mut().zip(&spec.things).for_each(|(effect, thing)| *effect = thing.enter);
        let features = Features::new(&spec);
        let interior = Region::Rect { x0: 1, y0: 1, x1: spec.width, y1: spec.height }.board(spec.width, spec.height);
        let border = border(spec.width, spec.height);
        Ok(World { border, spec, events, effects, interior, features, lively, shield, gone, turns })
    }

    /// The declaration.
    pub fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// The events that this world can emit: the things' names, the zones', `NAME-gone` of things that regrow at a rate, `in-turn` and
    /// `out-of-turn` of beacons, then `death` and `timeout`.
    pub fn event_names(&self) -> &[String] {
        &self.events
    }

    /// An event's number.
    pub fn event(&self, name: &str) -> Option<usize> {
        self.events.iter().position(|event| event == name)
    }

    /// The actions' names; an action is an index into this list.
    pub fn action_names(&self) -> &'static [&'static str] {
        match self.spec.movement {
            Movement::Walk => &["left", "right", "up", "down"],
            Movement::Platform { .. } => &["stay", "left", "right", "jump", "jump-left", "jump-right"],
        }
    }

    /// How many actions there are.
    pub fn action_count(&self) -> usize {
        self.action_names().len()
    }

    /// The state in which an episode begins.
    pub fn start(&self, level: &Level) -> State {
        let items = (1u32 << level.items.len().min(ZONE_BIT as usize)) - 1;
        let zones = ((1u32 << level.zones.len().min(MAX_ZONES)) - 1) << ZONE_BIT;
        let left = (items & !level.asleep) | zones;
        let mut movers = [Cell(0); MAX_MOVERS];
        if level.movers != 0 {
            let moving = level.items.iter().enumerate().filter(|(index, _)| level.movers >> index & 1 == 1);
            movers.iter_mut().zip(moving).for_each(|(slot, (_, item))| *slot = item.cell);
        }
        State { cell: level.start, rise: 0, done: false, left, time: 0, held: 0, movers, chance: level.chance }
    }

    /// The level with item `item` moved to `to`: the variants of one level that differ in where one thing is. `None` where there is no
    /// such item or `to` is no open cell. The other items keep their order, but the moved item's number may change.
    pub fn with_item_at(&self, level: &Level, item: usize, to: Cell) -> Option<Level> {
        if to.x() > self.spec.width || to.y() > self.spec.height || level.walls.has(to) {
            return None;
        }
        let mut items = level.items.clone();
        items.get_mut(item)?.cell = to;
        Some(self.assemble(level.walls, level.hazards, items, level.start, (level.steps, level.turns)))
    }

    /// The level with an interior cell made solid, or open. `None` where it is so already, or where the start, a thing or a hazard stands.
    pub fn with_wall(&self, level: &Level, cell: Cell, solid: bool) -> Option<Level> {
        let taken = cell == level.start || level.hazards.has(cell) || level.items.iter().any(|item| item.cell == cell);
        if taken || !self.interior.has(cell) || level.walls.has(cell) == solid {
            return None;
        }
        let mut walls = level.walls;
        if solid {
            walls.add(cell)
        } else {
            walls.remove(cell)
        }
        Some(self.assemble(walls, level.hazards, level.items.clone(), level.start, (level.steps, level.turns)))
    }

    /// The level with another start. `None` where that is no open cell.
    pub fn with_start(&self, level: &Level, start: Cell) -> Option<Level> {
        let open = self.interior.has(start) && !level.walls.has(start) && !level.hazards.has(start);
        open.then(|| self.assemble(level.walls, level.hazards, level.items.clone(), start, (level.steps, level.turns)))
    }

    /// The level without the things of some kinds: what an agent that does not know them takes it for.
    pub fn without(&self, level: &Level, kinds: impl Fn(usize) -> bool) -> Level {
        let items = level.items.iter().copied().filter(|item| !kinds(usize::from(item.kind))).collect();
        self.assemble(level.walls, level.hazards, items, level.start, (level.steps, level.turns))
    }

    /// Puts a level together from its free parts.
    pub(crate) fn assemble(
        &self,
        walls: Board,
        hazards: Board,
        mut items: Vec<Item>,
        start: Cell,
        (steps, turns): (u16, [u8; MAX_KINDS]),
    ) -> Level {
        items.sort_unstable();
        let mut notable = hazards;
        let mut kinds = [0; MAX_KINDS];
        let (mut asleep, mut movers) = (0, 0);
        for (index, item) in items.iter().enumerate() {
            match self.enter_effect(usize::from(item.kind)) {
                Enter::Catch(_) => movers |= 1 << index,
                Enter::Guide(_) => {}
                _ => notable.add(item.cell),
            }
            asleep |= u32::from(item.asleep) << index;
            if let Some(kind) = kinds.get_mut(usize::from(item.kind)) {
                *kind |= 1 << index;
            }
        }
        let open = self.interior.minus(&walls);
        let zones: Vec<Board> =
            self.spec.zones.iter().map(|zone| zone.region.cells(&open, self.spec.width, self.spec.height)).collect();
        for zone in &zones {
            notable = notable.or(zone);
        }
        let (chance, trail) = (0, None);
        let mut level =
            Level { walls, hazards, notable, items, kinds, zones, start, steps, asleep, movers, chance, turns, trail };
        if self.lively {
            level.chance = level.hash();
        }
        if self.turns.is_some() {
            level.trail = Trail::of(self, &level).map(Box::new);
        }
        level
    }

    /// The ring of solid cells around the interior.
    pub(crate) fn border(&self) -> &Board {
        &self.border
    }

    /// All interior cells.
    pub(crate) fn interior(&self) -> &Board {
        &self.interior
    }

    #[inline]
    pub(crate) fn features(&self) -> &Features {
        &self.features
    }
    #[inline]
    pub(crate) fn enter_effect(&self, kind: usize) -> Enter {
        self.effects.get(kind).copied().unwrap_or(Enter::End)
    }
    /// Whether anything in this world moves or regrows by itself: chance has a part in its episodes.
    #[inline]
    pub fn is_lively(&self) -> bool {
        self.lively
    }
    /// This world with movers that stand still and touch nobody, and nothing that regrows: where one can go, for plans about places.
    pub(crate) fn still(&self) -> World {
        World { lively: false, ..self.clone() }
    }
    /// The kind that protects from movers.
    #[inline]
    pub fn shield(&self) -> Option<usize> {
        self.shield
    }
    /// The event that the last thing of a kind was taken, for kinds that regrow at a rate.
    #[inline]
    pub fn gone_event(&self, kind: usize) -> Option<usize> {
        self.gone.get(kind).copied().flatten()
    }
    /// Whether things of a kind are beacons.
    #[inline]
    pub(crate) fn is_beacon(&self, kind: usize) -> bool {
        matches!(self.enter_effect(kind), Enter::Visit { .. })
    }
    /// The event `in-turn`; `out-of-turn` is the next. None where there are no beacons.
    #[inline]
    pub(crate) fn turn_event(&self) -> Option<usize> {
        self.turns
    }
    #[inline]
    pub(crate) fn zone_event(&self, zone: usize) -> usize {
        self.spec.things.len() + zone
    }
    #[inline]
    pub(crate) fn death_event(&self) -> usize {
        self.events.len() - 2
    }
    #[inline]
    pub(crate) fn timeout_event(&self) -> usize {
        self.death_event() + 1
    }
}

/// The ring of solid cells around an interior of this size.
fn border(width: u8, height: u8) -> Board {
    let full = !0u64 >> (62 - u32::from(width));
    let mut border = Board::EMPTY;
    for (y, row) in (0u8..).zip(&mut border.rows).take(usize::from(height) + 2) {
        *row = if y == 0 || y == height + 1 { full } else { 1 | 1 << (width + 1) };
    }
    border
}
