//! The charts with their captions: ledgers, sweeps, learning curves, splays.

use misgoal_run::record::{
    ArmRecord, GoalRecord, Interval, NamedOverSeeds, OverSeedsRecord, RunRecord, SplayRecord, StudyRecord,
};
use serde::Serialize;

use super::arms::shift_names;
use crate::chart::{curves as curve_chart, ledger, splay, sweep};
use crate::palette::goal_class;
use crate::{Curve, ReportInput, words};

/// A chart with what stands around it. `folded` ones start closed.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub title: String,
    pub svg: String,
    pub caption: String,
    pub keys: Vec<Key>,
    pub table: Option<Table>,
    pub folded: bool,
}

/// An entry of a legend.
#[derive(Debug, Serialize)]
pub struct Key {
    pub class: String,
    pub name: String,
    pub mark: String,
}

/// The chart's figures as text.
#[derive(Debug, Serialize)]
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

fn key(class: &str, name: &str) -> Key {
    Key { class: class.to_owned(), name: name.to_owned(), mark: String::new() }
}

/// The proxies in the order of what they explain on this shift in the first arm, so that the one that matters is drawn open.
fn proxies<'a>(record: &'a RunRecord, shift: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> =
        record.study.goals.iter().filter(|goal| !goal.intended).map(|goal| goal.name.as_str()).collect();
    let over = record.arms.first().and_then(|arm| arm.over_seeds.iter().find(|over| over.shift == shift));
    let explained = |name: &str| {
        over.and_then(|over| over.regret_shares.iter().find(|figure| figure.name == name))
            .map_or(0.0, |f| f.interval.value)
    };
    names.sort_by(|a, b| explained(b).total_cmp(&explained(a)));
    names
}

pub fn ledgers(record: &RunRecord, shift: &str) -> Vec<Figure> {
    let number = shift_names(record).iter().position(|name| *name == shift).unwrap_or(0);
    let mut all = Vec::new();
    for proxy in proxies(record, shift) {
        let (bars, seeds): (Vec<ledger::Bar<'_>>, Vec<usize>) = record
            .arms
            .iter()
            .filter_map(|arm| {
                let over = arm.over_seeds.iter().find(|over| over.shift == shift)?;
                let shares = over.ledger.iter().find(|ledger| ledger.proxy == proxy)?;
                Some((ledger::Bar { name: &arm.name, shares }, arm.units.len()))
            })
            .unzip();
        if bars.is_empty() {
            continue;
        }
        let head = ["arm"].into_iter().chain(ledger::PARTS.map(|(part, _)| part)).map(str::to_owned).collect();
        let rows = bars.iter().zip(&seeds).map(|(bar, seeds)| {
            let figures = ledger::parts(bar.shares).map(|share| words::over_seeds(share, *seeds));
            [bar.name.to_owned()].into_iter().chain(figures).collect()
        });
        all.push(Figure {
            title: format!("Shift {shift}, proxy {proxy}"),
            svg: ledger::chart(&format!("ledger-{number}-{}", all.len()), shift, proxy, &bars).to_string(),
            caption: "Share of episodes, over seeds. The thin lines under a bar are the intervals of the shares for these seeds on new levels, each drawn from where its block begins.".to_owned(),
            keys: ledger::PARTS.map(|(part, class)| key(class, part)).into(),
            table: Some(Table { head, rows: rows.collect() }),
            folded: !all.is_empty(),
        });
    }
    all
}

pub fn sweeps(record: &RunRecord) -> Vec<Figure> {
    let mut mixed: Vec<&str> = Vec::new();
    for name in record.arms.iter().filter(|arm| arm.share > 0.0).filter_map(|arm| arm.shift.as_deref()) {
        if !mixed.contains(&name) {
            mixed.push(name);
        }
    }
    let mut all = Vec::new();
    for source in mixed {
        for shift in shift_names(record) {
            let arms: Vec<&ArmRecord> =
                record.arms.iter().filter(|arm| arm.share <= 0.0 || arm.shift.as_deref() == Some(source)).collect();
            let series = series(record, &arms, shift);
            if series.iter().all(|one| one.points.len() < 2) {
                continue;
            }
            let id = format!("sweep-{}", all.len());
            all.push(Figure {
                title: format!("Measured on shift {shift}"),
                svg: sweep::chart(&id, source, shift, &series).to_string(),
                caption: format!(
                    "A point an arm, over its seeds, with its interval for new seeds on new levels. Arms differ in the share of training levels drawn from {source}."
                ),
                keys: series.iter().map(|one| key(one.class, &one.name)).collect(),
                table: Some(sweep_table(&series)),
                folded: shift != source && !all.is_empty(),
            });
        }
    }
    all
}

fn series(record: &RunRecord, arms: &[&ArmRecord], shift: &str) -> Vec<sweep::Series> {
    let points = |pick: &dyn Fn(&OverSeedsRecord) -> Option<Interval>| {
        let over = arms.iter().filter_map(|arm| {
            let over = arm.over_seeds.iter().find(|over| over.shift == shift)?;
            Some((arm.share.max(0.0), pick(over)?))
        });
        over.collect::<Vec<_>>()
    };
    let named = |figures: &[NamedOverSeeds], name: &str| {
        figures.iter().find(|f| f.name == name).map(|f| f.interval.procedure())
    };
    let mut all = vec![sweep::Series {
        name: "seeds that misgeneralize".to_owned(),
        class: "gm",
        points: points(&|over| Some(over.misgeneralizing.interval())),
    }];
    for proxy in proxies(record, shift).into_iter().take(2) {
        let class = record.study.goals.iter().position(|goal| goal.name == proxy).map_or("gd", goal_class);
        let judged = points(&|over| named(&over.first_reached, proxy));
        let unfiltered = points(&|over| named(&over.unfiltered_first, proxy));
        let filtered = judged != unfiltered;
        let suffix = if filtered { ", judged levels" } else { "" };
        all.push(sweep::Series { name: format!("{proxy} first{suffix}"), class, points: judged });
        if filtered {
            all.push(sweep::Series { name: format!("{proxy} first, all levels"), class: "gd", points: unfiltered });
        }
    }
    all.retain(|one| !one.points.is_empty());
    all
}

fn sweep_table(series: &[sweep::Series]) -> Table {
    let mut shares: Vec<f64> = series.iter().flat_map(|one| one.points.iter().map(|(share, _)| *share)).collect();
    shares.sort_by(f64::total_cmp);
    shares.dedup();
    let cell = |one: &sweep::Series, share: f64| {
        one.points.iter().find(|(at, _)| *at == share).map_or("n/a".to_owned(), |(_, figure)| words::interval(*figure))
    };
    Table {
        head: std::iter::once("share".to_owned()).chain(series.iter().map(|one| one.name.clone())).collect(),
        rows: shares
            .iter()
            .map(|share| {
                std::iter::once(words::percent(*share)).chain(series.iter().map(|one| cell(one, *share))).collect()
            })
            .collect(),
    }
}

/// How many goals are drawn in the learning curves.
const CURVE_GOALS: usize = 3;

fn goal_lines(study: &StudyRecord) -> Vec<curve_chart::Line<'_>> {
    let line = |(index, goal)| line_of(index, goal);
    study.goals.iter().enumerate().take(CURVE_GOALS).map(line).collect()
}

