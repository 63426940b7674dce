//! What files are tied to: those of before are accepted, those of another run are refused, and a run can be judged anew.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use misgoal_run::read::Run;
use misgoal_run::record::RunRecord;
use misgoal_run::{Event, GivenPolicy, Outcome, Request, RunDir, UnitId, judge_anew, judge_policy, resume, run};
use misgoal_study::{AnyStudy, builtin};
use serde_json::Value;

use crate::common::{GO_ON, TINY, complete, quietly, request};
use crate::fixtures::copy;

/// What was written when files were tied to their study by Rust's `Debug` output.
fn old(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/debug-identity").join(name)
}

/// A copy of the runs among them.
fn old_runs() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    copy(&old("runs"), root.path());
    root
}

fn any(name: &str, text: &str) -> AnyStudy {
    AnyStudy::parse(name, text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// A run of one agent that takes no time.
fn small(root: &Path) -> Request {
    Request {
        arms: vec!["baseline".to_owned()],
        seeds: Some(1),
        steps: Some(2_000),
        levels: Some(10),
        ..request(root, 1)
    }
}

fn made(root: &Path, text: &str, asked: &Request) -> (RunDir, RunRecord) {
    let asked = Request { root: root.to_path_buf(), ..asked.clone() };
    complete(run(&any("study.toml", text), &asked, &GO_ON, &mut quietly).unwrap())
}

#[test]
fn weights_of_before_are_judged() {
    let noisy = std::fs::read_to_string(old("noisy.toml")).unwrap();
    for (weights, study, text) in [
        ("agree-randomize-2-0.safetensors", "agree", builtin("agree").unwrap()),
        ("noisy-baseline-0.safetensors", "noisy.toml", &noisy),
    ] {
        let root = tempfile::tempdir().unwrap();
        let policy = GivenPolicy::Weights(std::fs::read(old(weights)).unwrap());
        let asked = Request { levels: Some(20), ..request(root.path(), 1) };
        let judged = judge_policy(&any(study, text), &policy, &asked, &GO_ON, &mut quietly);
        assert_eq!(complete(judged.unwrap()).1.arms[0].units[0].policy, "file", "{weights}");
    }
}

#[test]
fn runs_of_before_are_read_and_judged_anew() {
    let root = old_runs();
    for id in ["20261130-000000-tiny-wwww", "20261130-000002-stamps-wwww", "20261130-000004-tiny-gggg"] {
        let read = Run::open(root.path(), id).unwrap();
        let before = read.record().unwrap().unwrap();
        assert_eq!((before.judge, read.units().len()), (0, 1), "{id}");
        assert_eq!(read.judgement(&read.units()[0]).unwrap().unwrap(), before.arms[0].units[0]);
        // Nothing is missing: what was found stays what it is.
        let (_, again) = complete(resume(root.path(), id, 1, &GO_ON, &mut quietly).unwrap());
        assert_eq!((again.judge, &again.arms[0].units), (0, &before.arms[0].units), "{id}");
        let weights = read.policy(&read.units()[0]).unwrap();
        let (dir, anew) = complete(judge_anew(root.path(), id, 1, &GO_ON, &mut quietly).unwrap());
        assert_eq!(anew.judge, misgoal_judge::VERSION);
        assert_eq!(read.policy(&read.units()[0]).unwrap(), weights, "{id}: the agent is the same");
        let kept = dir.kept_verdicts().unwrap();
        assert!(kept.len() == 1 && kept[0].ends_with("verdicts/verdict-0-1.json"), "{kept:?}");
    }
}

#[test]
fn stopped_runs_of_before_go_on() {
    for (id, resumed) in [("20261130-000001-tiny-hhhh", true), ("20261130-000003-stamps-hhhh", false)] {
        let root = old_runs();
        let before = std::fs::read(root.path().join(id).join("units/baseline-0/policy.safetensors")).ok();
        let (mut resumed_at, mut warnings) = (0, Vec::new());
        let mut sink = |event: &Event| match event {
            Event::UnitStarted { resumed_at: at, .. } => resumed_at = resumed_at.max(*at),
            Event::Warning { message } if !message.contains("kernel") => warnings.push(message.clone()),
            _ => {}
        };
        let (dir, record) = complete(resume(root.path(), id, 1, &GO_ON, &mut sink).unwrap());
        assert_eq!(record.judge, misgoal_judge::VERSION);
        if resumed {
            assert!(resumed_at > 0 && warnings.is_empty(), "the checkpoint is taken: {warnings:?}");
        } else {
            // One verdict is of one judge, so the unit that was judged before is judged again; it is not trained again.
            assert!(
                warnings.len() == 1 && warnings[0].contains("judged by another version of the judge"),
                "{warnings:?}"
            );
            assert_eq!(std::fs::read(dir.unit("baseline", 0).path().join("policy.safetensors")).ok(), before);
        }
    }
}

/// What is said when the unit of one run lies in another, by everything that reads units.
#[track_caller]
fn refused(root: &Path, dir: &RunDir, file: &str, expected: &str) {
    let path = dir.unit("baseline", 0).path().join(file);
    let short = |text: String| {
        let hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        text.split('`').map(|word| if hash(word) { "HASH" } else { word }).collect::<Vec<_>>().join("`")
    };
    let expected = format!(
        "`{}` is not of this run: {expected}; move `{}` elsewhere, and `misgoal run --resume {}` makes the unit that belongs there",
        path.display(),
        path.parent().unwrap().display(),
        dir.id()
    );
    let mut said = vec![resume(root, dir.id(), 1, &GO_ON, &mut quietly).map(drop)];
    if file == "judgement.json" {
        let unit = UnitId { arm: "baseline".to_owned(), seed: 0 };
        let read = Run::open(root, dir.id()).unwrap();
        said.extend([read.judgement(&unit).map(drop), read.metrics(&unit).map(drop), read.episodes(&unit).map(drop)]);
        said.extend([read.splay(&unit).map(drop), read.policy(&unit).map(drop)]);
    }
    for said in said {
        let error = said.expect_err("a unit of another run is accepted");
        assert_eq!(short(error.to_string()), expected);
        assert_eq!(error.fault(), misgoal_run::Fault::Data);
    }
    assert!(path.exists(), "what is refused is left as it is");
}

#[test]
fn a_unit_of_another_run_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let asked = small(root.path());
    let other = TINY.replace("discount = 0.95", "discount = 0.9");
    let foreigners = [
        (made(root.path(), &other, &asked), "its study's hash is `HASH` and not `HASH`"),
        (
            made(root.path(), TINY, &Request { steps: Some(3_000), ..asked.clone() }),
            "its number of steps is `3000` and not `2000`",
        ),
        (
            made(root.path(), TINY, &Request { levels: Some(11), ..asked.clone() }),
            "its number of levels is `11` and not `10`",
        ),
        (
            made(root.path(), TINY, &Request { first_seed: 7, levels_seed: Some(0), ..asked.clone() }),
            "its seed is `7` and not `0`",
        ),
        (
            made(root.path(), TINY, &Request { levels_seed: Some(2), ..asked.clone() }),
            "its first level's seed is `2000000` and not `0`",
        ),
        (
            made(root.path(), TINY, &Request { arms: vec!["randomize-50".to_owned()], ..asked.clone() }),
            "its arm is `randomize-50` and not `baseline`; its hold-out is `mixture` and not `training`",
        ),
    ];
    for ((foreign, record), expected) in &foreigners {
        let unit = &record.arms[0].units[0];
        let from = foreign.unit(&unit.arm, unit.seed).path().to_path_buf();
        let (host, _) = made(root.path(), TINY, &asked);
        let to = host.unit("baseline", 0).path().to_path_buf();
        std::fs::remove_dir_all(&to).unwrap();
        copy(&from, &to);
        refused(root.path(), &host, "judgement.json", expected);
        // Weights without a judgement: an agent that a run would take for its own.
        std::fs::remove_file(to.join("judgement.json")).unwrap();
        refused(root.path(), &host, "policy.safetensors", expected);
    }
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let stopped = |arm: &str| {
        let stop = AtomicBool::new(false);
        let mut sink = |event: &Event| {
            if matches!(event, Event::Progress(_)) {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        };
        let asked = Request { arms: vec![arm.to_owned()], steps: Some(200_000), ..small(root.path()) };
        match run(&any("tiny.toml", TINY), &asked, &stop, &mut sink).unwrap() {
            Outcome::Stopped { dir } => dir,
            Outcome::Complete { .. } => panic!("it was to be stopped"),
        }
    };
    let (ours, theirs) = (stopped("baseline"), stopped("randomize-50"));
    // The two trainings have the same settings: they differ in the levels, of which a trainer knows nothing.
    let file = "checkpoint.safetensors";
    std::fs::copy(theirs.unit("randomize-50", 0).path().join(file), ours.unit("baseline", 0).path().join(file))
        .unwrap();
    refused(
        root.path(),
        &ours,
        file,
        "its arm is `randomize-50` and not `baseline`; its hold-out is `mixture` and not `training`",
    );
}

/// Changes a JSON document on disk.
fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut document);
    std::fs::write(path, serde_json::to_vec(&document).unwrap()).unwrap();
}

