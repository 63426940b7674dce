//! What an agent may do with its tools, decided without the model's help.
//!
//! Everything here is a function of what it is given: bytes and a clock's reading go in, records and moves come out. The room that reads
//! pipes, files and clocks is `misgoal-gateway`.
//!
//! - [`read`]: messages, strictly: what two readers could understand differently is refused.
//! - [`tools`]: the server's tools as they were pinned.
//! - [`policy`]: Cedar policies over them.
//! - [`session`]: what a session has seen and done, for policies to ask about.
//! - [`guard`]: one session between an agent and a server, message by message.
//! - [`replay`]: what policies would have done to recorded sessions; [`propose`]: a policy from good ones.

pub mod approval;
pub mod config;
mod diagnostic;
pub mod duration;
mod ending;
pub mod expect;
pub mod guard;
pub mod policy;
pub mod propose;
pub mod read;
pub mod record;
pub mod redact;
pub mod replay;
pub mod retain;
pub mod session;
pub mod start;
pub mod tools;

pub use config::{Config, Mode};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use ending::Ending;
pub use guard::{Channel, Guard, Held, Move, Room, Sent, Step};
pub use policy::Policies;
pub use record::Record;
pub use tools::Tools;
