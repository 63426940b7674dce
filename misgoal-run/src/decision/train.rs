//! Training one unit on drawn cases. It takes seconds: a unit that was stopped on the way begins again, and ends the same.

use misgoal_decision::{MAX_OPTIONS, Solved};
use misgoal_learn::choice::{ChoiceConfig, Chooser, Lesson, PassReport};
use misgoal_policy::simd::Kernel;
use misgoal_policy::{ActiveLists, Network, Origin};
use misgoal_study::{DecisionAgent, DecisionStudy, Learn, Mitigation};
use misgoal_world::rng::{Draw as _, mix, rng};

use super::Shared;
use super::agent::{Chooses, network};
use super::cases::{CaseSet, TRAINING, has_gain, wrong};
use super::evaluate::attainment;
use crate::along::Along;
use crate::clock::Watch;
use crate::event::{Progress, TimeSplit};
use crate::identity::WorldHash;
use crate::levels::REHEARSED;
use crate::queue::{Emitter, Stop};
use crate::record::MetricRow;
use crate::store::lines::Appender;
use crate::unit_identity::{Place, Weights};
use crate::{Event, RunError, UnitId};

/// Streams of a unit's seed: its cases, and its choices on them.
const CASES: u64 = 0xca5e5;
const CHOICES: u64 = 0xc401ce;
/// Rows of the learning curve, at most.
const ROWS: u64 = 40;
/// Training cases that a row of the learning curve looks at.
const LOOKED_AT: usize = 300;

/// How training ended.
pub(super) enum Trained {
    /// It was time to stop.
    Stopped,
    /// All cases are seen.
    Done { network: Box<Network>, seconds: f64, kernel: String },
}

/// Trains a unit, or reads the weights of one that is trained.
pub(super) fn train(
    shared: &Shared<'_>,
    place: &Place<'_>,
    stop: Stop<'_>,
    emitter: &Emitter,
) -> Result<Trained, RunError> {
    let Place { unit, dir, .. } = place;
    let of = place.identity();
    let agent = shared.study.agent_of(&unit.arm);
    let started = |resumed_at| Event::UnitStarted { unit: unit.clone(), resumed_at, total: agent.steps };
    if let Some(Weights { bytes, kernel }) = place.weights()? {
        match network(shared.study, &shared.sets.encoder, &bytes) {
            Ok(network) => {
                emitter.emit(started(agent.steps));
                let seconds = dir.metrics().ok().and_then(|rows| rows.last().map(|row| row.seconds)).unwrap_or(0.0);
                let kernel = kernel.unwrap_or(of.kernel);
                return Ok(Trained::Done { network: Box::new(network), seconds, kernel });
            }
            Err(why) => emitter.emit(Event::Warning {
                message: format!("`{}`: {why}; the unit is trained again", dir.policy_path().display()),
            }),
        }
    }
    emitter.emit(started(0));
    let (mut metrics, _) = Appender::resume(&dir.metrics_path(), |_: &MetricRow| false)?;
    let watch = Watch::start();
    let cases = draw(shared, unit, usize::MAX)?;
    let mut school = School::new(shared, unit, cases)?;
    let mut along = Along::new(dir, shared.along, agent.steps, 0)?;
    let mut told = 0;
    while !school.chooser.finished() {
        let pass = school.pass(&mut |network, steps| match &mut along {
            Some(along) => along.judge(steps, || super::point(shared, place, network, steps)),
            None => Ok(()),
        })?;
        let steps = school.chooser.steps();
        if steps >= told + agent.steps / ROWS || school.chooser.finished() {
            told = steps;
            let row = school.row(pass, watch.seconds());
            metrics.push(&row)?;
            let pace = steps as f64 / watch.seconds().max(1e-9);
            emitter.emit(Event::Progress(Progress {
                unit: unit.clone(),
                steps,
                total: agent.steps,
                steps_per_second: pace,
                time: TimeSplit::default(),
                seconds_left: agent.steps.saturating_sub(steps) as f64 / pace.max(1e-9),
                row,
            }));
        }
        if stop.now() {
            emitter.emit(Event::UnitStopped { unit: unit.clone(), steps });
            return Ok(Trained::Stopped);
        }
    }
    let network = school.chooser.network().clone();
    let world = WorldHash::of_decisions(shared.study, &shared.sets.encoder).written();
    let origin = Origin { world, study: shared.study.hash.clone(), unit: Some(of.to_text()?) };
    dir.write_policy(&network.save(&origin))?;
    Ok(Trained::Done { network: Box::new(network), seconds: watch.seconds(), kernel: of.kernel })
}

