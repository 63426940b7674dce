//! Strangers: agents that no component of the judge describes, because their wish or a flaw of theirs is of another kind.
//!
//! A wish and a flaw are switches: the same stranger with its wish set to the intended goal, or without its flaw, is what it would have been
//! without that cause. So the share of a loss that a cause has can be counted, and no judge is needed for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use misgoal_world::rng::{Draw, Rng};
use misgoal_world::{Cell, Goal, Level, MAX_ACTIONS, Movement, Oracle, State, World};

/// Share of random actions, so that no stranger gets stuck for ever.
const SLIP: f64 = 0.05;

/// A scripted agent with a wish and a flaw. One decision in twenty is random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stranger {
    /// What it wants.
    pub wish: Wish,
    /// What it lacks.
    pub flaw: Flaw,
}

/// What a stranger wants. Goals are indices into the declared goals, the intended one 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The goal, as well as can be.
    Goal(usize),
    /// One goal in the first steps of an episode, then another.
    Changes {
        /// The goal at first.
        first: usize,
        /// The goal from step `after` on.
        second: usize,
        /// Steps for which it pursues the first.
        after: u16,
    },
    /// Of all goals the one that pays soonest; chosen again whenever something was taken.
    Nearest {
        /// The one that it does not care for; `None` where it wants any.
        but: Option<usize>,
    },
    /// Away from the goal: always the worst action for it, any of several.
    Away(usize),
    /// Random actions, but none for which the goal pays at once.
    Shuns(usize),
}

/// What a stranger lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// It never takes this action, but the best one of the others.
    Without(u8),
    /// It decides in every so-manieth step. In between it waits where the world has `stay`, and otherwise repeats itself.
    Slow(u8),
    /// It does not see things of this kind.
    Blind(u8),
    /// It remembers what it did where it has been before, and does something else there: the next best.
    Restless,
}

impl Stranger {
    /// A stranger without a flaw.
    pub fn sound(wish: Wish) -> Stranger {
        Stranger { wish, flaw: Flaw::None }
    }
}

/// A stranger's episode.
#[derive(Debug, Clone)]
pub(super) struct Course {
    oracle: Arc<Oracle>,
    seen: Option<Seen>,
    /// The goal that pays soonest, and what was left when it was chosen.
    chosen: Option<(usize, u32)>,
    /// The actions taken in each place and phase of a jump, as bits.
    taken: BTreeMap<(Cell, u8), u8>,
    /// The last action.
    last: u8,
}

/// The level as it looks without the things of one kind.
#[derive(Debug, Clone)]
struct Seen {
    oracle: Oracle,
    /// For each thing that is seen its number in the level.
    kept: Vec<usize>,
}

impl Seen {
    fn new(oracle: &Oracle, goals: &[Goal], kind: u8) -> Option<Seen> {
        let (world, level) = (oracle.world(), oracle.level());
        let seen = world.without(level, |other| other == usize::from(kind));
        let items = level.items.iter().enumerate().filter(|(_, item)| item.kind != kind);
        let kept = items.map(|(number, _)| number).collect();
        Some(Seen { oracle: Oracle::solve(world, &seen, goals).ok()?, kept })
    }

    /// The state as it looks: the same place, and the bits of what is seen.
    fn state(&self, state: &State) -> State {
        let zones = state.left >> misgoal_world::ZONE_BIT << misgoal_world::ZONE_BIT;
        let items = self.kept.iter().enumerate().map(|(bit, number)| (state.left >> number & 1) << bit);
        State { left: zones | items.sum::<u32>(), ..*state }
    }
}

impl Course {
    pub(super) fn new(stranger: Stranger, oracle: Arc<Oracle>, goals: &[Goal]) -> Course {
        let seen = match stranger.flaw {
            Flaw::Blind(kind) => Seen::new(&oracle, goals, kind),
            _ => None,
        };
        Course { oracle, seen, chosen: None, taken: BTreeMap::new(), last: 0 }
    }

