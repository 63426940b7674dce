//! The whole of a run: lint, then every unit over the cores, then the seeds together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use misgoal_judge::VERSION;
use misgoal_policy::simd::Kernel;
use misgoal_study::{StudyRef, builtin_ceilings};

use crate::ceiling::{self, CeilingFigure, ceiling_of};
use crate::clock::{Moment, Watch, since_epoch};
use crate::holdout::trained_as;
use crate::manifest::{self, Manifest, Session};
use crate::queue;
use crate::record::{FORMAT, LintRecord, RunRecord, UnitDocument, UnitIdentity};
use crate::request::{GivenPolicy, Request, threads, units};
use crate::store::dir::RunDir;
use crate::store::lock::Lock;
use crate::unit_identity::{Place, RunIdentity, weights_hash};
use crate::work::Work;
use crate::{Event, RunError, Sink, UnitId, assemble, decision, policy, prepare};

/// The pseudo-arm of a policy that was given and not trained.
const GIVEN_ARM: &str = "policy";

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Everything is judged.
    Complete {
        /// The run's directory.
        dir: RunDir,
        /// What was found.
        record: Box<RunRecord>,
    },
    /// It was stopped on request; a resume goes on.
    Stopped {
        /// The run's directory.
        dir: RunDir,
    },
}

/// Runs a study: trains every arm with every seed, judges each agent and puts the verdicts together.
///
/// # Errors
/// The request names an arm that the study has not, a level cannot be made, or a file cannot be written. What was complete stays.
pub fn run<'s>(
    study: impl Into<StudyRef<'s>>,
    request: &Request,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    let study = study.into();
    let mut arms: Vec<String> = request.arms(study)?.into_iter().map(|arm| arm.name.clone()).collect();
    let ceilings = request.ceilings(study)?;
    arms.extend(ceilings.iter().map(|shift| ceiling::arm_name(shift)));
    let mut manifest = manifest(study, request, arms, request.seeds(study)?, request.steps(study)?)?;
    manifest.ceiling_arms = ceilings;
    manifest.ceilings = shipped(study, &manifest, manifest.steps);
    let adjusted = manifest.adjusted(study);
    let shared = prepare::work(&adjusted, &manifest)?;
    // Only now: a study whose levels cannot be made leaves no run behind.
    let (dir, lock) = RunDir::create(&request.root, &mut manifest, study.source())?;
    session(&shared, (&dir, &manifest, lock), Task::Finish, request.threads, stop, sink)
}

/// Goes on with a run that was stopped or killed. Complete units are skipped, others go on from their checkpoints, bit for bit.
///
/// # Errors
/// There is no such run, another process works on it, or one of its files is damaged or of another run.
pub fn resume(
    root: &Path,
    wanted: &str,
    threads: usize,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    go_on(root, wanted, Task::Finish, threads, stop, sink)
}

/// Judges the agents of a run anew, with this version's judge, and trains none. The verdict that stands is kept in the run's `verdicts/`. A session
/// that is stopped changes nothing.
///
/// # Errors
/// As [`resume`], or an agent is not there.
pub fn judge_anew(
    root: &Path,
    wanted: &str,
    threads: usize,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    go_on(root, wanted, Task::JudgeAnew, threads, stop, sink)
}

fn go_on(
    root: &Path,
    wanted: &str,
    task: Task,
    threads: usize,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    let dir = RunDir::find(root, wanted)?;
    let lock = Lock::take(&dir.lock_path(), dir.id())?;
    let (manifest, study) = (dir.manifest()?, dir.any_study()?);
    let adjusted = manifest.adjusted(study.get());
    let shared = prepare::work(&adjusted, &manifest)?;
    session(&shared, (&dir, &manifest, lock), task, threads, stop, sink)
}

