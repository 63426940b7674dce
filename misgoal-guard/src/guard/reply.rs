//! Answers that the guard gives itself.

use crate::read::{Id, write_string};

/// JSON-RPC's code for a method that there is not.
pub(super) const NO_METHOD: i32 = -32601;
/// JSON-RPC's code for a message that is none.
pub(super) const INVALID: i32 = -32600;
/// The guard's code for what is not permitted; from the range that JSON-RPC leaves to implementations.
pub(super) const DENIED: i32 = -32001;

/// An error as a line.
pub(super) fn error(id: Option<&Id>, code: i32, message: &str, rules: &[String]) -> Vec<u8> {
    let id = id.map_or_else(|| "null".to_owned(), Id::json);
    let mut line = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"#);
    write_string(&mut line, &format!("misgoal guard: {message}"));
    line.push_str(r#","data":{"guard":"misgoal","rules":["#);
    for (at, rule) in rules.iter().enumerate() {
        line.push_str(if at > 0 { "," } else { "" });
        write_string(&mut line, rule);
    }
    line.push_str("]}}}\n");
    line.into_bytes()
}

/// The id of a message that was refused, read leniently: the answer goes to whoever wrote it, so that it does not wait for ever.
pub(super) fn lenient_id(bytes: &[u8]) -> Option<Id> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    match value.get("id")? {
        serde_json::Value::String(text) if text.len() <= 256 => Some(Id { text: text.clone(), is_string: true }),
        serde_json::Value::Number(number) if number.is_i64() || number.is_u64() => {
            Some(Id { text: number.to_string(), is_string: false })
        }
        _ => None,
    }
}
