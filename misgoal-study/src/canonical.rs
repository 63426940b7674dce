//! What a file says, without how it is written: the text that a study's hash is taken of.

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::shape::in_order;

/// BLAKE3 of the document's canonical text, 64 hexadecimal digits.
///
/// The order of keys counts (it is the order of goals, things and arms); comments, spacing, and how a string, number or table is
/// written do not.
pub fn hash(document: &Spanned<DeTable<'_>>) -> String {
    let mut text = String::from("misgoal study 1\n");
    table(document.get_ref(), &mut text);
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

fn table(entries: &DeTable<'_>, out: &mut String) {
    out.push('{');
    for (key, entry) in in_order(entries) {
        string(key.get_ref(), out);
        out.push(':');
        value(entry.get_ref(), out);
        out.push(',');
    }
    out.push('}');
}

fn value(value_: &DeValue<'_>, out: &mut String) {
    match value_ {
        DeValue::String(text) => string(text, out),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => out.push_str(&number.to_string()),
            Err(_) => out.push_str(number.as_str()),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            // A whole float is written as the integer that says the same.
            Ok(number) => out.push_str(&number.to_string()),
            Err(_) => out.push_str(number.as_str()),
        },
        DeValue::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
        DeValue::Datetime(date) => out.push_str(&date.to_string()),
        DeValue::Array(items) => {
            out.push('[');
            for item in items.iter() {
                value(item.get_ref(), out);
                out.push(',');
            }
            out.push(']');
        }
        DeValue::Table(entries) => table(entries, out),
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}
