//! Training one unit: from its checkpoint, or from the beginning, to its weights.

use misgoal_learn::{FreshLevels, LevelPool, LevelSource, Metrics, PpoConfig, Setup, TrainError, Trainer};
use misgoal_policy::simd::Kernel;
use misgoal_policy::{Network, Origin};
use misgoal_study::{AgentSpec, Arm, Mitigation};
use misgoal_world::{Level, Oracle, WorldError};

use crate::along::Along;
use crate::clock::Watch;
use crate::event::{Progress, TimeSplit};
use crate::identity::WorldHash;
use crate::levels::{LevelSet, REHEARSED};
use crate::queue::{Emitter, Stop};
use crate::record::MetricRow;
use crate::store::lines::Appender;
use crate::unit::{Shared, point};
use crate::unit_identity::{Place, UNIT, Weights};
use crate::{Event, RunError, UnitId, policy};

/// Parts of a rollout and a gradient where the number of environments allows: they belong to the experiment, not to the machine.
const SHARDS: usize = 4;

/// How training ended.
pub(crate) enum Trained {
    /// It was time to stop; the checkpoint is written.
    Stopped,
    /// All steps are done.
    Done {
        /// The trained network, as it was written.
        network: Box<Network>,
        /// Seconds that training took, sessions before a resume included.
        seconds: f64,
        /// The kernel that trained it.
        kernel: String,
    },
}

/// Trains a unit, or reads the weights of one that is trained.
pub(crate) fn train(
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
        match policy::network(shared.study, &bytes) {
            Ok(network) => {
                emitter.emit(started(agent.steps));
                let last = whole_steps(&agent);
                Appender::resume(&dir.metrics_path(), |row: &MetricRow| row.steps <= last)?;
                let seconds = dir.metrics().ok().and_then(|rows| rows.last().map(|row| row.seconds)).unwrap_or(0.0);
                let kernel = kernel.unwrap_or(of.kernel);
                return Ok(Trained::Done { network: Box::new(network), seconds, kernel });
            }
            Err(why) => emitter.emit(Event::Warning {
                message: format!("`{}`: {why}; the unit is trained again", dir.policy_path().display()),
            }),
        }
    }
    let mut trainer = begin(shared, place, emitter)?;
    emitter.emit(started(trainer.steps()));
    // Rows that came after the checkpoint are written again, the same to the last digit but for their seconds.
    let at = trainer.steps();
    let before = dir.metrics().ok().and_then(|rows| rows.iter().rfind(|row| row.steps <= at).map(|row| row.seconds));
    let (metrics, _) = Appender::resume(&dir.metrics_path(), |row: &MetricRow| row.steps <= at)?;
    let mut course = Course {
        unit,
        total: agent.steps,
        first: at,
        before: before.unwrap_or(0.0),
        watch: Watch::start(),
        spent: misgoal_learn::TimeSplit::default(),
        metrics,
        emitter,
    };
    let mut along = Along::new(dir, shared.along, agent.steps, at)?;
    let mut saved = at;
    while !trainer.finished() {
        let watch = course.watch;
        let report = trainer.step_update(&move || watch.nanoseconds()).map_err(|error| failed(unit, &error))?;
        course.tell(&report)?;
        if let Some(along) = &mut along {
            let steps = trainer.steps();
            along.judge(steps, || point(shared, place, trainer.network(), steps))?;
        }
        let due = trainer.steps() - saved >= agent.checkpoint_every;
        if (due || stop.now()) && !trainer.finished() {
            saved = trainer.steps();
            dir.write_checkpoint(&trainer.snapshot_with(&[(UNIT, of.to_text()?)]))?;
            emitter.emit(Event::Checkpoint { unit: unit.clone(), steps: saved });
            if stop.now() {
                emitter.emit(Event::UnitStopped { unit: unit.clone(), steps: saved });
                return Ok(Trained::Stopped);
            }
        }
    }
    let network = trainer.network().clone();
    let world = WorldHash::of_grid(shared.study).written();
    let origin = Origin { world, study: shared.study.hash.clone(), unit: Some(of.to_text()?) };
    dir.write_policy(&network.save(&origin))?;
    dir.remove_checkpoint();
    Ok(Trained::Done { network: Box::new(network), seconds: course.seconds(), kernel: of.kernel })
}

