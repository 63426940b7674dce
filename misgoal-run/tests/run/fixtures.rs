//! Run directories that released versions wrote stay readable: one for each format.

use std::path::Path;

use crate::common::{GO_ON, complete, quietly, request, tiny};
use misgoal_run::index::{self, RunState};
use misgoal_run::read::Run;
use misgoal_run::{Request, UnitId, run};

/// The only run of a fixture.
const V1: &str = "20261121-130000-tiny-v1v1";

/// A copy, because listing runs writes an index and nothing may change a fixture.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn format_1_is_read() {
    let root = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1"), root.path());
    let listed = index::list(root.path()).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].state, listed[0].done, listed[0].units), (RunState::Complete, 1, 1));

    let run = Run::open(root.path(), "v1").unwrap();
    assert_eq!((run.id(), run.manifest().format, run.manifest().study.name.as_str()), (V1, 1, "tiny"));
    assert_eq!(run.study_text().lines().nth(2), Some("name = \"tiny\""));
    assert_eq!(run.units(), [UnitId { arm: "baseline".to_owned(), seed: 0 }]);
    assert_eq!(run.sessions().sessions.len(), 1);

    let record = run.record().unwrap().unwrap();
    let unit = &run.units()[0];
    assert_eq!(record.format, 1);
    assert_eq!(record.sentence, listed[0].sentence);
    assert_eq!(record.arms[0].units[0], run.judgement(unit).unwrap().unwrap());
    assert_eq!(record.arms[0].units[0].shifts[0].attainment[0].name, "cheese");
    assert_eq!(record.lint[0].proxy, "corner");

    assert!(run.metrics(unit).unwrap().iter().all(|row| row.returns.len() == 2 && row.steps > 0));
    assert!(run.episodes(unit).unwrap().iter().any(|episode| !episode.evidence.is_empty()));
    assert_eq!(run.splay(unit).unwrap().unwrap().thing, "cheese");
    let (network, _) = misgoal_policy::Network::load(&run.policy(unit).unwrap().unwrap()).unwrap();
    assert_eq!(network.architecture().actions, 4);
}

/// Writes the fixture of the current format: `cargo test -p misgoal-run -- --ignored write_fixture`, once for each new format.
#[test]
#[ignore = "writes into the source tree; for a new format only"]
fn write_fixture() {
    let root = tempfile::tempdir().unwrap();
    let request = Request {
        arms: vec!["baseline".to_owned()],
        seeds: Some(1),
        steps: Some(8_000),
        levels: Some(30),
        command: "misgoal run tiny.toml --arm baseline --seeds 1 --steps 8000 --levels 30".to_owned(),
        ..request(root.path(), 1)
    };
    let (dir, _) = complete(run(&tiny(), &request, &GO_ON, &mut quietly).unwrap());
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1").join(V1);
    copy(dir.path(), &to);
    for file in ["manifest.json", "verdict.json"] {
        let text = std::fs::read_to_string(to.join(file)).unwrap();
        std::fs::write(to.join(file), text.replace(dir.id(), V1)).unwrap();
    }
}
