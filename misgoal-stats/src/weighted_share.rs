//! The share of a weighted total that some components of a mixture have, with assignments and bootstrap weights integrated out.
#![expect(clippy::indexing_slicing, reason = "groups are numbered by the mixture, which the sums are made for")]

use crate::draw;
use crate::mixture::{Mixture, dot};
use crate::normal;
use rand_pcg::Pcg64Mcg;

/// `A_S = sum_e v_e r_e [z_e in S] / sum_e v_e r_e` with Bayesian-bootstrap weights v over the episodes, given the mixture's shares; half an episode of a
/// typical size is added in S and half outside of it, so that the share of two equal episodes is not certain.
#[derive(Debug, Clone)]
pub struct WeightedShare {
    /// Groups of which an episode weighs anything: number, sums of the sizes, of their squares and of their cubes.
    groups: Vec<(usize, [f64; 3])>,
    typical: f64,
    /// Group and size of every episode that weighs anything.
    episodes: Vec<(usize, f64)>,
}

impl WeightedShare {
    /// `sizes` has one entry an episode, 0 or more; `None` where all of them are 0.
    pub fn new(mixture: &Mixture, sizes: &[f64]) -> Option<Self> {
        let mut sums = vec![[0.0; 3]; mixture.groups()];
        let mut episodes = Vec::new();
        for (episode, &size) in sizes.iter().enumerate() {
            let group = mixture.group_of(episode);
            let [first, second, third] = &mut sums[group];
            *first += size;
            *second += size * size;
            *third += size * size * size;
            if size > 0.0 {
                episodes.push((group, size));
            }
        }
        let all = |power: usize| sums.iter().map(|sums| sums[power]).sum::<f64>();
        let (first, second) = (all(0), all(1));
        let groups: Vec<_> = sums.into_iter().enumerate().filter(|(_, sums)| sums[0] > 0.0).collect();
        // Of sizes that are equal the typical one is theirs; small ones hardly count.
        (first > 1e-9).then(|| Self { groups, typical: second / first, episodes })
    }

    /// P(the components `of` have more than `limit` of the total | shares).
    ///
    /// The event is that a sum of independent terms `v_e r_e ([z_e in S] - limit)`, v exponential, is positive: the normal distribution with a correction for
    /// skewness (Edgeworth) from the terms' first three cumulants.
    pub fn above(&self, mixture: &Mixture, shares: &[f64], of: &[bool], limit: f64) -> f64 {
        let rest = 1.0 - limit;
        let half = self.typical;
        let mut mean = 0.5 * half * (rest - limit);
        let mut variance = 0.5 * half * half * (rest * rest + limit * limit);
        let mut third = half * half * half * (rest.powi(3) - limit.powi(3));
        for &(group, [first, second, cubes]) in &self.groups {
            let p = inside(mixture.row(group), shares, of);
            let m = p - limit;
            // Second and third moment of an exponential weight times rest or -limit.
            let square = 2.0 * (p * rest * rest + (1.0 - p) * limit * limit);
            let cube = 6.0 * (p * rest * rest * rest - (1.0 - p) * limit * limit * limit);
            mean += first * m;
            variance += second * (square - m * m);
            third += cubes * (cube - 3.0 * m * square + 2.0 * m * m * m);
        }
        normal::sum_is_positive([mean, variance, third])
    }

    /// What speaks against the components `of` having nothing of the total, and against their having all of it, at given shares: minus the log-probability
    /// that no episode which weighs anything is theirs, and that all of them are.
    pub fn against(&self, mixture: &Mixture, shares: &[f64], of: &[bool]) -> (f64, f64) {
        self.episodes.iter().fold((0.0, 0.0), |(nothing, all), (group, _)| {
            let p = inside(mixture.row(*group), shares, of);
            (nothing - (-p).ln_1p(), all - p.ln())
        })
    }

