//! Cases that come from elsewhere: a table's row as features by name.

use crate::goal::{Goal, Utilities};
use crate::scope::Kind;
use crate::world::{DecisionWorld, WorldProblem};

/// A value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// True or false.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A text; `true`, `false` and numbers are read where a feature is one.
    Text(String),
}

/// Why a row is no case of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowError {
    /// A feature that the goals read has no column.
    Missing {
        /// The feature.
        feature: String,
    },
    /// A value is not of the feature's type.
    Value {
        /// The feature.
        feature: String,
        /// The value as it was given.
        value: String,
        /// What was expected, in words.
        expected: String,
    },
    /// A utility is no number on this row.
    Problem(WorldProblem),
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RowError::Missing { feature } => write!(f, "there is no column `{feature}`, which the study's goals read"),
            RowError::Value { feature, value, expected } => {
                write!(f, "`{value}` is no value of `{feature}`: expected {expected}")
            }
            RowError::Problem(problem) => write!(f, "{problem}"),
        }
    }
}

impl std::error::Error for RowError {}

impl DecisionWorld {
    /// The features that these goals read, in the world's order: the columns that a table must have.
    pub fn needed(&self, goals: &[Goal]) -> Vec<usize> {
        (0..self.features().len()).filter(|column| goals.iter().any(|goal| goal.reads(*column))).collect()
    }

    /// A row of features from a table's values by name. Features that no goal reads may be missing: they count as 0.
    ///
    /// # Errors
    /// A feature that a goal reads is missing, or a value is not of its type.
    pub fn row<'v>(&self, goals: &[Goal], value: impl Fn(&str) -> Option<&'v Given>) -> Result<Vec<f64>, RowError> {
        let needed = self.needed(goals);
        let mut row = Vec::with_capacity(self.features().len());
        for (number, feature) in self.features().iter().enumerate() {
            row.push(match value(&feature.name) {
                Some(given) if needed.contains(&number) => self.read(&feature.name, &feature.kind, given)?,
                Some(given) => self.read(&feature.name, &feature.kind, given).unwrap_or(0.0),
                None if needed.contains(&number) => return Err(RowError::Missing { feature: feature.name.clone() }),
                None => 0.0,
            });
        }
        Ok(row)
    }

    /// What each option is worth to each goal on a row of features: one entry a goal, in the goals' order, each with one utility an option,
    /// in the order of [`DecisionWorld::options`]. Of a world with several turns these are the first turn's utilities.
    ///
    /// # Errors
    /// A utility is no number on this row.
    pub fn utilities_of(&self, goals: &[Goal], row: &[f64]) -> Result<Vec<Utilities>, RowError> {
        let of = |(number, goal)| self.utilities(number, goal, row).map_err(RowError::Problem);
        goals.iter().enumerate().map(of).collect()
    }

    fn read(&self, name: &str, kind: &Kind, given: &Given) -> Result<f64, RowError> {
        let wrong = |expected: String| {
            let value = match given {
                Given::Truth(truth) => truth.to_string(),
                Given::Number(number) => number.to_string(),
                Given::Text(text) => text.clone(),
            };
            RowError::Value { feature: name.to_owned(), value, expected }
        };
        match (kind, given) {
            (Kind::Number, Given::Number(number)) if number.is_finite() => Ok(*number),
            (Kind::Number, Given::Text(text)) => {
                let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                number.ok_or_else(|| wrong("a number".to_owned()))
            }
            (Kind::Number, _) => Err(wrong("a number".to_owned())),
            (Kind::Truth, Given::Truth(truth)) => Ok(f64::from(u8::from(*truth))),
            (Kind::Truth, Given::Number(number)) if *number == 0.0 || *number == 1.0 => Ok(*number),
            (Kind::Truth, Given::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Ok(1.0),
                "false" | "no" | "0" => Ok(0.0),
                _ => Err(wrong("true or false".to_owned())),
            },
            (Kind::Truth, _) => Err(wrong("true or false".to_owned())),
            (Kind::Text(texts), given) => {
                let symbols = &self.scope().symbols;
                let text = match given {
                    Given::Text(text) => text.trim().to_owned(),
                    Given::Number(number) => number.to_string(),
                    Given::Truth(truth) => truth.to_string(),
                };
                let symbol = symbols.find(&text).filter(|symbol| texts.contains(symbol));
                symbol.map(f64::from).ok_or_else(|| {
                    let known: Vec<String> = texts.iter().map(|text| format!("`{}`", symbols.text(*text))).collect();
                    wrong(format!("one of {}", known.join(", ")))
                })
            }
        }
    }
}

impl Goal {
    /// Whether the goal's utilities depend on a column.
    pub(crate) fn reads(&self, column: usize) -> bool {
        match &self.preference {
            crate::Preference::Prefers(expr) => expr.reads(column),
            crate::Preference::Utility(exprs) => exprs.iter().any(|expr| expr.reads(column)),
        }
    }
}
