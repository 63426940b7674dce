//! Shifts that nobody declared: one feature of training at a time set to a value, or drawn without regard to the others.

use misgoal_decision::{Distribution, Expr, Kind, Solved, Source};
use misgoal_study::DecisionStudy;

use super::super::agent::Chooses;
use super::edit::{Edit, changed};
use super::score::score;
use crate::search::tally::{self, Tally};
use crate::search::{SearchProgress, VariationRecord};

/// Random cases of each variation.
const CASES: u64 = 60;
/// Their first seed: far from those of the other stages.
const SEEDS: u64 = 20_000_000;
/// Training cases that a feature's own distribution is taken from.
const LOOKED_AT: u64 = 400;

/// One feature of training changed, with the change in words.
fn variations(study: &DecisionStudy, catalogue: &[Edit]) -> Vec<(String, Distribution)> {
    let world = &study.world;
    let name = |feature: usize| world.features().get(feature).map_or("", |feature| feature.name.as_str());
    let mut all: Vec<(String, Distribution)> = catalogue
        .iter()
        .map(|edit| {
            let words = format!("`{}` always {}", name(edit.feature), world.words(edit.feature, edit.value));
            (words, changed(&study.training, &[*edit]))
        })
        .collect();
    let mut features: Vec<usize> = catalogue.iter().map(|edit| edit.feature).collect();
    features.dedup();
    for feature in features {
        if let Some(source) = alone(study, feature) {
            let mut other = study.training.clone();
            other.get_mut(feature).into_iter().for_each(|to| *to = source.clone());
            all.push((format!("`{}` as common as in training, without regard to the others", name(feature)), other));
        }
    }
    all.retain(|(_, from)| *from != study.training);
    all
}

/// A feature's own distribution in training, where it depends on others: shares of truths and texts, mean and spread of numbers.
fn alone(study: &DecisionStudy, feature: usize) -> Option<Source> {
    let source = study.training.get(feature)?;
    if !(0..feature).any(|column| source.reads(column)) {
        return None;
    }
    let values: Vec<f64> = (0..LOOKED_AT)
        .filter_map(|seed| study.world.draw(&study.training, seed).ok()?.row.get(feature).copied())
        .collect();
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    match &study.world.features().get(feature)?.kind {
        Kind::Truth => Some(Source::Chance(Expr::constant(mean))),
        Kind::Number => {
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            Some(Source::Normal(Expr::constant(mean), Expr::constant(variance.sqrt())))
        }
        Kind::Text(symbols) => {
            let share = |symbol: &u32| values.iter().filter(|value| **value == f64::from(*symbol)).count() as f64;
            Some(Source::Choose(symbols.iter().map(|symbol| (*symbol, Expr::constant(share(symbol)))).collect()))
        }
    }
}

/// Random cases of every variation; those in which the agent surely misses the intended goal more often than in training, worst first. A variation whose
/// cases cannot be drawn is left out.
pub(super) fn undeclared(
    study: &DecisionStudy,
    catalogue: &[Edit],
    agent: &mut Chooses,
    seed: u64,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Vec<VariationRecord> {
    let mut levels = 0;
    let mut played = |from: &Distribution| {
        let mut tally = Tally::new(study.into());
        for number in SEEDS..SEEDS + CASES {
            let case = study.world.draw(from, number).ok()?;
            let solved = Solved::new(&study.world, &study.goals, case).ok()?;
            levels += 1;
            score(&solved, agent, 1, seed).iter().for_each(|score| tally.add(&score.attained));
            if !go_on(SearchProgress::Varied { levels }) {
                return None;
            }
        }
        Some(tally)
    };
    tally::undeclared(study.into(), &study.training, variations(study, catalogue), &mut played)
}
