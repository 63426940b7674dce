//! What the audit log is told: attempts, their outcomes, and everything that was not let through.

use std::fmt::Write as _;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::read::write_string;

/// One entry for the log; its time, session and place in the chain are the log's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is about: `attempt`, `outcome`, `said` (what is no call's result has put labels on the session), `refused`, `tools`, `pinned`, `held-tool`, `approval`, `decision`, `session`, `policy`,
    /// `alarm`, `watched`, `archive`, `webhook`.
    pub kind: &'static str,
    /// Which attempt of the session it belongs to.
    pub call: Option<u64>,
    /// The tool, or `resources/read`: by it counts, labels and filters know the tool.
    pub tool: Option<String>,
    /// Whether `tool` is written as it is: the server lists it, guard.toml names it, or it is what the log calls it by already. Of another one, whose name is the
    /// agent's own words, a secret in it is taken out ([`crate::redact::Redactor::name`]).
    pub is_public: bool,
    /// A JSON object.
    pub body: String,
}

impl Record {
    /// A record with a body still to be filled.
    pub fn new(kind: &'static str) -> Record {
        Record { kind, call: None, tool: None, is_public: false, body: "{}".to_owned() }
    }

    /// Of this attempt at this tool.
    #[must_use]
    pub fn of(mut self, call: u64, tool: &str) -> Record {
        (self.call, self.tool) = (Some(call), Some(tool.to_owned()));
        self
    }

    /// About this tool.
    #[must_use]
    pub fn tool(mut self, tool: &str) -> Record {
        self.tool = Some(tool.to_owned());
        self
    }

    /// Whether the tool's name is written as it is.
    #[must_use]
    pub fn public(mut self, is_public: bool) -> Record {
        self.is_public = is_public;
        self
    }

    /// Adds a text; an empty one says nothing and is left out.
    #[must_use]
    pub fn text(self, key: &str, value: &str) -> Record {
        if value.is_empty() {
            return self;
        }
        let mut json = String::new();
        write_string(&mut json, value);
        self.json(key, &json)
    }

    /// Adds a whole number.
    #[must_use]
    pub fn number(self, key: &str, value: u64) -> Record {
        self.json(key, &value.to_string())
    }

    /// Adds texts; none are left out.
    #[must_use]
    pub fn texts<'t>(self, key: &str, values: impl IntoIterator<Item = &'t str>) -> Record {
        let mut json = String::from("[");
        for value in values {
            if json.len() > 1 {
                json.push(',');
            }
            write_string(&mut json, value);
        }
        json.push(']');
        if json == "[]" { self } else { self.json(key, &json) }
    }

    /// The fields of a body in their order, each as it stands there; none where it is no object.
    pub(crate) fn fields(body: &str) -> Vec<(String, Box<RawValue>)> {
        serde_json::Deserializer::from_str(body).deserialize_map(Fields).unwrap_or_default()
    }

    /// Adds a value that is JSON already.
    #[must_use]
    pub fn json(mut self, key: &str, value: &str) -> Record {
        self.body.pop();
        if self.body.len() > 1 {
            self.body.push(',');
        }
        write_string(&mut self.body, key);
        // A string takes everything.
        let _ = write!(self.body, ":{value}}}");
        self
    }
}

/// Reads an object's members.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_object() {
        let record = Record::new("attempt").of(3, "pay").text("why", "").text("rule", "a\"b").number("n", 2);
        assert_eq!(record.texts("labels", ["x"]).texts("none", []).body, r#"{"rule":"a\"b","n":2,"labels":["x"]}"#);
    }
}
