//! Reference agents that a script cannot play: they are trained to fail.

use misgoal_judge::ShiftJudgement;
use misgoal_study::{Arm, Study, StudyRef};

use super::agents::Mode;
use super::{APART, JudgedRecord, record};
use crate::evaluate::Evaluation;
use crate::holdout::Rule;
use crate::levels::Levels;
use crate::unit::Shared;
use crate::{RunError, UnitId, lint, policy, train};

/// Levels that an overfitted agent learns by heart.
const BY_HEART: u64 = 10;
/// The share of the study's steps that agents which must fail are trained for.
const BUDGET: f64 = 0.3;
/// An agent is overfitted when it attains this much more on the levels that it was trained on than on others of the same kind. In some worlds
/// ten levels teach all that there is to learn: such an agent is left out.
const GAP: f64 = 0.3;

/// The arm of an agent that is to fail in this mode, and what the agent is called. `units` are what it learns by heart: levels or cases.
pub(crate) fn failing(study: StudyRef<'_>, mode: Mode, units: &str) -> (Arm, String) {
    let baseline = Arm { budget: BUDGET, ..Arm::baseline() };
    match mode {
        Mode::Misspecified(goal) => {
            let name = study.goals().get(goal).map_or("another goal", |(name, _)| name);
            (Arm { train_on: Some(goal), ..baseline }, format!("trained for {name}"))
        }
        _ => (Arm { levels: Some(BY_HEART), ..baseline }, format!("trained on {BY_HEART} {units}")),
    }
}

/// Whether a trained agent became what it was meant to be. One of another reward is what it was rewarded for; whether one is overfitted, its attainment
/// must show.
pub(crate) fn became(mode: Mode, judgement: &ShiftJudgement) -> bool {
    let attained = judgement.rehearsed.zip(judgement.holdout_attainment.first());
    mode != Mode::Overfitted || attained.is_some_and(|(rehearsed, holdout)| rehearsed.value - holdout.value >= GAP)
}

/// Trains one and judges it; nothing where it was time to stop, or the agent did not become what it was meant to be.
pub(crate) fn judged(
    study: &Study,
    mode: Mode,
    seed: u64,
    told: &dyn Fn() -> bool,
    count: &dyn Fn(usize) -> bool,
) -> Result<Vec<JudgedRecord>, RunError> {
    let mut study = study.clone();
    let (arm, name) = failing((&study).into(), mode, "levels");
    study.arms = vec![arm.clone()];
    let levels = Levels::from_seed(&study, None, (seed + 1) * APART)?;
    let lint = lint::reports(&study, &levels);
    let shared =
        Shared { study: &study, levels, splay: None, lint: Vec::new(), given: None, rule: Rule::default(), along: 0 };
    let unit = UnitId { arm: arm.name, seed };
    let Some(network) = train::in_memory(&shared, &unit, told)? else { return Ok(Vec::new()) };
    let mut agent = policy::agent(network);
    let rehearsed = train::rehearsed(&shared, &unit)?;
    let evaluation = Evaluation::new(&study, &shared.levels, rehearsed.as_ref(), agent.as_mut(), seed, |_| {});
    let trained_on = study.agent_of(&unit.arm).train_on;
    let mut judged = Vec::new();
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let judgement = evaluation.judge(&study, trained_on, shift, None, lint.get(number))?;
        count(1);
        if became(mode, &judgement) {
            judged.push(record(mode, &name, &judgement, seed));
        }
    }
    Ok(judged)
}
