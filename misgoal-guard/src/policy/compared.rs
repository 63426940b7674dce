//! Comparisons that are never true: an argument that policies see as JSON text, held against a text that is no JSON.

use serde_json::Value as Json;

use super::json::is_json;
use super::needs::path;
use super::shape::{Field, Shape};

/// The arguments, by their paths, that a policy compares so, each with the text.
pub(super) fn never_equal(policy: &Json, fields: &[Field]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(policy, fields, &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(json: &Json, fields: &[Field], found: &mut Vec<(String, String)>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| walk(item, fields, found)),
        Json::Object(members) => {
            for (key, of) in members {
                let side = |name: &str| of.get(name);
                let mut add = |argument: Option<&Json>, texts: Vec<String>| {
                    if let Some(argument) = argument.and_then(|argument| json_argument(argument, fields)) {
                        found.extend(texts.into_iter().map(|text| (argument.clone(), text)));
                    }
                };
                match key.as_str() {
                    "==" | "!=" => {
                        add(side("left"), texts(side("right")));
                        add(side("right"), texts(side("left")));
                    }
                    "contains" => add(side("right"), texts(side("left"))),
                    "like" => add(side("left"), never_like(side("pattern")).into_iter().collect()),
                    _ => {}
                }
                walk(of, fields, found);
            }
        }
        _ => {}
    }
}

/// The path of an argument that policies see as JSON text, where this is one.
fn json_argument(json: &Json, fields: &[Field]) -> Option<String> {
    let path = path(json)?;
    let (first, names) = path.split_first()?;
    let (mut fields, mut shape) = (fields, None);
    for name in names.iter().take_while(|_| first == "input") {
        let field = fields.iter().find(|field| field.name == *name)?;
        shape = Some(&field.shape);
        fields = if let Shape::Record(fields) = &field.shape { fields } else { &[] };
    }
    (shape == Some(&Shape::Json)).then(|| names.join("."))
}

/// The texts of a literal, or of a set of them, that are no JSON.
fn texts(json: Option<&Json>) -> Vec<String> {
    let Some(json) = json else { return Vec::new() };
    let items = json.get("Set").and_then(Json::as_array).map_or_else(|| std::slice::from_ref(json), Vec::as_slice);
    let texts = items.iter().filter_map(|item| item.get("Value").and_then(Json::as_str));
    texts.filter(|text| !is_json(text)).map(str::to_owned).collect()
}

/// A pattern whose first or last sign is that of no JSON.
fn never_like(pattern: Option<&Json>) -> Option<String> {
    let parts = pattern?.as_array()?;
    let literal = |part: &Json| part.get("Literal").and_then(Json::as_str).map(str::to_owned);
    let first = parts.first().and_then(literal).and_then(|text| text.chars().next());
    let last = parts.last().and_then(literal).and_then(|text| text.chars().last());
    let begins = |c: char| c.is_ascii_digit() || "\"{[-tfn".contains(c);
    let ends = |c: char| c.is_ascii_digit() || "\"}]el".contains(c);
    let never = first.is_some_and(|c| !begins(c)) || last.is_some_and(|c| !ends(c));
    never.then(|| parts.iter().map(|part| literal(part).unwrap_or_else(|| "*".to_owned())).collect())
}
