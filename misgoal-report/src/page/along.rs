//! What came when in training, and what follows from one wrong turn.

use misgoal_run::record::{AlongRecord, AlongShiftRecord, ArmRecord, CompoundingRecord, RunRecord, UnitRecord};
use serde::Serialize;

use super::arms::shift_names;
use super::figures::{Figure, Key, Table};
use crate::chart::along::{Series, chart};
use crate::palette::goal_class;
use crate::words;

/// A chart an arm and shift, of runs that judged their agents along the training.
pub fn along(record: &RunRecord, most: usize, left_out: &mut Vec<String>) -> Vec<Figure> {
    let (mut all, mut too_many) = (Vec::new(), 0);
    for shift in shift_names(record) {
        for arm in &record.arms {
            let seeds: Vec<(u64, &[AlongRecord])> =
                arm.units.iter().filter(|unit| !unit.along.is_empty()).map(|unit| (unit.seed, &*unit.along)).collect();
            if seeds.is_empty() {
                continue;
            }
            if all.len() >= most {
                too_many += 1;
                continue;
            }
            let series = series(record, shift);
            let id = format!("along-{}", all.len());
            all.push(Figure {
                title: format!("Arm {}, shift {shift}", arm.name),
                svg: chart(&id, &arm.name, shift, &seeds, &series).to_string(),
                caption: "Each seed is a line; a point of it is a judgement of the agent as it was then.".to_owned(),
                keys: series.iter().map(|one| key(one.class, &one.name)).collect(),
                table: Some(appeared(arm, shift)),
                folded: all.len() >= 4,
            });
        }
    }
    if too_many > 0 {
        left_out.push(words::plural(too_many, "training chart"));
    }
    all
}

fn key(class: &str, name: &str) -> Key {
    Key { class: class.to_owned(), name: name.to_owned(), mark: String::new() }
}

fn series<'a>(record: &'a RunRecord, shift: &'a str) -> Vec<Series<'a>> {
    let on = move |row: &AlongRecord| row.shifts.iter().find(|one| one.shift == shift).cloned();
    let mut all = vec![Series {
        name: "intended goal in training".to_owned(),
        class: "gd",
        pick: Box::new(|row: &AlongRecord| Some(row.holdout.value)),
    }];
    for (number, goal) in record.study.goals.iter().enumerate().take(3) {
        let attained = |one: AlongShiftRecord| {
            one.attainment.iter().find(|figure| figure.name == goal.name).map(|figure| figure.interval.value)
        };
        all.push(Series {
            name: format!("{} on the shift", goal.name),
            class: goal_class(number),
            pick: Box::new(move |row: &AlongRecord| on(row).and_then(attained)),
        });
    }
    all.push(Series {
        name: "harm: intended return lost toward a proxy".to_owned(),
        class: "gm",
        pick: Box::new(move |row: &AlongRecord| on(row).map(|one| one.harm.value)),
    });
    all
}

/// When competence and when the proxy came, a row a seed.
fn appeared(arm: &ArmRecord, shift: &str) -> Table {
    let steps = |at: Option<u64>| at.map_or("never".to_owned(), |steps| words::count(steps as f64));
    let row = |unit: &UnitRecord| {
        let found = unit.appeared.iter().find(|one| one.shift == shift)?;
        let proxy = found.proxy.as_ref().map_or(String::new(), |proxy| format!(" ({proxy})"));
        Some(vec![unit.seed.to_string(), steps(found.competent_at), steps(found.proxy_at) + &proxy])
    };
    Table {
        head: ["seed", "competent in training from step", "judged to misgeneralize from step"]
            .map(str::to_owned)
            .into(),
        rows: arm.units.iter().filter_map(row).collect(),
    }
}

/// One agent's table of what follows when the goals part.
#[derive(Debug, Serialize)]
pub struct Turns {
    pub title: String,
    pub rows: Vec<Vec<String>>,
    pub steps: Vec<Vec<String>>,
}

/// Rows of one table.
const AGENTS: usize = 12;

/// A table a shift and proxy, `most` of them, a row an agent; only where some agent turned wrong.
pub fn turns(record: &RunRecord, most: usize) -> Vec<Turns> {
    let mut all = Vec::new();
    for shift in shift_names(record) {
        for goal in record.study.goals.iter().filter(|goal| !goal.intended) {
            let found: Vec<(&UnitRecord, &CompoundingRecord)> = record
                .arms
                .iter()
                .flat_map(|arm| &arm.units)
                .filter_map(|unit| {
                    let judged = unit.shifts.iter().find(|one| one.shift == shift)?;
                    Some((unit, judged.compounding.iter().find(|one| one.proxy == goal.name)?))
                })
                .collect();
            if found.iter().all(|(_, one)| one.wrong_turn.value < 0.05) {
                continue;
            }
            all.push(Turns {
                title: format!("Shift {shift}, proxy {}", goal.name),
                rows: found.iter().take(AGENTS).map(|(unit, one)| turn(unit, one)).collect(),
                steps: found.first().map(|(_, one)| by_step(one)).unwrap_or_default(),
            });
        }
    }
    all.truncate(most);
    all
}

fn turn(unit: &UnitRecord, one: &CompoundingRecord) -> Vec<String> {
    let figures = [one.parted, one.wrong_turn, one.loss_after_wrong, one.loss_after_right, one.recovered, one.cascade];
    let name = format!("{}, seed {}", unit.arm, unit.seed);
    std::iter::once(name).chain(figures.map(words::interval)).collect()
}

fn by_step(one: &CompoundingRecord) -> Vec<Vec<String>> {
    let row = |group: &misgoal_run::record::ByStepRecord| {
        let range =
            if group.from == group.to { group.from.to_string() } else { format!("{} to {}", group.from, group.to) };
        vec![range, group.episodes.to_string(), words::interval(group.loss)]
    };
    one.by_step.iter().map(row).collect()
}