/// Trains a unit and keeps nothing; `None` where `go_on` says that it is time to stop.
pub(super) fn in_memory(
    shared: &Shared<'_>,
    unit: &UnitId,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Network>, RunError> {
    let cases = draw(shared, unit, usize::MAX)?;
    let mut school = School::new(shared, unit, cases)?;
    while !school.chooser.finished() {
        school.pass(&mut |_, _| Ok(()))?;
        if !go_on() {
            return Ok(None);
        }
    }
    Ok(Some(school.chooser.network().clone()))
}

/// Some of the cases that a unit is trained on: they tell an agent that learned its cases by heart from one that learned nothing.
pub(super) fn rehearsed(shared: &Shared<'_>, unit: &UnitId) -> Result<CaseSet, RunError> {
    let mut solved = draw(shared, unit, shared.study.evaluation.options.holdout_levels)?;
    solved.retain(|solved| has_gain(solved, 0));
    Ok(CaseSet { name: REHEARSED.to_owned(), solved })
}

/// The first of the unit's training cases, solved; a share of them from a shift where the arm says so.
fn draw(shared: &Shared<'_>, unit: &UnitId, most: usize) -> Result<Vec<Solved>, RunError> {
    let study = shared.study;
    let arm = study.arm(&unit.arm).ok_or_else(|| {
        RunError::Request(format!("study `{}` has no arm `{}`, which the run's manifest names", study.name, unit.arm))
    })?;
    let mut random = rng(unit.seed, CASES);
    let count = study.agent_of(&unit.arm).cases.min(most);
    let mut cases = Vec::with_capacity(count);
    for number in 0..count as u64 {
        let (name, distribution) = match arm.mitigation {
            Mitigation::Randomize { shift, share } if random.chance(share) => study
                .shifts
                .get(shift)
                .map_or((TRAINING, &study.training), |shift| (shift.name.as_str(), &shift.distribution)),
            _ => (TRAINING, &study.training),
        };
        // Cases that agents are judged on have small seeds, these have the highest bit.
        let seed = mix(mix(unit.seed ^ CASES) ^ number) | 1 << 63;
        let solved =
            study.world.draw(distribution, seed).and_then(|case| Solved::new(&study.world, &study.goals, case));
        cases.push(solved.map_err(|problem| wrong(study, name, &problem))?);
    }
    Ok(cases)
}

/// An agent in training and what it is taught.
struct School<'a> {
    study: &'a DecisionStudy,
    agent: DecisionAgent,
    shared: &'a Shared<'a>,
    chooser: Chooser,
    cases: Vec<Solved>,
    lists: ActiveLists,
    lessons: Vec<Lesson>,
    seed: u64,
    passes: u64,
}

