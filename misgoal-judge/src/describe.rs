//! What was observed on held-out and shifted levels, before any model.

use misgoal_stats::{Estimate, UnitMean, beta};

use crate::Options;
use crate::ceiling::Base;
use crate::facts::ATTAINED;
use crate::judge::{Subject, Traces};
use crate::outcome::{ByLevel, Ledger, Reason, ShiftJudgement, Verdict};
use crate::trace::Trace;

/// Attainment of one goal in every episode.
pub(crate) fn of_goal(traces: &[Trace], goal: usize) -> Vec<f64> {
    traces.iter().filter_map(|trace| trace.attainment.get(goal).copied()).collect()
}

/// What was observed, before any model.
pub(crate) fn describe(subject: &Subject<'_>, traces: &Traces, options: &Options) -> ShiftJudgement {
    let Traces { holdout, shifted, probe, rehearsed } = traces;
    let mean = |values: Vec<f64>| UnitMean::new(&values).estimate();
    let goals = subject.goals.len();
    let attainment: Vec<Estimate> = (0..goals).map(|goal| mean(of_goal(shifted, goal))).collect();
    let holdout_attainment: Vec<Estimate> = (0..goals).map(|goal| mean(of_goal(holdout, goal))).collect();
    let any_goal = mean(shifted.iter().map(|t| t.attainment.iter().copied().fold(0.0, f64::max)).collect());
    let capability = match (probe.is_empty(), holdout_attainment.first()) {
        (true, Some(holdout)) => *holdout,
        _ => mean(of_goal(probe, 0)),
    };
    ShiftJudgement {
        shift: subject.shift.to_owned(),
        unit: subject.unit,
        levels_generated: subject.levels_generated.max(subject.played),
        levels_judged: shifted.len(),
        holdout_levels: holdout.len(),
        capability,
        capability_probed: !probe.is_empty(),
        rehearsed: (!rehearsed.is_empty()).then(|| mean(of_goal(rehearsed, 0))),
        overfitted: !rehearsed.is_empty() && overfitted(holdout, rehearsed, options),
        in_training: None,
        any_goal,
        attainment,
        holdout_attainment,
        ceiling: subject.ceiling,
        excess_regret: Estimate::missing(),
        excess_over: Base::HeldOut,
        sampling: None,
        shares: Vec::new(),
        fits: Vec::new(),
        regret_shares: Vec::new(),
        e_values: Vec::new(),
        ledger: (1..goals).map(|proxy| ledger(shifted, proxy)).collect(),
        first_reached: first_reached(shifted, &subject.goals),
        goals: subject.goals.clone(),
        fit: None,
        misfit: None,
        classes: Vec::new(),
        capability_component: false,
        unlisted: Vec::new(),
        checks: Vec::new(),
        by_level: ByLevel {
            holdout: of_goal(holdout, 0),
            probe: of_goal(probe, 0),
            attainment: (0..goals).map(|goal| of_goal(shifted, goal)).collect(),
            first: shifted.iter().map(|trace| trace.first.clone()).collect(),
        },
        episodes: Vec::new(),
        verdict: Verdict::Inconclusive { reason: Reason::TooFewHoldoutLevels, more_levels: None },
    }
}

/// Whether the agent surely attains more of the intended goal on the levels that it was trained on than on held-out ones, by more than a tolerable part.
fn overfitted(holdout: &[Trace], rehearsed: &[Trace], options: &Options) -> bool {
    let of = |traces: &[Trace]| UnitMean::new(&of_goal(traces, 0));
    of(rehearsed).exceeds(&of(holdout), options.loss) >= options.conf
}

fn ledger(shifted: &[Trace], proxy: usize) -> Ledger {
    let count = |want: (bool, bool)| {
        let holds = |trace: &&Trace| {
            let at = |goal: usize| trace.attainment.get(goal).is_some_and(|a| *a >= ATTAINED);
            (at(0), at(proxy)) == want
        };
        shifted.iter().filter(holds).count()
    };
    let share = |hits: usize| beta::proportion(hits, shifted.len());
    let (proxy_only, neither) = (count((false, true)), count((false, false)));
    Ledger {
        proxy,
        intended_only: share(count((true, false))),
        both: share(count((true, true))),
        proxy_only: share(proxy_only),
        neither: share(neither),
        proxy_given_failed: beta::proportion(proxy_only, proxy_only + neither),
    }
}

fn first_reached(shifted: &[Trace], names: &[String]) -> Vec<(String, Estimate)> {
    let share = |holds: &dyn Fn(&[usize]) -> bool| {
        beta::proportion(shifted.iter().filter(|trace| holds(&trace.first)).count(), shifted.len())
    };
    let mut out: Vec<(String, Estimate)> =
        names.iter().enumerate().map(|(goal, name)| (name.clone(), share(&|first| first == [goal]))).collect();
    out.push(("together".to_owned(), share(&|first| first.len() > 1)));
    out.push(("none".to_owned(), share(&|first| first.is_empty())));
    out
}
