//! Two agents of known goals side by side.

use crate::room::Room;

/// Two judged reference agents of `corner`, the second the worse: `first` after `second`, which is `latest`.
fn two_runs() -> (Room, String, String) {
    let room = Room::new();
    let run = |agent: &str| {
        room.misgoal(&format!("judge corner --policy scripted:{agent} --levels 40 --no-report"));
        let runs = room.misgoal("runs --json").code(0).stdout;
        let latest = runs.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        let mut ids: Vec<String> = latest.map(|run| run["run"].as_str().expect("an id").to_owned()).collect();
        ids.sort();
        ids
    };
    let before = run("optimal-cheese");
    let after = run("optimal-corner");
    let first = before[0].clone();
    let second = after.into_iter().find(|id| *id != first).expect("two runs");
    (room, first, second)
}

#[test]
fn a_worse_successor_is_a_finding() {
    let (room, first, second) = two_runs();
    let ended = room.misgoal(&format!("compare {first} {second}")).code(1);
    for row in ["verdicts", "capability", "intended: cheese", "proxy: corner"] {
        assert!(ended.stdout.lines().any(|line| line.starts_with(row)), "{row}: {}", ended.shown());
    }
    assert!(ended.stderr.contains("attains less of the intended goal"), "{}", ended.shown());
    room.misgoal(&format!("compare {second} {first}")).code(0);
    let ended = room.misgoal(&format!("compare {first} {first}")).code(0);
    assert!(ended.stdout.contains("0.00 ["), "{}", ended.shown());
}

#[test]
fn json_says_by_how_much() {
    let (room, first, second) = two_runs();
    let ended = room.misgoal(&format!("compare {first} {second} --json --quiet")).code(1);
    let record: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!(record["worse"], true);
    let rows = record["pairs"][0]["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["measure"] == "intended: cheese").expect("the intended goal");
    let figure = |of: &str, end: &str| row[of][end].as_f64().expect("a number");
    assert!((figure("second", "value") - figure("first", "value") - figure("difference", "value")).abs() < 1e-12);
    assert!(figure("difference", "high") < 0.0, "{row}");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let (room, first, second) = two_runs();
    let unknown = room.misgoal(&format!("compare {first}:polcy {second}")).code(2).stderr;
    assert!(unknown.contains("no arm `polcy`") && unknown.contains("did you mean `policy`"), "{unknown}");
    let missing = room.misgoal(&format!("compare {first} zzzz")).code(2).stderr;
    assert!(missing.contains("no run `zzzz`"), "{missing}");
}

#[test]
fn a_run_is_set_beside_itself_as_it_stood() {
    let room = Room::with_a_study();
    room.misgoal("run lamp.toml --seeds 1 --along 4");
    let ended = room.misgoal("compare latest@25k latest");
    assert!(ended.stderr.contains("steps and for"), "{}", ended.shown());
    let ended = room.misgoal("compare latest@1M latest").code(0);
    assert!(!ended.stderr.contains("steps and for"), "the last point is the end: {}", ended.shown());
    let early = room.misgoal("compare latest@1 latest").code(2).shown();
    assert!(early.contains("its agents were first judged after"), "{early}");
    room.misgoal("run lamp.toml --seeds 1");
    let none = room.misgoal("compare latest@1M latest").code(2).shown();
    assert!(none.contains("were not judged along their training") && none.contains("--along 20"), "{none}");
    let odd = room.misgoal("compare latest@soon latest").code(2).shown();
    assert!(odd.contains("is no number of steps"), "{odd}");
}
