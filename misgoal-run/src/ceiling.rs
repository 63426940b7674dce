//! Ceilings: what agents attain of the intended goal on a shift that are trained on its levels alone.
//!
//! An excess regret over held-out training levels compares a shift that may be harder with levels that may be easier. A ceiling says what there is to lose. A run
//! trains its own, an arm a shift, before the other arms; built-in studies ship theirs.

use std::collections::BTreeMap;

use misgoal_stats::{Estimate, beta, quantile};
use misgoal_study::{Arm, BuiltinCeiling, Mitigation, StudyRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::UnitId;
use crate::manifest::Manifest;
use crate::over::summarised;
use crate::record::{OverSeedsInterval, UnitDocument};

/// What the arms of ceilings are called, before the shift's name. No arm of a study can be called so: names have no dots.
const ARM: &str = "ceiling.";

/// What agents attained that were trained on a shift's levels alone, before anything is made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CeilingFigure {
    /// The shift's name.
    pub shift: String,
    /// Environment steps, or presented cases, that each agent was to be trained for.
    pub steps: u64,
    /// Levels of the shift that each was judged on.
    pub levels: u32,
    /// Attainment of the intended goal, one entry an agent.
    pub by_seed: Vec<f64>,
}

/// A shift's ceiling: what agents attain of the intended goal there that are trained on its levels alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CeilingRecord {
    #[serde(flatten)]
    /// The figures.
    pub figure: CeilingFigure,
    /// Where they are from.
    pub source: CeilingSource,
    /// Mean attainment over the agents. Of what levels do to each of them the widest is supposed: all or nothing, and to all alike.
    pub attainment: OverSeedsInterval,
}

/// Where a ceiling's figures are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CeilingSource {
    /// The run trained it.
    ThisRun,
    /// It was measured of the study as it is, and came with misgoal.
    BuiltIn,
}

/// Which ceilings a run is to train.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrainCeilings {
    /// None.
    #[default]
    No,
    /// One a shift, beside the arms.
    Beside,
    /// One a shift, and no other arm.
    Alone,
}

impl CeilingFigure {
    fn mean(&self) -> f64 {
        quantile::mean(&self.by_seed)
    }

    fn record(self, source: CeilingSource) -> CeilingRecord {
        let levels = f64::from(self.levels);
        let estimate = |attained: &f64| {
            let (a, b) = (attained * levels + 0.5, (1.0 - attained) * levels + 0.5);
            let (low, high) = (beta::quantile(0.05, a, b), beta::quantile(0.95, a, b));
            Estimate { value: *attained, low: low.min(*attained), high: high.max(*attained) }.into()
        };
        CeilingRecord { attainment: summarised(self.by_seed.iter().map(estimate)), figure: self, source }
    }

    /// As it stands in a unit's identity.
    fn text(&self) -> String {
        format!("{} {:.6} of {} levels", self.shift, self.mean(), self.levels)
    }
}

impl From<BuiltinCeiling> for CeilingFigure {
    fn from(ceiling: BuiltinCeiling) -> CeilingFigure {
        let BuiltinCeiling { study: _, hash: _, shift, steps, levels, attainment } = ceiling;
        CeilingFigure { shift, steps, levels, by_seed: attainment }
    }
}

/// The name of a shift's ceiling arm.
pub(crate) fn arm_name(shift: &str) -> String {
    format!("{ARM}{shift}")
}

/// The shift whose ceiling an arm is.
pub fn ceiling_of(arm: &str) -> Option<&str> {
    arm.strip_prefix(ARM)
}

/// The arms of these shifts' ceilings.
pub(crate) fn arms(study: StudyRef<'_>, shifts: &[String]) -> Vec<Arm> {
    let shifts_of = study.shifts();
    let of = |name: &String| {
        let shift = shifts_of.iter().position(|shift| shift.name == name)?;
        Some(Arm {
            name: arm_name(name),
            words: format!("levels of `{name}` alone: what can be attained there"),
            mitigation: Mitigation::Randomize { shift, share: 1.0 },
            // What can be attained of the intended goal, whatever the study rewards.
            train_on: Some(0),
            on_request: true,
            ..Arm::baseline()
        })
    };
    shifts.iter().filter_map(of).collect()
}

/// The ceilings that a run's agents are read against, as far as they are known: those that it trains are when all their seeds are judged.
pub(crate) fn known(manifest: &Manifest, complete: &BTreeMap<UnitId, UnitDocument>) -> Vec<CeilingRecord> {
    let trained = |shift: &String| {
        let arm = arm_name(shift);
        let judged = |seed: &u64| complete.get(&UnitId { arm: arm.clone(), seed: *seed });
        let units: Vec<&UnitDocument> = manifest.seeds.iter().map(judged).collect::<Option<_>>()?;
        let shifts = || units.iter().flat_map(|document| &document.unit.shifts).filter(|one| one.shift == *shift);
        let by_seed = shifts().filter_map(|one| Some(one.attainment.first()?.interval.value)).collect();
        let levels = shifts().next()?.levels;
        let figure = CeilingFigure { shift: shift.clone(), steps: manifest.steps, levels, by_seed };
        Some(figure.record(CeilingSource::ThisRun))
    };
    let shipped = manifest.ceilings.iter().cloned().map(|figure| figure.record(CeilingSource::BuiltIn));
    manifest.ceiling_arms.iter().filter_map(trained).chain(shipped).collect()
}

/// What the judge is told of a shift's ceiling. The agents of a ceiling are read against none.
pub(crate) fn judged_by(ceilings: &[CeilingRecord], arm: &str, shift: &str) -> Option<misgoal_judge::Ceiling> {
    let ceiling = ceilings.iter().find(|ceiling| ceiling.figure.shift == shift && ceiling_of(arm).is_none())?;
    Some(misgoal_judge::Ceiling { attainment: ceiling.figure.mean(), levels: ceiling.figure.levels as usize })
}

/// Whether an arm's agents are judged on a shift: a ceiling's on its own alone.
pub(crate) fn is_judged_on(arm: &str, shift: &str) -> bool {
    ceiling_of(arm).is_none_or(|own| own == shift)
}

/// What a unit is read against, as it stands in its identity; `None` for nothing.
pub(crate) fn identity(manifest: &Manifest, arm: &str) -> Option<String> {
    let trained = manifest.ceiling_arms.iter().map(|shift| format!("{shift} of this run"));
    let all: Vec<String> = trained.chain(manifest.ceilings.iter().map(CeilingFigure::text)).collect();
    (ceiling_of(arm).is_none() && !all.is_empty()).then(|| all.join(", "))
}
