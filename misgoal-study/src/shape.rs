//! The shape of a file: keys, types and ranges, checked against the JSON Schema, so that parser, editors and reference page agree.

use serde_json::Value;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;
use crate::schema::{choices, resolve};
use crate::span::Span;
use crate::suggest;

/// Everything that is wrong with the document's shape, by the schema of its kind.
pub fn check(document: &Spanned<DeTable<'_>>, schema: &'static Value) -> Vec<Diagnostic> {
    let mut shape = Shape { path: Vec::new(), found: Vec::new() };
    shape.table(schema, document.get_ref(), 0..0);
    shape.found
}

struct Shape {
    path: Vec<String>,
    found: Vec<Diagnostic>,
}

impl Shape {
    fn value(&mut self, schema: &'static Value, value: &Spanned<DeValue<'_>>) {
        let schema = resolve(schema);
        let span = value.span();
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
            match branches.iter().map(resolve).find(|branch| fits(branch, value.get_ref())) {
                Some(branch) => self.value(branch, value),
                None => self.wrong_type(schema, value),
            }
            return;
        }
        if !fits(schema, value.get_ref()) {
            self.wrong_type(schema, value);
            return;
        }
        match value.get_ref() {
            DeValue::Table(table) => self.table(schema, table, span),
            DeValue::Array(items) => {
                self.length(schema, items.len(), &span, ("entry", "entries"));
                if let Some(inner) = schema.get("items") {
                    for (number, item) in items.iter().enumerate() {
                        self.path.push(format!("{}", number + 1));
                        self.value(inner, item);
                        self.path.pop();
                    }
                }
            }
            DeValue::String(word) => {
                self.length(schema, word.chars().count(), &span, ("character", "characters"));
                if let Some(words) = choices(schema).filter(|words| !words.contains(&&**word)) {
                    let message = format!("`{}` cannot be `{word}`", self.name());
                    let label = format!("expected {}", suggest::list(&words));
                    let mut diagnostic = Diagnostic::new("unknown-word", span, message).label(label);
                    if let Some(near) = suggest::nearest(word, words) {
                        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                    }
                    self.found.push(diagnostic);
                }
            }
            DeValue::Integer(_) | DeValue::Float(_) => self.range(schema, value),
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn table(&mut self, schema: &'static Value, table: &DeTable<'_>, span: Span) {
        let Some(fields) = schema.get("properties").and_then(Value::as_object) else {
            if let Some(inner) = schema.get("additionalProperties") {
                for (key, value) in in_order(table) {
                    self.path.push(key.get_ref().to_string());
                    self.value(inner, value);
                    self.path.pop();
                }
            }
            return;
        };
        let mut unknown = Vec::new();
        for (key, value) in in_order(table) {
            match fields.get(key.get_ref().as_ref()) {
                Some(inner) => {
                    self.path.push(key.get_ref().to_string());
                    self.value(inner, value);
                    self.path.pop();
                }
                None => unknown.push(key),
            }
        }
        let missing: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|required| required.iter().filter_map(Value::as_str).collect::<Vec<_>>())
            .unwrap_or_default()
            .into_iter()
            .filter(|field| !table.contains_key(*field))
            .collect();
        for key in unknown {
            let name = key.get_ref();
            let absent: Vec<&str> =
                fields.keys().map(String::as_str).filter(|field| !table.contains_key(*field)).collect();
            let all: Vec<&str> = fields.keys().map(String::as_str).collect();
            let (message, label) = match self.path.is_empty() {
                true => (format!("unknown section `[{name}]`"), "not a section of a study".to_owned()),
                false => (format!("unknown key `{name}` in {}", self.place()), "not a key of this table".to_owned()),
            };
            let help = match suggest::nearest(name, absent).or_else(|| suggest::nearest(name, all.iter().copied())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may hold {}", suggest::list(&all)),
            };
            self.found.push(Diagnostic::new("unknown-key", key.span(), message).label(label).help(help));
        }
        for field in missing {
            let words = fields.get(field).and_then(description).unwrap_or_default();
            let diagnostic = match self.path.is_empty() {
                true => {
                    Diagnostic::new("missing-section", span.clone(), format!("the file has no section `[{field}]`"))
                }
                false => Diagnostic::new("missing-key", span.clone(), format!("{} has no `{field}`", self.place())),
            };
            self.found.push(diagnostic.help(format!("add `{field}`: {words}")));
        }
    }

