//! The Cedar schema that policies are validated against, made from the server's own tool list.

use serde_json::{Map, Value as Json, json};

use super::shape::{Field, Shape, cedar_record};
use crate::config::Config;
use crate::tools::{Tool, Tools};

/// The group of all tools.
pub(super) const ALL_TOOLS: &str = "tools/call";

/// The schema in Cedar's JSON format.
///
/// Each tool is an action in the group `Action::"tools/call"`; beside them stand `Action::"tools/list"` (may the agent see the tool?) and
/// `Action::"resources/read"`. Every context has `counts`, `session` and `approved`; a tool's has `input`, `origin` and `extra` as well. `is_whole` says whose arguments are in it.
pub(super) fn json_schema(tools: &Tools, config: &Config, is_whole: impl Fn(&str) -> bool) -> Json {
    let mut actions = Map::new();
    actions.insert(ALL_TOOLS.to_owned(), json!({}));
    actions.insert("tools/list".to_owned(), action("Tool", &[], common(config)));
    let mut reading = common(config);
    reading.extend([field("scheme", Shape::Text), field("uri", Shape::Text)]);
    actions.insert("resources/read".to_owned(), action("Resource", &[], reading));
    for tool in tools.iter() {
        let mut context = common(config);
        let fields = if is_whole(&tool.name) { tool.fields.as_slice() } else { &[] };
        let origins = fields.iter().map(|one| field(&one.name, Shape::Set(Box::new(Shape::Text)))).collect();
        context.extend([
            field("extra", Shape::Set(Box::new(Shape::Text))),
            field("input", Shape::Record(fields.to_vec())),
            field("origin", Shape::Record(origins)),
        ]);
        actions.insert(tool.name.clone(), action("Tool", &[ALL_TOOLS], context));
    }
    json!({ "": {
        "entityTypes": { "Agent": {}, "Server": {}, "Tool": { "memberOfTypes": ["Server"] }, "Resource": {} },
        "actions": actions,
    } })
}

/// The schema as Cedar's own text, for people and for editors.
pub fn cedar_schema(tools: &Tools, config: &Config) -> String {
    let fragment = cedar_policy::SchemaFragment::from_json_value(json_schema(tools, config, |_| true));
    fragment.ok().and_then(|fragment| fragment.to_cedarschema().ok()).unwrap_or_default()
}

fn field(name: &str, shape: Shape) -> Field {
    Field { name: name.to_owned(), shape, required: true }
}

/// What every context has.
fn common(config: &Config) -> Vec<Field> {
    let set = || Shape::Set(Box::new(Shape::Text));
    let counts = config.counts.iter().map(|count| field(count.name.get_ref(), Shape::Whole)).collect();
    let session = vec![
        field("called", set()),
        field("calls", Shape::Whole),
        field("failed", Shape::Whole),
        field("labels", set()),
    ];
    vec![
        field("approved", Shape::Flag),
        field("counts", Shape::Record(counts)),
        field("session", Shape::Record(session)),
    ]
}

fn action(resource: &str, groups: &[&str], context: Vec<Field>) -> Json {
    let groups: Vec<Json> = groups.iter().map(|group| json!({ "id": group })).collect();
    json!({
        "memberOf": groups,
        "appliesTo": { "principalTypes": ["Agent"], "resourceTypes": [resource], "context": cedar_record(&context) },
    })
}

/// The tool's part in words, for a starting policy.
pub(crate) fn arguments(tool: &Tool) -> String {
    let words = tool.fields.iter().map(|field| {
        let kind = match &field.shape {
            Shape::Text => "text",
            Shape::Whole => "integer",
            Shape::Number => "decimal",
            Shape::Flag => "true or false",
            Shape::Set(_) => "set",
            Shape::Record(_) => "record",
            Shape::Json => "JSON text",
        };
        format!("{}{}: {kind}", field.name, if field.required { "" } else { "?" })
    });
    words.collect::<Vec<_>>().join(", ")
}
