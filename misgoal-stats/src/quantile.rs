//! Means and quantiles of plain slices.

/// The arithmetic mean; not a number when `values` is empty.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The `q` quantile of ascending `sorted` values, with linear interpolation between order statistics
/// (type 7 of Hyndman and Fan 1996, the default of R and numpy). Not a number when `sorted` is empty.
pub fn of_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = q.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let at = |i: usize| sorted.get(i.min(last)).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(below), at(below + 1));
    let weight = position - below as f64;
    if weight == 0.0 { low } else { low + weight * (high - low) }
}

/// The `q` quantile of unsorted values, as [`of_sorted`].
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    of_sorted(&sorted, q)
}

#[cfg(test)]
mod tests {
    use super::{mean, quantile};

    #[test]
    fn quantiles_interpolate_like_numpy() {
        // numpy.quantile([3, 1, 2, 10], [0, .25, .5, .75, 1])
        let values = [3.0, 1.0, 2.0, 10.0];
        let got: Vec<f64> = [0.0, 0.25, 0.5, 0.75, 1.0].iter().map(|&q| quantile(&values, q)).collect();
        assert_eq!(got, [1.0, 1.75, 2.5, 4.75, 10.0]);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(mean(&values), 4.0);
    }
}
