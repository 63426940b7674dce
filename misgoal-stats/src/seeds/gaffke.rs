//! Gaffke's bounds for the mean of values in [0, 1].

use super::TAIL;
use crate::{Estimate, beta};

/// Up to so many values the bounds are exact; beyond, a Beta distribution with the right mean and variance stands in (it is the exact one where
/// the values are 0 or 1).
const EXACT: usize = 512;

/// The mean of independent values in [0, 1] with bounds of 5 % a side that hold whatever their distribution.
///
/// The lower bound is the 5 % quantile of `sum D_i x_i`, where `D ~ Dirichlet(1, .., 1)` over the values and one further value 0; the upper bound is
/// the 95 % quantile with a further value 1 (Gaffke 2005, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a
/// nonnegative variable"; Learned-Miller and Thomas 2019, arXiv 1905.06208). On values that are 0 or 1 these are Clopper and Pearson's bounds.
/// Missing when there are no values; values outside of [0, 1] are clamped.
pub fn gaffke(values: &[f64]) -> Estimate {
    if values.is_empty() {
        return Estimate::missing();
    }
    let values: Vec<f64> = values.iter().map(|value| value.clamp(0.0, 1.0)).collect();
    let mirrored: Vec<f64> = values.iter().map(|value| 1.0 - value).collect();
    Estimate { value: crate::quantile::mean(&values), low: lower(&values), high: 1.0 - lower(&mirrored) }
}

fn lower(values: &[f64]) -> f64 {
    let mut knots: Vec<f64> = std::iter::once(0.0).chain(values.iter().copied()).collect();
    knots.sort_by(f64::total_cmp);
    if knots.last() == Some(&0.0) {
        return 0.0;
    }
    if values.len() > EXACT {
        return matched(&knots);
    }
    let (mut low, mut high) = (0.0, 1.0);
    let mut work = Vec::with_capacity(knots.len());
    // To 1e-12: far below what a record or a reader keeps.
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if distribution(&knots, middle, &mut work) < TAIL {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// `P(sum D_i x_i <= t)` for `D ~ Dirichlet(1, .., 1)` over ascending knots: the density of the sum is the B-spline of the knots (Curry and
/// Schoenberg 1966), and its integral follows de Boor's recursion. Every step is a mean of two values in [0, 1], so nothing is lost to rounding.
#[expect(clippy::indexing_slicing, reason = "indices stay under the number of knots, which both lists have")]
fn distribution(knots: &[f64], t: f64, work: &mut Vec<f64>) -> f64 {
    work.clear();
    work.extend(knots.iter().map(|knot| if *knot <= t { 1.0 } else { 0.0 }));
    for width in 1..knots.len() {
        for first in 0..knots.len() - width {
            let (low, high) = (knots[first], knots[first + width]);
            work[first] = if high <= t {
                1.0
            } else if t < low {
                0.0
            } else {
                ((t - low) * work[first] + (high - t) * work[first + 1]) / (high - low)
            };
        }
    }
    work.first().copied().unwrap_or(f64::NAN)
}

/// The 5 % quantile of the Beta distribution on [0, largest knot] with the sum's mean and variance.
fn matched(knots: &[f64]) -> f64 {
    let top = knots.last().copied().unwrap_or(1.0);
    let n = knots.len() as f64;
    let mean = knots.iter().map(|x| x / top).sum::<f64>() / n;
    let variance = knots.iter().map(|x| (x / top - mean).powi(2)).sum::<f64>() / n / (n + 1.0);
    let size = mean * (1.0 - mean) / variance - 1.0;
    top * beta::quantile(TAIL, mean * size, (1.0 - mean) * size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::beta::clopper_pearson;
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn on_zeros_and_ones_it_is_clopper_pearsons_interval() {
        for n in [1, 2, 3, 5, 10, 20, 60, 300, 512, 600] {
            for ones in [0, 1, n / 3, n - 1, n] {
                let values: Vec<f64> = (0..n).map(|i| if i < ones { 1.0 } else { 0.0 }).collect();
                let (got, exact) = (gaffke(&values), clopper_pearson(ones, n, 0.90));
                assert!((got.low - exact.low).abs() < 1e-9, "{ones} of {n}: {got:.6} is not {exact:.6}");
                assert!((got.high - exact.high).abs() < 1e-9, "{ones} of {n}: {got:.6} is not {exact:.6}");
            }
        }
    }

    /// Against draws of the weights, ties included.
    #[test]
    fn agrees_with_draws() {
        let mut rng = Pcg64Mcg::new(3);
        for values in [
            vec![0.5],
            vec![0.93, 0.95, 0.97],
            vec![0.2, 0.2, 0.9, 1.0, 1.0],
            vec![0.0, 0.1, 0.1, 0.1],
            (0..12).map(|i| f64::from(i) / 11.0).collect(),
        ] {
            let mut sums: Vec<f64> = (0..100_000)
                .map(|_| {
                    let total = draw::exponential(&mut rng);
                    let (mut sum, mut all) = (0.0, total);
                    for value in &values {
                        let weight = draw::exponential(&mut rng);
                        sum += weight * value;
                        all += weight;
                    }
                    sum / all
                })
                .collect();
            sums.sort_by(f64::total_cmp);
            let drawn = crate::quantile::of_sorted(&sums, 0.05);
            let exact = gaffke(&values).low;
            assert!((drawn - exact).abs() < 0.004, "{values:?}: drawn {drawn}, exact {exact}");
        }
    }

    #[test]
    fn bounds_contain_the_mean_and_follow_the_values() {
        let mut rng = Pcg64Mcg::new(4);
        for n in [1, 2, 3, 7, 20] {
            for _ in 0..50 {
                let mut values: Vec<f64> = (0..n).map(|_| draw::beta(0.5, 0.5, &mut rng)).collect();
                let before = gaffke(&values);
                assert!(0.0 <= before.low && before.low <= before.value, "{before:.4}");
                assert!(before.value <= before.high && before.high <= 1.0, "{before:.4}");
                values[0] = (values[0] + 0.1).min(1.0);
                let after = gaffke(&values);
                assert!(after.low >= before.low - 1e-9 && after.high >= before.high - 1e-9);
            }
        }
        assert!(gaffke(&[]).is_missing());
    }

    #[test]
    fn many_values_go_over_smoothly() {
        let values: Vec<f64> = (0..EXACT).map(|i| if i % 10 == 0 { 0.1 } else { 0.97 }).collect();
        let knots: Vec<f64> = {
            let mut knots: Vec<f64> = std::iter::once(0.0).chain(values.iter().copied()).collect();
            knots.sort_by(f64::total_cmp);
            knots
        };
        assert!((matched(&knots) - gaffke(&values).low).abs() < 2e-4);
    }
}
