//! Scripted reference agents of a grid world, played and judged.

use misgoal_judge::{LintReport, ShiftJudgement};
use misgoal_policy::scripted::{Script, Scripted};
use misgoal_study::Study;

use super::agents::{Mode, Reference, references};
use super::{APART, JudgedRecord, is_listed, record};
use crate::RunError;
use crate::evaluate::{Evaluation, Played};
use crate::levels::{LevelSet, Levels};

/// Judges them all on the levels of one seed.
pub(super) fn scripted(
    study: &Study,
    lint: &[LintReport],
    seed: u64,
    count: &dyn Fn(usize) -> bool,
) -> Result<Vec<JudgedRecord>, RunError> {
    let levels = Levels::from_seed(study, None, (seed + 1) * APART)?;
    let mut judged = Vec::new();
    for (number, lint) in lint.iter().enumerate() {
        let Some(set) = levels.shifts.get(number) else { continue };
        for reference in references(study, Some(lint)) {
            // Who pursues what is nowhere to be had cannot be told from who pursues nothing.
            if reference.mode.proxy().is_some_and(|proxy| !is_to_be_had(set, proxy)) {
                continue;
            }
            let Some(judgement) = of_reference(study, &levels, lint, number, &reference, seed)? else { continue };
            if !count(1) {
                return Ok(judged);
            }
            // An unlisted thing that lies where a goal is rewarded is that goal by another name: no verdict on it can be wrong.
            if reference.mode == Mode::Unlisted && is_listed(&judgement) {
                continue;
            }
            judged.push(record(reference.mode, &reference.name, &judgement, seed));
        }
    }
    Ok(judged)
}

/// Lets a scripted agent play as its mode wants it, and judges it.
fn of_reference(
    study: &Study,
    levels: &Levels,
    lint: &LintReport,
    number: usize,
    reference: &Reference<Script>,
    seed: u64,
) -> Result<Option<ShiftJudgement>, RunError> {
    let Some(set) = levels.shifts.get(number) else { return Ok(None) };
    let agent = |script| Scripted::new(script, &study.goals);
    let mut probe = agent(reference.probe);
    let evaluation = Evaluation {
        holdout: Played::new(study, &levels.holdout, &mut agent(reference.training), seed),
        shifts: Vec::new(),
        probes: levels.probes.iter().map(|set| Played::new(study, set, &mut probe, seed)).collect(),
        rehearsed: None,
        mixed: None,
    };
    let played = Played::new(study, set, &mut agent(reference.shifted), seed);
    evaluation.judge(study, reference.trained_on, &played, None, Some(lint)).map(Some)
}

/// Whether a goal has something to gain on any level.
fn is_to_be_had(set: &LevelSet, goal: usize) -> bool {
    set.solved.iter().any(|(_, oracle)| oracle.best(goal) > oracle.baseline(goal))
}
