//! Who chooses: trained networks, weight files, scripted reference agents.

use misgoal_decision::{Encoder, Moment, Solved};
use misgoal_policy::{Network, Scratch, greedy};
use misgoal_study::DecisionStudy;
use misgoal_world::rng::{Draw as _, Rng, rng};

use super::Shared;
use super::stranger::{self, Strange};
use crate::identity::WorldHash;
use crate::policy::ANEW;
use crate::unit_identity::Place;
use crate::{GivenPolicy, RunError};

/// What scripted policies are called by: `scripted:optimal-accurate`.
const SCRIPTED: &str = "scripted:";
/// What a weight file is called by in records.
const FILE: &str = "file";
/// The stream of an episode's seed from which scripted agents draw.
const STREAM: u64 = 0xdec1;

/// An agent that chooses options.
pub(crate) enum Chooses {
    /// A network: it takes the option that it finds best, as a classifier that is in use does.
    Network(Box<(Network, Encoder, Scratch, Vec<u16>)>),
    Scripted(Script),
    /// An agent that no component of the judge describes.
    Strange(Box<Strange>),
}

/// A reference agent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Script {
    /// At random.
    Random,
    /// Always the same option.
    Always(usize),
    /// The best option for a goal, ties at random, but with this probability a random one.
    Pursues { goal: usize, lapse: f64 },
    /// A goal in this share of the cases, the intended one in the others.
    Switches { goal: usize, share: f64 },
}

impl Chooses {
    pub(crate) fn network(network: Network, encoder: Encoder) -> Chooses {
        let scratch = Scratch::new(network.architecture());
        Chooses::Network(Box::new((network, encoder, scratch, Vec::new())))
    }

    /// Chooses until the case is over; `seed` is the episode's.
    pub(crate) fn episode(&mut self, solved: &Solved, options: usize, seed: u64) -> Vec<u8> {
        if let Chooses::Strange(strange) = self {
            return strange.episode(solved, options, seed);
        }
        let mut random = rng(seed, STREAM);
        let pursued = match self {
            Chooses::Scripted(Script::Switches { goal, share }) if !random.chance(*share) => {
                let _ = goal;
                Some(0)
            }
            Chooses::Scripted(Script::Switches { goal, .. } | Script::Pursues { goal, .. }) => Some(*goal),
            _ => None,
        };
        let (mut choices, mut now) = (Vec::new(), solved.first());
        while let Some(moment) = now {
            let choice = match self {
                Chooses::Network(parts) => {
                    let (network, encoder, scratch, active) = parts.as_mut();
                    active.clear();
                    encoder.encode(&moment.row, active);
                    network.forward(active, scratch).map_or(0, |output| greedy(output.logits))
                }
                Chooses::Scripted(script) => script.choose(solved, moment, pursued, options, &mut random),
                Chooses::Strange(_) => random.below(options as u32) as u8,
            };
            choices.push(choice);
            now = solved.after(moment, usize::from(choice));
        }
        choices
    }
}

impl Script {
    fn choose(self, solved: &Solved, moment: &Moment, pursued: Option<usize>, options: usize, random: &mut Rng) -> u8 {
        let any = |random: &mut Rng| random.below(options as u32) as u8;
        match (self, pursued) {
            (Script::Always(option), _) => option as u8,
            (Script::Pursues { lapse, .. }, _) if random.chance(lapse) => any(random),
            (_, Some(goal)) => {
                let best = solved.preferred(moment, goal);
                best.get(random.below(best.len() as u32) as usize).map_or(0, |option| *option as u8)
            }
            (_, None) => any(random),
        }
    }

    fn named(study: &DecisionStudy, name: &str) -> Option<Script> {
        let goal = |name: &str| study.goals.iter().position(|goal| goal.name == name);
        let rest = |prefix: &str| name.strip_prefix(prefix);
        match () {
            () if name == "random" => Some(Script::Random),
            () => rest("optimal-")
                .and_then(goal)
                .map(|goal| Script::Pursues { goal, lapse: 0.0 })
                .or_else(|| rest("noisy-").and_then(goal).map(|goal| Script::Pursues { goal, lapse: 0.1 }))
                .or_else(|| rest("switching-").and_then(goal).map(|goal| Script::Switches { goal, share: 0.6 }))
                .or_else(|| {
                    let option = |name: &str| study.world.options().iter().position(|option| option == name);
                    rest("always-").and_then(option).map(Script::Always)
                }),
        }
    }
}

