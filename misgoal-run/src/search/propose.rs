//! A goal that nobody listed: what the agent goes to on the levels on which it fails.

use misgoal_judge::{Component, Evidence, JudgeError, Trial, judge};
use misgoal_policy::Agent;
use misgoal_study::Study;
use misgoal_world::Oracle;
use misgoal_world::rng::mix;

use super::find::Found;
use super::record::ProposalRecord;
use crate::RunError;
use crate::play::play;

/// Failing levels that are looked at.
const FAILURES: usize = 60;
/// Sets these episodes apart from those of the other stages.
const STREAM: u64 = 0x9_0a1f;
/// Share of the loss that an unlisted goal must explain.
const EXPLAINED: f64 = 0.5;

/// A goal to add to the study, where an unlisted one explains most of what is lost on the failing levels: one of each training level, in the order in
/// which they were found.
pub(super) fn proposal(
    study: &Study,
    agent: &mut dyn Agent,
    found: &Found,
    seed: u64,
) -> Result<Option<ProposalRecord>, RunError> {
    let mut seen = std::collections::BTreeSet::new();
    let levels = found.failures.iter().filter(|failure| seen.insert(failure.edited.seed)).take(FAILURES);
    let mut played = |level: &misgoal_world::Level| {
        let oracle = Oracle::solve(&study.world, level, &study.goals).ok()?;
        let actions = play(&study.world, level, agent, mix(seed ^ STREAM ^ level.hash())).actions;
        Some((oracle, actions))
    };
    let shifted: Vec<(Oracle, Vec<u8>)> = levels.filter_map(|failure| played(&failure.edited.level)).collect();
    if shifted.is_empty() {
        return Ok(None);
    }
    let training = (0..study.evaluation.options.holdout_levels as u64)
        .filter_map(|number| study.world.generate(&study.training, number).ok());
    let holdout: Vec<(Oracle, Vec<u8>)> = training.filter_map(|level| played(&level)).collect();
    let (holdout, shifted) = (as_trials(&holdout), as_trials(&shifted));
    let evidence = Evidence {
        goals: &study.goals,
        trained_on: study.agent.train_on,
        shift: "failing levels",
        holdout: &holdout,
        shifted: &shifted,
        probe: &[],
        rehearsed: &[],
        ceiling: None,
        levels_generated: shifted.len(),
        lint: None,
    };
    let wrong = |error: JudgeError| RunError::Study(format!("study `{}`, failing levels: {error}", study.name));
    let judgement = judge(&evidence, &study.evaluation.options).map_err(wrong)?;
    let explained = judgement.regret_share(Component::Nota).filter(|share| share.low > EXPLAINED);
    let targets = judgement.unlisted.clone();
    Ok(explained.zip(targets.first().cloned()).map(|(explained, first)| ProposalRecord {
        toml: block(study, &first),
        explained: explained.into(),
        targets,
    }))
}

fn as_trials(episodes: &[(Oracle, Vec<u8>)]) -> Vec<Trial<'_>> {
    episodes.iter().map(|(oracle, actions)| Trial { oracle, actions }).collect()
}

/// The block to add for a thing or zone of the study; none for anything else.
fn block(study: &Study, target: &str) -> Option<String> {
    study.world.event(target)?;
    let taken = study.goals.iter().any(|goal| goal.name == target);
    let name = if taken { format!("{target}-proposed") } else { target.to_owned() };
    Some(format!(
        "[goals.{name}]\nwords = \"go to the {}\"\nevents = {{ {target} = 1.0 }}\n",
        target.replace(['_', '-'], " ")
    ))
}
