//! Movers, regrowth and step limits in the file.

use misgoal_world::{Enter, Mover, Moves, Regrow};

use super::{complaints, edited, parsed};

macro_rules! check {
    ($from:expr => $to:expr, @$expect:literal) => {
        insta::assert_snapshot!(complaints(&edited($from, $to)), @$expect)
    };
}

const LAMP: &str = "lamp = { symbol = \"l\", enter = \"collect\" }";

#[test]
fn the_keys_mean_what_they_say() {
    let text = edited(
        LAMP,
        "lamp = { symbol = \"l\", enter = \"collect\", regrow = \"slowly\", rate = 0.3 }\n\
         fly = { symbol = \"f\", enter = \"catch\", moves = \"wander\", erratic = 0.5, twice = 0.2, once = true, shield = \"lamp\" }",
    )
    .replace("{ thing = \"lamp\", place = { on = \"door\" } },", "{ thing = \"lamp\", count = 3, present = 1, place = \"anywhere\" },")
    .replace("[shifts.apart]", "[shifts.apart]\nsteps = 200");
    let study = parsed(&text);
    let things = &study.world.spec().things;
    assert_eq!(things[1].enter, Enter::Regrow(Regrow::Rate { thousandths: 300 }));
    let mover = Mover { moves: Moves::Wander, shield: Some(1), erratic: 500, twice: 200, once: true };
    assert_eq!(things[2].enter, Enter::Catch(mover));
    assert_eq!(study.training.placements[1].present, Some(1));
    assert_eq!((study.training.steps, study.shifts[0].distribution.steps), (None, Some(200)));
    let level = study.world.generate(&study.shifts[0].distribution, 0).unwrap();
    assert_eq!(level.steps, 200);
    assert_eq!(study.world.event_names(), ["door", "lamp", "fly", "edge", "lamp-gone", "death", "timeout"]);
}

#[test]
fn keys_that_go_with_another_thing() {
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"end\", regrow = \"elsewhere\", twice = 0.2 }", @r#"
error[stray-key]: `regrow` is for things with `enter = "collect"`
  --> study.toml:23:48
   |
23 | lamp = { symbol = "l", enter = "end", regrow = "elsewhere", twice = 0.2 }
   |                                -----           ^^^^^^^^^^^ this thing is not taken
   |                                |
   |                                because of this

error[stray-key]: `twice` is for things with `enter = "catch"`
  --> study.toml:23:69
   |
23 | lamp = { symbol = "l", enter = "end", regrow = "elsewhere", twice = 0.2 }
   |                                ----- because of this                ^^^ this thing does not move
"#);
}

#[test]
fn rates() {
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"collect\", regrow = \"slowly\" }", @r#"
error[missing-key]: a thing that regrows slowly needs a `rate`
  --> study.toml:23:52
   |
23 | lamp = { symbol = "l", enter = "collect", regrow = "slowly" }
   |                                                    ^^^^^^^^ how slowly?
   |
   = help: for example `rate = 0.3`
"#);
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"collect\", regrow = \"elsewhere\", rate = 0.2 }", @r#"
error[stray-key]: `rate` is for things with `regrow = "slowly"`
  --> study.toml:23:72
   |
23 | lamp = { symbol = "l", enter = "collect", regrow = "elsewhere", rate = 0.2 }
   |                                                    -----------         ^^^ this thing comes back at once
   |                                                    |
   |                                                    because of this
"#);
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"collect\", rate = 0.2 }", @r#"
error[stray-key]: `rate` goes with `regrow`
  --> study.toml:23:50
   |
23 | lamp = { symbol = "l", enter = "collect", rate = 0.2 }
   |                                                  ^^^ this thing does not come back
"#);
}

#[test]
fn a_shield_is_a_thing() {
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"catch\", shield = \"shild\" }", @r#"
error[unknown-thing]: there is no thing `shild`
  --> study.toml:23:50
   |
23 | lamp = { symbol = "l", enter = "catch", shield = "shild" }
   |                                                  ^^^^^^^ not a thing of this study
   |
   = help: expected `door` or `lamp`
"#);
    check!(LAMP => "lamp = { symbol = \"l\", enter = \"catch\", shield = \"door\" }", @r#"
error[world]: `lamp` is stopped by `door`, which cannot be carried: let entering `door` collect it
  --> study.toml:23:1
   |
23 | lamp = { symbol = "l", enter = "catch", shield = "door" }
   | ^^^^
"#);
}

#[test]
fn what_a_distribution_says_of_them() {
    check!("{ thing = \"lamp\", place = { on = \"door\" } }" => "{ thing = \"lamp\", present = 1, place = { on = \"door\" } }", @r#"
error[distribution]: `lamp` does not regrow: `present` is for things that do
  --> study.toml:41:5
   |
37 | [training]
   | ---------- in training
...
41 |     { thing = "lamp", present = 1, place = { on = "door" } },
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#);
    check!("[shifts.apart]" => "[shifts.apart]\nsteps = 0", @r#"
error[out-of-range]: `steps` is out of range
  --> study.toml:45:9
   |
45 | steps = 0
   |         ^ must be from 1 to 10000
"#);
}

#[test]
fn the_end_of_a_kind_is_an_event_of_those_that_regrow() {
    check!("events = { lamp = 1.0 }" => "events = { lamp-gone = 1.0 }", @r#"
error[unknown-event]: the goal `lamp` is on `lamp-gone`, an event that the world never emits
  --> study.toml:35:12
   |
35 | events = { lamp-gone = 1.0 }
   |            ^^^^^^^^^ no thing or zone of this name
   |
   = help: expected `door`, `lamp`, `edge`, `death` or `timeout`
"#);
}
