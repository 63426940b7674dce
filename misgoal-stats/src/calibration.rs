//! Is a stated probability right as often as it says? Checks on results of known truth.

use crate::gamma::upper_gamma;

/// The rank of a true value among posterior draws: how many lie below it.
pub fn rank(truth: f64, draws: &[f64]) -> usize {
    draws.iter().filter(|&&draw| draw < truth).count()
}

/// p-value of the chi-square test that ranks within `0..=draws` are uniform over `bins` equal bins: the summary of
/// simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018, arXiv 1804.06788).
pub fn rank_uniformity(ranks: &[usize], draws: usize, bins: usize) -> f64 {
    let bins = bins.max(2);
    let mut counts = vec![0.0f64; bins];
    for &rank in ranks {
        let bin = (rank * bins / (draws + 1)).min(bins - 1);
        if let Some(count) = counts.get_mut(bin) {
            *count += 1.0;
        }
    }
    let expected = ranks.len() as f64 / bins as f64;
    let statistic: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
    upper_gamma(0.5 * (bins - 1) as f64, 0.5 * statistic)
}

/// Expected calibration error: stated probabilities in `bins` equal bins, mean distance between the mean stated
/// probability and the observed frequency, weighted by the bins' sizes. NaN when there are no statements.
pub fn expected_calibration_error(stated: &[(f64, bool)], bins: usize) -> f64 {
    let bins = bins.max(1);
    let mut table = vec![(0.0, 0.0); bins];
    for &(probability, held) in stated {
        let bin = ((probability * bins as f64) as usize).min(bins - 1);
        if let Some((says, holds)) = table.get_mut(bin) {
            *says += probability;
            *holds += f64::from(u8::from(held));
        }
    }
    table.iter().map(|(says, holds): &(f64, f64)| (says - holds).abs()).sum::<f64>() / stated.len() as f64
}

/// Share of intervals (low, high) that contain their truth.
pub fn coverage(intervals: &[(f64, f64, f64)]) -> f64 {
    let hits = intervals.iter().filter(|(low, high, truth)| low <= truth && truth <= high).count();
    hits as f64 / intervals.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn uniform_ranks_pass_and_biased_ones_fail() {
        let mut rng = Pcg64Mcg::new(1);
        let uniform: Vec<usize> = (0..500).map(|_| draw::below(100, &mut rng)).collect();
        let biased: Vec<usize> = uniform.iter().map(|rank| rank / 2 + 25).collect();
        assert!(rank_uniformity(&uniform, 99, 10) > 0.01);
        assert!(rank_uniformity(&biased, 99, 10) < 1e-6);
        assert_eq!(rank(0.5, &[0.1, 0.4, 0.6]), 2);
    }

    #[test]
    fn calibration_error_measures_overconfidence() {
        let mut rng = Pcg64Mcg::new(2);
        let honest: Vec<(f64, bool)> = (0..20_000)
            .map(|_| {
                let p = draw::uniform(&mut rng);
                (p, draw::uniform(&mut rng) < p)
            })
            .collect();
        assert!(expected_calibration_error(&honest, 10) < 0.02);
        assert!((expected_calibration_error(&[(0.95, false), (0.95, true)], 10) - 0.45).abs() < 1e-12);
    }

    #[test]
    fn coverage_counts_hits() {
        assert_eq!(coverage(&[(0.0, 1.0, 0.5), (0.0, 0.1, 0.5)]), 0.5);
    }
}