    pub(super) fn act(
        &mut self,
        stranger: Stranger,
        goals: &[Goal],
        (world, level, state): (&World, &Level, &State),
        rng: &mut Rng,
    ) -> u8 {
        let action = match stranger.flaw {
            Flaw::Slow(period) if !state.time.is_multiple_of(u16::from(period)) => match world.spec().movement {
                Movement::Platform { .. } => 0,
                Movement::Walk => self.last,
            },
            _ => self.decide(stranger, goals, (world, level, state), rng),
        };
        self.last = action;
        action
    }

    fn decide(
        &mut self,
        stranger: Stranger,
        goals: &[Goal],
        (world, level, state): (&World, &Level, &State),
        rng: &mut Rng,
    ) -> u8 {
        let mut open: Vec<u8> = (0..world.action_count() as u8).collect();
        match stranger.flaw {
            Flaw::Without(action) => open.retain(|other| *other != action),
            Flaw::Restless => {
                let taken = self.taken.get(&(state.cell, state.rise)).copied().unwrap_or(0);
                open.retain(|action| taken >> action & 1 == 0);
                if open.is_empty() {
                    self.taken.remove(&(state.cell, state.rise));
                    open = (0..world.action_count() as u8).collect();
                }
            }
            Flaw::None | Flaw::Slow(_) | Flaw::Blind(_) => {}
        }
        // Who walks at random anyway does not slip into what it shuns.
        let action = if !matches!(stranger.wish, Wish::Shuns(_)) && rng.chance(SLIP) {
            any(&open, rng)
        } else {
            best(&open, &self.scores(stranger.wish, goals, (world, level, state)), rng)
        };
        if stranger.flaw == Flaw::Restless {
            *self.taken.entry((state.cell, state.rise)).or_insert(0) |= 1 << action;
        }
        action
    }

    /// How good each action is for the wish; more is better, and 0 is best.
    fn scores(
        &mut self,
        wish: Wish,
        goals: &[Goal],
        (world, level, state): (&World, &Level, &State),
    ) -> [f64; MAX_ACTIONS] {
        match wish {
            Wish::Goal(goal) => self.advantages(goal, state),
            Wish::Changes { first, second, after } => {
                self.advantages(if state.time < after { first } else { second }, state)
            }
            Wish::Nearest { but } => match self.nearest(but, goals, state) {
                Some(goal) => self.advantages(goal, state),
                None => [0.0; MAX_ACTIONS],
            },
            Wish::Away(goal) => {
                let advantages = self.advantages(goal, state);
                let worst = advantages.iter().take(world.action_count()).copied().fold(0.0, f64::min);
                advantages.map(|advantage| worst - advantage)
            }
            Wish::Shuns(goal) => {
                let mut scores = [0.0; MAX_ACTIONS];
                for (action, score) in (0u8..).zip(&mut scores) {
                    let mut after = *state;
                    let events = world.step(level, &mut after, action).events;
                    *score = if goals.get(goal).is_some_and(|goal| goal.reward(events) > 0.0) { -1.0 } else { 0.0 };
                }
                scores
            }
        }
    }

    fn advantages(&self, goal: usize, state: &State) -> [f64; MAX_ACTIONS] {
        match &self.seen {
            Some(seen) => seen.oracle.advantages(goal, &seen.state(state)),
            None => self.oracle.advantages(goal, state),
        }
    }

    /// The goal that pays soonest from here, if any does.
    fn nearest(&mut self, but: Option<usize>, goals: &[Goal], state: &State) -> Option<usize> {
        if let Some((goal, left)) = self.chosen
            && left == state.left
        {
            return Some(goal);
        }
        let some = (0..goals.len()).filter(|goal| Some(*goal) != but);
        let soonest = some.filter_map(|goal| Some((self.steps_to_pay(goal, goals, state)?, goal))).min();
        self.chosen = soonest.map(|(_, goal)| (goal, state.left));
        soonest.map(|(_, goal)| goal)
    }

