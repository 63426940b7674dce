//! What a training is, as canonical text: everything that decides its weights but the supply of levels, which the caller knows.
//!
//! The text stands in every snapshot, so that one of another training is refused and the refusal says what differs. Every field is named here,
//! in a fixed order, and every type is taken apart in whole: a setting that is added does not compile until somebody has decided what it
//! means for a snapshot.

use misgoal_policy::simd::Kernel;
use misgoal_world::{Canonical, Goal, WorldSpec, identity};

use crate::config::PpoConfig;
use crate::ppo::Setup;

/// The name and version of [`training`]'s text, its first line.
const VERSION: &str = "training-v1";

/// `training-v1`, then a line `NAME: VALUE` for everything that decides the weights.
pub(crate) fn training(setup: &Setup) -> String {
    // Threads change nothing. Levels are for the caller to vouch for: they are code here and a study there.
    let Setup { world, levels: _, goals, train_on, config, seed, threads: _, kernel } = setup;
    let spec @ WorldSpec { step_limit, .. } = world.spec();
    let PpoConfig {
        steps,
        envs,
        horizon,
        epochs,
        minibatches,
        learning_rate,
        anneal,
        gamma,
        lambda,
        clip,
        entropy,
        entropy_end,
        value,
        gradient_norm,
        hidden,
        shards,
    } = config;
    let (whole, number) = (|n: &usize| Canonical::index(*n), |n: &f64| Canonical::number(*n));
    let lines = [
        ("world", identity::world(spec)),
        ("zones", identity::zones(spec)),
        ("step limit", Canonical::whole(*step_limit)),
        ("goals", Canonical::list(goals.iter().map(goal))),
        ("train on", whole(train_on)),
        ("seed", Canonical::whole(*seed)),
        ("steps", Canonical::whole(*steps)),
        ("envs", whole(envs)),
        ("horizon", whole(horizon)),
        ("epochs", whole(epochs)),
        ("minibatches", whole(minibatches)),
        ("learning rate", number(learning_rate)),
        ("anneal", Canonical::truth(*anneal)),
        ("gamma", number(gamma)),
        ("gae lambda", number(lambda)),
        ("clip", number(clip)),
        ("entropy", number(entropy)),
        ("entropy end", number(entropy_end)),
        ("value weight", number(value)),
        ("gradient norm", number(gradient_norm)),
        ("hidden", Canonical::list(hidden.iter().map(whole))),
        ("shards", whole(shards)),
        ("kernel", Canonical::text(Kernel::family(kernel.name()))),
    ];
    let mut text = VERSION.to_owned();
    for (name, value) in lines {
        text.push('\n');
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value.as_str());
    }
    text
}

/// What a goal pays; what it is called decides nothing.
fn goal(goal: &Goal) -> Canonical {
    let Goal { name: _, weights } = goal;
    Canonical::list(weights.iter().map(|weight| Canonical::number(*weight)))
}

/// In what a snapshot's training differs from this one: a clause; `None` where it is the same but for the kernel, whose results differ in their
/// last bits only.
pub(crate) fn difference(theirs: &str, ours: &str) -> Option<String> {
    let kernel = |line: &&str| !line.starts_with("kernel: ");
    let (mut theirs, mut ours) = (theirs.lines().filter(kernel), ours.lines().filter(kernel));
    let mut differ = Vec::new();
    loop {
        match (theirs.next(), ours.next()) {
            (None, None) => break,
            (theirs, ours) if theirs == ours => {}
            (Some(theirs), Some(ours)) => match (theirs.split_once(": "), ours.split_once(": ")) {
                (Some((name, theirs)), Some((same, ours))) if name == same => differ.push(one(name, theirs, ours)),
                _ => return Some("it names its settings in another way".to_owned()),
            },
            _ => return Some("it names its settings in another way".to_owned()),
        }
    }
    (!differ.is_empty()).then(|| differ.join("; "))
}

/// Long values are not shown: a world fills a screen.
fn one(name: &str, theirs: &str, ours: &str) -> String {
    const LONGEST: usize = 40;
    match theirs.len().max(ours.len()) {
        ..=LONGEST => format!("`{name}` is `{theirs}` there and `{ours}` here"),
        _ => format!("`{name}` differs"),
    }
}

/// The text in a snapshot of version 1: what Rust's `Debug` printed of the settings at the time. Frozen, as [`identity::legacy`] is.
pub(crate) fn legacy(setup: &Setup) -> String {
    let Setup { world, levels: _, goals, train_on, config, seed, threads: _, kernel: _ } = setup;
    let PpoConfig {
        steps,
        envs,
        horizon,
        epochs,
        minibatches,
        learning_rate,
        anneal,
        gamma,
        lambda,
        clip,
        entropy,
        entropy_end,
        value,
        gradient_norm,
        hidden: [first, second],
        shards,
    } = config;
    let config = format!(
        "PpoConfig {{ steps: {steps}, envs: {envs}, horizon: {horizon}, epochs: {epochs}, minibatches: {minibatches}, learning_rate: {learning_rate:?}, anneal: {anneal}, gamma: {gamma:?}, lambda: {lambda:?}, clip: {clip:?}, entropy: {entropy:?}, entropy_end: {entropy_end:?}, value: {value:?}, gradient_norm: {gradient_norm:?}, hidden: [{first}, {second}], shards: {shards} }}"
    );
    let (goals, spec) = (identity::legacy::goals(goals), identity::legacy::spec(world.spec()));
    format!("{seed} {train_on} {config} {goals} {spec}")
}
