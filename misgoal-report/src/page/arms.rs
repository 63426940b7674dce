//! The verdict tables: a row an arm on each shift, then a row a seed.

use std::collections::BTreeMap;

use misgoal_run::record::{
    ArmRecord, CeilingRecord, EValueRecord, ExcessOver, NamedOverSeeds, OverSeedsInterval, OverSeedsRecord, RunRecord,
    ShiftRecord, StudyRecord, UnitRecord,
};
use serde::Serialize;

use super::figures::{Figure, Key, ledgers};
use crate::chart::range::strip_over;
use crate::palette::component_class;
use crate::words;

/// Everything about one shift.
#[derive(Debug, Serialize)]
pub struct ShiftBlock {
    pub shift: String,
    pub levels: String,
    pub rows: Vec<ArmRow>,
    pub ledgers: Vec<Figure>,
}

#[derive(Debug, Serialize)]
pub struct ArmRow {
    pub arm: String,
    pub words: String,
    pub capability: Figures,
    pub intended: Figures,
    pub proxies: Figures,
    pub loss: Figures,
    pub excess: String,
    pub e_values: Vec<String>,
    pub verdicts: Vec<Count>,
    pub seeds: Vec<Square>,
    pub misgeneralizing: String,
    pub sentence: String,
}

/// Named figures with their strips.
type Figures = Vec<Named>;

#[derive(Debug, Serialize)]
pub struct Named {
    pub name: String,
    pub value: String,
    pub new: String,
    pub strip: String,
}

#[derive(Debug, Serialize)]
pub struct Count {
    pub tone: &'static str,
    pub words: String,
    pub count: u32,
}

/// One seed's verdict as a square.
#[derive(Debug, Serialize)]
pub struct Square {
    pub tone: &'static str,
    pub letter: &'static str,
    pub words: String,
}

/// The seeds of one arm.
#[derive(Debug, Serialize)]
pub struct SeedBlock {
    pub arm: String,
    pub proxies: Vec<String>,
    pub rows: Vec<SeedRow>,
}

#[derive(Debug, Serialize)]
pub struct SeedRow {
    pub seed: u64,
    pub shift: String,
    pub training: String,
    pub capability: String,
    pub intended: String,
    pub proxies: Vec<String>,
    pub e_value: String,
    pub tone: &'static str,
    pub verdict: String,
    pub note: String,
}

/// The shifts that anything was measured on, in the order in which they first appear.
pub fn shift_names(record: &RunRecord) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let over = record.arms.iter().flat_map(|arm| arm.over_seeds.iter().map(|over| over.shift.as_str()));
    let units = record.arms.iter().flat_map(|arm| &arm.units).flat_map(|unit| &unit.shifts);
    for name in over.chain(units.map(|shift| shift.shift.as_str())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

pub fn shifts(record: &RunRecord) -> Vec<ShiftBlock> {
    let block = |shift: &str| ShiftBlock {
        shift: shift.to_owned(),
        levels: format!("{} {}", levels(record, shift), ceiling(record, shift)),
        rows: record.arms.iter().filter_map(|arm| row(&record.study, arm, shift)).collect(),
        ledgers: ledgers(record, shift),
    };
    shift_names(record).into_iter().map(block).collect()
}

/// The judgements of an arm's seeds on one shift.
fn judged<'a>(arm: &'a ArmRecord, shift: &'a str) -> impl Iterator<Item = (&'a UnitRecord, &'a ShiftRecord)> {
    arm.units.iter().filter_map(move |unit| unit.shifts.iter().find(|one| one.shift == shift).map(|one| (unit, one)))
}

fn levels(record: &RunRecord, shift: &str) -> String {
    let Some((_, one)) = record.arms.iter().find_map(|arm| judged(arm, shift).next()) else {
        return String::new();
    };
    if one.filter.is_empty() {
        format!("{} levels an agent, all that were drawn.", one.levels)
    } else {
        format!(
            "{} levels an agent, chosen from {} drawn: {}.",
            one.levels,
            one.drawn,
            one.filter.trim_end_matches('.')
        )
    }
}

