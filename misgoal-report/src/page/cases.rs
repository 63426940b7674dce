//! The shown cases of a study of decisions: features, what each goal prefers, what the agent chose.
//!
//! Which cases are shown follows the rule of episodes: of each arm the first seed with kept cases; the first arm's are open, the others' folded.

use misgoal_run::PlayedCase;
use serde::Serialize;

use crate::{ReportInput, words};

/// Cases of one arm's first seed in one distribution.
#[derive(Debug, Serialize)]
pub struct Cases {
    pub title: String,
    pub features: Vec<Column>,
    pub goals: Vec<String>,
    pub rows: Vec<Row>,
    pub several_turns: bool,
    pub folded: bool,
}

#[derive(Debug, Serialize)]
pub struct Column {
    pub name: String,
    pub observed: bool,
}

#[derive(Debug, Serialize)]
pub struct Row {
    pub case: u64,
    pub label: String,
    pub turn: usize,
    pub features: Vec<String>,
    pub preferred: Vec<String>,
    pub chosen: String,
    /// The goals that the choice is best for, in words, and the tone of it.
    pub whose: String,
    pub tone: &'static str,
}

/// At most `most` tables.
pub fn cases(input: &ReportInput<'_>, most: usize, left_out: &mut Vec<String>) -> Vec<Cases> {
    let mut tables: Vec<(&str, u64, &str, Vec<&PlayedCase>)> = Vec::new();
    for arm in &input.record.arms {
        let of_arm = || input.cases.iter().filter(|case| case.record.arm == arm.name);
        let Some(seed) = of_arm().map(|case| case.record.seed).next() else { continue };
        for case in of_arm().filter(|case| case.record.seed == seed) {
            let same =
                |table: &&mut (&str, u64, &str, Vec<&PlayedCase>)| table.0 == arm.name && table.2 == case.record.shift;
            match tables.iter_mut().find(same) {
                Some(table) => table.3.push(case),
                None => tables.push((&arm.name, seed, &case.record.shift, vec![case])),
            }
        }
    }
    let dropped = tables.len().saturating_sub(most);
    if dropped > 0 {
        left_out.push(words::plural(dropped, "table of cases"));
    }
    let first = tables.first().map(|table| table.0);
    tables.iter().take(most).map(|table| one(table, first)).collect()
}

fn one((arm, seed, shift, cases): &(&str, u64, &str, Vec<&PlayedCase>), first: Option<&str>) -> Cases {
    let choice = cases.first().and_then(|case| case.choices.first());
    let name = if *shift == "training" { "training, held out".to_owned() } else { format!("shift {shift}") };
    Cases {
        title: format!("{name}: arm {arm}, seed {seed}"),
        features: choice.map_or_else(Vec::new, |choice| {
            choice
                .features
                .iter()
                .map(|(name, _, observed)| Column { name: name.clone(), observed: *observed })
                .collect()
        }),
        goals: choice.map_or_else(Vec::new, |choice| choice.preferred.iter().map(|(goal, _)| goal.clone()).collect()),
        rows: cases.iter().flat_map(|case| rows(case)).collect(),
        several_turns: cases.iter().any(|case| case.choices.len() > 1),
        folded: first != Some(*arm),
    }
}

fn rows(case: &PlayedCase) -> Vec<Row> {
    let turns = case.choices.iter().enumerate();
    turns
        .map(|(turn, choice)| {
            let agrees = |(_, options): &&(String, Vec<String>)| options.contains(&choice.chosen);
            let whose: Vec<&str> = choice.preferred.iter().filter(agrees).map(|(goal, _)| goal.as_str()).collect();
            let intended = choice.preferred.first().is_some_and(|first| agrees(&first));
            Row {
                case: case.record.level_seed,
                label: case.record.label.clone(),
                turn: turn + 1,
                features: choice.features.iter().map(|(_, value, _)| value.clone()).collect(),
                preferred: choice.preferred.iter().map(|(_, options)| options.join(" or ")).collect(),
                chosen: choice.chosen.clone(),
                whose: if whose.is_empty() { "no goal's".to_owned() } else { whose.join(", ") },
                tone: if intended { "good" } else { "bad" },
            }
        })
        .collect()
}
