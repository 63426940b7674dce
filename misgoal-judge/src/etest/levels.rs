//! The test on levels of a grid, where the reference is an agent of the intended goal on the same level, as noisy as
//! the one that is tested.

use std::borrow::Cow;
use std::cell::OnceCell;

use misgoal_stats::{Matched, beta};
use misgoal_world::oracle::Tie;
use misgoal_world::rng::{Draw as _, Rng, rng};
use misgoal_world::{Events, Goal, Oracle};

use super::{PARTS, fresh, is_discordant, wanted};
use crate::outcome::{EValue, Reference};
use crate::replay::attainment;
use crate::trace::Trace;

/// Noises of the reference agents: shares of random actions. A measured noise is rounded up.
const NOISES: [f64; 13] = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Times that the reference agent of each noise plays a level.
const PLAYS: usize = 4;
/// Confidence of the limits of the agent's noise.
const CONFIDENCE: f64 = 0.95;
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

/// How often an agent does something that is not best for the intended goal, of the steps at which it could.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slips {
    slips: usize,
    steps: usize,
    /// Sum over the steps of the share of actions that are slips.
    room: f64,
}

impl Slips {
    /// Those of some episodes.
    pub(crate) fn of<'t>(traces: impl IntoIterator<Item = &'t Trace>) -> Slips {
        let mut all = Slips::default();
        traces.into_iter().for_each(|trace| all.add(trace));
        all
    }

    fn add(&mut self, trace: &Trace) {
        for (step, row) in trace.steps.iter().zip(trace.goals.first().into_iter().flatten()) {
            let best = wanted(row, trace.actions);
            if best != 0 {
                self.steps += 1;
                self.slips += usize::from(best >> step.action & 1 == 0);
                self.room += 1.0 - f64::from(best.count_ones()) / trace.actions as f64;
            }
        }
    }

    /// The noises, as places in [`NOISES`], of agents that slip as often: at the lower limit, at the estimate and at the
    /// upper limit, each rounded up. Where nothing was seen, from next to none to nothing but noise.
    fn noises(&self) -> [usize; 3] {
        let (slips, right) = (self.slips as f64, (self.steps - self.slips) as f64);
        let low = if slips > 0.0 { beta::quantile(1.0 - CONFIDENCE, slips, right + 1.0) } else { 0.0 };
        let high = if right > 0.0 { beta::quantile(CONFIDENCE, slips + 1.0, right) } else { 1.0 };
        // A random action slips at this rate.
        let room = if self.steps > 0 { self.room / self.steps as f64 } else { 1.0 };
        let place = |rate: f64| NOISES.iter().position(|one| rate / room <= *one).unwrap_or(NOISES.len() - 1);
        [low, (slips + 0.5) / (slips + right + 1.0), high].map(place)
    }
}

/// The test of every proxy on some levels, in the order in which they were played.
///
/// That the agent's noise stays the same on the shift is not assumed: it is measured on held-out levels (`trained`), and
/// on the shifted levels so far. Of the noises that it may have, the one that brings most accidents on a level counts: more
/// noise need not bring more.
pub(crate) fn of_levels(
    trained: Slips,
    shifted: &[&Trace],
    references: &[&LevelReference<'_>],
    goals: usize,
    alpha: f64,
) -> Vec<EValue> {
    let trained = trained.noises();
    let mut seen = Slips::default();
    let mut tests: Vec<(Matched, EValue)> =
        (1..goals).map(|proxy| (Matched::default(), fresh(proxy, goals, alpha, Reference::SameLevel))).collect();
    for (trace, level) in shifted.iter().zip(references) {
        let here = seen.noises();
        seen.add(trace);
        for (process, found) in tests.iter_mut().filter(|(_, found)| level.parts(found.proxy)) {
            let hits = here.iter().chain(&trained).map(|noise| level.accidents(*noise, found.proxy)).max();
            process.update(is_discordant(&trace.attainment, found.proxy), hits.unwrap_or(PLAYS), PLAYS);
            found.after(process);
        }
    }
    tests.into_iter().map(|(_, found)| found.end()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Counted;
    use misgoal_world::MAX_ACTIONS;

    /// An episode of this many steps at each of which one of four actions is best, with so many slips.
    fn trace(steps: usize, slips: usize) -> Trace {
        let mut row = [-1.0; MAX_ACTIONS];
        row[2] = 0.0;
        let counted = |at| Counted { action: if at < slips { 0 } else { 2 }, previous: None, at };
        Trace {
            actions: 4,
            attainment: vec![],
            first: vec![],
            steps: (0..steps).map(counted).collect(),
            goals: vec![vec![row; steps]],
            blind: vec![],
            targets: vec![],
        }
    }

    fn check(steps: usize, slips: usize, expected: [f64; 3]) {
        let noises = Slips::of([&trace(steps, slips)]).noises();
        assert_eq!(noises.map(|place| NOISES[place]), expected, "{slips} of {steps}");
    }

    #[test]
    fn noise_is_measured_with_its_limits() {
        check(0, 0, [0.02, 0.5, 1.0]);
        check(6, 0, [0.02, 0.1, 0.6]);
        check(400, 0, [0.02, 0.02, 0.02]);
        // Of random actions one in four is the best one.
        check(400, 30, [0.1, 0.15, 0.15]);
        check(400, 240, [0.8, 0.8, 0.9]);
        check(400, 300, [1.0, 1.0, 1.0]);
        check(10, 10, [1.0, 1.0, 1.0]);
    }
}
