//! What comes before any unit and is shared by all: the levels, their solutions, lint, the splay's variants.

use misgoal_study::{Study, StudyRef};

use crate::holdout::Rule;
use crate::levels::Levels;
use crate::manifest::Manifest;
use crate::splay::Splay;
use crate::unit::Shared;
use crate::work::Work;
use crate::{RunError, decision, lint};

/// What all units of a run share, by the study's kind.
pub(crate) fn work<'s>(study: impl Into<StudyRef<'s>>, manifest: &Manifest) -> Result<Work<'s>, RunError> {
    match study.into() {
        StudyRef::Grid(study) => shared(study, manifest).map(|shared| Work::Grid(Box::new(shared))),
        StudyRef::Decision(study) => {
            decision::Shared::new(study, manifest).map(|shared| Work::Decision(Box::new(shared)))
        }
    }
}

/// Draws and solves the levels, lints them, and lays out the splay.
fn shared<'s>(study: &'s Study, manifest: &Manifest) -> Result<Shared<'s>, RunError> {
    let rule = Rule::of(manifest);
    let mut levels = Levels::from_seed(study, manifest.shift.as_deref(), manifest.first_level())?;
    let mixtures = manifest.arms.iter().map(|arm| rule.mixture(study.into(), arm));
    levels.set_aside(study, mixtures, manifest.first_level())?;
    let lint = lint::shifts(study, &levels, usize::MAX, &mut |_| ())?;
    let splay = study.goals.first().and_then(|intended| {
        let first = levels.holdout.cases().next()?;
        Splay::new(&study.world, intended, first.level())
    });
    Ok(Shared { study, levels, splay, lint, given: manifest.policy.clone(), rule, along: manifest.along.unwrap_or(0) })
}
