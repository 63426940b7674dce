//! An atlas on the command line.

use crate::room::Room;

#[test]
fn an_atlas_is_made_and_kept() {
    let room = Room::new();
    let ended = room.misgoal("atlas coin-line --quick --out atlas").code(0);
    for part in ["length 4", "width 32", "all lengths"] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.shown());
    }
    assert!(ended.stderr.contains("atlas.html"), "{}", ended.shown());
    // Kept cells are not made again, and say the same.
    let again = room.misgoal("atlas coin-line --quick --out atlas --json").code(0);
    let record: serde_json::Value = serde_json::from_str(&again.stdout).expect("one JSON object");
    assert_eq!((record["format"].as_u64(), record["cells"].as_array().map(Vec::len)), (Some(1), Some(18)));
}

#[test]
fn what_is_no_atlas_is_said_to_be_none() {
    let room = Room::new();
    assert!(room.misgoal("atlas corner").code(2).stderr.contains("there is no atlas `corner`"));
    assert!(room.misgoal("run coin-line").code(2).stderr.contains("is an atlas and no study"));
}