#[test]
fn a_unit_says_what_it_is_of() {
    let root = tempfile::tempdir().unwrap();
    let (dir, record) = made(root.path(), TINY, &small(root.path()));
    let path = dir.unit("baseline", 0).path().join("judgement.json");
    let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let kernel = record.machine["kernel"].as_str();
    let expected = serde_json::json!({
        "version": 2, "study": record.study.hash, "arm": "baseline", "seed": 0, "steps": 2000, "levels": 10, "first_level": 0, "shift": null,
        "holdout": "training", "ceilings": null, "policy": "trained", "weights": null, "kernel": kernel,
    });
    assert_eq!((&document["of"], &document["judge"]), (&expected, &misgoal_judge::VERSION.into()));
    let weights = Run::open(root.path(), dir.id()).unwrap().policy(&UnitId { arm: "baseline".to_owned(), seed: 0 });
    let (_, origin) = misgoal_policy::Network::load(&weights.unwrap().unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&origin.unit.unwrap()).unwrap(), expected);

    edit(&path, |document| document["of"]["kernel"] = "abacus".into());
    let family = misgoal_policy::simd::Kernel::family(kernel);
    refused(root.path(), &dir, "judgement.json", &format!("its kernel is `abacus` and not `{family}`"));
    edit(&path, |document| document["of"]["version"] = 3.into());
    let error = resume(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap_err().to_string();
    assert!(error.contains("has format 3, this misgoal reads up to 2"), "{error}");
    edit(&path, |document| drop(document.as_object_mut().unwrap().remove("of")));
    refused(root.path(), &dir, "judgement.json", "it does not say of which unit it is, and the units of this run do");
}