    fn wrong_type(&mut self, schema: &'static Value, value: &Spanned<DeValue<'_>>) {
        let message = format!("`{}` cannot be {}", self.name(), found(value.get_ref()));
        let label = format!("expected {}", expected(schema));
        self.found.push(Diagnostic::new("wrong-type", value.span(), message).label(label));
    }

    fn length(&mut self, schema: &'static Value, length: usize, span: &Span, unit: (&str, &str)) {
        let limit = |short: &str, long: &str| schema.get(short).or_else(|| schema.get(long)).and_then(Value::as_u64);
        let (least, most) = (limit("minItems", "minLength"), limit("maxItems", "maxLength"));
        let length = length as u64;
        if least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most) {
            let unit = |count: u64| if count == 1 { unit.0 } else { unit.1 };
            let wanted = match (least, most) {
                (Some(least), Some(most)) if least == most => format!("exactly {least} {}", unit(least)),
                (Some(least), Some(most)) => format!("{least} to {most} {}", unit(most)),
                (Some(least), None) => format!("at least {least} {}", unit(least)),
                (None, most) => format!("at most {} {}", most.unwrap_or_default(), unit(most.unwrap_or_default())),
            };
            let message = format!("`{}` has {length} {}", self.name(), unit(length));
            self.found.push(Diagnostic::new("wrong-length", span.clone(), message).label(format!("expected {wanted}")));
        }
    }

    fn range(&mut self, schema: &'static Value, value: &Spanned<DeValue<'_>>) {
        let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
        let (least, most) = (limit("minimum"), limit("maximum"));
        let number = number(value.get_ref());
        let inside = number.is_some_and(|number| {
            number.is_finite() && least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
        });
        if !inside {
            let shown = |key: &str| schema.get(key).map(shown_number).unwrap_or_default();
            let wanted = match (least, most) {
                (Some(_), Some(_)) => format!("from {} to {}", shown("minimum"), shown("maximum")),
                (Some(_), None) => format!("at least {}", shown("minimum")),
                (None, Some(_)) => format!("at most {}", shown("maximum")),
                (None, None) => "finite".to_owned(),
            };
            let message = format!("`{}` is out of range", self.name());
            self.found.push(Diagnostic::new("out-of-range", value.span(), message).label(format!("must be {wanted}")));
        }
    }

    /// The value's own name: its key, or the key of the array that it is in.
    fn name(&self) -> String {
        let key = |part: &&String| part.parse::<usize>().is_err();
        self.path.iter().rev().find(key).cloned().unwrap_or_default()
    }

    /// The table's name for a sentence.
    fn place(&self) -> String {
        format!("`[{}]`", self.path.join("."))
    }
}

/// A table's entries in the order of the file.
pub(crate) fn in_order<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// A number of the file; none if it is beyond 64 bits.
fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|n| n as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    }
}

fn shown_number(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 => format!("{number:.0}"),
        _ => value.to_string(),
    }
}

fn fits(schema: &Value, value: &DeValue<'_>) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    match value {
        DeValue::String(_) => kind == Some("string") || schema.get("oneOf").is_some(),
        DeValue::Integer(_) => matches!(kind, Some("integer" | "number")),
        DeValue::Float(_) => kind == Some("number"),
        DeValue::Boolean(_) => kind == Some("boolean"),
        DeValue::Array(_) => kind == Some("array"),
        DeValue::Table(_) => kind == Some("object"),
        DeValue::Datetime(_) => false,
    }
}

fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// What a schema asks for, in words.
pub(crate) fn expected(schema: &'static Value) -> String {
    let schema = resolve(schema);
    if let Some(words) = choices(schema) {
        return suggest::list(&words);
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        return branches.iter().map(expected).collect::<Vec<_>>().join(", or ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "a string".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("array") => {
            let several = |inner| resolve(inner).get("anyOf").is_some();
            let inner = match schema.get("items") {
                Some(inner) if several(inner) => "value".to_owned(),
                Some(inner) => expected(inner).replacen("a ", "", 1),
                None => String::new(),
            };
            match schema
                .get("minItems")
                .and_then(Value::as_u64)
                .filter(|_| schema.get("minItems") == schema.get("maxItems"))
            {
                Some(length) => format!("an array of {length} {inner}s"),
                None => format!("an array of {inner}s"),
            }
        }
        _ => "a table".to_owned(),
    }
}

fn description(schema: &'static Value) -> Option<&'static str> {
    let own = schema.get("description").or_else(|| resolve(schema).get("description"));
    own.and_then(Value::as_str)
}
