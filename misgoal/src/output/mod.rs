//! What misgoal shows: stdout is data, stderr is progress, warnings and errors; everything reads well without colour.

#[cfg(feature = "study")]
pub mod atlas;
#[cfg(feature = "study")]
pub mod audit;
#[cfg(feature = "study")]
mod bar;
#[cfg(feature = "study")]
pub mod calibrate;
#[cfg(feature = "guard")]
mod clean;
#[cfg(feature = "guard")]
mod columns;
mod console;
#[cfg(any(feature = "study", feature = "guard"))]
mod event;
#[cfg(feature = "study")]
pub mod figure;
#[cfg(feature = "guard")]
mod letters;
#[cfg(feature = "study")]
pub mod progress;
#[cfg(any(feature = "study", feature = "guard"))]
mod raw;
#[cfg(feature = "study")]
pub mod search;
mod table;
#[cfg(feature = "study")]
pub mod verdict;

#[cfg(feature = "study")]
pub use bar::Bar;
#[cfg(feature = "guard")]
pub use clean::{clean, clean_json, clean_json_beside, clean_lines, clean_policy, clean_toml, quoted};
#[cfg(feature = "guard")]
pub use columns::{fit, folded, indented, most_columns, pieces};
pub use console::{Console, Tone};
#[cfg(feature = "guard")]
pub use event::event;
#[cfg(feature = "study")]
pub use event::next_event;
#[cfg(feature = "guard")]
pub use letters::{is_written_leftward, posing};
#[cfg(any(feature = "study", feature = "guard"))]
pub use raw::Raw;
#[cfg(feature = "study")]
pub use table::wrap;
pub use table::{Cell, Table};
