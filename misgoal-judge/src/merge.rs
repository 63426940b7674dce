//! Goals that no level tells apart are merged into one class.
//!
//! `D_ij(l) = sum over t, s of d_t^{pi_i}(s; l) KL(pi_i(.|s) || pi_j(.|s))`, by exact forward occupancy: the evidence in
//! nats that an agent of goal i is expected to leave against goal j on level l.

use std::collections::BTreeMap;

use misgoal_world::{Cell, MAX_ACTIONS, Oracle, State};

use crate::trace::{Advantages, Trace};

/// Rationality of the reference agents: a property of the study must not depend on the agent that is judged.
const RATIONALITY: f64 = 2.0;
/// Lapse rate of the reference agents.
const LAPSE: f64 = 0.05;
/// Goals whose index stays under this on every level, in nats, are one class.
const LIMIT: f64 = 1.0;
/// Occupancy below this is not followed further.
const TRACE_MASS: f64 = 1e-3;

/// The goals in classes: two goals are merged when neither ordered index reaches 1 nat on any of the levels.
pub(crate) fn classes(goals: usize, oracles: &[&Oracle]) -> Vec<Vec<usize>> {
    group(goals, |goal, other| oracles.iter().any(|oracle| differ(oracle, goal, other)))
}

/// The same from recorded episodes alone, where no oracle can be walked: the index along the steps that the agent took, the largest over
/// the episodes.
pub(crate) fn recorded_classes(goals: usize, traces: &[Trace]) -> Vec<Vec<usize>> {
    group(goals, |goal, other| {
        traces.iter().any(|trace| along(trace, goal, other) >= LIMIT || along(trace, other, goal) >= LIMIT)
    })
}

/// Sum over the counted steps of KL(pi_i || pi_j), in nats.
fn along(trace: &Trace, i: usize, j: usize) -> f64 {
    let (Some(a), Some(b)) = (trace.goals.get(i), trace.goals.get(j)) else { return 0.0 };
    a.iter().zip(b).map(|(a, b)| divergence(&policy(a, trace.actions), &policy(b, trace.actions), trace.actions)).sum()
}

fn divergence(p: &[f64; MAX_ACTIONS], q: &[f64; MAX_ACTIONS], actions: usize) -> f64 {
    p.iter().zip(q).take(actions).map(|(p, q)| p * (p / q).ln()).sum()
}

fn group(goals: usize, differ: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for goal in 0..goals {
        // Within a class every pair is alike, so that "alike" cannot creep from goal to goal.
        let home = classes.iter_mut().find(|class| class.iter().all(|&other| !differ(goal, other)));
        match home {
            Some(class) => class.push(goal),
            None => classes.push(vec![goal]),
        }
    }
    classes
}

fn differ(oracle: &Oracle, a: usize, b: usize) -> bool {
    index(oracle, a, b, LIMIT) >= LIMIT || index(oracle, b, a, LIMIT) >= LIMIT
}

/// The index D_ij of one level; stops early once it has reached `limit`.
pub(crate) fn index(oracle: &Oracle, i: usize, j: usize, limit: f64) -> f64 {
    let (world, level) = (oracle.world(), oracle.level());
    let actions = world.action_count();
    let mut total = 0.0;
    let mut front: BTreeMap<(Cell, u8, u32), (State, f64)> = BTreeMap::new();
    let start = world.start(level);
    front.insert(key(&start), (start, 1.0));
    for _ in 0..world.spec().step_limit {
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

fn key(state: &State) -> (Cell, u8, u32) {
    (state.cell, state.rise, state.left)
}

/// The reference agent's action probabilities.
fn reference(oracle: &Oracle, goal: usize, state: &State, actions: usize) -> [f64; MAX_ACTIONS] {
    policy(&oracle.advantages(goal, state), actions)
}

fn policy(advantages: &Advantages, actions: usize) -> [f64; MAX_ACTIONS] {
    let mut p = [0.0; MAX_ACTIONS];
    let mut sum = 0.0;
    for (p, advantage) in p.iter_mut().zip(advantages).take(actions) {
        *p = (RATIONALITY * advantage).exp();
        sum += *p;
    }
    p.iter_mut().take(actions).for_each(|p| *p = (1.0 - LAPSE) * *p / sum + LAPSE / actions as f64);
    p
}
