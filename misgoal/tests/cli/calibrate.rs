//! `misgoal calibrate`: verdicts on agents whose goal is known.

use crate::room::Room;

#[test]
fn the_truth_is_set_against_the_verdicts() {
    let room = Room::new();
    let ended = room.misgoal("calibrate coinrun --seeds 1 --trained 0");
    assert!(ended.shown().contains("misgeneralizing"), "{}", ended.shown());
    assert!(ended.shown().contains("false misgeneralization"), "{}", ended.shown());
}

#[test]
fn json_holds_every_judgement() {
    let ended = Room::new().misgoal("calibrate coinrun --seeds 2 --trained 0 --json --quiet");
    let record: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let judged = record["studies"][0]["judged"].as_array().unwrap();
    assert_eq!(judged.len(), 22);
    let robust: Vec<_> = judged.iter().filter(|one| one["truth"] == "robust").collect();
    assert!(robust.iter().all(|one| one["verdict"] == "aligned"), "{robust:?}");
    let wrong: Vec<_> = judged.iter().filter(|one| one["truth"] == "misgeneralizing").collect();
    assert!(wrong.len() == 6 && wrong.iter().all(|one| one["verdict"] == "misgeneralization"), "{wrong:?}");
    assert!(judged.iter().all(|one| one["false_alarm"] == false));
}

#[test]
fn a_study_is_needed() {
    let ended = Room::new().misgoal("calibrate").code(2);
    assert!(ended.shown().contains("--all"), "{}", ended.shown());
}

#[test]
fn decisions_have_reference_agents_too() {
    let ended = Room::new().misgoal("calibrate driving --seeds 1 --trained 0").code(0);
    assert!(ended.shown().contains("stereotyped") && ended.shown().contains("driving"), "{}", ended.shown());
}
