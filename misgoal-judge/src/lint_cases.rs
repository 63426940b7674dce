//! The lint of a study on one shift, from what the goals of each level or case lose by each other and show of
//! themselves.

use misgoal_stats::{Estimate, beta, mean_bound, poisson_lower, quantile};
use misgoal_world::MAX_ACTIONS;
use misgoal_world::oracle::Tie;

use crate::etest::PARTS;
use crate::index::evidence_of_moment;
use crate::merge::{LIMIT, group, is_told};
use crate::outcome::{CrossRegret, LintReport, PairEvidence, PairLint, ProxyLint, Training};
use crate::recorded::Recorded;

/// Training hardly tells two goals apart where an agent of the one loses no more than this share of the other.
const TRAIN_LIMIT: f64 = 0.05;
/// Nats from which a level counts as one on which two goals part, for the limit of what other levels will give.
const PARTING: f64 = 0.1;
/// Coverage of each end of the intervals.
const CONFIDENCE: f64 = 0.95;

/// What the goals of a level or case lose by each other, and what an agent of each would show. Every table has one row
/// a goal and one column a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossCase {
    /// The case's seed.
    pub seed: u64,
    /// The share of the row's gain that is lost when the column is pursued at its best and its ties are broken in the
    /// worst way for the row; not a number where the row has nothing to gain.
    pub worst: Vec<f64>,
    /// The same with ties broken in the best way.
    pub best: Vec<f64>,
    /// The evidence in nats that a reference agent of the row is expected to leave against the column: `D_ij`
    /// ([`crate::evidence_of_moment`]).
    pub nats: Vec<f64>,
}

impl CrossCase {
    /// A case that was recorded: its goals' values of each option are all that is known of it. Of several choices the
    /// losses are the mean.
    pub fn of_recorded(seed: u64, episode: &Recorded, goals: usize) -> CrossCase {
        let actions = episode.actions.min(MAX_ACTIONS);
        let cells = || (0..goals).flat_map(|i| (0..goals).map(move |j| (i, j)));
        let rows = |i: usize, j: usize| {
            episode.steps.iter().filter_map(move |step| Some((step.advantages.get(i)?, step.advantages.get(j)?)))
        };
        let lost = |(i, j): (usize, usize), tie: Tie| {
            let steps: Vec<f64> = rows(i, j)
                .map(|(of, by)| lost(of.get(..actions).unwrap_or(of), by.get(..actions).unwrap_or(by), tie))
                .filter(|lost| !lost.is_nan())
                .collect();
            if steps.is_empty() { f64::NAN } else { quantile::mean(&steps) }
        };
        let nats =
            |(i, j): (usize, usize)| rows(i, j).map(|(of, by)| evidence_of_moment(of, by, actions).0).sum::<f64>();
        CrossCase {
            seed,
            worst: cells().map(|pair| lost(pair, Tie::Worst)).collect(),
            best: cells().map(|pair| lost(pair, Tie::Best)).collect(),
            nats: cells().map(nats).collect(),
        }
    }

    /// The share that the first goal loses when the second is pursued; none where the first has nothing to gain.
    fn regret(&self, goals: usize, (i, j): (usize, usize), tie: Tie) -> Option<(u64, f64)> {
        let table = if tie == Tie::Worst { &self.worst } else { &self.best };
        let lost = table.get(i * goals + j).filter(|lost| !lost.is_nan())?;
        Some((self.seed, lost.clamp(0.0, 1.0)))
    }

    /// `D_ij`; 0 where it was not worked out.
    pub(crate) fn nats(&self, goals: usize, (i, j): (usize, usize)) -> f64 {
        self.nats.get(i * goals + j).copied().unwrap_or(0.0)
    }
}

/// The share of a choice's gain over a blind one that a goal loses by the best options of another.
fn lost(of: &[f64], by: &[f64], tie: Tie) -> f64 {
    let gain = -quantile::mean(of);
    let top = by.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let losses = of.iter().zip(by).filter(|(_, by)| top - **by <= 1e-9).map(|(of, _)| -of);
    let loss = match tie {
        Tie::Worst => losses.fold(f64::NEG_INFINITY, f64::max),
        Tie::Best | Tie::Uniform => losses.fold(f64::INFINITY, f64::min),
    };
    if gain > 1e-9 { loss / gain } else { f64::NAN }
}

/// Lints a study on one shift from its cases. Cases in which the intended goal has nothing to gain are the caller's to
/// leave out; the planner that solved the others is exact, so all count as solvable.
pub fn lint_cases(goals: &[String], shift: &str, train: &[CrossCase], shifted: &[CrossCase]) -> LintReport {
    assemble(goals.to_vec(), shift, Estimate::exact(1.0), train, shifted, shifted)
}

