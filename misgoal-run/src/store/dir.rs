//! Where a run's files are, and how a run's directory comes into being.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use misgoal_study::{AnyStudy, Study};

use super::files::{self, Durable};
use super::lines::Lines;
use super::lock::Lock;
use super::{id, lines};
use crate::manifest::{Manifest, Sessions};
use crate::record::{AlongRecord, EpisodeRecord, MetricRow, RunRecord, SplayRecord, UnitDocument};
use crate::{RunError, clock};

/// A run's directory.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
    id: String,
}

/// One unit's directory: an arm trained with one seed.
#[derive(Clone, Debug)]
pub struct UnitDir {
    path: PathBuf,
    run: String,
}

/// What judging a unit leaves.
pub(crate) struct Found {
    pub(crate) document: UnitDocument,
    pub(crate) episodes: Vec<EpisodeRecord>,
    pub(crate) splay: Option<SplayRecord>,
}

/// Length of the date and time that an id begins with: `20261121-120349`.
const SECOND: usize = 15;

/// The ids of the runs in `root`, oldest first; none where there is no such directory.
pub(crate) fn ids(root: &Path) -> Result<Vec<String>, RunError> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(RunError::io("read", root)(error)),
    };
    // An id has the second at which its run began; of runs of one second the manifest's file tells which was first. It is written once.
    let mut ids: Vec<(String, SystemTime, String)> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .filter_map(|name| {
            let manifest = fs::metadata(root.join(&name).join("manifest.json")).ok().filter(fs::Metadata::is_file)?;
            let second = name.get(..SECOND).unwrap_or(&name).to_owned();
            Some((second, manifest.modified().unwrap_or(SystemTime::UNIX_EPOCH), name))
        })
        .collect();
    ids.sort_unstable();
    Ok(ids.into_iter().map(|(_, _, id)| id).collect())
}

impl RunDir {
    /// Makes a new run's directory and takes its lock. `manifest` gets the id that it is made under.
    ///
    /// The directory appears under its name only once manifest and study are in it.
    pub(crate) fn create(root: &Path, manifest: &mut Manifest, study: &str) -> Result<(RunDir, Lock), RunError> {
        fs::create_dir_all(root).map_err(RunError::io("create", root))?;
        loop {
            manifest.id = id::new_id(&manifest.study.name, clock::since_epoch());
            let (path, building) = (root.join(&manifest.id), root.join(format!(".{}", manifest.id)));
            if path.exists() || building.exists() {
                continue;
            }
            let create = |directory: &Path| fs::create_dir(directory).map_err(RunError::io("create", directory));
            create(&building)?;
            create(&building.join("units"))?;
            let lock = Lock::take(&building.join("lock"), &manifest.id)?;
            files::write(&building.join("study.toml"), study.as_bytes(), Durable::Power)?;
            files::write_json(&building.join("manifest.json"), manifest, Durable::Power)?;
            fs::rename(&building, &path).map_err(RunError::io("create", &path))?;
            files::sync_directory(root);
            return Ok((RunDir { path, id: manifest.id.clone() }, lock));
        }
    }

    /// Finds a run: `wanted` is `latest`, an id, or enough of an id's beginning or last part.
    pub fn find(root: &Path, wanted: &str) -> Result<RunDir, RunError> {
        let id = id::resolve(root, &ids(root)?, wanted)?;
        Ok(RunDir::at(root, id))
    }

