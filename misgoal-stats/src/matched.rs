//! Betting e-process against "this happens no more often than it does in reference trials".

use std::collections::VecDeque;

/// Rates that the reference trials may have.
const RATES: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4];
/// Bets: how far above that rate the tested rate is supposed to be, as a share of what is left up to 1.
const BETS: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.95];
/// Trials of a [`Pool`] that are looked at for one that fits.
const LOOKED_AT: usize = 256;

/// An e-process over blocks of one tested trial Y and k reference trials, R of which hit. Its null hypothesis is that
/// in every block, given the past, Y hits at most as probably as each of its reference trials.
///
/// `E = (q1/q)^Y ((1-q1)/(1-q))^(1-Y) (q0/q)^R ((1-q0)/(1-q))^(k-R)` with `q = (q1 + k q0) / (1 + k)`, and `M_t` is the
/// mean of the products over a grid of `q0` and of `q1 > q0`. No formula has the rate in it: where trials of both kinds
/// hit with one probability p, `log E[E]` is concave in p with slope 0 at p = q, so `E[E] <= 1` whatever p is, and less
/// where the tested trial hits more rarely. So p may differ from block to block, blocks may differ in k, and M is a
/// test supermartingale: by Ville's inequality P(sup M >= 1/alpha) <= alpha, whatever the stopping time and however the
/// next block is chosen from the past (the safe test of 2x2 tables, Turner, Ly and Grunwald 2021, arXiv 2106.02693).
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    log_capital: [[f64; BETS.len()]; RATES.len()],
    blocks: usize,
}

impl Default for Matched {
    fn default() -> Self {
        Self { log_capital: [[0.0; BETS.len()]; RATES.len()], blocks: 0 }
    }
}

impl Matched {
    /// Takes a block - whether its tested trial hit, and how many `of` its reference trials did - and returns the
    /// e-value after it.
    pub fn update(&mut self, hit: bool, reference_hits: usize, of: usize) -> f64 {
        let (k, r) = (of as f64, reference_hits.min(of) as f64);
        for (capitals, q0) in self.log_capital.iter_mut().zip(RATES) {
            for (capital, bet) in capitals.iter_mut().zip(BETS) {
                let q1 = q0 + (1.0 - q0) * bet;
                let q = (q1 + k * q0) / (1.0 + k);
                *capital += if hit { (q1 / q).ln() } else { ((1.0 - q1) / (1.0 - q)).ln() };
                *capital += r * (q0 / q).ln() + (k - r) * ((1.0 - q0) / (1.0 - q)).ln();
            }
        }
        self.blocks += 1;
        self.value()
    }

    /// The present e-value; 1 before the first block.
    pub fn value(&self) -> f64 {
        let all = self.log_capital.iter().flatten();
        all.map(|capital| capital.exp()).sum::<f64>() / (RATES.len() * BETS.len()) as f64
    }

    /// Blocks taken.
    pub fn blocks(&self) -> usize {
        self.blocks
    }
}

/// Trials as they come, tested ones `T` and reference ones `R`: each is in one block at most.
///
/// A block is made as soon as there is a tested trial with a reference that fits it. Of references the latest are taken
/// first: where the rate drifts, what is compared is near in time. No outcome has a say in which trials make a block.
#[derive(Debug, Clone)]
pub struct Pool<T, R> {
    waiting: VecDeque<(T, bool)>,
    references: Vec<R>,
    most: usize,
}

impl<T, R> Pool<T, R> {
    /// An empty pool whose blocks have at most so many references: more than four say little more of their rate, and
    /// are then missing in the next block.
    pub fn new(most: usize) -> Self {
        Self { waiting: VecDeque::new(), references: Vec::new(), most }
    }

    /// Takes a tested trial and whether it hit. `fits` says whether a reference may stand beside a tested trial, and if
    /// so whether it hit. The answer is whether that made a block.
    pub fn tested(&mut self, trial: T, hit: bool, fits: impl Fn(&T, &R) -> Option<bool>, to: &mut Matched) -> bool {
        let (mut hits, mut of) = (0, 0);
        let least = self.references.len().saturating_sub(LOOKED_AT);
        let mut at = self.references.len();
        while at > least && of < self.most {
            at -= 1;
            if let Some(reference) = self.references.get(at).and_then(|reference| fits(&trial, reference)) {
                self.references.remove(at);
                hits += usize::from(reference);
                of += 1;
            }
        }
        if of == 0 {
            self.waiting.push_back((trial, hit));
        } else {
            to.update(hit, hits, of);
        }
        of > 0
    }