/// What can be attained on a shift, where that is known.
fn ceiling(record: &RunRecord, shift: &str) -> String {
    let Some(CeilingRecord { figure, attainment, .. }) = record.ceilings.iter().find(|one| one.figure.shift == shift)
    else {
        return "No ceiling: excess regret is over held-out levels, and the shift may be harder than they are."
            .to_owned();
    };
    format!(
        "The ceiling is {}: what {} agents attain of the intended goal that were trained on this shift alone, {} steps each.",
        words::interval(attainment.these_seeds()),
        figure.by_seed.len(),
        figure.steps
    )
}

fn row(study: &StudyRecord, arm: &ArmRecord, shift: &str) -> Option<ArmRow> {
    let over = arm.over_seeds.iter().find(|over| over.shift == shift)?;
    let intended: Vec<&str> = study.goals.iter().filter(|goal| goal.intended).map(|goal| goal.name.as_str()).collect();
    let (of_intended, of_proxies): (Vec<_>, Vec<_>) =
        over.attainment.iter().partition(|figure| intended.contains(&figure.name.as_str()));
    let capability_of = judged(arm, shift).next().map(|(_, one)| one.capability_of.clone()).unwrap_or_default();
    let seeds = arm.units.len();
    Some(ArmRow {
        arm: arm.name.clone(),
        words: arm.words.clone(),
        capability: vec![named(capability_of, over.capability, seeds, "gd")],
        intended: figures(study, seeds, of_intended),
        proxies: figures(study, seeds, of_proxies),
        loss: figures(study, seeds, over.regret_shares.iter().filter(|figure| worth_showing(study, figure))),
        excess: excess(arm, shift),
        e_values: e_values(arm, shift),
        verdicts: counts(over),
        seeds: judged(arm, shift).map(|(unit, one)| square(unit.seed, one)).collect(),
        misgeneralizing: words::seed_share(over.misgeneralizing),
        sentence: over.sentence.clone(),
    })
}

/// How much was lost, so that shares of next to nothing are read as such: the range of the seeds' excess regrets.
fn excess(arm: &ArmRecord, shift: &str) -> String {
    let over = match arm.over_seeds.iter().find(|over| over.shift == shift).map(|over| over.excess_over) {
        Some(ExcessOver::Ceiling) => " over the ceiling's",
        _ => "",
    };
    match crate::chart::extent(judged(arm, shift).map(|(_, one)| one.excess_regret.value)) {
        Some((low, high)) if low < high => {
            format!("of an excess regret of {} to {}{over}", words::share(low), words::share(high))
        }
        Some((low, _)) => format!("of an excess regret of {}{over}", words::share(low)),
        None => String::new(),
    }
}

/// Every goal is shown; another component only where it may explain a tenth of the loss.
fn worth_showing(study: &StudyRecord, figure: &NamedOverSeeds) -> bool {
    study.goals.iter().any(|goal| goal.name == figure.name) || figure.interval.these_seeds().high >= 0.1
}

fn figures<'a>(study: &StudyRecord, seeds: usize, all: impl IntoIterator<Item = &'a NamedOverSeeds>) -> Figures {
    let one = |figure: &NamedOverSeeds| {
        named(words::component(&figure.name), figure.interval, seeds, component_class(study, &figure.name))
    };
    all.into_iter().map(one).collect()
}

fn named(name: String, figure: OverSeedsInterval, seeds: usize, class: &str) -> Named {
    Named {
        name,
        value: words::interval(figure.these_seeds()),
        new: words::new_seeds(figure, seeds),
        strip: strip_over(figure, seeds, class).to_string(),
    }
}

/// Per proxy, the least and the greatest e-value over the seeds, and in how many it passed its threshold.
fn e_values(arm: &ArmRecord, shift: &str) -> Vec<String> {
    let mut by_proxy: BTreeMap<&str, Vec<&EValueRecord>> = BTreeMap::new();
    for (_, one) in judged(arm, shift) {
        for e in &one.e_values {
            by_proxy.entry(e.proxy.as_str()).or_default().push(e);
        }
    }
    let line = |(proxy, all): (&str, Vec<&EValueRecord>)| {
        let (low, high) = crate::chart::extent(all.iter().map(|e| e.value)).unwrap_or((f64::NAN, f64::NAN));
        let range = if all.len() == 1 || low == high {
            words::e_value(high)
        } else {
            format!("{} to {}", words::e_value(low), words::e_value(high))
        };
        let past = all.iter().filter(|e| e.rejected_at.is_some()).count();
        let reference = all.first().map_or("", |e| e.reference.words());
        format!("{proxy}: {range}; past its threshold in {past} of {}; compared with {reference}", all.len())
    };
    by_proxy.into_iter().map(line).collect()
}

