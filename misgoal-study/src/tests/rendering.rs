//! The renderings of a diagnostic.

use super::edited;
use crate::Study;

#[test]
fn as_json() {
    let errors = Study::parse("study.toml", &edited("share = 0.1", "share = 0")).expect_err("a share of 0");
    insta::assert_snapshot!(serde_json::to_string_pretty(&errors.to_json()).unwrap(), @r#"
{
  "format": 1,
  "file": "study.toml",
  "errors": [
    {
      "code": "contradictory-arm",
      "message": "the arm `mixed` draws a share of 0 from a shift: it changes nothing",
      "label": "",
      "help": "leave `randomize` out for a baseline, or give a share above 0",
      "place": {
        "start": 1056,
        "end": 1057,
        "line": 54,
        "column": 40,
        "end_line": 54,
        "end_column": 41
      },
      "notes": [
        {
          "label": "the shift that it would draw from",
          "place": {
            "start": 1039,
            "end": 1046,
            "line": 54,
            "column": 23,
            "end_line": 54,
            "end_column": 30
          }
        }
      ]
    }
  ]
}
"#);
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    let errors = Study::parse("study.toml", &edited("share = 0.1", "share = 0")).expect_err("a share of 0");
    let (plain, coloured) = (errors.render(false), errors.render(true));
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').map_or("", |(_, text)| text);
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}