    pub(crate) fn at(root: &Path, id: String) -> RunDir {
        RunDir { path: root.join(&id), id }
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the report goes.
    pub fn report_path(&self) -> PathBuf {
        self.path.join("report.html")
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    pub(crate) fn verdict_path(&self) -> PathBuf {
        self.path.join("verdict.json")
    }

    fn sessions_path(&self) -> PathBuf {
        self.path.join("sessions.json")
    }

    fn start_anew(&self) -> String {
        format!("nothing else says what run `{}` is: delete its directory and run the study again", self.id)
    }

    fn resume_it(&self) -> String {
        format!("delete the file and `misgoal run --resume {}` writes it again", self.id)
    }

    /// What the run is.
    pub fn manifest(&self) -> Result<Manifest, RunError> {
        let path = self.path.join("manifest.json");
        files::parse_document(&path, &files::read(&path)?, &self.start_anew())
    }

    /// The study file, as it was when the run began.
    pub fn study(&self) -> Result<String, RunError> {
        let path = self.path.join("study.toml");
        String::from_utf8(files::read(&path)?).map_err(|error| RunError::damaged(&path, error, self.start_anew()))
    }

    /// The study, parsed, of whatever kind.
    pub(crate) fn any_study(&self) -> Result<AnyStudy, RunError> {
        let path = self.path.join("study.toml");
        let study = AnyStudy::parse(&path.display().to_string(), &self.study()?)
            .map_err(|diagnostics| RunError::damaged(&path, diagnostics, self.start_anew()))?;
        let wanted = self.manifest()?.study.hash;
        if study.get().hash() != wanted {
            return Err(RunError::damaged(
                &path,
                "it is not the study that the run began with (its hash differs from the manifest's)",
                "put the original file back, or run the changed study on its own",
            ));
        }
        Ok(study)
    }

    /// The study of a grid world, parsed.
    pub(crate) fn parse_study(&self) -> Result<Study, RunError> {
        match self.any_study()? {
            AnyStudy::Grid(study) => Ok(*study),
            AnyStudy::Decision(study) => Err(RunError::Request(format!(
                "run `{}` is of study `{}`, which is one of decisions: it has no levels",
                self.id, study.name
            ))),
        }
    }

    /// What was found; `None` while units are missing.
    pub fn verdict(&self) -> Result<Option<RunRecord>, RunError> {
        let path = self.verdict_path();
        let bytes = files::read_if_there(&path)?;
        bytes.map(|bytes| files::parse_document(&path, &bytes, &self.resume_it())).transpose()
    }

    /// Writes what was found. A verdict of another version of the judge that stands there is kept in `verdicts/`; one of the same version too, where the
    /// run was judged `anew`.
    pub(crate) fn write_verdict(&self, record: &RunRecord, anew: bool) -> Result<(), RunError> {
        // A damaged one says nothing that could be kept.
        if let Ok(Some(before)) = self.verdict()
            && (anew || before.judge != record.judge)
        {
            self.keep_verdict(before.judge)?;
        }
        files::write_json(&self.verdict_path(), record, Durable::Power)
    }

    /// Copies `verdict.json` to `verdicts/verdict-JUDGE-N.json`, under the next number that is free.
    fn keep_verdict(&self, judge: u32) -> Result<(), RunError> {
        let bytes = files::read(&self.verdict_path())?;
        let directory = self.path.join("verdicts");
        fs::create_dir_all(&directory).map_err(RunError::io("create", &directory))?;
        for number in 1u32.. {
            let path = directory.join(format!("verdict-{judge}-{number}.json"));
            match files::read_if_there(&path)? {
                // A kill came between keeping it and writing the new one.
                Some(kept) if kept == bytes => return Ok(()),
                Some(_) => {}
                None => return files::write(&path, &bytes, Durable::Power),
            }
        }
        Ok(())
    }

    /// The verdicts of before, of older versions of the judge and of earlier judgements, by version and number.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn kept_verdicts(&self) -> Result<Vec<PathBuf>, RunError> {
        let directory = self.path.join("verdicts");
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunError::io("read", &directory)(error)),
        };
        let number = |name: &str| -> Option<(u32, u32)> {
            let (judge, number) = name.strip_prefix("verdict-")?.strip_suffix(".json")?.split_once('-')?;
            Some((judge.parse().ok()?, number.parse().ok()?))
        };
        let named = |entry: fs::DirEntry| Some((number(entry.file_name().to_str()?)?, entry.path()));
        let mut kept: Vec<_> = entries.flatten().filter_map(named).collect();
        kept.sort();
        Ok(kept.into_iter().map(|(_, path)| path).collect())
    }

    /// When it was worked on; damage here loses nothing but a duration, and reads as no session.
    pub(crate) fn sessions(&self) -> Sessions {
        let read = files::read(&self.sessions_path()).and_then(|bytes| {
            let sessions: Sessions = files::parse_document(&self.sessions_path(), &bytes, "")?;
            Ok(sessions)
        });
        read.unwrap_or(Sessions { format: crate::record::FORMAT, sessions: Vec::new() })
    }

    pub(crate) fn write_sessions(&self, sessions: &Sessions) -> Result<(), RunError> {
        files::write_json(&self.sessions_path(), sessions, Durable::Kill)
    }

    /// One unit's directory, there or not.
    pub fn unit(&self, arm: &str, seed: u64) -> UnitDir {
        let path = self.path.join("units").join(format!("{}-{seed}", id::file_name(arm)));
        UnitDir { path, run: self.id.clone() }
    }
}

