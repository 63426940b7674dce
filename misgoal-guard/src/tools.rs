//! The server's tools: what they are called, what they take, and whether they are still what was pinned.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::policy::admits::Admits;
use crate::policy::shape::{Field, fields};
use crate::read::{Limits, Node, Refusal, Side, TOOL, fold, lookalike, write_string};

/// One tool, as the server defined it when it was pinned.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// BLAKE3 of the canonical text of its definition, in hexadecimal.
    pub digest: String,
    /// The canonical text of its definition: name, description, schemas, annotations, everything.
    pub definition: String,
    /// What its arguments are.
    pub fields: Vec<Field>,
    /// What may stand at each place of them.
    pub admits: Admits,
}

/// All else is made from the definition.
impl PartialEq for Tool {
    fn eq(&self, other: &Tool) -> bool {
        self.definition == other.definition
    }
}

impl Tool {
    /// Reads a definition as a tool list has it.
    ///
    /// # Errors
    /// When it has no name, or a key that only looks like one that a definition has.
    pub fn from_definition(node: &Node<'_>) -> Result<Tool, Refusal> {
        let name = node.get("name").and_then(Node::text);
        let name = name.ok_or_else(|| Refusal::new("bad-tool", "a tool of the list has no name"))?.to_owned();
        if name.is_empty() || name.len() > 256 || RESERVED.contains(&name.as_str()) {
            return Err(Refusal::new("bad-tool", format!("a tool cannot be called `{}`", name.escape_debug())));
        }
        node.members().iter().try_for_each(|member| lookalike("key", &member.key, TOOL))?;
        let definition = node.canonical();
        let digest = blake3::hash(definition.as_bytes()).to_hex().to_string();
        let schema = node.get("inputSchema");
        let (fields, admits) = (schema.map(fields).unwrap_or_default(), schema.map(Admits::of).unwrap_or_default());
        Ok(Tool { name, digest, definition, fields, admits })
    }

    /// The first sentence of its description, or nothing.
    pub fn summary(&self) -> String {
        let value: Value = serde_json::from_str(&self.definition).unwrap_or_default();
        let text = value.get("description").and_then(Value::as_str).unwrap_or_default();
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        line.split_inclusive(". ").next().unwrap_or_default().trim().to_owned()
    }
}

impl Tool {
    /// The version of the tool that the definition is of, as JSON: FastMCP lists one of several.
    pub fn version(&self) -> Option<String> {
        let definition = self.read()?;
        let meta = definition.get("_meta")?;
        ["fastmcp", "_fastmcp"].iter().find_map(|key| meta.get(key)?.get("version")).map(Node::plain)
    }

    /// The definition. What was pinned can be read: it was written by the guard itself.
    fn read(&self) -> Option<Node<'_>> {
        let limits = Limits { bytes: self.definition.len(), depth: Limits::DEEPEST, lines: false };
        crate::read::value(self.definition.as_bytes(), Side::Server, &limits).ok()
    }
}

/// An argument that is also given in a header of its own, for those who route by headers (revision 2026-07-28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The header behind `Mcp-Param-`, in lower case.
    pub header: String,
    /// The keys that lead to the argument.
    pub path: Vec<String>,
}

impl Tool {
    /// The arguments that the definition's `x-mcp-header` wants in headers; they stand in `properties`, of whatever depth.
    pub fn mirrored(&self) -> Vec<Mirrored> {
        let mut found = Vec::new();
        if let Some(schema) = self.read().as_ref().and_then(|definition| definition.get("inputSchema")) {
            find_mirrored(schema, &mut Vec::new(), &mut found);
        }
        found
    }
}

fn find_mirrored(schema: &Node<'_>, path: &mut Vec<String>, found: &mut Vec<Mirrored>) {
    for property in schema.get("properties").map(Node::members).unwrap_or_default() {
        path.push(property.key.to_string());
        if let Some(header) = property.node.get("x-mcp-header").and_then(Node::text) {
            found.push(Mirrored { header: header.to_ascii_lowercase(), path: path.clone() });
        }
        find_mirrored(&property.node, path, found);
        path.pop();
    }
}

