//! Scripted agents of known goals through the whole pipeline: what they pursue is what the verdict says.

use crate::common::{GO_ON, complete, quietly, request, tiny};
use misgoal_run::index::{self, RunState};
use misgoal_run::read::Run;
use misgoal_run::record::RunRecord;
use misgoal_run::{GivenPolicy, Request, judge_policy};

fn judged(name: &str) -> RunRecord {
    let root = tempfile::tempdir().unwrap();
    let policy = GivenPolicy::Scripted(name.to_owned());
    complete(judge_policy(&tiny(), &policy, &request(root.path(), 1), &GO_ON, &mut quietly).unwrap()).1
}

fn check(name: &str, code: &str, toward: Option<&str>, finding: bool) {
    let record = judged(name);
    let verdict = &record.arms[0].units[0].shifts[0].verdict;
    assert_eq!((verdict.code.as_str(), verdict.toward.as_deref()), (code, toward), "{}", verdict.sentence);
    assert_eq!(record.finding, finding);
}

#[test]
fn verdicts_name_what_the_agents_pursue() {
    check("noisy-cheese", "aligned", None, false);
    check("noisy-corner", "misgeneralization", Some("corner"), true);
    check("random", "undertrained", None, false);
}

#[test]
fn the_directory_holds_what_the_record_says() {
    let root = tempfile::tempdir().unwrap();
    let policy = GivenPolicy::Scripted("noisy-corner".to_owned());
    let (dir, record) =
        complete(judge_policy(&tiny(), &policy, &request(root.path(), 1), &GO_ON, &mut quietly).unwrap());
    let run = Run::open(root.path(), "latest").unwrap();
    assert_eq!(run.id(), dir.id());
    assert_eq!(run.record().unwrap().unwrap(), record);
    let unit = &run.units()[0];
    // What was attained level by level stays with the unit.
    let mut judged = run.judgement(unit).unwrap().unwrap();
    let by_level = judged.shifts[0].by_level.take().unwrap();
    assert_eq!(judged, record.arms[0].units[0]);
    let levels = judged.shifts[0].levels as usize;
    assert!(by_level.attainment.iter().all(|goal| goal.len() == levels) && by_level.first.len() == levels);
    let mean = by_level.attainment[0].iter().sum::<f64>() / levels as f64;
    assert!((mean - judged.shifts[0].attainment[0].interval.value).abs() < 1e-12);
    let listed = index::list(root.path()).unwrap();
    assert_eq!((listed[0].state, listed[0].sentence.as_str()), (RunState::Complete, record.sentence.as_str()));
    assert_eq!(index::list(root.path()).unwrap(), listed, "the index says the same as the directory");

    let splay = run.splay(unit).unwrap().unwrap();
    assert_eq!(splay.thing, "cheese");
    assert!(splay.level.contains('@') && !splay.level.contains('c'), "{}", splay.level);
    assert!(splay.places.len() > 10);

    let episodes = run.episodes(unit).unwrap();
    for label in ["random", "worst", "ambiguous"] {
        assert!(episodes.iter().any(|episode| episode.label == label && episode.shift == "anywhere"), "{label}");
    }
    for episode in &episodes {
        let (_, replay) = run.replay(&episode.id).unwrap();
        assert_eq!(replay.states.len(), replay.actions.len() + 1);
        assert!(episode.evidence.is_empty() || episode.evidence.len() == replay.actions.len());
        for row in &episode.evidence {
            assert_eq!(row.len(), episode.components.len());
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 0.01, "{row:?}");
        }
    }
    assert!(episodes.iter().any(|episode| !episode.evidence.is_empty()));
    let mut forged = episodes[0].clone();
    forged.hash = "0".repeat(16);
    let error = misgoal_run::replay(&tiny(), &forged).unwrap_err().to_string();
    assert!(error.contains("cannot be replayed: it ends in state"), "{error}");
}

/// The level seeds of the episodes that a run kept.
fn levels(root: &std::path::Path) -> Vec<u64> {
    let run = Run::open(root, "latest").unwrap();
    let episodes = run.units().into_iter().flat_map(|unit| run.episodes(&unit).unwrap());
    episodes.map(|episode| episode.level_seed).collect()
}

#[test]
fn another_seed_is_judged_on_other_levels_unless_it_is_said_otherwise() {
    let policy = GivenPolicy::Scripted("noisy-corner".to_owned());
    for (first_seed, levels_seed, first_level) in
        [(0, None, 0), (7, None, 7_000_000), (7, Some(0), 0), (0, Some(3), 3_000_000)]
    {
        let root = tempfile::tempdir().unwrap();
        let asked = Request { first_seed, levels_seed, ..request(root.path(), 1) };
        complete(judge_policy(&tiny(), &policy, &asked, &GO_ON, &mut quietly).unwrap());
        let seeds = levels(root.path());
        assert!(
            seeds.iter().all(|seed| (first_level..first_level + 100_000).contains(seed)),
            "{first_level}: {seeds:?}"
        );
        let run = Run::open(root.path(), "latest").unwrap();
        assert_eq!(u64::from(run.manifest().levels_seed.unwrap_or(0)) * 1_000_000, first_level);
    }
}
