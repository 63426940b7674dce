//! What is typed wrong, and what misgoal says to it.

use crate::room::Room;

/// A command that is a usage error; what it says.
fn wrong(words: &str) -> String {
    let ended = Room::new().misgoal(words).code(2);
    assert!(ended.stdout.is_empty(), "an error is no data: {}", ended.stdout);
    ended.shown()
}

#[test]
fn unknown_study() {
    insta::assert_snapshot!(wrong("show coinrnu"));
}

#[test]
fn unknown_study_like_no_other() {
    insta::assert_snapshot!(wrong("run unicorns"));
}

#[test]
fn missing_file() {
    insta::assert_snapshot!(wrong("lint studies/mine.toml"));
}

#[test]
fn unknown_shift() {
    insta::assert_snapshot!(wrong("play coinrun --shift anywere"));
}

#[test]
fn unknown_arm() {
    insta::assert_snapshot!(wrong("run coinrun --arm basline"));
}

#[test]
fn unreadable_number_of_steps() {
    insta::assert_snapshot!(wrong("run coinrun --steps many"));
}

#[test]
fn nothing_to_run() {
    insta::assert_snapshot!(wrong("run"));
}

#[test]
fn a_bad_file_is_shown_where_it_is_bad() {
    let room = Room::new();
    let text = room.misgoal("show corner").stdout.replace("intended = true", "intendet = true");
    room.write("bad.toml", &text);
    insta::assert_snapshot!(room.misgoal("lint bad.toml").code(2).shown());
}

#[test]
fn no_runs_yet() {
    insta::assert_snapshot!(wrong("report latest"));
}

#[test]
fn runs_without_a_run_is_no_error() {
    insta::assert_snapshot!(Room::new().misgoal("runs").code(0).shown());
}

#[test]
fn unknown_scripted_policy() {
    insta::assert_snapshot!(wrong("judge coinrun --policy scripted:optimal-coim"));
}

#[test]
fn missing_policy_file() {
    insta::assert_snapshot!(wrong("judge coinrun --policy weights.safetensors"));
}

#[test]
fn a_policy_file_that_is_none() {
    let room = Room::new();
    room.write("weights.safetensors", "these are no weights");
    let ended = room.misgoal("judge coinrun --policy weights.safetensors");
    insta::assert_snapshot!(ended.shown());
}
