//! The study file: TOML with spans, validated types, JSON Schema, diagnostics. No I/O.
//!
//! A file is read in three steps: TOML with the place of every value; its shape, checked against the JSON Schema that the types of
//! `file.rs` generate; its meaning, checked by building the world, the goals and the distributions. What comes out is a [`Study`],
//! plain data, or [`Diagnostics`] that point into the file. `[world] kind` says which kind of study a file is ([`AnyStudy`]).

mod any;
mod builtin;
mod canonical;
mod ceilings;
mod check;
mod copy;
mod decision;
mod decision_file;
mod diagnostic;
mod file;
mod parse;
mod place;
mod reference;
mod schema;
mod shape;
mod span;
mod study;
mod suggest;

pub use any::{AnyStudy, ShiftHead, StudyRef};
pub use builtin::{Builtin, builtin, builtins};
pub use ceilings::{BuiltinCeiling, builtin_ceilings};
pub use copy::{CopyError, new_from};
pub use decision::{DecisionAgent, DecisionShift, DecisionStudy, Learn};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use reference::reference;
pub use schema::schema;
pub use span::Span;
pub use study::{AgentSpec, Arm, CaseStudy, Evaluation, JudgeOn, Mitigation, Shift, Study};

#[cfg(test)]
mod tests;