fn counts(over: &OverSeedsRecord) -> Vec<Count> {
    let mut ranked: Vec<Count> = over
        .verdicts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(code, count)| Count { tone: words::tone(code), words: words::verdict(code), count: *count })
        .collect();
    ranked.sort_by_key(|count| std::cmp::Reverse(count.count));
    ranked
}

fn square(seed: u64, one: &ShiftRecord) -> Square {
    Square {
        tone: words::tone(&one.verdict.code),
        letter: words::letter(&one.verdict.code),
        words: format!("seed {seed}: {}", words::verdict_of(&one.verdict)),
    }
}

/// What the letters in the squares mean, for the verdicts that occur.
pub fn letters(record: &RunRecord) -> Vec<Key> {
    let mut codes: Vec<&str> = Vec::new();
    for shift in record.arms.iter().flat_map(|arm| &arm.units).flat_map(|unit| &unit.shifts) {
        if !codes.contains(&shift.verdict.code.as_str()) {
            codes.push(&shift.verdict.code);
        }
    }
    let key = |code: &str| Key {
        class: words::tone(code).to_owned(),
        name: words::verdict(code),
        mark: words::letter(code).to_owned(),
    };
    codes.into_iter().map(key).collect()
}

/// One block an arm, at most `most` rows in all.
pub fn seeds(record: &RunRecord, most: usize, left_out: &mut Vec<String>) -> Vec<SeedBlock> {
    let proxies: Vec<&str> =
        record.study.goals.iter().filter(|goal| !goal.intended).map(|goal| goal.name.as_str()).collect();
    let (mut room, mut hidden) = (most, 0);
    let mut blocks = Vec::new();
    for arm in &record.arms {
        let all: Vec<(&UnitRecord, &ShiftRecord)> =
            arm.units.iter().flat_map(|unit| unit.shifts.iter().map(move |one| (unit, one))).collect();
        let shown = all.len().min(room);
        hidden += all.len() - shown;
        room -= shown;
        let rows: Vec<SeedRow> =
            all.into_iter().take(shown).map(|(unit, one)| seed_row(&record.study, &proxies, unit, one)).collect();
        if !rows.is_empty() {
            let proxies = proxies.iter().map(|name| (*name).to_owned()).collect();
            blocks.push(SeedBlock { arm: arm.name.clone(), proxies, rows });
        }
    }
    if hidden > 0 {
        left_out
            .push(format!("{} per seed; `misgoal run --json` and verdict.json hold all", words::plural(hidden, "row")));
    }
    blocks
}

fn seed_row(study: &StudyRecord, proxies: &[&str], unit: &UnitRecord, one: &ShiftRecord) -> SeedRow {
    let attained = |name: &str| {
        one.attainment.iter().find(|f| f.name == name).map_or("n/a".to_owned(), |f| words::interval(f.interval))
    };
    let intended = study.goals.iter().find(|goal| goal.intended).map_or("", |goal| goal.name.as_str());
    let e_values: Vec<String> = one.e_values.iter().map(|e| words::e_value(e.value)).collect();
    let mut notes = one.verdict.flags.clone();
    notes.extend(one.verdict.more.as_ref().map(|more| more.words.clone()));
    SeedRow {
        seed: unit.seed,
        shift: one.shift.clone(),
        training: words::interval(unit.training_success),
        capability: words::interval(one.capability),
        intended: attained(intended),
        proxies: proxies.iter().map(|name| attained(name)).collect(),
        e_value: e_values.join(", "),
        tone: words::tone(&one.verdict.code),
        verdict: words::verdict_of(&one.verdict),
        note: notes.join("; "),
    }
}
