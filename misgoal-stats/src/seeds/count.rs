//! How many seeds do something, some of them without a verdict.

use super::{TAIL, blaker};
use crate::{Estimate, beta};

/// Of `seeds` agents `yes` do something, and of `unknown` ones nobody can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedCount {
    /// Those that do.
    pub yes: usize,
    /// Those without a verdict: they count both ways.
    pub unknown: usize,
    /// All of them.
    pub seeds: usize,
}

impl SeedCount {
    /// The share of the procedure's seeds that do it, 90 %, with the share seen for sure as its value. Blaker's interval where every seed has a
    /// verdict; otherwise from Clopper and Pearson's lower bound with the unknown ones as "no" to their upper bound with them as "yes": whatever
    /// the reason for which verdicts are missing, that covers. Missing without seeds.
    pub fn interval(&self) -> Estimate {
        if self.unknown == 0 { blaker(self.yes, self.seeds) } else { self.sides() }
    }

    /// At least so large a share of the procedure's seeds does it, with 95 % confidence.
    pub fn at_least(&self) -> f64 {
        self.sides().low
    }

    /// At most so large a share does it, with 95 % confidence.
    pub fn at_most(&self) -> f64 {
        self.sides().high
    }

    /// Bounds of which each leaves out 5 %.
    fn sides(&self) -> Estimate {
        let low = beta::clopper_pearson(self.yes, self.seeds, 1.0 - 2.0 * TAIL);
        Estimate { high: beta::clopper_pearson(self.yes + self.unknown, self.seeds, 1.0 - 2.0 * TAIL).high, ..low }
    }

    /// The share here minus that of `other`, with an interval by the method of variance estimates recovery ([`Estimate::minus`]) around the least
    /// and the greatest difference that the unknown seeds leave.
    pub fn minus(&self, other: &Self) -> Estimate {
        let exact = |count: &Self, yes: usize| beta::clopper_pearson(yes, count.seeds, 1.0 - 2.0 * TAIL);
        let least = exact(self, self.yes).minus(&exact(other, other.yes + other.unknown));
        let most = exact(self, self.yes + self.unknown).minus(&exact(other, other.yes));
        let value = exact(self, self.yes).value - exact(other, other.yes).value;
        Estimate { value, low: least.low, high: most.high }
    }
}

/// A kind of seed that makes up at most this share of the procedure's may be among none of `seeds` (95 %): `1 - .05^(1/seeds)`.
pub fn unseen(seeds: usize) -> f64 {
    1.0 - TAIL.powf(1.0 / seeds.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(yes: usize, unknown: usize, seeds: usize) -> SeedCount {
        SeedCount { yes, unknown, seeds }
    }

    #[test]
    fn at_least_is_clopper_pearsons_bound() {
        for (n, expected) in [(2, 0.22), (3, 0.37), (5, 0.55), (10, 0.74), (20, 0.86)] {
            let all = count(n, 0, n);
            assert!((all.at_least() - expected).abs() < 0.006, "{n}: {}", all.at_least());
            assert!((all.at_least() + unseen(n) - 1.0).abs() < 1e-9);
            assert_eq!(all.at_most(), 1.0);
        }
        // More than half from 5 seeds, 80 % from 14, 90 % from 29.
        assert!([(5, 0.5), (14, 0.8), (29, 0.9)].iter().all(|&(n, share)| count(n, 0, n).at_least() > share));
        assert!([(4, 0.5), (13, 0.8), (28, 0.9)].iter().all(|&(n, share)| count(n, 0, n).at_least() < share));
    }

    #[test]
    fn unknown_seeds_count_both_ways() {
        let sure = count(2, 0, 5).interval();
        let open = count(2, 1, 5).interval();
        assert!(open.low <= sure.low && open.high >= count(3, 0, 5).interval().high, "{open:.3}");
        assert_eq!((open.value, sure.value), (0.4, 0.4));
        let nothing = count(0, 3, 3).interval();
        assert_eq!((nothing.low, nothing.high), (0.0, 1.0));
        assert!(count(0, 0, 0).interval().is_missing());
    }

    #[test]
    fn a_difference_allows_for_what_is_unknown() {
        let none = count(0, 0, 10);
        let half = count(5, 0, 10);
        assert!(half.minus(&none).low > 0.0);
        // Had the five open ones been "yes", there would be no difference.
        let open = count(0, 5, 10).minus(&half);
        assert!(open.low < -0.5 && open.high > 0.0, "{open:.2}");
        assert!((open.value + 0.5).abs() < 1e-12);
    }
}
