//! What acts by itself: movers and regrowth. Their randomness comes from the generator in the state, so that actions alone replay an episode.

use crate::rng::mix;
use crate::{Cell, Enter, Events, Level, Mover, Moves, Regrow, STRIDE, State, Step, World, dynamics};

/// The least probability of regrowth in a step: a forest that is gone comes back in the end, after a million steps or so.
const LEAST: f64 = 1e-6;

/// The next 64 bits of a state's generator: SplitMix64 (Steele, Lea and Flood 2014).
#[inline]
fn draw(state: &mut State) -> u64 {
    let drawn = mix(state.chance);
    state.chance = state.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
    drawn
}

/// Whether 16 random bits fall under a share in thousandths; the share is met to 1/65536.
#[inline]
fn happens(bits: u64, thousandths: u16) -> bool {
    (bits & 0xffff) * 1000 < u64::from(thousandths) << 16
}

/// Uniform in `0..bound` from the upper 32 of 64 random bits.
#[inline]
fn below(bits: u64, bound: u32) -> u32 {
    (((bits >> 32) * u64::from(bound)) >> 32) as u32
}

/// The items of a mask, ascending.
#[inline]
pub(crate) fn each(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let index = (mask != 0).then_some(mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(index)
    })
}

impl World {
    /// A step where things act by themselves: the agent moves and takes, then the movers move, then things regrow.
    pub(crate) fn step_lively(&self, level: &Level, state: &mut State, action: u8) -> Step {
        let mut events = Events::NONE;
        let to = dynamics::walk(&level.walls, state.cell, action);
        let met = state.movers.iter().position(|cell| *cell == to);
        if met.is_none_or(|slot| self.meet(level, state, slot, &mut events)) {
            state.cell = to;
        }
        state.time = state.time.saturating_add(1);
        if level.notable.has(state.cell) {
            events.0 |= self.enter(level, state).0;
        }
        for (kind, thing) in self.spec().things.iter().enumerate() {
            match thing.enter {
                Enter::Catch(mover) => {
                    let alive = level.kinds.get(kind).copied().unwrap_or(0) & state.left;
                    if alive != 0 && !state.done {
                        let bits = draw(state);
                        self.move_all(level, state, mover, alive, &mut events);
                        if happens(bits, mover.twice) {
                            self.move_all(level, state, mover, alive, &mut events);
                        }
                    }
                }
                Enter::Regrow(Regrow::Rate { thousandths }) => self.regrow(level, state, kind, thousandths),
                _ => {}
            }
        }
        if state.time >= level.steps && !state.done {
            state.done = true;
            events.add(self.timeout_event());
        }
        Step { events, done: state.done }
    }

    /// The agent and a mover meet: whether the mover is gone.
    #[inline]
    fn meet(&self, level: &Level, state: &mut State, slot: usize, events: &mut Events) -> bool {
        let Some(index) = each(level.movers).nth(slot) else { return false };
        let Some(item) = level.items.get(index) else { return false };
        let kind = usize::from(item.kind);
        let Enter::Catch(mover) = self.enter_effect(kind) else { return false };
        let shielded = mover.shield.is_some() && state.held > 0;
        if shielded {
            state.held -= 1;
        } else {
            events.add(kind);
        }
        if shielded || mover.once {
            state.left &= !(1 << index);
            state.movers.iter_mut().skip(slot).take(1).for_each(|cell| *cell = Cell(0));
        }
        shielded || mover.once
    }

    /// Moves the movers of one kind that are left, one after the other.
    #[inline]
    fn move_all(&self, level: &Level, state: &mut State, mover: Mover, alive: u32, events: &mut Events) {
        // A mover that is gone is at `Cell(0)`, a corner of the border, where nothing goes.
        for (slot, index) in each(level.movers).enumerate() {
            let from = state.movers.get(slot).copied().unwrap_or(Cell(0));
            if alive >> index & 1 == 0 || from.0 == 0 {
                continue;
            }
            let bits = draw(state);
            let to = aim(mover, from, state.cell, bits);
            if to == state.cell {
                self.meet(level, state, slot, events);
            } else if !level.walls.has(to) && !state.movers.contains(&to) {
                state.movers.iter_mut().skip(slot).take(1).for_each(|cell| *cell = to);
            }
        }
    }

    /// A thing of a kind that regrows was taken.
    pub(crate) fn taken(
        &self,
        level: &Level,
        state: &mut State,
        (index, kind): (usize, usize),
        regrow: Regrow,
        events: &mut Events,
    ) {
        let places = level.kinds.get(kind).copied().unwrap_or(0);
        match regrow {
            Regrow::Elsewhere => wake(level, state, places & !(1 << index)),
            Regrow::Rate { .. } if places & state.left == 0 => {
                if let Some(gone) = self.gone_event(kind) {
                    events.add(gone);
                }
            }
            Regrow::Rate { .. } => {}
        }
    }

    /// Lets a kind regrow with this step's probability.
    #[inline]
    fn regrow(&self, level: &Level, state: &mut State, kind: usize, thousandths: u16) {
        let places = level.kinds.get(kind).copied().unwrap_or(0);
        let (there, all) = ((places & state.left).count_ones(), places.count_ones());
        if there == all {
            return;
        }
        // 53 bits, as a number in [0, 1).
        let chance = (draw(state) >> 11) as f64 * (1.0 / (1u64 << 53) as f64);
        if chance < regrowth(f64::from(thousandths) / 1000.0, there, all) {
            wake(level, state, places);
        }
    }
}

/// The probability that a kind with `there` of `all` places taken up regrows in a step.
pub(crate) fn regrowth(rate: f64, there: u32, all: u32) -> f64 {
    let full = f64::from(1 + all).ln().max(f64::MIN_POSITIVE);
    LEAST.max(rate * f64::from(1 + there).ln() / full)
}

/// Lets a thing come back on one of the empty places of a mask, but for one under the agent.
fn wake(level: &Level, state: &mut State, places: u32) {
    let mut empty = places & !state.left;
    let under = each(empty).find(|index| level.items.get(*index).is_some_and(|item| item.cell == state.cell));
    if let Some(index) = under {
        empty &= !(1 << index);
    }
    let nth = below(draw(state), empty.count_ones()) as usize;
    if let Some(index) = each(empty).nth(nth) {
        state.left |= 1 << index;
    }
}

/// The cell that a mover makes for.
#[inline]
fn aim(mover: Mover, from: Cell, agent: Cell, bits: u64) -> Cell {
    let (x, y) = (i16::from(agent.x()) - i16::from(from.x()), i16::from(agent.y()) - i16::from(from.y()));
    if mover.moves == Moves::Wander || (x, y) == (0, 0) || happens(bits, mover.erratic) {
        let directions = [u16::MAX, 1, STRIDE.wrapping_neg(), STRIDE];
        let step = directions.get((bits >> 62) as usize).copied().unwrap_or(0);
        return Cell(from.0.wrapping_add(step));
    }
    // Where both columns and rows part them, either is as good.
    let sideways = y == 0 || (x != 0 && bits >> 61 & 1 == 1);
    let step = match (sideways, x > 0, y > 0) {
        (true, true, _) => 1,
        (true, false, _) => u16::MAX,
        (false, _, true) => STRIDE,
        (false, _, false) => STRIDE.wrapping_neg(),
    };
    Cell(from.0.wrapping_add(step))
}
