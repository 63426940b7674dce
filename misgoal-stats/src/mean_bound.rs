//! Confidence bounds for the mean of bounded values, by betting.

/// Share of the admissible stake that each bet puts at risk.
const STAKES: [f64; 7] = [0.02, 0.05, 0.12, 0.25, 0.5, 0.75, 0.95];

/// An upper confidence bound for the mean of independent values in [0, 1], with coverage at least `confidence`.
///
/// The capital of a bettor against "the mean is m" is `mean over s of prod (1 + s/(1-m) (m - x))`, a test martingale when
/// m is the mean; the bound is the largest m whose capital stays under `1 / (1 - confidence)` (Waudby-Smith and Ramdas
/// 2020, arXiv 2010.09686, with a fixed mixture of stakes). On values that are all 0 it shrinks like 1/n, where
/// Hoeffding's bound shrinks like 1/sqrt(n). Returns 1 for no values. Values outside of [0, 1] are clamped.
pub fn upper(values: &[f64], confidence: f64) -> f64 {
    let mean = values.iter().map(|x| x.clamp(0.0, 1.0)).sum::<f64>() / values.len().max(1) as f64;
    let limit = (1.0 / (1.0 - confidence)).ln();
    if log_capital(values, 1.0 - 1e-9) < limit {
        return 1.0;
    }
    // Against means above the sample's the capital grows with m: the bound lies between the sample's mean and 1.
    let (mut kept, mut rejected) = (mean, 1.0 - 1e-9);
    for _ in 0..60 {
        let middle = 0.5 * (kept + rejected);
        if log_capital(values, middle) < limit {
            kept = middle;
        } else {
            rejected = middle;
        }
    }
    rejected
}

/// A lower confidence bound: [`upper`] of the mirrored values.
pub fn lower(values: &[f64], confidence: f64) -> f64 {
    let mirrored: Vec<f64> = values.iter().map(|x| 1.0 - x).collect();
    1.0 - upper(&mirrored, confidence)
}

fn log_capital(values: &[f64], m: f64) -> f64 {
    let logs = STAKES.map(|share| {
        let stake = share / (1.0 - m);
        values.iter().map(|x| (stake * (m - x.clamp(0.0, 1.0))).ln_1p()).sum::<f64>()
    });
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + (logs.iter().map(|log| (log - top).exp()).sum::<f64>() / STAKES.len() as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::{lower, upper};
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn all_zeros_give_a_bound_that_shrinks_like_one_over_n() {
        let bounds = [10, 100, 1000].map(|n| upper(&vec![0.0; n], 0.95));
        assert!(bounds[0] < 0.4 && bounds[1] < 0.052 && bounds[2] < 0.0055, "{bounds:?}");
        assert_eq!(upper(&[], 0.95), 1.0);
        assert_eq!(upper(&[1.0; 5], 0.95), 1.0);
        assert!((lower(&[1.0; 100], 0.95) - (1.0 - bounds[1])).abs() < 1e-9);
    }

    #[test]
    fn covers_the_mean() {
        let mut rng = Pcg64Mcg::new(5);
        let missed = (0..400)
            .filter(|_| {
                let values: Vec<f64> = (0..60).map(|_| draw::beta(0.5, 4.5, &mut rng)).collect();
                upper(&values, 0.95) < 0.1
            })
            .count();
        assert!(missed <= 20, "{missed} of 400 bounds below the mean");
    }
}
