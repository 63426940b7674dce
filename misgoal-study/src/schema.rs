//! The JSON Schema of the study file, generated from the types of [`crate::file`].

use std::sync::LazyLock;

use schemars::JsonSchema as _;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::decision_file::DecisionFile;
use crate::file::StudyFile;

/// The definitions of a grid's file and of one of decisions.
const GRID: &str = "GridStudy";
const DECISION: &str = "DecisionStudy";

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let roots = [(GRID, StudyFile::json_schema(&mut generator)), (DECISION, DecisionFile::json_schema(&mut generator))];
    let mut definitions = generator.take_definitions(true);
    definitions.extend(roots.map(|(name, root)| (name.to_owned(), root.to_value())));
    let kind = |word: &str| json!({ "properties": { "world": { "properties": { "kind": { "const": word } } } } });
    let to = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "misgoal study",
        "description": "A study: one world, one intended goal, the proxies it could be confused with, training and the shifts.",
        "type": "object",
        "if": kind("decision"),
        "then": to(DECISION),
        "else": to(GRID),
        "$defs": definitions,
    });
    if let Some(definitions) = schema.get_mut("$defs") {
        tidy(definitions);
    }
    schema
});

/// The JSON Schema of the study file, draft 2020-12: for editors, and what [`crate::Study::parse`] checks a file's shape against.
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// The part of [`schema`] that is a grid's file.
pub(crate) fn grid() -> &'static Value {
    definition(GRID)
}

/// The part of [`schema`] that is a file of decisions.
pub(crate) fn decision() -> &'static Value {
    definition(DECISION)
}

fn definition(name: &str) -> &'static Value {
    SCHEMA.get("$defs").and_then(|definitions| definitions.get(name)).unwrap_or(&Value::Null)
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
