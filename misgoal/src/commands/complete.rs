//! `misgoal completions`: a shell's completion script.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell that shall complete misgoal's commands
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When stdout cannot be written.
pub fn complete(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::args::Args::command(), "misgoal", &mut script);
    console.data(String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}
