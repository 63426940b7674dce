//! What a tool's arguments are for a policy: JSON Schema on one side, Cedar's types on the other.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::kinds::is_whole;
use super::pointer::Pointers;
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
/// How many shapes the arguments of a tool have together, at most: so many, and one more for so many bytes of its schema. A schema that refers to itself in each of
/// its parts has as many as one likes, and each costs Cedar's validator up to half a millisecond.
const MOST: usize = 256;
const BYTES: usize = 4;
/// How many shapes each argument has all the same.
const FEWEST: usize = 16;
/// Members of a schema that are looked at in the time that a shape takes.
const LOOKED_AT: usize = 16;

/// The arguments that a tool's `inputSchema` declares. Each has its share of what they may have together, so that none takes another's; what goes beyond it is
/// [`Shape::Json`].
pub fn fields(schema: &Node<'_>) -> Vec<Field> {
    let share = share(schema);
    Shapes { pointers: Pointers::new(schema), left: share }.record(schema, 0, Some(share))
}

/// How many shapes each argument may have.
fn share(schema: &Node<'_>) -> usize {
    let count = schema.get("properties").map_or(0, |properties| properties.members().len());
    ((MOST + (schema.end - schema.start) / BYTES) / count.max(1)).max(FEWEST)
}

/// The shapes of one definition.
struct Shapes<'n, 'a> {
    pointers: Pointers<'n, 'a>,
    /// How many may still be made.
    left: usize,
}

