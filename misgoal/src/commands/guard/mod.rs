//! `misgoal guard`: one file a verb.

mod check;
mod files;
mod test;

use clap::Subcommand;

use crate::exit::{Exit, Failure};
use crate::output::Console;

/// What the guard can be told.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Check guard.toml and its policies: errors, policies that never decide, tools that nothing permits
    Check(check::Args),
    /// Hold the policies to a file of expected decisions
    Test(test::Args),
}

/// Does what the verb asks.
///
/// # Errors
/// What it could not do.
pub fn guard(verb: Verb, console: &Console) -> Result<Exit, Failure> {
    match verb {
        Verb::Check(args) => check::check(&args, console),
        Verb::Test(args) => test::test(&args, console),
    }
}