/// Judges a policy as it is: a weight file, or a scripted reference agent. The run has one pseudo-arm, `policy`, and one unit.
///
/// # Errors
/// The policy does not fit the study's world, or as [`run`].
pub fn judge_policy<'s>(
    study: impl Into<StudyRef<'s>>,
    policy: &GivenPolicy,
    request: &Request,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    let study = study.into();
    let name = match study {
        StudyRef::Grid(study) => policy::check(study, policy)?,
        StudyRef::Decision(study) => decision::check_policy(study, policy)?,
    };
    let mut manifest = manifest(study, request, vec![GIVEN_ARM.to_owned()], vec![0], 0)?;
    manifest.policy = Some(name);
    if let GivenPolicy::Weights(bytes) = policy {
        manifest.weights = Some(weights_hash(bytes));
    }
    if let Some(of) = trained_as(study, policy) {
        if ceiling_of(&of.arm).is_none() {
            manifest.ceilings = shipped(study, &manifest, of.steps);
        }
        manifest.trained_as = Some(of.arm);
    }
    let adjusted = manifest.adjusted(study);
    let shared = prepare::work(&adjusted, &manifest)?;
    let (dir, lock) = RunDir::create(&request.root, &mut manifest, study.source())?;
    if let GivenPolicy::Weights(bytes) = policy {
        let unit = dir.unit(GIVEN_ARM, 0);
        unit.create()?;
        unit.write_policy(bytes)?;
    }
    session(&shared, (&dir, &manifest, lock), Task::Finish, request.threads, stop, sink)
}

fn manifest(
    study: StudyRef<'_>,
    request: &Request,
    arms: Vec<String>,
    seeds: Vec<u64>,
    steps: u64,
) -> Result<Manifest, RunError> {
    Ok(Manifest {
        format: FORMAT,
        misgoal: assemble::VERSION.to_owned(),
        id: String::new(),
        created: Moment::from_seconds(since_epoch().as_secs()).rfc3339(),
        command: request.command.clone(),
        study: manifest::StudyRef {
            name: study.name().to_owned(),
            title: study.title().to_owned(),
            hash: study.hash().to_owned(),
        },
        arms,
        seeds,
        steps,
        levels: request.levels,
        levels_seed: request.levels_seed(),
        shift: request.shift(study)?,
        ceiling_arms: Vec::new(),
        ceilings: Vec::new(),
        along: (request.along > 0).then_some(request.along),
        policy: None,
        weights: None,
        trained_as: None,
        units: Some(UnitIdentity::VERSION),
    })
}

/// The ceilings that come with a built-in study, for the shifts that are judged, where the run trains none of its own.
fn shipped(study: StudyRef<'_>, manifest: &Manifest, steps: u64) -> Vec<CeilingFigure> {
    let figures = builtin_ceilings(study.hash(), steps).into_iter().map(CeilingFigure::from);
    let judged = |figure: &CeilingFigure| manifest.shift.as_ref().is_none_or(|only| *only == figure.shift);
    figures.filter(|figure| judged(figure) && !manifest.ceiling_arms.contains(&figure.shift)).collect()
}

/// What a session does with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    /// Whatever is missing.
    Finish,
    /// Judges every unit again, and trains none.
    JudgeAnew,
}

