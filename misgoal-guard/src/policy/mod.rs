//! Cedar policies over a server's tools: default deny, validated against a schema made from the tool list, sliced by action so that a
//! decision looks only at the policies that can apply to it.

pub mod admits;
mod compared;
mod compile;
mod context;
mod decide;
mod decimal;
mod fits;
mod json;
mod keys;
mod kinds;
mod limits;
mod lint;
mod needs;
mod pattern;
mod pointer;
mod schema;
pub mod shape;
mod ways;

pub use compile::{Policies, Rule};
pub use decide::{Ask, Judgement, Subject, Verdict};
pub use lint::{Finding, lint};
pub(crate) use schema::arguments;
pub use schema::cedar_schema;
