//! What misgoal shows: stdout is data, stderr is progress, warnings and errors; everything reads well without colour.

mod console;
pub mod figure;
pub mod progress;
mod table;
pub mod verdict;

pub use console::{Console, Tone};
pub use table::{Cell, Table, wrap};
