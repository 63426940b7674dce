//! Kept cases, drawn again: a case is its seed, and what the agent chose is recorded.

use misgoal_decision::{Moment, Solved, hash};
use misgoal_study::DecisionStudy;

use super::cases::{distribution, wrong};
use crate::RunError;
use crate::play::actions;
use crate::record::EpisodeRecord;

/// A case and what was chosen in it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedCase {
    /// The record that it was drawn again from.
    pub record: EpisodeRecord,
    /// The choices, one a turn.
    pub choices: Vec<Choice>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The features before it: name, value in words, and whether the agent saw it.
    pub features: Vec<(String, String, bool)>,
    /// What was chosen.
    pub chosen: String,
    /// Per goal, in the study's order, its name and the options that are best for it; all of them where it does not care.
    pub preferred: Vec<(String, Vec<String>)>,
}

/// A kept case of a study, drawn again.
///
/// # Errors
/// The case or the choices are none of this study's: then the files do not belong together.
pub fn played(study: &DecisionStudy, record: &EpisodeRecord) -> Result<PlayedCase, RunError> {
    let broken = |why: String| {
        RunError::Request(format!(
            "case `{}` cannot be drawn again: {why}; the study is not the one that it was recorded with, or this misgoal draws other cases",
            record.id
        ))
    };
    let Some(distribution) = distribution(study, &record.shift) else {
        return Err(broken(format!("study `{}` has no shift `{}`", study.name, record.shift)));
    };
    let case =
        study.world.draw(distribution, record.level_seed).map_err(|problem| wrong(study, &record.shift, &problem))?;
    let found = format!("{:016x}", hash(&case.row));
    if found != record.hash {
        return Err(broken(format!("its features hash to `{found}` and not to `{}`", record.hash)));
    }
    let solved =
        Solved::new(&study.world, &study.goals, case).map_err(|problem| wrong(study, &record.shift, &problem))?;
    let chosen = actions(&record.actions).ok_or_else(|| broken("its choices are not digits".to_owned()))?;
    let episode = solved.episode(&chosen);
    let there_are = study.world.options().len();
    if episode.len() != chosen.len() || chosen.iter().any(|option| usize::from(*option) >= there_are) {
        return Err(broken("it has choices that this world has not, or that come after its end".to_owned()));
    }
    let choices = episode.into_iter().map(|(moment, option)| choice(study, &solved, moment, option)).collect();
    Ok(PlayedCase { record: record.clone(), choices })
}

fn choice(study: &DecisionStudy, solved: &Solved, moment: &Moment, option: usize) -> Choice {
    let world = &study.world;
    let features = world.features().iter().zip(&moment.row).enumerate();
    let name = |option: usize| world.options().get(option).cloned().unwrap_or_default();
    let preferred =
        study.goals.iter().enumerate().map(|(number, goal)| {
            (goal.name.clone(), solved.preferred(moment, number).into_iter().map(name).collect())
        });
    Choice {
        features: features
            .map(|(number, (feature, value))| (feature.name.clone(), world.words(number, *value), feature.observed))
            .collect(),
        chosen: name(option),
        preferred: preferred.collect(),
    }
}
