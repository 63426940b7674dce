//! What the policies of a slice look at: only that is put into Cedar's context.

use std::collections::BTreeSet;

use cedar_policy::Policy;
use serde_json::Value as Json;

/// Names of a record that are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The record as a whole.
    pub all: bool,
    /// These attributes.
    pub some: BTreeSet<String>,
}

impl Names {
    /// Whether anything of the record is looked at.
    pub fn any(&self) -> bool {
        self.all || !self.some.is_empty()
    }

    /// Whether this attribute is looked at.
    pub fn has(&self, name: &str) -> bool {
        self.all || self.some.contains(name)
    }
}

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub input: Names,
    /// Arguments by whose value a policy goes, and not only by whether they are there (`context.input has price`).
    pub compared: Names,
    pub origin: Names,
    pub counts: Names,
    pub session: Names,
    pub extra: bool,
    pub approved: bool,
    pub scheme: bool,
    pub uri: bool,
}

impl Needs {
    /// Adds what this policy looks at; a policy that cannot be taken apart looks at everything.
    pub fn add(&mut self, policy: &Policy) {
        match policy.to_json() {
            Ok(json) => self.walk(&json),
            Err(_) => self.path(&[]),
        }
    }

    fn walk(&mut self, json: &Json) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Json::Object(members) => {
                if let Some(path) = path(json) {
                    self.path(&path);
                    match path.as_slice() {
                        [first] if first == "input" => self.compared.all = true,
                        [first, _] if first == "input" && json.get("has").is_some() => {}
                        [first, name, ..] if first == "input" => _ = self.compared.some.insert(name.clone()),
                        _ => {}
                    }
                    return;
                }
                members.values().for_each(|member| self.walk(member));
            }
            _ => {}
        }
    }

    fn path(&mut self, path: &[String]) {
        let Some((first, rest)) = path.split_first() else {
            let all = || Names { all: true, some: BTreeSet::new() };
            *self = Needs {
                input: all(),
                compared: all(),
                origin: all(),
                counts: all(),
                session: all(),
                extra: true,
                approved: true,
                scheme: true,
                uri: true,
            };
            return;
        };
        let names = match first.as_str() {
            "input" => &mut self.input,
            "origin" => &mut self.origin,
            "counts" => &mut self.counts,
            "session" => &mut self.session,
            "extra" => return self.extra = true,
            "approved" => return self.approved = true,
            "scheme" => return self.scheme = true,
            _ => return self.uri = true,
        };
        match rest.first() {
            Some(name) => {
                names.some.insert(name.clone());
            }
            None => names.all = true,
        }
    }
}

/// The attributes of a chain that begins at `context`, as Cedar's JSON policy format writes it.
pub(super) fn path(json: &Json) -> Option<Vec<String>> {
    if json.get("Var").and_then(Json::as_str) == Some("context") {
        return Some(Vec::new());
    }
    let step = json.get(".").or_else(|| json.get("has"))?;
    let mut path = path(step.get("left")?)?;
    match step.get("attr")? {
        Json::String(name) => path.push(name.clone()),
        Json::Array(names) => path.extend(names.iter().filter_map(Json::as_str).map(str::to_owned)),
        _ => return None,
    }
    Some(path)
}
