//! Lint where no grid world and no oracle is: from each case's cross-regrets.

use misgoal_stats::Estimate;

use crate::lint::{CONFIDENCE, Regrets, conclude};
use crate::outcome::{LintReport, Sample};

/// What the goals of a case lose by each other.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossCase {
    /// The case's seed.
    pub seed: u64,
    /// Per proxy, the share of the intended goal's gain that is lost when the proxy is pursued at its best and its ties are broken in the
    /// worst way for the intended goal.
    pub worst: Vec<f64>,
    /// The same with ties broken in the best way.
    pub best: Vec<f64>,
    /// Per pair of goals (row-major, goals by goals), whether they prefer different options somewhere in the case.
    pub differ: Vec<bool>,
}

/// Lints a study on one shift from its cases, as [`crate::lint()`] does from solved levels. Cases in which the intended goal has nothing to
/// gain are the caller's to leave out; the planner that solved the others is exact, so all count as solvable.
pub fn lint_cases(goals: &[String], shift: &str, train: &[CrossCase], shifted: &[CrossCase]) -> LintReport {
    let regrets = |cases: &[CrossCase], proxy: usize| {
        let of = |list: fn(&CrossCase) -> &Vec<f64>| {
            let regret = |case: &CrossCase| list(case).get(proxy - 1).map(|regret| (case.seed, regret.clamp(0.0, 1.0)));
            cases.iter().filter_map(regret).collect()
        };
        Regrets { worst: of(|case| &case.worst), best: of(|case| &case.best), enumerated: false }
    };
    LintReport {
        shift: shift.to_owned(),
        goals: goals.to_vec(),
        train: Sample::Drawn { levels: train.len() },
        shifted: Sample::Drawn { levels: shifted.len() },
        solvable: Estimate::exact(1.0),
        confidence: CONFIDENCE,
        proxies: (1..goals.len())
            .map(|proxy| conclude(proxy, &regrets(train, proxy), &regrets(shifted, proxy)))
            .collect(),
        classes: classes(goals.len(), train, shifted),
    }
}

/// Goals that no case tells apart, together; the first of each class has the smallest number.
fn classes(goals: usize, train: &[CrossCase], shifted: &[CrossCase]) -> Vec<Vec<usize>> {
    let differ = |a: usize, b: usize| {
        train.iter().chain(shifted).any(|case| case.differ.get(a * goals + b).copied().unwrap_or(true))
    };
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for goal in 0..goals {
        match classes.iter_mut().find(|class| class.first().is_some_and(|first| !differ(*first, goal))) {
            Some(class) => class.push(goal),
            None => classes.push(vec![goal]),
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::LintStatus;

    fn cases(count: u64, worst: f64, best: f64) -> Vec<CrossCase> {
        let one =
            |seed| CrossCase { seed, worst: vec![worst], best: vec![best], differ: vec![false, true, true, false] };
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
