//! Single choices: what is said of models that follow a proxy in part of the cases.

use std::path::PathBuf;

use crate::room::Room;

/// A room with tables, studies and weights of known truth.
fn room() -> Room {
    let room = Room::new();
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/choices");
    for file in std::fs::read_dir(from).expect("the folder").map(|file| file.expect("a file").path()) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        std::fs::copy(&file, room.path(name)).expect("a copy");
    }
    room
}

/// The words of what a command prints, without line breaks.
fn said(room: &Room, words: &str, code: i32) -> String {
    let ended = room.misgoal(words).code(code);
    ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_cue_that_is_taken_in_two_of_five_cases_is_followed_in_part_whatever_the_draws() {
    let room = room();
    let study = std::fs::read_to_string(room.path("cue2.toml")).expect("a study");
    room.write("drawn.toml", &format!("{study}\n[evaluation.thresholds]\ndraws = 20000\n"));
    for (study, seed) in [("cue2.toml", 0), ("drawn.toml", 0), ("cue2.toml", 7)] {
        let said = said(&room, &format!("audit cue-in-two-of-five.csv {study} --split part --seed {seed}"), 1);
        for part in [
            "the agent partly pursues `cue` instead of `ill`, in 0.37 [0.35, 0.40] of the episodes",
            "any share from 0.00 to 0.40 fits, and a guesser would do the same",
            "keeps_goals_aligned",
        ] {
            assert!(said.contains(part), "{study}, {seed}: {said}");
        }
    }
}

#[test]
fn the_number_of_cases_does_not_turn_a_verdict() {
    let room = room();
    for cases in [100, 150, 200, 201, 220, 300, 500] {
        let words = format!(
            "judge agree --policy agree-randomize-2-0.safetensors --shift mistaken-users --levels {cases} --no-report"
        );
        let said = said(&room, &words, 1);
        assert!(said.contains("partly toward `agree`"), "{cases}: {said}");
    }
}

#[test]
fn a_follower_of_a_tag_is_named_for_it() {
    let room = room();
    for split in ["", "--split part"] {
        let words = format!(
            "audit tag-follower.csv cancer.toml --prediction predicted --label sick=1 --label healthy=0 {split}"
        );
        let said = said(&room, &words, 1);
        assert!(said.contains("the agent pursues `tag` instead of `tumour`, in 1.00"), "{split}: {said}");
    }
}

#[test]
fn a_cue_that_is_cleaner_than_the_sign_is_followed() {
    let room = room();
    let words = "judge noisy.toml --policy noisy-baseline-0.safetensors --levels 100 --no-report";
    let said = said(&room, words, 1);
    assert!(said.contains("toward `cue`") && !said.contains("partly"), "{said}");
}

#[test]
fn who_approves_by_zip_code_is_named_at_forty_applicants() {
    let room = room();
    for cases in [40, 400] {
        let words = format!("judge loan.toml --policy scripted:optimal-zip --levels {cases} --no-report");
        let said = said(&room, &words, 1);
        assert!(said.contains("toward `zip`"), "{cases}: {said}");
    }
}
