//! An atlas: one small experiment over a whole grid of settings, many networks a cell, and the law that runs through them.
//!
//! There is one, `coin-line` ([`misgoal_learn::line`]). A cell is a unit of work: single-threaded, a function of its settings and seeds alone, kept in a
//! file of its own as soon as it is done, so that an atlas that was stopped goes on where it was.

mod plan;
mod record;
mod work;

use std::path::Path;

pub use plan::AtlasPlan;
pub use record::{AtlasRecord, CellRecord, CellSummary, LawRecord, schema};
pub use work::AtlasProgress;

/// The name by which the atlas is asked for.
pub const NAME: &str = "coin-line";
/// What it is about, in a line.
pub const TITLE: &str = "A coin on a line: how many networks took right for their goal";
/// The goal that its networks are meant to learn, and what they learn instead.
pub const GOALS: (&str, &str) = ("coin", "rightmost");

/// How an atlas ended.
#[derive(Clone, Debug)]
pub enum AtlasOutcome {
    /// All cells are there.
    Complete(Box<AtlasRecord>),
    /// It was stopped; so many cells are kept.
    Stopped {
        /// Cells that are done.
        done: usize,
        /// Cells of the plan.
        of: usize,
    },
}

/// Makes the cells that are not in `directory` yet, on `threads` threads, and reads the law off all of them. `told` hears of every cell and
/// says whether to go on.
///
/// # Errors
/// The directory cannot be written, or holds cells of another plan.
pub fn atlas(
    plan: &AtlasPlan,
    directory: &Path,
    threads: usize,
    told: &mut dyn FnMut(AtlasProgress) -> bool,
) -> Result<AtlasOutcome, crate::RunError> {
    let watch = crate::clock::Watch::start();
    let cells = work::cells(plan, directory, threads, told)?;
    let done = cells.iter().flatten().count();
    if done < cells.len() {
        return Ok(AtlasOutcome::Stopped { done, of: cells.len() });
    }
    let record = AtlasRecord::new(plan, &cells.into_iter().flatten().collect::<Vec<_>>(), watch.seconds());
    crate::store::files::write_json(&directory.join("atlas.json"), &record, crate::store::files::Durable::Power)?;
    Ok(AtlasOutcome::Complete(Box::new(record)))
}
