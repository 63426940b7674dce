//! The standard normal distribution.

use std::f64::consts::{PI, SQRT_2};

use crate::gamma::upper_gamma;

/// Beyond this both tails are under 1e-19.
const FAR: f64 = 9.0;
/// A step of a quantile that is no more than this is rounding.
const PRECISE: f64 = 1e-14;

/// The density at `x`.
pub fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// P(X <= x), by the rational approximations of Hart (1968) as West gives them (2005, Better approximations to cumulative normal functions);
/// absolute error under 1e-15.
pub fn cdf(x: f64) -> f64 {
    let size = x.abs();
    if size > FAR {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let tail = if size < 5.0 * SQRT_2 {
        let above = horner(
            size,
            &[
                0.035_262_496_599_891_1,
                0.700_383_064_443_688,
                6.373_962_203_531_65,
                33.912_866_078_383,
                112.079_291_497_871,
                221.213_596_169_931,
                220.206_867_912_376,
            ],
        );
        let below = horner(
            size,
            &[
                0.088_388_347_648_318_4,
                1.755_667_163_182_64,
                16.064_177_579_207,
                86.780_732_202_946_1,
                296.564_248_779_674,
                637.333_633_378_831,
                793.826_512_519_948,
                440.413_735_824_752,
            ],
        );
        (-0.5 * size * size).exp() * above / below
    } else {
        0.5 * upper_gamma(0.5, 0.5 * size * size)
    };
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The `p` quantile, to double precision; infinite for 0 and 1.
pub fn quantile(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return if p <= 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if p > 0.5 {
        return -quantile(1.0 - p);
    }
    // Below the middle the distribution function is convex, so that Newton's steps from there come down to the quantile and never pass it.
    let mut x = 0.0;
    while x > -FAR {
        let next = x - (cdf(x) - p) / density(x);
        if x - next <= PRECISE {
            break;
        }
        x = next;
    }
    x.max(-FAR)
}

fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// P(a sum of independent terms is positive), from its first three cumulants: the normal distribution with a correction for skewness (Edgeworth).
pub(crate) fn sum_is_positive([mean, variance, third]: [f64; 3]) -> f64 {
    let x = -mean / variance.sqrt();
    let skew = third / (6.0 * variance * variance.sqrt());
    (1.0 - cdf(x) + density(x) * skew * (x * x - 1.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::{cdf, density};

    #[test]
    fn agrees_with_published_values() {
        let check = |x: f64, expected: f64| assert!((cdf(x) - expected).abs() < 1e-14, "{x}: {}", cdf(x));
        check(0.0, 0.5);
        check(1.644_853_626_951_472_2, 0.95);
        check(-1.959_963_984_540_054, 0.025);
        // R: pnorm(-7.5), pnorm(3)
        check(-7.5, 3.190_891_672_910_896e-14);
        check(3.0, 0.998_650_101_968_369_9);
        check(-40.0, 0.0);
        assert!((super::quantile(0.95) - 1.644_853_626_951_472_2).abs() < 1e-12);
        for p in [1e-18, 1e-9, 0.001, 0.3, 0.5, 0.7, 0.999, 1.0 - 1e-9] {
            assert!((cdf(super::quantile(p)) / p - 1.0).abs() < 1e-12, "{p}: {}", super::quantile(p));
        }
        assert!((density(1.0) - 0.241_970_724_519_143_37).abs() < 1e-15);
    }
}
