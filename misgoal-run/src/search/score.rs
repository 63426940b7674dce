//! How badly an agent fails on a level.

use misgoal_policy::Agent;
use misgoal_study::Study;
use misgoal_world::rng::mix;
use misgoal_world::{Level, Oracle};

use super::attained::Attained;
use crate::evaluate::attainments;
use crate::levels::Case;
use crate::play::{Episode, play};

/// The oracle must gain at least this much over wanting nothing: where it does not, nothing is lost.
const AT_STAKE: f64 = 0.05;

/// What an agent attained on a level, over several tries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) attained: Attained,
    /// The try whose attainment of the intended goal is nearest to the mean: the one to show.
    pub(crate) episode: Episode,
}

/// Lets the agent try a level. `None` where the level is unfair: the intended goal cannot be attained, or nothing is at stake.
pub(crate) fn score(study: &Study, level: &Level, agent: &mut dyn Agent, tries: u32, seed: u64) -> Option<Score> {
    let oracle = Oracle::solve(&study.world, level, &study.goals).ok()?;
    oracle.solvable(0).ok()?;
    if oracle.best(0) - oracle.baseline(0) < AT_STAKE {
        return None;
    }
    let case = Case { seed, oracle: &oracle, judged: true };
    let hash = level.hash();
    let episodes: Vec<Episode> = (0..tries.max(1))
        .map(|number| play(&study.world, level, agent, mix(seed ^ mix(hash ^ u64::from(number)))))
        .collect();
    let gained: Vec<Vec<f64>> = episodes.iter().map(|episode| attainments(study, case, episode)).collect();
    let attained = Attained::mean(study.goals.len(), &gained);
    let off = |of: &[f64]| (of.first().copied().unwrap_or_default() - attained.intended()).abs();
    // Of equals the first.
    let typical = gained.iter().zip(episodes).min_by(|a, b| off(a.0).total_cmp(&off(b.0)))?;
    Some(Score { episode: typical.1, attained })
}
