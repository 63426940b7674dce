//! Help, completions, manual page, schemas.

use crate::room::Room;

#[test]
fn help_in_short() {
    insta::assert_snapshot!(Room::new().misgoal("-h").code(0).shown());
}

#[test]
fn no_command_is_a_usage_error_that_helps() {
    let ended = Room::new().misgoal("").code(2);
    assert!(ended.stdout.is_empty() && ended.stderr.contains("Usage: misgoal"), "{}", ended.shown());
}

#[test]
fn every_command_has_a_help_page_with_an_argument_or_option_each() {
    let room = Room::new();
    let help = room.misgoal("-h").stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> =
        commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        let page = room.misgoal(&format!("{name} --help")).code(0).stdout;
        assert!(page.contains(&format!("Usage: misgoal {name}")), "{page}");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    }
}

#[test]
fn completions_and_manual_pages_are_written_for_what_there_is() {
    let room = Room::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(room.misgoal(&format!("completions {shell}")).code(0).stdout.contains("replay"), "{shell}");
    }
    assert!(room.misgoal("man").code(0).stdout.contains(".TH misgoal 1"));
    assert!(room.misgoal("man run").code(0).stdout.contains("resume"));
    insta::assert_snapshot!(room.misgoal("man rnu").code(2).shown());
}

#[test]
fn schemas_are_json_schemas() {
    for (words, key) in [
        ("schema", "GridStudy"),
        ("schema study", "DecisionStudy"),
        ("schema json", "arms"),
        ("schema compare", "pairs"),
        ("schema search", "counterexamples"),
        ("schema calibrate", "summary"),
        ("schema audit", "shifts"),
    ] {
        let schema: serde_json::Value = serde_json::from_str(&Room::new().misgoal(words).code(0).stdout).expect("JSON");
        assert!(schema["properties"][key].is_object() || schema["$defs"][key].is_object(), "{words}");
        assert!(schema["$schema"].as_str().is_some_and(|draft| draft.contains("2020-12")), "{words}");
    }
}
