//! Shifts that nobody declared: every parameter of the training distribution changed in turn, and random levels of each.

use misgoal_policy::Agent;
use misgoal_study::Study;
use misgoal_world::{Distribution, Layout, Place};

use super::SearchProgress;
use super::record::VariationRecord;
use super::score::score;
use super::tally::{self, Tally};

/// Random levels of each variation.
const LEVELS: u64 = 60;
/// Their first seed: far from those of the other stages.
const SEEDS: u64 = 20_000_000;

/// One parameter of the training distribution changed, with the change in words.
pub(super) fn variations(study: &Study) -> Vec<(String, Distribution)> {
    let training = &study.training;
    let things = &study.world.spec().things;
    let mut all = Vec::new();
    let mut add = |words: String, changed: Distribution| {
        if changed != *training {
            all.push((words, changed));
        }
    };
    add("the start is anywhere".into(), Distribution { start: Place::Anywhere, ..training.clone() });
    for (number, placement) in training.placements.iter().enumerate() {
        let name = things.get(placement.thing).map_or("thing", |thing| thing.name.as_str());
        let mut changed = |words: String, edit: &dyn Fn(&mut misgoal_world::Placement)| {
            let mut other = training.clone();
            other.placements.get_mut(number).into_iter().for_each(edit);
            add(words, other);
        };
        changed(format!("the `{name}` is anywhere"), &|one| one.place = Place::Anywhere);
        let (least, most) = placement.count;
        let (fewer, more) = (least.saturating_sub(1), most.saturating_add(most.max(1)).min(8));
        changed(format!("{fewer} of `{name}`"), &|one| one.count = (fewer, fewer));
        changed(format!("{more} of `{name}`"), &|one| one.count = (more, more));
    }
    for (words, layout) in layouts(training.layout) {
        add(words, Distribution { layout, ..training.clone() });
    }
    all
}

/// Each parameter of a layout at none and at twice its value.
fn layouts(layout: Layout) -> Vec<(String, Layout)> {
    let twice = |value: f64, most: f64| if value > 0.0 { (2.0 * value).min(most) } else { 0.1 };
    let both = |name: &str, value: f64, most: f64| {
        [0.0, twice(value, most)].map(|new| (format!("{name} {new:.2} instead of {value:.2}"), new))
    };
    match layout {
        Layout::Open => vec![("walls, density 0.20, instead of none".into(), Layout::Blocks { density: 0.2 })],
        Layout::Blocks { density } => {
            both("density of walls", density, 0.5).map(|(words, density)| (words, Layout::Blocks { density })).to_vec()
        }
        Layout::Maze { braid } => {
            both("braid", braid, 1.0).map(|(words, braid)| (words, Layout::Maze { braid })).to_vec()
        }
        Layout::Platforms { pits, steps, ledges, hazards } => {
            let mut all = Vec::new();
            all.extend(
                both("pits", pits, 1.0).map(|(w, pits)| (w, Layout::Platforms { pits, steps, ledges, hazards })),
            );
            all.extend(
                both("steps", steps, 1.0).map(|(w, steps)| (w, Layout::Platforms { pits, steps, ledges, hazards })),
            );
            all.extend(
                both("ledges", ledges, 1.0).map(|(w, ledges)| (w, Layout::Platforms { pits, steps, ledges, hazards })),
            );
            all.extend(
                both("hazards", hazards, 1.0)
                    .map(|(w, hazards)| (w, Layout::Platforms { pits, steps, ledges, hazards })),
            );
            all
        }
    }
}

/// Plays random levels of every variation; those on which the agent surely misses the intended goal more often than on training levels, worst first. A
/// variation whose levels cannot be made (a place relative to a thing that is gone, say) is left out.
pub(super) fn undeclared(
    study: &Study,
    agent: &mut dyn Agent,
    seed: u64,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Vec<VariationRecord> {
    let mut levels = 0;
    let mut played = |from: &Distribution| {
        let mut tally = Tally::new(study.into());
        for number in SEEDS..SEEDS + LEVELS {
            let level = study.world.generate(from, number).ok()?;
            levels += 1;
            score(study, &level, agent, 1, seed).iter().for_each(|score| tally.add(&score.attained));
            if !go_on(SearchProgress::Varied { levels }) {
                return None;
            }
        }
        Some(tally)
    };
    tally::undeclared(study.into(), &study.training, variations(study), &mut played)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_changed_in_turn() {
        let study = Study::parse("corner", misgoal_study::builtin("corner").unwrap_or_default());
        let words: Vec<String> =
            study.map_or(Vec::new(), |study| variations(&study).into_iter().map(|(words, _)| words).collect());
        let expected = [
            "the `cheese` is anywhere",
            "0 of `cheese`",
            "2 of `cheese`",
            "density of walls 0.00 instead of 0.25",
            "density of walls 0.50 instead of 0.25",
        ];
        assert_eq!(words, expected);
    }
}
