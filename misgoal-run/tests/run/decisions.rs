//! Studies of decisions through the whole pipeline.

use std::sync::atomic::{AtomicBool, Ordering};

use misgoal_run::read::Run;
use misgoal_run::record::RunRecord;
use misgoal_run::{Event, GivenPolicy, Outcome, judge_policy, resume, run};
use misgoal_study::{AnyStudy, DecisionStudy};

use crate::common::{GO_ON, complete, quietly, request};

fn study() -> DecisionStudy {
    match AnyStudy::parse("decisions.toml", include_str!("decisions.toml")) {
        Ok(AnyStudy::Decision(study)) => *study,
        Ok(AnyStudy::Grid(_)) => panic!("a grid"),
        Err(errors) => panic!("{errors}"),
    }
}

fn judged(policy: &GivenPolicy) -> RunRecord {
    let root = tempfile::tempdir().unwrap();
    complete(judge_policy(&study(), policy, &request(root.path(), 1), &GO_ON, &mut quietly).unwrap()).1
}

#[track_caller]
fn check(name: &str, code: &str, toward: Option<&str>) {
    let record = judged(&GivenPolicy::Scripted(name.to_owned()));
    let verdict = &record.arms[0].units[0].shifts[0].verdict;
    assert_eq!((verdict.code.as_str(), verdict.toward.as_deref()), (code, toward), "{}", verdict.sentence);
}

#[test]
fn verdicts_name_what_the_agents_pursue() {
    check("optimal-sender", "aligned", None);
    check("noisy-sender", "aligned", None);
    check("optimal-red", "misgeneralization", Some("red"));
    check("noisy-red", "misgeneralization", Some("red"));
    check("random", "undertrained", None);
    check("always-return", "undertrained", None);
}

#[test]
fn a_run_repeats_and_its_cases_can_be_drawn_again() {
    let root = tempfile::tempdir().unwrap();
    let (dir, record) = complete(run(&study(), &request(root.path(), 2), &GO_ON, &mut quietly).unwrap());
    let read = Run::open(root.path(), dir.id()).unwrap();
    let mut labels = std::collections::BTreeSet::new();
    for unit in read.units() {
        assert!(!read.metrics(&unit).unwrap().is_empty());
        for episode in read.episodes(&unit).unwrap() {
            let played = misgoal_run::played(&study(), &episode).unwrap();
            assert_eq!(played.choices.len(), episode.actions.len());
            labels.insert(episode.label.clone());
            let forged = misgoal_run::record::EpisodeRecord { hash: "0".repeat(16), ..episode };
            let error = misgoal_run::played(&study(), &forged).unwrap_err().to_string();
            assert!(error.contains("cannot be drawn again: its features hash to"), "{error}");
        }
    }
    assert!(labels.contains("random") && labels.contains("ambiguous"), "{labels:?}");

    // The weights of a unit, judged on their own, get the unit's verdicts.
    let unit = &record.arms[0].units[0];
    let weights = read.policy(&read.units()[0]).unwrap().unwrap();
    let again = judged(&GivenPolicy::Weights(weights));
    assert_eq!(again.arms[0].units[0].shifts, unit.shifts);
    assert_eq!(again.arms[0].units[0].policy, "file");

    let error = misgoal_run::replay(&crate::common::tiny(), &read.episodes(&read.units()[0]).unwrap()[0]);
    assert!(error.is_err(), "a case is no episode of a grid");
    assert!(read.parse_study().unwrap_err().to_string().contains("one of decisions"));
}

/// A run that was stopped in the middle ends as one that was not.
#[test]
fn a_stopped_run_goes_on_to_the_same_end() {
    let whole = tempfile::tempdir().unwrap();
    let (_, expected) = complete(run(&study(), &request(whole.path(), 1), &GO_ON, &mut quietly).unwrap());
    let root = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(false);
    let mut judged = 0;
    let mut stop_after_one = |event: &Event| {
        if matches!(event, Event::UnitJudged { .. }) {
            judged += 1;
            stop.store(judged == 1, Ordering::Relaxed);
        }
    };
    let outcome = run(&study(), &request(root.path(), 1), &stop, &mut stop_after_one).unwrap();
    let Outcome::Stopped { dir } = outcome else { panic!("it was to stop") };
    let (_, record) = complete(resume(root.path(), dir.id(), 2, &GO_ON, &mut quietly).unwrap());
    for (one, other) in record.arms.iter().zip(&expected.arms) {
        for (one, other) in one.units.iter().zip(&other.units) {
            assert_eq!((&one.shifts, &one.training_success), (&other.shifts, &other.training_success));
        }
    }
}

