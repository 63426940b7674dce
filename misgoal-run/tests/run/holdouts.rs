//! What agents are held to: levels of the kind that they were trained on.

use misgoal_run::record::{HoldOut, RunRecord, UnitDocument};
use misgoal_run::{GivenPolicy, Request, RunDir, judge_policy, resume, run};
use misgoal_study::{AnyStudy, builtin};

use crate::common::{GO_ON, TINY, complete, quietly, request};

/// The ball is on the right in training, and on the left on the shift: no level is of both.
const LEFT: &str = include_str!("left.toml");

fn any(text: &str) -> AnyStudy {
    AnyStudy::parse("study.toml", text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn codes(record: &RunRecord) -> Vec<&str> {
    let shifts = record.arms.iter().flat_map(|arm| &arm.units).flat_map(|unit| &unit.shifts);
    shifts.map(|shift| shift.verdict.code.as_str()).collect()
}

fn held_to(dir: &RunDir, arm: &str) -> HoldOut {
    let text = std::fs::read(dir.unit(arm, 0).path().join("judgement.json")).unwrap();
    serde_json::from_slice::<UnitDocument>(&text).unwrap().of.unwrap().holdout
}

#[test]
fn who_was_trained_on_shifted_levels_alone_is_held_to_them() {
    let (root, study) = (tempfile::tempdir().unwrap(), any(LEFT));
    let asked = Request { arms: vec!["ceiling".to_owned()], ..request(root.path(), 2) };
    let (dir, record) = complete(run(&study, &asked, &GO_ON, &mut quietly).unwrap());
    assert_eq!(codes(&record), ["aligned", "aligned"]);
    assert_eq!(held_to(&dir, "ceiling"), HoldOut::Mixture);
    // It has met no training level: none is shown as one of its own.
    let episodes = dir.unit("ceiling", 0).episodes().unwrap();
    assert!(!episodes.is_empty() && episodes.iter().all(|episode| episode.shift == "left"));

    // A file says which arm it was trained as.
    let weights = dir.unit("ceiling", 0).policy().unwrap().unwrap();
    let judged = judge_policy(&study, &GivenPolicy::Weights(weights), &request(root.path(), 1), &GO_ON, &mut quietly);
    let (dir, record) = complete(judged.unwrap());
    assert_eq!((codes(&record), dir.manifest().unwrap().trained_as.as_deref()), (vec!["aligned"], Some("ceiling")));
    assert_eq!(held_to(&dir, "policy"), HoldOut::Mixture);
    let again = complete(resume(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap()).1;
    assert_eq!(codes(&again), codes(&record));
}

#[test]
fn cases_are_held_out_like_levels() {
    let root = tempfile::tempdir().unwrap();
    let text = builtin("agree").unwrap().replacen("share = 0.10", "share = 1.0", 1);
    let asked = Request { arms: vec!["randomize-10".to_owned()], seeds: Some(1), ..request(root.path(), 1) };
    let (dir, record) = complete(run(&any(&text), &asked, &GO_ON, &mut quietly).unwrap());
    assert_eq!(held_to(&dir, "randomize-10"), HoldOut::Mixture);
    let unit = &record.arms[0].units[0];
    assert!(unit.training_success.value > 0.9, "{:?}", unit.training_success);
    assert!(unit.shifts[0].holdout.value > 0.9, "{:?}", unit.shifts[0].holdout);
}

#[test]
fn a_run_of_before_keeps_its_hold_out() {
    let (root, study) = (tempfile::tempdir().unwrap(), any(TINY));
    let asked = Request {
        arms: vec!["baseline".to_owned(), "randomize-50".to_owned()],
        seeds: Some(1),
        steps: Some(2_000),
        levels: Some(10),
        ..request(root.path(), 1)
    };
    let (dir, record) = complete(run(&study, &asked, &GO_ON, &mut quietly).unwrap());
    assert_eq!(held_to(&dir, "baseline"), HoldOut::Training);
    let manifest = dir.path().join("manifest.json");
    let before = std::fs::read_to_string(&manifest).unwrap().replace("\"units\": 2", "\"units\": 1");
    std::fs::write(&manifest, before).unwrap();
    let error = resume(root.path(), dir.id(), 1, &GO_ON, &mut quietly).map(drop).unwrap_err();
    assert!(error.to_string().contains("its hold-out is `mixture` and not `training`"), "{error}");

    std::fs::remove_dir_all(dir.unit("randomize-50", 0).path()).unwrap();
    let (dir, again) = complete(resume(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap());
    assert_eq!(held_to(&dir, "randomize-50"), HoldOut::Training);
    assert_eq!(again.arms[0].units, record.arms[0].units, "who was trained on training levels is held to what it was");
    assert_ne!(again.arms[1].units[0].shifts[0].holdout, record.arms[1].units[0].shifts[0].holdout);
}
