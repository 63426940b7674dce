//! The top of the page: the verdict, its badge, the four figures that carry it, and the case study in words.

use std::collections::BTreeMap;

use misgoal_run::record::{OverSeedsInterval, OverSeedsRecord, RunRecord, SeedShare, StudyRecord};
use serde::Serialize;

use crate::chart::range::{strip, strip_over};
use crate::palette::goal_class;
use crate::{ReportInput, words};

#[derive(Debug, Serialize)]
pub struct Headline {
    pub title: String,
    pub sentence: String,
    pub badge: Option<Badge>,
    pub tiles: Vec<Tile>,
    pub tiles_of: String,
    pub notices: Vec<String>,
    pub byline: String,
}

#[derive(Debug, Serialize)]
pub struct Badge {
    pub tone: &'static str,
    pub words: String,
    pub seeds: String,
}

/// A figure in large type.
#[derive(Debug, Serialize)]
pub struct Tile {
    pub label: String,
    pub value: String,
    pub range: String,
    pub new: String,
    pub strip: String,
    pub note: String,
}

#[derive(Debug, Serialize)]
pub struct Passage {
    pub name: String,
    pub text: String,
}

#[derive(Debug, Serialize)]
pub struct GoalLine {
    pub name: String,
    pub kind: &'static str,
    pub class: &'static str,
    pub words: String,
}

pub fn headline(input: &ReportInput<'_>) -> Headline {
    let record = input.record;
    let first = record.arms.first();
    let over = first.and_then(|arm| arm.over_seeds.first());
    let seeds = first.map_or(0, |arm| arm.units.len());
    let study = &record.study;
    let mut notices = input.notices.to_vec();
    if let Some(progress) = input.progress {
        notices.push(format!(
            "This run has not finished: {} of {} agents were trained and judged. `misgoal run --resume {}` goes on.",
            progress.done, progress.planned, record.run
        ));
    }
    Headline {
        title: if study.title.is_empty() { study.name.clone() } else { study.title.clone() },
        sentence: if record.sentence.is_empty() { "No verdict yet.".to_owned() } else { record.sentence.clone() },
        badge: over.and_then(badge),
        tiles: over.map(|over| tiles(record, over, seeds)).unwrap_or_default(),
        tiles_of: first
            .zip(over)
            .map(|(arm, over)| format!("Arm {} on shift {}, {}", arm.name, over.shift, words::plural(seeds, "seed")))
            .unwrap_or_default(),
        notices,
        byline: format!(
            "Study {}, run {}, {}, {} on the clock, misgoal {}",
            study.name,
            record.run,
            record.started,
            words::duration(record.seconds),
            record.misgoal
        ),
    }
}

/// The verdict that most seeds got; of equally frequent ones the first in alphabetical order of the codes.
fn badge(over: &OverSeedsRecord) -> Option<Badge> {
    let total: u32 = over.verdicts.values().sum();
    let mut ranked: Vec<(&String, u32)> = over.verdicts.iter().map(|(code, count)| (code, *count)).collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (code, count) = ranked.into_iter().find(|(_, count)| *count > 0)?;
    let noun = if total == 1 { "seed" } else { "seeds" };
    Some(Badge { tone: words::tone(code), words: words::verdict(code), seeds: format!("{count} of {total} {noun}") })
}

fn tiles(record: &RunRecord, over: &OverSeedsRecord, seeds: usize) -> Vec<Tile> {
    let mut tiles = vec![tile("Capability", over.capability, seeds, "gd", "does it still act competently?")];
    let goals = &record.study.goals;
    for (index, goal) in goals.iter().enumerate().take(3) {
        let Some(figure) = over.attainment.iter().find(|figure| figure.name == goal.name) else { continue };
        let (label, note) = if goal.intended {
            (format!("Intended: {}", goal.name), "share of levels on which it was attained")
        } else {
            (format!("Proxy: {}", goal.name), "share of levels on which it was attained")
        };
        tiles.push(tile(&label, figure.interval, seeds, goal_class(index), note));
    }
    if seeds > 1 {
        tiles.push(share(over.misgeneralizing));
    }
    tiles
}

fn tile(label: &str, figure: OverSeedsInterval, seeds: usize, class: &str, note: &str) -> Tile {
    Tile {
        label: label.to_owned(),
        value: words::share(figure.value),
        range: words::span(figure.these_seeds()),
        new: words::new_seeds(figure, seeds),
        strip: strip_over(figure, seeds, class).to_string(),
        note: note.to_owned(),
    }
}

fn share(share: SeedShare) -> Tile {
    let open = share.seeds.map_or(0, |seeds| seeds.unknown);
    let value = share.seeds.map_or_else(|| words::share(share.value), |seeds| format!("{} of {}", seeds.yes, seeds.of));
    Tile {
        label: "Seeds that misgeneralize".to_owned(),
        value,
        range: words::span(share.interval()),
        new: if open > 0 { format!("{open} without a verdict") } else { String::new() },
        strip: strip(share.interval(), "gm").to_string(),
        note: "and the share of this arm's seeds that do".to_owned(),
    }
}

/// The case study in the exercise's order; passages of other names follow.
pub fn case(study: &StudyRecord) -> Vec<Passage> {
    const ORDER: [(&str, &str); 6] = [
        ("system", "The system"),
        ("aligned_goal", "The aligned goal"),
        ("proxy_goal", "The proxy goal"),
        ("shift", "The shift"),
        ("training_change", "A change to training"),
        ("evaluation_change", "A change to evaluation"),
    ];
    let mut rest: BTreeMap<&str, &str> = study.case.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    let mut passages = Vec::new();
    for (key, name) in ORDER {
        if let Some(text) = rest.remove(key).filter(|text| !text.trim().is_empty()) {
            passages.push(Passage { name: name.to_owned(), text: text.trim().to_owned() });
        }
    }
    passages.extend(
        rest.into_iter().map(|(key, text)| Passage { name: key.replace('_', " "), text: text.trim().to_owned() }),
    );
    passages
}

pub fn goals(study: &StudyRecord) -> Vec<GoalLine> {
    let line = |(index, goal): (usize, &misgoal_run::record::GoalRecord)| GoalLine {
        name: goal.name.clone(),
        kind: if goal.intended { "intended" } else { "proxy" },
        class: goal_class(index),
        words: goal.words.clone(),
    };
    study.goals.iter().enumerate().map(line).collect()
}
