//! What judged episodes are of.

/// What one episode is of: words of sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A level of a grid world.
    Level,
    /// A case of a study of decisions.
    Case,
    /// A row of somebody's table.
    Row,
    /// A case that such a table shows several times; what stands for training are rows.
    CaseOfRows,
}

impl Unit {
    /// One.
    pub fn one(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Case | Self::CaseOfRows => "case",
            Self::Row => "row",
        }
    }

    /// Several.
    pub fn many(self) -> &'static str {
        match self {
            Self::Level => "levels",
            Self::Case | Self::CaseOfRows => "cases",
            Self::Row => "rows",
        }
    }

    /// What those are of that stand for training.
    #[must_use]
    pub fn held_out(self) -> Unit {
        match self {
            Self::CaseOfRows => Self::Row,
            other => other,
        }
    }
}
