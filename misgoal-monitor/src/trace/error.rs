//! Why a trace cannot be read.

use std::fmt;

/// What is wrong with a trace, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The line, from 1.
    pub line: usize,
    /// The place within it, such as `episode 3, message 5`; may be empty.
    pub place: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl TraceError {
    pub(super) fn new(expected: impl Into<String>, found: impl Into<String>) -> TraceError {
        TraceError { line: 0, place: String::new(), expected: expected.into(), found: found.into() }
    }

    /// Says where: the outer place comes before what an inner reader said.
    pub(super) fn at(mut self, line: usize, place: impl AsRef<str>) -> TraceError {
        if self.line == 0 {
            self.line = line;
        }
        self.inside(place)
    }

    /// Says where within the record.
    pub(super) fn inside(mut self, place: impl AsRef<str>) -> TraceError {
        let place = place.as_ref();
        self.place = match (place.is_empty(), self.place.is_empty()) {
            (true, _) => self.place,
            (_, true) => place.to_owned(),
            _ => format!("{place}, {}", self.place),
        };
        self
    }

    pub(super) fn json(error: &serde_json::Error, first_line: usize) -> TraceError {
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let line = first_line + error.line().saturating_sub(1);
        TraceError::new("JSON", what).at(line, format!("column {}", error.column()))
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = if self.place.is_empty() { "" } else { ", " };
        write!(f, "line {}{comma}{}: expected {}, found {}", self.line, self.place, self.expected, self.found)
    }
}

impl std::error::Error for TraceError {}
