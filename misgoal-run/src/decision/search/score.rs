//! What an agent attains in a case, over several tries.

use misgoal_decision::Solved;
use misgoal_world::rng::mix;

use super::super::agent::Chooses;
use super::super::cases::has_gain;
use super::super::evaluate::attainments;
use crate::search::attained::Attained;

/// Mean attainments over the tries, and the choices of the first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Score {
    pub(super) attained: Attained,
    pub(super) choices: Vec<u8>,
}

/// Lets the agent try a case; none where the intended goal has nothing to gain in it.
pub(super) fn score(solved: &Solved, agent: &mut Chooses, tries: u64, seed: u64) -> Option<Score> {
    if !has_gain(solved, 0) {
        return None;
    }
    let hash = misgoal_decision::hash(&solved.case.row);
    let choices: Vec<Vec<u8>> = (0..tries.max(1))
        .map(|number| agent.episode(solved, solved.options(), mix(seed ^ mix(hash ^ number))))
        .collect();
    let gained: Vec<Vec<f64>> = choices.iter().map(|choices| attainments(solved, choices)).collect();
    Some(Score { attained: Attained::mean(solved.goals(), &gained), choices: choices.into_iter().next()? })
}