fn line_of(index: usize, goal: &GoalRecord) -> curve_chart::Line<'_> {
    curve_chart::Line { goal: index, name: &goal.name, class: goal_class(index) }
}

pub fn curve_lines(study: &StudyRecord) -> Vec<Key> {
    goal_lines(study).iter().map(|line| key(line.class, line.name)).collect()
}

pub fn curves(input: &ReportInput<'_>, points: usize, left_out: &mut Vec<String>) -> Vec<Figure> {
    let study = &input.record.study;
    let lines = goal_lines(study);
    let Some(ranges) = curve_chart::ranges(input.curves, lines.len()) else {
        return Vec::new();
    };
    if points == 0 {
        left_out.push("the learning curves".to_owned());
        return Vec::new();
    }
    let most = (points / (input.curves.len() * lines.len()).max(1)).clamp(8, 120);
    let mut names: Vec<&str> = input.record.arms.iter().map(|arm| arm.name.as_str()).collect();
    for curve in input.curves {
        if !names.contains(&curve.arm.as_str()) {
            names.push(&curve.arm);
        }
    }
    let figure = |(number, arm): (usize, &str)| {
        let of_arm: Vec<&Curve> =
            input.curves.iter().filter(|curve| curve.arm == arm && !curve.rows.is_empty()).collect();
        (!of_arm.is_empty()).then(|| Figure {
            title: format!("Arm {arm}"),
            svg: curve_chart::chart(&format!("curve-{number}"), arm, &of_arm, &lines, ranges, most).to_string(),
            caption: format!("{}, a line each.", words::plural(of_arm.len(), "seed")),
            keys: Vec::new(),
            table: None,
            folded: number >= 6,
        })
    };
    names.into_iter().enumerate().filter_map(figure).collect()
}

pub fn splays(all: &[SplayRecord], most: usize, left_out: &mut Vec<String>) -> Vec<Figure> {
    if all.len() > most {
        left_out.push(words::plural(all.len() - most, "splay"));
    }
    // Every arm's first splay before any arm's second, so that what is open compares the arms.
    let rank = |(index, one): &(usize, &SplayRecord)| {
        (all.iter().take(*index).filter(|before| before.arm == one.arm).count(), *index)
    };
    let mut ordered: Vec<(usize, &SplayRecord)> = all.iter().enumerate().collect();
    ordered.sort_by_key(rank);
    let arms = ordered.iter().filter(|one| rank(one).0 == 0).count();
    let figure = |(number, one): (usize, &SplayRecord)| Figure {
        title: format!("Arm {}, seed {}", one.arm, one.seed),
        svg: splay::chart(&format!("splay-{number}"), one).to_string(),
        caption: format!(
            "One layout, the {} set at {} by turns; all else stays.",
            one.thing,
            words::plural(one.places.len(), "place")
        ),
        keys: Vec::new(),
        table: None,
        folded: number >= arms.min(6),
    };
    ordered.iter().map(|(_, one)| *one).take(most).enumerate().map(figure).collect()
}

pub fn splay_keys() -> Vec<Key> {
    splay::BINS.iter().map(|(_, class, name)| key(class, name)).collect()
}