impl UnitDir {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the directory, or takes out of it what a killed process left half written.
    pub(crate) fn create(&self) -> Result<(), RunError> {
        fs::create_dir_all(&self.path).map_err(RunError::io("create", &self.path))?;
        let entries = fs::read_dir(&self.path).map_err(RunError::io("read", &self.path))?;
        for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with('.')) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
        Ok(())
    }

    pub(crate) fn metrics_path(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    pub(crate) fn along_path(&self) -> PathBuf {
        self.path.join("along.jsonl")
    }

    pub(crate) fn checkpoint_path(&self) -> PathBuf {
        self.path.join("checkpoint.safetensors")
    }

    pub(crate) fn policy_path(&self) -> PathBuf {
        self.path.join("policy.safetensors")
    }

    fn episodes_path(&self) -> PathBuf {
        self.path.join("episodes.jsonl")
    }

    fn splay_path(&self) -> PathBuf {
        self.path.join("splay.json")
    }

    pub(crate) fn judgement_path(&self) -> PathBuf {
        self.path.join("judgement.json")
    }

    fn again(&self) -> String {
        format!("delete the directory `{}` and `misgoal run --resume {}` makes it again", self.path.display(), self.run)
    }

    /// What was found of this unit; `None` while it is not judged. Whether it is of the run is not looked at.
    pub(crate) fn document(&self) -> Result<Option<UnitDocument>, RunError> {
        let path = self.judgement_path();
        let bytes = files::read_if_there(&path)?;
        bytes.map(|bytes| files::parse_document(&path, &bytes, &self.again())).transpose()
    }

    /// The learning curve so far.
    pub fn metrics(&self) -> Result<Vec<MetricRow>, RunError> {
        Lines::read(&self.metrics_path(), &self.again())
    }

    /// The judgements along the training.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn along(&self) -> Result<Vec<AlongRecord>, RunError> {
        Lines::read(&self.along_path(), &self.again())
    }

    /// The episodes that were kept.
    pub fn episodes(&self) -> Result<Vec<EpisodeRecord>, RunError> {
        Lines::read(&self.episodes_path(), &self.again())
    }

    /// The splay, where there is one.
    pub fn splay(&self) -> Result<Option<SplayRecord>, RunError> {
        let path = self.splay_path();
        let bytes = files::read_if_there(&path)?;
        bytes.map(|bytes| files::parse_document(&path, &bytes, &self.again())).transpose()
    }

    /// The trained policy's file, where training has ended.
    pub fn policy(&self) -> Result<Option<Vec<u8>>, RunError> {
        files::read_if_there(&self.policy_path())
    }

    pub(crate) fn checkpoint(&self) -> Result<Option<Vec<u8>>, RunError> {
        files::read_if_there(&self.checkpoint_path())
    }

    pub(crate) fn write_checkpoint(&self, bytes: &[u8]) -> Result<(), RunError> {
        files::write(&self.checkpoint_path(), bytes, Durable::Power)
    }

    /// A trained unit needs no checkpoint; one that cannot be removed does no harm.
    pub(crate) fn remove_checkpoint(&self) {
        let _ = fs::remove_file(self.checkpoint_path());
    }

    pub(crate) fn write_policy(&self, bytes: &[u8]) -> Result<(), RunError> {
        files::write(&self.policy_path(), bytes, Durable::Power)
    }

    /// Writes what judging a unit leaves; the judgement last, because it marks the unit as complete.
    pub(crate) fn write_results(&self, found: &Found) -> Result<(), RunError> {
        let Found { document, episodes, splay } = found;
        let path = self.episodes_path();
        files::write(&path, &lines::to_bytes(&path, episodes)?, Durable::Kill)?;
        if let Some(splay) = splay {
            files::write_json(&self.splay_path(), splay, Durable::Kill)?;
        }
        files::write_json(&self.judgement_path(), document, Durable::Power)
    }
}
