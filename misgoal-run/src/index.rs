//! The index of runs: a SQLite file that saves reading every directory. The directories are the truth: rows that are out of date,
//! and a file that is missing or damaged, are made again from them without a word.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, params};

use crate::RunError;
use crate::store::dir::{self, RunDir};
use crate::store::lock::Lock;

/// The layout of the index; another one is thrown away and made again.
const LAYOUT: i64 = 1;

/// What state a run is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// A living process works on it.
    Running,
    /// Units are missing and nobody works on them: `misgoal run --resume` goes on.
    Interrupted,
    /// The verdict is written.
    Complete,
    /// Its manifest cannot be read.
    Damaged,
}

impl RunState {
    /// The state in one word.
    pub fn word(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Interrupted => "interrupted",
            RunState::Complete => "complete",
            RunState::Damaged => "damaged",
        }
    }
}

/// One line of `misgoal runs`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// The run's id.
    pub id: String,
    /// The study's name.
    pub study: String,
    /// When it began, RFC 3339 in UTC.
    pub created: String,
    /// Running, interrupted or complete.
    pub state: RunState,
    /// The verdict's sentence, or what is wrong with the directory.
    pub sentence: String,
    /// Units complete.
    pub done: u32,
    /// Units in all.
    pub units: u32,
    /// Wall-clock seconds so far.
    pub seconds: f64,
}

/// The runs in `root`, newest first.
pub fn list(root: &Path) -> Result<Vec<RunSummary>, RunError> {
    let ids = dir::ids(root)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut index = Index::open(root);
    let mut runs: Vec<RunSummary> = ids.iter().map(|id| index.summary(&RunDir::at(root, id.clone()))).collect();
    index.forget_all_but(&ids);
    runs.reverse();
    Ok(runs)
}

/// The open index; `None` where not even an empty one can be made, and every directory is read instead.
struct Index(Option<Connection>);

impl Index {
    fn open(root: &Path) -> Index {
        let path = root.join("index.sqlite");
        let connection = connect(&path).or_else(|_| {
            // Whatever stands there is no index of ours: its rows are in the directories anyway.
            let _ = std::fs::remove_file(&path);
            connect(&path)
        });
        Index(connection.ok())
    }

    /// A run's row if it is as new as its directory, else its directory read again.
    fn summary(&mut self, run: &RunDir) -> RunSummary {
        let stamp = stamp(run);
        if let Some(row) = self.row(run.id(), &stamp) {
            return row;
        }
        let summary = read(run);
        // A running or interrupted run changes without its stamp: only what cannot change any more is kept.
        if summary.state == RunState::Complete {
            self.keep(&summary, &stamp);
        }
        summary
    }

    fn row(&self, id: &str, stamp: &str) -> Option<RunSummary> {
        let sql = "SELECT study, created, sentence, done, units, seconds FROM run WHERE id = ?1 AND stamp = ?2";
        let row = self.0.as_ref()?.query_row(sql, params![id, stamp], |row| {
            Ok(RunSummary {
                id: id.to_owned(),
                study: row.get(0)?,
                created: row.get(1)?,
                state: RunState::Complete,
                sentence: row.get(2)?,
                done: row.get(3)?,
                units: row.get(4)?,
                seconds: row.get(5)?,
            })
        });
        row.optional().ok().flatten()
    }

    /// Failures are not reported: what is not kept is read from its directory the next time.
    fn keep(&mut self, summary: &RunSummary, stamp: &str) {
        let RunSummary { id, study, created, state: _, sentence, done, units, seconds } = summary;
        let sql = "INSERT OR REPLACE INTO run (id, stamp, study, created, sentence, done, units, seconds)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        if let Some(connection) = &self.0 {
            let _ = connection.execute(sql, params![id, stamp, study, created, sentence, done, units, seconds]);
        }
    }

    fn forget_all_but(&mut self, ids: &[String]) {
        let Some(connection) = &self.0 else { return };
        let Ok(list) = serde_json::to_string(ids) else { return };
        let sql = "DELETE FROM run WHERE id NOT IN (SELECT value FROM json_each(?1))";
        let _ = connection.execute(sql, params![list]);
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if layout != LAYOUT {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             DROP TABLE IF EXISTS run;
             CREATE TABLE run (
                 id TEXT PRIMARY KEY, stamp TEXT NOT NULL, study TEXT NOT NULL, created TEXT NOT NULL,
                 sentence TEXT NOT NULL, done INTEGER NOT NULL, units INTEGER NOT NULL, seconds REAL NOT NULL);
             PRAGMA user_version = {LAYOUT};
             COMMIT;"
        ))?;
    }
    // Reads one row, so that a damaged table is found here and not later.
    connection.query_row("SELECT count(*), max(stamp) FROM run", [], |_| Ok(()))?;
    Ok(connection)
}

/// Changes whenever the files that a complete run's row is made of do: their sizes and times.
fn stamp(run: &RunDir) -> String {
    let part = |path: std::path::PathBuf| {
        let Ok(data) = std::fs::metadata(path) else { return "-".to_owned() };
        let time = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        format!("{}@{}", data.len(), time.as_nanos())
    };
    format!("{} {}", part(run.path().join("manifest.json")), part(run.verdict_path()))
}

/// Reads a run's directory.
fn read(run: &RunDir) -> RunSummary {
    let mut summary = RunSummary {
        id: run.id().to_owned(),
        study: String::new(),
        created: String::new(),
        state: RunState::Damaged,
        sentence: String::new(),
        done: 0,
        units: 0,
        seconds: 0.0,
    };
    let manifest = match run.manifest() {
        Ok(manifest) => manifest,
        Err(error) => return RunSummary { sentence: error.to_string(), ..summary },
    };
    let units = manifest.arms.iter().flat_map(|arm| manifest.seeds.iter().map(|seed| run.unit(arm, *seed)));
    let complete: Vec<bool> = units.map(|unit| unit.judgement_path().is_file()).collect();
    summary.units = complete.len() as u32;
    summary.done = complete.iter().filter(|complete| **complete).count() as u32;
    summary.study = manifest.study.name;
    summary.created = manifest.created;
    summary.seconds = run.sessions().seconds();
    summary.state = match (Lock::is_taken(&run.lock_path()), run.verdict()) {
        (true, _) => RunState::Running,
        (false, Ok(Some(record))) => {
            summary.sentence = record.sentence;
            summary.seconds = record.seconds;
            RunState::Complete
        }
        (false, Ok(None)) => RunState::Interrupted,
        (false, Err(error)) => {
            summary.sentence = error.to_string();
            RunState::Interrupted
        }
    };
    summary
}
