//! One file a command: its arguments, their checks, the work.

pub mod complete;
pub mod judge;
pub mod lint;
pub mod list;
pub mod man;
pub mod new;
pub mod play;
pub mod replay;
pub mod report;
pub mod run;
pub mod runs;
pub mod schema;
pub mod show;

use crate::args::Command;
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Does what the command line asks.
///
/// # Errors
/// What the command could not do.
pub fn dispatch(command: Command, console: &Console) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::list(&args, console),
        Command::Show(args) => show::show(&args, console),
        Command::New(args) => new::new(&args, console),
        Command::Play(args) => play::play(&args, console),
        Command::Lint(args) => lint::lint(&args, console),
        Command::Run(args) => run::run(args, console),
        Command::Judge(args) => judge::judge(&args, console),
        Command::Runs(args) => runs::runs(&args, console),
        Command::Report(args) => report::report(&args, console),
        Command::Replay(args) => replay::replay(&args, console),
        Command::Schema(args) => schema::schema(&args, console),
        Command::Completions(args) => complete::complete(&args, console),
        Command::Man(args) => man::man(&args, console),
    }
}