impl<'a> School<'a> {
    fn new(shared: &'a Shared<'a>, unit: &UnitId, cases: Vec<Solved>) -> Result<School<'a>, RunError> {
        let (study, encoder) = (shared.study, &shared.sets.encoder);
        let agent = study.agent_of(&unit.arm);
        let config = ChoiceConfig {
            inputs: encoder.inputs(),
            options: study.world.options().len(),
            hidden: agent.hidden,
            minibatch: agent.minibatch,
            learning_rate: agent.learning_rate,
            anneal: agent.anneal,
            steps: agent.steps,
            entropy: agent.entropy,
        };
        let chooser = Chooser::new(config, unit.seed, Kernel::best())
            .map_err(|error| RunError::Study(format!("unit `{unit}` cannot be trained: {error}")))?;
        let lists = ActiveLists::new(encoder.inputs());
        Ok(School { study, agent, shared, chooser, cases, lists, lessons: Vec::new(), seed: unit.seed, passes: 0 })
    }

    /// One pass over the cases. Labels are those of the moments that a teacher comes to, the same in every pass; by reward an agent learns
    /// at the moments that it comes to itself, choosing as its network says.
    ///
    /// `learned` is told after every gradient step; what it fails with ends the training after the pass.
    fn pass(&mut self, learned: &mut dyn FnMut(&Network, u64) -> Result<(), RunError>) -> Result<PassReport, RunError> {
        self.passes += 1;
        if self.agent.learn == Learn::Reward || self.lessons.is_empty() {
            self.collect()?;
        }
        let mut so_far = Ok(());
        let report = self.chooser.pass(&self.lists, &self.lessons, &mut |network, steps| {
            if so_far.is_ok() {
                so_far = learned(network, steps);
            }
        });
        so_far.map(|()| report)
    }

    fn collect(&mut self) -> Result<(), RunError> {
        let (options, goal) = (self.study.world.options().len(), self.agent.train_on);
        let scale = self.shared.sets.scales.get(goal).copied().unwrap_or(1.0);
        let mut random = rng(self.seed, CHOICES ^ self.passes.rotate_left(32));
        let mut scratch = misgoal_policy::Scratch::new(self.chooser.network().architecture());
        let mut active = Vec::new();
        self.lists.clear();
        self.lessons.clear();
        for solved in &self.cases {
            let mut now = solved.first();
            while let Some(moment) = now {
                active.clear();
                self.shared.sets.encoder.encode(&moment.row, &mut active);
                let out_of_range = |error| RunError::Internal(format!("a case's inputs: {error}"));
                self.lists.push(&active).map_err(out_of_range)?;
                let choice = match self.agent.learn {
                    Learn::Labels => {
                        let best = solved.preferred(moment, goal);
                        let mut label = [0.0; MAX_OPTIONS];
                        for option in &best {
                            label.iter_mut().skip(*option).take(1).for_each(|to| *to = 1.0 / best.len() as f32);
                        }
                        self.lessons.push(Lesson::Label(label));
                        best.get(random.below(best.len() as u32) as usize).copied().unwrap_or_default()
                    }
                    Learn::Reward => {
                        let values = solved.advantages(moment, goal).map(|value| (value * scale) as f32);
                        self.lessons.push(Lesson::Value(values));
                        let output = self.chooser.network().forward(&active, &mut scratch).map_err(out_of_range)?;
                        sample(output.logits, random.unit()).min(options - 1)
                    }
                };
                now = solved.after(moment, choice);
            }
        }
        Ok(())
    }

    /// How the agent does on the first of its own training cases.
    fn row(&self, pass: PassReport, seconds: f64) -> MetricRow {
        let mut agent = Chooses::network(self.chooser.network().clone(), self.shared.sets.encoder.clone());
        let goals = self.study.goals.len();
        let (mut returns, mut success, mut length) = (vec![0.0; goals], vec![0.0; goals], 0.0);
        let looked_at = self.cases.iter().take(LOOKED_AT);
        let count = looked_at.len().max(1) as f64;
        for solved in looked_at {
            let choices = agent.episode(solved, self.study.world.options().len(), solved.case.seed);
            length += choices.len() as f64 / count;
            for (goal, (returns, success)) in returns.iter_mut().zip(&mut success).enumerate() {
                *returns += solved.gained(goal, &choices) / count;
                *success += f64::from(u8::from(attainment(solved, goal, &choices) >= 0.5)) / count;
            }
        }
        MetricRow {
            steps: self.chooser.steps(),
            seconds,
            returns,
            success,
            episodes: pass.cases,
            mean_length: length,
            entropy: pass.entropy,
            value_loss: 0.0,
            clip_fraction: 0.0,
        }
    }
}

/// An option drawn from the softmax of logits.
fn sample(logits: &[f32], drawn: f64) -> usize {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let mut left = drawn * weights.iter().sum::<f64>();
    for (option, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return option;
        }
    }
    weights.len().saturating_sub(1)
}
