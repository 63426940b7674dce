//! Arms: what changes training, and what says nothing.

use super::{complaints, edited, parsed};
use crate::Arm;

macro_rules! check {
    ($from:expr => $to:expr, @$expect:literal) => {
        insta::assert_snapshot!(complaints(&edited($from, $to)), @$expect)
    };
}

#[test]
fn an_arm_may_go_wrong_on_purpose() {
    let words = "train_on = \"lamp\"\nlevels = 5\nbudget = 0.25\non_request = true";
    let study = parsed(&edited("[arms.baseline]", &format!("[arms.baseline]\n\n[arms.wrong]\n{words}")));
    let wrong = study.arm("wrong").unwrap();
    assert_eq!(
        wrong,
        &Arm {
            name: "wrong".to_owned(),
            words: String::new(),
            train_on: Some(1),
            levels: Some(5),
            budget: 0.25,
            on_request: true,
            ..Arm::baseline()
        }
    );
    let (baseline, agent) = (study.agent_of("baseline"), study.agent_of("wrong"));
    assert_eq!((baseline.train_on, agent.train_on), (0, 1));
    assert_eq!(agent.steps, baseline.steps / 4);
}

#[test]
fn contradictory_arms() {
    check!("share = 0.1" => "share = 0", @r#"
error[contradictory-arm]: the arm `mixed` draws a share of 0 from a shift: it changes nothing
  --> study.toml:54:40
   |
54 | randomize = { shift = "apart", share = 0 }
   |                       -------          ^
   |                       |
   |                       the shift that it would draw from
   |
   = help: leave `randomize` out for a baseline, or give a share above 0
"#);
    check!("share = 0.1" => "share = 10", @r#"
error[out-of-range]: the share of the arm `mixed` is out of range
  --> study.toml:54:40
   |
54 | randomize = { shift = "apart", share = 10 }
   |                                        ^^ must be above 0 and at most 1
   |
   = help: 10 % is `0.1`
"#);
    check!("share = 0.1" => "share = -0.1", @r#"
error[out-of-range]: the share of the arm `mixed` is out of range
  --> study.toml:54:40
   |
54 | randomize = { shift = "apart", share = -0.1 }
   |                                        ^^^^ must be above 0 and at most 1
"#);
    check!("share = 0.1" => "share = nan", @r#"
error[out-of-range]: `share` is out of range
  --> study.toml:54:40
   |
54 | randomize = { shift = "apart", share = nan }
   |                                        ^^^ must be finite
"#);
    check!("[arms.baseline]" => "[arms.baseline]\n[arms.control]", @r#"
error[contradictory-arm]: the arms `baseline` and `control` do the same
  --> study.toml:52:7
   |
51 | [arms.baseline]
   |       -------- the other
52 | [arms.control]
   |       ^^^^^^^
"#);
    check!("[arms.baseline]\n\n[arms.mixed]" => "[arms.mixed]\n\n[arms.mixed]", @r#"
error[arm-named-twice]: two arms are called `mixed`
  --> study.toml:53:7
   |
53 | [arms.mixed]
   |       ^^^^^ the second one
   |
   = help: keep one, or give one another name
"#);
    check!("[arms.baseline]" => "[arms.baseline]\ntrain_on = \"lmap\"", @r#"
error[unknown-goal]: there is no goal `lmap`
  --> study.toml:52:12
   |
52 | train_on = "lmap"
   |            ^^^^^^ not a goal of this study
   |
   = help: did you mean `lamp`?
"#);
    check!("[arms.baseline]" => "[arms.baseline]\nlevels = 0", @r#"
error[out-of-range]: `levels` is out of range
  --> study.toml:52:10
   |
52 | levels = 0
   |          ^ must be from 1 to 1000000
"#);
    check!("[arms.baseline]" => "[arms.baseline]\nbudget = 0", @r#"
error[out-of-range]: `budget` is out of range
  --> study.toml:52:10
   |
52 | budget = 0
   |          ^ must be from 0.0001 to 100
"#);
    check!("[arms.baseline]\n\n[arms.mixed]" => "[arms.baseline]\non_request = true\n\n[arms.mixed]\non_request = true", @r#"
error[contradictory-arm]: every arm is trained on request only: a plain run would train nothing
  --> study.toml:51:7
   |
51 | [arms.baseline]
   |       ^^^^^^^^
   |
   = help: leave `on_request` out of one of them, or add `[arms.baseline]`
"#);
}