/// The same where of the shifted levels that were `drawn` some are `judged`.
pub(crate) fn assemble(
    goals: Vec<String>,
    shift: &str,
    solvable: Estimate,
    train: &[CrossCase],
    drawn: &[CrossCase],
    judged: &[CrossCase],
) -> LintReport {
    let count = goals.len();
    let cross = |cases: &[CrossCase], proxy: usize| {
        let worst = regrets(cases, count, (0, proxy), Tie::Worst);
        let best = regrets(cases, count, (0, proxy), Tie::Best);
        CrossRegret { worst_ties: mean(&worst), best_ties: mean(&best), levels: worst.len() }
    };
    let second = |first: usize| (first + 1..count).map(move |second| (first, second));
    LintReport {
        shift: shift.to_owned(),
        solvable,
        confidence: CONFIDENCE,
        proxies: (1..count)
            .map(|proxy| ProxyLint { proxy, train: cross(train, proxy), shift: cross(drawn, proxy) })
            .collect(),
        pairs: (0..count).flat_map(second).map(|goals| pair(goals, count, train, judged)).collect(),
        classes: classes_of_cases(count, judged.iter()),
        goals,
    }
}

/// The goals in classes: two goals are merged when the cases together do not tell them apart ([`PairEvidence`]).
pub fn classes_of_cases<'c>(goals: usize, cases: impl Iterator<Item = &'c CrossCase> + Clone) -> Vec<Vec<usize>> {
    group(goals, |i, j| {
        let told = |pair: (usize, usize)| is_told(cases.clone().map(|case| case.nats(goals, pair)));
        told((i, j)) && told((j, i))
    })
}

fn regrets(cases: &[CrossCase], goals: usize, pair: (usize, usize), tie: Tie) -> Vec<(u64, f64)> {
    cases.iter().filter_map(|case| case.regret(goals, pair, tie)).collect()
}

fn mean(regrets: &[(u64, f64)]) -> Estimate {
    let values: Vec<f64> = regrets.iter().map(|(_, regret)| *regret).collect();
    if values.is_empty() {
        return Estimate::missing();
    }
    let value = quantile::mean(&values);
    Estimate {
        value,
        low: mean_bound::lower(&values, CONFIDENCE).min(value),
        high: mean_bound::upper(&values, CONFIDENCE).max(value),
    }
}

/// Training rewards the intended goal: what counts for a pair with it is what an agent of the proxy loses of it. Of two
/// proxies it is what an agent of either loses of the other.
fn pair((i, j): (usize, usize), goals: usize, train: &[CrossCase], judged: &[CrossCase]) -> PairLint {
    let directions: &[(usize, usize)] = if i == 0 { &[(0, j)] } else { &[(i, j), (j, i)] };
    let larger = |tie: Tie| {
        let both = directions.iter().map(|pair| regrets(train, goals, *pair, tie)).map(|all| (mean(&all), all));
        both.reduce(|a, b| if b.0.value > a.0.value { b } else { a })
    };
    let missing = || (Estimate::missing(), Vec::new());
    let (worst, _) = larger(Tie::Worst).unwrap_or_else(missing);
    let (best, by_level) = larger(Tie::Best).unwrap_or_else(missing);
    let telling = |regrets: &[(u64, f64)]| regrets.iter().filter(|(_, regret)| *regret >= PARTS).count();
    let training = match () {
        // Where nothing can be gained or lost nothing is told.
        () if by_level.is_empty() => Training::Certified,
        () if worst.value <= TRAIN_LIMIT => Training::Certified,
        () if best.value <= TRAIN_LIMIT => Training::Compatible,
        () => Training::Separable,
    };
    let largest = |all: &[(u64, f64)]| all.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(seed, _)| *seed);
    let least = |case: &CrossCase| (case.seed, case.nats(goals, (i, j)).min(case.nats(goals, (j, i))));
    let nats: Vec<(u64, f64)> = judged.iter().map(least).collect();
    let mut sorted: Vec<f64> = nats.iter().map(|(_, nats)| *nats).collect();
    sorted.sort_by(f64::total_cmp);
    PairLint {
        goals: (i, j),
        training,
        parting: beta::proportion(telling(&by_level), by_level.len()),
        worst,
        best,
        witness: largest(&by_level).filter(|_| training == Training::Separable || telling(&by_level) > 0),
        evidence: evidence((i, j), goals, judged),
        separating: beta::proportion(sorted.iter().filter(|nats| **nats >= LIMIT).count(), sorted.len()),
        nats: [0.25, 0.5, 0.75].map(|q| quantile::of_sorted(&sorted, q)),
        clearest: largest(&nats),
    }
}

