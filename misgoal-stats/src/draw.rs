//! Random draws from the distributions that the estimators need.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;

/// Uniform on the open interval (0, 1), with 53 bits.
pub fn uniform(rng: &mut Pcg64Mcg) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
}

/// Uniform on `0..n`; 0 when `n` is 0. Lemire's multiply-and-shift; its bias is under n / 2^64.
pub fn below(n: usize, rng: &mut Pcg64Mcg) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// Exponential with mean 1.
pub fn exponential(rng: &mut Pcg64Mcg) -> f64 {
    -uniform(rng).ln()
}

/// Standard normal, by Marsaglia's polar method; the second of each pair is not kept, so that a draw depends on nothing
/// but the generator.
pub fn normal(rng: &mut Pcg64Mcg) -> f64 {
    loop {
        let (x, y) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let s = x * x + y * y;
        if s > 0.0 && s < 1.0 {
            return x * (-2.0 * s.ln() / s).sqrt();
        }
    }
}

/// Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000), any shape above 0.
pub fn gamma(shape: f64, rng: &mut Pcg64Mcg) -> f64 {
    if shape < 1.0 {
        return gamma(shape + 1.0, rng) * uniform(rng).powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && uniform(rng).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

/// Beta(a, b).
pub fn beta(a: f64, b: f64, rng: &mut Pcg64Mcg) -> f64 {
    let x = gamma(a, rng);
    x / (x + gamma(b, rng))
}

/// Dirichlet with the given concentrations, written to `weights` (the shorter length counts).
pub fn dirichlet(concentration: &[f64], weights: &mut [f64], rng: &mut Pcg64Mcg) {
    let mut sum = 0.0;
    for (weight, &shape) in weights.iter_mut().zip(concentration) {
        *weight = gamma(shape, rng);
        sum += *weight;
    }
    weights.iter_mut().for_each(|weight| *weight /= sum);
}

/// An index drawn with probability proportional to `weights`; the last index of positive weight at rounding.
pub fn categorical(weights: &[f64], rng: &mut Pcg64Mcg) -> usize {
    let mut rest = uniform(rng) * weights.iter().sum::<f64>();
    let mut last = 0;
    for (index, &weight) in weights.iter().enumerate() {
        if weight > 0.0 {
            last = index;
            rest -= weight;
            if rest < 0.0 {
                break;
            }
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut(&mut Pcg64Mcg) -> f64) -> (f64, f64) {
        let mut rng = Pcg64Mcg::new(7);
        let draws: Vec<f64> = (0..40_000).map(|_| draw(&mut rng)).collect();
        let mean = crate::quantile::mean(&draws);
        (mean, draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws.len() as f64)
    }

    #[test]
    fn the_generator_is_the_pinned_one() {
        let mut rng = Pcg64Mcg::new(42);
        // First outputs of the reference implementation's `pcg64_fast` (also in rand_pcg's own tests).
        assert_eq!([rng.next_u64(), rng.next_u64()], [0x63b4_a3a8_13ce_700a, 0x3829_5420_0617_ab24]);
    }

    #[test]
    fn moments_agree_with_theory() {
        let check = |name: &str, (mean, variance): (f64, f64), (m, v): (f64, f64)| {
            assert!((mean - m).abs() < 5.0 * (v / 40_000.0).sqrt(), "{name}: mean {mean}, not {m}");
            assert!((variance / v - 1.0).abs() < 0.06, "{name}: variance {variance}, not {v}");
        };
        check("uniform", moments(uniform), (0.5, 1.0 / 12.0));
        check("exponential", moments(exponential), (1.0, 1.0));
        check("normal", moments(normal), (0.0, 1.0));
        for shape in [0.5, 1.0, 7.5] {
            check("gamma", moments(|rng| gamma(shape, rng)), (shape, shape));
        }
        check("beta", moments(|rng| beta(2.0, 6.0, rng)), (0.25, 12.0 / (64.0 * 9.0)));
        check("below", moments(|rng| below(4, rng) as f64), (1.5, 1.25));
        check("categorical", moments(|rng| categorical(&[1.0, 0.0, 3.0], rng) as f64), (1.5, 0.75));
    }

    #[test]
    fn dirichlet_weights_sum_to_one() {
        let mut weights = [0.0; 3];
        dirichlet(&[0.5, 1.0, 20.0], &mut weights, &mut Pcg64Mcg::new(3));
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(weights[2] > 0.5);
    }
}