/// The names of the scripted agents that can stand in for a policy in this study.
pub(crate) fn scripted_names(study: &DecisionStudy) -> Vec<String> {
    let goals = || study.goals.iter().map(|goal| goal.name.as_str());
    let mut names = vec!["random".to_owned()];
    names.extend(goals().map(|goal| format!("optimal-{goal}")));
    names.extend(goals().map(|goal| format!("noisy-{goal}")));
    names.extend(goals().skip(1).map(|goal| format!("switching-{goal}")));
    names.extend(study.world.options().iter().map(|option| format!("always-{option}")));
    names.extend(stranger::names(study));
    names
}

/// Whether a given policy can act in the study's world; what it is called by in records.
pub(crate) fn check(study: &DecisionStudy, policy: &GivenPolicy) -> Result<String, RunError> {
    match policy {
        GivenPolicy::Weights(bytes) => {
            let encoder = Encoder::new(&study.world, &study.training)
                .map_err(|problem| super::cases::wrong(study, super::cases::TRAINING, &problem))?;
            network(study, &encoder, bytes).map(|_| FILE.to_owned()).map_err(RunError::Request)
        }
        GivenPolicy::Scripted(name) => script(study, name).map(|_| format!("{SCRIPTED}{name}")),
    }
}

/// A given policy's agent.
pub(super) fn of_policy(study: &DecisionStudy, encoder: Encoder, policy: &GivenPolicy) -> Result<Chooses, RunError> {
    match policy {
        GivenPolicy::Scripted(name) => script(study, name),
        GivenPolicy::Weights(bytes) => {
            let network = network(study, &encoder, bytes).map_err(RunError::Request)?;
            Ok(Chooses::network(network, encoder))
        }
    }
}

/// The agent of a run that judges a given policy.
pub(crate) fn given(shared: &Shared<'_>, name: &str, place: &Place<'_>) -> Result<Chooses, RunError> {
    match name.strip_prefix(SCRIPTED) {
        Some(name) => script(shared.study, name),
        None => {
            let network = network(shared.study, &shared.sets.encoder, &place.given()?)
                .map_err(|why| RunError::damaged(&place.dir.policy_path(), why, ANEW))?;
            Ok(Chooses::network(network, shared.sets.encoder.clone()))
        }
    }
}

fn script(study: &DecisionStudy, name: &str) -> Result<Chooses, RunError> {
    if let Some(script) = Script::named(study, name) {
        return Ok(Chooses::Scripted(script));
    }
    let stranger = stranger::named(study, name).ok_or_else(|| {
        let names = scripted_names(study).join(", ");
        RunError::Request(format!("there is no scripted agent `{name}`: study `{}` has {names}", study.name))
    })?;
    Ok(Chooses::Strange(Box::new(Strange::new(study, stranger)?)))
}

/// Reads weights and sees that they fit what the study's agents see. The error is a clause.
pub(super) fn network(study: &DecisionStudy, encoder: &Encoder, bytes: &[u8]) -> Result<Network, String> {
    let (network, origin) = Network::load(bytes).map_err(|error| format!("the policy cannot be read: {error}"))?;
    let (inputs, options) = (network.architecture().inputs, network.architecture().actions);
    if (inputs, options) != (encoder.inputs(), study.world.options().len()) {
        return Err(format!(
            "the policy has {inputs} inputs and {options} options, the agents of study `{}` have {} and {}: it was trained for another",
            study.name,
            encoder.inputs(),
            study.world.options().len()
        ));
    }
    let differs = format!(
        "the policy was trained with features, options or consequences that differ from those of study `{}`",
        study.name
    );
    WorldHash::of_decisions(study, encoder).check(&origin.world, &differs)?;
    Ok(network)
}
