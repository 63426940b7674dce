//! What is known of the mean of a population in [0, 1] from a sample of it, without a random draw.

use std::f64::consts::PI;

use crate::{Estimate, beta};

/// Step of the integration in the logarithm of the frequency: the error is under 1e-6.
const STEP: f64 = 0.15;
/// Where the integration begins, in units of the inverse spread; what lies below is summed in closed form.
const FIRST: f64 = 0.003;
/// Magnitude of the characteristic function at which the integration ends.
const NEGLIGIBLE: f64 = 1e-10;
/// Angle of the ray of integration with the axis: small enough that a normal distribution's integrand dies away along it too.
const TURN: f64 = PI / 8.0;
/// Standard deviations from which a mean is far away.
const FAR: f64 = 4.0;
/// Panels that the second mean's distribution is cut into, where two are compared.
const PANELS: usize = 24;

/// The Bayesian bootstrap (Rubin 1981) of the mean of values in [0, 1], with half an observation added at each end of the range: weights
/// Dirichlet(1, .., 1, 1/2, 1/2). For values that are all 0 or 1 this is exactly the posterior of a share under Jeffreys' prior, and twenty equal values
/// do not collapse to a point.
///
/// Its distribution function is `P(sum of gamma-distributed weights times (value - x) < 0)`, which the characteristic function gives (Gil-Pelaez 1951): a
/// probability that decides something must not depend on draws.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitMean {
    /// Distinct values and how often each occurs.
    values: Vec<(f64, u32)>,
    mean: f64,
    /// Mean and standard deviation of the distribution.
    centre: f64,
    spread: f64,
    /// Of values that are all 0 or 1: the Beta distribution that it is.
    beta: Option<(f64, f64)>,
}

impl UnitMean {
    /// From a sample, each value between 0 and 1; without any this is the prior, Beta(1/2, 1/2).
    pub fn new(sample: &[f64]) -> Self {
        let mut sorted: Vec<f64> = sample.iter().map(|value| value.clamp(0.0, 1.0)).collect();
        sorted.sort_by(f64::total_cmp);
        let mut values: Vec<(f64, u32)> = Vec::new();
        for value in sorted {
            match values.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => values.push((value, 1)),
            }
        }
        let total = sample.len() as f64 + 1.0;
        let sum = |of: &dyn Fn(f64) -> f64| {
            let observed: f64 = values.iter().map(|(value, count)| f64::from(*count) * of(*value)).sum();
            observed + 0.5 * (of(0.0) + of(1.0))
        };
        let centre = sum(&|value| value) / total;
        let variance = sum(&|value| (value - centre).powi(2)) / total / (total + 1.0);
        let count_of = |wanted: f64| -> f64 {
            values.iter().filter(|(value, _)| *value == wanted).map(|(_, count)| f64::from(*count)).sum()
        };
        let (zeros, ones) = (count_of(0.0), count_of(1.0));
        let all_or_nothing = zeros + ones == sample.len() as f64;
        let beta = all_or_nothing.then_some((ones + 0.5, zeros + 0.5));
        Self { mean: crate::quantile::mean(sample), centre, spread: variance.sqrt(), beta, values }
    }

    /// Posterior mean of the population's mean.
    pub fn centre(&self) -> f64 {
        self.centre
    }

    /// Posterior variance of the population's mean.
    pub fn variance(&self) -> f64 {
        self.spread * self.spread
    }

    /// P(the population's mean is above `limit`).
    pub fn above(&self, limit: f64) -> f64 {
        if limit <= 0.0 {
            return 1.0;
        }
        if limit >= 1.0 {
            return 0.0;
        }
        if let Some((a, b)) = self.beta {
            return 1.0 - beta::cdf(limit, a, b);
        }
        let (zero, one) = (-limit, 1.0 - limit);
        let parts = || self.values.iter().map(|(value, count)| (value - limit, *count));
        let cumulant = |power: i32| -> f64 {
            let observed: f64 = parts().map(|(a, count)| f64::from(count) * a.powi(power)).sum();
            observed + 0.5 * (zero.powi(power) + one.powi(power))
        };
        let (first, second) = (cumulant(1), cumulant(2));
        // Many small values on one side of the limit make the integrand turn round and round, and so does a mean far away from it; along a ray on the
        // right side of the axis it dies away.
        let side = if first.abs() > FAR * second.sqrt() { first } else { -cumulant(3) };
        let turn = if side > 0.0 { TURN } else { -TURN };
        let (sin, cos) = turn.sin_cos();
        let mut t = FIRST / second.sqrt();
        // The sum over all smaller frequencies, of the first two terms there.
        let mut sum = first * t * cos / STEP.exp_m1()
            - 0.5 * (second + first * first) * t * t * (2.0 * turn).sin() / (2.0 * STEP).exp_m1();
        let growth = STEP.exp();
        loop {
            // The characteristic function is one over this product. The ends' factors turn against one another, so that the root of both together is that of either.
            let factor = |a: f64| Complex { real: 1.0 + t * a * sin, imaginary: -t * a * cos };
            let mut product = factor(zero).times(factor(one)).sqrt();
            for (a, count) in parts() {
                product = product.times(factor(a).power(count));
            }
            let square = product.square();
            // An overflow ends the loop too.
            if square.is_nan() || square >= 1.0 / (NEGLIGIBLE * NEGLIGIBLE) {
                break;
            }
            sum -= product.imaginary / square;
            t *= growth;
        }
        (0.5 + (turn + STEP * sum) / PI).clamp(0.0, 1.0)
    }

    /// The `p` quantile, to 1e-7.
    pub fn quantile(&self, p: f64) -> f64 {
        crossing((0.0, 1.0), p, 1e-7, |x| 1.0 - self.above(x))
    }

    /// The sample's mean with the central 90 % interval, which is made to contain it; missing without a sample.
    pub fn estimate(&self) -> Estimate {
        if self.values.is_empty() {
            return Estimate::missing();
        }
        Estimate { value: self.mean, low: self.quantile(0.05).min(self.mean), high: self.quantile(0.95).max(self.mean) }
    }

    /// This population's mean less the other's, about an observed difference, with the central 90 % interval to 1e-5.
    pub fn minus(&self, other: &UnitMean, observed: f64) -> Estimate {
        let (middle, reach) = (self.centre - other.centre, 9.0 * self.spread.hypot(other.spread));
        let bracket = ((middle - reach).max(-1.0), (middle + reach).min(1.0));
        let panels = other.panels();
        let quantile = |p: f64| crossing(bracket, p, 1e-5, |x| 1.0 - self.exceeds_in(&panels, x));
        Estimate { value: observed, low: quantile(0.05).min(observed), high: quantile(0.95).max(observed) }
    }

    /// P(this population's mean is above the other's by more than `limit`), the two samples being independent.
    pub fn exceeds(&self, other: &UnitMean, limit: f64) -> f64 {
        self.exceeds_in(&other.panels(), limit)
    }

    /// The distribution, cut into panels of one width. What lies outside of the reach is added to the first and the last one.
    fn panels(&self) -> Panels {
        let reach = 7.0 * self.spread;
        let (from, to) = ((self.centre - reach).max(0.0), (self.centre + reach).min(1.0));
        let width = (to - from) / PANELS as f64;
        let mut beyond = [0.0; PANELS + 1];
        for (end, beyond) in beyond.iter_mut().enumerate() {
            *beyond = match end {
                0 => 1.0,
                PANELS => 0.0,
                _ => self.above(from + width * end as f64),
            };
        }
        Panels { from, width, beyond }
    }

    fn exceeds_in(&self, other: &Panels, limit: f64) -> f64 {
        let at = |half: usize| other.from + 0.5 * other.width * half as f64;
        let (mut sum, mut left) = (0.0, self.above(at(0) + limit));
        for (panel, (here, next)) in other.beyond.iter().zip(other.beyond.iter().skip(1)).enumerate() {
            let middle = self.above(at(2 * panel + 1) + limit);
            let right = self.above(at(2 * panel + 2) + limit);
            // The weights with which the error is of the panel width's fourth power.
            sum += (here - next) * (4.0 * middle - 0.5 * (left + right)) / 3.0;
            left = right;
        }
        sum.clamp(0.0, 1.0)
    }
}

