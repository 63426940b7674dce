//! The JSON Schema of the study file, generated from the types of [`crate::file`].

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::file::StudyFile;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<StudyFile>();
    let mut schema = schema.to_value();
    tidy(&mut schema);
    schema
});

/// The JSON Schema of the study file, draft 2020-12: for editors, and what [`crate::Study::parse`] checks a file's shape against.
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// Fits the schema to TOML: there is no null, an unknown key is an error, and Rust's integer widths say nothing to a reader.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("format");
            drop_null(object);
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Makes `T or null`, which is how an optional field is described, `T`.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// Follows `$ref`s. What stands beside a `$ref` (a field's own description) is the caller's to read.
pub(crate) fn resolve(mut schema: &'static Value) -> &'static Value {
    while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        match SCHEMA.pointer(reference.trim_start_matches('#')) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// The words to choose from, if the schema is an enumeration of strings.
pub(crate) fn choices(schema: &'static Value) -> Option<Vec<&'static str>> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let described = schema.get("oneOf").and_then(Value::as_array);
    match (listed, described) {
        (Some(words), _) => words.iter().map(Value::as_str).collect(),
        (_, Some(branches)) => branches.iter().map(|branch| branch.get("const").and_then(Value::as_str)).collect(),
        _ => None,
    }
}
