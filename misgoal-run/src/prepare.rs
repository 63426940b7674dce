//! What comes before any unit and is shared by all: the levels, their solutions, lint, the splay's variants.

use misgoal_judge::LintReport;
use misgoal_study::Study;

use crate::RunError;
use crate::levels::Levels;
use crate::manifest::Manifest;
use crate::splay::Splay;
use crate::unit::Shared;

pub(crate) fn shared<'s>(study: &'s Study, manifest: &Manifest) -> Result<Shared<'s>, RunError> {
    let levels = Levels::new(study, manifest.shift.as_deref())?;
    let lint = Vec::new();
    let splay = study.goals.first().and_then(|intended| {
        let first = levels.holdout.cases.first()?;
        Splay::new(&study.world, intended, first.level())
    });
    Ok(Shared { study, levels, splay, lint, steps: manifest.steps, given: manifest.policy.clone() })
}
