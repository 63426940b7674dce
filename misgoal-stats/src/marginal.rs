//! The distribution of one figure between 0 and 1, as points with weights.
#![expect(
    clippy::indexing_slicing,
    reason = "a bin's number is a value of [0, 1] times the number of bins, of which there is one more"
)]

use crate::Estimate;

/// Values nearer to each other than one in so many are one.
const BINS: usize = 4096;
/// Points that the distribution of a mean is made of.
const POINTS: usize = 512;
/// Standard deviations on either side that these cover.
const REACH: f64 = 9.0;
/// Between values that are farther apart than this there is no mass.
const APART: f64 = 0.1;
/// An end of an interval so near to 0 or 1 is set to it.
const AT_THE_END: f64 = 0.02;

/// A value, and how much of the mass it has.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    value: f64,
    mass: f64,
    /// The mass up to it, half of its own included.
    up_to: f64,
}

/// The distribution of one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Marginal {
    /// By rising value.
    points: Vec<Point>,
    mean: f64,
    deviation: f64,
}

impl Marginal {
    /// From values, each clipped to [0, 1], and their weights, of which one at least is above 0.
    pub fn of(values: impl Iterator<Item = (f64, f64)>) -> Marginal {
        let mut bins = vec![(0.0, 0.0, 0.0); BINS + 1];
        for (value, weight) in values {
            let value = value.clamp(0.0, 1.0);
            let bin = &mut bins[(value * BINS as f64) as usize];
            bin.0 += weight;
            bin.1 += weight * value;
            bin.2 += weight * value * value;
        }
        let all: f64 = bins.iter().map(|bin| bin.0).sum();
        let mean = bins.iter().map(|bin| bin.1).sum::<f64>() / all;
        let square = bins.iter().map(|bin| bin.2).sum::<f64>() / all;
        let mut below = 0.0;
        let point = |(weight, sum, _): &(f64, f64, f64)| {
            let mass = weight / all;
            below += mass;
            Point { value: sum / weight, mass, up_to: below - 0.5 * mass }
        };
        let points = bins.iter().filter(|bin| bin.0 > 0.0).map(point).collect();
        Marginal { points, mean, deviation: (square - mean * mean).max(0.0).sqrt() }
    }

    /// The mean of a population of which `values`, each within [0, 1], are a sample; half an observation at either end of the range is added. That is the
    /// Beta distribution with the mean and the variance of the Bayesian bootstrap ([`crate::bootstrap::unit_mean_draws`]), and the bootstrap itself where all
    /// values are 0 or 1. Without a draw.
    pub fn unit_mean(values: &[f64]) -> Marginal {
        let total = values.len() as f64 + 1.0;
        let mean = (values.iter().sum::<f64>() + 0.5) / total;
        let square = (values.iter().map(|value| value * value).sum::<f64>() + 0.5) / total;
        let variance = (square - mean * mean) / (total + 1.0);
        let weight = mean * (1.0 - mean) / variance - 1.0;
        let (a, b) = (mean * weight, (1.0 - mean) * weight);
        let angle = |value: f64| value.clamp(0.0, 1.0).sqrt().asin();
        // An angle's deviation is about half of one over the root of the weight.
        let reach = REACH * 0.5 / weight.sqrt();
        let (low, high) = ((angle(mean) - reach).max(0.0), (angle(mean) + reach).min(std::f64::consts::FRAC_PI_2));
        let angles = (0..POINTS).map(|at| low + (high - low) * (at as f64 + 0.5) / POINTS as f64);
        let points: Vec<(f64, f64)> = angles
            .map(|angle| {
                let (sine, cosine) = angle.sin_cos();
                (sine * sine, (2.0 * a - 1.0) * sine.ln() + (2.0 * b - 1.0) * cosine.ln())
            })
            .collect();
        let top = points.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        Marginal::of(points.into_iter().map(|(value, log)| (value, (log - top).exp())))
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation.
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// Probability of at most `limit`.
    pub fn up_to(&self, limit: f64) -> f64 {
        let after = self.points.partition_point(|point| point.value <= limit);
        let left = after.checked_sub(1).and_then(|at| self.points.get(at));
        match (left, self.points.get(after)) {
            (Some(left), Some(right)) if right.value - left.value > APART => left.up_to + 0.5 * left.mass,
            (Some(left), Some(right)) => {
                let part = (limit - left.value) / (right.value - left.value);
                left.up_to + part * (right.up_to - left.up_to)
            }
            (None, _) => 0.0,
            (_, None) => 1.0,
        }
    }

    /// Probability of more than `limit`.
    pub fn above(&self, limit: f64) -> f64 {
        1.0 - self.up_to(limit)
    }

    /// Probability that this figure is above another, independent one by more than `gap`.
    pub fn exceeds(&self, other: &Marginal, gap: f64) -> f64 {
        self.points.iter().map(|point| point.mass * other.up_to(point.value - gap)).sum()
    }

    /// The value with probability `p` below it.
    pub fn quantile(&self, p: f64) -> f64 {
        let after = self.points.partition_point(|point| point.up_to <= p);
        let left = after.checked_sub(1).and_then(|at| self.points.get(at));
        match (left, self.points.get(after)) {
            (Some(left), Some(right)) if right.value - left.value > APART => {
                if p <= left.up_to + 0.5 * left.mass {
                    left.value
                } else {
                    right.value
                }
            }
            (Some(left), Some(right)) => {
                left.value + (p - left.up_to) / (right.up_to - left.up_to) * (right.value - left.value)
            }
            (None, Some(end)) | (Some(end), None) => end.value,
            (None, None) => f64::NAN,
        }
    }

    /// The mean with the interval from the 5 % to the 95 % quantile.
    ///
    /// Ends within .02 of 0 or 1 are set to these: the prior of a share has no mass at a vertex, so that without this an agent that never follows a goal
    /// would never be covered.
    pub fn estimate(&self) -> Estimate {
        let (low, high) = (self.quantile(0.05), self.quantile(0.95));
        Estimate {
            value: self.mean,
            low: if low <= AT_THE_END { 0.0 } else { low.min(self.mean) },
            high: if high >= 1.0 - AT_THE_END { 1.0 } else { high.max(self.mean) },
        }
    }

    /// This figure minus another, independent one, about an observed difference.
    pub fn minus(&self, other: &Marginal, observed: f64) -> Estimate {
        let quantile = |p: f64| {
            let (mut low, mut high) = (-1.0f64, 1.0f64);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                if self.exceeds(other, middle) > 1.0 - p { low = middle } else { high = middle }
            }
            0.5 * (low + high)
        };
        Estimate { value: observed, low: quantile(0.05).min(observed), high: quantile(0.95).max(observed) }
    }
}