    /// One draw of every component's share of the total, given the mixture's shares, written to `out`; one episode of a typical size is added, of which
    /// all components have equal parts in the mean.
    pub fn draw(&self, mixture: &Mixture, shares: &[f64], out: &mut [f64], rng: &mut Pcg64Mcg) {
        let part = 1.0 / out.len() as f64;
        out.iter_mut().for_each(|out| *out = self.typical * draw::gamma(part, rng));
        let mut joint = vec![0.0; out.len()];
        for &(group, size) in &self.episodes {
            joint.iter_mut().zip(mixture.row(group)).zip(shares).for_each(|((joint, l), w)| *joint = l * w);
            out[draw::categorical(&joint, rng)] += size * draw::exponential(rng);
        }
        let total: f64 = out.iter().sum();
        out.iter_mut().for_each(|out| *out /= total);
    }
}

/// Probability that an episode with these likelihoods is of the components `of`.
pub(crate) fn inside(row: &[f64], shares: &[f64], of: &[bool]) -> f64 {
    let of: f64 = row.iter().zip(shares).zip(of).filter(|(_, of)| **of).map(|((l, w), _)| l * w).sum();
    of / dot(row, shares)
}

#[cfg(test)]
mod tests {
    use super::WeightedShare;
    use crate::draw;
    use crate::mixture::Mixture;
    use rand_pcg::Pcg64Mcg;

    /// Episodes of two components of which one is more or less likely, with sizes.
    fn check(episodes: &[(f64, f64)], limit: f64, tolerance: f64) {
        let table: Vec<f64> = episodes.iter().flat_map(|(p, _)| [p.ln(), (1.0 - p).ln()]).collect();
        let sizes: Vec<f64> = episodes.iter().map(|(_, size)| *size).collect();
        let mixture = Mixture::new(&table, 2);
        let share = WeightedShare::new(&mixture, &sizes).unwrap();
        let even = [0.5, 0.5];
        let mut rng = Pcg64Mcg::new(6);
        let typical = sizes.iter().map(|s| s * s).sum::<f64>() / sizes.iter().sum::<f64>();
        let mut above = 0;
        let draws = 100_000;
        for _ in 0..draws {
            let mut sum = typical * ((1.0 - limit) * draw::gamma(0.5, &mut rng) - limit * draw::gamma(0.5, &mut rng));
            for (p, size) in episodes {
                let side = if draw::uniform(&mut rng) < *p { 1.0 - limit } else { -limit };
                sum += size * side * draw::exponential(&mut rng);
            }
            above += usize::from(sum > 0.0);
        }
        let simulated = above as f64 / draws as f64;
        let got = share.above(&mixture, &even, &[true, false], limit);
        assert!((got - simulated).abs() < tolerance, "{got} against {simulated}");
    }

    #[test]
    fn integrates_what_could_be_drawn() {
        let mixed: Vec<(f64, f64)> = (0..30).map(|i| ([0.99, 0.5, 0.2, 0.8][i % 4], [1.0, 0.3, 0.0][i % 3])).collect();
        check(&mixed, 0.5, 0.01);
        check(&mixed, 0.7, 0.01);
        check(&[(0.9999, 1.0); 3], 0.5, 0.02);
        check(&[(0.9, 1.0); 12], 0.5, 0.01);
        check(&[(0.62, 0.9); 400], 0.5, 0.003);
    }

    #[test]
    fn draws_are_shares_and_nothing_lost_is_nothing() {
        let mixture = Mixture::new(&[0.0, -900.0, -900.0, 0.0, 0.0, 0.0], 2);
        assert!(WeightedShare::new(&mixture, &[0.0; 3]).is_none());
        let share = WeightedShare::new(&mixture, &[1.0, 0.0, 0.0]).unwrap();
        let mut out = [0.0; 2];
        share.draw(&mixture, &[0.5, 0.5], &mut out, &mut Pcg64Mcg::new(1));
        assert!(out[0] > 0.0 && out[1] < 1.0 && (out[0] + out[1] - 1.0).abs() < 1e-12, "{out:?}");
    }
}
