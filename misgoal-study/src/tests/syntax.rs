//! Files that are no TOML.

use super::{MINIMAL, complaints, edited};

macro_rules! check {
    ($text:expr, @$expect:literal) => {
        insta::assert_snapshot!(complaints($text), @$expect)
    };
}

#[test]
fn not_toml() {
    check!(&edited("title = \"A lamp and a door\"", "title = A lamp"), @r#"
error[syntax]: this is not TOML: string values must be quoted, expected literal string
 --> study.toml:3:9
  |
3 | title = A lamp
  |         ^^^^^^
"#);
    check!(&edited("[world]", "[world"), @r#"
error[syntax]: this is not TOML: unclosed table, expected `]`
  --> study.toml:13:7
   |
13 | [world
   |       ^
"#);
}

#[test]
fn an_empty_file() {
    check!("", @r#"
error[missing-section]: the file has no section `[study]`
 --> study.toml:1:1
  |
1 |
  | ^
  |
  = help: add `study`: What the study is called.

error[missing-section]: the file has no section `[case]`
 --> study.toml:1:1
  |
1 |
  | ^
  |
  = help: add `case`: The case study in words: what a reader must know before the numbers.

error[missing-section]: the file has no section `[world]`
 --> study.toml:1:1
  |
1 |
  | ^
  |
  = help: add `world`: The world: its dynamics, the things in it and what the agent sees.

error[missing-section]: the file has no section `[goals]`
 --> study.toml:1:1
  |
1 |
  | ^
  |
  = help: add `goals`: The goals, `[goals.NAME]`: exactly one has `intended = true`, the others are proxies.

error[missing-section]: the file has no section `[training]`
 --> study.toml:1:1
  |
1 |
  | ^
  |
  = help: add `training`: The training distribution.

error[missing-section]: the file has no section `[shifts]`
 --> study.toml:1:1
  |
1 |
  | ^
  |
  = help: add `shifts`: The shifts, `[shifts.NAME]`: what a shift leaves out is as in training.
"#);
}

#[test]
fn named_twice() {
    check!(&format!("{MINIMAL}\n[goals.lamp]\nwords = \"x\"\n"), @r#"
error[duplicate-key]: two goals are called `lamp`
  --> study.toml:59:8
   |
59 | [goals.lamp]
   |        ^^^^ the second one
   |
   = help: keep one, or give one another name

error[duplicate-key]: `words` is given twice
  --> study.toml:60:1
   |
60 | words = "x"
   | ^^^^^ the second one
   |
   = help: keep one, or give one another name
"#);
    check!(&edited("steps = 30", "steps = 30\nsteps = 40"), @r#"
error[duplicate-key]: `steps` is given twice
  --> study.toml:19:1
   |
19 | steps = 40
   | ^^^^^ the second one
   |
   = help: keep one, or give one another name
"#);
}

#[test]
fn not_text() {
    let errors = crate::Study::parse_bytes("study.toml", b"[study]\nname = \"\xff\"\n").expect_err("no UTF-8");
    insta::assert_snapshot!(errors.render(false), @r#"
error[not-utf-8]: the file is not text in UTF-8: byte 16 does not belong
 --> study.toml:2:9
  |
2 | name = "�"
  |         ^
  |
  = help: save it as UTF-8; a study file is plain text
"#);
}