fn evidence((i, j): (usize, usize), goals: usize, judged: &[CrossCase]) -> PairEvidence {
    let counted = |pair: (usize, usize)| judged.iter().map(move |case| case.nats(goals, pair).min(PairEvidence::SURE));
    let (forth, back) = (counted((i, j)).sum::<f64>(), counted((j, i)).sum::<f64>());
    // Only levels that separate the two, so that no level that is added can lower the limit.
    let least = |case: &CrossCase| case.nats(goals, (i, j)).min(case.nats(goals, (j, i))).min(PairEvidence::SURE);
    let separating: Vec<f64> = judged.iter().map(least).filter(|nats| *nats >= PARTING).collect();
    PairEvidence {
        levels: judged.len(),
        nats: forth.min(back),
        low: separating.iter().fold(0.0, |sum, nats| sum + nats) * poisson_lower(separating.len(), CONFIDENCE)
            / separating.len().max(1) as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(value: f64) -> Vec<f64> {
        vec![0.0, value, value, 0.0]
    }

    /// Cases of two goals, of which `parting` set them apart.
    fn cases(count: u64, parting: u64, (worst, best): (f64, f64)) -> Vec<CrossCase> {
        let one = |seed: u64| {
            let of = |value: f64| table(if seed < parting { value } else { 0.0 });
            CrossCase { seed, worst: of(worst), best: of(best), nats: of(3.4) }
        };
        (0..count).map(one).collect()
    }

    fn report(train: &[CrossCase], shifted: &[CrossCase]) -> LintReport {
        lint_cases(&["right".to_owned(), "agree".to_owned()], "wrong", train, shifted)
    }

    #[track_caller]
    fn check(train: (u64, f64, f64), shifted: (u64, u64), training: Training, parting: f64, told: bool) {
        let found = report(&cases(50, train.0, (train.1, train.2)), &cases(shifted.0, shifted.1, (1.0, 1.0)));
        assert_eq!((found.pairs[0].training, found.tells(1)), (training, told));
        assert!((found.pairs[0].parting.value - parting).abs() < 1e-12);
        assert_eq!(found.pairs[0].witness.is_some(), parting > 0.0);
        assert_eq!(found.classes.len(), if told { 2 } else { 1 });
    }

    #[test]
    fn training_is_described_and_the_shift_decides() {
        check((0, 0.0, 0.0), (50, 50), Training::Certified, 0.0, true);
        check((50, 0.3, 0.0), (50, 50), Training::Compatible, 0.0, true);
        // Waterbirds and its like: five in a hundred training cases tell, and agents follow the background all the
        // same.
        check((2, 1.0, 1.0), (50, 25), Training::Certified, 0.04, true);
        check((5, 1.0, 1.0), (50, 25), Training::Separable, 0.1, true);
        check((50, 1.0, 1.0), (50, 50), Training::Separable, 1.0, true);
        check((0, 0.0, 0.0), (400, 3), Training::Certified, 0.0, false);
        check((0, 0.0, 0.0), (400, 4), Training::Certified, 0.0, true);
        check((0, 0.0, 0.0), (4, 4), Training::Certified, 0.0, true);
        // Nothing to avoid in training, as in a study of avoidance alone.
        let found = report(&[], &cases(50, 50, (1.0, 1.0)));
        assert!(found.pairs[0].training == Training::Certified && found.pairs[0].witness.is_none());
    }

    #[test]
    fn evidence_never_falls_when_a_level_is_added() {
        let nats = [3.4, 0.0, 1.1, 9.0, 0.2, 1.0, 40.0, 2.9, 0.0, 1.2, 3.4, 0.9, 1.0, 1.0];
        let all: Vec<CrossCase> = (0..)
            .zip(nats)
            .map(|(seed, nats)| CrossCase { seed, worst: table(0.0), best: table(0.0), nats: table(nats) })
            .collect();
        let mut before = PairEvidence { levels: 0, nats: 0.0, low: 0.0 };
        for count in 1..=all.len() {
            let now = report(&[], &all[..count]).pairs[0].evidence;
            assert!(now.nats >= before.nats && now.low >= before.low && now.low <= now.nats, "{before:?} {now:?}");
            before = now;
        }
        // One level, however clear, is one episode.
        assert!(!report(&[], &all[6..7]).tells(1));
    }

    #[test]
    fn a_recorded_case_says_what_its_options_are_worth() {
        let mut prefers = [[-3.0; MAX_ACTIONS]; 2];
        (prefers[0][0], prefers[1][2]) = (0.0, 0.0);
        let step = crate::RecordedStep { action: 0, previous: None, advantages: prefers.to_vec(), marks: 0 };
        let episode = Recorded { actions: 3, attainment: vec![], first: vec![], steps: vec![step], targets: vec![] };
        let case = CrossCase::of_recorded(7, &episode, 2);
        // A wrong option loses all that a blind choice gains in one case of three, and that once more.
        assert!((case.worst[1] - 1.5).abs() < 1e-12 && case.worst == case.best && case.worst[0] == 0.0);
        assert!(case.nats[1] > 3.0 && (case.nats[1] - case.nats[2]).abs() < 1e-12 && case.nats[0] == 0.0);
    }
}
