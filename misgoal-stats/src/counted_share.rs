//! How many episodes of a mixture count as something, and what that says of their share, with the assignments integrated out.
#![expect(
    clippy::indexing_slicing,
    reason = "sets and groups are numbered where they are made; a count is at most the number of episodes"
)]

use std::cell::RefCell;

use crate::beta;
use crate::mixture::Mixture;
use crate::weighted_share::inside;

/// A probability nearer to 0 or 1 than this counts as sure.
const SURE: f64 = 1e-9;
/// Above this variance the number of episodes is as good as normal, with its skewness.
const NORMAL: f64 = 25.0;
/// Nodes and weights of the Gauss-Hermite rule of nine points for a standard normal variable (Abramowitz and Stegun, table 25.10, rescaled).
const HERMITE: [(f64, f64); 5] = [
    (0.0, 0.406_349_206_349_206_35),
    (1.023_255_663_789_132_5, 0.244_097_502_894_939_1),
    (2.076_847_978_677_83, 0.049_916_406_765_217_88),
    (3.205_429_002_856_470_4, 0.002_789_141_321_231_768),
    (4.512_745_863_399_783, 0.000_022_345_844_007_746_56),
];

/// The share of the episodes that count: an episode counts if its component is one of a set, which may differ from episode to episode. Given how many
/// count, the share has the posterior Beta(1/2 + count, (k - 1)/2 + rest): one component's share under the prior Dirichlet(1/2, .., 1/2) of k.
#[derive(Debug)]
pub struct CountedShare {
    /// Group, set, and how many episodes of the group have it.
    parts: Vec<(usize, usize, u32)>,
    sets: Vec<Vec<bool>>,
    episodes: usize,
    others: f64,
    limit: f64,
    /// P(share > limit | count), worked out when it is asked for.
    tails: RefCell<Vec<Option<f64>>>,
}

impl CountedShare {
    /// `set_of` numbers each episode's set among `sets`; the question will be whether the share is above `limit`.
    pub fn new(mixture: &Mixture, sets: Vec<Vec<bool>>, set_of: impl Fn(usize) -> usize, limit: f64) -> Self {
        let episodes = mixture.episodes();
        let mut keys: Vec<(usize, usize)> = (0..episodes).map(|e| (mixture.group_of(e), set_of(e))).collect();
        keys.sort_unstable();
        let mut parts: Vec<(usize, usize, u32)> = Vec::new();
        for (group, set) in keys {
            match parts.last_mut() {
                Some((last, its, count)) if (*last, *its) == (group, set) => *count += 1,
                _ => parts.push((group, set, 1)),
            }
        }
        let others = 0.5 * mixture.components().saturating_sub(1) as f64;
        Self { parts, sets, episodes, others, limit, tails: RefCell::new(vec![None; episodes + 1]) }
    }

    /// Expected number of episodes that count, given the mixture's shares.
    pub fn expected(&self, mixture: &Mixture, shares: &[f64]) -> f64 {
        self.chances(mixture, shares).map(|(p, count)| p * f64::from(count)).sum()
    }

    /// P(the share of the episodes that count is above the limit | the mixture's shares).
    pub fn above(&self, mixture: &Mixture, shares: &[f64]) -> f64 {
        let mut sure = 0;
        let mut unsure: Vec<(f64, u32)> = Vec::new();
        let [mut mean, mut variance, mut third] = [0.0; 3];
        for (p, count) in self.chances(mixture, shares) {
            if p > 1.0 - SURE {
                sure += count as usize;
            } else if p > SURE {
                unsure.push((p, count));
                let n = f64::from(count);
                mean += n * p;
                variance += n * p * (1.0 - p);
                third += n * p * (1.0 - p) * (1.0 - 2.0 * p);
            }
        }
        if variance > NORMAL {
            let spread = variance.sqrt();
            let skew = third / (variance * spread);
            // Cornish and Fisher's expansion.
            let at = |x: f64| self.tail_between(sure as f64 + mean + spread * (x + skew * (x * x - 1.0) / 6.0));
            return HERMITE.iter().map(|(x, w)| if *x == 0.0 { w * at(0.0) } else { w * (at(*x) + at(-x)) }).sum();
        }
        // How many of the unsure ones count, one after the other; what is out of reach is left out at both ends.
        let mut from = 0;
        let mut chances = vec![1.0];
        for (p, count) in unsure {
            for _ in 0..count {
                chances.push(0.0);
                for at in (1..chances.len()).rev() {
                    if let [below, here] = &mut chances[at - 1..=at] {
                        *here = *here * (1.0 - p) + *below * p;
                    }
                }
                chances[0] *= 1.0 - p;
                while chances.len() > 1 && chances.first().is_some_and(|chance| *chance < 1e-12) {
                    chances.remove(0);
                    from += 1;
                }
                while chances.len() > 1 && chances.last().is_some_and(|chance| *chance < 1e-12) {
                    chances.pop();
                }
            }
        }
        chances.iter().enumerate().map(|(at, chance)| chance * self.tail(sure + from + at)).sum()
    }

