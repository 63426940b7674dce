//! A run as it stood at a point of its training: for setting checkpoints side by side.

use crate::over;
use crate::record::{AlongRecord, AlongShiftRecord, ExcessOver, NamedOverSeeds, OverSeedsRecord, RunRecord};

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
    let codes = || records.iter().map(|record| record.verdict.as_str());
    let goal = |name: &str| {
        let of =
            |record: &&AlongShiftRecord| record.attainment.iter().find(|one| one.name == name).map(|one| one.interval);
        NamedOverSeeds { name: name.to_owned(), interval: over::summarised(records.iter().filter_map(of)) }
    };
    OverSeedsRecord {
        shift: first.shift.clone(),
        verdicts: over::verdicts(codes()),
        misgeneralizing: over::share(&over::count(codes())),
        capability: over::summarised(records.iter().map(|record| record.capability)),
        attainment: first.attainment.iter().map(|one| goal(&one.name)).collect(),
        excess_regret: None,
        excess_over: ExcessOver::default(),
        worst_seed: None,
        regret_shares: Vec::new(),
        ledger: Vec::new(),
        first_reached: Vec::new(),
        unfiltered_first: Vec::new(),
        sentence: String::new(),
    }
}