/// One process's work on a run, from wherever it stands to its end.
fn session(
    shared: &Work<'_>,
    (dir, manifest, lock): (&RunDir, &Manifest, Lock),
    task: Task,
    wanted_threads: usize,
    stop: &AtomicBool,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    let threads = threads(wanted_threads);
    let kernel = Kernel::best().name().to_owned();
    let mut sessions = dir.sessions();
    let identity = RunIdentity::new(manifest, shared.study(), &sessions);
    let all = units(&manifest.arms, &manifest.seeds);
    let mut warnings = Vec::new();
    let mut complete = BTreeMap::new();
    match task {
        Task::Finish => {
            complete = judged(&identity, dir, &all, &mut warnings)?;
        }
        Task::JudgeAnew => {
            for unit in &all {
                shared.has_agent(&Place::new(dir, unit, &identity, &[]))?;
            }
        }
    }
    sink.on(&Event::RunStarted {
        id: dir.id().to_owned(),
        path: dir.path().to_path_buf(),
        study: shared.study().name().to_owned(),
        units: all.clone(),
        complete: complete.len(),
        threads,
        kernel: kernel.clone(),
    });
    if let Some(last) = sessions.sessions.last().filter(|last| last.kernel != kernel) {
        warnings.push(format!(
            "the run began with the `{}` kernel and goes on with `{kernel}`: weights will differ in their last bits from an uninterrupted run",
            last.kernel
        ));
    }
    for message in warnings {
        sink.on(&Event::Warning { message });
    }
    sessions.sessions.push(Session {
        started: Moment::from_seconds(since_epoch().as_secs()).rfc3339(),
        seconds: 0.0,
        threads: threads as u32,
        kernel,
        misgoal: assemble::VERSION.to_owned(),
    });
    let mut recorder = Recorder { dir, sessions, watch: Watch::start(), sink, failed: false };
    recorder.note();

    let lint: Vec<LintRecord> = shared.lint();
    for record in &lint {
        recorder.on(&Event::Lint(record.clone()));
    }
    let mut anew = Vec::new();
    // The other arms are read against the ceilings, which therefore come first.
    for of_ceilings in [true, false] {
        let is_due = |unit: &&UnitId| ceiling_of(&unit.arm).is_some() == of_ceilings;
        let ceilings = ceiling::known(manifest, &complete);
        if !of_ceilings && ceilings.len() < manifest.ceiling_arms.len() + manifest.ceilings.len() {
            break;
        }
        let jobs: Vec<&UnitId> = all.iter().filter(is_due).filter(|unit| !complete.contains_key(unit)).collect();
        let work = |unit: &&UnitId, stop: queue::Stop<'_>, emitter: &queue::Emitter| {
            let place = Place::new(dir, unit, &identity, &ceilings);
            let Some(found) = shared.unit(&place, stop, emitter)? else { return Ok(None) };
            if task == Task::Finish {
                place.dir.write_results(&found)?;
            }
            emitter.emit(Event::UnitJudged { record: Box::new(found.document.unit.clone()) });
            Ok(Some(found))
        };
        for (unit, result) in jobs.iter().zip(queue::work(&jobs, threads, stop, &mut recorder, work)?) {
            if let Some(found) = result.flatten() {
                complete.insert((*unit).clone(), found.document.clone());
                anew.push((*unit, found));
            }
        }
    }
    recorder.note();
    if complete.len() < all.len() {
        drop(lock);
        return Ok(Outcome::Stopped { dir: dir.clone() });
    }
    if task == Task::JudgeAnew {
        // Only now that all are judged: whoever stops before has changed nothing.
        for (unit, found) in &anew {
            dir.unit(&unit.arm, unit.seed).write_results(found)?;
        }
    }
    let record = assemble::record(shared.study(), manifest, &recorder.sessions, lint, &complete);
    dir.write_verdict(&record, task == Task::JudgeAnew)?;
    recorder.on(&Event::RunFinished { record: Box::new(record.clone()) });
    drop(lock);
    Ok(Outcome::Complete { dir: dir.clone(), record: Box::new(record) })
}

/// The units that are judged already. A verdict is of one version of the judge: where units are missing, or are of several, those of another version than
/// this one's are judged again.
fn judged(
    identity: &RunIdentity,
    dir: &RunDir,
    all: &[UnitId],
    warnings: &mut Vec<String>,
) -> Result<BTreeMap<UnitId, UnitDocument>, RunError> {
    let mut complete = BTreeMap::new();
    for unit in all {
        match identity.judged(dir, unit) {
            Ok(Some(document)) => {
                complete.insert(unit.clone(), document);
            }
            Ok(None) => {}
            Err(error @ (RunError::Newer { .. } | RunError::Foreign { .. })) => return Err(error),
            Err(error) => warnings.push(format!("{error}; it is judged again now")),
        }
    }
    let versions: BTreeSet<u32> = complete.values().map(|unit| unit.judge).collect();
    let others = complete.values().filter(|unit| unit.judge != VERSION).count();
    if others > 0 && (complete.len() < all.len() || versions.len() > 1) {
        warnings.push(format!(
            "{others} of the run's units were judged by another version of the judge than this one's, {VERSION}: they are judged again, so that one judge speaks of all"
        ));
        complete.retain(|_, unit| unit.judge == VERSION);
    }
    Ok(complete)
}

/// Passes events on and keeps `sessions.json` up to date.
struct Recorder<'a> {
    dir: &'a RunDir,
    sessions: crate::manifest::Sessions,
    watch: Watch,
    sink: &'a mut dyn Sink,
    failed: bool,
}

impl Recorder<'_> {
    fn note(&mut self) {
        if let Some(session) = self.sessions.sessions.last_mut() {
            session.seconds = self.watch.seconds();
        }
        // A duration is no reason to stop a run; a disk that is full will be noticed by what matters.
        if self.dir.write_sessions(&self.sessions).is_err() && !self.failed {
            self.failed = true;
            self.sink
                .on(&Event::Warning { message: "cannot write `sessions.json`: durations will be wrong".to_owned() });
        }
    }
}

impl Sink for Recorder<'_> {
    fn on(&mut self, event: &Event) {
        if matches!(event, Event::Checkpoint { .. } | Event::UnitJudged { .. } | Event::UnitStopped { .. }) {
            self.note();
        }
        self.sink.on(event);
    }
}
