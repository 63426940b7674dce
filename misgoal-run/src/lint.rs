//! Lint: what a study's levels can show before any agent is trained, and the records of it.

use misgoal_judge::{
    Forecast, LintReport, Outlook, PairEvidence, PairLint, ProxyLint, ReferenceAgent, Training, forecast,
};
use misgoal_stats::{Estimate, bound};
use misgoal_study::{Study, StudyRef};
use misgoal_world::Oracle;

use crate::RunError;
use crate::convert::{code, goal};
use crate::decision;
use crate::levels::{LevelSet, Levels};
use crate::record::{self, EvidenceRecord, ForecastRecord, LintRecord, PairRecord, RungRecord};

/// Levels of a shift that a forecast may draw on, where the study itself judges on fewer.
const STOCK: usize = 160;

/// What lint found of one shift.
#[derive(Clone, Debug)]
pub(crate) struct Linted {
    pub(crate) report: LintReport,
    /// Why the study can discriminate nothing on this shift.
    pub(crate) failure: Option<String>,
    pub(crate) forecasts: Vec<Forecast>,
}

/// How far the lint has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LintProgress {
    /// The goals are compared on the levels of this shift.
    Comparing {
        /// The shift.
        shift: String,
    },
    /// A reference agent is judged on this shift.
    Judging {
        /// The shift.
        shift: String,
        /// The goal of the reference agent.
        goal: String,
    },
}

/// What lint finds of a study before any agent is trained: one entry a proxy and shift. `told` hears what is begun.
///
/// Forecasts may draw on more levels than the study judges on; everything else looks at just those.
///
/// # Errors
/// A level cannot be drawn or solved.
pub fn lint<'s>(
    study: impl Into<StudyRef<'s>>,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Vec<LintRecord>, RunError> {
    let study = match study.into() {
        StudyRef::Grid(study) => study,
        StudyRef::Decision(study) => {
            return Ok(decision::lint(study, told)?.iter().flat_map(Linted::records).collect());
        }
    };
    let judged = study.evaluation.options.levels;
    let mut more = study.clone();
    more.evaluation.options.levels = judged.max(STOCK);
    let levels = Levels::new(&more, None)?;
    Ok(shifts(study, &levels, judged, told)?.iter().flat_map(Linted::records).collect())
}

/// The same from as many levels as the study judges on, of the seeds from `first` on.
///
/// # Errors
/// A level cannot be drawn or solved.
pub(crate) fn quick(study: StudyRef<'_>, first: u64) -> Result<Vec<LintRecord>, RunError> {
    let study = match study {
        StudyRef::Grid(study) => study,
        StudyRef::Decision(study) => {
            return Ok(decision::quick(study, first)?.iter().flat_map(Linted::records).collect());
        }
    };
    let levels = Levels::from_seed(study, None, first)?;
    Ok(shifts(study, &levels, usize::MAX, &mut |_| ())?.iter().flat_map(Linted::records).collect())
}

