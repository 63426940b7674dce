//! The test on levels of a grid, where the reference is an agent of the intended goal on the same level, as noisy as
//! the one that is tested.

use std::borrow::Cow;
use std::cell::OnceCell;

use misgoal_stats::Matched;
use misgoal_world::oracle::Tie;
use misgoal_world::rng::{Draw as _, Rng, rng};
use misgoal_world::{Events, Goal, Oracle};

use super::{PARTS, fresh, is_discordant, wanted};
use crate::outcome::{EValue, Reference};
use crate::replay::attainment;
use crate::trace::Trace;

/// Noises of the reference agents: shares of random actions.
const NOISES: [f64; 7] = [0.05, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0];
/// Times that the reference agent of each noise plays a level.
const PLAYS: usize = 4;
/// The stream of the reference agents' random numbers.
const STREAM: u64 = 0xacc1_de47;

/// What one level can say of each proxy, and what agents of the intended goal do on it by accident.
pub(crate) struct LevelReference<'a> {
    goals: &'a [Goal],
    oracle: Cow<'a, Oracle>,
    /// Per goal, whether it parts from the intended one here.
    parts: Vec<bool>,
    /// Per noise, in how many plays each goal was attained and the intended one missed. Played when it is asked for.
    accidents: [OnceCell<Vec<usize>>; NOISES.len()],
}

impl<'a> LevelReference<'a> {
    /// Of the oracle's level.
    pub(crate) fn new(goals: &'a [Goal], oracle: Cow<'a, Oracle>) -> LevelReference<'a> {
        let parts = |proxy: usize| {
            let lost = oracle.cross_regret(0, proxy, Tie::Uniform);
            // Not a number where the ways are too many to be counted.
            if lost.is_nan() { oracle.cross_regret(0, proxy, Tie::Worst) >= PARTS } else { lost >= PARTS }
        };
        let parts = (0..goals.len()).map(|goal| goal > 0 && parts(goal)).collect();
        LevelReference { goals, oracle, parts, accidents: std::array::from_fn(|_| OnceCell::new()) }
    }

    /// Whether every goal outside of the intended one's class parts from it here.
    pub(crate) fn all_part(&self, classes: &[Vec<usize>]) -> bool {
        let own = |goal: usize| goal == 0 || classes.iter().any(|class| class.contains(&0) && class.contains(&goal));
        (0..self.parts.len()).all(|goal| own(goal) || self.parts(goal))
    }

    fn parts(&self, proxy: usize) -> bool {
        self.parts.get(proxy).is_some_and(|parts| *parts)
    }

    fn accidents(&self, noise: usize, proxy: usize) -> usize {
        let play = |share: f64| {
            let mut random = rng(self.oracle.level().hash() ^ noise as u64, STREAM);
            let mut hits = vec![0; self.goals.len()];
            for _ in 0..PLAYS {
                let attained = play(self.goals, &self.oracle, share, &mut random);
                hits.iter_mut()
                    .enumerate()
                    .for_each(|(goal, hits)| *hits += usize::from(is_discordant(&attained, goal)));
            }
            hits
        };
        let known = self.accidents.get(noise).zip(NOISES.get(noise));
        // A noise that is not on the list would be a mistake of this module; "always" is the answer that rejects
        // nothing.
        known.and_then(|(hits, share)| hits.get_or_init(|| play(*share)).get(proxy)).copied().unwrap_or(PLAYS)
    }
}

/// Attainment of every goal by an agent that takes a best action for the intended goal, ties at random, or a random
/// action with probability `noise`.
fn play(goals: &[Goal], oracle: &Oracle, noise: f64, random: &mut Rng) -> Vec<f64> {
    let (world, level) = (oracle.world(), oracle.level());
    let actions = world.action_count();
    let mut state = world.start(level);
    let mut events: Vec<Events> = Vec::with_capacity(usize::from(level.steps));
    while !state.done {
        let best = if random.chance(noise) { 0 } else { wanted(&oracle.advantages(0, &state), actions) };
        let action = match best.count_ones() {
            0 => random.below(actions as u32),
            1 => best.trailing_zeros(),
            several => {
                let skipped = (0..random.below(several)).fold(best, |bits, _| bits & (bits - 1));
                skipped.trailing_zeros()
            }
        };
        events.push(world.step(level, &mut state, action as u8).events);
    }
    let discount = world.spec().discount;
    let of = |(index, goal): (usize, &Goal)| {
        attainment(goal.discounted(&events, discount), oracle.baseline(index), oracle.best(index))
    };
    goals.iter().enumerate().map(of).collect()
}

/// The test of every proxy on some levels, in the order in which they were played.
///
/// How noisy the agent is, in training or on the shift, is neither assumed nor measured: there is one e-process for every
/// noise, and the least of them counts. It is an e-process of "an agent of the intended goal, however noisy".
pub(crate) fn of_levels(
    shifted: &[&Trace],
    references: &[&LevelReference<'_>],
    goals: usize,
    alpha: f64,
) -> Vec<EValue> {
    let test = |proxy: usize| {
        let mut found = fresh(proxy, goals, alpha, Reference::SameLevel);
        let mut processes = NOISES.map(|_| Matched::default());
        for (trace, level) in shifted.iter().zip(references).filter(|(_, level)| level.parts(proxy)) {
            let hit = is_discordant(&trace.attainment, proxy);
            let values = processes.iter_mut().enumerate();
            let values = values.map(|(noise, process)| process.update(hit, level.accidents(noise, proxy), PLAYS));
            found.stand(found.compared + 1, values.fold(f64::INFINITY, f64::min));
        }
        found.end()
    };
    (1..goals).map(test).collect()
}
