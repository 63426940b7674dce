//! Ceilings: what agents attain that are trained on a shift alone, and what the others are read against.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use misgoal_run::record::{CeilingSource, RunRecord, UnitDocument, UnitRecord};
use misgoal_run::{Event, GivenPolicy, Outcome, Request, RunDir, TrainCeilings, judge_anew, judge_policy, resume, run};
use misgoal_study::{AnyStudy, builtin};

use crate::common::{GO_ON, TINY, complete, quietly, request};

fn any(text: &str) -> AnyStudy {
    AnyStudy::parse("study.toml", text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// A baseline and the ceiling of the only shift, two agents each.
fn with_ceiling(root: &std::path::Path) -> Request {
    Request { arms: vec!["baseline".to_owned()], ceilings: TrainCeilings::Beside, ..request(root, 1) }
}

/// What must not depend on interruptions or the clock.
fn essence(record: &RunRecord) -> String {
    let timeless = |unit: &UnitRecord| UnitRecord { seconds: 0.0, ..unit.clone() };
    let units: Vec<UnitRecord> = record.arms.iter().flat_map(|arm| &arm.units).map(timeless).collect();
    let over: Vec<_> = record.arms.iter().map(|arm| &arm.over_seeds).collect();
    serde_json::to_string(&(&record.ceilings, units, over)).unwrap()
}

fn read_against(dir: &RunDir, arm: &str) -> Option<String> {
    let text = std::fs::read(dir.unit(arm, 0).path().join("judgement.json")).unwrap();
    serde_json::from_slice::<UnitDocument>(&text).unwrap().of.unwrap().ceilings
}

#[test]
fn a_run_trains_its_ceilings_first_and_reads_the_others_against_them() {
    let root = tempfile::tempdir().unwrap();
    let mut order = Vec::new();
    let mut sink = |event: &Event| {
        if let Event::UnitJudged { record } = event {
            order.push(record.arm.clone());
        }
    };
    let (dir, record) = complete(run(&any(TINY), &with_ceiling(root.path()), &GO_ON, &mut sink).unwrap());
    assert_eq!(order, ["ceiling.anywhere", "ceiling.anywhere", "baseline", "baseline"]);
    let names: Vec<&str> = record.arms.iter().map(|arm| arm.name.as_str()).collect();
    assert_eq!(names, ["baseline", "ceiling.anywhere"]);
    assert_eq!((record.arms[1].share, record.arms[1].shift.as_deref()), (1.0, Some("anywhere")));

    let [ceiling] = record.ceilings.as_slice() else { panic!("{:?}", record.ceilings) };
    assert_eq!((ceiling.source, ceiling.figure.steps), (CeilingSource::ThisRun, 20_000));
    let attained = |unit: &UnitRecord| unit.shifts[0].attainment[0].interval.value;
    assert_eq!(ceiling.figure.by_seed, record.arms[1].units.iter().map(attained).collect::<Vec<_>>());
    assert_eq!(read_against(&dir, "baseline").as_deref(), Some("anywhere of this run"));
    assert_eq!(read_against(&dir, "ceiling.anywhere"), None);
    // Their weights say what they are.
    let weights = GivenPolicy::Weights(dir.unit("ceiling.anywhere", 0).policy().unwrap().unwrap());
    let judged = judge_policy(&any(TINY), &weights, &request(root.path(), 1), &GO_ON, &mut quietly).unwrap();
    let manifest = complete(judged).0.manifest().unwrap();
    assert_eq!((manifest.trained_as.as_deref(), manifest.ceilings.len()), (Some("ceiling.anywhere"), 0));
    // A training this short attains little there; the baseline has no more to lose than that.
    for unit in &record.arms[0].units {
        let shift = &unit.shifts[0];
        let base = shift.holdout.value.min(ceiling.attainment.value);
        let excess = base - shift.attainment[0].interval.value;
        assert!((shift.excess_regret.value - excess).abs() < 1e-9, "{:?} {excess}", shift.excess_regret);
    }

    let anew = complete(judge_anew(root.path(), dir.id(), 2, &GO_ON, &mut quietly).unwrap()).1;
    assert_eq!(essence(&anew), essence(&record));
}

#[test]
fn interruptions_change_nothing() {
    let root = tempfile::tempdir().unwrap();
    let study = any(TINY);
    let straight = complete(run(&study, &with_ceiling(root.path()), &GO_ON, &mut quietly).unwrap()).1;
    let (mut wanted, mut stops) = (None::<String>, BTreeMap::new());
    loop {
        let (stop, mut seen) = (AtomicBool::new(false), 0);
        let mut sink = |event: &Event| {
            seen += usize::from(matches!(event, Event::Progress(_)));
            if let Event::UnitStopped { unit, .. } = event {
                *stops.entry(unit.arm.clone()).or_insert(0) += 1;
            }
            stop.store(seen >= 25, Ordering::Relaxed);
        };
        let outcome = match &wanted {
            None => run(&study, &with_ceiling(root.path()), &stop, &mut sink),
            Some(id) => resume(root.path(), id, 1, &stop, &mut sink),
        };
        match outcome.unwrap() {
            Outcome::Stopped { dir } => wanted = Some(dir.id().to_owned()),
            Outcome::Complete { record, .. } => {
                assert_eq!(essence(&record), essence(&straight));
                assert!(stops.len() == 2, "{stops:?}");
                break;
            }
        }
    }
}

#[test]
fn a_built_in_study_ships_its_ceilings_for_the_study_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let baseline = |asked: Request| Request {
        arms: vec!["baseline".to_owned()],
        seeds: Some(1),
        root: root.path().into(),
        ..asked
    };
    let ceilings = |text: &str, asked: Request| {
        let (dir, record) = complete(run(&any(text), &baseline(asked), &GO_ON, &mut quietly).unwrap());
        let shifts: Vec<String> = record.ceilings.iter().map(|ceiling| ceiling.figure.shift.clone()).collect();
        assert!(record.ceilings.iter().all(|ceiling| ceiling.source == CeilingSource::BuiltIn));
        assert_eq!(read_against(&dir, "baseline").is_some(), !shifts.is_empty());
        shifts
    };
    let agree = builtin("agree").unwrap();
    assert_eq!(ceilings(agree, Request::default()), ["mistaken-users", "mistaken-others"]);
    let only = Request { shift: Some("mistaken-others".to_owned()), levels: Some(50), ..Request::default() };
    assert_eq!(ceilings(agree, only), ["mistaken-others"]);
    // Trained for another while, or another study: what can be attained is not known.
    let none: [&str; 0] = [];
    assert_eq!(ceilings(agree, Request { steps: Some(20_000), ..Request::default() }), none);
    assert_eq!(ceilings(&agree.replacen("seeds = 3", "seeds = 4", 1), Request::default()), none);
}

#[test]
fn one_shift_has_one_ceiling() {
    let root = tempfile::tempdir().unwrap();
    let asked = Request {
        seeds: Some(1),
        steps: Some(2_000),
        ceilings: TrainCeilings::Alone,
        shift: Some("mistaken-users".to_owned()),
        ..request(root.path(), 1)
    };
    let (_, record) = complete(run(&any(builtin("agree").unwrap()), &asked, &GO_ON, &mut quietly).unwrap());
    let names: Vec<&str> = record.arms.iter().map(|arm| arm.name.as_str()).collect();
    assert_eq!((names, record.ceilings.len()), (vec!["ceiling.mistaken-users"], 1));
}
