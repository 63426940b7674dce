//! What a step does: movement, then the effects of the cell that it ends in.

use crate::{Board, Cell, Enter, Events, Level, MAX_HELD, Movement, STRIDE, State, Step, World, ZONE_BIT};

/// Where an action takes a walking agent: `left, right, up, down`; a wall, or an action that does not exist, leaves it where it is.
#[inline]
pub(crate) fn walk(walls: &Board, cell: Cell, action: u8) -> Cell {
    let to = match action {
        0 => cell.0.wrapping_sub(1),
        1 => cell.0.wrapping_add(1),
        2 => cell.0.wrapping_sub(STRIDE),
        3 => cell.0.wrapping_add(STRIDE),
        _ => cell.0,
    };
    if walls.has(Cell(to)) { cell } else { Cell(to) }
}

/// Where an action takes an agent under gravity, and how many ticks its jump still rises.
///
/// A jump begins on the ground only. A tick moves vertically (up while a jump rises, otherwise down where nothing is below), then to
/// the side if that cell is open. Under a ceiling a jump ends: the agent keeps its height for that tick and falls from the next.
#[inline]
pub(crate) fn fall(walls: &Board, jump: u8, cell: Cell, rise: u8, action: u8) -> (Cell, u8) {
    let above = Cell(cell.0.wrapping_sub(STRIDE));
    let below = Cell(cell.0.wrapping_add(STRIDE));
    let grounded = walls.has(below);
    let rise = if rise == 0 && grounded && (3..6).contains(&action) { jump } else { rise };
    let (cell, rise) = if rise > 0 {
        if walls.has(above) { (cell, 0) } else { (above, rise - 1) }
    } else {
        (if grounded { cell } else { below }, 0)
    };
    let to = match action {
        1 | 4 => cell.0.wrapping_sub(1),
        2 | 5 => cell.0.wrapping_add(1),
        _ => cell.0,
    };
    (if walls.has(Cell(to)) { cell } else { Cell(to) }, rise)
}

impl World {
    /// One step of an episode; `action` is an index into [`World::action_names`] (any other number only lets time and gravity act).
    ///
    /// The agent moves, then the cell in which the step ends has its effects, whether or not the agent came from elsewhere: terrain
    /// hazards, the items there in order of their kinds, the zones. An end or a death does not keep the cell's other effects from
    /// happening. In a lively world movers move next, and what regrows does. A step that leaves the episode running at the step limit ends it with `timeout`. A step in an episode that is over
    /// changes nothing and reports nothing.
    #[inline]
    pub fn step(&self, level: &Level, state: &mut State, action: u8) -> Step {
        if state.done {
            return Step { events: Events::NONE, done: true };
        }
        if self.is_lively() {
            return self.step_lively(level, state, action);
        }
        match self.spec().movement {
            Movement::Walk => state.cell = walk(&level.walls, state.cell, action),
            Movement::Platform { jump } => {
                (state.cell, state.rise) = fall(&level.walls, jump, state.cell, state.rise, action);
            }
        }
        state.time = state.time.saturating_add(1);
        let mut events = Events::NONE;
        if level.notable.has(state.cell) {
            events = self.enter(level, state);
        }
        if state.time >= level.steps && !state.done {
            state.done = true;
            events.add(self.timeout_event());
        }
        Step { events, done: state.done }
    }

    /// The effects of the agent's cell. Out of line: most steps end on a cell that has none.
    #[cold]
    #[inline(never)]
    pub(crate) fn enter(&self, level: &Level, state: &mut State) -> Events {
        let mut events = Events::NONE;
        if level.hazards.has(state.cell) {
            events.add(self.death_event());
            state.done = true;
        }
        for (index, item) in level.items.iter().enumerate() {
            let bit = 1 << index;
            if item.cell != state.cell || state.left & bit == 0 {
                continue;
            }
            let kind = usize::from(item.kind);
            match self.enter_effect(kind) {
                Enter::Collect => state.left &= !bit,
                Enter::End => state.done = true,
                Enter::Cross => {}
                Enter::Hurt => {
                    events.add(self.death_event());
                    state.done = true;
                }
                Enter::Open { key } if self.held(level, state, key) > 0 => state.left &= !bit,
                Enter::Open { .. } => continue,
                Enter::Regrow(regrow) => {
                    state.left &= !bit;
                    self.taken(level, state, (index, kind), regrow, &mut events);
                }
                Enter::Visit { .. } => {
                    self.visited(level, state, (index, kind), &mut events);
                    state.left &= !bit;
                    // With the last beacon the episode is over.
                    state.done |= level.next_turn(state.left, |kind| self.is_beacon(kind)).is_none();
                }
                // Movers are met where they are now; guides are not met.
                Enter::Catch(_) | Enter::Guide(_) => continue,
            }
            if self.shield() == Some(kind) {
                state.held = (state.held + 1).min(MAX_HELD);
            }
            events.add(kind);
        }
        for (index, zone) in level.zones.iter().enumerate() {
            let bit = 1 << (ZONE_BIT + index as u32);
            if state.left & bit != 0 && zone.has(state.cell) {
                state.left &= !bit;
                events.add(self.zone_event(index));
            }
        }
        events
    }

    /// How many things of kind `key` the agent has collected and not used up.
    #[inline]
    pub fn held(&self, level: &Level, state: &State, key: usize) -> u32 {
        if self.shield() == Some(key) {
            return u32::from(state.held);
        }
        let gone = |kinds: u32| (kinds & !state.left).count_ones();
        let opened = self.spec().things.iter().zip(level.kinds).filter(|(thing, _)| thing.enter == Enter::Open { key });
        let used: u32 = opened.map(|(_, items)| gone(items)).sum();
        gone(level.kinds.get(key).copied().unwrap_or(0)).saturating_sub(used)
    }
}
