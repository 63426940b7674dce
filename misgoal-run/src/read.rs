//! The read side of a run, for reports, tables and replays: nothing here writes.

use std::collections::BTreeMap;
use std::path::Path;

use misgoal_study::{AnyStudy, Study, StudyRef};

use crate::manifest::{Manifest, Sessions};
use crate::record::{EpisodeRecord, MetricRow, RunRecord, SplayRecord, UnitRecord};
use crate::store::dir::{RunDir, UnitDir};
use crate::unit_identity::RunIdentity;
use crate::{RunError, UnitId, assemble, over};

/// A run on disk, complete or not.
#[derive(Clone, Debug)]
pub struct Run {
    dir: RunDir,
    manifest: Manifest,
    study: String,
}

impl Run {
    /// Opens a run: `wanted` is `latest`, an id, or enough of an id's beginning or last part to fit one run only.
    ///
    /// # Errors
    /// No such run, several, or a manifest that cannot be read; the sentence says which file and what to do.
    pub fn open(root: &Path, wanted: &str) -> Result<Run, RunError> {
        let dir = RunDir::find(root, wanted)?;
        let manifest = dir.manifest()?;
        let study = dir.study()?;
        Ok(Run { dir, manifest, study })
    }

    /// The run's directory.
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        self.dir.id()
    }

    /// What the run is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The study file, byte for byte as it was when the run began.
    pub fn study_text(&self) -> &str {
        &self.study
    }

    /// The study of a grid world, parsed.
    ///
    /// # Errors
    /// This version of misgoal reads the file in another way than the one that began the run, or the study is of another kind.
    pub fn parse_study(&self) -> Result<Study, RunError> {
        self.dir.parse_study()
    }

    /// The study, parsed, of whatever kind.
    ///
    /// # Errors
    /// This version of misgoal reads the file in another way than the one that began the run.
    pub fn any_study(&self) -> Result<AnyStudy, RunError> {
        self.dir.any_study()
    }

    /// When it was worked on.
    pub fn sessions(&self) -> Sessions {
        self.dir.sessions()
    }

    /// What was found; `None` while units are missing.
    pub fn record(&self) -> Result<Option<RunRecord>, RunError> {
        let mut record = self.dir.verdict()?;
        record.iter_mut().for_each(over::refresh);
        Ok(record)
    }

    /// What was found so far: [`Run::record`] where the run is complete, otherwise what its judged units say.
    ///
    /// # Errors
    /// A unit's judgement is damaged, or lint cannot be repeated.
    pub fn record_so_far<'s>(&self, study: impl Into<StudyRef<'s>>) -> Result<RunRecord, RunError> {
        if let Some(record) = self.record()? {
            return Ok(record);
        }
        let identity = self.identity()?;
        let mut judged = BTreeMap::new();
        for unit in self.units() {
            if let Some(document) = identity.judged(&self.dir, &unit)? {
                judged.insert(unit, document);
            }
        }
        let study = study.into();
        let adjusted = self.manifest.adjusted(study);
        let lint = crate::lint::quick(adjusted.get(), self.manifest.first_level())?;
        Ok(assemble::record(adjusted.get(), &self.manifest, &self.sessions(), lint, &judged))
    }

    /// The run's units, arm by arm, in the order of the work queue.
    pub fn units(&self) -> Vec<UnitId> {
        let unit = |arm: &String, seed: &u64| UnitId { arm: arm.clone(), seed: *seed };
        self.manifest.arms.iter().flat_map(|arm| self.manifest.seeds.iter().map(move |seed| unit(arm, seed))).collect()
    }

    /// A unit's directory, unless its judgement says that it is of another run; what else may be wrong with that is for its own readers to say.
    fn unit(&self, unit: &UnitId) -> Result<UnitDir, RunError> {
        match self.judgement(unit) {
            Err(error @ RunError::Foreign { .. }) => Err(error),
            _ => Ok(self.dir.unit(&unit.arm, unit.seed)),
        }
    }

    fn identity(&self) -> Result<RunIdentity, RunError> {
        Ok(RunIdentity::new(&self.manifest, self.any_study()?.get(), &self.sessions()))
    }

    /// What was found of one unit; `None` while it is not judged.
    ///
    /// # Errors
    /// Its judgement is damaged, or not of this run.
    pub fn judgement(&self, unit: &UnitId) -> Result<Option<UnitRecord>, RunError> {
        Ok(self.identity()?.judged(&self.dir, unit)?.map(|document| document.unit))
    }

    /// One unit's learning curve; empty for a policy that was not trained here.
    pub fn metrics(&self, unit: &UnitId) -> Result<Vec<MetricRow>, RunError> {
        self.unit(unit)?.metrics()
    }

    /// The episodes that were kept of one unit.
    pub fn episodes(&self, unit: &UnitId) -> Result<Vec<EpisodeRecord>, RunError> {
        self.unit(unit)?.episodes()
    }

    /// One unit's splay, where the study has a thing to move.
    pub fn splay(&self, unit: &UnitId) -> Result<Option<SplayRecord>, RunError> {
        self.unit(unit)?.splay()
    }

    /// One unit's weights as a safetensors file, once it is trained.
    pub fn policy(&self, unit: &UnitId) -> Result<Option<Vec<u8>>, RunError> {
        self.unit(unit)?.policy()
    }

    /// The kept episode of this id (`ARM/SEED/SHIFT/NUMBER`).
    ///
    /// # Errors
    /// There is none; the sentence names some that there are.
    pub fn episode(&self, id: &str) -> Result<EpisodeRecord, RunError> {
        let mut known = Vec::new();
        for unit in self.units() {
            for episode in self.episodes(&unit)? {
                if episode.id == id {
                    return Ok(episode);
                }
                known.push(episode.id);
            }
        }
        let some: Vec<String> = known.iter().take(3).map(|id| format!("`{id}`")).collect();
        let there_are = match some.as_slice() {
            [] => "it has kept none yet".to_owned(),
            some => format!("it has {} in all, such as {}", known.len(), some.join(", ")),
        };
        Err(RunError::Request(format!("run `{}` has no episode `{id}`: {there_are}", self.id())))
    }
}
