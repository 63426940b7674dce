//! The work of a run, whatever its study's kind: what the pipeline asks of it.

use misgoal_study::StudyRef;

use crate::lint::Linted;
use crate::queue::{Emitter, Stop};
use crate::record::LintRecord;
use crate::store::dir::Found;
use crate::unit_identity::Place;
use crate::{RunError, decision, policy, unit};

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

    /// Trains a unit's agent where it is not trained, and judges it. `None` where it was time to stop before it was complete.
    pub(crate) fn unit(&self, place: &Place<'_>, stop: Stop<'_>, emitter: &Emitter) -> Result<Option<Found>, RunError> {
        match self {
            Work::Grid(shared) => unit::work(shared, place, stop, emitter),
            Work::Decision(shared) => decision::work(shared, place, stop, emitter),
        }
    }

    /// That a unit's agent is there and fits, so that it can be judged without training.
    pub(crate) fn has_agent(&self, place: &Place<'_>) -> Result<(), RunError> {
        match self {
            Work::Grid(shared) => match &shared.given {
                Some(name) => policy::given(shared.study, name, place).map(drop),
                None => place.has_weights(|bytes| policy::network(shared.study, bytes).map(drop)),
            },
            Work::Decision(shared) => match &shared.given {
                Some(name) => decision::given(shared, name, place).map(drop),
                None => place.has_weights(|bytes| decision::network(shared, bytes).map(drop)),
            },
        }
    }
}
