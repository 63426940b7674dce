//! `misgoal audit --model`: an ONNX model run on a table's rows.

use std::fmt::Write;
use std::path::PathBuf;

use crate::room::Room;

const KINDS: [&str; 3] = ["setosa", "versicolor", "virginica"];

fn models() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../misgoal-onnx/tests/models")
}

/// A room with a scikit-learn model of irises and a table of them: what the model says is the truth, and what a gardener says is the truth in two of
/// five rows. `spoilt` is put into one cell.
fn room(spoilt: Option<&str>) -> Room {
    let room = Room::new();
    for model in ["logistic-words.onnx", "svc.onnx"] {
        std::fs::copy(models().join(model), room.path(model)).expect("a model");
    }
    let study =
        include_str!("answers.toml").replace("low", KINDS[0]).replace("middle", KINDS[1]).replace("high", KINDS[2]);
    room.write("irises.toml", &study);
    let read = |name: &str| std::fs::read_to_string(models().join(name)).expect("a table");
    let mut table = "x0,x1,x2,x3,truth,said\n".to_owned();
    for (row, (line, truth)) in read("iris.csv").lines().skip(1).zip(read("logistic-words.txt").lines()).enumerate() {
        let at = KINDS.iter().position(|kind| *kind == truth).expect("a kind");
        let said = if row % 5 < 2 { truth } else { KINDS[(at + 1) % 3] };
        let (first, rest) = line.split_once(',').expect("four columns");
        let first = spoilt.filter(|_| row == 4).unwrap_or(first);
        writeln!(table, "{first},{rest},{truth},{said}").expect("a string takes it");
    }
    room.write("table.csv", &table);
    room
}

#[test]
fn a_model_is_run_on_the_rows() {
    let audit = "audit table.csv irises.toml --model logistic-words.onnx";
    let listed = room(None).misgoal(&format!("{audit} --input X=x0..x3")).code(0);
    assert!(listed.stdout.contains("Aligned on `goals-part`"), "{}", listed.shown());
    let ranged = room(None).misgoal(&format!("{audit} --input X=x0,x1..x2,x3")).code(0);
    assert_eq!(listed.stdout, ranged.stdout);
    // The columns in another order are another flower.
    let mixed = room(None).misgoal(&format!("{audit} --input X=x3,x2,x1,x0"));
    assert_ne!(listed.stdout, mixed.stdout);
}

#[test]
fn what_does_not_fit_is_said() {
    for (words, code, expected) in [
        ("--model logistic-words.onnx", 2, "has no column `X` for the model's input `X` (4 values)"),
        ("--model logistic-words.onnx --input Y=x0..x3", 2, "has no input `Y`: it has `X`"),
        ("--model logistic-words.onnx --input X=x0,x1", 2, "takes 4 values, and `x0,x1` names 2 columns"),
        ("--model logistic-words.onnx --input X=x0..x9", 2, "has no column `x9`"),
        ("--model svc.onnx --input X=x0..x3", 2, "the operator `SVMClassifier` is not among those that misgoal runs"),
        ("--model table.csv --input X=x0..x3", 2, "`table.csv` cannot be run: it is no ONNX model"),
        ("--model none.onnx", 2, "there is no model `none.onnx`"),
        ("--model logistic-words.onnx --prediction truth", 2, "cannot be used with"),
        ("--input X=x0", 2, "--model"),
    ] {
        let ended = room(None).misgoal(&format!("audit table.csv irises.toml {words}")).code(code);
        assert!(ended.stderr.contains(expected), "{words}: {}", ended.shown());
    }
    let audit = "audit table.csv irises.toml --model logistic-words.onnx --input X=x0..x3";
    let spoilt = room(Some("wide")).misgoal(audit).code(3);
    assert!(
        spoilt.stderr.contains("line 6: `wide` is no number, which the model's input `X` takes"),
        "{}",
        spoilt.shown()
    );
}
