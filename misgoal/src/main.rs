//! `misgoal`: tells which goal an agent has really learned.

#[cfg(feature = "study")]
mod album;
mod args;
mod commands;
#[cfg(test)]
#[cfg(all(feature = "study", feature = "guard"))]
mod docs;
mod exit;
#[cfg(feature = "study")]
mod film;
mod output;
#[cfg(feature = "study")]
mod studies;
mod suggest;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Args;
use crate::exit::Exit;
use crate::output::Console;

fn main() -> ExitCode {
    exit::install_panic_hook();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are data on stdout; everything else is clap's own message on stderr.
            let wrong = error.use_stderr();
            let _ = error.print();
            return if wrong { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    let console = Console { quiet: args.quiet };
    let ended = std::panic::catch_unwind(|| commands::dispatch(args.command, &console));
    match ended {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => {
            console.failure(&failure);
            failure.exit().into()
        }
        // The hook has said what happened.
        Err(_) => Exit::Bug.into(),
    }
}
