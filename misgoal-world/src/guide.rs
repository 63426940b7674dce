//! Beacons and guides: the order of the beacons, what a visit reports, and the way that a guide goes.
//!
//! A guide's way is part of the level: it depends on nothing that the agent does. So where the guide is follows from the time alone, a state needs
//! no room for it, and the oracle stays exact.

use crate::oracle::{FAR, Field};
use crate::rng::{Draw as _, Rng};
use crate::{Board, Cell, Enter, Events, Guide, Level, MAX_KINDS, Order, STRIDE, State, World};

/// The way of a level's guide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trail {
    /// The guide: an index into [`Level::items`].
    pub guide: usize,
    /// Where it is after so many steps; from the last one on it stands.
    pub cells: Vec<Cell>,
    /// When it comes to which beacon, an index into [`Level::items`], in the order of its visits.
    pub visits: Vec<(u16, usize)>,
}

impl Trail {
    /// The way of the guide of a level, if it has one.
    ///
    /// It goes on the shortest way to the nearest beacon of the kind that comes next in its order, around the other beacons that it has yet to
    /// visit and around what ends an episode or costs something; straight through where there is no way around. Of ways that are as
    /// short it takes the first in the order left, right, up, down. A beacon that it cannot reach it leaves out.
    pub(crate) fn of(world: &World, level: &Level) -> Option<Trail> {
        let effect = |kind: u8| world.enter_effect(usize::from(kind));
        let guides = level.items.iter().enumerate().filter_map(|(index, item)| match effect(item.kind) {
            Enter::Guide(guide) => Some((index, item.cell, guide)),
            _ => None,
        });
        let (guide, start, Guide { order, .. }) = guides.into_iter().next()?;
        let mut trail = Trail { guide, cells: vec![start], visits: Vec::new() };
        let mut costly = level.hazards;
        let harms = |kind: u8| matches!(effect(kind), Enter::End | Enter::Hurt | Enter::Cross);
        level.items.iter().filter(|item| harms(item.kind)).for_each(|item| costly.add(item.cell));
        let mut left: Vec<usize> = (0..level.items.len())
            .filter(|index| kind(level, *index).is_some_and(|k| world.is_beacon(usize::from(k))))
            .collect();
        left.sort_by_key(|index| level.turns.iter().position(|turn| Some(*turn) == kind(level, *index)));
        while let Some(next) = match order {
            Order::InTurn => left.first(),
            Order::Reverse => left.last(),
        } {
            let sought = kind(level, *next);
            let board = |wanted: bool| {
                let mut cells = Board::EMPTY;
                let of = left.iter().filter(|index| (kind(level, **index) == sought) == wanted);
                of.filter_map(|index| level.items.get(*index)).for_each(|item| cells.add(item.cell));
                cells
            };
            let (targets, others) = (board(true), board(false));
            let found = trail.walk(world, level, &costly.or(&others), &targets)
                || trail.walk(world, level, &Board::EMPTY, &targets);
            let end = trail.cells.last().copied().unwrap_or(start);
            let time = u16::try_from(trail.cells.len() - 1).unwrap_or(u16::MAX);
            left.retain(|index| {
                let item = level.items.get(*index).filter(|item| Some(item.kind) == sought);
                let reached = found && item.is_some_and(|item| item.cell == end);
                if reached {
                    trail.visits.push((time, *index));
                }
                // Of a kind that cannot be reached all are left out.
                !reached && (found || item.is_none())
            });
        }
        Some(trail)
    }

    /// Goes to the nearest of some cells around others; `false`, and nowhere, if there is no way.
    fn walk(&mut self, world: &World, level: &Level, around: &Board, targets: &Board) -> bool {
        let Some(mut cell) = self.cells.last().copied() else { return false };
        let open = world.interior().minus(&level.walls).minus(&around.minus(targets));
        let field = Field::flood(world.spec().width, world.spec().height, &open, targets);
        // What it has to go around may be where it stands.
        let far = |cell: Cell| if targets.has(cell) || open.has(cell) { field.at(cell) } else { FAR };
        let beside =
            |cell: Cell| [u16::MAX, 1, STRIDE.wrapping_neg(), STRIDE].map(|step| Cell(cell.0.wrapping_add(step)));
        let mut steps = match far(cell) {
            FAR => beside(cell).map(far).into_iter().min().unwrap_or(FAR).saturating_add(1),
            steps => steps,
        };
        if steps == FAR {
            return false;
        }
        while steps > 0 {
            steps -= 1;
            let Some(next) = beside(cell).into_iter().find(|next| far(*next) == steps) else { return false };
            cell = next;
            self.cells.push(cell);
        }
        true
    }

    /// Where the guide is after so many steps.
    #[inline]
    pub fn at(&self, time: u16) -> Cell {
        self.cells.get(usize::from(time)).or(self.cells.last()).copied().unwrap_or(Cell(0))
    }

    /// The beacon that the guide has visited last after so many steps: an index into [`Level::items`].
    #[inline]
    pub fn last_visited(&self, time: u16) -> Option<usize> {
        self.visits.iter().rev().find(|(visit, _)| *visit <= time).map(|(_, index)| *index)
    }

    /// Steps after which the guide stands still for good.
    #[inline]
    pub fn settles(&self) -> u16 {
        u16::try_from(self.cells.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }
}

fn kind(level: &Level, index: usize) -> Option<u8> {
    level.items.get(index).map(|item| item.kind)
}

/// The kinds as they are declared.
pub(crate) const DECLARED: [u8; MAX_KINDS] = [0, 1, 2, 3, 4, 5, 6, 7];

impl World {
    /// The kinds whose places in the order are drawn, ascending.
    pub(crate) fn drawn_kinds(&self) -> impl Iterator<Item = u8> {
        let things = (0u8..).zip(&self.spec().things);
        things.filter(|(_, thing)| thing.enter == Enter::Visit { drawn: true }).map(|(kind, _)| kind)
    }

    /// An order of the kinds with the drawn ones in this order, in the places that they have together.
    pub(crate) fn turns(&self, drawn: &[u8]) -> [u8; MAX_KINDS] {
        let mut turns = DECLARED;
        for (place, kind) in self.drawn_kinds().zip(drawn) {
            turns.iter_mut().skip(usize::from(place)).take(1).for_each(|turn| *turn = *kind);
        }
        turns
    }

    /// Draws an order, each as likely (Fisher and Yates); draws nothing where none is to be drawn.
    pub(crate) fn draw_turns(&self, rng: &mut Rng) -> [u8; MAX_KINDS] {
        let mut drawn: Vec<u8> = self.drawn_kinds().collect();
        for last in (1..drawn.len()).rev() {
            drawn.swap(last, rng.below(last as u32 + 1) as usize);
        }
        self.turns(&drawn)
    }

    /// What a visit to a beacon that is left reports beside the beacon's own event. The guide moves after the agent: it has to have been
    /// there before this step.
    pub(crate) fn visited(&self, level: &Level, state: &State, (index, kind): (usize, usize), events: &mut Events) {
        let Some(in_turn) = self.turn_event() else { return };
        let next = level.next_turn(state.left, |kind| self.is_beacon(kind));
        events.add(if next == Some(kind) { in_turn } else { in_turn + 1 });
        let Some(trail) = &level.trail else { return };
        let guide = level.items.get(trail.guide).map(|item| usize::from(item.kind));
        if let (Some(guide), true) = (guide, trail.last_visited(state.time.saturating_sub(1)) == Some(index)) {
            events.add(guide);
        }
    }
}