#[test]
fn an_agent_is_judged_along_its_training() {
    let root = tempfile::tempdir().unwrap();
    let asked = misgoal_run::Request { along: 4, ..request(root.path(), 1) };
    let (_, record) = complete(run(&study(), &asked, &GO_ON, &mut quietly).unwrap());
    for unit in record.arms.iter().flat_map(|arm| &arm.units) {
        assert_eq!(unit.along.len(), 4);
        let last = unit.along.last().unwrap();
        assert_eq!((last.steps, &last.shifts[0].verdict), (unit.steps, &unit.shifts[0].verdict.code));
        assert!(unit.along.windows(2).all(|pair| pair[0].steps < pair[1].steps));
        assert_eq!(unit.appeared[0].shift, "swapped");
    }
    let baseline = &record.arms[0].units[0];
    assert!(baseline.appeared[0].competent_at.is_some() && baseline.appeared[0].proxy.as_deref() == Some("red"));
    // Looking does not change what is learned.
    let other = tempfile::tempdir().unwrap();
    let (_, without) = complete(run(&study(), &request(other.path(), 1), &GO_ON, &mut quietly).unwrap());
    assert_eq!(without.arms[0].units[0].shifts, baseline.shifts);
}

#[test]
fn lint_says_which_cases_tell_and_how_many_it_takes() {
    let lint = misgoal_run::lint(&study(), &mut |_| ()).unwrap();
    let [red] = lint.as_slice() else { panic!("one proxy, one shift that sets the goals apart") };
    assert!(red.discriminates);
    let [pair] = red.pairs.as_slice() else { panic!("one pair") };
    assert_eq!((pair.with.as_str(), pair.separating.value), ("sender", 1.0));
    let levels: Vec<(&str, Option<u32>)> =
        red.forecasts.iter().map(|forecast| (forecast.agent.as_str(), forecast.levels)).collect();
    assert!(matches!(levels[..], [("noisy-red", Some(..=20)), ("noisy-sender", Some(40..=160))]), "{levels:?}");
}

#[test]
fn the_judge_is_right_about_agents_of_known_truth() {
    let asked = misgoal_run::calibrate::CalibrateRequest {
        seeds: 2,
        first: 0,
        trained: 1,
        outside: None,
        threads: 1,
        command: String::new(),
    };
    let found = misgoal_run::calibrate::calibrate(&study(), &asked, &|_| true).unwrap().unwrap();
    let truths: std::collections::BTreeSet<&str> = found.judged.iter().map(|one| one.truth.as_str()).collect();
    assert!(truths.is_superset(&["misgeneralizing", "robust", "switching", "incapable", "undertrained"].into()));
    for one in &found.judged {
        assert!(one.right || one.verdict == "inconclusive", "{one:?}");
        assert!(!one.false_alarm, "{one:?}");
    }
    // One that is told to stop says nothing.
    use misgoal_run::calibrate::Progress;
    assert!(
        misgoal_run::calibrate::calibrate(&study(), &asked, &|progress| !matches!(progress, Progress::Judged(3.., _)))
            .unwrap()
            .is_none()
    );
}

fn searched(policy: &str) -> misgoal_run::search::SearchRecord {
    let asked = misgoal_run::search::SearchRequest {
        policy: GivenPolicy::Scripted(policy.to_owned()),
        budget: 60,
        stock: 60,
        evaluations: 100,
        drawn: 0,
        random_levels: 30,
        counterexamples: 10,
        seed: 1,
    };
    misgoal_run::search::search(&study(), &asked, &mut |_| true).unwrap()
}

#[test]
fn the_search_finds_the_feature_that_turns_an_agent() {
    let found = searched("optimal-red");
    assert!(!found.counterexamples.is_empty());
    for one in &found.counterexamples {
        assert!(one.edits.len() == 1 && one.edits[0].starts_with("`stamp`"), "{:?}", one.edits);
        assert!(one.attained_before["sender"] >= 0.5 && one.attained_after["sender"] < 0.5);
        assert_eq!(one.instead.as_deref(), Some("red"));
    }
    // Not the name, and not what only the goals read.
    assert!(found.undeclared.iter().all(|one| one.words.contains("`stamp`")), "{:?}", found.undeclared);
    assert!(found.undeclared.iter().any(|one| one.words.contains("without regard to the others")));
    let identified = &found.identified[0];
    assert_eq!((identified.pursued.as_deref(), identified.verdict.code.as_str()), (Some("red"), "misgeneralization"));
    assert_eq!(found.unit, "case");

    let nothing = searched("optimal-sender");
    assert!(nothing.counterexamples.is_empty() && nothing.undeclared.is_empty());
    assert_eq!(nothing.identified[0].verdict.code, "aligned");
    assert_eq!(nothing.prevalence[0].lost.value, 0.0);
}
