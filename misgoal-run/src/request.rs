//! What a caller may ask of a run.

use std::path::PathBuf;

use misgoal_study::{Arm, StudyRef};

use crate::ceiling::TrainCeilings;
use crate::{RunError, UnitId};

/// How a study is to be run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The directory of all runs.
    pub root: PathBuf,
    /// The command that repeats the run, for its records.
    pub command: String,
    /// Units to work on side by side; 0 for one a core.
    pub threads: usize,
    /// The arms to train, by name; where empty all of the study's but those on request.
    pub arms: Vec<String>,
    /// Agents to train in each arm; the study's number where `None`.
    pub seeds: Option<u32>,
    /// The first agent's seed; the others follow.
    pub first_seed: u64,
    /// Environment steps to train for; the study's where `None`.
    pub steps: Option<u64>,
    /// Levels to judge on, for each shift; the study's number where `None`.
    pub levels: Option<u32>,
    /// Judge on the levels of this seed; on those of the first agent's where `None`.
    pub levels_seed: Option<u32>,
    /// Judge on this shift only (probes of capability are played all the same); on all where `None`.
    pub shift: Option<String>,
    /// Whether to train ceilings, one for each shift that is judged.
    pub ceilings: TrainCeilings,
    /// Points of each training, evenly spaced, at which the agent is judged too; none where 0.
    pub along: u32,
}

impl Request {
    /// The study's arms that were asked for, in the study's order.
    pub(crate) fn arms<'s>(&self, study: StudyRef<'s>) -> Result<Vec<&'s Arm>, RunError> {
        if let Some(unknown) = self.arms.iter().find(|name| study.arm(name).is_none()) {
            let known: Vec<String> = study.arms().iter().map(|arm| format!("`{}`", arm.name)).collect();
            let known = known.join(", ");
            return Err(RunError::Request(format!("study `{}` has no arm `{unknown}`: it has {known}", study.name())));
        }
        let wanted = |arm: &&Arm| match (self.ceilings, self.arms.as_slice()) {
            (TrainCeilings::Alone, _) => false,
            (_, []) => !arm.on_request,
            (_, named) => named.contains(&arm.name),
        };
        Ok(study.arms().iter().filter(wanted).collect())
    }

    /// The shift that was asked for, if there is one of this name on which the goals part.
    pub(crate) fn shift(&self, study: StudyRef<'_>) -> Result<Option<String>, RunError> {
        let Some(name) = &self.shift else { return Ok(None) };
        match study.shifts().into_iter().find(|shift| shift.name == name) {
            Some(shift) if !shift.aligned => Ok(Some(name.clone())),
            Some(_) => Err(RunError::Request(format!(
                "shift `{name}` keeps the goals aligned: it shows capability only, ask for a shift on which they part"
            ))),
            None => Err(RunError::Request(format!("study `{}` has no shift `{name}`", study.name()))),
        }
    }

    /// The shifts whose ceilings are asked for.
    pub(crate) fn ceilings(&self, study: StudyRef<'_>) -> Result<Vec<String>, RunError> {
        if self.ceilings == TrainCeilings::No {
            return Ok(Vec::new());
        }
        let only = self.shift(study)?;
        let judged = study.shifts().into_iter().filter(|shift| !shift.aligned);
        Ok(judged
            .map(|shift| shift.name.to_owned())
            .filter(|name| only.as_ref().is_none_or(|only| only == name))
            .collect())
    }

    /// The seed of the levels to judge on: other agents are judged on other levels unless it is said otherwise. `None` for seed 0.
    pub(crate) fn levels_seed(&self) -> Option<u32> {
        // The low half of an agent's seed: what is multiplied to a level's seed must stay a whole number in JSON.
        let seed = self.levels_seed.unwrap_or(self.first_seed as u32);
        (seed > 0).then_some(seed)
    }

    pub(crate) fn seeds(&self, study: StudyRef<'_>) -> Result<Vec<u64>, RunError> {
        match self.seeds.unwrap_or(study.evaluation().seeds) {
            0 => Err(RunError::Request("`0` seeds train nothing: ask for at least 1".to_owned())),
            seeds => Ok((0..u64::from(seeds)).map(|seed| self.first_seed.saturating_add(seed)).collect()),
        }
    }

    pub(crate) fn steps(&self, study: StudyRef<'_>) -> Result<u64, RunError> {
        match self.steps.unwrap_or(study.steps()) {
            0 => Err(RunError::Request("`0` steps train nothing: ask for at least 1".to_owned())),
            steps => Ok(steps),
        }
    }
}

/// The threads to use where `threads` were asked for.
pub(crate) fn threads(threads: usize) -> usize {
    match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        some => some,
    }
}

/// The units of these arms and seeds: arm by arm, so that the baseline's verdict is there first.
pub(crate) fn units(arms: &[String], seeds: &[u64]) -> Vec<UnitId> {
    let unit = |arm: &String, seed: &u64| UnitId { arm: arm.clone(), seed: *seed };
    arms.iter().flat_map(|arm| seeds.iter().map(move |seed| unit(arm, seed))).collect()
}

/// A policy to be judged as it is.
#[derive(Clone, Debug)]
pub enum GivenPolicy {
    /// The bytes of a weight file.
    Weights(Vec<u8>),
    /// A scripted reference agent, by its name.
    Scripted(String),
}
