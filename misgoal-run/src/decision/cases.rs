//! The cases that agents are judged on, drawn and solved once for all units.

use std::collections::BTreeMap;

use misgoal_decision::{Distribution, Encoder, Solved, WorldProblem};
use misgoal_study::DecisionStudy;

use crate::RunError;
use crate::holdout::{ASIDE, Mixture, most_shifted};
/// The name of the training distribution among the shifts' names.
pub(crate) use crate::levels::TRAINING;

/// A clear mistake costs a goal about so many steps: the unit of the judge's advantages.
const MISTAKE: f64 = 3.0;

/// Cases of one distribution.
pub(crate) struct CaseSet {
    pub(crate) name: String,
    pub(crate) solved: Vec<Solved>,
}

/// All of them.
pub(crate) struct Sets {
    /// Training cases that no agent is trained on.
    pub(crate) holdout: CaseSet,
    pub(crate) shifts: Vec<CaseSet>,
    /// Shifts on which the goals still agree.
    pub(crate) probes: Vec<CaseSet>,
    /// What agents see.
    pub(crate) encoder: Encoder,
    /// Per goal, what a value is multiplied with so that a clear mistake on a typical training case costs [`MISTAKE`].
    pub(crate) scales: Vec<f64>,
    /// Cases of a shift for the hold-outs of arms that are trained on some, by the shift's index.
    asides: BTreeMap<usize, CaseSet>,
}

impl Sets {
    pub(crate) fn new(study: &DecisionStudy, only: Option<&str>) -> Result<Sets, RunError> {
        Sets::from_seed(study, only, 0)
    }

    /// Cases of the seeds from `first` on.
    pub(crate) fn from_seed(study: &DecisionStudy, only: Option<&str>, first: u64) -> Result<Sets, RunError> {
        let options = &study.evaluation.options;
        let draw = |name: &str, distribution: &Distribution, count: usize| {
            CaseSet::new(study, name, distribution, count, first)
        };
        let holdout = draw(TRAINING, &study.training, options.holdout_levels)?;
        let (mut shifts, mut probes) = (Vec::new(), Vec::new());
        for shift in &study.shifts {
            if shift.aligned {
                probes.push(draw(&shift.name, &shift.distribution, options.holdout_levels)?);
            } else if only.is_none_or(|only| only == shift.name) {
                shifts.push(draw(&shift.name, &shift.distribution, options.levels)?);
            }
        }
        let encoder =
            Encoder::new(&study.world, &study.training).map_err(|problem| wrong(study, TRAINING, &problem))?;
        let scales = (0..study.goals.len()).map(|goal| scale(goal, &holdout, &shifts)).collect();
        Ok(Sets { holdout, shifts, probes, encoder, scales, asides: BTreeMap::new() })
    }

    /// Draws and solves the shifted cases of these hold-outs. `first` is the seed of the first case that is judged.
    pub(crate) fn set_aside(
        &mut self,
        study: &DecisionStudy,
        mixtures: impl Iterator<Item = Mixture>,
        first: u64,
    ) -> Result<(), RunError> {
        let shifted = |mixture: Mixture| mixture.shifted(self.holdout.solved.len());
        for (index, count) in most_shifted(mixtures, shifted) {
            let Some(shift) = study.shifts.get(index).filter(|_| count > 0) else { continue };
            let set = CaseSet::new(study, &shift.name, &shift.distribution, count, first.saturating_add(ASIDE))?;
            self.asides.insert(index, set);
        }
        Ok(())
    }

    /// The shifted cases of a hold-out, and perhaps more of the kind: the first ones are its own.
    pub(crate) fn aside(&self, mixture: Mixture) -> Option<&CaseSet> {
        mixture.shift().and_then(|index| self.asides.get(&index))
    }
}

impl CaseSet {
    /// The first `count` cases of a distribution, from a seed on, in which the intended goal has something to gain.
    fn new(
        study: &DecisionStudy,
        name: &str,
        distribution: &Distribution,
        count: usize,
        first: u64,
    ) -> Result<CaseSet, RunError> {
        let mut solved = Vec::with_capacity(count);
        for seed in (first..).take(count * 10) {
            let case =
                study.world.draw(distribution, seed).and_then(|case| Solved::new(&study.world, &study.goals, case));
            let case = case.map_err(|problem| wrong(study, name, &problem))?;
            if has_gain(&case, 0) {
                solved.push(case);
            }
            if solved.len() == count {
                break;
            }
        }
        if solved.is_empty() {
            return Err(RunError::Study(format!(
                "study `{}`: on none of {} cases of `{name}` has the intended goal anything to gain",
                study.name,
                count * 10
            )));
        }
        Ok(CaseSet { name: name.to_owned(), solved })
    }
}

/// Whether a goal can do better than choosing at random.
pub(crate) fn has_gain(solved: &Solved, goal: usize) -> bool {
    solved.best(goal) - solved.random(goal) > 1e-9
}

pub(crate) fn wrong(study: &DecisionStudy, name: &str, problem: &WorldProblem) -> RunError {
    RunError::Study(format!("study `{}`, a case of `{name}`: {problem}", study.name))
}

/// The distribution of this name.
pub(crate) fn distribution<'s>(study: &'s DecisionStudy, name: &str) -> Option<&'s Distribution> {
    if name == TRAINING { Some(&study.training) } else { study.shift(name).map(|shift| &shift.distribution) }
}

fn scale(goal: usize, holdout: &CaseSet, shifts: &[CaseSet]) -> f64 {
    let spread = |solved: &Solved| {
        let first = solved.first()?;
        let worst = solved.advantages(first, goal).into_iter().fold(0.0, f64::min);
        (worst < 0.0).then_some(-worst)
    };
    let mean = |sets: &[&CaseSet]| {
        let spreads: Vec<f64> = sets.iter().flat_map(|set| &set.solved).filter_map(spread).collect();
        (!spreads.is_empty()).then(|| spreads.iter().sum::<f64>() / spreads.len() as f64)
    };
    let shifts: Vec<&CaseSet> = shifts.iter().collect();
    MISTAKE / mean(&[holdout]).or_else(|| mean(&shifts)).unwrap_or(1.0)
}
