//! What a file says becomes the study's values; what it leaves out has the defaults that the schema tells.

use misgoal_world::{Corner, Layout, Place, Region, View};
use serde_json::Value;

use super::{MINIMAL, edited, parsed};
use crate::{AgentSpec, Evaluation, JudgeOn, Mitigation, schema};

#[test]
fn the_intended_goal_comes_first_wherever_it_stands() {
    let text = edited("intended = true\n", "").replace("[goals.lamp]", "[goals.lamp]\nintended = true");
    let names: Vec<String> = parsed(&text).goals.into_iter().map(|goal| goal.name).collect();
    assert_eq!(names, ["lamp", "door"]);
}

#[test]
fn goals_weigh_events() {
    let study = parsed(&edited("events = { lamp = 1.0 }", "events = { lamp = 2, edge = -0.5 }"));
    assert_eq!(study.world.event_names(), ["door", "lamp", "edge", "death", "timeout"]);
    assert_eq!(study.goals[1].weights, [0.0, 2.0, -0.5, 0.0, 0.0]);
}

#[test]
fn places() {
    #[track_caller]
    fn check(place: &str, expect: Place) {
        let study = parsed(&edited("{ away = \"door\", distance = 4 }", place));
        assert_eq!(study.shifts[0].distribution.placements[1].place, expect);
    }
    check("\"anywhere\"", Place::Anywhere);
    check("\"right column\"", Place::Region(Region::RightColumn));
    check("\"bottom-left corner\"", Place::Region(Region::Corner(Corner::BottomLeft)));
    check("{ rect = [1, 2, 3, 4] }", Place::Region(Region::Rect { x0: 1, y0: 2, x1: 3, y1: 4 }));
    check("{ zone = \"edge\" }", Place::Region(Region::LeftColumn));
    check("{ beside = \"door\" }", Place::Beside(0));
    check("{ off_path = \"door\" }", Place::OffPath(0));
    check("{ away = \"door\", distance = 4 }", Place::Away { thing: 0, distance: 4 });
}

#[test]
fn a_shift_keeps_what_it_does_not_name() {
    let study = parsed(&edited("[agent]", "layout = { kind = \"blocks\", density = 0.1 }\n[agent]"));
    let (training, shift) = (&study.training, &study.shifts[0].distribution);
    assert_eq!(training.layout, Layout::Open);
    assert_eq!(shift.layout, Layout::Blocks { density: 0.1 });
    assert_eq!(shift.start, training.start);
    assert_eq!(shift.placements[0], training.placements[0]);
    assert_ne!(shift.placements[1], training.placements[1]);
}

#[test]
fn counts_and_what_a_count_of_0_takes_away() {
    let text = edited(
        "{ thing = \"lamp\", place = { on = \"door\" } }",
        "{ thing = \"lamp\", count = [1, 3], place = \"anywhere\" }",
    );
    let study =
        parsed(&text.replace("placements = [{ thing = \"lamp\"", "placements = [{ thing = \"lamp\", count = 0"));
    assert_eq!(study.training.placements[1].count, (1, 3));
    assert_eq!(study.shifts[0].distribution.placements.len(), 1);
}

#[test]
fn views() {
    let view = |text: &str| parsed(&edited("\"whole\"", text)).world.spec().view;
    assert_eq!(view("\"whole\""), View::Whole);
    assert_eq!(view("[5, 3]"), View::Egocentric { width: 5, height: 3 });
}

#[test]
fn arms() {
    let study = parsed(MINIMAL);
    assert_eq!(study.arm("baseline").unwrap().mitigation, Mitigation::None);
    assert_eq!(study.arm("mixed").unwrap().mitigation, Mitigation::Randomize { shift: 0, share: 0.1 });
    let without = edited("[arms.baseline]\n\n[arms.mixed]\nrandomize = { shift = \"apart\", share = 0.1 }\n", "");
    let names: Vec<String> = parsed(&without).arms.into_iter().map(|arm| arm.name).collect();
    assert_eq!(names, ["baseline"]);
}

#[test]
fn what_is_left_out_has_its_default() {
    let study = parsed(&edited("[agent]\nhidden = [32, 32]\n", "").replace("[evaluation]\nlevels = 40\n", ""));
    assert_eq!(study.agent, AgentSpec { gamma: 0.95, ..AgentSpec::default() });
    assert_eq!(study.evaluation, Evaluation::default());
    assert_eq!(study.evaluation.judge_on, JudgeOn::All);
}

/// The schema's defaults are what the parser does: a file that writes them all out means the same as one that leaves them out.
#[test]
fn the_schemas_defaults_are_the_parsers() {
    let written = |section: &str| {
        let fields = schema().pointer(&format!("/$defs/{section}/properties")).and_then(Value::as_object).unwrap();
        let lines: Vec<String> = fields
            .iter()
            .filter_map(|(key, field)| field.get("default").map(|value| format!("{key} = {value}\n")))
            .collect();
        assert!(lines.len() > 3);
        lines.concat()
    };
    let text = edited("[agent]\nhidden = [32, 32]\n", &format!("[agent]\n{}", written("AgentFile"))).replace(
        "[evaluation]\nlevels = 40\n",
        &format!("[evaluation]\n{}[evaluation.thresholds]\n{}", written("EvaluationFile"), written("ThresholdsFile")),
    );
    let study = parsed(&text);
    assert_eq!(study.agent, AgentSpec { gamma: 0.95, ..AgentSpec::default() });
    assert_eq!(study.evaluation, Evaluation::default());
}

#[test]
fn the_hash_is_of_what_the_file_says() {
    let hash = |text: &str| parsed(text).hash;
    let same = hash(MINIMAL);
    assert_eq!(same.len(), 64);
    assert_eq!(hash(&MINIMAL.replace('\n', "\r\n")), same);
    assert_eq!(hash(&edited("steps = 30", "steps   =  0x1e # thirty")), same);
    assert_eq!(hash(&edited("door = 1.0 }", "door = 1 }")), same);
    assert_eq!(hash(&edited("\"left column\"", "'left column'")), same);
    assert_ne!(hash(&edited("steps = 30", "steps = 31")), same);
    assert_ne!(
        hash(&edited("[evaluation]", "[arms.b]\nrandomize = { shift = \"apart\", share = 0.5 }\n[evaluation]")),
        same
    );
}

/// A change of this value makes every run of an older version look like a run of another study.
#[test]
fn the_hash_is_pinned() {
    insta::assert_snapshot!(parsed(MINIMAL).hash, @r#"de75a4d7bfe76441edc5632d1bd4a034dac32a92699567a2b298bf9d7636df9f"#);
}
