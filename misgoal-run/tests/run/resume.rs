//! Killed and resumed runs end where an uninterrupted one does, to the last bit; on any number of threads.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{GO_ON, complete, quietly, request, tiny};
use misgoal_run::record::RunRecord;
use misgoal_run::{Event, Outcome, RunDir, resume, run};

/// What must not depend on threads, interruptions or the clock.
fn essence(dir: &RunDir, record: &RunRecord) -> (Vec<Vec<u8>>, String) {
    let mut record = record.clone();
    record.run.clear();
    record.started.clear();
    record.seconds = 0.0;
    record.machine.clear();
    record.arms.iter_mut().flat_map(|arm| &mut arm.units).for_each(|unit| unit.seconds = 0.0);
    let mut files = Vec::new();
    for arm in &record.arms {
        for unit in &arm.units {
            let unit = dir.unit(&arm.name, unit.seed);
            files.push(unit.policy().unwrap().unwrap());
            files.push(std::fs::read(unit.path().join("episodes.jsonl")).unwrap());
            files.push(std::fs::read(unit.path().join("splay.json")).unwrap());
            let mut rows = unit.metrics().unwrap();
            rows.iter_mut().for_each(|row| row.seconds = 0.0);
            files.push(serde_json::to_vec(&rows).unwrap());
        }
    }
    (files, serde_json::to_string(&record).unwrap())
}

fn uninterrupted(root: &Path, threads: usize) -> (Vec<Vec<u8>>, String) {
    let (dir, record) = complete(run(&tiny(), &request(root, threads), &GO_ON, &mut quietly).unwrap());
    essence(&dir, &record)
}

/// Stops at every `every`-th event of training until the run is through; what the sessions wrote is what counts.
fn interrupted(root: &Path, every: usize, between: impl Fn(&Path)) -> ((Vec<Vec<u8>>, String), usize) {
    let (mut wanted, mut sessions): (Option<String>, usize) = (None, 0);
    loop {
        let stop = AtomicBool::new(false);
        let mut seen = 0;
        let mut sink = |event: &Event| {
            seen += usize::from(matches!(event, Event::Progress(_) | Event::Evaluating { .. }));
            if seen >= every {
                stop.store(true, Ordering::Relaxed);
            }
        };
        sessions += 1;
        let outcome = match &wanted {
            None => run(&tiny(), &request(root, 1), &stop, &mut sink),
            Some(id) => resume(root, id, 1, &stop, &mut sink),
        };
        match outcome.unwrap() {
            Outcome::Complete { dir, record } => return (essence(&dir, &record), sessions),
            Outcome::Stopped { dir } => {
                between(dir.path());
                wanted = Some(dir.id().to_owned());
            }
        }
        assert!(sessions < 500, "no end in sight");
    }
}

#[test]
fn threads_and_interruptions_change_nothing() {
    let root = tempfile::tempdir().unwrap();
    let straight = uninterrupted(root.path(), 1);
    assert_eq!(uninterrupted(root.path(), 2), straight);
    assert_eq!(uninterrupted(root.path(), 7), straight);
    for every in [3, 17, 45] {
        let (end, sessions) = interrupted(root.path(), every, |_| {});
        assert!(sessions > 2, "{sessions} sessions");
        assert_eq!(end, straight, "stopped at every {every}th event");
    }
}

#[test]
fn what_a_kill_leaves_behind_is_cut_off() {
    let root = tempfile::tempdir().unwrap();
    let straight = uninterrupted(root.path(), 1);
    let (end, _) = interrupted(root.path(), 11, |run| {
        for unit in std::fs::read_dir(run.join("units")).unwrap() {
            let unit = unit.unwrap().path();
            if unit.join("judgement.json").exists() {
                continue;
            }
            // A row beyond the checkpoint, a row cut in the middle, and a temporary file of a write that never ended.
            let path = unit.join("metrics.jsonl");
            let mut rows = std::fs::read_to_string(&path).unwrap_or_default();
            let last = rows.lines().last().unwrap_or("{}").to_owned();
            rows.push_str(&last.replacen("\"steps\":", "\"steps\":99", 1));
            rows.push_str("\n{\"steps\":12");
            std::fs::write(&path, rows).unwrap();
            std::fs::write(unit.join(".checkpoint.safetensors.1-1"), b"half").unwrap();
        }
    });
    assert_eq!(end, straight);
    let left: Vec<_> = files(root.path()).into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The names of all files under a directory.
fn files(under: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(under).unwrap().map(Result::unwrap);
    let below = |entry: std::fs::DirEntry| match entry.path().is_dir() {
        true => files(&entry.path()),
        false => vec![entry.file_name().to_string_lossy().into_owned()],
    };
    entries.flat_map(below).collect()
}

#[test]
fn a_damaged_checkpoint_or_policy_costs_a_unit_its_progress_only() {
    let root = tempfile::tempdir().unwrap();
    let straight = uninterrupted(root.path(), 1);
    for file in ["checkpoint.safetensors", "policy.safetensors", "judgement.json"] {
        let stop = AtomicBool::new(false);
        let mut seen = 0;
        let mut sink = |event: &Event| {
            seen += usize::from(matches!(event, Event::Progress(_)));
            stop.store(seen > 60, Ordering::Relaxed);
        };
        let Outcome::Stopped { dir } = run(&tiny(), &request(root.path(), 1), &stop, &mut sink).unwrap() else {
            panic!("it was to be stopped");
        };
        let mut damaged = 0;
        for unit in std::fs::read_dir(dir.path().join("units")).unwrap() {
            let path = unit.unwrap().path().join(file);
            if let Ok(bytes) = std::fs::read(&path) {
                std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
                damaged += 1;
            }
        }
        assert!(damaged > 0, "no {file} to damage");
        let mut warnings = Vec::new();
        let mut sink = |event: &Event| {
            if let Event::Warning { message } = event {
                warnings.push(message.clone());
            }
        };
        let (dir, record) = complete(resume(root.path(), dir.id(), 2, &GO_ON, &mut sink).unwrap());
        let (files, found) = essence(&dir, &record);
        assert_eq!(found, straight.1, "{file}");
        // A complete unit's policy is not read again.
        if file != "policy.safetensors" {
            assert_eq!(files, straight.0, "{file}");
            assert!(warnings.iter().any(|warning| warning.contains(file)), "{file}: {warnings:?}");
        }
    }
}
