//! What it would take to settle a verdict that is open.

use misgoal_stats::more::{MOST, Needed};

use super::Unit;

/// What it would take, by a prediction from the posterior (`docs/method.md`, how many more levels).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// So many more levels of the shift.
    Levels {
        /// An even chance of a verdict.
        even: usize,
        /// Four chances in five; absent where no number that was looked at is enough.
        likely: Option<usize>,
    },
    /// Near its limit: more levels are not likely to settle it.
    NearLimit,
    /// More held-out training levels, and not more levels of the shift.
    HoldoutLevels {
        /// How many are missing, where that is known.
        missing: Option<usize>,
    },
}

impl More {
    /// A stable code, kebab-case, for machine-readable output.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Levels { .. } => "levels",
            Self::NearLimit => "near-limit",
            Self::HoldoutLevels { .. } => "holdout-levels",
        }
    }

    /// As a clause that can end a sentence; `of` says what is judged.
    pub fn clause(&self, of: Unit) -> String {
        let more = |count: usize| format!("{count} more {}", if count == 1 { of.one() } else { of.many() });
        let (judged, training) = (of.many(), of.of_training());
        match *self {
            Self::Levels { even, likely: Some(likely) } if about(even) == about(likely) => {
                format!("with {} it is likely to be settled", more(about(likely)))
            }
            Self::Levels { even, likely: Some(likely) } => {
                format!(
                    "an even chance of a verdict with about {}, four in five with {}",
                    more(about(even)),
                    about(likely)
                )
            }
            Self::Levels { even, likely: None } => format!(
                "an even chance of a verdict with about {}, but it is near its limit and {MOST} may not be enough",
                more(about(even))
            ),
            Self::NearLimit => format!("it is near its limit, and more {judged} are not likely to settle it"),
            Self::HoldoutLevels { missing: Some(missing) } => {
                format!("{missing} more {training} are needed")
            }
            Self::HoldoutLevels { missing: None } => {
                format!("more {training} are needed, and not more {judged} of the shift")
            }
        }
    }
}

impl From<Needed> for More {
    fn from(needed: Needed) -> More {
        match needed.even {
            Some(even) => More::Levels { even, likely: needed.likely },
            None => More::NearLimit,
        }
    }
}

/// Two digits are all that such a number is good for.
fn about(count: usize) -> usize {
    let mut unit = 1;
    while count / unit >= 100 {
        unit *= 10;
    }
    count.div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_clause() {
        let levels = |even, likely| More::Levels { even, likely };
        let all = [
            levels(12, Some(47)),
            levels(123, Some(1431)),
            levels(1, Some(1)),
            levels(340, None),
            Needed::default().into(),
            More::HoldoutLevels { missing: Some(9) },
            More::HoldoutLevels { missing: None },
        ];
        let mut text: Vec<String> =
            all.iter().map(|more| format!("{}: {}", more.code(), more.clause(Unit::Level))).collect();
        text.extend([Unit::Case, Unit::Row, Unit::CaseOfRows].map(|unit| all[6].clause(unit)));
        let expected = "\
levels: an even chance of a verdict with about 12 more levels, four in five with 47
levels: an even chance of a verdict with about 130 more levels, four in five with 1500
levels: with 1 more level it is likely to be settled
levels: an even chance of a verdict with about 340 more levels, but it is near its limit and 2000 may not be enough
near-limit: it is near its limit, and more levels are not likely to settle it
holdout-levels: 9 more held-out training levels are needed
holdout-levels: more held-out training levels are needed, and not more levels of the shift
more held-out training cases are needed, and not more cases of the shift
more rows that stand for training are needed, and not more rows of the shift
more rows that stand for training are needed, and not more cases of the shift";
        assert_eq!(text.join("\n"), expected);
    }
}
