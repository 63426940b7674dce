//! `misgoal man`: the manual page.

use clap::CommandFactory as _;

use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command whose page to print; without one, the page on misgoal itself
    command: Option<String>,
}

/// Prints the page in roff, for `misgoal man | man -l -`.
///
/// # Errors
/// When there is no such command or stdout cannot be written.
pub fn man(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let mut all = crate::args::Args::command().disable_help_subcommand(true);
    all.build();
    let page = match &args.command {
        None => all,
        Some(name) => all.find_subcommand(name).cloned().ok_or_else(|| {
            let known = all.get_subcommands().map(|command| command.get_name());
            crate::suggest::unknown("command", name, known, "`misgoal --help` lists the commands")
        })?,
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).date("").render(&mut roff)?;
    console.data(String::from_utf8_lossy(&roff))?;
    Ok(Exit::Fine)
}
