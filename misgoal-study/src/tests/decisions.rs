//! Studies of decisions: what is said about a file.

use crate::{AnyStudy, DecisionStudy, Study};

/// A small study of decisions without a mistake; tests change a line of it.
const SMALL: &str = include_str!("decision.toml");

#[track_caller]
fn parsed(text: &str) -> DecisionStudy {
    match AnyStudy::parse("study.toml", text) {
        Ok(AnyStudy::Decision(study)) => *study,
        Ok(AnyStudy::Grid(_)) => panic!("a grid"),
        Err(errors) => panic!("{errors}"),
    }
}

#[track_caller]
fn complaints(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "the study has no `{from}` to edit");
    let text = SMALL.replacen(from, to, 1);
    AnyStudy::parse("study.toml", &text).map(|_| ()).expect_err("the file has a mistake").render(false)
}

macro_rules! check {
    ($from:expr => $to:expr, @$expect:literal) => {
        insta::assert_snapshot!(complaints($from, $to), @$expect)
    };
}

#[test]
fn the_small_study_is_what_it_says() {
    let study = parsed(SMALL);
    let names: Vec<&str> = study.goals.iter().map(|goal| goal.name.as_str()).collect();
    assert_eq!(names, ["fraud", "unusual"]);
    assert_eq!(study.world.options(), ["allow", "block"]);
    let shown: Vec<(&str, bool)> =
        study.world.features().iter().map(|feature| (feature.name.as_str(), feature.observed)).collect();
    assert_eq!(shown, [("crime", false), ("kind", true), ("amount", true), ("asked", true)]);
    let case = study.world.draw(&study.training, 3).unwrap();
    insta::assert_snapshot!(study.world.describe(&case.row), @r#"crime = false, kind = card, amount = 2.3482, asked = 3"#);
}

#[test]
fn a_grid_is_needed_where_a_level_is() {
    insta::assert_snapshot!(Study::parse("study.toml", SMALL).map(|_| ()).expect_err("no grid").render(false), @r#"
error[another-kind]: this is a study of decisions, and a grid is needed here
  --> study.toml:14:8
   |
14 | kind = "decision"
   |        ^^^^^^^^^^ its kind
"#);
}

#[test]
fn features_that_do_not_fit() {
    check!("chance = 0.1" => "chance = 1.5", @r#"
error[feature]: `crime` cannot be drawn in training: a probability of 1.5 is none: it must be 0 to 1
  --> study.toml:20:1
   |
20 | crime = { chance = 1.5, observed = false }
   | ^^^^^
"#);
    check!("chance = 0.1, " => "", @r#"
error[bad-feature]: this feature says not how it is drawn
  --> study.toml:20:1
   |
20 | crime = { observed = false }
   | ^^^^^ expected one of `chance`, `choose`, `normal`, `lognormal`, `uniform`, `whole`, `poisson`, `is`
"#);
    check!("poisson = 1" => "poisson = 1, chance = 0.5", @r#"
error[bad-feature]: this feature says more than one way in which it is drawn
  --> study.toml:23:1
   |
23 | asked = { poisson = 1, chance = 0.5 }
   | ^^^^^ expected one of `chance`, `choose`, `normal`, `lognormal`, `uniform`, `whole`, `poisson`, `is`
"#);
    check!("poisson = 1" => "poisson = \"3 - amount\"", @r#"
error[feature]: `asked` cannot be drawn in training: a mean of -0.0466000000000002 is out of range: it must be 0 to 500 on the case crime = false, kind = coin, amount = 3.0466
  --> study.toml:23:1
   |
23 | asked = { poisson = "3 - amount" }
   | ^^^^^
"#);
    check!("amount = {" => "if = {", @r#"
error[bad-name]: `if` cannot be the name of a feature
  --> study.toml:22:1
   |
22 | if = { normal = ["crime ? 5 : 3", 1] }
   | ^^ expressions use this word for something else

error[unknown-feature]: there is no feature `amount`
  --> study.toml:39:40
   |
39 | features = { kind = { is = "'coin'" }, amount = { normal = ["kind == 'coin' ? 6 : 3", 1] } }
   |                                        ^^^^^^ not a feature of this study
   |
   = help: expected `crime`, `kind`, `if` or `asked`
"#);
    check!("crime = { chance = 0.1, observed = false }" => "crime = { chanse = 0.1, observed = false }", @r#"
error[bad-feature]: this feature says not how it is drawn
  --> study.toml:20:1
   |
20 | crime = { chanse = 0.1, observed = false }
   | ^^^^^ expected one of `chance`, `choose`, `normal`, `lognormal`, `uniform`, `whole`, `poisson`, `is`

error[unknown-key]: unknown key `chanse` in `[world.features.crime]`
  --> study.toml:20:11
   |
20 | crime = { chanse = 0.1, observed = false }
   |           ^^^^^^ not a key of this table
   |
   = help: did you mean `chance`?
"#);
    check!("[\"crime ? 5 : 3\", 1]" => "[\"crime ? 5 : 3\", 1, 2]", @r#"
error[wrong-length]: `normal` has 3 entries
  --> study.toml:22:21
   |
22 | amount = { normal = ["crime ? 5 : 3", 1, 2] }
   |                     ^^^^^^^^^^^^^^^^^^^^^^^ expected exactly 2 entries
"#);
}

#[test]
fn expressions_that_do_not_fit() {
    check!("crime ? 5 : 3" => "crimes ? 5 : 3", @r#"
error[expression]: there is no feature `crimes` here
  --> study.toml:22:23
   |
22 | amount = { normal = ["crimes ? 5 : 3", 1] }
   |                       ^^^^^^
   |
   = help: there are `crime`, `kind`
"#);
    check!("crime ? 5 : 3" => "crime ? 5 :", @r#"
error[expression]: this is no CEL expression: mismatched input '<EOF>'
  --> study.toml:22:34
   |
22 | amount = { normal = ["crime ? 5 :", 1] }
   |                                  ^
"#);
    check!("crime ? 5 : 3" => "crime + 3", @r#"
error[expression]: this is true or false, expected a number
  --> study.toml:22:23
   |
22 | amount = { normal = ["crime + 3", 1] }
   |                       ^^^^^
   |
   = help: write `(x ? 1 : 0)` to count a truth value
"#);
    check!("crime ? 5 : 3" => "crime ? 5 : 'three'", @r#"
error[expression]: this is a text, and the other branch is a number
  --> study.toml:22:35
   |
22 | amount = { normal = ["crime ? 5 : 'three'", 1] }
   |                                   ^^^^^^^
"#);
    check!("crime ? 5 : 3" => "size('x')", @r#"
error[expression]: there is no function `size` for features
  --> study.toml:22:27
   |
22 | amount = { normal = ["size('x')", 1] }
   |                           ^
   |
   = help: there are `math.abs`, `math.least`, `math.greatest`, `math.floor`, `math.ceil` and `math.round`
"#);
    check!("kind == 'coin'" => "kind == 'coins'", @r#"
error[expression]: the text can never be `coins`
  --> study.toml:39:70
   |
39 | features = { kind = { is = "'coin'" }, amount = { normal = ["kind == 'coins' ? 6 : 3", 1] } }
   |                                                                      ^^^^^^^
   |
   = help: it is one of `card`, `coin`
"#);
    check!("crime ? 'block' : 'allow'" => "crime ? 'blok' : 'allow'", @r#"
error[expression]: `blok` is none of the texts expected here
  --> study.toml:31:21
   |
31 | prefers = "crime ? 'blok' : 'allow'"
   |                     ^^^^
   |
   = help: expected `allow`, `block`
"#);
    check!("crime ? 'block' : 'allow'" => "crime", @r#"
error[expression]: this is true or false, expected a text
  --> study.toml:31:12
   |
31 | prefers = "crime"
   |            ^^^^^
"#);
    check!("asked + 1" => "asked + choice", @r#"
error[expression]: this is a text, expected a number
  --> study.toml:26:18
   |
26 | asked = "asked + choice"
   |                  ^^^^^^
"#);
    check!("done = \"choice != 'allow'\"" => "done = \"asked\"", @r#"
error[expression]: this is a number, expected true or false
  --> study.toml:17:9
   |
17 | done = "asked"
   |         ^^^^^
"#);
}

#[test]
fn goals_that_do_not_fit() {
    check!("prefers = \"crime ? 'block' : 'allow'\"" => "", @r#"
error[missing-key]: the goal `fraud` says not what it prefers
  --> study.toml:28:8
   |
28 | [goals.fraud]
   |        ^^^^^
   |
   = help: give `prefers = ".."`, an expression that yields an option's name, or `utility = { OPTION = ".." }`
"#);
    check!("utility = { block" => "utility = { blok", @r#"
error[unknown-option]: there is no option `blok`
  --> study.toml:35:13
   |
35 | utility = { blok = "amount - 4.2" }
   |             ^^^^ not an option of this study
   |
   = help: did you mean `block`?
"#);
    check!("utility = { block = \"amount - 4.2\" }" => "prefers = \"crime ? 'block' : 'allow'\"", @r#"
error[same-goals]: the goals `fraud` and `unusual` prefer the same
  --> study.toml:33:8
   |
28 | [goals.fraud]
   |        ----- the other
...
33 | [goals.unusual]
   |        ^^^^^^^ no case can tell it from the other
"#);
    check!("utility = { block = \"amount - 4.2\" }" => "utility = { block = \"1 / (amount - amount)\" }", @r#"
error[goal]: the utility of `block` is inf on the case crime = false, kind = coin, amount = 1.6059, asked = 0, in training
  --> study.toml:33:8
   |
33 | [goals.unusual]
   |        ^^^^^^^
"#);
    check!("intended = true" => "intended = false", @r#"
error[no-intended-goal]: no goal is the intended one
  --> study.toml:28:2
   |
28 | [goals.fraud]
   |  ^^^^^
   |
   = help: give one goal `intended = true`: the one that the agent is meant to learn
"#);
}

#[test]
fn shifts_agents_and_worlds_that_do_not_fit() {
    check!("kind = { is = \"'coin'\" }" => "kond = { is = \"'coin'\" }", @r#"
error[unknown-feature]: there is no feature `kond`
  --> study.toml:39:14
   |
39 | features = { kond = { is = "'coin'" }, amount = { normal = ["kind == 'coin' ? 6 : 3", 1] } }
   |              ^^^^ not a feature of this study
   |
   = help: did you mean `kind`?
"#);
    check!("kind = { is = \"'coin'\" }" => "kind = { is = \"3\" }", @r#"
error[wrong-type]: `kind` is of another type here than in training
  --> study.toml:39:14
   |
21 | kind = { choose = { card = 0.8, coin = 0.2 } }
   | ---- as it is declared
...
39 | features = { kind = { is = "3" }, amount = { normal = ["kind == 'coin' ? 6 : 3", 1] } }
   |              ^^^^
"#);
    check!("kind = { is = \"'coin'\" }, amount = { normal = [\"kind == 'coin' ? 6 : 3\", 1] }" => "kind = { choose = { card = 0.8, coin = 0.2 } }", @r#"
error[same-distribution]: the shift `coins` is the same as training
  --> study.toml:37:9
   |
37 | [shifts.coins]
   |         ^^^^^ draws the same cases
   |
   = help: declare a feature otherwise
"#);
    check!("turns = 2" => "turns = 13", @r#"
error[out-of-range]: `turns` is out of range
  --> study.toml:16:9
   |
16 | turns = 13
   |         ^^ must be from 1 to 12
"#);
    check!("turns = 2" => "turns = 1", @r#"
error[stray-key]: with one turn nothing comes after a choice
  --> study.toml:25:1
   |
25 | [world.update]
   | ^^^^^^^^^^^^^^
   |
   = help: give `turns`, or leave this out
"#);
    check!("options = [\"allow\", \"block\"]" => "options = [\"allow\"]", @r#"
error[wrong-length]: `options` has 1 entry
  --> study.toml:15:11
   |
15 | options = ["allow"]
   |           ^^^^^^^^^ expected 2 to 6 entries

error[expression]: `block` is none of the texts expected here
  --> study.toml:31:21
   |
31 | prefers = "crime ? 'block' : 'allow'"
   |                     ^^^^^
   |
   = help: expected `allow`

error[unknown-option]: there is no option `block`
  --> study.toml:35:13
   |
35 | utility = { block = "amount - 4.2" }
   |             ^^^^^ not an option of this study
   |
   = help: expected `allow`
"#);
    check!("learn = \"labels\"" => "learn = \"labels\"\nentropy = 0.1", @r#"
error[stray-key]: `entropy` is for `learn = "reward"`
  --> study.toml:43:11
   |
43 | entropy = 0.1
   |           ^^^ labels need no exploration
"#);
    check!("kind = \"decision\"" => "kind = \"decisions\"", @r#"
error[unknown-word]: `kind` cannot be `decisions`
  --> study.toml:14:8
   |
14 | kind = "decisions"
   |        ^^^^^^^^^^^ expected `grid` or `decision`
   |
   = help: did you mean `decision`?
"#);
}
