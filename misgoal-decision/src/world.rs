//! A world of decisions: its features, its options, and what choosing one does.

use misgoal_world::MAX_ACTIONS;

use crate::expr::Expr;
use crate::goal::Goal;
use crate::scope::{Kind, Scope};

/// Most options: the judge knows that many actions.
pub const MAX_OPTIONS: usize = MAX_ACTIONS;
/// Most ways through the turns of one case: the planner looks at all of them.
const MOST_WAYS: u64 = 50_000;

/// A feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Its name: a letter or `_`, then letters, digits and `_`.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether the agent sees it.
    pub observed: bool,
}

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The features' columns in their order, then `choice`. The options' names are the first symbols.
    pub scope: Scope,
    /// The features.
    pub features: Vec<Feature>,
    /// The options' names, 2 to [`MAX_OPTIONS`].
    pub options: Vec<String>,
    /// The most choices in a case.
    pub turns: usize,
    /// Features that a choice changes: all expressions read the features as they were before it.
    pub update: Vec<(usize, Expr)>,
    /// Whether a case is over, read after the update.
    pub done: Option<Expr>,
}

/// A world of decisions.
#[derive(Clone, Debug)]
pub struct DecisionWorld {
    parts: Parts,
}

/// Why a world cannot be used, or a case cannot be drawn or solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorldProblem {
    /// Too few or too many options.
    Options(String),
    /// Too many turns for so many options.
    Turns(String),
    /// A feature's parameters make no sense on some case.
    Feature(usize, String),
    /// A goal's utility is no number on some case.
    Goal(usize, String),
}

impl std::fmt::Display for WorldProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WorldProblem::Options(message) | WorldProblem::Turns(message) => f.write_str(message),
            WorldProblem::Feature(number, message) => write!(f, "feature {}: {message}", number + 1),
            WorldProblem::Goal(number, message) => write!(f, "goal {}: {message}", number + 1),
        }
    }
}

impl std::error::Error for WorldProblem {}

impl DecisionWorld {
    /// The world of these parts.
    ///
    /// # Errors
    /// The number of options is out of range, or options and turns make more ways through a case than can be looked at.
    pub fn new(parts: Parts) -> Result<DecisionWorld, WorldProblem> {
        let options = parts.options.len();
        if !(2..=MAX_OPTIONS).contains(&options) {
            return Err(WorldProblem::Options(format!("{options} options: there must be 2 to {MAX_OPTIONS}")));
        }
        let ways = u32::try_from(parts.turns).ok().and_then(|turns| (options as u64).checked_pow(turns));
        if parts.turns == 0 || ways.is_none_or(|ways| ways > MOST_WAYS) {
            return Err(WorldProblem::Turns(format!(
                "{options} options over {} turns are more than the {MOST_WAYS} ways through a case that can be looked at",
                parts.turns
            )));
        }
        Ok(DecisionWorld { parts })
    }

    /// What it is made of.
    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The features.
    pub fn features(&self) -> &[Feature] {
        &self.parts.features
    }

    /// The options' names.
    pub fn options(&self) -> &[String] {
        &self.parts.options
    }

    /// The most choices in a case.
    pub fn turns(&self) -> usize {
        self.parts.turns
    }

    /// The names, types and texts.
    pub fn scope(&self) -> &Scope {
        &self.parts.scope
    }

    /// A feature's value in words: `true`, `12.5`, `crypto`.
    pub fn words(&self, feature: usize, value: f64) -> String {
        match self.parts.features.get(feature).map(|feature| &feature.kind) {
            Some(Kind::Truth) => (value != 0.0).to_string(),
            Some(Kind::Text(_)) => self.parts.scope.symbols.text(value as u32).to_owned(),
            // Four decimals, as features are drawn with; a sum of such numbers may have more.
            _ => ((value * 1e4).round() / 1e4).to_string(),
        }
    }

    /// What a choice makes of the features, and whether the case is over; `turn` counts from 0.
    pub fn choose(&self, row: &[f64], option: usize, turn: usize) -> (Vec<f64>, bool) {
        let mut before = row.to_vec();
        before.push(option as f64);
        let mut after = before.clone();
        for (column, expr) in &self.parts.update {
            if let Some(to) = after.get_mut(*column) {
                *to = expr.value(&before);
            }
        }
        let over = turn + 1 >= self.parts.turns || self.parts.done.as_ref().is_some_and(|done| done.holds(&after));
        after.pop();
        (after, over)
    }

    /// The utilities of a goal on a row.
    ///
    /// # Errors
    /// One of them is no number; `number` is the goal's.
    pub(crate) fn utilities(&self, number: usize, goal: &Goal, row: &[f64]) -> Result<crate::Utilities, WorldProblem> {
        let utilities = goal.utilities(row);
        match utilities.iter().zip(&self.parts.options).find(|(utility, _)| !utility.is_finite()) {
            None => Ok(utilities),
            Some((utility, option)) => Err(WorldProblem::Goal(
                number,
                format!("the utility of `{option}` is {utility} on the case {}", self.describe(row)),
            )),
        }
    }

    /// A row in words: `amount = 12.5, country = DE`.
    pub fn describe(&self, row: &[f64]) -> String {
        let features = self.parts.features.iter().zip(row).enumerate();
        let words: Vec<String> = features
            .map(|(number, (feature, value))| format!("{} = {}", feature.name, self.words(number, *value)))
            .collect();
        words.join(", ")
    }
}
