//! Lint where no grid world and no oracle is: from each case's cross-regrets.

use misgoal_stats::Estimate;

use crate::lint::{CONFIDENCE, Regrets, conclude};
use crate::merge::{LIMIT, group};
use crate::outcome::{LintReport, Sample};

/// What the goals of a case lose by each other, and what an agent of each would show. Every table has one row a goal and one column a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossCase {
    /// The case's seed.
    pub seed: u64,
    /// The share of the row's gain that is lost when the column is pursued at its best and its ties are broken in the worst way for the row; not a
    /// number where the row has nothing to gain.
    pub worst: Vec<f64>,
    /// The same with ties broken in the best way.
    pub best: Vec<f64>,
    /// The evidence in nats that a reference agent of the row is expected to leave against the column: `D_ij` ([`crate::evidence_of_moment`]).
    pub nats: Vec<f64>,
}

impl CrossCase {
    /// `min(D_ij, D_ji)`: the evidence to be expected whichever of the two goals is pursued.
    pub(crate) fn separation(&self, goals: usize, i: usize, j: usize) -> f64 {
        let nats = |i: usize, j: usize| self.nats.get(i * goals + j).copied().unwrap_or_default();
        nats(i, j).min(nats(j, i))
    }
}

/// What goal `i` loses when goal `j` is pursued, with ties as `table` has them, on every case that says anything of `i`, with the case's seed.
pub(crate) fn regrets(
    cases: &[CrossCase],
    goals: usize,
    (i, j): (usize, usize),
    table: fn(&CrossCase) -> &Vec<f64>,
) -> Vec<(u64, f64)> {
    let of = |case: &CrossCase| table(case).get(i * goals + j).map(|regret| (case.seed, *regret));
    let said = cases.iter().filter_map(of).filter(|(_, regret)| !regret.is_nan());
    said.map(|(seed, regret)| (seed, regret.clamp(0.0, 1.0))).collect()
}

/// Lints a study on one shift from its cases, as [`crate::lint()`] does from solved levels. Cases in which the intended goal has nothing to
/// gain are the caller's to leave out; the planner that solved the others is exact, so all count as solvable.
pub fn lint_cases(goals: &[String], shift: &str, train: &[CrossCase], shifted: &[CrossCase]) -> LintReport {
    let count = goals.len();
    let against = |cases: &[CrossCase], proxy: usize| Regrets {
        worst: regrets(cases, count, (0, proxy), |case| &case.worst),
        best: regrets(cases, count, (0, proxy), |case| &case.best),
        enumerated: false,
    };
    LintReport {
        shift: shift.to_owned(),
        goals: goals.to_vec(),
        train: Sample::Drawn { levels: train.len() },
        shifted: Sample::Drawn { levels: shifted.len() },
        solvable: Estimate::exact(1.0),
        confidence: CONFIDENCE,
        proxies: (1..goals.len())
            .map(|proxy| conclude(proxy, &against(train, proxy), &against(shifted, proxy)))
            .collect(),
        classes: classes_of_cases(count, train.iter().chain(shifted)),
    }
}

/// The goals in classes: two goals are merged when neither ordered index reaches 1 nat in any of the cases.
pub fn classes_of_cases<'c>(goals: usize, cases: impl Iterator<Item = &'c CrossCase> + Clone) -> Vec<Vec<usize>> {
    let told = |case: &CrossCase, i: usize, j: usize| case.nats.get(i * goals + j).is_some_and(|nats| *nats >= LIMIT);
    group(goals, |i, j| cases.clone().any(|case| told(case, i, j) || told(case, j, i)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::LintStatus;

    fn cases(count: u64, worst: f64, best: f64) -> Vec<CrossCase> {
        let table = |regret: f64| vec![0.0, regret, regret, 0.0];
        let one = |seed| CrossCase { seed, worst: table(worst), best: table(best), nats: table(3.0) };
        (0..count).map(one).collect()
    }

    #[track_caller]
    fn check(train: (f64, f64), shift: f64, expected: LintStatus) {
        let names = ["right".to_owned(), "agree".to_owned()];
        let report = lint_cases(&names, "wrong", &cases(50, train.0, train.1), &cases(50, shift, shift));
        assert_eq!(report.proxies[0].status, expected);
        assert_eq!(report.classes, [[0], [1]]);
    }

    #[test]
    fn cross_regrets_decide() {
        check((0.0, 0.0), 1.0, LintStatus::Certified);
        check((0.3, 0.0), 1.0, LintStatus::Compatible);
        check((0.3, 0.3), 1.0, LintStatus::Separable);
        check((0.0, 0.0), 0.2, LintStatus::ShiftTooAlike);
    }
}
