//! Playing by words on stdin.

use crate::room::Room;

#[test]
fn running_right_reaches_the_wall() {
    let room = Room::new();
    let keys = "right right\n l jump-right\n".to_owned() + &"u l ".repeat(40);
    insta::assert_snapshot!(room.misgoal_with("play coinrun --shift anywhere --seed 3", &keys, &[]).code(0).shown());
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
