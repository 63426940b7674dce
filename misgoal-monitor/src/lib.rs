//! Behaviour of agents that call tools: recorded traces read from bytes, a profile of good behaviour, and an online detector
//! with a stated false-alarm rate. No I/O: bytes and values in, values out.

pub mod alternative;
pub mod detect;
pub mod observe;
pub mod profile;
pub mod session;
pub mod trace;

pub use session::{Call, Event, Outcome, Session};
pub use trace::{Format, TraceError};
