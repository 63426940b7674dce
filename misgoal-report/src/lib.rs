//! Charts, level and episode pictures, and the one-file HTML report.
//!
//! [`html`] turns a [`ReportInput`] into one self-contained page; [`picture::gif`], [`picture::apng`] and [`terminal::frame`] show one
//! [`Playback`]; [`atlas::html`] shows a whole atlas. Nothing here reads a file, a clock or the environment, and nothing here averages: every figure comes with its
//! interval from the run's record, every line of a chart is one seed's.

pub mod atlas;
mod chart;
mod error;
mod input;
mod page;
mod palette;
pub mod picture;
mod scene;
mod svg;
pub mod terminal;
mod words;

pub use error::ReportError;
pub use input::{Curve, Parting, PicturedEpisode, Progress, ReportInput};
pub use page::{PicturedChange, SIZE_LIMIT, SearchInput, html, search_html};
pub use scene::{Kind, Moment, Playback, Role, Scene, Square, Thing, Zone};
