//! The distribution of one figure between 0 and 1, as points with weights.
#![expect(
    clippy::indexing_slicing,
    reason = "a bin's number is a value of [0, 1] times the number of bins, of which there is one more"
)]

use crate::Estimate;

/// Values nearer to each other than one in so many are one.
const BINS: usize = 4096;
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
}

#[cfg(test)]
mod tests {
    use super::Marginal;
    use crate::beta;

    /// A Beta distribution's density over its angle, as estimators make their points.
    fn share(hits: usize, n: usize) -> Marginal {
        let (a, b) = (hits as f64 + 0.5, (n - hits) as f64 + 0.5);
        let angles = (0..4096).map(|at| (at as f64 + 0.5) / 4096.0 * std::f64::consts::FRAC_PI_2);
        let log = |angle: f64| (2.0 * a - 1.0) * angle.sin().ln() + (2.0 * b - 1.0) * angle.cos().ln();
        let top = angles.clone().map(log).fold(f64::NEG_INFINITY, f64::max);
        Marginal::of(angles.map(|angle| (angle.sin().powi(2), (log(angle) - top).exp())))
    }

    #[test]
    fn shares_have_their_beta_distribution() {
        for (hits, n) in [(0, 20), (3, 20), (20, 20), (371, 1000)] {
            let (found, a, b) = (share(hits, n), hits as f64 + 0.5, (n - hits) as f64 + 0.5);
            for p in [0.05, 0.5, 0.95] {
                let exact = beta::quantile(p, a, b);
                assert!((found.quantile(p) - exact).abs() < 5e-4, "{hits} of {n}, {p}: {} {exact}", found.quantile(p));
                // What lies within a bin of an end is one point.
                let inside = exact > 1e-3 && exact < 1.0 - 1e-3;
                assert!(!inside || (found.up_to(exact) - p).abs() < 4e-3, "{hits} of {n}, {p}: {}", found.up_to(exact));
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
    fn one_figure_exceeds_another() {
        let (a, b) = (share(40, 100), share(20, 100));
        assert!((a.exceeds(&b, 0.2) - 0.5).abs() < 0.02);
        assert_eq!(a.exceeds(&b, 1.0), 0.0);
    }
}
