//! Means over seeds: from outcomes on the levels that the seeds share, or from the seeds' figures.

use misgoal_stats::Estimate;
use misgoal_stats::seeds::{Crossed, OverSeeds, over_summaries};

use crate::record::{
    ByLevelRecord, CeilingRecord, ExcessOver, Interval, LedgerOverSeeds, LedgerRecord, NamedInterval, NamedOverSeeds,
    OverSeedsInterval, ShiftRecord, Span,
};

/// From this attainment on a goal counts as attained.
const ATTAINED: f64 = 0.5;

/// A mean over seeds from nothing but their figures.
pub(crate) fn summarised(figures: impl Iterator<Item = Interval>) -> OverSeedsInterval {
    over_summaries(&figures.map(Estimate::from).collect::<Vec<_>>()).into()
}

/// A mean over seeds from their outcomes on the levels that they share, where these are known, else from the seeds' figures. What one seed says of itself is its
/// own figure.
pub(crate) fn line(
    records: &[&ShiftRecord],
    figure: impl Fn(&ShiftRecord) -> Option<Interval>,
    outcomes: impl Fn(&ByLevelRecord) -> Option<Vec<f64>>,
) -> OverSeedsInterval {
    crossed(records, figure, outcomes).into()
}

fn crossed(
    records: &[&ShiftRecord],
    figure: impl Fn(&ShiftRecord) -> Option<Interval>,
    outcomes: impl Fn(&ByLevelRecord) -> Option<Vec<f64>>,
) -> OverSeeds {
    let figures: Vec<Estimate> = records.iter().filter_map(|record| Some(figure(record)?.into())).collect();
    let table = rows(records, outcomes).and_then(|rows| Crossed::shared(&rows));
    match (table, figures.as_slice()) {
        (Some(table), [one]) => OverSeeds { these: *one, procedure: table.procedure() },
        (Some(table), _) => table.over_seeds(),
        (None, figures) => over_summaries(figures),
    }
}

/// One row a seed; `None` where any seed's outcomes are not known.
pub(crate) fn rows(
    records: &[&ShiftRecord],
    outcomes: impl Fn(&ByLevelRecord) -> Option<Vec<f64>>,
) -> Option<Vec<Vec<f64>>> {
    records.iter().map(|record| outcomes(record.by_level.as_ref()?)).collect()
}

pub(crate) fn by_name(
    records: &[&ShiftRecord],
    list: impl Fn(&ShiftRecord) -> &Vec<NamedInterval>,
    outcomes: impl Fn(&ByLevelRecord, usize) -> Option<Vec<f64>>,
) -> Vec<NamedOverSeeds> {
    let Some(first) = records.first() else { return Vec::new() };
    let find =
        |record: &ShiftRecord, name: &str| list(record).iter().find(|one| one.name == name).map(|one| one.interval);
    let one = |(at, named): (usize, &NamedInterval)| NamedOverSeeds {
        name: named.name.clone(),
        interval: line(records, |record| find(record, &named.name), |by_level| outcomes(by_level, at)),
    };
    list(first).iter().enumerate().map(one).collect()
}

/// On each level of the probe whether the intended goal was attained, without a probe the best-attained goal.
pub(crate) fn capability(by_level: &ByLevelRecord) -> Vec<f64> {
    if !by_level.probe.is_empty() {
        return by_level.probe.clone();
    }
    let levels = by_level.attainment.first().map_or(0, Vec::len);
    let best =
        |level: usize| by_level.attainment.iter().filter_map(|goal| goal.get(level)).copied().fold(0.0, f64::max);
    (0..levels).map(best).collect()
}

/// Intended attainment on held-out levels, or the ceiling's where that is less, minus that on the shift: two sets of levels, and the ceiling's are other agents.
pub(crate) fn excess_regret(
    records: &[&ShiftRecord],
    ceiling: Option<&CeilingRecord>,
) -> (OverSeedsInterval, ExcessOver) {
    let intended = |record: &ShiftRecord| record.attainment.first().map(|one| one.interval);
    let there = crossed(records, intended, |by_level| by_level.attainment.first().cloned());
    let here = crossed(records, |record| Some(record.holdout), |by_level| Some(by_level.holdout.clone()));
    let (here, over) = match ceiling {
        Some(ceiling) if ceiling.attainment.value < here.these.value => (ceiling.over_seeds(), ExcessOver::Ceiling),
        _ => (here, ExcessOver::HeldOut),
    };
    let these = match records {
        [one] if one.excess_regret.value.is_finite() => one.excess_regret.into(),
        _ => here.these.minus(&there.these),
    };
    (OverSeeds { these, procedure: here.procedure.minus(&there.procedure) }.into(), over)
}

/// On each level 1 where the first was the one at this place.
pub(crate) fn is(firsts: &[u32], at: usize) -> Vec<f64> {
    firsts.iter().map(|first| if *first as usize == at { 1.0 } else { 0.0 }).collect()
}

/// `proxy` is the goal's place among the goals.
pub(crate) fn ledger(name: &str, proxy: usize, records: &[&ShiftRecord]) -> LedgerOverSeeds {
    let cell = |field: fn(&LedgerRecord) -> Interval, want: (bool, bool)| {
        let figure = |record: &ShiftRecord| record.ledger.iter().find(|entry| entry.proxy == name).map(field);
        line(records, figure, |by_level| {
            let (intended, other) = (by_level.attainment.first()?, by_level.attainment.get(proxy)?);
            let holds = |(a, b): (&f64, &f64)| if (*a >= ATTAINED, *b >= ATTAINED) == want { 1.0 } else { 0.0 };
            Some(intended.iter().zip(other).map(holds).collect())
        })
    };
    LedgerOverSeeds {
        proxy: name.to_owned(),
        intended_only: cell(|entry| entry.intended_only, (true, false)),
        both: cell(|entry| entry.both, (true, true)),
        proxy_only: cell(|entry| entry.proxy_only, (false, true)),
        neither: cell(|entry| entry.neither, (false, false)),
    }
}

impl CeilingRecord {
    fn over_seeds(&self) -> OverSeeds {
        OverSeeds { these: self.attainment.these_seeds().into(), procedure: self.attainment.procedure().into() }
    }
}

impl From<OverSeeds> for OverSeedsInterval {
    fn from(over: OverSeeds) -> OverSeedsInterval {
        let OverSeeds { these, procedure } = over;
        let these_seeds = Some(Span { low: these.low, high: these.high });
        OverSeedsInterval { value: these.value, low: procedure.low, high: procedure.high, these_seeds }
    }
}

impl OverSeedsInterval {
    /// The procedure: new seeds, new levels.
    pub fn procedure(&self) -> Interval {
        Interval { value: self.value, low: self.low, high: self.high }
    }

    /// These seeds, new levels; missing where an earlier version did not write it.
    pub fn these_seeds(&self) -> Interval {
        let span = self.these_seeds.unwrap_or(Span { low: f64::NAN, high: f64::NAN });
        Interval { value: self.value, low: span.low, high: span.high }
    }
}
