//! `misgoal guard test`: decisions that the policies must make.

use std::path::PathBuf;

use super::files::{self, Where};
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal guard test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// The file of expected decisions (docs/guard.md shows one)
    #[arg(default_value = "guard.test.toml")]
    file: PathBuf,
}

/// Judges each case of the file and shows those that come out otherwise.
///
/// # Errors
/// When a file is missing or wrong.
pub fn test(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    let policies = files.policies().map_err(files::failure)?;
    let (text, name) = (files::read(&args.file)?, args.file.display().to_string());
    let (cases, missed) = misgoal_guard::expect::run(&name, &text, &policies, &files.tools, &files.config)
        .map_err(|wrong| files::rendered(&wrong))?;
    if !missed.list.is_empty() {
        console.line(missed.render(false))?;
        console.line("")?;
    }
    console.line(format_args!("{} of {cases} decisions are as expected", cases - missed.list.len()))?;
    Ok(if missed.list.is_empty() { Exit::Fine } else { Exit::Finding })
}
