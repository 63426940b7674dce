//! The work of a run, whatever its study's kind: what the pipeline asks of it.

use misgoal_study::StudyRef;

use crate::lint::Linted;
use crate::queue::{Emitter, Stop};
use crate::record::{LintRecord, UnitRecord};
use crate::store::dir::UnitDir;
use crate::{RunError, UnitId, decision, unit};

/// What all units of a run share.
pub(crate) enum Work<'s> {
    Grid(Box<unit::Shared<'s>>),
    Decision(Box<decision::Shared<'s>>),
}

impl Work<'_> {
    pub(crate) fn study(&self) -> StudyRef<'_> {
        match self {
            Work::Grid(shared) => shared.study.into(),
            Work::Decision(shared) => shared.study.into(),
        }
    }

    pub(crate) fn lint(&self) -> Vec<LintRecord> {
        match self {
            Work::Grid(shared) => shared.lint.iter().flat_map(Linted::records).collect(),
            Work::Decision(shared) => shared.lint.iter().flat_map(Linted::records).collect(),
        }
    }

    /// Does whatever is missing of a unit. `None` where it was time to stop before it was complete.
    pub(crate) fn unit(
        &self,
        dir: &UnitDir,
        unit: &UnitId,
        stop: Stop<'_>,
        emitter: &Emitter,
    ) -> Result<Option<UnitRecord>, RunError> {
        match self {
            Work::Grid(shared) => unit::work(shared, dir, unit, stop, emitter),
            Work::Decision(shared) => decision::work(shared, dir, unit, stop, emitter),
        }
    }
}
