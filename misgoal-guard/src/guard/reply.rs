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
