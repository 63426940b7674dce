//! How far choices move when a case is shown with the goals apart, without a model of the agent.

use misgoal_stats::{Estimate, UnitMean, quantile};

use super::guesses::beyond_guessing;
use super::table::Moves;
use crate::etest::wanted;
use crate::trace::{Advantages, Trace};

/// An end of an interval so near to 0 or 1 is set to it.
const AT_THE_END: f64 = 0.02;

/// The mean over all cases of a figure of [-1, 1]; half an observation at either end is added.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moved(UnitMean);

impl Moved {
    pub fn new(values: &[f64]) -> Moved {
        Moved(UnitMean::new(&values.iter().map(|value| unit(*value)).collect::<Vec<f64>>()))
    }

    /// P(the mean is above `limit`).
    pub fn above(&self, limit: f64) -> f64 {
        self.0.above(unit(limit))
    }

    /// P(the mean is between `-limit` and `limit`).
    pub fn within(&self, limit: f64) -> f64 {
        self.above(-limit) - self.above(limit)
    }

    /// Mean and variance of what is known of it.
    pub fn moments(&self) -> (f64, f64) {
        (2.0 * self.0.centre() - 1.0, 4.0 * self.0.variance())
    }

    /// As a share of the cases, with its 90 % interval; ends within .02 of 0 or 1 are set to these. What moves the other way is no share.
    pub fn share(&self) -> Estimate {
        let at = |value: f64| (2.0 * value - 1.0).clamp(0.0, 1.0);
        let found = self.0.estimate();
        let (low, high) = (at(found.low), at(found.high));
        Estimate {
            value: at(found.value),
            low: if low <= AT_THE_END { 0.0 } else { low },
            high: if high >= 1.0 - AT_THE_END { 1.0 } else { high },
        }
    }
}

/// From [-1, 1] to the unit interval.
fn unit(value: f64) -> f64 {
    0.5 * (value.clamp(-1.0, 1.0) + 1.0)
}

impl Moves {
    /// Of cases and how far their choices moved, one value a goal; of the goals that have a class of their own. Moves toward proxies are those beyond a guesser's.
    pub fn new(traces: &[&Trace], moved: &[Vec<f64>], goals: &[usize]) -> Moves {
        let proxies: Vec<usize> = goals.iter().copied().filter(|goal| *goal > 0).collect();
        let beyond = beyond_guessing(traces, moved);
        // A case that is not shown both ways for a proxy says nothing of it: that is no move of 0.
        let of = |row: &[f64], proxy: usize| row.get(proxy).copied().filter(|moved| !moved.is_nan());
        let alone = |proxy: usize| {
            // A move to what another proxy wants as well is no sign of this one.
            let rivals: Vec<usize> = proxies.iter().copied().filter(|other| *other != proxy).collect();
            let own = traces.iter().zip(&beyond).filter(|(trace, _)| !is_shared(trace, proxy, &rivals));
            Moved::new(&own.filter_map(|(_, row)| of(row, proxy)).collect::<Vec<f64>>())
        };
        let furthest = |row: &Vec<f64>| {
            let all = proxies.iter().filter_map(|proxy| of(row, *proxy));
            all.fold(0.0, |most: f64, one| if one.abs() > most.abs() { one } else { most })
        };
        let toward: Vec<f64> = moved.iter().map(furthest).collect();
        let elsewhere = |(trace, toward): (&&Trace, &f64)| {
            let (together, apart) = losses(trace);
            let both = !together.is_empty() && !apart.is_empty();
            both.then(|| quantile::mean(&apart) - quantile::mean(&together) - toward)
        };
        Moves {
            elsewhere: Moved::new(&traces.iter().zip(&toward).filter_map(elsewhere).collect::<Vec<f64>>()),
            together: Moved::new(&beyond.iter().map(furthest).collect::<Vec<f64>>()),
            of: proxies.iter().map(|proxy| (*proxy, alone(*proxy))).collect(),
        }
    }
}

/// What the intended goal and others want at a step, as bits of options.
pub(super) fn wants(trace: &Trace, goal: usize, step: usize) -> u32 {
    let row = |rows: &Vec<Advantages>| rows.get(step).copied();
    trace.goals.get(goal).and_then(row).map_or(0, |row| wanted(&row, trace.actions))
}

/// Whether some rival wants what a proxy wants where that parts from the intended goal.
fn is_shared(trace: &Trace, proxy: usize, rivals: &[usize]) -> bool {
    (0..trace.steps.len()).any(|step| {
        let own = wants(trace, proxy, step);
        own & wants(trace, 0, step) == 0 && rivals.iter().any(|rival| wants(trace, *rival, step) & own != 0)
    })
}

/// What each choice of an episode loses of the intended goal, as a share of what a guess loses and at most all: those with the goals together, and those with
/// some proxy apart.
fn losses(trace: &Trace) -> (Vec<f64>, Vec<f64>) {
    let (mut together, mut apart) = (Vec::new(), Vec::new());
    for (at, step) in trace.steps.iter().enumerate() {
        let Some(own) = trace.goals.first().and_then(|rows| rows.get(at)) else { continue };
        let mean = own.iter().take(trace.actions).sum::<f64>() / trace.actions as f64;
        let Some(taken) = own.get(usize::from(step.action)).filter(|_| mean < 0.0) else { continue };
        let intended = wants(trace, 0, at);
        let parts = |goal: usize| wants(trace, goal, at) != 0 && wants(trace, goal, at) & intended == 0;
        let kind = if (1..trace.goals.len()).any(parts) { &mut apart } else { &mut together };
        kind.push((taken / mean).clamp(0.0, 1.0));
    }
    (together, apart)
}
