//! Writes `fixtures/debug-identity`: what a version wrote that tied files to their study by Rust's `Debug` output.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use misgoal_run::{Event, GivenPolicy, Outcome, Request, RunDir, judge_policy, run};
use misgoal_study::{AnyStudy, StudyRef};

use crate::common::{GO_ON, complete, quietly, request, tiny};
use crate::fixtures::copy;

fn keep(dir: &RunDir, name: &str) {
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/debug-identity/runs").join(name);
    copy(dir.path(), &to);
    for file in ["manifest.json", "verdict.json"] {
        if let Ok(text) = std::fs::read_to_string(to.join(file)) {
            std::fs::write(to.join(file), text.replace(dir.id(), name)).unwrap();
        }
    }
}

fn small(root: &Path, study: &str, seeds: u32) -> Request {
    Request {
        arms: vec!["baseline".to_owned()],
        seeds: Some(seeds),
        steps: Some(8_000),
        levels: Some(30),
        along: 2,
        command: format!("misgoal run {study}.toml --seeds {seeds} --arm baseline --steps 8000 --levels 30 --along 2"),
        ..request(root, 1)
    }
}

/// Stopped once `enough` of these events were seen.
fn half<'s>(study: impl Into<StudyRef<'s>>, request: &Request, enough: usize, counts: fn(&Event) -> bool) -> RunDir {
    let stop = AtomicBool::new(false);
    let mut seen = 0;
    let mut sink = |event: &Event| {
        seen += usize::from(counts(event));
        stop.store(seen >= enough, Ordering::Relaxed);
    };
    match run(study, request, &stop, &mut sink).unwrap() {
        Outcome::Stopped { dir } => dir,
        Outcome::Complete { .. } => panic!("it was to be stopped"),
    }
}

#[test]
#[ignore = "wrote the fixtures; only a version that ties files to `Debug` output can"]
fn write_identity_fixtures() {
    let root = tempfile::tempdir().unwrap();
    let AnyStudy::Decision(stamps) = AnyStudy::parse("decisions.toml", include_str!("decisions.toml")).unwrap() else {
        panic!("decisions")
    };
    let (grid, _) = complete(run(&tiny(), &small(root.path(), "tiny", 1), &GO_ON, &mut quietly).unwrap());
    keep(&grid, "20261130-000000-tiny-wwww");
    let progress = |event: &Event| matches!(event, Event::Progress(_));
    let long = Request { steps: Some(200_000), command: "misgoal run tiny.toml --steps 200000".to_owned(), ..small(root.path(), "tiny", 1) };
    keep(&half(&tiny(), &long, 5, progress), "20261130-000001-tiny-hhhh");
    let (decisions, _) = complete(run(&*stamps, &small(root.path(), "stamps", 1), &GO_ON, &mut quietly).unwrap());
    keep(&decisions, "20261130-000002-stamps-wwww");
    let judged = |event: &Event| matches!(event, Event::UnitJudged { .. });
    keep(&half(&*stamps, &small(root.path(), "stamps", 2), 1, judged), "20261130-000003-stamps-hhhh");
    let policy = grid.unit("baseline", 0).policy().unwrap().unwrap();
    let asked = Request { levels: Some(30), command: "misgoal judge tiny.toml".to_owned(), ..request(root.path(), 1) };
    let given = judge_policy(&tiny(), &GivenPolicy::Weights(policy), &asked, &GO_ON, &mut quietly).unwrap();
    keep(&complete(given).0, "20261130-000004-tiny-gggg");
}
