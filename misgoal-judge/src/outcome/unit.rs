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

    /// What stands for training: of a table rows do, be they declared so or those on which the goals agree.
    pub fn of_training(self) -> &'static str {
        match self {
            Self::Level => "held-out training levels",
            Self::Case => "held-out training cases",
            Self::Row | Self::CaseOfRows => "rows that stand for training",
        }
    }

    /// What a share of them is said to be of.
    pub fn played(self) -> &'static str {
        match self {
            Self::Level => "episodes",
            Self::Case | Self::Row | Self::CaseOfRows => self.many(),
        }
    }
}
