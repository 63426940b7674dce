//! `misgoal guard watch`: sessions, decisions, what waits for a person and the evidence of alarms, live on a terminal.

#[cfg(test)]
mod drawn_tests;
mod feed;
mod frame;
mod model;
mod screen;
#[cfg(test)]
mod tests;
mod view;

use std::io::IsTerminal as _;

use misgoal_guard::Mode;

use super::files::{self, Where};
use crate::exit::{Exit, Failure};
use crate::output::Console;
use feed::Feed;
use view::View;

/// Arguments of `misgoal guard watch`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Begin with the last N records
    #[arg(long, short = 'n', value_name = "N", default_value_t = 2000)]
    last: u32,
    /// Print one screen as text and end; needs no terminal
    #[arg(long)]
    once: bool,
}

/// Rows of a screen that is printed where there is no terminal to fill.
const ROWS: usize = 40;

/// Shows the guard's sessions until one has seen enough.
///
/// # Errors
/// When there is no terminal, or with `--once` no log.
pub fn watch(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    let mut view = View { server: files.config.server.clone(), mode: mode(&files).to_owned(), ..View::default() };
    let mut feed = Feed::new(&files.log_path, args.last.max(1), files.config.approvals.valid.0);
    if args.once {
        feed.look(&mut view).map_err(files::failure)?;
        let rows = terminal_size::terminal_size().map_or(ROWS, |(_, rows)| usize::from(rows.0));
        let mut lines = frame::frame(&mut view, console.width(), rows.max(2));
        // The last line is about keys.
        lines.pop();
        lines.iter().try_for_each(|line| console.line(line.painted().trim_end()))?;
        return Ok(Exit::Fine);
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage("`misgoal guard watch` draws on a terminal, and here is none").hint(
            "`misgoal guard log --follow` prints records as they come, `misgoal guard watch --once` one screen",
        ));
    }
    screen::show(&args.place, &mut feed, &mut view)?;
    Ok(Exit::Fine)
}

fn mode(files: &files::Files) -> &'static str {
    if files.config.mode == Mode::Enforce { "enforce" } else { "log" }
}