/// Trains a unit from the beginning to its end and keeps nothing on disk; `None` where it was time to stop.
pub(crate) fn in_memory(
    shared: &Shared<'_>,
    unit: &UnitId,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Network>, RunError> {
    let mut trainer = Trainer::new(setup(shared, unit)?).map_err(|error| failed(unit, &error))?;
    while !trainer.finished() {
        if !go_on() {
            return Ok(None);
        }
        trainer.step_update(&|| 0).map_err(|error| failed(unit, &error))?;
    }
    Ok(Some(trainer.network().clone()))
}

/// The trainer from its checkpoint; from the beginning where there is none, or none that can be read.
fn begin(shared: &Shared<'_>, place: &Place<'_>, emitter: &Emitter) -> Result<Trainer, RunError> {
    let Place { unit, dir, .. } = place;
    if let Some(bytes) = place.checkpoint()? {
        match Trainer::restore(setup(shared, unit)?, &bytes) {
            Ok(trainer) => return Ok(trainer),
            Err(error) => emitter.emit(Event::Warning {
                message: format!(
                    "`{}` cannot be read: {error}; the unit is trained from the beginning",
                    dir.checkpoint_path().display()
                ),
            }),
        }
    }
    Trainer::new(setup(shared, unit)?).map_err(|error| failed(unit, &error))
}

fn failed(unit: &UnitId, error: &TrainError) -> RunError {
    RunError::Study(format!("unit `{unit}` cannot be trained: {error}"))
}

/// What a unit trains on and how.
fn setup(shared: &Shared<'_>, unit: &UnitId) -> Result<Setup, RunError> {
    let (study, agent) = (shared.study, shared.study.agent_of(&unit.arm));
    let arm = arm(shared, unit)?;
    let fresh = fresh(shared, arm);
    let levels: Box<dyn LevelSource> = match arm.levels {
        None => Box::new(fresh),
        Some(count) => {
            Box::new(LevelPool::new(&fresh, unit.seed, count).map_err(|error| failed(unit, &TrainError::from(error)))?)
        }
    };
    Ok(Setup {
        world: study.world.clone(),
        levels,
        goals: study.goals.clone(),
        train_on: agent.train_on,
        config: config(&agent),
        seed: unit.seed,
        threads: 1,
        kernel: Kernel::best(),
    })
}

fn arm<'s>(shared: &Shared<'s>, unit: &UnitId) -> Result<&'s Arm, RunError> {
    let study = shared.study;
    study.arm(&unit.arm).ok_or_else(|| {
        RunError::Request(format!("study `{}` has no arm `{}`, which the run's manifest names", study.name, unit.arm))
    })
}

/// The supply of levels that an arm draws from, without those that are held out.
fn fresh(shared: &Shared<'_>, arm: &Arm) -> FreshLevels {
    let study = shared.study;
    let mut levels = FreshLevels::new(study.world.clone(), study.training.clone());
    if let Mitigation::Randomize { shift, share } = arm.mitigation
        && let Some(shift) = study.shifts.get(shift)
    {
        levels = levels.randomize(shift.distribution.clone(), share);
    }
    let keys = shared.levels.keys(study, shared.mixture(&arm.name));
    let held_out = move |level: &Level| keys.contains(&level.layout_hash()) || keys.contains(&level.hash());
    levels.hold_out(Box::new(held_out))
}

