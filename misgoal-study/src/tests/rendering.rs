//! The renderings of a diagnostic.

use super::edited;
use crate::Study;

#[test]
fn as_json() {
    let errors = Study::parse("study.toml", &edited("share = 0.1", "share = 0")).expect_err("a share of 0");
    insta::assert_snapshot!(serde_json::to_string_pretty(&errors.to_json()).unwrap(), @r#"
{
  "errors": [
    {
      "code": "contradictory-arm",
      "help": "leave `randomize` out for a baseline, or give a share above 0",
      "label": "",
      "message": "the arm `mixed` draws a share of 0 from a shift: it changes nothing",
      "notes": [
        {
          "label": "the shift that it would draw from",
          "place": {
            "column": 23,
            "end": 1046,
            "end_column": 30,
            "end_line": 54,
            "line": 54,
            "start": 1039
          }
        }
      ],
      "place": {
        "column": 40,
        "end": 1057,
        "end_column": 41,
        "end_line": 54,
        "line": 54,
        "start": 1056
      }
    }
  ],
  "file": "study.toml",
  "format": 1
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
