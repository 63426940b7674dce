//! Playing by words on stdin.

use crate::room::Room;

#[test]
fn a_game_ends_with_the_return_under_every_goal() {
    let played =
        Room::with_a_study().misgoal_with("play lamp.toml --shift one --seed 0", "down s\nright l l", &[]).code(0);
    insta::assert_snapshot!(played.shown());
}

#[test]
fn a_goal_that_is_reached_is_attained() {
    let room = Room::with_a_study();
    let played = room.misgoal_with("play lamp.toml --shift one --seed 0", "l l l l l up up up up", &[]).code(0).stdout;
    assert!(played.contains("step 7/7  up  [door]"), "the game ends at the door: {played}");
    assert!(played.lines().any(|line| line.starts_with("door") && line.ends_with("1.00")), "{played}");
}

#[test]
fn stopping_early_is_allowed() {
    let ended = Room::new().misgoal_with("play corner --seed 1", "q\nleft", &[]).code(0);
    assert!(ended.stdout.contains("step 0/0") && ended.stdout.contains("attained"), "{}", ended.shown());
}

#[test]
fn the_same_seed_is_the_same_level() {
    let room = Room::new();
    let play = |words: &str| room.misgoal_with(words, "", &[]).code(0).stdout;
    assert_eq!(play("play corner --seed 1"), play("play corner --seed 1"));
    assert_ne!(play("play corner --seed 1"), play("play corner --seed 2"));
    assert!(room.misgoal("play corner").code(0).stderr.contains("--seed "), "the hint says which level it was");
}

#[test]
fn what_is_no_action() {
    insta::assert_snapshot!(Room::new().misgoal_with("play corner --seed 1", "lft", &[]).code(2).shown());
}
