//! One file a command: its arguments, their checks, the work.

pub mod complete;
pub mod man;
pub mod runs;

use crate::args::Command;
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Does what the command line asks.
///
/// # Errors
/// What the command could not do.
pub fn dispatch(command: Command, console: &Console) -> Result<Exit, Failure> {
    match command {
        Command::Runs(args) => runs::runs(&args, console),
        Command::Completions(args) => complete::complete(&args, console),
        Command::Man(args) => man::man(&args, console),
    }
}
