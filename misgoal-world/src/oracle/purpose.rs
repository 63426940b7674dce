//! What of a level matters to a goal: the bits of [`State::left`] that carry weight or decide whether something that does can be had.

use crate::{Enter, Goal, Level, Part, State, World, WorldError, ZONE_BIT};

/// A goal together with the part of the state that its values depend on.
#[derive(Clone, Debug)]
pub(super) struct Purpose {
    pub goal: Goal,
    /// The bits of [`State::left`] that the goal's values depend on.
    pub bits: u32,
    /// Every bit of an episode's first state.
    full: u32,
    /// Keys and what they open, where the latter matter.
    pub locks: Vec<Lock>,
    /// Whether an event that ends the episode carries weight.
    pub ends: bool,
    /// Whether anything that this level holds has a negative weight.
    pub negative: bool,
    /// Whether something that can be crossed again and again carries weight: then the goal is never spent.
    pub crosses: bool,
    /// Whether there are beacons: their order decides what a visit is worth, and the last one ends the episode.
    pub ordered: bool,
    /// Steps after which values do not depend on the time any more: 0 but for goals that follow the level's guide.
    pub settles: u16,
}

/// The items of one kind of key and of all kinds that it opens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lock {
    pub keys: u32,
    pub chests: u32,
    /// Whether keys are worth nothing in themselves, so that those beyond the last chest do not matter.
    pub spare: bool,
}

impl Lock {
    /// Keys held when these bits are left: collected less used.
    pub fn held(&self, left: u32) -> u32 {
        (self.keys & !left).count_ones().saturating_sub((self.chests & !left).count_ones())
    }

    /// The bits without the keys where those held open everything that is still shut.
    pub fn reduced(&self, left: u32) -> u32 {
        if self.spare && self.held(left) >= (self.chests & left).count_ones() { left & !self.keys } else { left }
    }
}

impl Purpose {
    /// Reads a goal against a world and a level.
    ///
    /// # Errors
    /// The goal weighs `timeout`, which values that ignore the time left cannot account for, or a weight is not a finite number.
    pub fn new(world: &World, level: &Level, goal: &Goal) -> Result<Purpose, WorldError> {
        let spec = world.spec();
        let name = &goal.name;
        let weight = |event: usize| goal.weights.get(event).copied().unwrap_or(0.0);
        if goal.weights.iter().any(|weight| !weight.is_finite()) {
            return Err(refusal(format!("goal `{name}` has a weight that is not a finite number: use finite weights")));
        }
        if world.event("timeout").is_some_and(|timeout| weight(timeout) != 0.0) {
            return Err(refusal(format!(
                "goal `{name}` weighs `timeout`, but a goal's value ignores the time left: weigh what the agent does instead"
            )));
        }
        let items = |kind: usize| level.kinds.get(kind).copied().unwrap_or(0);
        let key_of = |kind: usize| match spec.things.get(kind).map(|thing| thing.enter) {
            Some(Enter::Open { key }) => Some(key),
            _ => None,
        };
        let kinds = 0..spec.things.len();
        // Without a key in the level nothing behind its lock can happen.
        let can_happen = |kind: usize| items(kind) != 0 && key_of(kind).is_none_or(|key| items(key) != 0);
        let mut matters: Vec<bool> = kinds.clone().map(|kind| weight(kind) != 0.0 && can_happen(kind)).collect();
        let mut locks = Vec::new();
        for key in kinds.clone() {
            let behind = |kind: &usize| key_of(*kind) == Some(key) && can_happen(*kind);
            if !kinds.clone().filter(behind).any(|kind| matters.get(kind) == Some(&true)) {
                continue;
            }
            // Everything that competes for the keys matters, and the keys.
            for (kind, matters) in matters.iter_mut().enumerate() {
                *matters |= kind == key || behind(&kind);
            }
            locks.push(Lock {
                keys: items(key),
                chests: kinds.clone().filter(behind).fold(0, |bits, kind| bits | items(kind)),
                spare: weight(key) == 0.0,
            });
        }
        let beacons = kinds.clone().filter(|kind| world.is_beacon(*kind));
        let beacons = beacons.fold(0, |bits, kind| bits | items(kind));
        let turns = world.turn_event().is_some_and(|turn| weight(turn) != 0.0 || weight(turn + 1) != 0.0);
        let follows = kinds
            .clone()
            .any(|kind| matches!(world.enter_effect(kind), Enter::Guide(_)) && weight(kind) != 0.0 && items(kind) != 0);
        let lasting = |kind: &usize| {
            let effect = spec.things.get(*kind).map(|thing| thing.enter);
            matches!(effect, Some(Enter::Collect | Enter::Open { .. } | Enter::Visit { .. }))
                && matters.get(*kind) == Some(&true)
        };
        let mut bits = (0..spec.things.len()).filter(lasting).fold(0, |bits, kind| bits | items(kind));
        if turns || follows {
            bits |= beacons;
        }
        for zone in 0..spec.zones.len() {
            if weight(spec.things.len() + zone) != 0.0 {
                bits |= 1 << (ZONE_BIT + zone as u32);
            }
        }
        let ending =
            |kind: usize| matches!(spec.things.get(kind).map(|thing| thing.enter), Some(Enter::End | Enter::Hurt));
        let death = world.event("death").is_some_and(|death| weight(death) != 0.0);
        let ends = death || (0..spec.things.len()).any(|kind| ending(kind) && weight(kind) != 0.0 && items(kind) != 0);
        let here = |event: usize| event >= spec.things.len() || items(event) != 0;
        let negative = goal.weights.iter().enumerate().any(|(event, weight)| *weight < 0.0 && here(event));
        let crosses = kinds.clone().any(|kind| is_crossed(world, kind) && weight(kind) != 0.0 && items(kind) != 0);
        let (goal, full) = (goal.clone(), world.start(level).left);
        let settles = if follows && beacons != 0 { level.settles() } else { 0 };
        let ordered = beacons != 0;
        // The last beacon ends the episode, which is of interest to whoever wants something else yet.
        if bits != 0 || ends || crosses {
            bits |= beacons;
        }
        Ok(Purpose { goal, bits, full, locks, ends, negative, crosses, ordered, settles })
    }

