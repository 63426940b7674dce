//! One file a command: its arguments, their checks, the work.

pub mod compare;
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
pub mod search;
pub mod show;

use std::path::Path;

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
        Command::Search(args) => search::search(&args, console),
        Command::Runs(args) => runs::runs(&args, console),
        Command::Compare(args) => compare::compare(&args, console),
        Command::Report(args) => report::report(&args, console),
        Command::Replay(args) => replay::replay(&args, console),
        Command::Schema(args) => schema::schema(&args, console),
        Command::Completions(args) => complete::complete(&args, console),
        Command::Man(args) => man::man(&args, console),
    }
}

/// Writes a file in whole or not at all: beside its place, then renamed over it.
fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error| Failure::data(format!("cannot write `{}`: {error}", path.display()));
    let name = path.file_name().ok_or_else(|| Failure::usage(format!("`{}` is no file name", path.display())))?;
    let beside = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        // What is left half-written is of no use; that it cannot be removed is no second error.
        let _ = std::fs::remove_file(&beside);
        fail(error)
    })
}