/// A distribution cut into panels.
struct Panels {
    from: f64,
    width: f64,
    /// Probability of what lies beyond each panel's left end, and beyond the last one's right end.
    beyond: [f64; PANELS + 1],
}

/// Where a distribution function, which is 0 at the left end of the bracket and 1 at the right one, reaches `p`.
fn crossing((mut low, mut high): (f64, f64), p: f64, tolerance: f64, function: impl Fn(f64) -> f64) -> f64 {
    // What the function is short of p at the ends of the bracket, for regula falsi; every third step halves the bracket.
    let (mut at_low, mut at_high) = (-p, 1.0 - p);
    let mut step = 0;
    while high - low > tolerance && step < 200 {
        step += 1;
        let middle = if step % 3 == 0 { 0.5 * (low + high) } else { low + (high - low) * -at_low / (at_high - at_low) };
        // A step onto the bracket's own end would change nothing.
        let middle = middle.clamp(low + 0.01 * (high - low), high - 0.01 * (high - low));
        let at = function(middle) - p;
        if at < 0.0 {
            (low, at_low) = (middle, at);
        } else {
            (high, at_high) = (middle, at);
        }
    }
    0.5 * (low + high)
}

/// As much of the complex numbers as is needed.
#[derive(Clone, Copy)]
struct Complex {
    real: f64,
    imaginary: f64,
}

impl Complex {
    fn times(self, other: Self) -> Self {
        Self {
            real: self.real * other.real - self.imaginary * other.imaginary,
            imaginary: self.real * other.imaginary + self.imaginary * other.real,
        }
    }

    fn power(self, mut exponent: u32) -> Self {
        if exponent == 1 {
            return self;
        }
        let (mut base, mut product) = (self, Self { real: 1.0, imaginary: 0.0 });
        while exponent > 0 {
            if exponent & 1 == 1 {
                product = product.times(base);
            }
            base = base.times(base);
            exponent >>= 1;
        }
        product
    }