    /// The one representative of all states that are worth the same to this goal: bits that do not matter as at the start, keys that
    /// nothing is left for as taken, no time passed but what decides where a guide is that is followed.
    #[inline]
    pub fn reduced(&self, state: State) -> State {
        State { left: self.reduced_bits(state.left), time: state.time.min(self.settles), ..state }
    }

    /// [`Purpose::reduced`] of the bits alone.
    #[inline]
    pub fn reduced_bits(&self, left: u32) -> u32 {
        let left = (left & self.bits) | (self.full & !self.bits);
        self.locks.iter().fold(left, |left, lock| lock.reduced(left))
    }

    /// A node of the movement graph with these bits left, from when time does not matter any more.
    #[inline]
    pub fn at_rest(&self, node: State, left: u32) -> State {
        State { left, time: self.settles, ..node }
    }

    /// Whether nothing that carries weight can happen any more, whatever the agent does.
    #[inline]
    pub fn is_spent(&self, left: u32) -> bool {
        !self.ends && !self.crosses && left & self.bits == 0
    }
}

/// Whether a kind of thing is one that reports every time.
fn is_crossed(world: &World, kind: usize) -> bool {
    world.spec().things.get(kind).is_some_and(|thing| thing.enter == Enter::Cross)
}

/// Refuses a goal that gains from what can be crossed again and again: its best plan would never end.
///
/// # Errors
/// Names the goal and the thing.
pub(super) fn ends_somewhere(world: &World, goal: &Goal) -> Result<(), WorldError> {
    let gains = |kind: &usize| is_crossed(world, *kind) && goal.weights.get(*kind).is_some_and(|weight| *weight > 0.0);
    match (0..world.spec().things.len()).find(gains).and_then(|kind| world.spec().things.get(kind)) {
        None => Ok(()),
        Some(thing) => Err(refusal(format!(
            "goal `{}` gains from `{}` every time it is crossed, so that its best plan would never end: give it a weight below 0",
            goal.name, thing.name
        ))),
    }
}

/// An error about a level or a goal on it.
pub(super) fn refusal(message: String) -> WorldError {
    WorldError { part: Part::Level, message }
}
