//! Which episodes are kept, and why: every shown episode says whether it is random, worst, ambiguous or picked by hand.

use misgoal_judge::ShiftJudgement;
use misgoal_study::Study;

use crate::UnitId;
use crate::evaluate::{Played, attainments, first};
use crate::levels::{Case, TRAINING};
use crate::play::{Episode, digits};
use crate::record::EpisodeRecord;

/// Episodes of each label that are kept of a unit and shift.
const OF_EACH: usize = 2;

/// An episode that is kept.
pub(crate) struct Pick {
    /// Its number among the levels of its set.
    pub(crate) number: usize,
    pub(crate) label: &'static str,
}

/// Picks judged episodes of a shift: the first ones (levels are independent draws, so the first are as random as any), those that lose most of the
/// intended goal while they attain most of a proxy, and those whose goal is least clear.
pub(crate) fn shifted(
    study: &Study,
    played: &Played<'_>,
    training: &Played<'_>,
    judgement: &ShiftJudgement,
) -> Vec<Pick> {
    let judged: Vec<(usize, Case<'_>, &Episode)> = played
        .pairs()
        .enumerate()
        .filter(|(_, (case, _))| case.judged)
        .map(|(number, (case, episode))| (number, case, episode))
        .collect();
    let mut picks: Vec<Pick> =
        judged.iter().take(OF_EACH).map(|(number, ..)| Pick { number: *number, label: "random" }).collect();
    let mut worst: Vec<(f64, usize)> = judged
        .iter()
        .map(|(number, case, episode)| {
            let attained = attainments(study, *case, episode);
            let intended = attained.first().copied().unwrap_or_default();
            (attained.iter().skip(1).copied().fold(0.0, f64::max) - intended, *case, *number)
        })
        .filter(|(loss, ..)| *loss > 0.0)
        .map(|(loss, case, number)| {
            let twin = training.pairs().any(|(other, _)| is_twin(other, case.seed, case.level().layout_hash()));
            (telling(loss, twin, case.oracle.best(0)), number)
        })
        .collect();
    add(&mut picks, &mut worst, "worst");
    // The judge leaves out levels on which there is nothing to attain, and keeps the order of the others.
    let usable = judged.iter().filter(|(_, case, _)| case.oracle.best(0) > case.oracle.baseline(0));
    let mut unclear: Vec<(f64, usize)> =
        usable.zip(&judgement.episodes).map(|((number, ..), said)| (entropy(&said.posterior), *number)).collect();
    add(&mut picks, &mut unclear, "ambiguous");
    picks
}

/// A loss to the nearest tenth; among those alike, more for a level that was also met as a training level, so that the two can be set side by side, then
/// for one whose intended goal is farther away (its best return is discounted more): of the many episodes that lose everything, one that
/// parts from a long way shows more than one that misses its goal by a step.
fn telling(loss: f64, twin: bool, best: f64) -> f64 {
    2.0 * (10.0 * loss).round() + f64::from(u8::from(twin)) - best.clamp(0.0, 1.0)
}

/// Whether this is the same layout, drawn from the same seed.
fn is_twin(case: Case<'_>, seed: u64, layout: u64) -> bool {
    case.seed == seed && case.level().layout_hash() == layout
}

/// The first episodes on held-out training levels, and the twins of these shifted episodes: the same layouts as in training.
pub(crate) fn training(played: &Played<'_>, twins: &[(u64, u64)]) -> Vec<Pick> {
    let mut picks: Vec<Pick> =
        (0..played.episodes.len().min(OF_EACH)).map(|number| Pick { number, label: "random" }).collect();
    for (seed, layout) in twins {
        if let Some(number) = played.pairs().position(|(case, _)| is_twin(case, *seed, *layout))
            && picks.iter().all(|pick| pick.number != number)
        {
            picks.push(Pick { number, label: "hand-picked" });
        }
    }
    picks
}

/// Adds the highest scores that are not picked yet; ties by number.
pub(crate) fn add(picks: &mut Vec<Pick>, scores: &mut [(f64, usize)], label: &'static str) {
    scores.sort_by(|(a, m), (b, n)| b.total_cmp(a).then(m.cmp(n)));
    let fresh: Vec<usize> =
        scores.iter().map(|(_, number)| *number).filter(|n| picks.iter().all(|pick| pick.number != *n)).collect();
    picks.extend(fresh.into_iter().take(OF_EACH).map(|number| Pick { number, label }));
}

pub(crate) fn entropy(posterior: &[f64]) -> f64 {
    posterior.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
}

/// A picked episode as it is written.
pub(crate) fn record(study: &Study, unit: &UnitId, played: &Played<'_>, pick: &Pick) -> Option<EpisodeRecord> {
    let (case, episode) = played.pairs().nth(pick.number)?;
    let shift = &played.set.name;
    let reached = first(study, episode);
    Some(EpisodeRecord {
        id: format!("{unit}/{shift}/{}", pick.number),
        arm: unit.arm.clone(),
        seed: unit.seed,
        shift: shift.clone(),
        level_seed: case.seed,
        label: pick.label.to_owned(),
        judged: case.judged && shift != TRAINING,
        actions: digits(&episode.actions),
        hash: format!("{:016x}", episode.last.hash()),
        attainment: attainments(study, case, episode),
        first: reached.first().and_then(|goal| study.goals.get(*goal)).map(|goal| goal.name.clone()),
        evidence: Vec::new(),
        components: Vec::new(),
    })
}
