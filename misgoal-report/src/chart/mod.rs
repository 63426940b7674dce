//! The charts: one file each, all drawn at phone width so that their text stays readable there; the page sets them side by side.

pub mod along;
pub mod curves;
pub mod evidence;
pub mod heat;
pub mod ledger;
pub mod level;
pub mod range;
pub mod splay;
pub mod sweep;

use crate::svg::{El, label, line};
use crate::words;

/// Units across of every chart; a unit is about a pixel on a phone.
pub const WIDTH: f64 = 360.0;

/// A straight map from values to units.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    low: f64,
    per: f64,
    from: f64,
}

impl Linear {
    /// Maps `low..high` to `from..to`; an empty range maps to `from`.
    pub fn new(low: f64, high: f64, from: f64, to: f64) -> Linear {
        let span = high - low;
        Linear { low, per: if span > 0.0 && span.is_finite() { (to - from) / span } else { 0.0 }, from }
    }
    /// The position of a value.
    pub fn at(self, value: f64) -> f64 {
        self.from + (value - self.low) * self.per
    }
}

/// About `wanted` round values from `low` to `high`, both ends included when round.
pub fn ticks(low: f64, high: f64, wanted: u32) -> Vec<f64> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) || wanted == 0 {
        return vec![low];
    }
    let rough = span / f64::from(wanted);
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough * 0.999).unwrap_or(rough);
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    let count = (last - first).clamp(0.0, 50.0) as u32;
    (0..=count).map(|i| (first + f64::from(i)) * step).collect()
}

/// As [`ticks`], whole numbers only: steps have no halves.
pub fn whole_ticks(low: f64, high: f64, wanted: u32) -> Vec<f64> {
    ticks(low, high, wanted).into_iter().filter(|tick| (tick - tick.round()).abs() < 1e-9).collect()
}

/// Writes a tick of these.
pub fn tick_words(values: &[f64]) -> impl Fn(f64) -> String + use<> {
    let step = values.iter().zip(values.iter().skip(1)).map(|(a, b)| b - a).next().unwrap_or(1.0);
    move |value| words::tick(value, step)
}

/// The smallest and largest finite value.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((v.min(low), v.max(high))),
    })
}

/// Horizontal grid lines with their values at the left of `x0`.
pub fn rows(scale: Linear, values: &[f64], x0: f64, x1: f64, text: impl Fn(f64) -> String) -> Vec<El> {
    values
        .iter()
        .flat_map(|value| {
            let y = scale.at(*value);
            [line(x0, y, x1, y, "guide"), label(x0 - 5.0, y + 3.5, "tick end", text(*value))]
        })
        .collect()
}

/// Values under the horizontal axis at height `y`.
pub fn columns(scale: Linear, values: &[f64], y: f64, text: impl Fn(f64) -> String) -> Vec<El> {
    values.iter().map(|value| label(scale.at(*value), y + 14.0, "tick mid", text(*value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 1.0, 4), [0.0, 0.5, 1.0]);
        assert_eq!(ticks(0.0, 2e6, 4), [0.0, 5e5, 1e6, 1.5e6, 2e6]);
        assert_eq!(ticks(-3.0, 12.0, 3), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(1.0, 1.0, 3), [1.0]);
        assert_eq!(whole_ticks(1.0, 2.0, 5), [1.0, 2.0]);
        assert_eq!(ticks(0.0, f64::NAN, 3), [0.0]);
    }

    #[test]
    fn a_scale_maps_its_ends() {
        let scale = Linear::new(0.0, 4.0, 100.0, 20.0);
        assert_eq!([scale.at(0.0), scale.at(4.0), scale.at(1.0)], [100.0, 20.0, 80.0]);
        assert_eq!(Linear::new(1.0, 1.0, 5.0, 9.0).at(7.0), 5.0);
    }
}
