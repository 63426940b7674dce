//! What the tests share: a tiny study, requests in a temporary directory, a sink that remembers.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use misgoal_run::{Event, Outcome, Request, RunDir, record::RunRecord};
use misgoal_study::Study;

pub const TINY: &str = include_str!("tiny.toml");

pub fn tiny() -> Study {
    Study::parse("tiny.toml", TINY).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

pub fn request(root: &Path, threads: usize) -> Request {
    Request { root: root.to_path_buf(), command: "misgoal run tiny.toml".to_owned(), threads, ..Request::default() }
}

pub fn complete(outcome: Outcome) -> (RunDir, RunRecord) {
    match outcome {
        Outcome::Complete { dir, record } => (dir, *record),
        Outcome::Stopped { dir } => panic!("run {} was stopped", dir.id()),
    }
}

pub fn quietly(_: &Event) {}

pub static GO_ON: AtomicBool = AtomicBool::new(false);