    /// Steps on the way of an optimal plan until the goal pays; none where it never does.
    fn steps_to_pay(&self, goal: usize, goals: &[Goal], state: &State) -> Option<u16> {
        let (world, level) = (self.oracle.world(), self.oracle.level());
        let mut state = *state;
        while !state.done && self.oracle.value(goal, &state) > 0.0 {
            let advantages = self.oracle.advantages(goal, &state);
            let action = (0u8..).zip(advantages).find(|(_, advantage)| *advantage >= 0.0)?.0;
            let events = world.step(level, &mut state, action).events;
            if goals.get(goal)?.reward(events) > 0.0 {
                return Some(state.time);
            }
        }
        None
    }
}

#[expect(clippy::indexing_slicing, reason = "a draw below a length is an index; some action is always open")]
fn any(open: &[u8], rng: &mut Rng) -> u8 {
    open[rng.below(open.len() as u32) as usize]
}

/// The best of the open actions, any of several: who always took the first would march that way wherever its flaw leaves it nothing better.
#[expect(
    clippy::indexing_slicing,
    reason = "open actions are the world's, which has no more than there are scores; some action is always open"
)]
fn best(open: &[u8], scores: &[f64; MAX_ACTIONS], rng: &mut Rng) -> u8 {
    let score = |action: u8| scores[usize::from(action)];
    let most = open.iter().map(|action| score(*action)).fold(f64::NEG_INFINITY, f64::max);
    let best: Vec<u8> = open.iter().copied().filter(|action| score(*action) >= most).collect();
    any(&best, rng)
}

#[cfg(test)]
mod tests {
    use super::super::{Script, Scripted};
    use super::*;
    use misgoal_world::{Enter, ThingSpec, View, WorldSpec};

    const THINGS: [(&str, char, Enter); 3] =
        [("gem", 'g', Enter::End), ("coin", 'c', Enter::Collect), ("trap", 'x', Enter::Hurt)];

    fn lab(movement: Movement, (width, height): (u8, u8)) -> (World, Vec<Goal>) {
        let thing = |(name, symbol, enter): (&str, char, Enter)| ThingSpec { name: name.into(), symbol, enter };
        let world = World::new(WorldSpec {
            width,
            height,
            movement,
            things: THINGS.map(thing).to_vec(),
            zones: vec![],
            view: View::Whole,
            step_limit: 14,
            discount: 0.95,
        })
        .unwrap();
        let goal = |name: &str| {
            let mut weights = vec![0.0; world.event_names().len()];
            weights[world.event(name).unwrap()] = 1.0;
            Goal { name: name.into(), weights }
        };
        let goals = vec![goal("gem"), goal("coin")];
        (world, goals)
    }

    /// What a stranger does on a level in 200 episodes.
    fn episodes(spec: &str, level: &str) -> Vec<String> {
        let (world, goals) = lab(Movement::Walk, (9, 3));
        let level = world.parse(level).unwrap();
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        let mut agent = Scripted::new(Script::parse(spec, &world, &goals).unwrap(), &goals);
        let letters = |actions: Vec<u8>| actions.iter().map(|a| ['l', 'r', 'u', 'd'][usize::from(*a)]).collect();
        (0..200).map(|seed| letters(agent.play(&oracle, seed))).collect()
    }

    /// The way that it takes where nothing slips: in most episodes, since one decision in twenty does. `..` stands for whatever follows.
    fn check(spec: &str, level: &str, expected: &str) {
        let (ways, start) = (episodes(spec, level), expected.strip_suffix(".."));
        let so = |way: &&String| start.map_or(way.as_str() == expected, |start| way.starts_with(start));
        let share = ways.iter().filter(so).count() as f64 / 200.0;
        let sure = 0.95f64.powi(start.unwrap_or(expected).len() as i32);
        assert!(
            (share - sure).abs() < 0.12,
            "{spec}: {share} and not {sure} of the ways are {expected}, as {}",
            ways[0]
        );
    }