#[test]
fn a_unit_of_before_is_accepted_where_the_manifest_vouches_for_it() {
    let root = old_runs();
    let host = |id: &str| {
        let id = resume(root.path(), id, 1, &GO_ON, &mut quietly).map(complete).unwrap().0.id().to_owned();
        RunDir::find(root.path(), &id).unwrap()
    };
    let (tiny, stamps) = (host("20261130-000000-tiny-wwww"), host("20261130-000002-stamps-wwww"));
    let (own, foreign) = (tiny.unit("baseline", 0), stamps.unit("baseline", 0));
    let put = |from: &Path, file: &str| std::fs::copy(from.join(file), own.path().join(file)).unwrap();
    // Weights have carried the hash of their study since before.
    put(foreign.path(), "policy.safetensors");
    refused(root.path(), &tiny, "policy.safetensors", "its study's hash is `HASH` and not `HASH`");
    put(foreign.path(), "judgement.json");
    let differences = "its shifts is `swapped` and not `anywhere`; its goals is `sender, red` and not `cheese, corner`; its number of steps is `8000` and not `8192`";
    refused(root.path(), &tiny, "judgement.json", differences);
    // In a run that was begun since, nobody vouches.
    let (new, _) = made(root.path(), TINY, &small(root.path()));
    let from = root.path().join("20261130-000001-tiny-hhhh/units/baseline-0/checkpoint.safetensors");
    let to = new.unit("baseline", 0).path().to_path_buf();
    std::fs::remove_dir_all(&to).unwrap();
    std::fs::create_dir_all(&to).unwrap();
    std::fs::copy(from, to.join("checkpoint.safetensors")).unwrap();
    let expected = "it does not say of which unit it is, and the units of this run do";
    refused(root.path(), &new, "checkpoint.safetensors", expected);
}

#[test]
fn a_given_policy_is_the_one_that_the_run_began_with() {
    let root = tempfile::tempdir().unwrap();
    let study = any("tiny.toml", TINY);
    let (trained, _) = made(root.path(), TINY, &small(root.path()));
    let weights = trained.unit("baseline", 0).policy().unwrap().unwrap();
    let judged = |weights: Vec<u8>| {
        let asked = Request { levels: Some(10), ..request(root.path(), 1) };
        complete(judge_policy(&study, &GivenPolicy::Weights(weights), &asked, &GO_ON, &mut quietly).unwrap()).0
    };
    let host = judged(weights);
    let other = old("runs/20261130-000000-tiny-wwww/units/baseline-0/policy.safetensors");
    let foreign = judged(std::fs::read(&other).unwrap());
    let file = |dir: &RunDir, file: &str| dir.unit("policy", 0).path().join(file);
    std::fs::copy(file(&foreign, "judgement.json"), file(&host, "judgement.json")).unwrap();
    let error = resume(root.path(), host.id(), 1, &GO_ON, &mut quietly).unwrap_err().to_string();
    assert!(error.contains("its hash of the policy is `"), "{error}");
    std::fs::copy(other, file(&host, "policy.safetensors")).unwrap();
    let error = judge_anew(root.path(), host.id(), 1, &GO_ON, &mut quietly).unwrap_err().to_string();
    assert!(error.contains("put the file back that the run began with"), "{error}");
}

