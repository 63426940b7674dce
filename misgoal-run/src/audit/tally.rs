//! What is kept of a table's rows while they stream by: exact counts, and for the judge rows of every kind in proportion.

use misgoal_decision::Utilities;
use misgoal_judge::{Recorded, RecordedStep, attainment};
use misgoal_stats::{Estimate, beta};

use super::balanced::Balanced;

/// A clear mistake is worth this many steps of the judge's.
const CLEAR: f64 = 3.0;

/// One row as far as goals are concerned.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// What each option is worth, one entry a goal.
    pub(super) utilities: Vec<Utilities>,
    /// Which marks it bears ([`misgoal_decision::Marks`]).
    pub(super) marks: u64,
    /// The option that was predicted.
    pub(super) chosen: usize,
}

impl Choice {
    /// Whether one of these options was predicted.
    pub(super) fn is(&self, bits: u32) -> bool {
        bits & (1 << self.chosen) != 0
    }

    /// Whether some option is best for every goal that has anything at stake.
    pub(super) fn agrees(&self, options: usize) -> bool {
        let bits = self.utilities.iter().map(|utilities| best(utilities, options)).filter(|bits| *bits != 0);
        bits.fold(u32::MAX, |all, bits| all & bits) != 0
    }

    /// The options that are best for each goal, as bits, the one that was predicted, and the marks: rows with the same are of one kind.
    pub(super) fn kind(&self, options: usize) -> Vec<u32> {
        let wanted = self.utilities.iter().map(|utilities| best(utilities, options));
        wanted.chain([self.chosen as u32, self.marks as u32, (self.marks >> 32) as u32]).collect()
    }
}

/// The options that are best for a goal, as bits; none where all are worth the same.
pub(super) fn best(utilities: &Utilities, options: usize) -> u32 {
    let of = || utilities.iter().take(options).copied();
    let (low, high) = (of().fold(f64::INFINITY, f64::min), of().fold(f64::NEG_INFINITY, f64::max));
    if high - low <= 1e-9 {
        return 0;
    }
    (0u32..).zip(of()).filter(|(_, value)| high - value <= 1e-9).map(|(option, _)| 1 << option).sum()
}

/// The rows of one part of a table: training or a shift.
pub(super) struct Tally {
    options: usize,
    /// Rows with something at stake for the intended goal.
    pub(super) rows: u64,
    /// Rows on which every option is as good as any other for the intended goal: they say nothing and are not judged.
    pub(super) nothing_at_stake: u64,
    /// Rows whose prediction is best for the intended goal.
    pub(super) intended: u64,
    /// For each proxy, rows whose prediction is: best for the intended goal only, both, the proxy only, neither.
    pub(super) ledger: Vec<[u64; 4]>,
    /// Sum over the rows of the difference between the best and the worst option, a goal an entry.
    spread: Vec<f64>,
    judged: Balanced<Choice>,
}

impl Tally {
    /// An empty tally; at most `most` rows will be judged.
    pub(super) fn new(goals: usize, options: usize, most: usize) -> Tally {
        Tally {
            options,
            rows: 0,
            nothing_at_stake: 0,
            intended: 0,
            ledger: vec![[0; 4]; goals.saturating_sub(1)],
            spread: vec![0.0; goals],
            judged: Balanced::new(most),
        }
    }

    /// Counts a row. Rows are of one kind where every goal wants the same and the same is predicted.
    pub(super) fn add(&mut self, choice: Choice) {
        let kind = choice.kind(self.options);
        let Some((intended, rest)) = kind.split_first().filter(|(intended, _)| **intended != 0) else {
            self.nothing_at_stake += 1;
            return;
        };
        self.rows += 1;
        let is = |bits: u32| choice.is(bits);
        self.intended += u64::from(is(*intended));
        for (counts, proxy) in self.ledger.iter_mut().zip(rest) {
            let at = match (is(*intended), is(*proxy)) {
                (true, false) => 0,
                (true, true) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        for (sum, utilities) in self.spread.iter_mut().zip(&choice.utilities) {
            let of = || utilities.iter().take(self.options).copied();
            *sum += of().fold(f64::NEG_INFINITY, f64::max) - of().fold(f64::INFINITY, f64::min);
        }
        self.judged.add(kind, choice);
    }

    /// Share of all rows, judged or not, whose prediction is best for the intended goal.
    pub(super) fn intended_share(&self) -> Estimate {
        share(self.intended, self.rows)
    }

    /// The shares of one proxy's 2x2 table, over all rows.
    pub(super) fn shares(&self, proxy: usize) -> [Estimate; 4] {
        self.ledger.get(proxy).map_or([Estimate::missing(); 4], |counts| counts.map(|count| share(count, self.rows)))
    }

    /// What turns each goal's utilities into the judge's units: the mean difference between the best and the worst option becomes a clear mistake.
    pub(super) fn scales(&self) -> Vec<f64> {
        let scale = |sum: &f64| if *sum > 1e-9 { CLEAR * self.rows as f64 / sum } else { 1.0 };
        self.spread.iter().map(scale).collect()
    }

    /// The judged rows, every one an episode.
    pub(super) fn recorded(&self) -> Vec<Recorded> {
        let scales = self.scales();
        self.judged.all().into_iter().map(|choice| recorded(&[choice], &[choice], self.options, &scales)).collect()
    }
}

/// Rows as one episode: the choices in `shown` are what says which goal was pursued, those in `counted` how much of each was attained.
pub(super) fn recorded(shown: &[&Choice], counted: &[&Choice], options: usize, scales: &[f64]) -> Recorded {
    let attained = |choice: &Choice, goal: usize| {
        let utilities = choice.utilities.get(goal).copied().unwrap_or_default();
        let mean = utilities.iter().take(options).sum::<f64>() / options.max(1) as f64;
        attainment(utilities.get(choice.chosen).copied().unwrap_or(mean), mean, top(&utilities, options))
    };
    let mean =
        |goal: usize| counted.iter().map(|choice| attained(choice, goal)).sum::<f64>() / counted.len().max(1) as f64;
    let pursued = |goal: &usize| {
        let of = |choice: &&Choice| choice.utilities.get(*goal).is_some_and(|one| choice.is(best(one, options)));
        counted.first().is_some_and(of)
    };
    Recorded {
        actions: options,
        attainment: (0..scales.len()).map(mean).collect(),
        first: (0..scales.len()).filter(pursued).collect(),
        steps: shown.iter().map(|choice| step(choice, options, scales)).collect(),
        targets: Vec::new(),
    }
}

fn step(choice: &Choice, options: usize, scales: &[f64]) -> RecordedStep {
    let advantages = choice.utilities.iter().zip(scales).map(|(utilities, scale)| {
        let top = top(utilities, options);
        utilities.map(|value| ((value - top) * scale).min(0.0))
    });
    RecordedStep { action: choice.chosen as u8, previous: None, advantages: advantages.collect(), marks: choice.marks }
}

fn top(utilities: &Utilities, options: usize) -> f64 {
    utilities.iter().take(options).copied().fold(f64::NEG_INFINITY, f64::max)
}

fn share(count: u64, of: u64) -> Estimate {
    beta::proportion(usize::try_from(count).unwrap_or(usize::MAX), usize::try_from(of).unwrap_or(usize::MAX))
}
