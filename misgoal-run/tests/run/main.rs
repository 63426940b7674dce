//! Runs from end to end: what a verdict says, what a kill costs, what is read back.
#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "these tests look into run directories and damage them")]

mod ceilings;
mod common;
mod decisions;
mod fixtures;
mod holdouts;
mod identity;
mod lint;
mod resume;
mod scripted;
