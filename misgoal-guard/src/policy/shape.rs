//! What a tool's arguments are for a policy: JSON Schema on one side, Cedar's types on the other.

use serde_json::{Map, Value as Json, json};

use crate::read::{Node, Value};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Cedar's `String`.
    Text,
    /// Cedar's `Long`.
    Whole,
    /// Cedar's `decimal`: up to four digits after the point.
    Number,
    /// Cedar's `Bool`.
    Flag,
    /// Cedar's `Set`.
    Set(Box<Shape>),
    /// A record; what is not named in it is no part of it.
    Record(Vec<Field>),
    /// Anything else: for a policy a `String` that holds its canonical JSON.
    Json,
}

/// An argument, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
}

/// How deep records are followed; below, they are [`Shape::Json`].
const DEEPEST: usize = 6;

/// The arguments that a tool's `inputSchema` declares.
pub fn fields(schema: &Node<'_>) -> Vec<Field> {
    record(schema, schema, 0)
}

fn record(schema: &Node<'_>, root: &Node<'_>, depth: usize) -> Vec<Field> {
    let required: Vec<&str> =
        schema.get("required").map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
    let properties = schema.get("properties").map(Node::members).unwrap_or_default();
    let field = |(name, schema): (&str, &Node<'_>)| {
        let (shape, nullable) = shape(schema, root, depth + 1);
        let required = required.contains(&name) && !nullable;
        Field { name: name.to_owned(), shape, required }
    };
    let mut fields: Vec<Field> = properties.iter().map(|member| field((&member.key, &member.node))).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    fields
}

/// The shape of a schema, and whether `null` may stand in its place.
fn shape(schema: &Node<'_>, root: &Node<'_>, depth: usize) -> (Shape, bool) {
    if depth > DEEPEST {
        return (Shape::Json, true);
    }
    if let Some(path) = schema.get("$ref").and_then(Node::text) {
        return match resolve(root, path) {
            Some(target) => shape(target, root, depth + 1),
            None => (Shape::Json, true),
        };
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(ways) = schema.get(key) {
            return either(
                ways.items().iter().map(|way| shape(way, root, depth + 1)),
                ways.items().iter().any(is_null),
            );
        }
    }
    match schema.get("type").map(|kind| &kind.value) {
        Some(Value::String(kind)) => (typed(kind, schema, root, depth), kind == "null"),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Node::text).collect();
            let some = kinds.iter().filter(|kind| **kind != "null");
            either(some.map(|kind| (typed(kind, schema, root, depth), false)), kinds.contains(&"null"))
        }
        _ if schema.get("enum").is_some_and(|values| values.items().iter().all(|value| value.text().is_some())) => {
            (Shape::Text, false)
        }
        _ if schema.get("properties").is_some() => (typed("object", schema, root, depth), false),
        _ => (Shape::Json, true),
    }
}

fn is_null(schema: &Node<'_>) -> bool {
    schema.get("type").and_then(Node::text) == Some("null")
}

/// One shape where all ways agree on it.
fn either(ways: impl Iterator<Item = (Shape, bool)>, mut nullable: bool) -> (Shape, bool) {
    let mut all = Vec::new();
    for (shape, null) in ways {
        nullable |= null;
        all.push(shape);
    }
    // The way that is null alone has no say in the shape.
    if nullable && all.len() > 1 {
        all.retain(|shape| *shape != Shape::Json);
    }
    match all.split_first() {
        Some((first, rest)) if rest.iter().all(|shape| shape == first) => (first.clone(), nullable),
        _ => (Shape::Json, true),
    }
}

fn typed(kind: &str, schema: &Node<'_>, root: &Node<'_>, depth: usize) -> Shape {
    match kind {
        "string" => Shape::Text,
        "integer" => Shape::Whole,
        "number" => Shape::Number,
        "boolean" => Shape::Flag,
        // Items that differ by their place are no set.
        "array" => match schema.get("items").filter(|_| schema.get("prefixItems").is_none()) {
            Some(items) => match shape(items, root, depth + 1) {
                (Shape::Json, _) | (_, true) => Shape::Json,
                (item, false) => Shape::Set(Box::new(item)),
            },
            None => Shape::Json,
        },
        "object" if schema.get("properties").is_some_and(|known| !known.members().is_empty()) => {
            Shape::Record(record(schema, root, depth))
        }
        _ => Shape::Json,
    }
}

/// The part of the schema that `#/a/b` names.
pub(super) fn resolve<'n, 'a>(root: &'n Node<'a>, path: &str) -> Option<&'n Node<'a>> {
    let mut at = root;
    for part in path.strip_prefix("#/")?.split('/') {
        let item = || at.items().get(part.parse::<usize>().ok()?);
        at = at.get(&part.replace("~1", "/").replace("~0", "~")).or_else(item)?;
    }
    Some(at)
}

/// The type in Cedar's JSON schema format.
pub(super) fn cedar(shape: &Shape) -> Json {
    match shape {
        Shape::Text | Shape::Json => json!({ "type": "String" }),
        Shape::Whole => json!({ "type": "Long" }),
        Shape::Number => json!({ "type": "Extension", "name": "decimal" }),
        Shape::Flag => json!({ "type": "Boolean" }),
        Shape::Set(item) => json!({ "type": "Set", "element": cedar(item) }),
        Shape::Record(fields) => cedar_record(fields),
    }
}

/// A record type in Cedar's JSON schema format.
pub(super) fn cedar_record(fields: &[Field]) -> Json {
    let attributes: Map<String, Json> = fields
        .iter()
        .map(|field| {
            let mut kind = cedar(&field.shape);
            if let Some(kind) = kind.as_object_mut() {
                kind.insert("required".to_owned(), Json::Bool(field.required));
            }
            (field.name.clone(), kind)
        })
        .collect();
    json!({ "type": "Record", "attributes": attributes })
}
