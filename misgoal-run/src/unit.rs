//! One unit of work: an arm trained with one seed, judged, and written. Independent of every other unit, deterministic, resumable.

use misgoal_policy::{Agent, Network};
use misgoal_study::Study;

use crate::along::{self, appeared};
use crate::ceiling::is_judged_on;
use crate::clock::Watch;
use crate::evaluate::Evaluation;
use crate::holdout::{Mixture, Rule};
use crate::levels::Levels;
use crate::lint::Linted;
use crate::pick;
use crate::queue::{Emitter, Stop};
use crate::record::{AlongRecord, EpisodeRecord, SplayRecord, UnitDocument, UnitRecord};
use crate::splay::Splay;
use crate::store::dir::Found;
use crate::train::{Trained, rehearsed, train, whole_steps};
use crate::unit_identity::Place;
use crate::{Event, RunError, convert, evidence, policy};

/// What all units of a run share.
pub(crate) struct Shared<'s> {
    pub(crate) study: &'s Study,
    pub(crate) levels: Levels,
    pub(crate) splay: Option<Splay>,
    /// What lint says about each of [`Levels::shifts`].
    pub(crate) lint: Vec<Linted>,
    /// For runs that judge a given policy: what it is, `file` or `scripted:NAME`.
    pub(crate) given: Option<String>,
    /// How hold-outs are drawn.
    pub(crate) rule: Rule,
    /// Points of each training at which the agent is judged too.
    pub(crate) along: u32,
}

impl Shared<'_> {
    /// What the hold-out of an arm's units is made of.
    pub(crate) fn mixture(&self, arm: &str) -> Mixture {
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
            (policy::given(shared.study, name, place)?, 0, 0.0)
        }
        None => match train(shared, place, stop, emitter)? {
            Trained::Stopped => return Ok(None),
            Trained::Done { network, seconds, kernel } => {
                of.kernel = kernel;
                (policy::agent(*network), whole_steps(&shared.study.agent_of(&unit.arm)), seconds)
            }
        },
    };
    if stop.now() {
        emitter.emit(Event::UnitStopped { unit: unit.clone(), steps });
        return Ok(None);
    }
    let watch = Watch::start();
    let Results { unit: mut record, episodes, splay } = judge(shared, place, agent.as_mut(), emitter)?;
    if shared.along > 0 && shared.given.is_none() {
        record.along = dir.along()?;
        record.appeared = appeared(&record.along, shared.study.evaluation.options.trained);
    }
    record.policy = of.policy.clone();
    record.steps = steps;
    record.seconds = seconds + watch.seconds();
    Ok(Some(Found { document: UnitDocument::new(of, record), episodes, splay }))
}

/// The agent as it is after `steps` of its training, judged.
pub(crate) fn point(
    shared: &Shared<'_>,
    place: &Place<'_>,
    network: &Network,
    steps: u64,
) -> Result<AlongRecord, RunError> {
    let (study, unit) = (shared.study, &place.unit);
    let mut agent = policy::agent(network.clone());
    let mut evaluation = Evaluation::new(study, &shared.levels, None, agent.as_mut(), unit.seed, |_| {});
    evaluation.mix(study, &shared.levels, shared.mixture(&unit.arm), agent.as_mut(), unit.seed);
    let trained_on = study.agent_of(&unit.arm).train_on;
    let mut judgements = Vec::with_capacity(evaluation.shifts.len());
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let (name, lint) = (&shift.set.name, shared.lint.get(number).map(|linted| &linted.report));
        if is_judged_on(&unit.arm, name) {
            judgements.push(evaluation.judge(study, trained_on, shift, place.ceiling(name), lint)?);
        }
    }
    Ok(along::point(steps, &judgements))
}

struct Results {
    unit: UnitRecord,
    episodes: Vec<EpisodeRecord>,
    splay: Option<SplayRecord>,
}

fn judge(
    shared: &Shared<'_>,
    place: &Place<'_>,
    agent: &mut dyn Agent,
    emitter: &Emitter,
) -> Result<Results, RunError> {
    let (Shared { study, levels, .. }, unit) = (shared, &place.unit);
    let sets = levels.shifts.iter().chain(&levels.probes).chain([&levels.holdout]);
    let total: u64 = sets.map(|set| set.cases().len() as u64).sum();
    let mut played = 0;
    let rehearsed = rehearsed(shared, unit)?;
    let mut evaluation = Evaluation::new(study, levels, rehearsed.as_ref(), agent, unit.seed, |episodes| {
        played += episodes as u64;
        emitter.emit(Event::Evaluating { unit: unit.clone(), episodes: played, total });
    });
    evaluation.mix(study, levels, shared.mixture(&unit.arm), agent, unit.seed);
    let trained_on = study.agent_of(&unit.arm).train_on;
    let (mut shifts, mut episodes, mut twins) = (Vec::new(), Vec::new(), Vec::new());
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let (name, report) = (&shift.set.name, shared.lint.get(number).map(|linted| &linted.report));
        if !is_judged_on(&unit.arm, name) {
            continue;
        }
        let judgement = evaluation.judge(study, trained_on, shift, place.ceiling(name), report)?;
        let picks = pick::shifted(study, shift, &evaluation.holdout, &judgement);
        twins.extend(picks.iter().filter_map(|pick| {
            let case = shift.set.cases().nth(pick.number)?;
            Some((case.seed, case.level().layout_hash()))
        }));
        for pick in &picks {
            let Some(mut record) = pick::record(study, unit, shift, pick) else { continue };
            // One episode of each label is enough to look at step by step.
            if !episodes.iter().any(|kept: &EpisodeRecord| kept.shift == record.shift && kept.label == record.label) {
                evidence::add(study, shift, pick, &judgement, &mut record)?;
            }
            episodes.push(record);
        }
        let drawn = convert::Drawn {
            drawn: shift.set.cases().len(),
            filter: shift.set.filter.clone(),
            firsts: shift.firsts(study),
        };
        let parted = evaluation.compounding(study, shift)?;
        shifts.push(convert::shift(&judgement, &parted, drawn));
    }
    // Of an agent that was trained on shifted levels alone no training level is shown.
    let training = if evaluation.trained_here() { pick::training(&evaluation.holdout, &twins) } else { Vec::new() };
    episodes.extend(training.iter().filter_map(|pick| pick::record(study, unit, &evaluation.holdout, pick)));
    let record = UnitRecord {
        arm: unit.arm.clone(),
        seed: unit.seed,
        policy: String::new(),
        steps: 0,
        seconds: 0.0,
        training_success: evaluation.training_success(study),
        training_levels: Some(evaluation.held_out().count() as u32),
        shifts,
        along: Vec::new(),
        appeared: Vec::new(),
    };
    let splay = shared.splay.as_ref().map(|splay| splay.run(&study.world, agent, unit));
    Ok(Results { unit: record, episodes, splay })
}
