//! The exponent of a power law between a setting and a median time, over groups that share it.

use rand_pcg::Pcg64Mcg;

use crate::{Estimate, draw, quantile};

/// One cell of a design: a setting, and how long each of its runs took; infinite where a run did not get there in its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// The setting, above 0.
    pub setting: f64,
    /// A time for each run, above 0.
    pub times: Vec<f64>,
}

/// The exponent `b` of `median time = a_group * setting^b`, by least squares of the medians' logarithms with a factor for each group, and a 90 %
/// interval by the bootstrap: runs are drawn anew within their cell, and everything is fitted again.
///
/// A median is that of the order statistics, so it is finite as long as more than half of the runs got there. Cells without a finite median are left out,
/// which the interval knows nothing of. Missing when no group has two finite medians at distinct settings.
pub fn exponent(groups: &[Vec<Timed>], draws: usize, rng: &mut Pcg64Mcg) -> Estimate {
    let of = |medians: &[Vec<(f64, f64)>]| slope(medians);
    let medians: Vec<Vec<(f64, f64)>> =
        groups.iter().map(|group| group.iter().filter_map(|cell| point(cell.setting, &cell.times)).collect()).collect();
    let value = of(&medians);
    if value.is_nan() {
        return Estimate::missing();
    }
    let mut drawn = Vec::new();
    let mut slopes: Vec<f64> = Vec::with_capacity(draws);
    for _ in 0..draws {
        let mut again = |cell: &Timed| {
            drawn.clear();
            drawn.extend((0..cell.times.len()).filter_map(|_| cell.times.get(draw::below(cell.times.len(), rng))));
            point(cell.setting, &drawn)
        };
        let medians: Vec<Vec<(f64, f64)>> =
            groups.iter().map(|group| group.iter().filter_map(&mut again).collect()).collect();
        slopes.push(of(&medians));
    }
    slopes.retain(|slope| !slope.is_nan());
    Estimate::from_draws_about(value, &slopes)
}

/// The median of times, infinite ones included; not a number when there are none.
pub fn median_time(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    // Interpolation between a finite and an infinite time would be infinite, and between two infinite ones no number.
    match quantile::of_sorted(&sorted, 0.5) {
        middle if middle.is_finite() => middle,
        _ if sorted.is_empty() => f64::NAN,
        _ => f64::INFINITY,
    }
}

/// Logarithms of a setting and its median time, where that is finite.
fn point(setting: f64, times: &[f64]) -> Option<(f64, f64)> {
    let median = median_time(times);
    (setting > 0.0 && median > 0.0 && median.is_finite()).then(|| (setting.ln(), median.ln()))
}

/// The slope that all groups share, each with an intercept of its own; not a number where nothing varies.
fn slope(groups: &[Vec<(f64, f64)>]) -> f64 {
    let (mut across, mut along) = (0.0, 0.0);
    for group in groups.iter().filter(|group| group.len() >= 2) {
        let count = group.len() as f64;
        let (x, y) = group.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
        for point in group {
            across += (point.0 - x) * (point.1 - y);
            along += (point.0 - x).powi(2);
        }
    }
    if along > 0.0 { across / along } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of cells with times spread around `factor * setting^power`.
    fn groups(power: f64, spread: f64, rng: &mut Pcg64Mcg) -> Vec<Vec<Timed>> {
        let cell = |factor: f64, setting: f64, rng: &mut Pcg64Mcg| {
            let time = factor * setting.powf(power);
            let times = (0..64).map(|_| time * (spread * (draw::exponential(rng) - 1.0)).exp()).collect();
            Timed { setting, times }
        };
        let settings = [0.001, 0.01, 0.1];
        [3.0, 50.0].map(|factor| settings.map(|setting| cell(factor, setting, rng)).to_vec()).to_vec()
    }

    #[test]
    fn the_exponent_is_found() {
        let mut rng = Pcg64Mcg::new(3);
        let exact = exponent(&groups(-0.8, 0.0, &mut rng), 50, &mut rng);
        assert!((exact.value + 0.8).abs() < 1e-12 && exact.width() < 1e-12, "{exact:?}");
        let mut covered = 0;
        for _ in 0..100 {
            let found = exponent(&groups(-0.8, 0.7, &mut rng), 200, &mut rng);
            covered += u32::from(found.low <= -0.8 && -0.8 <= found.high);
        }
        // The median of the factor is the same in every cell, so it is part of the group's factor. 90 of 100, within three deviations.
        assert!((80..=99).contains(&covered), "{covered}");
    }

    #[test]
    fn runs_that_never_got_there_count_as_long_ones() {
        assert_eq!(median_time(&[1.0, 3.0, f64::INFINITY]), 3.0);
        assert_eq!(median_time(&[1.0, f64::INFINITY, f64::INFINITY]), f64::INFINITY);
        assert_eq!(median_time(&[1.0, f64::INFINITY]), f64::INFINITY);
        assert!(median_time(&[]).is_nan());
        let cell = |setting, time: f64| Timed { setting, times: vec![time; 5] };
        let group = vec![cell(0.001, f64::INFINITY), cell(0.01, 100.0), cell(0.1, 10.0)];
        let mut rng = Pcg64Mcg::new(4);
        assert!((exponent(std::slice::from_ref(&group), 20, &mut rng).value + 1.0).abs() < 1e-12);
        assert!(exponent(&[group[..2].to_vec()], 20, &mut rng).is_missing());
    }
}
