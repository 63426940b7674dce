//! Labels of exported classifiers against those of ONNX Runtime, row by row; `models/make.py` made both.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests: a panic is how a test fails")]
#![expect(clippy::disallowed_methods, reason = "reads its fixtures")]

use misgoal_onnx::{InputKind, Model, ModelError, Value};

fn read(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/models/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn text(name: &str) -> String {
    String::from_utf8(read(name)).expect("a text file")
}

/// One row as the model's inputs want it.
fn row(model: &Model, line: &str) -> Vec<Vec<Value>> {
    let value = |(cell, kind): (&str, InputKind)| match kind {
        InputKind::Text => Value::Text(cell.to_owned()),
        _ => Value::Number(cell.parse().expect("a number")),
    };
    match model.inputs() {
        [one] => vec![line.split(',').map(|cell| value((cell, one.kind))).collect()],
        many => line.split(',').zip(many).map(|(cell, input)| vec![value((cell, input.kind))]).collect(),
    }
}

fn check(model: &str, table: &str, rows: usize) {
    let name = model;
    let model = Model::read(&read(&format!("{name}.onnx"))).expect("a model");
    let (table, expected) = (text(&format!("{table}.csv")), text(&format!("{name}.txt")));
    let found: Vec<String> = table
        .lines()
        .skip(1)
        .map(|line| model.label(&row(&model, line)).unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect();
    assert_eq!(found.len(), rows, "{name}");
    let differ = found.iter().zip(expected.lines()).filter(|(found, expected)| *found != expected).count();
    assert_eq!(differ, 0, "{name}: {differ} of {rows} rows");
}

#[test]
fn labels_are_those_of_onnx_runtime() {
    for name in ["logistic", "sgd", "ridge", "nb", "mlp", "tree", "forest", "gb", "ada", "xgb"] {
        check(name, "breast", 569);
    }
    for name in ["logistic-words", "mlp3", "forest-words", "gb3", "xgb3", "lgbm3"] {
        check(name, "iris", 150);
    }
    check("columns", "columns", 569);
}

#[test]
fn what_cannot_be_run_is_said() {
    let refused = |bytes: &[u8]| Model::read(bytes).err().expect("an error").to_string();
    assert_eq!(refused(&read("svc.onnx")), "the operator `SVMClassifier` is not among those that misgoal runs");
    assert!(refused(b"radius,texture\n1,2\n").starts_with("it is no ONNX model"));
    assert!(refused(b"").starts_with("it is no ONNX model"));
    let model = Model::read(&read("logistic.onnx")).expect("a model");
    assert_eq!(model.label(&[]), Err(ModelError::Inputs { given: 0, wanted: 1 }));
    assert_eq!(model.label(&[vec![Value::Number(1.0); 3]]), Err(ModelError::Inputs { given: 3, wanted: 8 }));
    assert_eq!(model.label(&[vec![Value::Text("much".to_owned()); 8]]), Err(ModelError::Texts));
}

#[test]
fn a_damaged_model_is_an_error_and_no_panic() {
    for name in ["columns", "ada", "xgb3", "nb"] {
        let whole = read(&format!("{name}.onnx"));
        for at in (0..whole.len()).step_by(whole.len() / 150 + 1) {
            let mut bytes = whole.clone();
            bytes[at] = bytes[at].wrapping_add(0x55);
            for bytes in [&bytes[..], &whole[..at]] {
                let Ok(model) = Model::read(bytes) else { continue };
                let given = |input: &misgoal_onnx::Input| vec![Value::Number(1.0); input.width.unwrap_or(1).min(64)];
                let _ = model.label(&model.inputs().iter().map(given).collect::<Vec<_>>());
            }
        }
    }
}