    /// The magnitude's square.
    fn square(self) -> f64 {
        self.real * self.real + self.imaginary * self.imaginary
    }

    /// The root with a positive real part.
    fn sqrt(self) -> Self {
        let real = (0.5 * (self.square().sqrt() + self.real)).sqrt();
        Self { real, imaginary: 0.5 * self.imaginary / real }
    }
}

#[cfg(test)]
mod tests {
    use super::UnitMean;
    use crate::{Estimate, beta, bootstrap, quantile};
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn of_zeros_and_ones_it_is_jeffreys_posterior() {
        for (hits, n) in [
            (0, 0),
            (0, 1),
            (1, 1),
            (3, 10),
            (20, 20),
            (1, 1000),
            (0, 300),
            (3, 100_000),
            (650, 1000),
            (40_000, 100_000),
        ] {
            let sample: Vec<f64> = (0..n).map(|index| f64::from(u8::from(index < hits))).collect();
            let mean = UnitMean::new(&sample);
            let (a, b) = (hits as f64 + 0.5, (n - hits) as f64 + 0.5);
            for p in [1e-5, 0.001, 0.05, 0.5, 0.95, 0.999_99] {
                let x = beta::quantile(p, a, b);
                assert!((mean.above(x) - (1.0 - p)).abs() < 1e-6, "{hits} of {n}, {p}: {}", mean.above(x));
                let tolerance = if (0.01..0.99).contains(&p) { 1e-5 } else { 0.01 };
                assert!((mean.quantile(p) - x).abs() < tolerance, "{hits} of {n}, {p}: {}", mean.quantile(p));
            }
        }
        assert_eq!((UnitMean::new(&[0.4]).above(0.0), UnitMean::new(&[0.4]).above(1.0)), (1.0, 0.0));
    }

    #[test]
    fn the_characteristic_function_gives_the_beta_distribution() {
        let values = |hits: usize, n: usize| -> Vec<f64> { (0..n).map(|at| f64::from(u8::from(at < hits))).collect() };
        for (hits, n) in [(0, 0), (3, 10), (20, 20), (371, 1000)] {
            let known = UnitMean::new(&values(hits, n));
            let computed = UnitMean { beta: None, ..known.clone() };
            for limit in [0.01, 0.1, 0.36, 0.5, 0.9, 0.99] {
                let (known, computed) = (known.above(limit), computed.above(limit));
                assert!((known - computed).abs() < 1e-6, "{hits} of {n} above {limit}: {known} {computed}");
            }
        }
    }

    #[test]
    fn differences_are_those_of_independent_means() {
        let values = |hits: usize, n: usize| -> Vec<f64> { (0..n).map(|at| f64::from(u8::from(at < hits))).collect() };
        let (a, b) = (UnitMean::new(&values(40, 100)), UnitMean::new(&values(20, 100)));
        // The normal approximation: .2 with deviation sqrt(.24/100 + .16/100).
        let Estimate { value, low, high } = a.minus(&b, 0.2);
        assert!(value == 0.2 && (low - 0.096).abs() < 0.005 && (high - 0.304).abs() < 0.005, "{low} {high}");
        assert!((a.exceeds(&b, 0.2) - 0.5).abs() < 0.02 && a.exceeds(&b, 1.0) < 1e-9);
        assert!((a.exceeds(&b, low) - 0.95).abs() < 1e-3 && (a.exceeds(&b, high) - 0.05).abs() < 1e-3);
    }

    #[test]
    fn of_other_values_it_is_what_draws_approach() {
        let mut rng = Pcg64Mcg::new(3);
        let shift: Vec<f64> = (0..40).map(|i| (0.37 * f64::from(i)).fract()).collect();
        let base: Vec<f64> = (0..25).map(|i| if i % 5 == 0 { 0.3 } else { 0.05 }).collect();
        let (a, b) = (UnitMean::new(&shift), UnitMean::new(&base));
        let draws = 200_000;
        let of_a = bootstrap::unit_mean_draws(&shift, draws, &mut rng);
        let of_b = bootstrap::unit_mean_draws(&base, draws, &mut rng);
        for limit in [0.4, 0.5, 0.55] {
            let share = of_a.iter().filter(|mean| **mean > limit).count() as f64 / draws as f64;
            assert!((a.above(limit) - share).abs() < 0.005, "{limit}: {} against {share}", a.above(limit));
        }
        assert!((a.quantile(0.05) - quantile::quantile(&of_a, 0.05)).abs() < 0.002);
        for limit in [0.2, 0.3, 0.35, 0.45] {
            let over = of_a.iter().zip(&of_b).filter(|(a, b)| *a - *b > limit).count() as f64 / draws as f64;
            assert!((a.exceeds(&b, limit) - over).abs() < 0.005, "{limit}: {} against {over}", a.exceeds(&b, limit));
        }
        // Against a sure zero it is the one sample's own distribution.
        let zero = UnitMean::new(&vec![0.0; 1_000_000]);
        assert!((a.exceeds(&zero, 0.45) - a.above(0.45)).abs() < 1e-4);
    }
}
