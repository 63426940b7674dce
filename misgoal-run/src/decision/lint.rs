//! Lint of a study of decisions: what the goals lose by each other, what cases tell them apart, and how many a verdict will need.

use misgoal_decision::{Moment, Solved, Tie};
use misgoal_judge::{
    CrossCase, LintReport, Recorded, RecordedOutlook, classes_of_cases, evidence_of_moment, forecast_recorded,
    lint_cases,
};
use misgoal_study::DecisionStudy;

use super::agent::{Chooses, Script};
use super::cases::{CaseSet, Sets};
use super::evaluate::{Decided, recorded};
use crate::RunError;
use crate::lint::{LintProgress, Linted};

/// Cases of each distribution that forecasts are made on, where the study judges on fewer: they cost next to nothing.
const CASES: usize = 400;
/// Share of random choices of the agents that a forecast asks.
const NOISE: f64 = 0.1;

/// What lint finds, for every shift on which the goals part. `told` hears what is begun.
pub(crate) fn lint(study: &DecisionStudy, told: &mut dyn FnMut(LintProgress)) -> Result<Vec<Linted>, RunError> {
    let mut more = study.clone();
    let options = &mut more.evaluation.options;
    options.levels = options.levels.max(CASES);
    options.holdout_levels = options.holdout_levels.max(CASES);
    all(study, &Sets::new(study, None)?, &Sets::new(&more, None)?, told)
}

/// The same from as many cases as the study judges on, of the seeds from `first` on.
pub(crate) fn quick(study: &DecisionStudy, first: u64) -> Result<Vec<Linted>, RunError> {
    shifts(study, &Sets::from_seed(study, None, first)?, &mut |_| ())
}

/// The same from cases that are there.
pub(super) fn shifts(
    study: &DecisionStudy,
    sets: &Sets,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Vec<Linted>, RunError> {
    all(study, sets, sets, told)
}

/// The goals are compared on the cases that agents are judged on; forecasts are made on a `stock` of them.
fn all(
    study: &DecisionStudy,
    sets: &Sets,
    stock: &Sets,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Vec<Linted>, RunError> {
    let shifts = reports(study, sets).into_iter().zip(&sets.shifts).zip(&stock.shifts);
    shifts.map(|((report, shift), of_stock)| one(study, (sets, shift), (stock, of_stock), report, told)).collect()
}

/// The reports alone, without forecasts.
pub(super) fn reports(study: &DecisionStudy, sets: &Sets) -> Vec<LintReport> {
    let (names, train) = (names(study), crossed(sets, &sets.holdout));
    sets.shifts.iter().map(|shift| lint_cases(&names, &shift.name, &train, &crossed(sets, shift))).collect()
}

fn one(
    study: &DecisionStudy,
    (sets, shift): (&Sets, &CaseSet),
    (stock, of_stock): (&Sets, &CaseSet),
    report: LintReport,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Linted, RunError> {
    told(LintProgress::Comparing { shift: shift.name.clone() });
    let classes = classes(sets, shift);
    let outlook = RecordedOutlook { goals: study.goals.len(), shift: &shift.name, classes: &classes, lint: &report };
    let mut forecasts = Vec::new();
    for (goal, named) in study.goals.iter().enumerate() {
        told(LintProgress::Judging { shift: shift.name.clone(), goal: named.name.clone() });
        let play = |seed: u64| {
            let of = |set, goal| noisy(study, stock, set, goal, seed);
            (of(&stock.holdout, 0), of(of_stock, goal))
        };
        let wrong = |error| RunError::Study(format!("study `{}`, shift `{}`: {error}", study.name, shift.name));
        forecasts.push(forecast_recorded(&outlook, goal, &study.evaluation.options, &play).map_err(wrong)?);
    }
    Ok(Linted::new(report, forecasts, study.evaluation.options.solvable))
}

/// What the noisy agent of a goal chooses in a set's cases.
fn noisy(study: &DecisionStudy, sets: &Sets, set: &CaseSet, goal: usize, seed: u64) -> Vec<Recorded> {
    let options = study.world.options().len();
    let mut agent = Chooses::Scripted(Script::Pursues { goal, lapse: NOISE });
    let decided = Decided::new(set, &mut agent, options, seed);
    decided.pairs().map(|(solved, choices)| recorded(sets, options, solved, choices)).collect()
}

/// The goals in classes that no case of a shift tells apart; those that have nothing at stake in any of them are left out: who has nothing to gain
/// cannot be seen to pursue it, and would be one more name for chance.
pub(super) fn classes(sets: &Sets, shift: &CaseSet) -> Vec<Vec<usize>> {
    let crossed = crossed(sets, shift);
    let at_stake = |goal: &usize| {
        let moments =
            shift.solved.iter().flat_map(|solved| solved.moments().iter().map(move |moment| (solved, moment)));
        *goal == 0
            || moments
                .into_iter()
                .any(|(solved, moment)| solved.advantages(moment, *goal).iter().any(|value| *value < 0.0))
    };
    let mut classes = classes_of_cases(sets.scales.len(), crossed.iter());
    classes.retain(|class| class.iter().any(at_stake));
    classes
}

fn names(study: &DecisionStudy) -> Vec<String> {
    study.goals.iter().map(|goal| goal.name.clone()).collect()
}

fn crossed(sets: &Sets, set: &CaseSet) -> Vec<CrossCase> {
    set.solved.iter().map(|solved| cross(sets, solved)).collect()
}

fn cross(sets: &Sets, solved: &Solved) -> CrossCase {
    let goals = solved.goals();
    let table = |of: &dyn Fn(usize, usize) -> f64| {
        (0..goals).flat_map(|i| (0..goals).map(move |j| (i, j))).map(|(i, j)| of(i, j)).collect()
    };
    CrossCase {
        seed: solved.case.seed,
        worst: table(&|i, j| solved.cross_regret(i, j, Tie::Worst)),
        best: table(&|i, j| solved.cross_regret(i, j, Tie::Best)),
        nats: table_of_nats(sets, solved),
    }
}

/// `D_ij` of every ordered pair of goals in a case, row by row.
pub(super) fn table_of_nats(sets: &Sets, solved: &Solved) -> Vec<f64> {
    let goals = solved.goals();
    let pairs = (0..goals).flat_map(|i| (0..goals).map(move |j| (i, j)));
    pairs.map(|(i, j)| if i == j { 0.0 } else { nats(sets, solved, solved.first(), i, j) }).collect()
}

/// The evidence in nats that a reference agent of goal `i` is expected to leave against goal `j` from a moment on: exact, over all ways.
fn nats(sets: &Sets, solved: &Solved, moment: Option<&Moment>, i: usize, j: usize) -> f64 {
    let Some(moment) = moment else { return 0.0 };
    let scaled = |goal: usize| {
        let scale = sets.scales.get(goal).copied().unwrap_or(1.0);
        solved.advantages(moment, goal).map(|advantage| advantage * scale)
    };
    let (now, p) = evidence_of_moment(&scaled(i), &scaled(j), solved.options());
    let after = |(option, p): (usize, f64)| p * nats(sets, solved, solved.after(moment, option), i, j);
    now + p.into_iter().enumerate().take(solved.options()).map(after).sum::<f64>()
}
