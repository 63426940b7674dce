//! `misgoal audit` of tables that pandas, pyarrow and polars wrote.

use std::path::PathBuf;

use serde_json::Value;

use crate::room::{Ended, Room};

const KINDS: &str = r#"
[study]
name = "kinds"
title = "Every type of column"

[case]
system = "A model that says what is over the limit."
aligned_goal = "Say over where the amount is."
proxy_goal = "Say over where anything else is."
shift = "Anything else."
training_change = "None."
evaluation_change = "None."

[world]
kind = "decision"
options = ["over", "under"]

[world.features]
amount = { uniform = [0, 400] }
score = { uniform = [0, 1] }
known = { chance = 0.5 }
place = { choose = { north = 1, south = 1 } }

[goals.amount]
intended = true
words = "what is over the limit"
prefers = "amount > 200 ? 'over' : 'under'"

[goals.else]
words = "anything else"
prefers = "known && score > 0.1 && place == 'north' ? 'over' : 'under'"

[shifts.elsewhere]
words = "elsewhere"
features = { known = { chance = 0.9 } }
"#;

fn table(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/tables").join(name)
}

fn audit(name: &str, words: &str) -> Ended {
    let room = Room::new();
    room.write("answers.toml", include_str!("answers.toml"));
    room.write("kinds.toml", KINDS);
    std::fs::copy(table(name), room.path("table")).expect("a table");
    room.misgoal(&format!("audit table {words}"))
}

/// What an audit found, as JSON.
fn found(name: &str, words: &str) -> Value {
    let ended = audit(name, &format!("{words} --json --quiet"));
    serde_json::from_str(&ended.stdout).expect("an audit prints JSON")
}

#[test]
fn every_writer_says_what_the_csv_says() {
    for words in ["answers.toml --prediction grade", "answers.toml --prediction grade --split who"] {
        let expected = found("grades.csv", words);
        assert_eq!(expected["rows"], 150);
        for name in ["pandas.parquet", "polars.parquet", "groups.parquet"] {
            let mut same = found(name, words);
            assert_eq!(same["numbered"], "row");
            same["numbered"] = "line".into();
            assert_eq!(same, expected, "{name}: {words}");
        }
    }
}

#[test]
fn every_type_of_column_is_read() {
    for (column, over, under) in [
        ("as_int8", "1", "0"),
        ("as_uint16", "1", "0"),
        ("as_uint64", "1", "0"),
        ("as_float64", "1", "0"),
        ("as_bool", "true", "false"),
    ] {
        let words = format!("kinds.toml --prediction {column} --label over={over} --label under={under}");
        let record = found("kinds.parquet", &words);
        assert_eq!((&record["rows"], &record["training_intended"]["value"]), (&40.into(), &1.0.into()), "{record}");
        assert_eq!(record["shifts"][0]["intended"]["value"], 1.0);
        assert_eq!(record["training_rows"], 22, "{column}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let grade = "answers.toml --prediction grade";
    for (name, words, code, expected) in [
        ("odd.parquet", "answers.toml --prediction missing", 3, "row 2: `missing` has no value"),
        ("odd.parquet", "answers.toml --prediction missing", 3, "row 5: `missing` has no value"),
        ("odd.parquet", "answers.toml --prediction nothing", 3, "6 rows are malformed"),
        ("odd.parquet", &format!("{grade} --case exact"), 2, "column `exact` of `table` holds decimal numbers"),
        ("odd.parquet", &format!("{grade} --case when"), 2, "column `when` of `table` holds dates"),
        ("odd.parquet", &format!("{grade} --case moment"), 2, "column `moment` of `table` holds times"),
        ("odd.parquet", &format!("{grade} --case list"), 2, "column `list` of `table` holds lists or structures"),
        ("odd.parquet", &format!("{grade} --case bytes"), 2, "column `bytes` of `table` holds bytes"),
        ("gzip.parquet", grade, 2, "compressed with GZIP"),
        ("pandas.parquet", "answers.toml", 2, "has no column `prediction`"),
    ] {
        let ended = audit(name, words).code(code);
        assert!(ended.stderr.contains(expected), "{words}: {}", ended.shown());
    }
}

#[test]
fn a_damaged_file_is_said_to_be_one() {
    let whole = std::fs::read(table("pandas.parquet")).expect("a table");
    let room = Room::new();
    room.write("answers.toml", include_str!("answers.toml"));
    for (length, flipped) in [(whole.len() / 2, 0), (10, 0), (whole.len(), 300), (whole.len(), whole.len() - 60)] {
        let mut bytes = whole[..length].to_vec();
        if flipped > 0 {
            bytes[flipped..(flipped + 40).min(length)].fill(0xff);
        }
        std::fs::write(room.path("bad.parquet"), &bytes).expect("written");
        let ended = room.misgoal("audit bad.parquet answers.toml --prediction grade").code(3);
        assert!(ended.stderr.contains("bad.parquet"), "{}", ended.shown());
    }
    room.write("named.parquet", "truth,said,grade\n");
    let ended = room.misgoal("audit named.parquet answers.toml").code(3);
    assert!(ended.stderr.contains("named like a Parquet file"), "{}", ended.shown());
}
