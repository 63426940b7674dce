//! `misgoal guard run`: a stdio server behind the guard.

use misgoal_gateway::stdio::{Ended, run as proxy};

use super::files::{self, Where};
use super::news;
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal guard run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// The command that starts the server
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Stands between stdin and stdout, where the agent is, and the server. Stdout is the agent's: everything for people goes to stderr.
///
/// # Errors
/// When a file is wrong, the log cannot be opened or the server cannot be started.
pub fn run(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let stop = files::stop_when_told()?;
    let (agent_in, agent_out, tell) = (std::io::stdin(), std::io::stdout(), news::teller(console));
    let ended = proxy(&args.place.place(), &args.command, agent_in, agent_out, &stop, tell).map_err(files::failure)?;
    match ended {
        Ended::ByAgent | Ended::ByServer(Some(0)) => Ok(Exit::Fine),
        Ended::ByServer(code) => {
            let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
            Err(Failure::data(format!("the server `{}` ended with {code}", args.command.join(" "))))
        }
    }
}
