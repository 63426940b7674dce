//! Bootstraps: Bayesian for means over levels, stratified for aggregates over seeds and tasks.

use rand_pcg::Pcg64Mcg;

use crate::{Estimate, draw, quantile};

/// One draw of Bayesian-bootstrap weights (Rubin 1981): Dirichlet(1, .., 1), written to `weights`.
pub fn bayesian_weights(weights: &mut [f64], rng: &mut Pcg64Mcg) {
    let mut sum = 0.0;
    for weight in weights.iter_mut() {
        *weight = draw::exponential(rng);
        sum += *weight;
    }
    weights.iter_mut().for_each(|weight| *weight /= sum);
}

/// Posterior draws of the mean of `values` under the Bayesian bootstrap; all NaN when there are none.
pub fn bayesian_means(values: &[f64], draws: usize, rng: &mut Pcg64Mcg) -> Vec<f64> {
    (0..draws)
        .map(|_| {
            let (mut sum, mut total) = (0.0, 0.0);
            for value in values {
                let weight = draw::exponential(rng);
                sum += weight * value;
                total += weight;
            }
            sum / total
        })
        .collect()
}

/// Draws from the posterior of the mean of `values` in [0, 1] that [`crate::UnitMean`] has in closed form.
pub fn unit_mean_draws(values: &[f64], draws: usize, rng: &mut Pcg64Mcg) -> Vec<f64> {
    (0..draws)
        .map(|_| {
            let (one, zero) = (draw::gamma(0.5, rng), draw::gamma(0.5, rng));
            let (mut sum, mut total) = (one, one + zero);
            for value in values {
                let weight = draw::exponential(rng);
                sum += weight * value;
                total += weight;
            }
            sum / total
        })
        .collect()
}

/// The variance of [`unit_mean_draws`], exactly; that of half an observation at either end where there are no values.
pub fn unit_mean_variance(values: &[f64]) -> f64 {
    let weight = values.len() as f64 + 1.0;
    let mean = (values.iter().sum::<f64>() + 0.5) / weight;
    let ends = 0.5 * (mean * mean + (1.0 - mean) * (1.0 - mean));
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() + ends) / weight / (weight + 1.0)
}

/// Interquartile mean: the mean after the lowest and the highest quarter (each rounded down to whole values) are cut
/// off, as scipy's `trim_mean(values, 0.25)` and rliable's `aggregate_iqm`. NaN when empty.
pub fn iqm(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    sorted.get(cut..sorted.len() - cut).map_or(f64::NAN, quantile::mean)
}

/// A statistic of all values pooled, with a percentile interval from a stratified bootstrap: each stratum (a task, its
/// runs) is resampled within itself (Agarwal et al. 2021, arXiv 2108.13264).
pub fn stratified(
    strata: &[Vec<f64>],
    statistic: impl Fn(&[f64]) -> f64,
    draws: usize,
    level: f64,
    rng: &mut Pcg64Mcg,
) -> Estimate {
    let pooled: Vec<f64> = strata.iter().flatten().copied().collect();
    if pooled.is_empty() {
        return Estimate::missing();
    }
    let mut resampled = Vec::with_capacity(pooled.len());
    let mut statistics: Vec<f64> = (0..draws)
        .map(|_| {
            resampled.clear();
            for stratum in strata {
                resampled.extend((0..stratum.len()).filter_map(|_| stratum.get(draw::below(stratum.len(), rng))));
            }
            statistic(&resampled)
        })
        .collect();
    statistics.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - level);
    Estimate {
        value: statistic(&pooled),
        low: quantile::of_sorted(&statistics, tail),
        high: quantile::of_sorted(&statistics, 1.0 - tail),
    }
}

/// P(a run of `x` beats a run of `y`), ties counted half (Mann and Whitney's U over the number of pairs).
pub fn probability_of_improvement(x: &[f64], y: &[f64]) -> f64 {
    let wins: f64 = x
        .iter()
        .flat_map(|a| {
            y.iter().map(move |b| {
                if a > b {
                    1.0
                } else if a == b {
                    0.5
                } else {
                    0.0
                }
            })
        })
        .sum();
    wins / (x.len() * y.len()) as f64
}

/// Mean of the worst `share` of the values (at least one): the conditional value at risk.
pub fn worst_mean(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = ((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len().max(1));
    sorted.get(..count).map_or(f64::NAN, quantile::mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bayesian_means_have_the_posterior_moments() {
        let values = [0.0, 0.0, 1.0, 0.4, 1.0, 0.7];
        let mut rng = Pcg64Mcg::new(1);
        let draws = bayesian_means(&values, 20_000, &mut rng);
        let mean = quantile::mean(&values);
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 6.0 / 7.0;
        let got = quantile::mean(&draws);
        assert!((got - mean).abs() < 0.005);
        assert!((draws.iter().map(|d| (d - got).powi(2)).sum::<f64>() / 20_000.0 / variance - 1.0).abs() < 0.05);
    }

    #[test]
    fn the_draws_have_the_variance_that_is_said() {
        for values in [vec![], vec![1.0; 8], vec![0.0, 0.2, 0.9, 1.0, 1.0]] {
            let draws = unit_mean_draws(&values, 40_000, &mut Pcg64Mcg::new(3));
            let mean = quantile::mean(&draws);
            let drawn = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 40_000.0;
            let exact = unit_mean_variance(&values);
            assert!((drawn / exact - 1.0).abs() < 0.04, "{values:?}: {drawn} is not {exact}");
        }
    }

    #[test]
    fn aggregates_equal_rliables() {
        // rliable 1.2.0 on 5 runs of 3 tasks: aggregate_iqm, probability_of_improvement, and get_interval_estimates of
        // the interquartile mean with 50,000 stratified resamples.
        let x = [[0.12, 0.40, 0.05, 0.77, 0.21], [0.95, 0.90, 1.00, 0.88, 0.97], [0.33, 0.61, 0.48, 0.52, 0.10]];
        let y = [[0.30, 0.10, 0.25, 0.60, 0.15], [0.80, 0.85, 0.99, 0.70, 0.60], [0.20, 0.30, 0.48, 0.40, 0.05]];
        let strata = x.map(|task| task.to_vec());
        let at = |level| stratified(&strata, iqm, 50_000, level, &mut Pcg64Mcg::new(6));
        assert!((at(0.95).value - 0.566_666_666_666_666_7).abs() < 1e-12);
        assert!((at(0.95).low - 0.431_1).abs() < 0.006 && (at(0.95).high - 0.686_7).abs() < 0.006, "{:.4}", at(0.95));
        assert!((at(0.90).low - 0.447_8).abs() < 0.006 && (at(0.90).high - 0.670_0).abs() < 0.006, "{:.4}", at(0.90));
        let improved: Vec<f64> = x.iter().zip(&y).map(|(x, y)| probability_of_improvement(x, y)).collect();
        for (got, expected) in improved.iter().zip([0.48, 0.84, 0.74]) {
            assert!((got - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn worst_mean_takes_the_tail() {
        assert_eq!(worst_mean(&[3.0, 1.0, 2.0, 4.0], 0.5), 1.5);
        assert_eq!(worst_mean(&[3.0, 1.0, 2.0], 0.1), 1.0);
    }
}