/// Actions that are not tools.
pub const RESERVED: &[&str] = &["tools/list", "tools/call", "resources/read", "tasks/update"];

/// How a definition relates to what is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// It is what was pinned.
    Same,
    /// There was no such tool.
    New,
    /// Its description or schema is not what was pinned.
    Changed,
    /// Its name only looks like that of another tool.
    Lookalike(String),
}

/// The pinned tools of one server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tools {
    /// Of which server: its name as it gave it, for people.
    pub server: String,
    by_name: BTreeMap<String, Tool>,
    by_fold: BTreeMap<String, String>,
}

impl Tools {
    /// Pins nothing yet.
    pub fn new(server: &str) -> Tools {
        Tools { server: server.to_owned(), ..Tools::default() }
    }

    /// The tool of exactly this name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Tool> {
        self.by_name.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The pinned tool that this name looks like without being it.
    pub fn lookalike(&self, name: &str) -> Option<&str> {
        self.by_fold.get(fold(name).as_ref()).map(String::as_str).filter(|known| *known != name)
    }

    /// How a tool relates to what is pinned.
    pub fn compare(&self, tool: &Tool) -> Pin {
        if let Some(other) = self.lookalike(&tool.name) {
            return Pin::Lookalike(other.to_owned());
        }
        match self.get(&tool.name) {
            None => Pin::New,
            Some(pinned) if pinned.digest == tool.digest => Pin::Same,
            Some(_) => Pin::Changed,
        }
    }

    /// Pins a tool, in place of one of the same name.
    pub fn pin(&mut self, tool: Tool) {
        self.by_fold.entry(fold(&tool.name).into_owned()).or_insert_with(|| tool.name.clone());
        self.by_name.insert(tool.name.clone(), tool);
    }

    /// A digest of all definitions.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for tool in self.iter() {
            hasher.update(tool.digest.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The file of pinned tools (format 1): a tool a line, fit for version control.
    pub fn to_file(&self) -> String {
        let mut text = String::from("{\n\"format\": 1,\n\"server\": ");
        write_string(&mut text, &self.server);
        text.push_str(",\n\"tools\": [");
        for (at, tool) in self.iter().enumerate() {
            text.push_str(if at > 0 { ",\n{\"name\": " } else { "\n{\"name\": " });
            write_string(&mut text, &tool.name);
            // As it was hashed: a number that is written in another way is another definition.
            let _ = write!(text, ", \"blake3\": \"{}\",\n \"definition\": {}}}", tool.digest, tool.definition);
        }
        text.push_str("\n]\n}\n");
        text
    }

    /// Reads the file of pinned tools.
    ///
    /// # Errors
    /// When it is not such a file, or a digest in it is not that of its definition.
    pub fn from_file(text: &str) -> Result<Tools, Refusal> {
        let wrong = |message: String| Refusal::new("tools-file", message);
        let limits = Limits { bytes: 64 << 20, depth: Limits::DEEPEST, lines: false };
        let node = crate::read::value(text.as_bytes(), Side::Server, &limits)?;
        if node.get("format").map(Node::canonical).as_deref() != Some("1") {
            return Err(wrong("this is no file of pinned tools of format 1".to_owned()));
        }
        let mut tools = Tools::new(node.get("server").and_then(Node::text).unwrap_or_default());
        for entry in node.get("tools").map(Node::items).unwrap_or_default() {
            let definition = entry.get("definition").ok_or_else(|| wrong("a tool has no definition".to_owned()))?;
            let tool = Tool::from_definition(definition)?;
            if entry.get("blake3").and_then(Node::text) != Some(tool.digest.as_str()) {
                return Err(wrong(format!("the digest of `{}` is not that of its definition", tool.name)));
            }
            tools.pin(tool);
        }
        Ok(tools)
    }
}
