//! Strict reading of messages: what two readers could understand differently is refused, not interpreted.

mod glimpse;
mod json;
mod message;
mod name;
mod number;
mod scan;
mod uri;

pub use glimpse::{Glimpse, Glimpser};
pub(crate) use json::write_string;
pub use json::{Member, Node, Value};
pub use message::{Id, Message, read};
pub(crate) use message::{TOOL, lookalike};
pub use name::fold;
pub(crate) use name::is_unseen;
pub(crate) use number::check as check_numbers;
pub use number::{WHOLE, plain};
pub(crate) use uri::{check_template, check_uri};

use std::fmt;

/// What a message may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message.
    pub bytes: usize,
    /// How deep arrays and objects may be nested; at most [`Limits::DEEPEST`].
    pub depth: usize,
    /// Whether a message is a line: then a line break within it is refused, also a lone carriage return, at which some readers split.
    pub lines: bool,
}

impl Limits {
    /// The deepest nesting that any configuration may allow: the reader is recursive.
    pub const DEEPEST: usize = 256;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 4 << 20, depth: 64, lines: true }
    }
}

/// Who wrote a message; what the agent writes is held to more, because its values become a tool's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The agent, MCP's client.
    Agent,
    /// The tool server.
    Server,
}

/// Why a message, or a part of it, is not let through: a stable code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable name such as `duplicate-key`.
    pub code: &'static str,
    /// Lower case, with the offending part in backticks.
    pub message: String,
}

impl Refusal {
    /// A refusal of this code, in these words.
    pub fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refusal {}

/// Reads a JSON text that is no message.
///
/// # Errors
/// When two readers could understand it differently.
pub fn value<'a>(bytes: &'a [u8], side: Side, limits: &Limits) -> Result<Node<'a>, Refusal> {
    scan::parse(bytes, side, limits)
}
