//! Curves and their intervals.

use misgoal_stats::{Estimate, draw};
use rand_pcg::Pcg64Mcg;

/// Area under the ROC: the probability that a bad session scores higher than a good one, ties counted half; with its 90 % bootstrap interval over
/// groups, each a list of scores (sessions of one task are not independent).
pub fn auroc(good: &[Vec<f64>], bad: &[Vec<f64>]) -> Estimate {
    let mut rng = Pcg64Mcg::new(1);
    let mut resample = |groups: &[Vec<f64>]| -> Vec<f64> {
        let drawn = (0..groups.len()).filter_map(|_| groups.get(draw::below(groups.len(), &mut rng)));
        drawn.flatten().copied().collect()
    };
    let draws: Vec<f64> = (0..400).map(|_| area(&resample(good), &resample(bad))).collect();
    Estimate::from_draws_about(area(&good.concat(), &bad.concat()), &draws)
}

fn area(good: &[f64], bad: &[f64]) -> f64 {
    let mut good = good.to_vec();
    good.sort_by(f64::total_cmp);
    let wins = bad.iter().map(|score| {
        let below = good.partition_point(|one| one < score);
        let up_to = good.partition_point(|one| one <= score);
        0.5 * (below + up_to) as f64
    });
    wins.sum::<f64>() / (good.len() * bad.len()).max(1) as f64
}

/// The threshold above which at most this share of good scores lies, and the share of bad scores above it.
pub fn recall_at(good: &[f64], bad: &[f64], false_positives: f64) -> (f64, Estimate) {
    let mut good = good.to_vec();
    good.sort_by(f64::total_cmp);
    let allowed = (false_positives * good.len() as f64).floor() as usize;
    let threshold =
        good.len().checked_sub(allowed + 1).and_then(|at| good.get(at)).copied().unwrap_or(f64::NEG_INFINITY);
    let hits = bad.iter().filter(|score| **score > threshold).count();
    (threshold, misgoal_stats::beta::proportion(hits, bad.len()))
}
