//! Can a study tell the goals apart? Asked of the oracles, before any agent is trained.

use misgoal_stats::beta;
use misgoal_world::oracle::Tie;
use misgoal_world::{Goal, Oracle};

use crate::index::discrimination;
use crate::lint_cases::{CrossCase, assemble};
use crate::outcome::LintReport;

/// Lints a study on one shift from solved levels, each with its seed: what pursuing each proxy costs, what training can
/// tell, and the evidence that the judged levels have of every pair of goals.
///
/// Cross-regret is `rho_ij(D) = mean over levels of (V_i(opt_i) - V_i(opt_j)) / (V_i(opt_i) - V_i(nothing))`, the last
/// as [`Oracle::baseline`] has it, with the ties of `opt_j` broken in the way that is worst, and in the way that is
/// best, for goal i.
pub fn lint(
    goals: &[Goal],
    shift: &str,
    train: &[(u64, Oracle)],
    drawn: &[(u64, Oracle)],
    judged: &[(u64, &Oracle)],
) -> LintReport {
    let all = || train.iter().chain(drawn).map(|(_, oracle)| oracle);
    let solved = all().filter(|oracle| oracle.solvable(0).is_ok()).count();
    let count = goals.len();
    let everything = |(i, j): (usize, usize)| i != j;
    let train: Vec<CrossCase> = train.iter().map(|(seed, oracle)| lost(*seed, oracle, count, &everything)).collect();
    let drawn: Vec<CrossCase> =
        drawn.iter().map(|(seed, oracle)| lost(*seed, oracle, count, &|(i, j)| i == 0 && j > 0)).collect();
    let judged: Vec<CrossCase> = judged.iter().map(|(seed, oracle)| shown(*seed, oracle, count)).collect();
    let names = goals.iter().map(|goal| goal.name.clone()).collect();
    assemble(names, shift, beta::proportion(solved, all().count()), &train, &drawn, &judged)
}

/// What the goals of some pairs lose by each other on a level.
fn lost(seed: u64, oracle: &Oracle, goals: usize, pairs: &dyn Fn((usize, usize)) -> bool) -> CrossCase {
    let table = |tie: Tie| {
        let cells = (0..goals).flat_map(|i| (0..goals).map(move |j| (i, j)));
        let of = |(i, j): (usize, usize)| {
            let says = pairs((i, j)) && oracle.best(i) > oracle.baseline(i);
            // An agent that pursues another goal may do worse than one that wants nothing: no more than everything can
            // be lost.
            if says { oracle.cross_regret(i, j, tie).clamp(0.0, 1.0) } else { f64::NAN }
        };
        cells.map(of).collect()
    };
    CrossCase { seed, worst: table(Tie::Worst), best: table(Tie::Best), nats: Vec::new() }
}

/// What an agent of each goal shows on a level.
fn shown(seed: u64, oracle: &Oracle, goals: usize) -> CrossCase {
    let cells = (0..goals).flat_map(|i| (0..goals).map(move |j| (i, j)));
    let nats = |(i, j): (usize, usize)| if i == j { 0.0 } else { discrimination(oracle, i, j) };
    CrossCase { seed, worst: Vec::new(), best: Vec::new(), nats: cells.map(nats).collect() }
}
