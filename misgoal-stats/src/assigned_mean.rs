//! The mean of what the episodes of some components weigh, with assignments and bootstrap weights integrated out.
#![expect(clippy::indexing_slicing, reason = "groups are numbered by the mixture, which the sums are made for")]

use crate::mixture::Mixture;
use crate::normal;
use crate::weighted_share::inside;

/// `M_S = sum_e v_e r_e [z_e in S] / sum_e v_e` with Bayesian-bootstrap weights v over the episodes, given the mixture's shares; sizes r are from 0 to 1. Half
/// an episode of size 1 in S and half of size 0 are added, as to every mean of a bounded quantity, so that the mean of equal episodes is not certain.
#[derive(Debug, Clone)]
pub struct AssignedMean {
    /// For each group its number of episodes, and the sums of their sizes, of the squares and of the cubes.
    groups: Vec<[f64; 4]>,
}

impl AssignedMean {
    /// `sizes` has one entry an episode, from 0 to 1.
    pub fn new(mixture: &Mixture, sizes: &[f64]) -> Self {
        let mut groups = vec![[0.0; 4]; mixture.groups()];
        for (episode, &size) in sizes.iter().enumerate() {
            let mut power = 1.0;
            for sum in &mut groups[mixture.group_of(episode)] {
                *sum += power;
                power *= size;
            }
        }
        Self { groups }
    }

    /// Mean and variance of `M_S`, given the shares: the variance is that of the sum in [`AssignedMean::above`] for a limit at the mean, over the square of the
    /// expected weight.
    pub fn moments(&self, mixture: &Mixture, shares: &[f64], of: &[bool]) -> (f64, f64) {
        let (mut episodes, mut sizes) = (1.0, 0.5);
        for (group, &[count, first, ..]) in self.groups.iter().enumerate() {
            episodes += count;
            sizes += inside(mixture.row(group), shares, of) * first;
        }
        let mean = sizes / episodes;
        let [_, variance, _] = self.cumulants(mixture, shares, of, mean);
        (mean, variance / (episodes * episodes))
    }

    /// P(the mean of what the components `of` have is above `limit` | shares).
    ///
    /// The event is that a sum of independent terms `v_e (r_e [z_e in S] - limit)`, v exponential, is positive: the normal distribution with a correction for
    /// skewness (Edgeworth) from the terms' first three cumulants.
    pub fn above(&self, mixture: &Mixture, shares: &[f64], of: &[bool], limit: f64) -> f64 {
        normal::sum_is_positive(self.cumulants(mixture, shares, of, limit))
    }

    /// The first three cumulants of that sum.
    fn cumulants(&self, mixture: &Mixture, shares: &[f64], of: &[bool], limit: f64) -> [f64; 3] {
        let (c, rest) = (limit, 1.0 - limit);
        let mut mean = 0.5 * (rest - c);
        let mut variance = 0.5 * (rest * rest + c * c);
        let mut third = rest.powi(3) - c.powi(3);
        for (group, &[count, first, second, cubes]) in self.groups.iter().enumerate() {
            let p = inside(mixture.row(group), shares, of);
            // With m = p r - c, a = p r^2 - 2 p r c + c^2 and b = p r^3 - 3 p r^2 c + 3 p r c^2 - c^3 a term has the moments m, 2 a and 6 b about 0, and so the
            // cumulants m, 2 a - m^2 and 6 b - 6 a m + 2 m^3; summed over the sizes r of a group.
            let (c2, c3) = (c * c * count, c * c * c * count);
            let squares = p * p * second - 2.0 * p * c * first + c2;
            let a = p * second - 2.0 * p * c * first + c2;
            let b = p * cubes - 3.0 * p * c * second + 3.0 * p * c * c * first - c3;
            let am = p * p * cubes - (2.0 * p * p + p) * c * second + 3.0 * p * c * c * first - c3;
            let m3 = p * p * p * cubes - 3.0 * p * p * c * second + 3.0 * p * c * c * first - c3;
            mean += p * first - c * count;
            variance += 2.0 * a - squares;
            third += 6.0 * b - 6.0 * am + 2.0 * m3;
        }
        [mean, variance, third]
    }
}

#[cfg(test)]
mod tests {
    use super::AssignedMean;
    use crate::draw;
    use crate::mixture::Mixture;
    use rand_pcg::Pcg64Mcg;

    /// Episodes of two components of which one is more or less likely, with sizes.
    fn check(episodes: &[(f64, f64)], limit: f64, tolerance: f64) {
        let table: Vec<f64> = episodes.iter().flat_map(|(p, _)| [p.ln(), (1.0 - p).ln()]).collect();
        let sizes: Vec<f64> = episodes.iter().map(|(_, size)| *size).collect();
        let mixture = Mixture::new(&table, 2);
        let mut rng = Pcg64Mcg::new(6);
        let (draws, even, of) = (100_000, [0.5, 0.5], [true, false]);
        let mut means = Vec::new();
        for _ in 0..draws {
            let one = draw::gamma(0.5, &mut rng);
            let (mut sum, mut weights) = (one, one + draw::gamma(0.5, &mut rng));
            for (p, size) in episodes {
                let weight = draw::exponential(&mut rng);
                weights += weight;
                sum += if draw::uniform(&mut rng) < *p { weight * size } else { 0.0 };
            }
            means.push(sum / weights);
        }
        let share = |of: &dyn Fn(&f64) -> f64| means.iter().map(of).sum::<f64>() / means.len() as f64;
        let own = AssignedMean::new(&mixture, &sizes);
        let (got, simulated) = (own.above(&mixture, &even, &of, limit), share(&|m| f64::from(u8::from(*m > limit))));
        assert!((got - simulated).abs() < tolerance, "{got} against {simulated}");
        let ((mean, variance), expected) = (own.moments(&mixture, &even, &of), share(&|m| *m));
        let spread = share(&|m| (m - expected).powi(2));
        assert!((mean - expected).abs() < 1e-3 && (variance / spread - 1.0).abs() < 0.1, "{mean} {variance} {spread}");
    }

    #[test]
    fn integrates_what_could_be_drawn() {
        let mixed: Vec<(f64, f64)> = (0..60).map(|i| ([0.99, 0.1, 0.2, 0.3][i % 4], [0.4, 0.1, 0.0][i % 3])).collect();
        check(&mixed, 0.10, 0.01);
        check(&mixed, 0.07, 0.01);
        check(&mixed, 0.05, 0.01);
        check(&[(0.05, 0.9); 40], 0.10, 0.015);
        check(&[(0.15, 0.6); 400], 0.10, 0.01);
        check(&[(0.0001, 1.0); 60], 0.05, 0.02);
    }
}
