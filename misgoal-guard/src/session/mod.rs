//! What a session has seen and done so far, as policies may ask about it.

mod hash;
mod history;
mod letters;
mod origin;
mod rough;
mod texts;

pub use history::History;
pub use origin::Origins;