#[cfg(test)]
mod tests {
    use super::Marginal;
    use crate::beta;

    #[test]
    fn shares_have_their_beta_distribution() {
        for (hits, n) in [(0, 20), (3, 20), (20, 20), (371, 1000), (5, 100_000)] {
            let values: Vec<f64> = (0..n).map(|at| if at < hits { 1.0 } else { 0.0 }).collect();
            let mean = Marginal::unit_mean(&values);
            let (a, b) = (hits as f64 + 0.5, (n - hits) as f64 + 0.5);
            for p in [0.05, 0.5, 0.95] {
                let exact = beta::quantile(p, a, b);
                assert!((mean.quantile(p) - exact).abs() < 2e-4, "{hits} of {n}, {p}: {} {exact}", mean.quantile(p));
                // What lies within a bin of an end is one point.
                let inside = exact > 1e-3 && exact < 1.0 - 1e-3;
                assert!(!inside || (mean.up_to(exact) - p).abs() < 4e-3, "{hits} of {n}, {p}: {}", mean.up_to(exact));
            }
        }
    }

    #[test]
    fn there_is_no_mass_between_values_far_apart() {
        let two = Marginal::of([(0.0, 0.97), (0.8, 0.03)].into_iter());
        assert_eq!((two.above(0.5), two.above(0.1)), (1.0 - 0.97, 1.0 - 0.97));
        assert_eq!((two.quantile(0.95), two.quantile(0.98)), (0.0, 0.8));
    }

    #[test]
    fn differences_are_those_of_independent_figures() {
        let values = |hits: usize, n: usize| -> Vec<f64> { (0..n).map(|at| f64::from(u8::from(at < hits))).collect() };
        let (a, b) = (Marginal::unit_mean(&values(40, 100)), Marginal::unit_mean(&values(20, 100)));
        // The normal approximation: .2 with deviation sqrt(.24/100 + .16/100).
        let difference = a.minus(&b, 0.2);
        assert!((difference.low - 0.096).abs() < 0.005 && (difference.high - 0.304).abs() < 0.005, "{difference:.3}");
        assert!((a.exceeds(&b, 0.2) - 0.5).abs() < 0.02);
        assert_eq!(a.exceeds(&b, 1.0), 0.0);
    }
}
