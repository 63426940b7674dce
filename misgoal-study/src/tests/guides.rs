//! Beacons and guides in the file.

use misgoal_world::{Enter, Guide, Order, Place};

use super::{complaints, edited, parsed};

macro_rules! check {
    ($from:expr => $to:expr, @$expect:literal) => {
        insta::assert_snapshot!(complaints(&edited($from, $to)), @$expect)
    };
}

const LAMP: &str = "lamp = { symbol = \"l\", enter = \"collect\" }";
const BEACONS: &str = "lamp = { symbol = \"l\", enter = \"visit\", turn = \"drawn\" }\n\
    guide = { symbol = \"g\", enter = \"guide\" }\n\
    tempter = { symbol = \"t\", enter = \"guide\", order = \"reverse\", looks = \"guide\" }";

#[test]
fn the_keys_mean_what_they_say() {
    let text = edited(LAMP, BEACONS)
        .replace(
            "{ thing = \"lamp\", place = { on = \"door\" } },",
            "{ thing = \"lamp\", place = { on = \"door\" } }, { thing = \"guide\", place = \"beside the start\" },",
        )
        .replace("events = { lamp = 1.0 }", "events = { lamp = 1.0, in-turn = 1.0, out-of-turn = -1.0, guide = 0.5 }");
    let study = parsed(&text);
    let things = &study.world.spec().things;
    assert_eq!(things[1].enter, Enter::Visit { drawn: true });
    assert_eq!(things[2].enter, Enter::Guide(Guide { order: Order::InTurn, looks: None }));
    assert_eq!(things[3].enter, Enter::Guide(Guide { order: Order::Reverse, looks: Some(2) }));
    assert_eq!(study.training.placements[2].place, Place::BesideStart);
    assert_eq!(
        study.world.event_names(),
        ["door", "lamp", "guide", "tempter", "edge", "in-turn", "out-of-turn", "death", "timeout"]
    );
}

#[test]
fn keys_that_go_with_a_guide() {
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"visit\", order = \"reverse\", looks = \"door\" }", @r#"
error[stray-key]: `order` is for things with `enter = "guide"`
  --> study.toml:23:49
   |
23 | lamp = { symbol = "l", enter = "visit", order = "reverse", looks = "door" }
   |                                -------          ^^^^^^^^^ this thing leads nowhere
   |                                |
   |                                because of this

error[stray-key]: `looks` is for things with `enter = "guide"`
  --> study.toml:23:68
   |
23 | lamp = { symbol = "l", enter = "visit", order = "reverse", looks = "door" }
   |                                ------- because of this             ^^^^^^ this thing looks like itself
"#);
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"guide\", looks = \"dor\" }", @r#"
error[unknown-thing]: there is no thing `dor`
  --> study.toml:23:49
   |
23 | lamp = { symbol = "l", enter = "guide", looks = "dor" }
   |                                                 ^^^^^ not a thing of this study
   |
   = help: did you mean `door`?
"#);
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"guide\", order = \"backwards\" }", @r#"
error[unknown-word]: `order` cannot be `backwards`
  --> study.toml:23:49
   |
23 | lamp = { symbol = "l", enter = "guide", order = "backwards" }
   |                                                 ^^^^^^^^^^^ expected `in-turn` or `reverse`
"#);
}

#[test]
fn a_guide_needs_beacons_and_looks_like_a_guide() {
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"guide\" }", @r#"
error[world]: `lamp` is a guide to no beacon: let another thing be one that is visited
  --> study.toml:23:1
   |
23 | lamp = { symbol = "l", enter = "guide" }
   | ^^^^
"#);
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"visit\" }\nguide = { symbol = \"g\", enter = \"guide\", looks = \"door\" }", @r#"
error[world]: `guide` looks like `door`, which is no guide: name another guide
  --> study.toml:24:1
   |
24 | guide = { symbol = "g", enter = "guide", looks = "door" }
   | ^^^^^
"#);
}

#[test]
fn what_happens_without_beacons() {
    check!("events = { lamp = 1.0 }" => "events = { in-turn = 1.0 }", @"
error[unknown-event]: the goal `lamp` is on `in-turn`, an event that the world never emits
  --> study.toml:35:12
   |
35 | events = { in-turn = 1.0 }
   |            ^^^^^^^ no thing or zone of this name
   |
   = help: expected `door`, `lamp`, `edge`, `death` or `timeout`
");
    let unplaced = edited(LAMP, &format!("{LAMP}\nbeacon = {{ symbol = \"b\", enter = \"visit\" }}"));
    insta::assert_snapshot!(complaints(&unplaced.replace("events = { lamp = 1.0 }", "events = { in-turn = 1.0 }")), @r#"
error[never-emitted]: the goal `lamp` is on `in-turn`, which never happens
  --> study.toml:36:12
   |
36 | events = { in-turn = 1.0 }
   |            ^^^^^^^ no level of training or a shift holds a beacon
   |
   = help: place a thing with `enter = "visit"`
"#);
}

#[test]
fn the_start_is_beside_nothing() {
    check!("start = \"anywhere\"" => "start = \"beside the start\"", @r#"
error[distribution]: the agent's start is placed before every thing: choose `anywhere` or a region for it
  --> study.toml:38:9
   |
37 | [training]
   | ---------- in training
38 | start = "beside the start"
   |         ^^^^^^^^^^^^^^^^^^
"#);
}
