//! Goals that the judged levels do not tell apart are merged into one class.

use misgoal_world::Oracle;

use crate::index::{bounded, divergence, policy};
use crate::outcome::PairEvidence;
use crate::trace::Trace;

/// A level separates two goals from this on, in nats, whichever of the two is pursued.
pub const LIMIT: f64 = 1.0;

/// Whether the nats of an evaluation's levels are enough to tell two goals apart; see [`PairEvidence`].
pub(crate) fn is_told(levels: impl Iterator<Item = f64>) -> bool {
    let mut all = 0.0;
    levels.map(|nats| nats.min(PairEvidence::SURE)).any(|nats| {
        all += nats;
        all >= PairEvidence::ENOUGH
    })
}

/// The goals in classes: two goals are merged when the levels together do not tell them apart, whichever of the two is
/// pursued ([`PairEvidence`]).
pub fn classes(goals: usize, oracles: &[&Oracle]) -> Vec<Vec<usize>> {
    let told = |i: usize, j: usize| is_told(oracles.iter().map(|oracle| bounded(oracle, i, j, PairEvidence::SURE)));
    group(goals, |i, j| told(i, j) && told(j, i))
}

/// The same from recorded episodes alone, where no oracle can be walked: the index along the steps that the agent took.
pub(crate) fn recorded_classes(goals: usize, traces: &[Trace]) -> Vec<Vec<usize>> {
    let told = |i: usize, j: usize| is_told(traces.iter().map(|trace| along(trace, i, j)));
    group(goals, |i, j| told(i, j) && told(j, i))
}

/// Sum over the counted steps of KL(pi_i || pi_j), in nats.
fn along(trace: &Trace, i: usize, j: usize) -> f64 {
    let (Some(a), Some(b)) = (trace.goals.get(i), trace.goals.get(j)) else { return 0.0 };
    a.iter().zip(b).map(|(a, b)| divergence(&policy(a, trace.actions), &policy(b, trace.actions), trace.actions)).sum()
}

/// Classes within which no two goals are told apart.
pub(crate) fn group(goals: usize, told: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for goal in 0..goals {
        // Within a class every pair is alike, so that "alike" cannot creep from goal to goal.
        let home = classes.iter_mut().find(|class| class.iter().all(|&other| !told(other, goal)));
        match home {
            Some(class) => class.push(goal),
            None => classes.push(vec![goal]),
        }
    }
    classes
}
