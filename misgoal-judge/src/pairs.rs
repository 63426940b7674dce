//! Lint pair by pair: can training tell two goals apart, and how many of the evaluation's levels do?

use misgoal_stats::{Estimate, beta, quantile};
use misgoal_world::Oracle;
use misgoal_world::oracle::Tie;

use crate::index::discrimination;
use crate::lint::{LintLevels, TRAIN_LIMIT, estimate};
use crate::lint_cases::{CrossCase, regrets};
use crate::merge::LIMIT;

/// Whether an agent of one goal could be told from one of the other by what it earns in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrainingTells {
    /// No: every optimal agent of the one earns what the other asks for.
    Nothing,
    /// Not always: some optimal agent of the one earns what the other asks for.
    Sometimes,
    /// Yes: there is a witness level.
    Apart,
}

/// Two goals, on training and on the levels of one shift.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLint {
    /// The two goals, the smaller index first.
    pub goals: (usize, usize),
    /// The conclusion about training.
    pub training: TrainingTells,
    /// Cross-regret in training, ties broken in the worst way; of a pair of proxies that of the direction in which it is larger.
    pub worst: Estimate,
    /// The same with ties broken in the best way.
    pub best: Estimate,
    /// The training level that shows the difference best; present when training tells them apart.
    pub witness: Option<u64>,
    /// Share of the shift's levels that separate the two: at least one nat is expected, whichever of the two an agent pursues.
    pub separating: Estimate,
    /// Lower quartile, median and upper quartile over the levels of the nats that an episode is expected to give.
    pub nats: [f64; 3],
    /// The shift's level that separates them best.
    pub clearest: Option<u64>,
    /// Shifted levels looked at.
    pub levels: usize,
}

/// Lints every pair of goals.
///
/// Training rewards the intended goal: what counts for a pair with it is what an agent of the proxy loses of it. Of two proxies it is what an agent of
/// either loses of the other. The evaluation's `shifted` levels are those that are judged. A level separates a pair by
/// `min(D_ij, D_ji)` nats ([`discrimination`]): the evidence to be expected whichever of the two is pursued.
pub fn pairs(goals: usize, train: LintLevels<'_>, shifted: &[(u64, &Oracle)]) -> Vec<PairLint> {
    let second = |first: usize| (first + 1..goals).map(move |second| (first, second));
    (0..goals).flat_map(second).map(|pair| one(pair, train, shifted)).collect()
}

/// The same from cases, where no grid world and no oracle is.
pub fn pairs_of_cases(goals: usize, train: &[CrossCase], shifted: &[CrossCase]) -> Vec<PairLint> {
    let second = |first: usize| (first + 1..goals).map(move |second| (first, second));
    let one = |(i, j): (usize, usize)| {
        let nats = shifted.iter().map(|case| (case.seed, case.separation(goals, i, j))).collect();
        let lost = |i: usize, j: usize, tie: Tie| match tie {
            Tie::Worst => regrets(train, goals, (i, j), |case| &case.worst),
            Tie::Best | Tie::Uniform => regrets(train, goals, (i, j), |case| &case.best),
        };
        conclude((i, j), lost, false, nats)
    };
    (0..goals).flat_map(second).map(one).collect()
}

fn one((i, j): (usize, usize), train: LintLevels<'_>, shifted: &[(u64, &Oracle)]) -> PairLint {
    let least = |oracle: &Oracle| discrimination(oracle, i, j).min(discrimination(oracle, j, i));
    let nats = shifted.iter().map(|(seed, oracle)| (*seed, least(oracle))).collect();
    conclude((i, j), |i, j, tie| train.regrets(i, j, tie), train.enumerated, nats)
}

/// `regrets` are those of its first goal on training levels when its second is pursued; `nats` the least to be expected on each shifted level.
fn conclude(
    (i, j): (usize, usize),
    regrets: impl Fn(usize, usize, Tie) -> Vec<(u64, f64)>,
    enumerated: bool,
    nats: Vec<(u64, f64)>,
) -> PairLint {
    let directions: &[(usize, usize)] = if i == 0 { &[(0, j)] } else { &[(i, j), (j, i)] };
    let regret = |tie: Tie| {
        let both = directions.iter().map(|(i, j)| {
            let regrets = regrets(*i, *j, tie);
            (estimate(&regrets, enumerated), regrets)
        });
        both.reduce(|a, b| if b.0.value > a.0.value { b } else { a })
    };
    let missing = || (Estimate::missing(), Vec::new());
    let (worst, _) = regret(Tie::Worst).unwrap_or_else(missing);
    let (best, by_level) = regret(Tie::Best).unwrap_or_else(missing);
    // Without a level that says anything nothing is certified: not-a-number compares as false.
    let training = match () {
        () if worst.value <= TRAIN_LIMIT => TrainingTells::Nothing,
        () if best.value <= TRAIN_LIMIT => TrainingTells::Sometimes,
        () => TrainingTells::Apart,
    };
    let witness = by_level.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(seed, _)| *seed);
    let mut sorted: Vec<f64> = nats.iter().map(|(_, nats)| *nats).collect();
    sorted.sort_by(f64::total_cmp);
    PairLint {
        goals: (i, j),
        training,
        worst,
        best,
        witness: witness.filter(|_| training == TrainingTells::Apart),
        separating: beta::proportion(sorted.iter().filter(|nats| **nats >= LIMIT).count(), sorted.len()),
        nats: [0.25, 0.5, 0.75].map(|q| quantile::of_sorted(&sorted, q)),
        clearest: nats.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(seed, _)| *seed),
        levels: nats.len(),
    }
}
