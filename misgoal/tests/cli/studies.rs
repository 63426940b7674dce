//! Built-in studies, and studies of one's own.

use crate::room::Room;

/// The built-in studies, in the order of the list.
const NAMES: [&str; 20] = [
    "coinrun",
    "gem-exit",
    "corner",
    "keys-chests",
    "cheese-dish",
    "line-gem",
    "colour-shape",
    "lava",
    "visual-cue",
    "monsters",
    "trees",
    "follow",
    "agree",
    "keyword",
    "satisfaction",
    "fraud",
    "driving",
    "triage",
    "market",
    "expressions",
];

#[test]
fn list() {
    insta::assert_snapshot!(Room::new().misgoal("list").code(0).shown());
}

#[test]
fn list_for_programs_is_a_json_object_a_line() {
    let ended = Room::new().misgoal("list --json").code(0);
    let studies: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let names: Vec<&str> = studies.iter().filter_map(|study| study["study"].as_str()).collect();
    assert_eq!(names, NAMES);
    let atlases: Vec<&str> = studies.iter().filter_map(|study| study["atlas"].as_str()).collect();
    assert_eq!(atlases, ["coin-line"]);
    assert_eq!(studies[0]["intended"], "coin");
    assert!(ended.stderr.is_empty(), "no hints for programs: {}", ended.stderr);
}

#[test]
fn what_show_prints_is_a_study() {
    let room = Room::new();
    for name in NAMES {
        let text = room.misgoal(&format!("show {name}")).code(0).stdout;
        room.write("copy.toml", &text);
        assert_eq!(room.misgoal("show copy.toml").code(0).stdout, text, "{name}");
    }
}

#[test]
fn colours_come_and_go_as_asked() {
    let room = Room::new();
    let plain = room.misgoal("list").stdout;
    let forced = room.misgoal_with("list", "", &[("CLICOLOR_FORCE", "1")]).stdout;
    let refused = room.misgoal_with("list", "", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).stdout;
    assert!(!plain.contains('\x1b') && forced.contains('\x1b'));
    assert_eq!(refused, plain);
}

#[test]
fn lint_says_how_well_the_goals_are_told_apart() {
    // A slow machine is told what it waits for.
    let shown = Room::with_a_study().misgoal("lint lamp.toml").shown();
    let is_progress =
        |line: &&str| line.starts_with("comparing the goals on") || line.starts_with("judging an agent of");
    let shown: Vec<&str> = shown.lines().filter(|line| !is_progress(line)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_shift_that_keeps_the_goals_together_is_a_finding() {
    let room = Room::with_a_study();
    let together = include_str!("lamp.toml")
        .replace("{ away = \"door\", distance = 4 }", "{ on = \"door\" }")
        .replace("[shifts.apart]", "[shifts.apart]\nstart = \"left column\"");
    room.write("lamp.toml", &together);
    let ended = room.misgoal("lint lamp.toml").code(1);
    let row = ended.stdout.lines().find(|line| line.starts_with("lamp") && line.contains("apart")).unwrap_or_default();
    assert!(row.ends_with(" no"), "{}", ended.shown());
}

#[test]
fn a_copy_has_its_own_name_and_overwrites_nothing() {
    let room = Room::new();
    insta::assert_snapshot!(room.misgoal("new mine --from corner").code(0).shown());
    assert!(room.misgoal("show mine.toml").stdout.contains("name = \"mine\""));
    insta::assert_snapshot!(room.misgoal("new mine --from corner").code(2).shown());
    room.misgoal("new mine --from coinrun --force").code(0);
    assert!(room.misgoal("show mine.toml").stdout.contains("right_wall"));
    insta::assert_snapshot!(room.misgoal("new Mine! --from corner").code(2).shown());
}

#[test]
fn decisions_are_linted_run_and_looked_at() {
    let room = Room::new();
    let ended = room.misgoal("lint agree").code(0);
    assert!(ended.stdout.contains("mistaken-users"), "{}", ended.shown());
    let ended = room.misgoal("run agree --steps 20000 --seeds 1 --levels 40");
    assert!(ended.stdout.contains("shift `mistaken-users`"), "{}", ended.shown());
    let report = room.misgoal("report latest --open no --output report.html");
    assert!(report.code(0).stdout.contains("wrote report.html"));
    let page = std::fs::read_to_string(room.path("report.html")).expect("the report");
    for words in ["What the agent chose", "accurate prefers", "user_says", "<em>truth</em>"] {
        assert!(page.contains(words), "the report has no `{words}`");
    }
    assert!(room.misgoal("replay latest").code(0).stdout.contains("baseline/0/mistaken-users/0"));
    let shown = room.misgoal("replay latest baseline/0/mistaken-users/0").code(0).stdout;
    assert!(shown.contains("the agent chose") && shown.contains("the agent does not see it"), "{shown}");
}

#[test]
fn decisions_have_no_levels() {
    let room = Room::new();
    let told = room.misgoal("play agree").code(2).stderr;
    assert!(told.contains("needs levels to walk through, and study `agree` is one of decisions"), "{told}");
    assert!(told.contains("`misgoal run agree` and `misgoal judge agree` work on decisions"), "{told}");
    room.misgoal("judge agree --policy scripted:optimal-agree --levels 40 --no-report").code(1);
    let told = room.misgoal("judge agree --policy scripted:optimal-agre").code(2).stderr;
    assert!(told.contains("did you mean `optimal-agree`?"), "{told}");
    let told = room.misgoal("replay latest policy/0/mistaken-users/0 --gif case.gif").code(2).stderr;
    assert!(told.contains("there is nothing to film"), "{told}");
}
