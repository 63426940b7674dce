//! The reference page of the documents, generated from their schema: `docs/json.md`.

use std::fmt::Write;

use serde_json::Value;

use crate::manifest::Manifest;
use crate::record::{EpisodeRecord, MetricRow, RunRecord, SplayRecord, UnitDocument};

const HEAD: &str = "\
# The documents of a run

Generated from `misgoal-run/src/record.rs` and `manifest.rs`; `UPDATE=1 cargo test -p misgoal-run reference` writes it anew.

`misgoal run --json` and `misgoal judge --json` print one **RunRecord** on stdout; a run's `verdict.json` holds the same, and its `verdicts/` hold those
of before. The other documents are files of the run directory (`docs/run-directory.md`). Each top-level document carries `format`, now 1: new fields may be
added under the same number, so ignore those that you do not know; a change that would mislead an older reader raises it.
Figures are shares or returns with a 90 % interval; a figure that could not be observed is `null`.
";

/// `docs/json.md`.
pub fn json_reference() -> String {
    let mut page = HEAD.to_owned();
    let mut told = Vec::new();
    let documents = [
        schemars::schema_for!(RunRecord),
        schemars::schema_for!(Manifest),
        schemars::schema_for!(UnitDocument),
        schemars::schema_for!(MetricRow),
        schemars::schema_for!(EpisodeRecord),
        schemars::schema_for!(SplayRecord),
    ];
    for schema in documents {
        let schema = schema.to_value();
        let title = schema.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
        type_section(&mut page, &title, &schema, 2);
        let mut waiting = Vec::new();
        references(&schema, &mut waiting);
        while let Some(name) = (!waiting.is_empty()).then(|| waiting.remove(0)) {
            if told.contains(&name) {
                continue;
            }
            if let Some(inner) = schema.get("$defs").and_then(|defs| defs.get(&name)) {
                type_section(&mut page, &name, inner, 3);
                references(inner, &mut waiting);
            }
            told.push(name);
        }
    }
    page
}

fn type_section(page: &mut String, name: &str, schema: &Value, depth: usize) {
    let hashes = "#".repeat(depth);
    let _ = writeln!(page, "\n{hashes} {name}\n\n{}\n", words(schema));
    if let Some(values) = schema.get("oneOf").and_then(Value::as_array) {
        page.push_str("| value | meaning |\n| --- | --- |\n");
        for value in values {
            let name = value.get("const").and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(page, "| `{name}` | {} |", words(value));
        }
        return;
    }
    page.push_str("| field | type | meaning |\n| --- | --- | --- |\n");
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else { return };
    for (field, inner) in fields {
        let _ = writeln!(page, "| `{field}` | {} | {} |", kind(inner), words(inner));
    }
}

/// A schema's description in one line, without the links of Rust's documentation.
fn words(schema: &Value) -> String {
    let words = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    words.replace("[`FORMAT`]", "The version of this document, 1").replace(['\n', '|'], " ")
}

/// A type in words.
fn kind(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        return branches.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let one = |word: &str| match word {
        "array" => format!("array of {}", schema.get("items").map(kind).unwrap_or_default()),
        "object" => match schema.get("additionalProperties") {
            Some(inner) => format!("object, each value {}", kind(inner)),
            None => "object".to_owned(),
        },
        "integer" => "whole number".to_owned(),
        word => word.to_owned(),
    };
    match schema.get("type") {
        Some(Value::String(word)) => one(word),
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).map(one).collect::<Vec<_>>().join(" or ")
        }
        _ => String::new(),
    }
}

fn reference(schema: &Value) -> Option<String> {
    schema.get("$ref")?.as_str()?.rsplit('/').next().map(str::to_owned)
}

/// The names that a schema's fields refer to, in the order of the fields.
fn references(schema: &Value, found: &mut Vec<String>) {
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else { return };
    for inner in fields.values() {
        let branches = inner.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let items = [Some(inner), inner.get("items"), inner.get("additionalProperties")];
        found.extend(items.into_iter().flatten().chain(branches).filter_map(reference));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test that keeps the page up to date reads and writes it")]
    fn the_reference_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/json.md");
        let page = super::json_reference();
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(path, &page).unwrap();
        }
        let stands = std::fs::read_to_string(path).unwrap_or_default();
        assert!(stands == page, "docs/json.md is stale: run `UPDATE=1 cargo test -p misgoal-run reference`");
    }
}
