//! `misgoal guard rotate`: the audit log is closed as an archive now, for who does it by the calendar.

use misgoal_gateway::Log;

use super::files::{self, Where};
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal guard rotate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
}

/// Closes the live log as an archive, whatever its size, and removes archives that guard.toml's `keep` no longer keeps. Guards that are running go on.
///
/// # Errors
/// When there is no log, or it cannot be moved: nothing has left it then.
pub fn rotate(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    // One that is there.
    Log::open_to_read(&files.log_path).map_err(files::failure)?;
    let mut log = Log::open(&files.log_path).map_err(files::failure)?;
    match log.rotate(&mut |_| {}).map_err(files::failure)? {
        Some(closed) => console.line(format_args!(
            "records {} to {} are archived as `{}`; head {}",
            closed.first,
            closed.last,
            closed.path.display(),
            closed.head
        ))?,
        None => console.line("there is nothing to archive, or another process is doing it")?,
    }
    if let Some(keep) = &files.config.log.keep {
        let window = files.config.longest_window().0;
        let profile = files.profile.as_ref().map(|profile| profile.digest.as_str());
        if let Some(removed) = log.retain(keep.get_ref(), window, profile, &mut |_| {}).map_err(files::failure)? {
            console.line(format_args!("removed the records up to {}, as `keep` says", removed.last))?;
        }
    }
    console.hint("`misgoal guard log --verify` goes through archives and log");
    Ok(Exit::Fine)
}
