//! An atlas: its cells are kept, it goes on where it was stopped, and what was kept once stays readable.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: a panic is how they fail")]
#![expect(clippy::disallowed_methods, reason = "looks at the files that an atlas leaves")]

use std::path::Path;

use misgoal_run::atlas::{AtlasOutcome, AtlasPlan, AtlasRecord, atlas};

fn plan() -> AtlasPlan {
    let (lengths, widths, shares) = (vec![3, 4], vec![2, 8], vec![0.0, 0.03, 0.3]);
    AtlasPlan { lengths, widths, shares, networks: 8, steps: 12_000, seed: 5 }
}

#[track_caller]
fn complete(plan: &AtlasPlan, directory: &Path, threads: usize) -> AtlasRecord {
    match atlas(plan, directory, threads, &mut |_| true).unwrap() {
        AtlasOutcome::Complete(record) => *record,
        stopped => panic!("{stopped:?}"),
    }
}

/// What was found, as text: a figure that is missing is not equal to itself.
fn figures(record: &AtlasRecord) -> String {
    format!("{:?} {:?}", record.cells, record.laws)
}

#[test]
fn the_same_whatever_the_threads_and_stops() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let whole = complete(&plan(), one.path(), 1);
    assert_eq!(whole.cells.len(), 12);
    // Stopped when three cells are there; the next call makes the others.
    let outcome = atlas(&plan(), other.path(), 2, &mut |progress| progress.done < 3).unwrap();
    assert!(matches!(outcome, AtlasOutcome::Stopped { done: 3..12, of: 12 }), "{outcome:?}");
    let mut first = None;
    let AtlasOutcome::Complete(rest) = atlas(&plan(), other.path(), 3, &mut |progress| {
        first.get_or_insert(progress.done);
        true
    })
    .unwrap() else {
        panic!("it was not stopped")
    };
    assert!(first.unwrap() >= 3);
    assert_eq!(figures(&rest), figures(&whole));
}

#[test]
fn more_random_coins_repair_sooner() {
    let room = tempfile::tempdir().unwrap();
    let record = complete(&plan(), room.path(), 2);
    let median = |share| record.cell(4, 8, share).unwrap().repaired.value;
    assert!(median(0.3) < median(0.03), "{record:?}");
    assert!(record.laws.iter().all(|law| law.cells + law.censored == if law.length.is_some() { 4 } else { 8 }));
}

#[test]
fn cells_of_another_plan_are_refused() {
    let room = tempfile::tempdir().unwrap();
    complete(&plan(), room.path(), 2);
    let error = atlas(&AtlasPlan { steps: 10_000, ..plan() }, room.path(), 1, &mut |_| true).unwrap_err().to_string();
    assert!(error.ends_with("(8 networks, 12000 steps, seed 5): choose another directory"), "{error}");
}

/// Cells of format 1 stay readable: nothing is trained, and the summary is made of them.
#[test]
fn format_1_is_read() {
    let room = tempfile::tempdir().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/atlas-v1");
    std::fs::create_dir(room.path().join("cells")).unwrap();
    for cell in std::fs::read_dir(kept.join("cells")).unwrap() {
        let cell = cell.unwrap();
        std::fs::copy(cell.path(), room.path().join("cells").join(cell.file_name())).unwrap();
    }
    let plan = AtlasPlan { lengths: vec![4], widths: vec![8], shares: vec![0.0, 0.1], networks: 4, ..plan() };
    let mut seen = Vec::new();
    atlas(&plan, room.path(), 1, &mut |progress| {
        seen.push(progress.done);
        true
    })
    .unwrap();
    assert_eq!(seen, [2], "both cells are there at once");
    let record: AtlasRecord = serde_json::from_slice(&std::fs::read(kept.join("atlas.json")).unwrap()).unwrap();
    assert_eq!((record.format, record.cells.len()), (1, 2));
    let now: AtlasRecord = serde_json::from_slice(&std::fs::read(room.path().join("atlas.json")).unwrap()).unwrap();
    assert_eq!(figures(&record), figures(&now));
}

/// Writes the fixture of the current format: `cargo test -p misgoal-run --test atlas -- --ignored write_fixture`, once for each new format.
#[test]
#[ignore = "writes into the source tree; for a new format only"]
fn write_fixture() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/atlas-v1");
    let plan = AtlasPlan { lengths: vec![4], widths: vec![8], shares: vec![0.0, 0.1], networks: 4, ..plan() };
    complete(&plan, &kept, 1);
}
