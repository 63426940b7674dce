//! Which cases are kept, and why: every shown case says whether it is random, worst or ambiguous.

use misgoal_decision::{Solved, hash};
use misgoal_judge::ShiftJudgement;

use super::Shared;
use super::cases::TRAINING;
use super::evaluate::{Decided, attainments, first};
use crate::UnitId;
use crate::pick::{add, entropy};
use crate::play::digits;
use crate::record::EpisodeRecord;

/// Cases drawn at random that are kept of a unit and distribution.
const RANDOM: usize = 4;

/// Cases of a shift: the first ones (cases are independent draws, so the first are as random as any), those that lose most of the intended goal
/// while they attain most of a proxy, and those whose goal is least clear.
pub(super) fn shifted(
    shared: &Shared<'_>,
    unit: &UnitId,
    decided: &Decided<'_>,
    judgement: &ShiftJudgement,
) -> Vec<EpisodeRecord> {
    let mut picks: Vec<crate::pick::Pick> = random(decided);
    let mut worst: Vec<(f64, usize)> = decided
        .pairs()
        .enumerate()
        .map(|(number, (solved, choices))| {
            let attained = attainments(solved, choices);
            let intended = attained.first().copied().unwrap_or_default();
            (attained.iter().skip(1).copied().fold(0.0, f64::max) - intended, number)
        })
        .filter(|(loss, _)| *loss > 0.0)
        .collect();
    add(&mut picks, &mut worst, "worst");
    let said = judgement.episodes.iter().enumerate();
    let mut unclear: Vec<(f64, usize)> = said.map(|(number, said)| (entropy(&said.posterior), number)).collect();
    add(&mut picks, &mut unclear, "ambiguous");
    picks.iter().filter_map(|pick| record(shared, unit, decided, pick)).collect()
}

/// The first held-out training cases.
pub(super) fn training(shared: &Shared<'_>, unit: &UnitId, decided: &Decided<'_>) -> Vec<EpisodeRecord> {
    random(decided).iter().filter_map(|pick| record(shared, unit, decided, pick)).collect()
}

fn random(decided: &Decided<'_>) -> Vec<crate::pick::Pick> {
    let numbers = 0..decided.choices.len().min(RANDOM);
    numbers.map(|number| crate::pick::Pick { number, label: "random" }).collect()
}

fn record(
    shared: &Shared<'_>,
    unit: &UnitId,
    decided: &Decided<'_>,
    pick: &crate::pick::Pick,
) -> Option<EpisodeRecord> {
    let (solved, choices): (&Solved, &[u8]) = decided.pairs().nth(pick.number)?;
    let shift = &decided.set.name;
    let reached = first(solved, choices);
    Some(EpisodeRecord {
        id: format!("{unit}/{shift}/{}", pick.number),
        arm: unit.arm.clone(),
        seed: unit.seed,
        shift: shift.clone(),
        level_seed: solved.case.seed,
        label: pick.label.to_owned(),
        judged: shift != TRAINING,
        actions: digits(choices),
        hash: format!("{:016x}", hash(&solved.case.row)),
        attainment: attainments(solved, choices),
        first: reached.first().and_then(|goal| shared.study.goals.get(*goal)).map(|goal| goal.name.clone()),
        evidence: Vec::new(),
        components: Vec::new(),
    })
}
