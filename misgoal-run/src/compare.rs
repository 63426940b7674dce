//! Two arms side by side: of one run or of two, trained or given, on the shifts that both were judged on.

use std::collections::BTreeMap;

use misgoal_stats::Estimate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{
    ArmRecord, FORMAT, Interval, NamedOverSeeds, OverSeedsInterval, OverSeedsRecord, RunRecord, SeedShare,
    judge_version,
};

/// What `misgoal compare --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompareRecord {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of misgoal that wrote it.
    pub misgoal: String,
    /// One entry a pair of arms and shift.
    pub pairs: Vec<PairRecord>,
    /// What makes the two differ beside what was meant to: other studies, levels or budgets.
    pub remarks: Vec<String>,
    /// Whether the second of a pair surely attains less of the intended goal than the first on some shift: as a procedure, or as an agent where there is one of each.
    pub worse: bool,
}

/// Two arms on one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairRecord {
    /// The shift's name.
    pub shift: String,
    /// The first, as `RUN:ARM` or `RUN:ARM@STEPS`.
    pub first: String,
    /// The second.
    pub second: String,
    /// How many seeds of the first got each verdict code.
    pub first_verdicts: BTreeMap<String, u32>,
    /// The same of the second.
    pub second_verdicts: BTreeMap<String, u32>,
    /// Their figures.
    pub rows: Vec<CompareRow>,
}

/// One measure of both, and how far apart they are: as procedures, whose seeds could have been others; one agent against one agent, as the agents that they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompareRow {
    /// What is measured, in words.
    pub measure: String,
    /// The first's figure, over new seeds of its procedure and new levels; of a single agent, over new levels.
    pub first: Interval,
    /// The second's.
    pub second: Interval,
    /// Second minus first. The two are taken as independent, which is cautious where they share seeds and levels.
    pub difference: Interval,
    /// Second minus first for these very seeds on new levels, which does not say that other seeds differ; absent for counts of seeds and for single agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub these_seeds: Option<Interval>,
}

/// An arm of a run.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// The arm.
    pub arm: &'a ArmRecord,
    /// Where the run is one [`crate::checkpoint::at`] a point of its training: so many steps.
    pub at: Option<u64>,
}

impl Side<'_> {
    fn name(&self) -> String {
        let short = self.run.run.rsplit('-').next().unwrap_or_default();
        let at = self.at.map_or_else(String::new, |steps| format!("@{steps}"));
        format!("{short}:{}{at}", self.arm.name)
    }
}

/// Compares each pair of arms on every shift that both were judged on.
pub fn compare(pairs: &[(Side<'_>, Side<'_>)]) -> CompareRecord {
    let mut found = Vec::new();
    let mut remarks = Vec::new();
    let mut worse = false;
    for (first, second) in pairs {
        for over in &first.arm.over_seeds {
            let Some(other) = second.arm.over_seeds.iter().find(|other| other.shift == over.shift) else {
                continue;
            };
            let single = first.arm.units.len() == 1 && second.arm.units.len() == 1;
            let rows = rows(first.run, over, other, single);
            worse |= rows.iter().any(|row| row.measure.starts_with("intended: ") && row.difference.high < 0.0);
            found.push(PairRecord {
                shift: over.shift.clone(),
                first: first.name(),
                second: second.name(),
                first_verdicts: over.verdicts.clone(),
                second_verdicts: other.verdicts.clone(),
                rows,
            });
        }
        for remark in differences(first, second) {
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }
    CompareRecord { format: FORMAT, misgoal: env!("CARGO_PKG_VERSION").to_owned(), pairs: found, remarks, worse }
}

fn rows(run: &RunRecord, first: &OverSeedsRecord, second: &OverSeedsRecord, single: bool) -> Vec<CompareRow> {
    let both = |measure: String, name: &str, first: &[NamedOverSeeds], second: &[NamedOverSeeds]| {
        let of = |list: &[NamedOverSeeds]| list.iter().find(|named| named.name == name).map(|named| named.interval);
        Some(row(&measure, &of(first)?, &of(second)?, single))
    };
    let mut rows = vec![
        counts("misgeneralizing seeds", &first.misgeneralizing, &second.misgeneralizing),
        row("capability", &first.capability, &second.capability, single),
    ];
    for goal in &run.study.goals {
        let role = if goal.intended { "intended" } else { "proxy" };
        rows.extend(both(format!("{role}: {}", goal.name), &goal.name, &first.attainment, &second.attainment));
    }
    for goal in &run.study.goals {
        let measure = format!("{} first, all levels", goal.name);
        rows.extend(both(measure, &goal.name, &first.unfiltered_first, &second.unfiltered_first));
    }
    rows
}

fn row(measure: &str, first: &OverSeedsInterval, second: &OverSeedsInterval, single: bool) -> CompareRow {
    let minus = |second: Interval, first: Interval| Estimate::from(second).minus(&first.into()).into();
    let these = minus(second.these_seeds(), first.these_seeds());
    let (first, second, difference, these_seeds) = match single {
        true => (first.these_seeds(), second.these_seeds(), these, None),
        false => (first.procedure(), second.procedure(), minus(second.procedure(), first.procedure()), Some(these)),
    };
    CompareRow { measure: measure.to_owned(), first, second, difference, these_seeds }
}

fn counts(measure: &str, first: &SeedShare, second: &SeedShare) -> CompareRow {
    let difference = match (first.count(), second.count()) {
        (Some(first), Some(second)) => second.minus(&first),
        _ => Estimate::from(second.interval()).minus(&first.interval().into()),
    };
    CompareRow {
        measure: measure.to_owned(),
        first: first.interval(),
        second: second.interval(),
        difference: difference.into(),
        these_seeds: None,
    }
}

/// What else differs between the two, so that nobody puts a difference down to the wrong cause.
fn differences(first: &Side<'_>, second: &Side<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if first.run.study.hash != second.run.study.hash {
        remarks.push(format!(
            "the runs `{}` and `{}` have different study files: worlds, levels or budgets may differ",
            first.run.run, second.run.run
        ));
    }
    if first.run.judge != second.run.judge {
        remarks.push(format!(
            "judged by version {} of the judge and by version {}: `misgoal judge --run RUN` judges a run anew",
            judge_version(first.run.judge),
            judge_version(second.run.judge)
        ));
    }
    let levels = |side: &Side<'_>| {
        side.arm.units.iter().flat_map(|unit| &unit.shifts).map(|shift| shift.levels).max().unwrap_or_default()
    };
    if levels(first) != levels(second) {
        remarks.push(format!("judged on {} levels and on {}", levels(first), levels(second)));
    }
    let steps = |side: &Side<'_>| side.arm.units.iter().map(|unit| unit.steps).max().unwrap_or_default();
    if steps(first) != steps(second) {
        remarks.push(format!("trained for {} steps and for {}", steps(first), steps(second)));
    }
    let seeds = |side: &Side<'_>| side.arm.units.len();
    if seeds(first) != seeds(second) {
        remarks.push(format!("{} seeds and {}", seeds(first), seeds(second)));
    }
    if seeds(first) == 1 && seeds(second) == 1 {
        remarks.push("one agent of each: nothing is said of other seeds".to_owned());
    }
    remarks
}

/// The JSON Schema of [`CompareRecord`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(CompareRecord).to_value()
}
