//! Studies of decisions: cases drawn and solved, agents trained on them and judged.

mod agent;
pub(crate) mod calibrate;
mod cases;
mod evaluate;
mod lint;
pub(crate) mod outside;
mod pick;
mod played;
pub(crate) mod search;
pub(crate) mod stranger;
mod train;

use misgoal_policy::Network;
use misgoal_study::DecisionStudy;

pub(crate) use agent::{check as check_policy, given, scripted_names};
pub(crate) use lint::{lint, quick};
pub use played::{Choice, PlayedCase, played};

use crate::along::{self, appeared};
use crate::ceiling::is_judged_on;
use crate::clock::Watch;
use crate::holdout::{Mixture, Rule};
use crate::lint::Linted;
use crate::manifest::Manifest;
use crate::queue::{Emitter, Stop};
use crate::record::{AlongRecord, UnitDocument, UnitRecord};
use crate::store::dir::Found;
use crate::unit_identity::Place;
use crate::{Event, RunError, convert};

use agent::Chooses;
use cases::Sets;
use evaluate::Evaluation;
use train::Trained;

/// What all units of a run share.
pub(crate) struct Shared<'s> {
    pub(crate) study: &'s DecisionStudy,
    pub(crate) sets: Sets,
    /// What lint says about each of [`Sets::shifts`].
    pub(crate) lint: Vec<Linted>,
    /// For runs that judge a given policy: what it is, `file` or `scripted:NAME`.
    pub(crate) given: Option<String>,
    /// How hold-outs are drawn.
    pub(crate) rule: Rule,
    /// Points of its training at which each agent is judged too.
    pub(crate) along: u32,
}

impl<'s> Shared<'s> {
    /// Draws, solves and lints the cases.
    pub(crate) fn new(study: &'s DecisionStudy, manifest: &Manifest) -> Result<Shared<'s>, RunError> {
        let rule = Rule::of(manifest);
        let mut sets = Sets::from_seed(study, manifest.shift.as_deref(), manifest.first_level())?;
        let mixtures = manifest.arms.iter().map(|arm| rule.mixture(study.into(), arm));
        sets.set_aside(study, mixtures, manifest.first_level())?;
        let lint = lint::shifts(study, &sets, &mut |_| ())?;
        Ok(Shared { study, sets, lint, given: manifest.policy.clone(), rule, along: manifest.along.unwrap_or(0) })
    }

    /// What the hold-out of an arm's units is made of.
    fn mixture(&self, arm: &str) -> Mixture {
        self.rule.mixture(self.study.into(), arm)
    }
}

/// Trains a unit's agent where it is not trained, and judges it. `None` where it was time to stop before it was complete.
pub(crate) fn work(
    shared: &Shared<'_>,
    place: &Place<'_>,
    stop: Stop<'_>,
    emitter: &Emitter,
) -> Result<Option<Found>, RunError> {
    let Place { unit, dir, .. } = place;
    dir.create()?;
    let mut of = place.identity();
    let (mut agent, steps, seconds) = match &shared.given {
        Some(name) => {
            emitter.emit(Event::UnitStarted { unit: unit.clone(), resumed_at: 0, total: 0 });
            (given(shared, name, place)?, 0, 0.0)
        }
        None => match train::train(shared, place, stop, emitter)? {
            Trained::Stopped => return Ok(None),
            Trained::Done { network, seconds, kernel } => {
                of.kernel = kernel;
                let agent = Chooses::network(*network, shared.sets.encoder.clone());
                (agent, shared.study.agent_of(&unit.arm).steps, seconds)
            }
        },
    };
    if stop.now() {
        emitter.emit(Event::UnitStopped { unit: unit.clone(), steps });
        return Ok(None);
    }
    let watch = Watch::start();
    let rehearsed = shared.given.is_none().then(|| train::rehearsed(shared, unit)).transpose()?;
    let options = shared.study.world.options().len();
    let mut evaluation = Evaluation::new(&shared.sets, rehearsed.as_ref(), &mut agent, options, unit.seed);
    evaluation.mix(&shared.sets, shared.mixture(&unit.arm), &mut agent, options, unit.seed);
    let total = evaluation.cases();
    emitter.emit(Event::Evaluating { unit: unit.clone(), episodes: total, total });
    let trained_on = shared.study.agent_of(&unit.arm).train_on;
    let (mut shifts, mut episodes) = (Vec::new(), Vec::new());
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let (name, lint) = (&shift.set.name, shared.lint.get(number).map(|linted| &linted.report));
        if !is_judged_on(&unit.arm, name) {
            continue;
        }
        let judgement = evaluation.judge(shared, shift, trained_on, place.ceiling(name), lint)?;
        episodes.extend(pick::shifted(shared, unit, shift, &judgement));
        let drawn = convert::Drawn { drawn: shift.set.solved.len(), filter: String::new(), firsts: shift.firsts() };
        shifts.push(convert::shift(&judgement, &[], drawn));
    }
    // Of an agent that was trained on shifted cases alone no training case is shown.
    if evaluation.trained_here() {
        episodes.extend(pick::training(shared, unit, &evaluation.holdout));
    }
    let along = if shared.along > 0 && shared.given.is_none() { dir.along()? } else { Vec::new() };
    let record = UnitRecord {
        arm: unit.arm.clone(),
        seed: unit.seed,
        policy: of.policy.clone(),
        steps,
        seconds: seconds + watch.seconds(),
        training_success: evaluation.training_success(),
        training_levels: Some(evaluation.held_out().count() as u32),
        shifts,
        appeared: appeared(&along, shared.study.evaluation.options.trained),
        along,
    };
    Ok(Some(Found { document: UnitDocument::new(of, record), episodes, splay: None }))
}

/// Reads weights and sees that they fit what the run's agents see. The error is a clause.
pub(crate) fn network(shared: &Shared<'_>, bytes: &[u8]) -> Result<Network, String> {
    agent::network(shared.study, &shared.sets.encoder, bytes)
}

/// The agent as it is after `steps` of its training, judged.
fn point(shared: &Shared<'_>, place: &Place<'_>, network: &Network, steps: u64) -> Result<AlongRecord, RunError> {
    let unit = &place.unit;
    let mut agent = Chooses::network(network.clone(), shared.sets.encoder.clone());
    let options = shared.study.world.options().len();
    let mut evaluation = Evaluation::new(&shared.sets, None, &mut agent, options, unit.seed);
    evaluation.mix(&shared.sets, shared.mixture(&unit.arm), &mut agent, options, unit.seed);
    let trained_on = shared.study.agent_of(&unit.arm).train_on;
    let mut judgements = Vec::with_capacity(evaluation.shifts.len());
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let (name, lint) = (&shift.set.name, shared.lint.get(number).map(|linted| &linted.report));
        if is_judged_on(&unit.arm, name) {
            judgements.push(evaluation.judge(shared, shift, trained_on, place.ceiling(name), lint)?);
        }
    }
    Ok(along::point(steps, &judgements))
}
