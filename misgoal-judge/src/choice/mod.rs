//! Agents that make a single choice in every episode: decisions of one turn, rows of a table.
//!
//! One choice says little about one episode and nothing about habits, so that the mixture of the longer episodes has no hold on it: with two options, whoever
//! follows a proxy in a share of the cases looks like whoever guesses in twice as many. What can be known is how often a proxy's side is taken where goals
//! part and, from rows on which they agree, how often the agent slips (`docs/method.md`).

mod away;
mod facts;
mod rows;
mod table;

pub(crate) use facts::ChoiceFacts;
pub(crate) use table::decide;

use crate::trace::Trace;

/// Whether every episode is a single choice, with nothing in it but what goals and options are.
pub(crate) fn is_single<'t>(mut traces: impl Iterator<Item = &'t Trace>) -> bool {
    traces.all(|trace| trace.steps.len() == 1 && trace.blind.is_empty() && trace.targets.is_empty())
}
