//! Decisions: a kind of world in which a case is a row of features, and an agent chooses one of a few options.
//!
//! Features are drawn one after the other from declared distributions, whose parameters may be expressions over earlier features: a small
//! structural model ([`Source`]). Goals are expressions that name the preferred option or give each option's utility ([`Preference`]).
//! In a world of several turns a chosen option changes features by declared expressions. A case is solved exactly for every goal
//! ([`Solved`]). Expressions are written in CEL ([`Scope::compile`]). No I/O.

mod case;
mod encode;
mod error;
mod expr;
mod goal;
pub mod identity;
mod marks;
mod plan;
mod row;
mod scope;
mod source;
mod world;

pub use case::{Case, hash};
pub use encode::Encoder;
pub use error::ExprError;
pub use expr::Expr;
pub use goal::{Goal, Preference, Utilities};
pub use marks::Marks;
pub use plan::{Moment, Solved, Tie};
pub use row::{Given, RowError};
pub use scope::{Kind, Scope, Symbols};
pub use source::{Distribution, Source};
pub use world::{DecisionWorld, Feature, MAX_OPTIONS, Parts, WorldProblem};
