//! Finding the levels that turn an agent.

use crate::room::Room;

#[test]
fn a_search_shows_what_turns_the_agent() {
    let room = Room::new();
    let ended = room.misgoal("search corner --policy scripted:optimal-corner --evaluations 100 --levels 30").code(1);
    for part in [
        "small changes of a training level turn the agent from `cheese`",
        "stage R",
        "stage I",
        "stage F",
        "1. training level",
    ] {
        assert!(ended.stdout.replace('\n', " ").contains(part), "{part}: {}", ended.shown());
    }
    assert!(ended.stderr.contains("hint: play the training level yourself"), "{}", ended.shown());
    let page = std::fs::read_to_string(room.path("misgoal-runs/search-corner-0.html")).expect("the page");
    for part in ["Selected, not random", "class=\"changed\"", "moved", "Shifts that nobody declared"] {
        assert!(page.contains(part), "{part}");
    }
    room.misgoal("search corner --policy scripted:optimal-cheese --evaluations 100 --levels 30 --no-report").code(0);
}

#[test]
fn json_holds_the_levels() {
    let words = "search corner --policy scripted:optimal-corner --evaluations 100 --levels 30 --json --quiet";
    let ended = Room::new().misgoal(words).code(1);
    let record: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    let level = record["counterexamples"][0]["after"].as_str().expect("a level");
    assert!(level.contains('@') && level.contains('c'), "{level}");
}

#[test]
fn without_a_policy_one_is_trained() {
    let room = Room::with_a_study();
    let ended = room.misgoal("search lamp.toml --evaluations 40 --levels 30");
    assert!(ended.code.is_some_and(|code| code <= 1), "{}", ended.shown());
    assert!(ended.stdout.contains("stage R"), "{}", ended.shown());
    let runs = room.misgoal("runs").code(0).stdout;
    assert!(runs.contains("1/1"), "{runs}");
}

#[test]
fn a_case_is_edited_by_its_features() {
    let room = Room::new();
    let ended = room.misgoal("search triage --policy scripted:optimal-scanner --evaluations 60 --levels 30").code(1);
    for part in [
        "small changes of a training case turn the agent from `illness`",
        "stage I, cases chosen",
        "`mark` set to true",
        "`mark` always true",
        "ill       false (not seen)",
        "-> first",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.shown());
    }
    assert!(ended.stderr.contains("hint: train with such cases"), "{}", ended.shown());
    let page = std::fs::read_to_string(room.path("misgoal-runs/search-triage-0.html")).expect("the page");
    assert!(page.contains("<h2>Small changes of a training case</h2>") && page.contains("(not seen)"), "{page}");
    let refused = room.misgoal("search triage --policy scripted:optimal-scanner --propose-goal").code(2);
    assert!(refused.shown().contains("no goal can be proposed"), "{}", refused.shown());
}
