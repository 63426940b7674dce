//! Goals that no level tells apart are merged into one class.

use misgoal_world::Oracle;

use crate::index::{bounded, divergence, policy};
use crate::trace::Trace;

/// Goals whose discrimination index stays under this on every level, in nats, are one class.
pub const LIMIT: f64 = 1.0;

/// The goals in classes: two goals are merged when neither ordered index reaches 1 nat on any of the levels.
pub fn classes(goals: usize, oracles: &[&Oracle]) -> Vec<Vec<usize>> {
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

pub(crate) fn group(goals: usize, differ: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
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
    bounded(oracle, a, b, LIMIT) >= LIMIT || bounded(oracle, b, a, LIMIT) >= LIMIT
}
