//! What comes before any unit and is shared by all: the levels, their solutions, lint, the splay's variants.

use misgoal_judge::{LintLevels, LintReport};
use misgoal_study::Study;

use crate::levels::{LevelSet, Levels};
use crate::manifest::Manifest;
use crate::record::LintRecord;
use crate::splay::Splay;
use crate::unit::Shared;
use crate::{RunError, convert};

/// Draws and solves the levels, lints them, and lays out the splay.
pub(crate) fn shared<'s>(study: &'s Study, manifest: &Manifest) -> Result<Shared<'s>, RunError> {
    let levels = Levels::new(study, manifest.shift.as_deref())?;
    let lint = reports(study, &levels);
    let splay = study.goals.first().and_then(|intended| {
        let first = levels.holdout.cases().next()?;
        Splay::new(&study.world, intended, first.level())
    });
    Ok(Shared { study, levels, splay, lint, given: manifest.policy.clone() })
}

/// One report for each shift on which the goals part.
pub(crate) fn reports(study: &Study, levels: &Levels) -> Vec<LintReport> {
    let train = LintLevels { levels: &levels.holdout.solved, enumerated: false };
    let one = |shift: &LevelSet| {
        let shifted = LintLevels { levels: &shift.solved, enumerated: false };
        misgoal_judge::lint(&study.goals, &shift.name, train, shifted)
    };
    levels.shifts.iter().map(one).collect()
}

/// What lint finds of a study before any agent is trained: one entry a proxy and shift.
///
/// # Errors
/// A level cannot be drawn or solved.
pub fn lint(study: &Study) -> Result<Vec<LintRecord>, RunError> {
    let levels = Levels::new(study, None)?;
    Ok(reports(study, &levels).iter().flat_map(convert::lint).collect())
}
