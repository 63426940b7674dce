//! A world compiled from its declaration: the flat tables that stepping, observing and generating read.

use crate::features::Features;
use crate::{
    Board, Cell, Enter, Item, Level, MAX_KINDS, MAX_ZONES, Movement, Region, State, WorldError, WorldSpec, ZONE_BIT,
    check,
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
        events.extend(["death".to_owned(), "timeout".to_owned()]);
        let mut effects = [Enter::End; MAX_KINDS];
        effects.iter_mut().zip(&spec.things).for_each(|(effect, thing)| *effect = thing.enter);
        let features = Features::new(&spec);
        let interior = Region::Rect { x0: 1, y0: 1, x1: spec.width, y1: spec.height }.board(spec.width, spec.height);
        Ok(World { border: border(spec.width, spec.height), spec, events, effects, interior, features })
    }

    /// The declaration.
    pub fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// The events that this world can emit: the things' names, the zones', then `death` and `timeout`.
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
        State { cell: level.start, rise: 0, done: false, left: items | zones, time: 0 }
    }

    /// The level with item `item` moved to `to`: the variants of one level that differ in where one thing is. `None` where there is no
    /// such item or `to` is no open cell. The other items keep their order, but the moved item's number may change.
    pub fn with_item_at(&self, level: &Level, item: usize, to: Cell) -> Option<Level> {
        if to.x() > self.spec.width || to.y() > self.spec.height || level.walls.has(to) {
            return None;
        }
        let mut items = level.items.clone();
        items.get_mut(item)?.cell = to;
        Some(self.assemble(level.walls, level.hazards, items, level.start))
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
        Some(self.assemble(walls, level.hazards, level.items.clone(), level.start))
    }

    /// The level with another start. `None` where that is no open cell.
    pub fn with_start(&self, level: &Level, start: Cell) -> Option<Level> {
        let open = self.interior.has(start) && !level.walls.has(start) && !level.hazards.has(start);
        open.then(|| self.assemble(level.walls, level.hazards, level.items.clone(), start))
    }

    /// The level without the things of some kinds: what an agent that does not know them takes it for.
    pub fn without(&self, level: &Level, kinds: impl Fn(usize) -> bool) -> Level {
        let items = level.items.iter().copied().filter(|item| !kinds(usize::from(item.kind))).collect();
        self.assemble(level.walls, level.hazards, items, level.start)
    }

    /// Puts a level together from its free parts.
    pub(crate) fn assemble(&self, walls: Board, hazards: Board, mut items: Vec<Item>, start: Cell) -> Level {
        items.sort_unstable();
        let mut notable = hazards;
        let mut kinds = [0; MAX_KINDS];
        for (index, item) in items.iter().enumerate() {
            notable.add(item.cell);
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
        Level { walls, hazards, notable, items, kinds, zones, start }
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
    #[inline]
    pub(crate) fn zone_event(&self, zone: usize) -> usize {
        self.spec.things.len() + zone
    }
    #[inline]
    pub(crate) fn death_event(&self) -> usize {
        self.spec.things.len() + self.spec.zones.len()
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