    /// Takes a reference trial; the answer is whether that made a block.
    pub fn reference(&mut self, trial: R, fits: impl Fn(&T, &R) -> Option<bool>, to: &mut Matched) -> bool {
        let fitting = |(at, (tested, _)): (usize, &(T, bool))| Some((at, fits(tested, &trial)?));
        let Some((at, reference)) = self.waiting.iter().take(LOOKED_AT).enumerate().find_map(fitting) else {
            self.references.push(trial);
            return false;
        };
        let hit = self.waiting.remove(at).is_some_and(|(_, hit)| hit);
        to.update(hit, usize::from(reference), 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Matched, Pool};
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn follows_its_formula() {
        let mut process = Matched::default();
        assert_eq!(process.value(), 1.0);
        let mut expected = 0.0;
        for q0 in [0.02f64, 0.05, 0.1, 0.2, 0.3, 0.4] {
            for bet in [0.1, 0.25, 0.5, 0.75, 0.95] {
                let q1 = q0 + (1.0 - q0) * bet;
                let q = (q1 + 4.0 * q0) / 5.0;
                let first = q1 / q * ((1.0 - q0) / (1.0 - q)).powi(4);
                let q = (q1 + q0) / 2.0;
                expected += first * (1.0 - q1) / (1.0 - q) * (q0 / q) / 30.0;
            }
        }
        process.update(true, 0, 4);
        assert!((process.update(false, 1, 1) - expected).abs() < 1e-9);
        assert_eq!(process.blocks(), 2);
    }

    /// Rows as a table has them, half of them parting ones; errors as `rate` says, given the row and whether the last
    /// one was an error. The answer is after how many compared parting rows the e-value first reached 20.
    fn rejected(rate: &dyn Fn(usize, bool) -> f64, share: f64, rng: &mut Pcg64Mcg) -> Option<usize> {
        let (mut process, mut pool, mut error) = (Matched::default(), Pool::new(4), false);
        (0..800).find_map(|row| {
            error = draw::uniform(rng) < rate(row, error);
            let fits = |(): &(), hit: &bool| Some(*hit);
            if draw::uniform(rng) < 0.5 {
                pool.reference(error, fits, &mut process);
            } else {
                // Who follows errs toward the intended option.
                let follows = draw::uniform(rng) < share;
                pool.tested((), error != follows, fits, &mut process);
            }
            (process.value() >= 20.0).then(|| process.blocks())
        })
    }

    #[test]
    fn no_null_is_rejected_in_more_than_alpha_of_the_runs() {
        let drifts = |row: usize, _: bool| 0.05 + 0.35 * row as f64 / 800.0;
        let runs_of_errors = |_: usize, last: bool| if last { 0.8 } else { 0.05 };
        let nulls: [&dyn Fn(usize, bool) -> f64; 5] =
            [&|_, _| 0.05, &|_, _| 0.4, &drifts, &runs_of_errors, &|row, _| [0.0, 0.1, 0.5][row * row % 7 % 3]];
        for (number, rate) in nulls.iter().enumerate() {
            let mut rng = Pcg64Mcg::new(11);
            let rejections = (0..600).filter(|_| rejected(rate, 0.0, &mut rng).is_some()).count();
            assert!(rejections <= 30, "null {number}: {rejections} of 600 at alpha = .05");
        }
    }

    #[test]
    fn a_full_follower_of_two_options_is_found_in_time() {
        for (rate, limit) in [(0.05, 4), (0.1, 8), (0.2, 16), (0.3, 40)] {
            let mut rng = Pcg64Mcg::new(5);
            let mut after: Vec<usize> =
                (0..201).map(|_| rejected(&|_, _| rate, 1.0, &mut rng).unwrap_or(usize::MAX)).collect();
            after.sort_unstable();
            assert!(after[100] <= limit, "rate {rate}: {} parting rows, at most {limit}", after[100]);
        }
    }

    #[test]
    fn no_row_is_taken_twice_and_references_must_fit() {
        let mut process = Matched::default();
        let mut pool: Pool<u8, (u8, bool)> = Pool::new(4);
        let fits = |kind: &u8, (of, hit): &(u8, bool)| (kind == of).then_some(*hit);
        for _ in 0..6 {
            assert!(!pool.reference((1, false), fits, &mut process));
        }
        // Another kind waits; four references, then the two that are left, then none.
        assert!(!pool.tested(2, true, fits, &mut process));
        let mut by_hand = Matched::default();
        for of in [4, 2] {
            assert!(pool.tested(1, true, fits, &mut process));
            by_hand.update(true, 0, of);
        }
        assert!(!pool.tested(1, true, fits, &mut process));
        assert!(pool.reference((2, true), fits, &mut process));
        by_hand.update(true, 1, 1);
        assert_eq!(process, by_hand);
    }
}
