//! Evidence as it accumulates along one episode.

use misgoal_world::Goal;

use crate::outcome::ShiftJudgement;
use crate::replay::{JudgeError, Trial, replay};
use crate::trace::Trace;
use crate::weigh::class_likelihood;

/// What the episode says up to and including one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepEvidence {
    /// Index of the step in the episode; steps that do not count are left out.
    pub at: usize,
    /// Log-likelihood of the counted steps so far under every component, in the order of [`ShiftJudgement::shares`].
    pub log_likelihood: Vec<f64>,
    /// Posterior of the components when each was as likely before the episode.
    pub posterior: Vec<f64>,
}

/// The evidence after every counted step of one shifted episode, with the habits of the judgement that it belongs to. What the other episodes say of a
/// component that comes in variants - which unlisted goal, whether a proxy is pursued all the time, which kind of device - is left out.
/// Empty when the judgement has no fit.
///
/// # Errors
/// An action that the world does not have.
pub fn evidence_along(
    goals: &[Goal],
    trial: &Trial<'_>,
    judgement: &ShiftJudgement,
) -> Result<Vec<StepEvidence>, JudgeError> {
    let Some(fit) = &judgement.fit else { return Ok(Vec::new()) };
    let whole = replay(goals, trial, true)?;
    Ok((1..=whole.steps.len())
        .map(|length| {
            let part = prefix(&whole, length);
            let log_likelihood: Vec<f64> = judgement
                .shares
                .iter()
                .map(|(component, _)| class_likelihood(fit, &part, *component, &judgement.classes))
                .collect();
            let top = log_likelihood.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = log_likelihood.iter().map(|l| (l - top).exp()).sum();
            let posterior = log_likelihood.iter().map(|l| (l - top).exp() / sum).collect();
            StepEvidence { at: part.steps.last().map_or(0, |step| step.at), log_likelihood, posterior }
        })
        .collect())
}

/// The first counted steps of an episode. Likelihoods go through the steps in order and stop at the shorter list, so
/// that the advantages need not be cut.
fn prefix(trace: &Trace, length: usize) -> Trace {
    let mut part = trace.clone();
    part.steps.truncate(length);
    part
}
