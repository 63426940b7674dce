//! Evidence along an episode: which component explains it best after each step.

use misgoal_judge::{ShiftJudgement, evidence_along};
use misgoal_study::Study;

use crate::RunError;
use crate::evaluate::{Played, trial};
use crate::pick::Pick;
use crate::record::EpisodeRecord;

/// Adds the evidence to a picked episode's record.
pub(crate) fn add(
    study: &Study,
    played: &Played<'_>,
    pick: &Pick,
    judgement: &ShiftJudgement,
    record: &mut EpisodeRecord,
) -> Result<(), RunError> {
    let Some((case, episode)) = played.pairs().nth(pick.number) else { return Ok(()) };
    let counted = evidence_along(&study.goals, &trial(case, episode), judgement)
        .map_err(|error| RunError::Internal(format!("episode `{}`: {error}", record.id)))?;
    // Three digits are what a chart shows.
    let rounded = |p: &f64| (p * 1000.0).round() as f32 / 1000.0;
    let mut counted = counted.into_iter().peekable();
    let mut row: Vec<f32> = Vec::new();
    for at in 0..episode.actions.len() {
        // A step that does not count changes nothing: the row before holds on.
        if let Some(news) = counted.next_if(|step| step.at == at) {
            row = news.posterior.iter().map(rounded).collect();
        }
        if !row.is_empty() {
            record.evidence.push(row.clone());
        }
    }
    record.components = judgement
        .shares
        .iter()
        .filter(|_| !record.evidence.is_empty())
        .map(|(component, _)| component.name(&judgement.goals).to_owned())
        .collect();
    Ok(())
}