    /// The gem is to the left, the coin nearer to the right.
    const ROW: &str = "
        ###########
        #.........#
        #g...@.c..#
        #.........#
        ###########";
    /// A trap stands on the short way to the gem.
    const TRAP: &str = "
        ###########
        #.........#
        #..g..x.@.#
        #.........#
        ###########";
    /// The way to the gem leads around a wall.
    const WALL: &str = "
        ###########
        #....#....#
        #.g..#@...#
        #.........#
        ###########";

    #[test]
    fn each_stranger_does_what_its_name_says() {
        check("restless-gem", ROW, "llll");
        check("without-right-gem", ROW, "llll");
        check("slow-gem@1", ROW, "llll");
        check("blind-trap-gem", TRAP, "ll");
        check("turns-to-coin@2", ROW, "llrrrr..");
        check("turns-from-coin@1", ROW, "rlllll");
        check("nearest", ROW, "rrllllll");
    }

    #[test]
    fn a_slow_agent_repeats_itself_or_waits() {
        // Two decisions for four steps, and around the wall every decision is taken three times.
        let ways = episodes("slow-gem@2", ROW);
        assert!(ways.iter().all(|way| way.as_bytes().chunks_exact(2).all(|pair| pair[0] == pair[1])), "{ways:?}");
        assert!(episodes("slow-gem@3", WALL).iter().filter(|way| way.starts_with("ddd")).count() > 180);
        let (world, goals) = lab(Movement::Platform { jump: 2 }, (9, 3));
        let level = world.parse(ROW).unwrap();
        let mut agent = Scripted::new(Script::parse("slow-gem@2", &world, &goals).unwrap(), &goals);
        let actions = agent.play(&Oracle::solve(&world, &level, &goals).unwrap(), 1);
        assert!(actions.iter().skip(1).step_by(2).all(|action| *action == 0), "{actions:?}");
    }

    #[test]
    fn an_action_that_is_missing_is_never_taken() {
        assert!(episodes("without-left-gem", ROW).iter().all(|way| !way.contains('l') && way.len() == 14));
        // None of the other three brings it nearer: it takes any, and does not march one way.
        let first =
            |letter: char| episodes("without-left-gem", ROW).iter().filter(|way| way.starts_with(letter)).count();
        assert!(['r', 'u', 'd'].iter().all(|letter| first(*letter) > 40));
    }

    #[test]
    fn what_is_not_seen_is_walked_into_and_all_else_is_seen() {
        assert!(episodes("blind-coin-gem", TRAP).iter().filter(|way| way.starts_with("ll")).count() < 20);
        assert!(episodes("blind-trap-gem", TRAP).iter().filter(|way| way.starts_with("ll")).count() > 170);
        // Who does not see the gem wants nothing.
        let aimless = episodes("blind-gem-gem", ROW);
        assert!(
            ['l', 'r', 'u', 'd']
                .iter()
                .all(|letter| aimless.iter().filter(|way| way.starts_with(*letter)).count() > 30)
        );
    }

    #[test]
    fn memory_does_something_else_at_the_second_visit() {
        let (world, goals) = lab(Movement::Walk, (9, 3));
        let (level, script) = (world.parse(WALL).unwrap(), Script::parse("restless-coin", &world, &goals).unwrap());
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        for seed in 0..100 {
            let (mut state, mut taken) = (world.start(&level), BTreeMap::<Cell, Vec<u8>>::new());
            for action in Scripted::new(script, &goals).play(&oracle, seed) {
                let here = taken.entry(state.cell).or_default();
                // Once it has done all four it begins again.
                assert!(!here[here.len() / 4 * 4..].contains(&action), "{seed}: {here:?} and {action}");
                here.push(action);
                world.step(&level, &mut state, action);
            }
        }
    }

    #[test]
    fn anti_goals_end_far_from_the_goal() {
        let attains = |spec: &str| episodes(spec, ROW).iter().filter(|way| way.len() < 14).count();
        assert_eq!((attains("shuns-gem"), attains("optimal-gem")), (0, 200));
        assert!(attains("away-gem") <= 1, "{}", attains("away-gem"));
    }
}
