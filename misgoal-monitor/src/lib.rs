//! Behaviour of agents that call tools: recorded traces read from bytes, a profile of good behaviour, and an online detector
//! with a stated false-alarm rate. No I/O: bytes and values in, values out.
//!
//! [`trace::parse_any`] reads sessions; [`Monitor::learn`] learns from good ones; [`Monitor::begin`] watches a session event by event and says an
//! [`Alarm`] as soon as there is one; [`mod@format`] keeps a monitor as bytes.

pub mod alternative;
pub mod detect;
mod explain;
pub mod format;
mod monitor;
#[cfg(test)]
mod monitor_tests;
pub mod observe;
pub mod profile;
pub mod session;
pub mod trace;

pub use monitor::{Alarm, Channel, LearnError, Live, Monitor};
pub use session::{Call, Event, Outcome, Session};
pub use trace::{Format, TraceError};
