//! Blaker's interval for a share.

use crate::{Estimate, beta};

/// How finely the ends are looked for before they are refined.
const STEP: f64 = 1e-4;

/// Blaker's exact interval of 90 % for a share `hits / n` (Blaker 2000, "Confidence curves and improved exact confidence intervals for discrete
/// distributions"): it lies within Clopper and Pearson's and covers at least as often as it says. Its two sides leave out 10 % together, not 5 %
/// each, so it is no source of one-sided statements. Missing when `n` is 0.
pub fn blaker(hits: usize, n: usize) -> Estimate {
    if n == 0 {
        return Estimate::missing();
    }
    let hits = hits.min(n);
    let low = low(hits, n);
    // Fewer failures are more hits: the upper end is the mirrored lower one.
    let high = 1.0 - self::low(n - hits, n);
    Estimate { value: hits as f64 / n as f64, low, high }
}

/// The least share that `hits` of `n` do not speak against.
fn low(hits: usize, n: usize) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let outer = beta::clopper_pearson(hits, n, 0.90).low;
    let observed = hits as f64 / n as f64;
    let accepts = |p: f64| acceptability(hits, n, p) >= 0.10;
    let steps = ((observed - outer) / STEP).ceil() as usize;
    let Some(first) = (0..steps).find(|step| accepts(outer + *step as f64 * STEP)) else { return observed };
    if first == 0 {
        return outer;
    }
    let (mut rejected, mut accepted) = (outer + (first - 1) as f64 * STEP, outer + first as f64 * STEP);
    for _ in 0..30 {
        let middle = 0.5 * (rejected + accepted);
        if accepts(middle) {
            accepted = middle;
        } else {
            rejected = middle;
        }
    }
    accepted
}

/// The smaller of the two tail probabilities of `hits`, plus the largest probability of the other tail that does not exceed it.
fn acceptability(hits: usize, n: usize, p: f64) -> f64 {
    let (up, down) = (at_least(hits, n, p), at_most(hits, n, p));
    // The other tail: how far in can it reach without being the likelier one?
    let from_below = up + tail(n, |k| at_most(k, n, p), up);
    let from_above = down + tail(n, |k| at_least(n - k, n, p), down);
    from_below.min(from_above).min(1.0)
}

/// The largest value up to `limit` that a rising `probability` of 0..=n takes, 0 if none.
fn tail(n: usize, probability: impl Fn(usize) -> f64, limit: f64) -> f64 {
    // Equal up to rounding is equal: at p = 1/2 both tails are the same.
    let fits = |k: usize| probability(k) <= limit * (1.0 + 1e-12);
    let (mut fitting, mut not) = (0, n + 1);
    while fitting < not {
        let middle = (fitting + not) / 2;
        if fits(middle) {
            fitting = middle + 1;
        } else {
            not = middle;
        }
    }
    fitting.checked_sub(1).map_or(0.0, probability)
}

/// P(X >= k), X ~ Binomial(n, p).
fn at_least(k: usize, n: usize, p: f64) -> f64 {
    if k == 0 { 1.0 } else { beta::cdf(p, k as f64, (n - k) as f64 + 1.0) }
}

/// P(X <= k).
fn at_most(k: usize, n: usize, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta::cdf(1.0 - p, (n - k) as f64, k as f64 + 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// To the digits of an independent program; up to three seeds it is `.1^(1/n)`.
    #[test]
    fn all_hits_have_the_known_lower_ends() {
        for (n, expected) in [(2, 0.32), (3, 0.46), (5, 0.61), (10, 0.76), (20, 0.87)] {
            let got = blaker(n, n);
            assert!((got.low - expected).abs() < 0.006 && got.high == 1.0, "{n} of {n}: {got:.4}");
            assert!((blaker(0, n).high - (1.0 - got.low)).abs() < 1e-12);
        }
    }

    /// The sum of binomial probabilities of the outcomes whose interval holds `p`; ends that are `p` itself are found to 1e-13.
    fn coverage(n: usize, p: f64, all: &[Estimate]) -> f64 {
        let probability = |k: usize| at_least(k, n, p) - if k == n { 0.0 } else { at_least(k + 1, n, p) };
        (0..=n).filter(|&k| all[k].low <= p + 1e-9 && p - 1e-9 <= all[k].high).map(probability).sum()
    }

    #[test]
    fn covers_everywhere_and_lies_within_clopper_pearson() {
        for n in [1, 2, 3, 5, 10, 20] {
            let all: Vec<Estimate> = (0..=n).map(|k| blaker(k, n)).collect();
            for (k, got) in all.iter().enumerate() {
                let outer = beta::clopper_pearson(k, n, 0.90);
                assert!(
                    outer.low - 1e-9 <= got.low && got.high <= outer.high + 1e-9,
                    "{k} of {n}: {got:.4} {outer:.4}"
                );
                assert!(got.low <= got.value && got.value <= got.high);
            }
            let worst = (1..1000).map(|i| coverage(n, f64::from(i) / 1000.0, &all)).fold(1.0, f64::min);
            assert!(worst >= 0.9 - 1e-9, "{n}: {worst}");
        }
        assert!(blaker(0, 0).is_missing());
    }
}
