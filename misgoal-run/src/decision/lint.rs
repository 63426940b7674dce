//! Lint of a study of decisions: what the goals lose by each other.

use misgoal_decision::{Solved, Tie};
use misgoal_judge::{CrossCase, LintReport, lint_cases};
use misgoal_study::DecisionStudy;

use super::cases::Sets;
use crate::RunError;

/// Cases of each distribution that lint looks at, where the study judges on fewer: they cost next to nothing.
const CASES: usize = 400;

/// What lint finds, for every shift on which the goals part.
pub(crate) fn lint(study: &DecisionStudy) -> Result<Vec<LintReport>, RunError> {
    let mut study = study.clone();
    let options = &mut study.evaluation.options;
    options.levels = options.levels.max(CASES);
    options.holdout_levels = options.holdout_levels.max(CASES);
    Ok(reports(&study, &Sets::new(&study, None)?))
}

pub(super) fn reports(study: &DecisionStudy, sets: &Sets) -> Vec<LintReport> {
    let names: Vec<String> = study.goals.iter().map(|goal| goal.name.clone()).collect();
    let train: Vec<CrossCase> = sets.holdout.solved.iter().map(cross).collect();
    let one = |shift: &super::cases::CaseSet| {
        let shifted: Vec<CrossCase> = shift.solved.iter().map(cross).collect();
        lint_cases(&names, &shift.name, &train, &shifted)
    };
    sets.shifts.iter().map(one).collect()
}

fn cross(solved: &Solved) -> CrossCase {
    let regrets = |tie: Tie| (1..solved.goals()).map(|proxy| solved.cross_regret(proxy, tie)).collect();
    let goals = solved.goals();
    let mut differ = vec![false; goals * goals];
    for moment in solved.moments() {
        let preferred: Vec<Vec<usize>> = (0..goals).map(|goal| solved.preferred(moment, goal)).collect();
        let pairs = preferred.iter().flat_map(|one| preferred.iter().map(move |other| one != other));
        differ.iter_mut().zip(pairs).for_each(|(to, differs)| *to |= differs);
    }
    CrossCase { seed: solved.case.seed, worst: regrets(Tie::Worst), best: regrets(Tie::Best), differ }
}
