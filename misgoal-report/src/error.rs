//! What can go wrong while a report or a picture is made.

use std::fmt;

/// Why a report or a picture could not be made.
#[derive(Debug)]
pub enum ReportError {
    /// The page's template did not render: a mistake in this crate.
    Template(minijinja::Error),
    /// An encoder refused the picture; the text is the encoder's.
    Encoder(String),
    /// The picture would be larger than the format or memory allows.
    TooLarge {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// The episode holds no moment, so there is nothing to show.
    Empty,
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportError::Template(error) => write!(f, "the report's template failed: {error:#}"),
            ReportError::Encoder(error) => write!(f, "the picture could not be encoded: {error}"),
            ReportError::TooLarge { width, height } => {
                write!(f, "a picture of {width} by {height} pixels is too large: choose fewer pixels a cell")
            }
            ReportError::Empty => write!(f, "the episode has no moment to show: record it again with `misgoal run`"),
        }
    }
}

impl std::error::Error for ReportError {}

impl From<minijinja::Error> for ReportError {
    fn from(error: minijinja::Error) -> ReportError {
        ReportError::Template(error)
    }
}
