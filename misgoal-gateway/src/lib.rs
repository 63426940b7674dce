//! Stands between an agent and its MCP servers: reads the pipes, the files and the clock that `misgoal-guard` does not, and keeps the log.
//!
//! Whatever goes wrong, the call is not made: an error of a policy, of the log or of the disk is an answer to the agent, never a way through.

mod base64;
mod desk;
mod error;
mod files;
pub mod http;
mod keeper;
mod line;
pub mod log;
mod note;
mod outbox;
mod outlet;
mod private;
pub mod probe;
mod queue;
mod random;
mod seat;
pub mod stdio;
mod time;
mod tls;
mod webhook;

pub use error::GatewayError;
pub use files::{Files, Place, Profile};
pub use log::{Log, Stored};
pub use note::Note;
pub use time::now;
