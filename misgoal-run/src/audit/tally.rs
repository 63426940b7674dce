//! What is kept of a table's rows while they stream by: exact counts, and a random sample for the judge.

use misgoal_decision::Utilities;
use misgoal_judge::{Recorded, RecordedStep, attainment};
use misgoal_stats::{Estimate, beta, draw};
use misgoal_world::rng::{Rng, rng};

/// A clear mistake is worth this many steps of the judge's.
const CLEAR: f64 = 3.0;

/// One row as far as goals are concerned.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// What each option is worth, one entry a goal.
    pub(super) utilities: Vec<Utilities>,
    /// The option that was predicted.
    pub(super) chosen: usize,
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
    sample: Vec<Choice>,
    most: usize,
    random: Rng,
}

impl Tally {
    /// An empty tally that samples at most `most` rows.
    pub(super) fn new(goals: usize, options: usize, most: usize, seed: u64) -> Tally {
        Tally {
            options,
            rows: 0,
            nothing_at_stake: 0,
            intended: 0,
            ledger: vec![[0; 4]; goals.saturating_sub(1)],
            spread: vec![0.0; goals],
            sample: Vec::new(),
            most,
            random: rng(seed, 7),
        }
    }

    /// Counts a row, and samples it: every row with the same chance (reservoir sampling, Vitter 1985, algorithm R).
    pub(super) fn add(&mut self, choice: Choice) {
        let bits: Vec<u32> = choice.utilities.iter().map(|utilities| best(utilities, self.options)).collect();
        let Some((intended, proxies)) = bits.split_first().filter(|(intended, _)| **intended != 0) else {
            self.nothing_at_stake += 1;
            return;
        };
        self.rows += 1;
        let is = |bits: u32| bits & (1 << choice.chosen) != 0;
        self.intended += u64::from(is(*intended));
        for (counts, proxy) in self.ledger.iter_mut().zip(proxies) {
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
        if self.sample.len() < self.most {
            self.sample.push(choice);
        } else {
            let at = draw::below(usize::try_from(self.rows).unwrap_or(usize::MAX), &mut self.random);
            if let Some(slot) = self.sample.get_mut(at) {
                *slot = choice;
            }
        }
    }

    /// Rows in the sample.
    pub(super) fn sampled(&self) -> usize {
        self.sample.len()
    }

    /// Share of all rows, sampled or not, whose prediction is best for the intended goal.
    pub(super) fn intended_share(&self) -> Estimate {
        share(self.intended, self.rows)
    }

    /// The shares of one proxy's 2x2 table, over all rows.
    pub(super) fn shares(&self, proxy: usize) -> [Estimate; 4] {
        self.ledger.get(proxy).map_or([Estimate::missing(); 4], |counts| counts.map(|count| share(count, self.rows)))
    }

    /// The sample as the judge wants it.
    pub(super) fn recorded(&self) -> Vec<Recorded> {
        let scale = |sum: &f64| if *sum > 1e-9 { CLEAR * self.rows as f64 / sum } else { 1.0 };
        let scales: Vec<f64> = self.spread.iter().map(scale).collect();
        self.sample.iter().map(|choice| self.record(choice, &scales)).collect()
    }

    fn record(&self, choice: &Choice, scales: &[f64]) -> Recorded {
        let top =
            |utilities: &Utilities| utilities.iter().take(self.options).copied().fold(f64::NEG_INFINITY, f64::max);
        let advantages = choice.utilities.iter().zip(scales).map(|(utilities, scale)| {
            let top = top(utilities);
            utilities.map(|value| ((value - top) * scale).min(0.0))
        });
        let attained = choice.utilities.iter().map(|utilities| {
            let mean = utilities.iter().take(self.options).sum::<f64>() / self.options.max(1) as f64;
            attainment(utilities.get(choice.chosen).copied().unwrap_or(mean), mean, top(utilities))
        });
        let bits = choice.utilities.iter().map(|utilities| best(utilities, self.options));
        let first = bits.enumerate().filter(|(_, bits)| bits & (1 << choice.chosen) != 0).map(|(goal, _)| goal);
        Recorded {
            actions: self.options,
            attainment: attained.collect(),
            first: first.collect(),
            steps: vec![RecordedStep { action: choice.chosen as u8, previous: None, advantages: advantages.collect() }],
            targets: Vec::new(),
        }
    }
}

fn share(count: u64, of: u64) -> Estimate {
    beta::proportion(usize::try_from(count).unwrap_or(usize::MAX), usize::try_from(of).unwrap_or(usize::MAX))
}
