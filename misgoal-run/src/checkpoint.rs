//! A run as it stood at a point of its training: for setting checkpoints side by side.

use std::collections::BTreeMap;

use misgoal_stats::beta;

use crate::over::{is_misgeneralizing, mean};
use crate::record::{AlongRecord, AlongShiftRecord, NamedInterval, OverSeedsRecord, RunRecord};

/// The run with its arms judged at the last point that is not after `steps`, which needs a run that was judged along its training. Arms without such a
/// point are left out. What was not judged along the way - ledgers, what came first - is empty.
///
/// # Errors
/// No arm has such a point; a clause that says which there are.
pub fn at(run: &RunRecord, steps: u64) -> Result<RunRecord, String> {
    let mut there = run.clone();
    there.arms.retain_mut(|arm| {
        let points: Vec<AlongRecord> = arm
            .units
            .iter()
            .filter_map(|unit| unit.along.iter().rfind(|point| point.steps <= steps).cloned())
            .collect();
        for (unit, point) in arm.units.iter_mut().zip(&points) {
            unit.steps = point.steps;
        }
        arm.over_seeds = over_seeds(&points);
        !points.is_empty() && points.len() == arm.units.len()
    });
    if there.arms.is_empty() {
        let mut first: Vec<u64> =
            run.arms.iter().flat_map(|arm| &arm.units).filter_map(|unit| Some(unit.along.first()?.steps)).collect();
        first.sort_unstable();
        return Err(match first.last() {
            Some(first) => format!("its agents were first judged after {first} steps"),
            None => "its agents were not judged along their training".to_owned(),
        });
    }
    Ok(there)
}

fn over_seeds(points: &[AlongRecord]) -> Vec<OverSeedsRecord> {
    let Some(first) = points.first() else { return Vec::new() };
    let of = |shift: &str| -> Vec<&AlongShiftRecord> {
        points.iter().filter_map(|point| point.shifts.iter().find(|one| one.shift == shift)).collect()
    };
    first.shifts.iter().map(|shift| one_shift(shift, &of(&shift.shift))).collect()
}

fn one_shift(first: &AlongShiftRecord, records: &[&AlongShiftRecord]) -> OverSeedsRecord {
    let mut verdicts = BTreeMap::new();
    for record in records {
        *verdicts.entry(record.verdict.clone()).or_insert(0) += 1;
    }
    let hits = records.iter().filter(|record| is_misgeneralizing(&record.verdict)).count();
    let goal = |name: &str| {
        let of =
            |record: &&AlongShiftRecord| record.attainment.iter().find(|one| one.name == name).map(|one| one.interval);
        NamedInterval { name: name.to_owned(), interval: mean(records.iter().filter_map(of)).into() }
    };
    OverSeedsRecord {
        shift: first.shift.clone(),
        verdicts,
        misgeneralizing: beta::proportion(hits, records.len()).into(),
        capability: mean(records.iter().map(|record| record.capability)).into(),
        attainment: first.attainment.iter().map(|one| goal(&one.name)).collect(),
        regret_shares: Vec::new(),
        ledger: Vec::new(),
        first_reached: Vec::new(),
        unfiltered_first: Vec::new(),
        sentence: String::new(),
    }
}
