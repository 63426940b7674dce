//! What a session has seen and done so far, as policies may ask about it.

mod escapes;
mod hash;
mod history;
mod letters;
mod numbers;
mod origin;
mod rough;
mod texts;
mod words;

pub use history::History;
pub use origin::Origins;
