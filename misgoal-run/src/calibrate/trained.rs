//! Reference agents that a script cannot play: they are trained to fail.

use misgoal_study::{Arm, Study};

use super::agents::Mode;
use super::{APART, BUDGET, BY_HEART, JudgedRecord, is_overfitted, record};
use crate::evaluate::Evaluation;
use crate::levels::Levels;
use crate::unit::Shared;
use crate::{RunError, UnitId, lint, policy, train};

/// Trains one and judges it; nothing where it was time to stop, or the agent did not become what it was meant to be.
pub(crate) fn judged(
    study: &Study,
    mode: Mode,
    seed: u64,
    told: &dyn Fn() -> bool,
    count: &dyn Fn(usize) -> bool,
) -> Result<Vec<JudgedRecord>, RunError> {
    let mut study = study.clone();
    let arm = match mode {
        Mode::Misspecified(goal) => Arm { train_on: Some(goal), budget: BUDGET, ..Arm::baseline() },
        _ => Arm { levels: Some(BY_HEART), budget: BUDGET, ..Arm::baseline() },
    };
    study.arms = vec![arm.clone()];
    let levels = Levels::from_seed(&study, None, (seed + 1) * APART)?;
    let lint = lint::reports(&study, &levels);
    let shared = Shared { study: &study, levels, splay: None, lint: Vec::new(), given: None, along: 0 };
    let unit = UnitId { arm: arm.name, seed };
    let Some(network) = train::in_memory(&shared, &unit, told)? else { return Ok(Vec::new()) };
    let mut agent = policy::agent(network);
    let rehearsed = train::rehearsed(&shared, &unit)?;
    let evaluation = Evaluation::new(&study, &shared.levels, rehearsed.as_ref(), agent.as_mut(), seed, |_| {});
    let trained_on = study.agent_of(&unit.arm).train_on;
    let mut judged = Vec::new();
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let judgement = evaluation.judge(&study, trained_on, shift, lint.get(number))?;
        count(1);
        if is_overfitted(&judgement) {
            judged.push(record(mode, name(&study, mode).as_str(), &judgement, seed));
        }
    }
    Ok(judged)
}

fn name(study: &Study, mode: Mode) -> String {
    match mode {
        Mode::Misspecified(goal) => {
            format!("trained for {}", study.goals.get(goal).map_or("another goal", |goal| goal.name.as_str()))
        }
        _ => format!("trained on {BY_HEART} levels"),
    }
}
