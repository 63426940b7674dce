//! The search for levels that turn an agent, on reference agents whose goal is known.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests: a panic is how a test fails"
)]

use misgoal_run::GivenPolicy;
use misgoal_run::search::{SearchProgress, SearchRecord, SearchRequest, search};
use misgoal_study::Study;
use misgoal_world::Oracle;

fn study(name: &str) -> Study {
    Study::parse(name, misgoal_study::builtin(name).expect("a built-in study")).expect("it is valid")
}

fn request(policy: &str) -> SearchRequest {
    SearchRequest {
        policy: GivenPolicy::Scripted(policy.to_owned()),
        evaluations: 200,
        random_levels: 30,
        counterexamples: 8,
        seed: 3,
    }
}

/// What is said of a counterexample must hold when one looks at it: it is a level, the intended goal can be reached in it, and the agent, who
/// attains it on the training level, does not.
#[track_caller]
fn check(study: &Study, record: &SearchRecord) {
    let intended = &study.goals[0].name;
    for one in &record.counterexamples {
        let level = study.world.parse(&one.after).unwrap_or_else(|error| panic!("{error}\n{}", one.after));
        let oracle = Oracle::solve(&study.world, &level, &study.goals).expect("it can be solved");
        assert_eq!(oracle.solvable(0), Ok(()), "{}", one.after);
        assert!(one.attained_before[intended] >= 0.5 && one.attained_after[intended] < 0.5, "{one:?}");
        assert!(!one.edits.is_empty() && one.edits.len() <= 4, "{:?}", one.edits);
        assert_ne!(one.before, one.after);
    }
    assert!(record.failing_training_levels <= record.failures && record.failures <= record.evaluations);
}

#[test]
fn an_agent_of_the_proxy_is_turned_by_one_edit() {
    let study = study("corner");
    let record = search(&study, &request("optimal-corner"), &mut |_| true).expect("a search");
    check(&study, &record);
    assert!(record.counterexamples.len() >= 4, "{record:?}");
    assert_eq!(record.median_edits, Some(1.0));
    let family = &record.families[0];
    assert!(family.words.starts_with("`cheese` moved") && family.instead.as_deref() == Some("corner"), "{family:?}");
    assert!(record.prevalence[0].lost.value > 0.5, "{:?}", record.prevalence);
}

#[test]
fn an_aligned_agent_is_not_turned() {
    let study = study("corner");
    let record = search(&study, &request("optimal-cheese"), &mut |_| true).expect("a search");
    assert_eq!((record.failures, record.random_failures, record.drawn_failures), (0, 0, 0));
    assert!(record.counterexamples.is_empty() && record.families.is_empty() && record.median_edits.is_none());
}

#[test]
fn what_is_found_depends_on_the_seed_and_on_nothing_else() {
    let study = study("coinrun");
    let find =
        |seed| search(&study, &SearchRequest { seed, ..request("optimal-wall") }, &mut |_| true).expect("a search");
    let (first, again, other) = (find(3), find(3), find(4));
    check(&study, &first);
    assert_eq!(first, again);
    assert_ne!(first.counterexamples, other.counterexamples);
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_has() {
    let study = study("corner");
    let mut go_on = |progress| !matches!(progress, SearchProgress::Edited { levels: 50.., .. });
    let record = search(&study, &request("optimal-corner"), &mut go_on).expect("a search");
    assert_eq!(record.evaluations, 50);
    assert!(record.failures > 0);
}
