//! What a person has said when a server asked them: the values of the form that was asked for, where they have accepted it, and nothing else of that answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::{Node, Value};

/// The request that asks a person.
pub(super) const ELICIT: &str = "elicitation/create";

/// The form of a request. One that sends a person to an address has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(BTreeMap<String, Field>);

/// What may be said in a field.
#[derive(Clone, Debug)]
struct Field {
    kind: String,
    /// The values to choose from, where there are such.
    among: Option<BTreeSet<String>>,
}

impl Form {
    /// The form that these parameters of a request ask for.
    pub(super) fn of(params: Option<&Node<'_>>) -> Form {
        let is_form = |params: &&Node<'_>| params.get("mode").is_none_or(|mode| mode.text() == Some("form"));
        let schema = params.filter(is_form).and_then(|params| params.get("requestedSchema"));
        let properties = schema.and_then(|schema| schema.get("properties")).map(Node::members).unwrap_or_default();
        let field = |schema: &Node<'_>| {
            let kind = schema.get("type").and_then(Node::text)?.to_owned();
            Some(Field { kind, among: among(schema.get("items").unwrap_or(schema)) })
        };
        Form(properties.iter().filter_map(|one| Some((one.key.to_string(), field(&one.node)?))).collect())
    }

    /// The values that a person has given by this answer.
    pub(super) fn said<'n, 'a>(&self, answer: &'n Node<'a>) -> Vec<&'n Node<'a>> {
        if answer.get("action").and_then(Node::text) != Some("accept") {
            return Vec::new();
        }
        let content = answer.get("content").map(Node::members).unwrap_or_default();
        let fits = |key: &str, node: &Node<'_>| self.0.get(key).is_some_and(|field| field.takes(node));
        content.iter().filter(|one| fits(&one.key, &one.node)).map(|one| &one.node).collect()
    }
}

impl Field {
    fn takes(&self, node: &Node<'_>) -> bool {
        let is_offered = |text: &str| self.among.as_ref().is_none_or(|among| among.contains(text));
        match (self.kind.as_str(), &node.value) {
            ("string", Value::String(text)) => is_offered(text),
            ("number" | "integer", Value::Number(_)) | ("boolean", Value::Bool(_)) => true,
            ("array", Value::Array(items)) => items.iter().all(|item| item.text().is_some_and(is_offered)),
            _ => false,
        }
    }
}

/// The values that a schema offers, as each revision writes them.
fn among(schema: &Node<'_>) -> Option<BTreeSet<String>> {
    if let Some(values) = schema.get("enum") {
        return Some(values.items().iter().filter_map(Node::text).map(str::to_owned).collect());
    }
    let ways = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.items();
    Some(ways.iter().filter_map(|way| Some(way.get("const")?.text()?.to_owned())).collect())
}
