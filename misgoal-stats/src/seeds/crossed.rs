//! Means over seeds and levels, with their two intervals.

use super::{TAIL, Z, gaffke};
use crate::{Estimate, beta, quantile};

/// Variances under this are rounding: outcomes that differ by a thousandth on one level of a hundred thousand have more.
const EQUAL: f64 = 1e-14;

/// A mean over seeds with its two intervals, 90 % each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverSeeds {
    /// These seeds, new levels.
    pub these: Estimate,
    /// The procedure: new seeds, new levels.
    pub procedure: Estimate,
}

/// What a table of outcomes in [0, 1], a row a seed and a column a level, says about their mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossed {
    /// Each seed's mean.
    means: Vec<f64>,
    levels: usize,
    /// Variance of the mean of these seeds over new levels.
    these: f64,
    /// Variance, over new levels, of what a level does to all seeds alike.
    common: f64,
}

impl Crossed {
    /// Seeds that played the same levels; `None` without seeds or levels, or where a seed has another number of levels.
    pub fn shared<R: AsRef<[f64]>>(rows: &[R]) -> Option<Crossed> {
        let rows: Vec<&[f64]> = rows.iter().map(AsRef::as_ref).collect();
        let levels = rows.first()?.len();
        if levels == 0 || rows.iter().any(|row| row.len() != levels) {
            return None;
        }
        let seeds = rows.len() as f64;
        let means: Vec<f64> = rows.iter().map(|row| quantile::mean(row)).collect();
        let grand = quantile::mean(&means);
        let mut columns = vec![0.0; levels];
        for row in &rows {
            columns.iter_mut().zip(*row).for_each(|(column, value)| *column += value);
        }
        columns.iter_mut().for_each(|column| *column /= seeds);
        // The two-way table's mean squares: of levels, and of what seeds and levels leave. With one seed all is the levels'.
        let (many, more) = (levels as f64, (levels as f64 - 1.0).max(1.0));
        let of_levels = seeds * columns.iter().map(|column| (column - grand).powi(2)).sum::<f64>() / more;
        let rest: f64 = rows
            .iter()
            .zip(&means)
            .flat_map(|(row, mean)| {
                row.iter().zip(&columns).map(move |(value, column)| (value - mean - column + grand).powi(2))
            })
            .sum();
        let rest = rest / (more * (seeds - 1.0).max(1.0));
        let per = seeds * many;
        Some(Crossed { levels, these: of_levels / per, common: (of_levels - rest).max(0.0) / per, means })
    }

    /// Seeds that played levels of their own.
    pub fn own<R: AsRef<[f64]>>(rows: &[R]) -> Option<Crossed> {
        let rows: Vec<&[f64]> = rows.iter().map(AsRef::as_ref).collect();
        let levels = rows.iter().map(|row| row.len()).min().filter(|levels| *levels > 0)?;
        let means: Vec<f64> = rows.iter().map(|row| quantile::mean(row)).collect();
        let variance = |(row, mean): (&&[f64], &f64)| {
            let n = row.len() as f64;
            row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0) / n
        };
        let these = rows.iter().zip(&means).map(variance).sum::<f64>() / (means.len() as f64).powi(2);
        // New seeds bring new levels: what a level does is part of how seeds differ.
        Some(Crossed { levels, these, common: 0.0, means })
    }

    /// Both intervals of the mean.
    pub fn over_seeds(&self) -> OverSeeds {
        OverSeeds { these: self.these_seeds(), procedure: self.procedure() }
    }

    /// These seeds, new levels: a Beta distribution with as many trials as would give the mean the variance that it has over levels, plus half a
    /// trial at either end (Jeffreys'). At most four times the number of outcomes; where the levels agree to the last bit, as many as there are levels.
    ///
    /// The limit is for figures that vary little where they are seen, such as attainments of .95 to 1 with a rare 0: what was not seen yet must not
    /// be ruled out.
    pub fn these_seeds(&self) -> Estimate {
        self.effective(TAIL)
    }

    fn effective(&self, tail: f64) -> Estimate {
        let mean = quantile::mean(&self.means);
        let most = 4.0 * (self.means.len() * self.levels) as f64;
        let trials = if self.these > EQUAL { (mean * (1.0 - mean) / self.these).min(most) } else { self.levels as f64 };
        let (a, b) = (mean * trials + 0.5, (1.0 - mean) * trials + 0.5);
        let low = if mean <= EQUAL { 0.0 } else { beta::quantile(tail, a, b).min(mean) };
        let high = if mean >= 1.0 - EQUAL { 1.0 } else { beta::quantile(1.0 - tail, a, b).max(mean) };
        Estimate { value: mean, low, high }
    }

    /// The procedure, new seeds and new levels: [`gaffke`] over the seeds' means, widened by what shared levels do to all seeds alike.
    pub fn procedure(&self) -> Estimate {
        widened(gaffke(&self.means), Z * self.common.sqrt(), Z * self.common.sqrt())
    }

    /// The worst of these seeds, on new levels: each seed's own interval with 5 % shared out among them on either side, of these the least lower
    /// and the least upper end. `None` without seeds.
    pub fn worst(rows: &[impl AsRef<[f64]>]) -> Option<Estimate> {
        let tail = TAIL / rows.len() as f64;
        let one = |row| Some(Crossed::own(std::slice::from_ref(row))?.effective(tail));
        let each: Vec<Estimate> = rows.iter().filter_map(one).collect();
        let least = |of: fn(&Estimate) -> f64| each.iter().map(of).min_by(f64::total_cmp);
        Some(Estimate { value: least(|e| e.value)?, low: least(|e| e.low)?, high: least(|e| e.high)? })
    }
}

/// Both intervals from nothing but each seed's figure with its own interval. How the levels' part is shared between seeds is unknown then: it is
/// taken as the same for all of them, the widest that it can be. Figures that are missing are left out; values outside of [0, 1] are clamped.
pub fn over_summaries(seeds: &[Estimate]) -> OverSeeds {
    let seeds: Vec<&Estimate> = seeds.iter().filter(|seed| !seed.is_missing()).collect();
    if seeds.is_empty() {
        return OverSeeds { these: Estimate::missing(), procedure: Estimate::missing() };
    }
    let mean = |of: fn(&Estimate) -> f64| quantile::mean(&seeds.iter().map(|seed| of(seed).clamp(0.0, 1.0)).collect::<Vec<_>>());
    let these = Estimate { value: mean(|seed| seed.value), low: mean(|seed| seed.low), high: mean(|seed| seed.high) };
    let values: Vec<f64> = seeds.iter().map(|seed| seed.value).collect();
    OverSeeds { these, procedure: widened(gaffke(&values), these.value - these.low, these.high - these.value) }
}

/// An interval whose sides are longer by an independent part.
fn widened(interval: Estimate, below: f64, above: f64) -> Estimate {
    let Estimate { value, low, high } = interval;
    Estimate {
        value,
        low: (value - (value - low).hypot(below)).clamp(0.0, 1.0),
        high: (value + (high - value).hypot(above)).clamp(0.0, 1.0),
    }
}
