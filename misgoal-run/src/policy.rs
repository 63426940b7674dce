//! Which agents a run can judge: trained networks, weight files, scripted reference agents.

use misgoal_policy::scripted::{Script, Scripted};
use misgoal_policy::{Agent, Choice, Network, NetworkAgent};
use misgoal_study::{Study, StudyRef};

use crate::RunError;
use crate::identity::WorldHash;
use crate::request::GivenPolicy;
use crate::unit_identity::Place;

/// What scripted policies are called by: `scripted:optimal-coin`.
const SCRIPTED: &str = "scripted:";
/// What a weight file is called by in records.
const FILE: &str = "file";

/// What to do about a given policy's file that is damaged.
pub(crate) const ANEW: &str = "judge the policy anew from its own file";

/// Whether a given policy can act in the study's world; what it is called by in records.
pub(crate) fn check(study: &Study, policy: &GivenPolicy) -> Result<String, RunError> {
    match policy {
        GivenPolicy::Weights(bytes) => network(study, bytes).map(|_| FILE.to_owned()).map_err(RunError::Request),
        GivenPolicy::Scripted(name) => script(study, name).map(|_| format!("{SCRIPTED}{name}")),
    }
}

/// The agent of a run that judges a given policy.
pub(crate) fn given(study: &Study, name: &str, place: &Place<'_>) -> Result<Box<dyn Agent>, RunError> {
    match name.strip_prefix(SCRIPTED) {
        Some(name) => Ok(Box::new(Scripted::new(script(study, name)?, &study.goals))),
        None => {
            let network = network(study, &place.given()?)
                .map_err(|why| RunError::damaged(&place.dir.policy_path(), why, ANEW))?;
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
    let differs = format!(
        "the policy was trained in a world whose things, size, movement or view differ from those of study `{}`",
        study.name
    );
    WorldHash::of_grid(study).check(&origin.world, &differs)?;
    Ok(network)
}

fn script(study: &Study, name: &str) -> Result<Script, RunError> {
    Script::parse(name, &study.world, &study.goals).map_err(|error| RunError::Request(error.to_string()))
}

/// The names of the scripted agents that can stand in for a policy in this study.
pub fn scripted_names<'s>(study: impl Into<StudyRef<'s>>) -> Vec<String> {
    match study.into() {
        StudyRef::Grid(study) => Script::names(&study.world, &study.goals),
        StudyRef::Decision(study) => crate::decision::scripted_names(study),
    }
}
