//! Built-in studies, and studies of one's own.

use crate::room::Room;

const NAMES: [&str; 9] =
    ["coinrun", "gem-exit", "corner", "keys-chests", "cheese-dish", "line-gem", "colour-shape", "lava", "visual-cue"];

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
    insta::assert_snapshot!(Room::with_a_study().misgoal("lint lamp.toml").shown());
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
