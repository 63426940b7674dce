//! Recorded traces, from bytes to [`Session`]s. Reading never panics, whatever the bytes; an error names the line and what was expected.
//!
//! | format | is |
//! | --- | --- |
//! | [`Format::OpenAi`] | chat messages with `tool_calls` and `tool` messages: one array, an object with `messages`, an array of them, or one a line |
//! | [`Format::Tau`] | tau-bench results: an array of episodes with `task_id`, `traj`, `reward`; or displayed dialogues, one a line |
//! | [`Format::Mcp`] | JSON-RPC messages of the Model Context Protocol, one a line, bare or wrapped with time and direction |
//! | [`Format::Plain`] | one event a line: `{"session": "a", "call": "tool", "arguments": {..}}`, see [`plain`] |
//! | [`Format::StepShield`] | StepShield's trajectories, one a line |

mod error;
pub mod mcp;
mod openai;
pub mod plain;
mod read;
mod stepshield;
mod tau;

#[cfg(test)]
mod tests;

pub use error::TraceError;

use crate::session::Session;

/// A format of recorded traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenAI's chat format.
    OpenAi,
    /// tau-bench's result files and displayed dialogues.
    Tau,
    /// Logs of MCP messages.
    Mcp,
    /// Plain JSON lines.
    Plain,
    /// StepShield's steps.
    StepShield,
}

impl Format {
    /// All formats, in the order in which [`detect`] tries them.
    pub const ALL: [Format; 5] = [Format::StepShield, Format::Tau, Format::Mcp, Format::OpenAi, Format::Plain];

    /// The name on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::OpenAi => "openai",
            Format::Tau => "tau",
            Format::Mcp => "mcp",
            Format::Plain => "plain",
            Format::StepShield => "stepshield",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// Reads all sessions of a file.
///
/// # Errors
/// At the first place where the bytes are not what the format asks for, with its line.
pub fn parse(bytes: &[u8], format: Format) -> Result<Vec<Session>, TraceError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match format {
        Format::OpenAi => openai::parse(bytes),
        Format::Tau => tau::parse(bytes),
        Format::Mcp => mcp::parse(bytes),
        Format::Plain => plain::parse(bytes),
        Format::StepShield => stepshield::parse(bytes),
    }
}

/// Tells the format from the keys of the first record. `None` when no format's keys are there.
pub fn detect(bytes: &[u8]) -> Option<Format> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = read::first_object(bytes)?;
    let has = |key: &str| first.get(key).is_some();
    let wrapped =
        ["message", "msg"].iter().any(|key| first.get(*key).is_some_and(|inner| inner.get("jsonrpc").is_some()));
    if has("trajectory_id") && has("steps") {
        Some(Format::StepShield)
    } else if has("traj") || has("messages_display") {
        Some(Format::Tau)
    } else if has("jsonrpc") || wrapped {
        Some(Format::Mcp)
    } else if has("messages") || has("role") {
        Some(Format::OpenAi)
    } else {
        plain::KINDS.iter().any(|key| has(key)).then_some(Format::Plain)
    }
}

/// Reads all sessions of a file whose format is told from its first record.
///
/// # Errors
/// As [`parse`]; also when no format fits.
pub fn parse_any(bytes: &[u8]) -> Result<(Format, Vec<Session>), TraceError> {
    let format = detect(bytes).ok_or_else(|| read::why_undetected(bytes))?;
    Ok((format, parse(bytes, format)?))
}
