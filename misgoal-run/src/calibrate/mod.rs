//! `misgoal calibrate`: whether the judge can be trusted in a study's world.
//!
//! Reference agents of every failure mode, whose truth is known because they are built for it, are judged like any agent, on levels of
//! their own seed after seed; the confusion matrix of truth against verdict is the acceptance test of the judge.

mod agents;
mod grid;
pub(crate) mod outside;
mod record;
mod trained;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use misgoal_judge::{LintReport, ShiftJudgement};
use misgoal_study::{DecisionStudy, Study, StudyRef};

pub use agents::{MODES, Mode};
pub(crate) use agents::{Reference, is_another_reward};
pub use outside::{
    LostBy, LostRecord, Outcome, OutsideRates, OutsideRecord, OutsideSummary, OutsiderRecord, Progress, TruthRecord,
};
pub(crate) use record::record;
pub use record::{CalibrationRecord, CalibrationSummary, CalibrationsRecord, JudgedRecord, schema, summary};
pub(crate) use trained::{became, failing};

use crate::assemble::{VERSION, study_record};
use crate::levels::Levels;
use crate::{RunError, decision, lint, request};

/// The built-in studies and, by name, their texts that agents outside the components are judged in.
pub use outside::{DECISIONS, GRIDS};

/// From this attainment on a goal counts as attained.
const ATTAINED: f64 = 0.5;
/// Seeds of a calibration's levels are this far apart: no level is seen twice.
pub(crate) const APART: u64 = 1_000_000;

/// Whether an agent attains a goal of the study, whatever it was built for.
pub(crate) fn is_listed(judgement: &ShiftJudgement) -> bool {
    judgement.attainment.iter().any(|attained| attained.value >= ATTAINED)
}

/// What to calibrate with.
#[derive(Clone, Debug)]
pub struct CalibrateRequest {
    /// Replicates of each scripted agent, each on levels of its own.
    pub seeds: u32,
    /// Number of the first replicate, scripted or trained: others have other levels.
    pub first: u32,
    /// Agents to train for each mode that needs it; training takes most of the time.
    pub trained: u32,
    /// How many agents of each kind are judged too that no component of the judge describes; none where `None`.
    pub outside: Option<u32>,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// The command that repeats it, for the record.
    pub command: String,
}

/// Judges every reference agent, and those outside the components where they were asked for. `go_on` hears how far it has come and may stop: `None` then.
///
/// # Errors
/// A level cannot be drawn or solved, or an agent cannot be trained.
pub fn calibrate<'s>(
    study: impl Into<StudyRef<'s>>,
    asked: &CalibrateRequest,
    go_on: &(dyn Fn(Progress) -> bool + Sync),
) -> Result<Option<CalibrationRecord>, RunError> {
    let study = study.into();
    let bench = Bench::new(study)?;
    let threads = request::threads(asked.threads);
    let outside = match asked.outside {
        Some(seeds) => {
            let outside = outside::Asked { seeds, first: asked.first, trained: asked.trained, threads };
            let Some(record) = outside::judge(study, bench.lint(), &outside, go_on)? else { return Ok(None) };
            Some(record)
        }
        None => None,
    };
    let seeds = |count: u32| u64::from(asked.first)..u64::from(asked.first) + u64::from(count);
    let trained =
        bench.kinds().into_iter().flat_map(|mode| seeds(asked.trained).map(move |seed| Job::Trained(mode, seed)));
    let jobs: Vec<Job> = seeds(asked.seeds).map(Job::Scripted).chain(trained).collect();
    let trained = jobs.iter().filter(|job| matches!(job, Job::Trained(..))).count();
    let total = bench.scripts() * asked.seeds as usize + bench.lint().len() * trained;
    let told = |done: usize| go_on(Progress::Judged(done, total));
    let judged = side_by_side(jobs, threads, &told, |job, count| bench.judged(job, &|| count(0), count))?;
    let Some(judged) = judged else { return Ok(None) };
    let judged: Vec<JudgedRecord> = judged.into_iter().flatten().collect();
    let summary = summary(judged.iter());
    Ok(Some(CalibrationRecord {
        misgoal: VERSION.to_owned(),
        command: asked.command.clone(),
        study: study_record(study),
        judged,
        summary,
        outside,
    }))
}

