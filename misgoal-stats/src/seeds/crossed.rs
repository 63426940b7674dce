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
        worst(&each)
    }
}

/// As [`Crossed::worst`], of shares: `(hits, trials)` of each seed, Jeffreys' intervals.
pub fn worst_share(seeds: &[(usize, usize)]) -> Option<Estimate> {
    let level = 1.0 - 2.0 * TAIL / seeds.len() as f64;
    let each: Vec<Estimate> = seeds.iter().map(|&(hits, trials)| beta::proportion_at(hits, trials, level)).collect();
    worst(&each)
}

fn worst(each: &[Estimate]) -> Option<Estimate> {
    let least = |of: fn(&Estimate) -> f64| each.iter().map(of).min_by(f64::total_cmp);
    Some(Estimate { value: least(|e| e.value)?, low: least(|e| e.low)?, high: least(|e| e.high)? })
}

/// Both intervals from nothing but each seed's figure with its own interval. How the levels' part is shared between seeds is unknown then: it is
/// taken as the same for all of them, the widest that it can be. Figures that are missing are left out; values outside of [0, 1] are clamped.
pub fn over_summaries(seeds: &[Estimate]) -> OverSeeds {
    let seeds: Vec<&Estimate> = seeds.iter().filter(|seed| !seed.is_missing()).collect();
    if seeds.is_empty() {
        return OverSeeds { these: Estimate::missing(), procedure: Estimate::missing() };
    }
    let mean = |of: fn(&Estimate) -> f64| {
        quantile::mean(&seeds.iter().map(|seed| of(seed).clamp(0.0, 1.0)).collect::<Vec<_>>())
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    fn shown(rows: &[&[f64]]) -> String {
        let OverSeeds { these, procedure } = Crossed::shared(rows).unwrap().over_seeds();
        format!("{these} {procedure}")
    }

    /// Levels on which these seeds do one thing, as columns: `"110"` is won by the first two of three seeds; the number says how many of the kind.
    fn table(seeds: usize, columns: &[(&str, usize)]) -> Vec<Vec<f64>> {
        let outcomes = |seed: usize| {
            columns.iter().flat_map(move |(column, times)| {
                let won = column.as_bytes().get(seed) == Some(&b'1');
                std::iter::repeat_n(if won { 1.0 } else { 0.0 }, *times)
            })
        };
        (0..seeds).map(|seed| outcomes(seed).collect()).collect()
    }

    fn check(columns: &[(&str, usize)], expected: &str) {
        let rows = table(columns[0].0.len(), columns);
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        assert_eq!(shown(&rows), expected, "{columns:?}");
    }

    #[test]
    fn two_questions_have_two_answers() {
        // Three seeds that win everything: sure of themselves, and three draws of the procedure.
        check(&[("111", 100)], "1.00 [0.98, 1.00] 1.00 [0.37, 1.00]");
        check(&[("000", 100)], "0.00 [0.00, 0.02] 0.00 [0.00, 0.63]");
        // One of two kinds: what these three do is known, the procedure's share is not.
        check(&[("110", 96), ("100", 2), ("010", 2)], "0.65 [0.63, 0.68] 0.65 [0.13, 0.97]");
        // All alike on each level: levels decide, also for new seeds.
        check(&[("11111111", 20), ("00000000", 80)], "0.20 [0.14, 0.27] 0.20 [0.11, 0.46]");
        // One seed: the procedure is open.
        check(&[("1", 60), ("0", 40)], "0.60 [0.52, 0.68] 0.60 [0.02, 0.99]");
    }

    #[test]
    fn intervals_contain_the_mean_and_stay_between_0_and_1() {
        let mut rng = Pcg64Mcg::new(8);
        for (seeds, levels) in [(1, 1), (1, 40), (2, 1), (3, 25), (10, 100)] {
            for shape in [0.05, 0.5, 5.0] {
                let rows: Vec<Vec<f64>> =
                    (0..seeds).map(|_| (0..levels).map(|_| draw::beta(shape, shape, &mut rng)).collect()).collect();
                let shared = Crossed::shared(&rows).unwrap();
                let own = Crossed::own(&rows).unwrap();
                let worst = Crossed::worst(&rows).unwrap();
                for e in [shared.these_seeds(), shared.procedure(), own.these_seeds(), own.procedure(), worst] {
                    assert!(0.0 <= e.low && e.low <= e.value && e.value <= e.high && e.high <= 1.0, "{e:.4}");
                }
                assert!(shared.procedure().width() >= own.procedure().width() - 1e-12);
            }
        }
    }

    #[test]
    fn a_table_must_be_one() {
        assert_eq!(Crossed::shared::<Vec<f64>>(&[]), None);
        assert_eq!(Crossed::shared(&[vec![1.0, 0.0], vec![1.0]]), None);
        assert_eq!(Crossed::shared::<Vec<f64>>(&[vec![], vec![]]), None);
        assert!(Crossed::own(&[vec![1.0, 0.0], vec![1.0]]).is_some());
    }

    #[test]
    fn the_worst_of_three_seeds_is_less_sure_than_one_seed() {
        let row = |won: usize| (0..50).map(|i| f64::from(i < won)).collect::<Vec<f64>>();
        let worst = Crossed::worst(&[row(50), row(45), row(47)]).unwrap();
        assert_eq!(worst.to_string(), "0.90 [0.78, 0.96]");
        assert_eq!(worst_share(&[(50, 50), (45, 50), (47, 50)]).unwrap().to_string(), "0.90 [0.78, 0.96]");
        assert_eq!(Crossed::worst(&[row(45)]).unwrap().to_string(), "0.90 [0.81, 0.95]");
    }

    /// Without outcomes the two intervals come from the seeds' own; they are no narrower than what the outcomes of like seeds say.
    #[test]
    fn summaries_are_enough_for_cautious_intervals() {
        let one = |value: f64| Estimate { value, low: value - 0.1, high: value + 0.05 };
        let OverSeeds { these, procedure } = over_summaries(&[one(0.5), Estimate::missing(), one(0.7)]);
        assert_eq!(format!("{these} {procedure}"), "0.60 [0.50, 0.65] 0.60 [0.12, 0.92]");
        assert!(over_summaries(&[Estimate::missing()]).these.is_missing());
    }

    /// The experiment's small version (`examples/seeds.rs`): seeds of two kinds, one of them rare, are covered.
    #[test]
    fn the_procedure_is_covered_where_one_kind_of_seed_is_rare() {
        let mut rng = Pcg64Mcg::new(9);
        for (seeds, least) in [(2, 0.93), (3, 0.93), (5, 0.93), (10, 0.93)] {
            let (mut these, mut procedure) = (0, 0);
            let runs = 400;
            for _ in 0..runs {
                let natures: Vec<f64> =
                    (0..seeds).map(|_| if draw::uniform(&mut rng) < 0.9 { 0.97 } else { 0.10 }).collect();
                let rows: Vec<Vec<f64>> = natures
                    .iter()
                    .map(|p| (0..60).map(|_| f64::from(draw::uniform(&mut rng) < *p)).collect())
                    .collect();
                let both = Crossed::shared(&rows).unwrap().over_seeds();
                let covers = |e: &Estimate, truth: f64| usize::from(e.low <= truth && truth <= e.high);
                these += covers(&both.these, quantile::mean(&natures));
                procedure += covers(&both.procedure, 0.9 * 0.97 + 0.1 * 0.10);
            }
            let share = |count: usize| count as f64 / f64::from(runs);
            assert!(share(procedure) >= least, "{seeds} seeds: the procedure {}", share(procedure));
            assert!((0.84..=0.97).contains(&share(these)), "{seeds} seeds: these {}", share(these));
        }
    }
}