/// Levels that a unit was trained on, solved, where it was trained on few; as many as are held out at most.
pub(crate) fn rehearsed(shared: &Shared<'_>, unit: &UnitId) -> Result<Option<LevelSet>, RunError> {
    let Some(arm) = shared.study.arm(&unit.arm) else { return Ok(None) };
    let Some(count) = arm.levels else { return Ok(None) };
    let most = count.min(shared.study.evaluation.options.holdout_levels as u64);
    let wrong = |error| failed(unit, &TrainError::from(error));
    let pool = LevelPool::new(&fresh(shared, arm), unit.seed, most).map_err(wrong)?;
    let level = |number: u64| -> Result<_, WorldError> {
        Ok((number, Oracle::solve(&shared.study.world, &pool.level(number)?, &shared.study.goals)?))
    };
    Ok(Some(LevelSet::all(REHEARSED, (0..most).map(level).collect::<Result<_, _>>().map_err(wrong)?)))
}

/// The study's agent as the trainer knows it.
pub(crate) fn config(agent: &AgentSpec) -> PpoConfig {
    let batch = agent.envs * agent.horizon;
    PpoConfig {
        steps: agent.steps,
        envs: agent.envs,
        horizon: agent.horizon,
        epochs: agent.epochs,
        minibatches: batch.div_ceil(agent.minibatch.max(1)).max(1),
        learning_rate: agent.learning_rate,
        anneal: agent.anneal,
        gamma: agent.gamma,
        lambda: agent.gae_lambda,
        clip: agent.clip,
        entropy: agent.entropy,
        entropy_end: agent.entropy_end,
        value: agent.value_weight,
        gradient_norm: agent.max_grad_norm,
        hidden: agent.hidden,
        shards: (1..=SHARDS).rev().find(|shards| agent.envs.is_multiple_of(*shards)).unwrap_or(1),
    }
}

/// Steps of a whole training: whole updates.
pub(crate) fn whole_steps(agent: &AgentSpec) -> u64 {
    let config = config(agent);
    config.updates() * config.batch()
}

/// Tells how training goes: a row of metrics and an event an update.
struct Course<'a> {
    unit: &'a UnitId,
    total: u64,
    /// Steps at the session's start.
    first: u64,
    /// Seconds of earlier sessions.
    before: f64,
    watch: Watch,
    spent: misgoal_learn::TimeSplit,
    metrics: Appender,
    emitter: &'a Emitter,
}

impl Course<'_> {
    fn seconds(&self) -> f64 {
        self.before + self.watch.seconds()
    }

    fn tell(&mut self, report: &Metrics) -> Result<(), RunError> {
        self.spent.environment += report.time.environment;
        self.spent.forward += report.time.forward;
        self.spent.update += report.time.update;
        let row = MetricRow {
            steps: report.steps,
            seconds: self.seconds(),
            returns: report.goals.iter().map(|goal| goal.mean_return.unwrap_or(0.0)).collect(),
            success: report.goals.iter().map(|goal| goal.success.unwrap_or(0.0)).collect(),
            episodes: report.episodes,
            mean_length: report.mean_length.unwrap_or(0.0),
            entropy: report.entropy,
            value_loss: report.value_loss,
            clip_fraction: report.clip_fraction,
        };
        // Without a finished episode there is nothing to draw.
        if row.episodes > 0 {
            self.metrics.push(&row)?;
        }
        let elapsed = self.watch.seconds().max(1e-9);
        let pace = (report.steps - self.first) as f64 / elapsed;
        let share = |time: u64| time as f64 / 1e9 / elapsed;
        self.emitter.emit(Event::Progress(Progress {
            unit: self.unit.clone(),
            steps: report.steps,
            total: self.total,
            steps_per_second: pace,
            time: TimeSplit {
                environment: share(self.spent.environment),
                forward: share(self.spent.forward),
                update: share(self.spent.update),
            },
            seconds_left: self.total.saturating_sub(report.steps) as f64 / pace.max(1e-9),
            row,
        }));
        Ok(())
    }
}