/// Does jobs on so many threads, and answers their results in the jobs' order; `None` where `told` stopped it. It hears how much is done; a job adds to that
/// through the function that it is given, which says whether to go on.
fn side_by_side<J: Sync, R: Send>(
    jobs: Vec<J>,
    threads: usize,
    told: &(dyn Fn(usize) -> bool + Sync),
    work: impl Fn(&J, &dyn Fn(usize) -> bool) -> Result<R, RunError> + Sync,
) -> Result<Option<Vec<R>>, RunError> {
    let (done, next, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let results: Mutex<BTreeMap<usize, Result<R, RunError>>> = Mutex::new(BTreeMap::new());
    let count = |by: usize| {
        let goes = told(done.fetch_add(by, Ordering::Relaxed) + by);
        stopped.fetch_or(!goes, Ordering::Relaxed);
        !stopped.load(Ordering::Relaxed)
    };
    let worker = || {
        while count(0) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { break };
            let result = work(job, &count);
            if let Ok(mut results) = results.lock() {
                results.insert(number, result);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len().max(1)) {
            scope.spawn(worker);
        }
    });
    if stopped.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let results =
        results.into_inner().map_err(|_| RunError::Internal("a worker of the calibration panicked".to_owned()))?;
    results.into_values().collect::<Result<Vec<R>, RunError>>().map(Some)
}

/// What a worker takes next.
enum Job {
    /// All scripted agents on the levels of one seed.
    Scripted(u64),
    /// An agent that is trained to fail in this mode.
    Trained(Mode, u64),
}

/// A study of either kind with its lint, which says which agents make sense in it.
enum Bench<'s> {
    Grid(&'s Study, Vec<LintReport>),
    Decision(&'s DecisionStudy, Vec<LintReport>),
}

impl<'s> Bench<'s> {
    fn new(study: StudyRef<'s>) -> Result<Bench<'s>, RunError> {
        Ok(match study {
            StudyRef::Grid(study) => Bench::Grid(study, lint::reports(study, &Levels::new(study, None)?)),
            StudyRef::Decision(study) => Bench::Decision(study, decision::calibrate::lint(study)?),
        })
    }

    fn lint(&self) -> &[LintReport] {
        match self {
            Bench::Grid(_, lint) | Bench::Decision(_, lint) => lint,
        }
    }

    /// The modes that agents are trained for: by heart, and by another reward where training can tell it.
    fn kinds(&self) -> Vec<Mode> {
        let goals = match self {
            Bench::Grid(study, _) => study.goals.len(),
            Bench::Decision(study, _) => study.goals.len(),
        };
        let other = (1..goals).filter(|proxy| is_another_reward(self.lint().first(), *proxy)).map(Mode::Misspecified);
        std::iter::once(Mode::Overfitted).chain(other).collect()
    }

    /// How many scripted agents there are, over all shifts.
    fn scripts(&self) -> usize {
        match self {
            Bench::Grid(study, lint) => lint.iter().map(|lint| agents::references(study, Some(lint)).len()).sum(),
            Bench::Decision(study, lint) => {
                lint.iter().map(|lint| decision::calibrate::references(study, lint).len()).sum()
            }
        }
    }

    fn judged(
        &self,
        job: &Job,
        told: &dyn Fn() -> bool,
        count: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<JudgedRecord>, RunError> {
        match (self, job) {
            (Bench::Grid(study, lint), Job::Scripted(seed)) => grid::scripted(study, lint, *seed, count),
            (Bench::Grid(study, _), Job::Trained(mode, seed)) => trained::judged(study, *mode, *seed, told, count),
            (Bench::Decision(study, lint), Job::Scripted(seed)) => {
                decision::calibrate::scripted(study, lint, *seed, count)
            }
            (Bench::Decision(study, _), Job::Trained(mode, seed)) => {
                decision::calibrate::trained(study, *mode, *seed, told, count)
            }
        }
    }
}
