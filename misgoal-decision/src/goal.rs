//! Goals: what each option is worth on a case.

use crate::expr::Expr;
use crate::world::MAX_OPTIONS;

/// The utility of every option, those that the world has not at 0.
pub type Utilities = [f64; MAX_OPTIONS];

/// A goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Its name.
    pub name: String,
    /// What it prefers.
    pub preference: Preference,
}

/// What a goal prefers.
#[derive(Clone, Debug, PartialEq)]
pub enum Preference {
    /// An expression whose text is the preferred option's name: that option is worth 1, the others 0.
    Prefers(Expr),
    /// An expression for each option's utility, in the options' order. Over several turns utilities add up.
    Utility(Vec<Expr>),
}

impl Goal {
    /// What each option is worth on a row of features, now: what a later turn brings is the planner's ([`crate::Solved`]).
    pub fn utilities(&self, row: &[f64]) -> Utilities {
        let mut utilities = [0.0; MAX_OPTIONS];
        match &self.preference {
            Preference::Prefers(expr) => {
                // The options' names are the first symbols of a world.
                let preferred = expr.value(row);
                (0u8..)
                    .zip(&mut utilities)
                    .for_each(|(option, to)| *to = f64::from(u8::from(f64::from(option) == preferred)));
            }
            Preference::Utility(exprs) => {
                utilities.iter_mut().zip(exprs).for_each(|(to, expr)| *to = expr.value(row));
            }
        }
        utilities
    }
}
