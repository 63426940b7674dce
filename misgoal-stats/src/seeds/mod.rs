//! Several agents of one training procedure, a seed each: what they say about themselves, and what about the procedure.
//!
//! Misgeneralization belongs to a pair of procedure and seed, and three seeds are three draws of a procedure. So a mean over seeds has two
//! intervals, which answer two questions and are never one:
//!
//! - *these seeds, new levels*: were the same agents to play other levels, what would their mean be? Many levels answer that.
//! - *the procedure: new seeds, new levels*: what is the mean over all seeds that the procedure could be run with? Only seeds answer that.

mod blaker;
mod count;
mod crossed;
mod gaffke;

pub use blaker::blaker;
pub use count::{SeedCount, unseen};
pub use crossed::{Crossed, OverSeeds, over_summaries, worst_share};
pub use gaffke::gaffke;

/// Each side of an interval of 90 % leaves out so much.
const TAIL: f64 = 0.05;
/// The normal quantile of `1 - TAIL`.
const Z: f64 = 1.644_853_626_951_472_6;
