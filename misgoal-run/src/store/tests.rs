//! The directory and the index, damaged in every way that a kill or a disk can think of.

#![expect(clippy::disallowed_methods, reason = "these tests look into run directories and damage them")]

use std::path::Path;

use proptest::prelude::*;

use super::dir::{self, RunDir};
use super::lock::Lock;
use crate::RunError;
use crate::index::{self, RunState};
use crate::manifest::{Manifest, StudyRef};
use crate::record::FORMAT;

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        misgoal: "0.1.0".into(),
        id: String::new(),
        created: "2026-11-21T12:03:49Z".into(),
        command: "misgoal run coinrun".into(),
        study: StudyRef { name: "coinrun".into(), title: "CoinRun".into(), hash: "00".into() },
        arms: vec!["baseline".into(), "two".into()],
        seeds: vec![0, 1, 2],
        steps: 1000,
        levels: None,
        levels_seed: None,
        shift: None,
        ceiling_arms: vec![],
        ceilings: vec![],
        along: None,
        policy: None,
        weights: None,
        trained_as: None,
        units: None,
    }
}

fn create(root: &Path) -> (RunDir, Lock) {
    RunDir::create(root, &mut manifest(), "name = \"coinrun\"\n").unwrap()
}

fn states(root: &Path) -> Vec<(&'static str, String)> {
    index::list(root).unwrap().into_iter().map(|run| (run.state.word(), run.sentence)).collect()
}

#[test]
fn a_new_run_is_found_and_read_back() {
    let root = tempfile::tempdir().unwrap();
    let (run, lock) = create(root.path());
    let found = RunDir::find(root.path(), "latest").unwrap();
    assert_eq!(found.id(), run.id());
    assert_eq!(found.manifest().unwrap(), Manifest { id: run.id().to_owned(), ..manifest() });
    assert_eq!(found.study().unwrap(), "name = \"coinrun\"\n");
    assert_eq!(states(root.path()), [("running", String::new())]);
    assert!(matches!(Lock::take(&run.lock_path(), run.id()), Err(RunError::Busy { .. })));
    drop(lock);
    let listed = index::list(root.path()).unwrap();
    assert_eq!((listed[0].state, listed[0].done, listed[0].units), (RunState::Interrupted, 0, 6));
}

#[test]
fn of_runs_of_one_second_the_last_is_the_latest() {
    let root = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        // File systems tell times apart that lie a few milliseconds from each other.
        std::thread::sleep(std::time::Duration::from_millis(10));
        let (run, _lock) = create(root.path());
        assert_eq!(RunDir::find(root.path(), "latest").unwrap().id(), run.id());
    }
}

#[test]
fn half_made_directories_and_strangers_are_no_runs() {
    let root = tempfile::tempdir().unwrap();
    assert!(dir::ids(&root.path().join("none")).unwrap().is_empty());
    std::fs::create_dir(root.path().join(".20260101-000000-coinrun-bcdf")).unwrap();
    std::fs::create_dir(root.path().join("notes")).unwrap();
    std::fs::write(root.path().join("readme.txt"), "mine").unwrap();
    assert!(index::list(root.path()).unwrap().is_empty());
}

#[test]
fn a_damaged_index_is_made_again() {
    let root = tempfile::tempdir().unwrap();
    drop(create(root.path()));
    let fresh = states(root.path());
    let path = root.path().join("index.sqlite");
    let whole = std::fs::read(&path).unwrap();
    let mut overwritten = whole.clone();
    overwritten[4096..].fill(0x5a);
    for damaged in [b"not a database at all".as_slice(), &whole[..whole.len() / 2], b"", &overwritten] {
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(states(root.path()), fresh);
        assert_eq!(states(root.path()), fresh);
    }
}

#[test]
fn damage_names_the_file_and_the_remedy() {
    let root = tempfile::tempdir().unwrap();
    let (run, _lock) = create(root.path());
    let check = |file: &str, bytes: &[u8], expect: &str| {
        let path = run.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let unit = run.unit("baseline", 0);
        let errors = [
            run.verdict().err(),
            unit.document().err(),
            unit.metrics().err(),
            unit.episodes().err(),
            unit.splay().err(),
            run.manifest().err(),
            run.study().err(),
        ];
        let said: Vec<String> = errors.into_iter().flatten().map(|error| error.to_string()).collect();
        let said = said.join("\n").replace(&format!("{}/", root.path().display()), "").replace(run.id(), "RUN");
        assert_eq!(said, expect);
        std::fs::remove_file(path).unwrap_or_default();
    };
    let again = "delete the directory `RUN/units/baseline-0` and `misgoal run --resume RUN` makes it again";
    check(
        "verdict.json",
        b"{}",
        "`RUN/verdict.json` is damaged: missing field `format` at line 1 column 2; delete the file and `misgoal run --resume RUN` writes it again",
    );
    check(
        "verdict.json",
        b"{\"format\": 9}",
        "`RUN/verdict.json` has format 9, this misgoal reads up to 1: use the version that wrote it, or a later one",
    );
    check(
        "units/baseline-0/judgement.json",
        b"{\"format\":1",
        &format!(
            "`RUN/units/baseline-0/judgement.json` is damaged: EOF while parsing an object at line 1 column 11; {again}"
        ),
    );
    check(
        "units/baseline-0/metrics.jsonl",
        b"x\n{}\n",
        &format!("`RUN/units/baseline-0/metrics.jsonl` is damaged: line 1: expected value at line 1 column 1; {again}"),
    );
    check("units/baseline-0/metrics.jsonl", b"{\"steps\":", "");
}

#[test]
fn readers_never_panic() {
    let root = tempfile::tempdir().unwrap();
    let (run, _lock) = create(root.path());
    let unit = run.unit("baseline", 0);
    unit.create().unwrap();
    let names = [
        "manifest.json",
        "study.toml",
        "verdict.json",
        "sessions.json",
        "units/baseline-0/judgement.json",
        "units/baseline-0/metrics.jsonl",
        "units/baseline-0/episodes.jsonl",
        "units/baseline-0/splay.json",
    ];
    proptest!(|(bytes: Vec<u8>, file in 0usize..8)| {
        std::fs::write(run.path().join(names[file]), bytes).unwrap();
        let _ = (run.manifest(), run.study(), run.parse_study(), run.verdict(), run.sessions());
        let _ = (unit.document(), unit.metrics(), unit.episodes(), unit.splay());
    });
}