/// One entry for each shift on which the goals part. The goals are compared on as many levels as hold `judged` judged ones.
///
/// # Errors
/// An episode of a reference agent cannot be replayed.
pub(crate) fn shifts(
    study: &Study,
    levels: &Levels,
    judged: usize,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Vec<Linted>, RunError> {
    levels.shifts.iter().map(|shift| one(study, levels, shift, judged, told)).collect()
}

/// The reports alone, without forecasts.
pub(crate) fn reports(study: &Study, levels: &Levels) -> Vec<LintReport> {
    levels.shifts.iter().map(|shift| report(study, levels, shift, usize::MAX)).collect()
}

fn report(study: &Study, levels: &Levels, shift: &LevelSet, judged: usize) -> LintReport {
    let drawn = shift.solved.get(..shift.drawn_for(judged)).unwrap_or(&shift.solved);
    let judging = judging(shift);
    let judging = judging.get(..judged).unwrap_or(&judging);
    misgoal_judge::lint(&study.goals, &shift.name, &levels.holdout.solved, drawn, judging)
}

/// The levels that may be judged.
fn judging(shift: &LevelSet) -> Vec<(u64, &Oracle)> {
    shift.cases().filter(|case| case.judged).map(|case| (case.seed, case.oracle)).collect()
}

fn one(
    study: &Study,
    levels: &Levels,
    shift: &LevelSet,
    judged: usize,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Linted, RunError> {
    told(LintProgress::Comparing { shift: shift.name.clone() });
    let report = report(study, levels, shift, judged);
    let holdout: Vec<&Oracle> = levels.holdout.cases().filter(|case| case.judged).map(|case| case.oracle).collect();
    let shifted: Vec<&Oracle> = judging(shift).into_iter().map(|(_, oracle)| oracle).collect();
    let outlook =
        Outlook { goals: &study.goals, shift: &shift.name, holdout: &holdout, shifted: &shifted, lint: &report };
    let mut forecasts = Vec::new();
    for (goal, named) in study.goals.iter().enumerate() {
        told(LintProgress::Judging { shift: shift.name.clone(), goal: named.name.clone() });
        let wrong = |error| RunError::Study(format!("study `{}`, shift `{}`: {error}", study.name, shift.name));
        forecasts.push(forecast(&outlook, goal, &study.evaluation.options).map_err(wrong)?);
    }
    Ok(Linted::new(report, forecasts, study.evaluation.options.solvable))
}

impl Linted {
    /// `solvable` is the share of levels that the oracle must solve.
    pub(crate) fn new(report: LintReport, forecasts: Vec<Forecast>, solvable: f64) -> Linted {
        Linted { failure: report.failure(solvable), report, forecasts }
    }

    /// One entry a proxy.
    pub(crate) fn records(&self) -> Vec<LintRecord> {
        self.report.proxies.iter().filter_map(|proxy| self.record(proxy, self.report.pair(proxy.proxy)?)).collect()
    }

    fn record(&self, proxy: &ProxyLint, pair: &PairLint) -> Option<LintRecord> {
        let Linted { report, failure, forecasts } = self;
        let pairs = report.pairs.iter().filter(|pair| pair.goals.1 == proxy.proxy);
        let forecasts =
            [proxy.proxy, 0].into_iter().filter_map(|goal| forecasts.iter().find(|forecast| forecast.goal == goal));
        Some(LintRecord {
            proxy: goal(&report.goals, proxy.proxy),
            shift: report.shift.clone(),
            training: training(pair.training),
            parting: pair.parting.into(),
            train_worst: proxy.train.worst_ties.into(),
            train_best: proxy.train.best_ties.into(),
            shift_worst: proxy.shift.worst_ties.into(),
            shift_best: proxy.shift.best_ties.into(),
            levels: proxy.train.levels.min(proxy.shift.levels) as u32,
            evidence: evidence(&pair.evidence),
            discriminates: failure.is_none() && report.tells(proxy.proxy),
            failure: failure.clone(),
            witness: pair.witness,
            sentence: sentence(report, proxy, pair),
            pairs: pairs.map(|pair| pair_record(report, pair)).collect(),
            forecasts: forecasts.map(|forecast| forecast_record(report, forecast)).collect(),
        })
    }
}

fn training(training: Training) -> record::Training {
    match training {
        Training::Certified => record::Training::Certified,
        Training::Compatible => record::Training::Compatible,
        Training::Separable => record::Training::Separable,
    }
}

fn evidence(evidence: &PairEvidence) -> EvidenceRecord {
    EvidenceRecord {
        levels: evidence.levels as u32,
        nats: evidence.nats,
        low: evidence.low,
        needed: PairEvidence::ENOUGH,
    }
}

fn sentence(report: &LintReport, proxy: &ProxyLint, pair: &PairLint) -> String {
    let (name, intended, shift) = (goal(&report.goals, proxy.proxy), goal(&report.goals, 0), &report.shift);
    let Estimate { value: share, low, high } = pair.parting;
    let (low, high) = (bound::percent_at_least(low), bound::percent_at_most(high));
    let on = format!("on {} % [{low}, {high}] of its levels", bound::percent(share));
    let training = match pair.training {
        Training::Certified if share > 0.0 => {
            format!("training tells `{name}` from `{intended}` {on} and hardly elsewhere")
        }
        Training::Certified => format!("training cannot tell `{name}` from `{intended}`"),
        Training::Compatible => {
            format!("training allows an agent that pursues `{name}` and earns all of `{intended}`")
        }
        Training::Separable => format!(
            "training tells `{name}` from `{intended}` {on}, where pursuing it costs half of the intended return or more: {} % of all",
            bound::percent(proxy.train.best_ties.value)
        ),
    };
    let cost = bound::percent(proxy.shift.worst_ties.value);
    let PairEvidence { levels, nats, .. } = pair.evidence;
    if pair.evidence.is_enough() {
        return format!("{training}; on `{shift}` pursuing `{name}` costs {cost} % of the intended return");
    }
    format!(
        "{training}; `{shift}` does not tell them apart: {nats:.1} nats of evidence on {levels} levels, {:.0} are needed; whether an agent pursues `{name}` stays unknown",
        PairEvidence::ENOUGH
    )
}

fn pair_record(report: &LintReport, pair: &PairLint) -> PairRecord {
    PairRecord {
        with: goal(&report.goals, pair.goals.0),
        training: training(pair.training),
        parting: pair.parting.into(),
        train_worst: pair.worst.into(),
        train_best: pair.best.into(),
        witness: pair.witness,
        evidence: evidence(&pair.evidence),
        levels: pair.evidence.levels as u32,
        separating: pair.separating.into(),
        nats: pair.nats.to_vec(),
        clearest: pair.clearest,
    }
}

fn forecast_record(report: &LintReport, forecast: &Forecast) -> ForecastRecord {
    let name = goal(&report.goals, forecast.goal);
    let kind = match forecast.agent {
        ReferenceAgent::Noisy => "noisy",
        ReferenceAgent::First => "first",
    };
    ForecastRecord {
        agent: format!("{kind}-{name}"),
        goal: name,
        levels: forecast.enough.map(|levels| levels as u32),
        instead: forecast
            .instead
            .as_ref()
            .filter(|_| forecast.enough.is_none())
            .map(|verdict| code(verdict).to_owned()),
        tried: forecast
            .rungs
            .iter()
            .map(|rung| RungRecord { levels: rung.levels as u32, right: rung.right.into() })
            .collect(),
    }
}