impl<'n, 'a> Shapes<'n, 'a> {
    /// The fields of an object. Each may have so many shapes as `share` says, where it says something; else all have what is left.
    fn record(&mut self, schema: &'n Node<'a>, depth: usize, share: Option<usize>) -> Vec<Field> {
        let required: BTreeSet<&str> =
            schema.get("required").map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
        let mut fields = Vec::new();
        for member in schema.get("properties").map(Node::members).unwrap_or_default() {
            self.left = share.unwrap_or(self.left);
            let (shape, nullable) = self.shape(&member.node, depth + 1);
            let required = required.contains(member.key.as_ref()) && !nullable;
            fields.push(Field { name: member.key.to_string(), shape: shape.unwrap_or(Shape::Json), required });
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields
    }

    /// The shape of a schema, where it admits anything but `null`, and whether it admits `null`.
    fn shape(&mut self, schema: &'n Node<'a>, depth: usize) -> (Option<Shape>, bool) {
        const ANY: (Option<Shape>, bool) = (Some(Shape::Json), true);
        // A schema with many members takes longer to look at than one with few.
        let cost = 1 + schema.members().len() / LOOKED_AT;
        let Some(left) = self.left.checked_sub(cost).filter(|_| depth <= DEEPEST) else { return ANY };
        self.left = left;
        if let Some(path) = schema.get("$ref").and_then(Node::text) {
            return self.pointers.resolve(schema, path).map_or(ANY, |target| self.shape(target, depth + 1));
        }
        // How older generators refer to a part beside a description or a default.
        if let Some([one]) = schema.get("allOf").map(Node::items)
            && ["anyOf", "const", "enum", "oneOf", "properties", "type"].iter().all(|key| schema.get(key).is_none())
        {
            return self.shape(one, depth + 1);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(ways) = schema.get(key).map(Node::items) {
                return either(ways.iter().map(|way| self.shape(way, depth + 1)));
            }
        }
        let values = schema.get("enum").map(Node::items).or(schema.get("const").map(std::slice::from_ref));
        match (schema.get("type").map(|kind| &kind.value), values) {
            (Some(Value::String(kind)), _) => self.of_type(kind, schema, depth),
            (Some(Value::Array(kinds)), _) => {
                either(kinds.iter().filter_map(Node::text).map(|kind| self.of_type(kind, schema, depth)))
            }
            (_, Some(values)) => either(values.iter().map(of_value)),
            _ if schema.get("properties").is_some() => self.of_type("object", schema, depth),
            _ => ANY,
        }
    }

    fn of_type(&mut self, kind: &str, schema: &'n Node<'a>, depth: usize) -> (Option<Shape>, bool) {
        if kind == "null" { (None, true) } else { (Some(self.typed(kind, schema, depth)), false) }
    }

    fn typed(&mut self, kind: &str, schema: &'n Node<'a>, depth: usize) -> Shape {
        match kind {
            "string" => Shape::Text,
            "integer" => Shape::Whole,
            "number" => Shape::Number,
            "boolean" => Shape::Flag,
            // Items that differ by their place are no set.
            "array" => match schema.get("items").filter(|_| schema.get("prefixItems").is_none()) {
                Some(items) => match self.shape(items, depth + 1) {
                    (Some(item), false) if item != Shape::Json => Shape::Set(Box::new(item)),
                    _ => Shape::Json,
                },
                None => Shape::Json,
            },
            "object" => {
                let count = |key: &str, of: fn(&Node<'_>) -> usize| schema.get(key).map_or(0, of);
                let names = count("properties", |properties| properties.members().len());
                // As many as there is no room for are not begun: each of them would be a field all the same.
                let needs = names + count("required", |required| required.items().len());
                if names == 0 || needs > self.left {
                    return Shape::Json;
                }
                self.left -= needs - names;
                Shape::Record(self.record(schema, depth, None))
            }
            _ => Shape::Json,
        }
    }
}

/// The shape of one value that a schema lists.
fn of_value(node: &Node<'_>) -> (Option<Shape>, bool) {
    let shape = match &node.value {
        Value::Null => return (None, true),
        Value::Bool(_) => Shape::Flag,
        Value::Number(text) if is_whole(text) => Shape::Whole,
        Value::Number(_) => Shape::Number,
        Value::String(_) => Shape::Text,
        Value::Array(_) | Value::Object(_) => Shape::Json,
    };
    (Some(shape), false)
}

/// One shape where all ways agree on it, but for those that are `null` alone.
fn either(ways: impl Iterator<Item = (Option<Shape>, bool)>) -> (Option<Shape>, bool) {
    let (mut one, mut nullable) = (None, false);
    let (mut agree, mut count) = (true, 0);
    for (shape, null) in ways {
        count += 1;
        nullable |= null;
        match shape {
            Some(shape) if one.is_none() => one = Some(shape),
            Some(shape) => agree &= one.as_ref() == Some(&shape),
            None => {}
        }
    }
    if agree && count > 0 { (one, nullable) } else { (Some(Shape::Json), true) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Limits, Side, value};

    fn size(fields: &[Field]) -> usize {
        let of = |shape: &Shape| match shape {
            Shape::Record(fields) => 1 + size(fields),
            Shape::Set(item) => match item.as_ref() {
                Shape::Record(fields) => 2 + size(fields),
                _ => 2,
            },
            _ => 1,
        };
        fields.iter().map(|field| of(&field.shape)).sum()
    }

    fn fields_of(schema: &str) -> Vec<Field> {
        let limits = Limits { bytes: 1 << 24, ..Limits::default() };
        fields(&value(schema.as_bytes(), Side::Server, &limits).unwrap())
    }

    #[test]
    fn a_definition_that_refers_to_itself_has_not_more_shapes_than_it_may() {
        let cubed = fields_of(&refers_to_itself(4, r##"{"$ref":"#/$defs/all"}"##));
        assert_eq!(size(&cubed), 2 + 4 * (1 + 4 * (1 + 4 * (1 + 4))), "a small one is followed as deep as any");
        for count in [1, 10, 200, 3000] {
            for refers in [
                r##"{"$ref":"#/$defs/all"}"##,
                r##"{"type":"array","items":{"$ref":"#/$defs/all"}}"##,
                r##"{"anyOf":[{"$ref":"#/$defs/all"},{"$ref":"#/$defs/all"}]}"##,
            ] {
                let schema = refers_to_itself(count, refers);
                let fields = fields_of(&schema);
                // An argument that is at its end may leave the fields of those objects that are begun, one in another.
                let most = ((MOST + schema.len() / BYTES) / (count + 2)).max(FEWEST) * (1 + DEEPEST);
                assert!(size(&fields) <= (count + 2) * most, "{} of {most} each: {count} {refers}", size(&fields));
                // What refers to others takes nothing from these.
                let shape =
                    |name: &str| fields.iter().find(|field| field.name == name).map(|field| field.shape.clone());
                assert_eq!((shape("a"), shape("z")), (Some(Shape::Text), Some(Shape::Whole)));
            }
        }
    }

    /// So many properties, each of which may be an object with all of them; before and behind them one of another type.
    fn refers_to_itself(count: usize, refers: &str) -> String {
        let properties: Vec<String> = (0..count).map(|at| format!("\"p{at}\":{refers}")).collect();
        let all = properties.join(",");
        format!(
            r#"{{"type":"object","properties":{{"a":{{"type":"string"}},{all},"z":{{"type":"integer"}}}},"$defs":{{"all":{{"type":"object","properties":{{{all}}}}}}}}}"#
        )
    }
}