#[test]
fn judging_anew_says_the_same_and_keeps_what_was_said() {
    let root = tempfile::tempdir().unwrap();
    for text in [TINY, include_str!("decisions.toml")] {
        let asked = Request { along: 2, ..small(root.path()) };
        let (dir, first) = made(root.path(), text, &asked);
        let before = std::fs::read(dir.path().join("verdict.json")).unwrap();
        for number in 1..=2 {
            let (_, anew) = complete(judge_anew(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap());
            let units = |record: &RunRecord| {
                let mut units = record.arms[0].units.clone();
                units.iter_mut().for_each(|unit| unit.seconds = 0.0);
                units
            };
            assert_eq!((units(&anew), &anew.sentence), (units(&first), &first.sentence));
            let kept = dir.kept_verdicts().unwrap();
            assert_eq!(kept.len(), number);
            assert!(kept[number - 1].ends_with(format!("verdicts/verdict-{}-{number}.json", misgoal_judge::VERSION)));
        }
        assert_eq!(std::fs::read(&dir.kept_verdicts().unwrap()[0]).unwrap(), before, "byte for byte");

        // Who stops has changed nothing.
        let unit = dir.unit("baseline", 0).path().join("judgement.json");
        let (judgement, verdict) =
            (std::fs::read(&unit).unwrap(), std::fs::read(dir.path().join("verdict.json")).unwrap());
        let stopped = judge_anew(root.path(), dir.id(), 1, &AtomicBool::new(true), &mut quietly).unwrap();
        assert!(matches!(stopped, Outcome::Stopped { .. }));
        assert_eq!(
            (std::fs::read(&unit).unwrap(), std::fs::read(dir.path().join("verdict.json")).unwrap()),
            (judgement, verdict)
        );

        // A verdict of another judge is kept by whoever writes another one.
        edit(&dir.path().join("verdict.json"), |document| document["judge"] = 0.into());
        complete(resume(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap());
        assert!(dir.kept_verdicts().unwrap()[0].ends_with("verdict-0-1.json"));

        std::fs::remove_file(dir.unit("baseline", 0).path().join("policy.safetensors")).unwrap();
        let error = judge_anew(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap_err().to_string();
        assert!(error.contains("unit `baseline/0` of run") && error.contains("has no weights to judge"), "{error}");
    }
}

#[test]
fn a_verdict_is_of_one_judge() {
    let root = tempfile::tempdir().unwrap();
    let (dir, _) = made(root.path(), TINY, &Request { seeds: Some(2), ..small(root.path()) });
    let unit = dir.unit("baseline", 1).path().join("judgement.json");
    let judge = |path: &Path| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["judge"].clone();
    // What a kill leaves while a run is judged anew: units of two judges, and the verdict of the older one.
    edit(&unit, |document| document["judge"] = 0.into());
    edit(&dir.path().join("verdict.json"), |document| document["judge"] = 0.into());
    let mut judged = Vec::new();
    let mut sink = |event: &Event| match event {
        Event::UnitJudged { record } => judged.push(record.seed),
        Event::Progress(_) => panic!("nothing is to be trained"),
        _ => {}
    };
    let (_, record) = complete(resume(root.path(), dir.id(), 1, &GO_ON, &mut sink).unwrap());
    assert_eq!((judged, record.judge), (vec![1], misgoal_judge::VERSION));
    assert_eq!(judge(&unit), misgoal_judge::VERSION);
    assert!(dir.kept_verdicts().unwrap()[0].ends_with("verdict-0-1.json"));
    // A whole run of an older judge is left alone: only who asks for it has it judged anew.
    for seed in [0, 1] {
        edit(&dir.unit("baseline", seed).path().join("judgement.json"), |document| document["judge"] = 0.into());
    }
    let (_, record) = complete(resume(root.path(), dir.id(), 1, &GO_ON, &mut quietly).unwrap());
    assert_eq!(record.judge, 0);
}
