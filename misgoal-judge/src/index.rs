//! The discrimination index: how much an agent of one goal is expected to show, on one level, against another goal.

use std::collections::BTreeMap;

use misgoal_stats::draw;
use misgoal_world::oracle::WORST_ADVANTAGE;
use misgoal_world::rng::rng;
use misgoal_world::{Cell, MAX_ACTIONS, Oracle, State};

use crate::trace::Advantages;

/// Rationality of the reference agents: a property of the study must not depend on the agent that is judged.
const RATIONALITY: f64 = 2.0;
/// Lapse rate of the reference agents.
const LAPSE: f64 = 0.05;
/// Occupancy below this is not followed further.
const TRACE_MASS: f64 = 1e-3;
/// Plays of a level from which the index is estimated where things move or regrow by chance.
const PLAYS: usize = 8;
/// The stream of these plays' random numbers.
const STREAM: u64 = 0x001d_1ce5;

/// `D_ij(l) = sum over t, s of d_t^{pi_i}(s; l) KL(pi_i(.|s) || pi_j(.|s))` by exact forward occupancy: the evidence in nats that an agent of
/// goal `i` is expected to leave against goal `j` on the oracle's level (`docs/method.md`, choosing levels).
///
/// The reference agents have rationality 2 and a lapse rate of .05. Ways that an agent takes less often than one time in a thousand are not
/// followed, so the index is, if anything, too small. Where things move or regrow by chance, episodes are long and hardly two of them go the same
/// way: there the index is the mean over a few plays of the reference agent.
pub fn discrimination(oracle: &Oracle, i: usize, j: usize) -> f64 {
    bounded(oracle, i, j, f64::INFINITY)
}

/// `KL(pi_i || pi_j)` at one moment, in nats: the evidence that a reference agent of goal `i` is expected to leave against goal `j` there, where the
/// actions have these advantages (in units of one step's cost). Also the reference agent's own action probabilities, with which later moments are weighed.
pub fn evidence_of_moment(i: &Advantages, j: &Advantages, actions: usize) -> (f64, [f64; MAX_ACTIONS]) {
    let clipped = |advantages: &Advantages| advantages.map(|advantage| advantage.clamp(WORST_ADVANTAGE, 0.0));
    let (p, q) = (policy(&clipped(i), actions), policy(&clipped(j), actions));
    (divergence(&p, &q, actions), p)
}

/// KL(p || q) over the first `actions` entries, in nats.
pub(crate) fn divergence(p: &[f64; MAX_ACTIONS], q: &[f64; MAX_ACTIONS], actions: usize) -> f64 {
    p.iter().zip(q).take(actions).map(|(p, q)| p * (p / q).ln()).sum()
}

/// The index, worked out no further than to `limit`.
pub(crate) fn bounded(oracle: &Oracle, i: usize, j: usize, limit: f64) -> f64 {
    if !oracle.is_exact() {
        return sampled(oracle, i, j);
    }
    let (world, level) = (oracle.world(), oracle.level());
    let actions = world.action_count();
    let mut total = 0.0;
    let mut front: BTreeMap<(Cell, u8, u32), (State, f64)> = BTreeMap::new();
    let start = world.start(level);
    front.insert(key(&start), (start, 1.0));
    for _ in 0..level.steps {
        let mut next: BTreeMap<(Cell, u8, u32), (State, f64)> = BTreeMap::new();
        for (state, mass) in front.values() {
            let p = reference(oracle, i, state, actions);
            let q = reference(oracle, j, state, actions);
            total += mass * divergence(&p, &q, actions);
            for (action, p) in (0..actions as u8).zip(p) {
                let mass = mass * p;
                if mass < TRACE_MASS {
                    continue;
                }
                let mut after = *state;
                if !world.step(level, &mut after, action).done {
                    next.entry(key(&after)).or_insert((after, 0.0)).1 += mass;
                }
            }
        }
        if total >= limit || next.is_empty() {
            break;
        }
        front = next;
    }
    total
}

/// The index from plays: unbiased, and the same for the same level.
fn sampled(oracle: &Oracle, i: usize, j: usize) -> f64 {
    let (world, level) = (oracle.world(), oracle.level());
    let actions = world.action_count();
    let mut random = rng(level.hash(), STREAM);
    let mut total = 0.0;
    for _ in 0..PLAYS {
        let mut state = world.start(level);
        while !state.done {
            let p = reference(oracle, i, &state, actions);
            total += divergence(&p, &reference(oracle, j, &state, actions), actions);
            let action = draw::categorical(p.get(..actions).unwrap_or(&p), &mut random);
            world.step(level, &mut state, action as u8);
        }
    }
    total / PLAYS as f64
}

fn key(state: &State) -> (Cell, u8, u32) {
    (state.cell, state.rise, state.left)
}

fn reference(oracle: &Oracle, goal: usize, state: &State, actions: usize) -> [f64; MAX_ACTIONS] {
    policy(&oracle.advantages(goal, state), actions)
}

/// The reference agent's action probabilities at a state where the actions have these advantages.
pub(crate) fn policy(advantages: &Advantages, actions: usize) -> [f64; MAX_ACTIONS] {
    let mut p = [0.0; MAX_ACTIONS];
    let mut sum = 0.0;
    for (p, advantage) in p.iter_mut().zip(advantages).take(actions) {
        *p = (RATIONALITY * advantage).exp();
        sum += *p;
    }
    p.iter_mut().take(actions).for_each(|p| *p = (1.0 - LAPSE) * *p / sum + LAPSE / actions as f64);
    p
}
