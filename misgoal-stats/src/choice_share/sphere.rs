//! The integral over the shares alone, where everything else is integrated at each.

use std::f64::consts::FRAC_PI_2;

use super::harder::{midpoint, nodes, step, widen};
use super::{ChoicePoint, GOALS, Integral, NEGLIGIBLE, Node, ROUNDS, on_the_sphere};

/// Over the shares of so many goals; `at` gives the log-likelihood of `rows` rows and the point there.
pub(super) fn integrate(goals: usize, rows: f64, at: impl Fn(&[f64; GOALS]) -> (f64, ChoicePoint)) -> Integral {
    let axes = goals - 1;
    let (coarse, fine) = nodes(axes);
    let mut limits = vec![(0.0, FRAC_PI_2); axes];
    let size = |limits: &[(f64, f64)]| limits.iter().map(|(low, high)| (high - low) / FRAC_PI_2).product::<f64>();
    let each = |limits: &[(f64, f64)], count: usize| -> Vec<(Vec<f64>, f64, ChoicePoint)> {
        let one = |number: usize| {
            let angle = |(axis, limits): (usize, &(f64, f64))| {
                midpoint(*limits, number / count.pow(axis as u32) % count, count)
            };
            let angles: Vec<f64> = limits.iter().enumerate().map(angle).collect();
            let (shares, area) = on_the_sphere(&angles);
            let (log, point) = at(&shares);
            (angles, log + area.max(1e-300).ln(), point)
        };
        (0..count.pow(axes as u32)).map(one).collect()
    };
    let highest =
        |found: &[(Vec<f64>, f64, ChoicePoint)]| found.iter().map(|(_, log, _)| *log).fold(f64::NEG_INFINITY, f64::max);
    for _ in 0..ROUNDS {
        let found = each(&limits, coarse);
        // No node may be near the best point: its neighbours fall short of that by at most this, as an angle's information is at most 4 a row.
        let short: f64 = limits.iter().map(|limits| 2.0 * rows * (0.5 * step(*limits, coarse)).powi(2)).sum();
        let least = highest(&found) - NEGLIGIBLE - short;
        let mut kept = vec![(f64::INFINITY, f64::NEG_INFINITY); axes];
        for (angles, ..) in found.iter().filter(|(_, log, _)| *log >= least) {
            kept.iter_mut().zip(angles).for_each(|(limits, angle)| widen(limits, *angle));
        }
        let before = size(&limits);
        for (limits, kept) in limits.iter_mut().zip(kept) {
            let step = step(*limits, coarse);
            *limits = ((kept.0 - step).max(limits.0), (kept.1 + step).min(limits.1));
        }
        if size(&limits) > 0.5 * before {
            break;
        }
    }
    let found = each(&limits, fine);
    let top = highest(&found);
    let cell = size(&limits) / found.len() as f64;
    let node = |(_, log, point): (Vec<f64>, f64, ChoicePoint)| Node { weight: cell * (log - top).exp(), point };
    let nodes = found.into_iter().filter(|(_, log, _)| *log > top - NEGLIGIBLE).map(node).collect();
    Integral { top, nodes }
}
