//! One file a command: its arguments, their checks, the work.

#[cfg(feature = "study")]
pub mod atlas;
#[cfg(feature = "study")]
pub mod audit;
#[cfg(feature = "study")]
pub mod calibrate;
#[cfg(feature = "study")]
pub mod compare;
pub mod complete;
#[cfg(feature = "guard")]
pub mod guard;
#[cfg(feature = "study")]
pub mod judge;
#[cfg(feature = "study")]
pub mod lint;
#[cfg(feature = "study")]
pub mod list;
pub mod man;
#[cfg(feature = "study")]
pub mod new;
#[cfg(feature = "study")]
pub mod play;
#[cfg(feature = "study")]
pub mod replay;
#[cfg(feature = "study")]
pub mod report;
#[cfg(feature = "study")]
pub mod run;
#[cfg(feature = "study")]
mod run_all;
#[cfg(feature = "study")]
pub mod runs;
#[cfg(feature = "study")]
pub mod schema;
#[cfg(feature = "study")]
pub mod search;
#[cfg(feature = "study")]
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
        #[cfg(feature = "study")]
        Command::List(args) => list::list(&args, console),
        #[cfg(feature = "study")]
        Command::Show(args) => show::show(&args, console),
        #[cfg(feature = "study")]
        Command::New(args) => new::new(&args, console),
        #[cfg(feature = "study")]
        Command::Play(args) => play::play(&args, console),
        #[cfg(feature = "study")]
        Command::Lint(args) => lint::lint(&args, console),
        #[cfg(feature = "study")]
        Command::Run(args) => run::run(args, console),
        #[cfg(feature = "study")]
        Command::Judge(args) => judge::judge(&args, console),
        #[cfg(feature = "study")]
        Command::Audit(args) => audit::audit(&args, console),
        #[cfg(feature = "study")]
        Command::Calibrate(args) => calibrate::calibrate(&args, console),
        #[cfg(feature = "study")]
        Command::Search(args) => search::search(&args, console),
        #[cfg(feature = "study")]
        Command::Atlas(args) => atlas::atlas(&args, console),
        #[cfg(feature = "study")]
        Command::Runs(args) => runs::runs(&args, console),
        #[cfg(feature = "study")]
        Command::Compare(args) => compare::compare(&args, console),
        #[cfg(feature = "study")]
        Command::Report(args) => report::report(&args, console),
        #[cfg(feature = "study")]
        Command::Replay(args) => replay::replay(&args, console),
        #[cfg(feature = "study")]
        Command::Schema(args) => schema::schema(&args, console),
        #[cfg(feature = "guard")]
        Command::Guard(verb) => guard::guard(verb, console),
        #[cfg(not(feature = "guard"))]
        Command::Guard { .. } => Err(Failure::usage("this build of misgoal has no guard")
            .hint("`cargo build --release --features guard` builds one that has")),
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
