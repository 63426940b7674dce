//! Built-in studies, and studies of one's own.

use crate::room::Room;

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
    assert_eq!(names, ["coinrun", "gem-exit", "corner", "keys-chests"]);
    assert_eq!(studies[0]["intended"], "coin");
    assert!(ended.stderr.is_empty(), "no hints for programs: {}", ended.stderr);
}

#[test]
fn what_show_prints_is_a_study() {
    let room = Room::new();
    for name in ["coinrun", "gem-exit", "corner", "keys-chests"] {
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
