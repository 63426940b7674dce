//! The Beta distribution: distribution function, quantiles, and proportions with Jeffreys' prior.

use crate::Estimate;
use crate::gamma::ln_gamma;

/// P(X <= x) for X ~ Beta(a, b): the regularised incomplete beta function, by Lentz's continued fraction
/// (Press et al., Numerical Recipes, section 6.4).
pub fn cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    // The fraction converges fast below the mean; above it, use the symmetry of the function.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

/// The `p` quantile of Beta(a, b), by bisection to double precision.
pub fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if cdf(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// A share `hits / n` with the central 90 % interval of its posterior under Jeffreys' prior Beta(1/2, 1/2).
///
/// The interval is extended to 0 (1) when no (every) trial hit, as Brown, Cai and DasGupta 2001 advise, so that it
/// always contains the observed share. Missing when `n` is 0.
pub fn proportion(hits: usize, n: usize) -> Estimate {
    proportion_at(hits, n, 0.90)
}

/// As [`proportion`], with a central interval of probability `level`.
pub fn proportion_at(hits: usize, n: usize, level: f64) -> Estimate {
    if n == 0 {
        return Estimate::missing();
    }
    let (a, b) = (hits as f64 + 0.5, (n - hits.min(n)) as f64 + 0.5);
    let tail = 0.5 * (1.0 - level);
    let low = if hits == 0 { 0.0 } else { quantile(tail, a, b) };
    let high = if hits >= n { 1.0 } else { quantile(1.0 - tail, a, b) };
    Estimate { value: hits as f64 / n as f64, low, high }
}

/// Clopper and Pearson's exact interval of a share, with coverage at least `level`. Missing when `n` is 0.
pub fn clopper_pearson(hits: usize, n: usize, level: f64) -> Estimate {
    if n == 0 {
        return Estimate::missing();
    }
    let tail = 0.5 * (1.0 - level);
    let (k, rest) = (hits as f64, (n - hits.min(n)) as f64);
    let low = if hits == 0 { 0.0 } else { quantile(tail, k, rest + 1.0) };
    let high = if hits >= n { 1.0 } else { quantile(1.0 - tail, k + 1.0, rest) };
    Estimate { value: k / n as f64, low, high }
}

#[cfg(test)]
mod tests {
    use super::{cdf, clopper_pearson, proportion, proportion_at, quantile};

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() < 1e-9, "{got} is not {expected}");
    }

    #[test]
    fn distribution_function_agrees_with_closed_forms() {
        close(cdf(0.3, 1.0, 1.0), 0.3);
        close(cdf(0.3, 2.0, 1.0), 0.09);
        close(cdf(0.3, 1.0, 3.0), 1.0 - 0.7f64.powi(3));
        // Arcsine law: Beta(1/2, 1/2).
        close(cdf(0.2, 0.5, 0.5), 2.0 / std::f64::consts::PI * 0.2f64.sqrt().asin());
        // Binomial tail: P(Bin(10, .4) >= 3) = I_.4(3, 8).
        close(cdf(0.4, 3.0, 8.0), 0.832_710_246_4);
        // scipy.stats.beta.cdf
        close(cdf(0.85, 36.5, 2.5), 0.033_410_612_774_793_92);
        close(cdf(0.03, 0.5, 40.5), 0.882_628_668_302_444_5);
        close(cdf(0.99, 200.5, 1.5), 0.257_688_121_517_612_3);
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for (a, b) in [(0.5, 0.5), (0.5, 40.5), (3.0, 8.0), (200.5, 1.5)] {
            for p in [0.05, 0.5, 0.95] {
                close(cdf(quantile(p, a, b), a, b), p);
            }
        }
    }

    #[test]
    fn intervals_match_published_values() {
        // Clopper-Pearson for 0 and 5 of 20 at 95 %: the rule of three's exact form, and R's binom.test(5, 20).
        close(clopper_pearson(0, 20, 0.95).high, 1.0 - 0.025f64.powf(1.0 / 20.0));
        let five = clopper_pearson(5, 20, 0.95);
        assert!((five.low - 0.086_571).abs() < 1e-6 && (five.high - 0.491_046).abs() < 1e-6, "{five:.6}");
        // Jeffreys 95 % for 1 of 10 (Brown, Cai and DasGupta 2001, table 5): [.011, .381].
        let one = proportion_at(1, 10, 0.95);
        assert_eq!(format!("{one:.3}"), "0.100 [0.011, 0.381]");
        assert_eq!(proportion(0, 20).low, 0.0);
        assert_eq!(proportion(20, 20).high, 1.0);
        assert!(proportion(0, 0).is_missing());
    }
}
