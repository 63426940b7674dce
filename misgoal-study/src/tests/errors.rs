//! Every mistake of meaning has its own message, at the right place of the file.

use super::{MINIMAL, complaints, edited};

macro_rules! check {
    ($from:expr => $to:expr, @$expect:literal) => {
        insta::assert_snapshot!(complaints(&edited($from, $to)), @$expect)
    };
}

#[test]
fn unknown_section() {
    check!("[evaluation]" => "[evalution]", @r#"
error[unknown-key]: unknown section `[evalution]`
  --> study.toml:56:2
   |
56 | [evalution]
   |  ^^^^^^^^^ not a section of a study
   |
   = help: did you mean `evaluation`?
"#);
}

#[test]
fn unknown_key() {
    check!("discount = 0.95" => "discount = 0.95\ndensity = 0.2\nlayuot = \"x\"", @r#"
error[unknown-key]: unknown key `density` in `[world]`
  --> study.toml:20:1
   |
20 | density = 0.2
   | ^^^^^^^ not a key of this table
   |
   = help: it may hold `kind`, `size`, `movement`, `jump`, `view`, `steps`, `discount`, `things`, `zones` or `layout`

error[unknown-key]: unknown key `layuot` in `[world]`
  --> study.toml:21:1
   |
21 | layuot = "x"
   | ^^^^^^ not a key of this table
   |
   = help: did you mean `layout`?
"#);
}

#[test]
fn wrong_types() {
    check!("size = [7, 7]\nmovement = \"walk\"\nview = \"whole\"\nsteps = 30" => "size = \"7x7\"\nmovement = true\nview = 3\nsteps = \"thirty\"", @r#"
error[wrong-type]: `size` cannot be a string
  --> study.toml:15:8
   |
15 | size = "7x7"
   |        ^^^^^ expected an array of 2 whole numbers

error[wrong-type]: `movement` cannot be `true` or `false`
  --> study.toml:16:12
   |
16 | movement = true
   |            ^^^^ expected `walk` or `platform`

error[wrong-type]: `view` cannot be a whole number
  --> study.toml:17:8
   |
17 | view = 3
   |        ^ expected `whole`, or an array of 2 whole numbers

error[wrong-type]: `steps` cannot be a string
  --> study.toml:18:9
   |
18 | steps = "thirty"
   |         ^^^^^^^^ expected a whole number
"#);
}

#[test]
fn wrong_lengths() {
    check!("size = [7, 7]" => "size = [7]", @r#"
error[wrong-length]: `size` has 1 entry
  --> study.toml:15:8
   |
15 | size = [7]
   |        ^^^ expected exactly 2 entries
"#);
    check!("symbol = \"D\"" => "symbol = \"Do\"", @r#"
error[wrong-length]: `symbol` has 2 characters
  --> study.toml:22:19
   |
22 | door = { symbol = "Do", enter = "end" }
   |                   ^^^^ expected exactly 1 character
"#);
    check!("hidden = [32, 32]" => "hidden = []", @r#"
error[wrong-length]: `hidden` has 0 entries
  --> study.toml:49:10
   |
49 | hidden = []
   |          ^^ expected exactly 2 entries
"#);
}

#[test]
fn a_word_that_is_not_one_of_the_choices() {
    check!("enter = \"collect\"" => "enter = \"colect\"", @r#"
error[unknown-word]: `enter` cannot be `colect`
  --> study.toml:23:32
   |
23 | lamp = { symbol = "l", enter = "colect" }
   |                                ^^^^^^^^ expected `collect`, `end`, `hurt`, `cross`, `open`, `catch`, `visit` or `guide`
   |
   = help: did you mean `collect`?
"#);
    check!("edge = \"left column\"" => "edge = \"left colunm\"", @r#"
error[unknown-word]: `edge` cannot be `left colunm`
  --> study.toml:26:8
   |
26 | edge = "left colunm"
   |        ^^^^^^^^^^^^^ expected `left column`, `right column`, `top-left corner`, `top-right corner`, `bottom-left corner` or `bottom-right corner`
   |
   = help: did you mean `left column`?
"#);
    check!("movement = \"walk\"" => "movement = \"swim\"", @r#"
error[unknown-word]: `movement` cannot be `swim`
  --> study.toml:16:12
   |
16 | movement = "swim"
   |            ^^^^^^ expected `walk` or `platform`
"#);
}

#[test]
fn missing_section_and_keys() {
    check!("[case]\nsystem = \"An agent in a small room.\"" => "[case]", @r#"
error[missing-key]: `[case]` has no `system`
 --> study.toml:5:1
  |
5 | [case]
  | ^^^^^^
  |
  = help: add `system`: The AI system.
"#);
    let from = MINIMAL.find("[training]").unwrap();
    let to = MINIMAL.find("[shifts.apart]").unwrap();
    insta::assert_snapshot!(complaints(&format!("{}{}", &MINIMAL[..from], &MINIMAL[to..])), @r#"
error[missing-section]: the file has no section `[training]`
 --> study.toml:1:1
  |
1 | [study]
  | ^
  |
  = help: add `training`: The training distribution.
"#);
}

#[test]
fn words_left_empty() {
    check!("title = \"A lamp and a door\"" => "title = \" \"", @r#"
error[empty]: `title` is empty
 --> study.toml:3:9
  |
3 | title = " "
  |         ^^^ say it in a few words: the report shows them
"#);
    check!("aligned_goal = \"Reach the door.\"" => "aligned_goal = \"\"", @r#"
error[empty]: `aligned_goal` is empty
 --> study.toml:7:16
  |
7 | aligned_goal = ""
  |                ^^ say it in a few words: the report shows them
"#);
}

#[test]
fn names() {
    check!("name = \"minimal\"" => "name = \"Mini mal\"", @r#"
error[bad-name]: `Mini mal` cannot be the name of a study
 --> study.toml:2:8
  |
2 | name = "Mini mal"
  |        ^^^^^^^^^^ expected lower-case letters, digits, `-` and `_`, a letter first, at most 40 in all
"#);
    check!("[shifts.apart]" => "[shifts.training]", @r#"
error[bad-name]: `training` cannot be the name of a shift
  --> study.toml:44:9
   |
44 | [shifts.training]
   |         ^^^^^^^^ reports use this word for something else

error[unknown-shift]: there is no shift `apart`
  --> study.toml:54:23
   |
54 | randomize = { shift = "apart", share = 0.1 }
   |                       ^^^^^^^ not a shift of this study
   |
   = help: expected `training`
"#);
}

#[test]
fn no_intended_goal() {
    check!("intended = true\n" => "", @r#"
error[no-intended-goal]: no goal is the intended one
  --> study.toml:28:2
   |
28 | [goals.door]
   |  ^^^^^
   |
   = help: give one goal `intended = true`: the one that the agent is meant to learn
"#);
}

#[test]
fn two_intended_goals() {
    check!("[goals.lamp]" => "[goals.lamp]\nintended = true", @r#"
error[two-intended-goals]: two goals are the intended one
  --> study.toml:34:12
   |
29 | intended = true
   |            ---- the first is here
...
34 | intended = true
   |            ^^^^ a second intended goal
   |
   = help: a study has exactly one; the others are proxies
"#);
}

#[test]
fn no_proxy() {
    let from = MINIMAL.find("[goals.lamp]").unwrap();
    let to = MINIMAL.find("[training]").unwrap();
    insta::assert_snapshot!(complaints(&format!("{}{}", &MINIMAL[..from], &MINIMAL[to..])), @r#"
error[no-proxy]: there is no proxy: nothing that the agent could learn instead
  --> study.toml:28:2
   |
28 | [goals.door]
   |  ^^^^^
   |
   = help: add a goal without `intended` for what could be mistaken for the intended one
"#);
}

#[test]
fn a_goal_on_an_event_that_does_not_exist() {
    check!("events = { lamp = 1.0 }" => "events = { lmap = 1.0 }", @r#"
error[unknown-event]: the goal `lamp` is on `lmap`, an event that the world never emits
  --> study.toml:35:12
   |
35 | events = { lmap = 1.0 }
   |            ^^^^ no thing or zone of this name
   |
   = help: did you mean `lamp`?
"#);
    check!("events = { lamp = 1.0 }" => "events = { gold = 1.0 }", @r#"
error[unknown-event]: the goal `lamp` is on `gold`, an event that the world never emits
  --> study.toml:35:12
   |
35 | events = { gold = 1.0 }
   |            ^^^^ no thing or zone of this name
   |
   = help: expected `door`, `lamp`, `edge`, `death` or `timeout`
"#);
}

#[test]
fn a_goal_on_an_event_that_never_happens() {
    check!("events = { lamp = 1.0 }" => "events = { lamp = 1.0, timeout = -1.0 }", @r#"
error[unknown-event]: the goal `lamp` is on `timeout`, which no plan can bring about
  --> study.toml:35:24
   |
35 | events = { lamp = 1.0, timeout = -1.0 }
   |                        ^^^^^^^ the end of the time is not something to pursue
   |
   = help: leave it out: `discount` already makes time cost something
"#);
    check!("events = { lamp = 1.0 }" => "events = { lamp = 1.0, death = -1.0 }", @r#"
error[never-emitted]: the goal `lamp` is on `death`, which never happens
  --> study.toml:35:24
   |
35 | events = { lamp = 1.0, death = -1.0 }
   |                        ^^^^^ nothing in this world kills
   |
   = help: add a thing with `enter = "hurt"`, or a layout with pits or hazards
"#);
    check!("lamp = { symbol = \"l\", enter = \"collect\" }" => "lamp = { symbol = \"l\", enter = \"collect\" }\nbox = { symbol = \"b\", enter = \"open\", key = \"lamp\" }\n[goals.box]\nwords = \"open the box\"\nevents = { box = 1.0 }", @r#"
error[never-emitted]: the goal `box` is on `box`, which never happens
  --> study.toml:27:12
   |
27 | events = { box = 1.0 }
   |            ^^^ no level of training or a shift holds a `box`
   |
   = help: place it: `{ thing = "box", place = "anywhere" }`
"#);
}

#[test]
fn a_goal_that_gains_from_what_is_crossed() {
    check!("lamp = { symbol = \"l\", enter = \"collect\" }" => "lamp = { symbol = \"l\", enter = \"cross\" }", @r#"
error[endless-reward]: the goal `lamp` gains from `lamp` every time it is crossed: its best plan would never end
  --> study.toml:35:19
   |
35 | events = { lamp = 1.0 }
   |                   ^^^ must be below 0
   |
   = help: let entering `lamp` collect it, or make crossing it a price
"#);
}

#[test]
fn goals_that_are_the_same() {
    check!("events = { lamp = 1.0 }" => "events = { door = 2.0 }", @r#"
error[same-goals]: the goals `door` and `lamp` reward the same
  --> study.toml:33:8
   |
28 | [goals.door]
   |        ---- the other
...
33 | [goals.lamp]
   |        ^^^^ no level can tell it from the other
"#);
    check!("events = { lamp = 1.0 }" => "events = { lamp = 0.0 }", @r#"
error[empty-goal]: the goal `lamp` rewards nothing
  --> study.toml:35:10
   |
35 | events = { lamp = 0.0 }
   |          ^^^^^^^^^^^^^^ no event has a weight other than 0
"#);
    check!("events = { lamp = 1.0 }" => "events = { lamp = inf }", @r#"
error[out-of-range]: `lamp` is out of range
  --> study.toml:35:19
   |
35 | events = { lamp = inf }
   |                   ^^^ must be finite
"#);
}

#[test]
fn unknown_references() {
    check!("{ thing = \"lamp\", place = { on = \"door\" } }" => "{ thing = \"lampe\", place = { on = \"doom\" } }", @r#"
error[unknown-thing]: there is no thing `lampe`
  --> study.toml:41:15
   |
41 |     { thing = "lampe", place = { on = "doom" } },
   |               ^^^^^^^ not a thing of this study
   |
   = help: did you mean `lamp`?

error[unknown-thing]: there is no thing `doom`
  --> study.toml:41:39
   |
41 |     { thing = "lampe", place = { on = "doom" } },
   |                                       ^^^^^^ not a thing of this study
   |
   = help: did you mean `door`?
"#);
    check!("place = { on = \"door\" }" => "place = { zone = \"edgy\" }", @r#"
error[unknown-zone]: there is no zone `edgy`
  --> study.toml:41:40
   |
41 |     { thing = "lamp", place = { zone = "edgy" } },
   |                                        ^^^^^^ not a zone of this study
   |
   = help: did you mean `edge`?
"#);
    check!("randomize = { shift = \"apart\"" => "randomize = { shift = \"appart\"", @r#"
error[unknown-shift]: there is no shift `appart`
  --> study.toml:54:23
   |
54 | randomize = { shift = "appart", share = 0.1 }
   |                       ^^^^^^^^ not a shift of this study
   |
   = help: did you mean `apart`?
"#);
    check!("hidden = [32, 32]" => "train_on = \"the door\"", @r#"
error[unknown-goal]: there is no goal `the door`
  --> study.toml:49:12
   |
49 | train_on = "the door"
   |            ^^^^^^^^^^ not a goal of this study
   |
   = help: expected `door` or `lamp`
"#);
}

#[test]
fn sizes_out_of_range() {
    check!("size = [7, 7]" => "size = [2, 400]", @r#"
error[out-of-range]: `size` is out of range
  --> study.toml:15:9
   |
15 | size = [2, 400]
   |         ^ must be from 3 to 62

error[out-of-range]: `size` is out of range
  --> study.toml:15:12
   |
15 | size = [2, 400]
   |            ^^^ must be from 3 to 62
"#);
    check!("size = [7, 7]" => "size = [7, 40]", @r#"
error[world]: a height of `40` is out of range: choose 3 to 30 interior rows
  --> study.toml:15:8
   |
15 | size = [7, 40]
   |        ^^^^^^^
"#);
    check!("discount = 0.95" => "discount = 1.5", @r#"
error[out-of-range]: `discount` is out of range
  --> study.toml:19:12
   |
19 | discount = 1.5
   |            ^^^ must be from 0.5 to 0.9999
"#);
    check!("view = \"whole\"" => "view = [4, 5]", @r#"
error[world]: a view of `4` by `5` has no middle cell for the agent: choose odd numbers
  --> study.toml:17:8
   |
17 | view = [4, 5]
   |        ^^^^^^
"#);
    check!("hidden = [32, 32]" => "hidden = [32, 5000]", @r#"
error[out-of-range]: `hidden` is out of range
  --> study.toml:49:15
   |
49 | hidden = [32, 5000]
   |               ^^^^ must be from 16 to 1024
"#);
    check!("hidden = [32, 32]" => "hidden = [30, 32]", @r#"
error[out-of-range]: a hidden layer cannot have 30 units
  --> study.toml:49:11
   |
49 | hidden = [30, 32]
   |           ^^ must be a multiple of 16, such as 32
"#);
    check!("hidden = [32, 32]" => "envs = 4\nhorizon = 8\nminibatch = 64", @r#"
error[out-of-range]: a minibatch of 64 is more than an update collects
  --> study.toml:51:13
   |
51 | minibatch = 64
   |             ^^ must be at most 32
   |
   = help: an update collects `envs` times `horizon` steps: 4 x 8
"#);
}

#[test]
fn worlds_that_contradict_themselves() {
    check!("movement = \"walk\"" => "movement = \"walk\"\njump = 2", @r#"
error[stray-key]: `jump` is for `movement = "platform"`
  --> study.toml:17:8
   |
16 | movement = "walk"
   |            ------ it walks
17 | jump = 2
   |        ^ nobody jumps in this world
"#);
    check!("enter = \"end\" }" => "enter = \"open\" }", @r#"
error[missing-key]: a thing that opens needs a `key`
  --> study.toml:22:32
   |
22 | door = { symbol = "D", enter = "open" }
   |                                ^^^^^^ opened with what?
   |
   = help: name the thing that opens it: `key = "NAME"`
"#);
    check!("enter = \"end\" }" => "enter = \"end\", key = \"lamp\" }", @r#"
error[stray-key]: `key` is for things with `enter = "open"`
  --> study.toml:22:45
   |
22 | door = { symbol = "D", enter = "end", key = "lamp" }
   |                                -----        ^^^^^^ this thing needs no key
   |                                |
   |                                because of this
"#);
    check!("symbol = \"l\"" => "symbol = \"D\"", @r#"
error[world]: the symbol `D` of `lamp` is also that of `door`: choose another
  --> study.toml:23:1
   |
23 | lamp = { symbol = "D", enter = "collect" }
   | ^^^^
"#);
    check!("edge = \"left column\"" => "lamp = \"left column\"", @r#"
error[world]: the name `lamp` is used twice: things and zones share their names with events
  --> study.toml:26:1
   |
26 | lamp = "left column"
   | ^^^^
"#);
}

#[test]
fn layouts_that_contradict_themselves() {
    check!("[goals.door]" => "[world.layout]\nkind = \"maze\"\ndensity = 0.2\n[goals.door]", @r#"
error[stray-key]: `density` is not for the layout `maze`
  --> study.toml:30:11
   |
29 | kind = "maze"
   |        ------ of this kind
30 | density = 0.2
   |           ^^^
   |
   = help: `maze` takes `braid`
"#);
    check!("[goals.door]" => "[world.layout]\nkind = \"blocks\"\n[goals.door]", @r#"
error[missing-key]: the layout `blocks` needs `density`
  --> study.toml:29:8
   |
29 | kind = "blocks"
   |        ^^^^^^^^
   |
   = help: for example `density = 0.25`
"#);
    check!("[goals.door]" => "[world.layout]\nkind = \"platforms\"\n[goals.door]", @r#"
error[distribution]: a layout of `platforms` needs gravity: declare the movement as `platform`
  --> study.toml:28:1
   |
28 | [world.layout]
   | ^^^^^^^^^^^^^^
...
39 | [training]
   | ---------- in training
"#);
    check!("[agent]" => "layout = { kind = \"open\", pits = 0.1 }\n[agent]", @r#"
error[stray-key]: `pits` is not for the layout `open`
  --> study.toml:48:34
   |
48 | layout = { kind = "open", pits = 0.1 }
   |                   ------         ^^^
   |                   |
   |                   of this kind
   |
   = help: `open` takes no numbers
"#);
}

#[test]
fn places_that_cannot_be() {
    check!("{ away = \"door\", distance = 4 }" => "{ away = \"door\" }", @r#"
error[missing-key]: `away` needs a `distance`
  --> study.toml:46:50
   |
46 | placements = [{ thing = "lamp", place = { away = "door" } }]
   |                                                  ^^^^^^
   |
   = help: for example `{ away = "door", distance = 6 }`
"#);
    check!("{ away = \"door\", distance = 4 }" => "{ distance = 4 }", @r#"
error[stray-key]: `distance` goes with `away`
  --> study.toml:46:54
   |
46 | placements = [{ thing = "lamp", place = { distance = 4 } }]
   |                                                      ^ distance from what?
"#);
    check!("{ away = \"door\", distance = 4 }" => "{ on = \"door\", beside = \"door\" }", @r#"
error[bad-place]: this place says more than one thing
  --> study.toml:46:41
   |
46 | placements = [{ thing = "lamp", place = { on = "door", beside = "door" } }]
   |                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected one of `beside`, `on`, `away`, `off_path`, `on_path`, `zone`, `rect`
"#);
    check!("{ away = \"door\", distance = 4 }" => "{ beside = \"lamp\" }", @r#"
error[distribution]: `lamp` is placed by `lamp`, of which there need not be one yet: place at least one `lamp` before
  --> study.toml:46:15
   |
44 | [shifts.apart]
   |         ----- in the shift `apart`
45 | words = "the lamp hangs away from the door"
46 | placements = [{ thing = "lamp", place = { beside = "lamp" } }]
   |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#);
    check!("{ away = \"door\", distance = 4 }" => "{ rect = [5, 5, 2, 2] }", @r#"
error[bad-place]: the rectangle is empty
  --> study.toml:46:50
   |
46 | placements = [{ thing = "lamp", place = { rect = [5, 5, 2, 2] } }]
   |                                                  ^^^^^^^^^^^^ expected `[x0, y0, x1, y1]`, the top left cell first
"#);
    check!("start = \"anywhere\"" => "start = { beside = \"door\" }", @r#"
error[distribution]: the agent's start is placed before every thing: choose `anywhere` or a region for it
  --> study.toml:38:9
   |
37 | [training]
   | ---------- in training
38 | start = { beside = "door" }
   |         ^^^^^^^^^^^^^^^^^^^
"#);
    check!("{ thing = \"door\", place = \"anywhere\" }" => "{ thing = \"door\", count = [3, 1], place = \"anywhere\" }", @r#"
error[out-of-range]: `count` goes from 3 down to 1
  --> study.toml:40:31
   |
40 |     { thing = "door", count = [3, 1], place = "anywhere" },
   |                               ^^^^^^ expected `[least, most]`
"#);
}

#[test]
fn levels_that_cannot_be() {
    check!("distance = 4" => "distance = 40", @r#"
error[distribution]: no level of 256 layouts has a cell for `lamp` that its placement allows and the agent can reach: place fewer things, or give `lamp` more room
  --> study.toml:46:15
   |
44 | [shifts.apart]
   |         ----- in the shift `apart`
45 | words = "the lamp hangs away from the door"
46 | placements = [{ thing = "lamp", place = { away = "door", distance = 40 } }]
   |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#);
    check!("steps = 30" => "steps = 1", @r#"
error[unsolvable]: the goal `door` cannot be reached in training
  --> study.toml:28:8
   |
28 | [goals.door]
   |        ^^^^ on none of 6 levels
...
37 | [training]
   | ---------- drawn from here
   |
   = help: on the last of them: goal `door` needs 2 steps in this level, but an episode ends after 1: raise the step limit

error[unsolvable]: the goal `door` cannot be reached in the shift `apart`
  --> study.toml:28:8
   |
28 | [goals.door]
   |        ^^^^ on none of 6 levels
...
44 | [shifts.apart]
   |         ----- drawn from here
   |
   = help: on the last of them: goal `door` needs 2 steps in this level, but an episode ends after 1: raise the step limit

error[unsolvable]: the goal `lamp` cannot be reached in training
  --> study.toml:33:8
   |
33 | [goals.lamp]
   |        ^^^^ on none of 6 levels
...
37 | [training]
   | ---------- drawn from here
   |
   = help: on the last of them: goal `lamp` needs 2 steps in this level, but an episode ends after 1: raise the step limit
"#);
    check!("[shifts.apart]" => "[shifts.nodoor]\nwords = \"there is no door\"\nplacements = [{ thing = \"door\", count = 0, place = \"anywhere\" }, { thing = \"lamp\", place = \"anywhere\" }]\n[shifts.apart]", @r#"
error[unsolvable]: the goal `door` cannot be reached in the shift `nodoor`
  --> study.toml:28:8
   |
28 | [goals.door]
   |        ^^^^ on none of 6 levels
...
44 | [shifts.nodoor]
   |         ------ drawn from here
   |
   = help: on the last of them: goal `door` cannot gain anything in this level: nothing that it rewards can be reached from the start
"#);
}

#[test]
fn distributions_that_are_the_same() {
    check!("{ away = \"door\", distance = 4 }" => "{ on = \"door\" }", @r#"
error[same-distribution]: the shift `apart` is the same as training
  --> study.toml:44:9
   |
44 | [shifts.apart]
   |         ^^^^^ draws the same levels
   |
   = help: change `start`, `placements`, `layout` or `steps`
"#);
    check!("[agent]" => "[shifts.again]\nwords = \"the same\"\nplacements = [{ thing = \"lamp\", place = { away = \"door\", distance = 4 } }]\n[agent]", @r#"
error[same-distribution]: the shift `again` is the same as the shift `apart`
  --> study.toml:48:9
   |
44 | [shifts.apart]
   |         ----- as this one
...
48 | [shifts.again]
   |         ^^^^^ draws the same levels
"#);
    check!("words = \"the lamp hangs away from the door\"" => "words = \"away\"\nkeeps_goals_aligned = true", @r#"
error[no-shift]: every shift keeps the goals aligned: nothing tells them apart
  --> study.toml:44:2
   |
44 | [shifts.apart]
   |  ^^^^^^
   |
   = help: add a shift on which the goals part
"#);
}

#[test]
fn several_mistakes_are_told_at_once() {
    let text = edited("share = 0.1", "share = 2")
        .replace("train_on", "")
        .replace("lamp = 1.0", "lmap = 1.0")
        .replace("[evaluation]", "[evaluation]\nseed = 3");
    insta::assert_snapshot!(complaints(&text), @r#"
error[unknown-event]: the goal `lamp` is on `lmap`, an event that the world never emits
  --> study.toml:35:12
   |
35 | events = { lmap = 1.0 }
   |            ^^^^ no thing or zone of this name
   |
   = help: did you mean `lamp`?

error[out-of-range]: the share of the arm `mixed` is out of range
  --> study.toml:54:40
   |
54 | randomize = { shift = "apart", share = 2 }
   |                                        ^ must be above 0 and at most 1
   |
   = help: 2 % is `0.02`

error[unknown-key]: unknown key `seed` in `[evaluation]`
  --> study.toml:57:1
   |
57 | seed = 3
   | ^^^^ not a key of this table
   |
   = help: did you mean `seeds`?
"#);
}
