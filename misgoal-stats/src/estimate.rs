//! A number with its interval.

use std::fmt;

/// A point estimate with an interval, by default one of 90 % (5 % to 95 % quantile) credibility.
///
/// Shown as misgoal shows every number: `0.87 [0.81, 0.91]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The point estimate, a mean unless the field that holds it says otherwise.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// An estimate that has no uncertainty, such as a mean over an enumerated set.
    pub const fn exact(value: f64) -> Self {
        Self { value, low: value, high: value }
    }

    /// Nothing was observed: value and interval are not numbers. Shown as `-`.
    pub const fn missing() -> Self {
        Self { value: f64::NAN, low: f64::NAN, high: f64::NAN }
    }

    /// Whether anything was observed at all.
    pub fn is_missing(&self) -> bool {
        self.value.is_nan()
    }

    /// The mean of `draws` with their 5 % and 95 % quantiles (linear interpolation between order statistics).
    pub fn from_draws(draws: &[f64]) -> Self {
        Self::from_draws_about(crate::quantile::mean(draws), draws)
    }

    /// A given point estimate with the 5 % and 95 % quantiles of `draws`.
    pub fn from_draws_about(value: f64, draws: &[f64]) -> Self {
        let mut sorted = draws.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self { value, low: crate::quantile::of_sorted(&sorted, 0.05), high: crate::quantile::of_sorted(&sorted, 0.95) }
    }

    /// `self - other` for two independent estimates, with an interval made of theirs by the method of variance estimates recovery (Zou and
    /// Donner 2008, Statistics in Medicine 27:1693, equation 1): each side of the difference takes the sides of the two intervals that
    /// point its way, so that shares near 0 or 1 keep their lopsided uncertainty. Missing if either is.
    pub fn minus(&self, other: &Self) -> Self {
        let value = self.value - other.value;
        let low = value - (self.value - self.low).hypot(other.high - other.value);
        let high = value + (self.high - self.value).hypot(other.value - other.low);
        Self { value, low, high }
    }

    /// Width of the interval.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_missing() {
            return f.pad("-");
        }
        let digits = f.precision().unwrap_or(2);
        // Adding zero turns a rounded "-0.00" into "0.00".
        let scale = 10f64.powi(i32::try_from(digits).unwrap_or(2));
        let round = |x: f64| (x * scale).round() / scale + 0.0;
        let (value, low, high) = (round(self.value), round(self.low), round(self.high));
        write!(f, "{value:.digits$} [{low:.digits$}, {high:.digits$}]")
    }
}

#[cfg(test)]
mod tests {
    use super::Estimate;

    #[test]
    fn is_shown_with_its_interval() {
        let estimate = Estimate { value: 0.868, low: 0.8149, high: 0.911 };
        assert_eq!(estimate.to_string(), "0.87 [0.81, 0.91]");
        assert_eq!(format!("{estimate:.1}"), "0.9 [0.8, 0.9]");
        assert_eq!(Estimate::missing().to_string(), "-");
        assert_eq!(Estimate::exact(-0.001).to_string(), "0.00 [0.00, 0.00]");
    }

    /// Shares 56/70 and 48/80 with Wilson's 95 % intervals: Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10, case (a).
    #[test]
    fn a_difference_of_shares_has_the_published_interval() {
        let first = Estimate { value: 0.8, low: 0.69183, high: 0.87695 };
        let second = Estimate { value: 0.6, low: 0.49045, high: 0.70038 };
        assert_eq!(format!("{:.3}", first.minus(&second)), "0.200 [0.052, 0.334]");
        assert!(first.minus(&Estimate::missing()).is_missing());
    }

    #[test]
    fn takes_the_central_ninety_percent_of_draws() {
        let draws: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(Estimate::from_draws(&draws), Estimate { value: 50.0, low: 5.0, high: 95.0 });
    }
}
