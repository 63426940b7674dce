//! Lint: what a study's levels can show before any agent is trained, and the records of it.

use misgoal_judge::{
    Forecast, LintLevels, LintReport, LintStatus, Outlook, PairLint, ProxyLint, ReferenceAgent, TrainingTells,
    forecast, pairs,
};
use misgoal_study::{Study, StudyRef};
use misgoal_world::Oracle;

use crate::RunError;
use crate::convert::{code, goal};
use crate::decision;
use crate::levels::{LevelSet, Levels};
use crate::record::{ForecastRecord, LintRecord, PairRecord, RungRecord};

/// Levels of a shift that a forecast may draw on, where the study itself judges on fewer.
const STOCK: usize = 160;

/// What lint found of one shift.
#[derive(Clone, Debug)]
pub(crate) struct Linted {
    pub(crate) report: LintReport,
    pub(crate) pairs: Vec<PairLint>,
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

/// The reports alone: cross-regret, without pairs and forecasts.
pub(crate) fn reports(study: &Study, levels: &Levels) -> Vec<LintReport> {
    levels.shifts.iter().map(|shift| report(study, levels, shift, usize::MAX)).collect()
}

fn report(study: &Study, levels: &Levels, shift: &LevelSet, judged: usize) -> LintReport {
    let solved = shift.solved.get(..shift.drawn_for(judged)).unwrap_or(&shift.solved);
    let (train, all) = (&levels.holdout.solved, LintLevels { levels: solved, enumerated: false });
    misgoal_judge::lint(&study.goals, &shift.name, LintLevels { levels: train, enumerated: false }, all)
}

fn one(
    study: &Study,
    levels: &Levels,
    shift: &LevelSet,
    judged: usize,
    told: &mut dyn FnMut(LintProgress),
) -> Result<Linted, RunError> {
    told(LintProgress::Comparing { shift: shift.name.clone() });
    let train = LintLevels { levels: &levels.holdout.solved, enumerated: false };
    let report = report(study, levels, shift, judged);
    let judging: Vec<(u64, &Oracle)> =
        shift.cases().filter(|case| case.judged).map(|case| (case.seed, case.oracle)).collect();
    let pairs = pairs(study.goals.len(), train, judging.get(..judged).unwrap_or(&judging));

    let holdout: Vec<&Oracle> = levels.holdout.cases().filter(|case| case.judged).map(|case| case.oracle).collect();
    let shifted: Vec<&Oracle> = judging.iter().map(|(_, oracle)| *oracle).collect();
    let outlook =
        Outlook { goals: &study.goals, shift: &shift.name, holdout: &holdout, shifted: &shifted, lint: &report };
    let mut forecasts = Vec::new();
    for (goal, named) in study.goals.iter().enumerate() {
        told(LintProgress::Judging { shift: shift.name.clone(), goal: named.name.clone() });
        let wrong = |error| RunError::Study(format!("study `{}`, shift `{}`: {error}", study.name, shift.name));
        forecasts.push(forecast(&outlook, goal, &study.evaluation.options).map_err(wrong)?);
    }
    Ok(Linted { report, pairs, forecasts })
}

impl Linted {
    /// One entry a proxy.
    pub(crate) fn records(&self) -> Vec<LintRecord> {
        records(&self.report, &self.pairs, &self.forecasts)
    }
}

fn records(report: &LintReport, pairs: &[PairLint], forecasts: &[Forecast]) -> Vec<LintRecord> {
    let one = |proxy: &ProxyLint| LintRecord {
        pairs: pairs.iter().filter(|pair| pair.goals.1 == proxy.proxy).map(|pair| pair_record(report, pair)).collect(),
        forecasts: [proxy.proxy, 0]
            .iter()
            .filter_map(|goal| forecasts.iter().find(|forecast| forecast.goal == *goal))
            .map(|forecast| forecast_record(report, forecast))
            .collect(),
        ..record(report, proxy)
    };
    report.proxies.iter().map(one).collect()
}

fn pair_record(report: &LintReport, pair: &PairLint) -> PairRecord {
    let training = match pair.training {
        TrainingTells::Nothing => "certified",
        TrainingTells::Sometimes => "compatible",
        TrainingTells::Apart => "separable",
    };
    PairRecord {
        with: goal(&report.goals, pair.goals.0),
        training: training.to_owned(),
        train_worst: pair.worst.into(),
        train_best: pair.best.into(),
        witness: pair.witness,
        levels: pair.levels as u32,
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

fn record(report: &LintReport, proxy: &ProxyLint) -> LintRecord {
    let training = match proxy.status {
        LintStatus::Certified => "certified",
        LintStatus::Compatible => "compatible",
        LintStatus::Separable => "separable",
        // The status says only that the shift fails; the figures below say how training stands.
        LintStatus::ShiftTooAlike => "compatible",
    };
    let (name, intended, shift) = (goal(&report.goals, proxy.proxy), goal(&report.goals, 0), &report.shift);
    let sentence = match proxy.status {
        _ if proxy.train.levels == 0 => {
            format!("in training nothing of `{intended}` can be gained or lost: no agent can learn it there")
        }
        _ if proxy.shift.levels == 0 => {
            format!("on `{shift}` nothing of `{intended}` can be gained or lost: no agent can be seen to miss it")
        }
        LintStatus::Certified => format!(
            "training cannot tell `{name}` from `{intended}`; on `{shift}` pursuing `{name}` costs {:.0} % of the intended return",
            100.0 * proxy.shift.worst_ties.value
        ),
        LintStatus::Compatible => format!(
            "training allows an agent that pursues `{name}` and earns all of `{intended}`; on `{shift}` it loses {:.0} %",
            100.0 * proxy.shift.worst_ties.value
        ),
        LintStatus::Separable => format!(
            "training already tells `{name}` from `{intended}`: pursuing it costs {:.0} % of the intended return",
            100.0 * proxy.train.best_ties.value
        ),
        LintStatus::ShiftTooAlike => format!(
            "`{shift}` does not tell `{name}` from `{intended}`: pursuing it costs only {:.0} % of the intended return",
            100.0 * proxy.shift.worst_ties.value
        ),
    };
    LintRecord {
        proxy: name,
        shift: shift.clone(),
        training: training.to_owned(),
        train_worst: proxy.train.worst_ties.into(),
        train_best: proxy.train.best_ties.into(),
        shift_worst: proxy.shift.worst_ties.into(),
        shift_best: proxy.shift.best_ties.into(),
        levels: report.train.levels().min(report.shifted.levels()) as u32,
        discriminates: proxy.status.passes(),
        witness: proxy.witness,
        sentence,
        pairs: Vec::new(),
        forecasts: Vec::new(),
    }
}