    fn chances<'a>(&'a self, mixture: &'a Mixture, shares: &'a [f64]) -> impl Iterator<Item = (f64, u32)> + 'a {
        self.parts.iter().map(|(group, set, count)| (inside(mixture.row(*group), shares, &self.sets[*set]), *count))
    }

    /// P(share > limit) where `count` episodes count.
    fn tail(&self, count: usize) -> f64 {
        let mut tails = self.tails.borrow_mut();
        *tails[count].get_or_insert_with(|| {
            1.0 - beta::cdf(self.limit, 0.5 + count as f64, self.others + (self.episodes - count) as f64)
        })
    }

    fn tail_between(&self, count: f64) -> f64 {
        let count = count.clamp(0.0, self.episodes as f64);
        let below = count.floor();
        let part = count - below;
        let low = self.tail(below as usize);
        if part == 0.0 { low } else { low + part * (self.tail(below as usize + 1) - low) }
    }
}

#[cfg(test)]
mod tests {
    use super::CountedShare;
    use crate::mixture::Mixture;
    use crate::{beta, draw};
    use rand_pcg::Pcg64Mcg;

    fn check(chances: &[f64], limit: f64) {
        let table: Vec<f64> = chances.iter().flat_map(|p| [p.ln(), (1.0 - p).ln()]).collect();
        let mixture = Mixture::new(&table, 2);
        let share = CountedShare::new(&mixture, vec![vec![true, false], vec![false, false]], |_| 0, limit);
        let got = share.above(&mixture, &[0.5, 0.5]);
        let mut rng = Pcg64Mcg::new(5);
        let draws = 20_000;
        let expected: f64 = (0..draws)
            .map(|_| {
                let count = chances.iter().filter(|p| draw::uniform(&mut rng) < **p).count() as f64;
                1.0 - beta::cdf(limit, 0.5 + count, 0.5 + chances.len() as f64 - count)
            })
            .sum::<f64>()
            / f64::from(draws);
        assert!((got - expected).abs() < 0.008, "{got} against {expected}");
        assert!((share.expected(&mixture, &[0.5, 0.5]) - chances.iter().sum::<f64>()).abs() < 1e-6);
    }

    #[test]
    fn integrates_what_could_be_drawn() {
        check(&[], 0.5);
        check(&[1.0; 40], 0.85);
        check(&(0..40).map(|i| [1.0, 0.97, 0.5][usize::from(i > 20) + usize::from(i > 37)]).collect::<Vec<_>>(), 0.85);
        check(&[0.86; 300], 0.85);
        check(&(0..400).map(|i| 0.7 + 0.3 * f64::from(i % 7) / 7.0).collect::<Vec<_>>(), 0.80);
    }

    #[test]
    fn a_component_s_share_is_the_posterior_s() {
        // Beta(1/2 + 8, 1/2 + 2): ten sure episodes.
        let table: Vec<f64> = (0..10).flat_map(|e| if e < 8 { [0.0, -900.0] } else { [-900.0, 0.0] }).collect();
        let mixture = Mixture::new(&table, 2);
        let share = CountedShare::new(&mixture, vec![vec![true, false]], |_| 0, 0.6);
        assert!((share.above(&mixture, &[0.5, 0.5]) - (1.0 - beta::cdf(0.6, 8.5, 2.5))).abs() < 1e-12);
    }
}
