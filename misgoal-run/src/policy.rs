//! Which agents a run can judge: trained networks, weight files, scripted reference agents.

use misgoal_policy::scripted::{Script, Scripted};
use misgoal_policy::{Agent, Choice, Network, NetworkAgent};
use misgoal_study::{Study, StudyRef};
use misgoal_world::WorldSpec;
use misgoal_world::rng::mix;

use crate::request::GivenPolicy;
use crate::store::dir::UnitDir;
use crate::{RunError, store::files};

/// What scripted policies are called by: `scripted:optimal-coin`.
const SCRIPTED: &str = "scripted:";
/// What a weight file is called by in records.
const FILE: &str = "file";

/// Whether a given policy can act in the study's world; what it is called by in records.
pub(crate) fn check(study: &Study, policy: &GivenPolicy) -> Result<String, RunError> {
    match policy {
        GivenPolicy::Weights(bytes) => network(study, bytes).map(|_| FILE.to_owned()).map_err(RunError::Request),
        GivenPolicy::Scripted(name) => script(study, name).map(|_| format!("{SCRIPTED}{name}")),
    }
}

/// The agent of a run that judges a given policy.
pub(crate) fn given(study: &Study, name: &str, dir: &UnitDir) -> Result<Box<dyn Agent>, RunError> {
    match name.strip_prefix(SCRIPTED) {
        Some(name) => Ok(Box::new(Scripted::new(script(study, name)?, &study.goals))),
        None => {
            let path = dir.policy_path();
            let network = network(study, &files::read(&path)?)
                .map_err(|why| RunError::damaged(&path, why, "judge the policy anew from its own file"))?;
            Ok(agent(network))
        }
    }
}

/// The agent of a given policy.
pub(crate) fn of(study: &Study, policy: &GivenPolicy) -> Result<Box<dyn Agent>, RunError> {
    match policy {
        GivenPolicy::Scripted(name) => Ok(Box::new(Scripted::new(script(study, name)?, &study.goals))),
        GivenPolicy::Weights(bytes) => network(study, bytes).map(agent).map_err(RunError::Request),
    }
}

/// An agent that draws its actions from a network's distribution, as it did in training.
pub(crate) fn agent(network: Network) -> Box<dyn Agent> {
    Box::new(NetworkAgent::new(network, Choice::Sample))
}

/// Reads weights and sees that they fit the study's world. The error is a clause.
pub(crate) fn network(study: &Study, bytes: &[u8]) -> Result<Network, String> {
    let (network, origin) = Network::load(bytes).map_err(|error| format!("the policy cannot be read: {error}"))?;
    let (inputs, actions) = (network.architecture().inputs, network.architecture().actions);
    let (features, moves) = (study.world.feature_count(), study.world.action_count());
    if (inputs, actions) != (features, moves) {
        return Err(format!(
            "the policy has {inputs} inputs and {actions} actions, the world of study `{}` has {features} and {moves}: it was trained in another world",
            study.name
        ));
    }
    if origin.world != world_hash(study) {
        return Err(format!(
            "the policy was trained in a world whose things, zones, size or view differ from those of study `{}`",
            study.name
        ));
    }
    Ok(network)
}

/// A hash of what observations and actions mean: size, movement, things, zones and view; not of step limit and discount.
pub(crate) fn world_hash(study: &Study) -> String {
    let WorldSpec { width, height, movement, things, zones, view, step_limit: _, discount: _ } = study.world.spec();
    let text = format!("{width} {height} {movement:?} {things:?} {zones:?} {view:?}");
    let hash = text.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
    format!("{hash:016x}")
}

fn script(study: &Study, name: &str) -> Result<Script, RunError> {
    Script::parse(name, &study.goals).map_err(|error| RunError::Request(error.to_string()))
}

/// The names of the scripted agents that can stand in for a policy in this study.
pub fn scripted_names<'s>(study: impl Into<StudyRef<'s>>) -> Vec<String> {
    match study.into() {
        StudyRef::Grid(study) => Script::names(&study.goals),
        StudyRef::Decision(study) => crate::decision::scripted_names(study),
    }
}
