//! Kept episodes, played again: an episode is its level's seed and its actions.

use misgoal_study::Study;
use misgoal_world::{Level, State};

use crate::RunError;
use crate::levels::distribution;
use crate::play::{actions, states};
use crate::read::Run;
use crate::record::EpisodeRecord;

/// An episode and what it looked like.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The level.
    pub level: Level,
    /// The actions.
    pub actions: Vec<u8>,
    /// The state before each action and after the last: one more than actions.
    pub states: Vec<State>,
}

/// Plays a kept episode again. `study` is the run's own, as [`Run::parse_study`] gives it.
///
/// # Errors
/// The level or the actions are none of this study's, or the last state is not the recorded one: then the files do not belong together.
pub fn replay(study: &Study, episode: &EpisodeRecord) -> Result<Replay, RunError> {
    let broken = |why: String| {
        RunError::Request(format!(
            "episode `{}` cannot be replayed: {why}; the study is not the one that it was recorded with, or this misgoal makes other levels",
            episode.id
        ))
    };
    let Some(distribution) = distribution(study, &episode.shift) else {
        return Err(broken(format!("study `{}` has no shift `{}`", study.name, episode.shift)));
    };
    let level = study.world.generate(distribution, episode.level_seed).map_err(|error| broken(error.to_string()))?;
    let actions = actions(&episode.actions).ok_or_else(|| broken("its actions are not digits".to_owned()))?;
    let states = states(&study.world, &level, &actions)
        .ok_or_else(|| broken("it has actions that this world has not, or that come after its end".to_owned()))?;
    let hash = states.last().map(|state| format!("{:016x}", state.hash())).unwrap_or_default();
    if hash != episode.hash {
        return Err(broken(format!("it ends in state `{hash}` and not in `{}`", episode.hash)));
    }
    Ok(Replay { level, actions, states })
}

impl Run {
    /// A kept episode with its level and states, verified against its hash.
    ///
    /// # Errors
    /// There is no such episode, or as [`replay`].
    pub fn replay(&self, episode: &str) -> Result<(EpisodeRecord, Replay), RunError> {
        let record = self.episode(episode)?;
        let replayed = replay(&self.parse_study()?, &record)?;
        Ok((record, replayed))
    }
}
