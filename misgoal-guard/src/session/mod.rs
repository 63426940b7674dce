//! What a session has seen and done so far, as policies may ask about it.

mod history;
mod origin;

pub use history::History;
pub use origin::Origins;
