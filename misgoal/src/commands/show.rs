//! `misgoal show`: a study file as it stands.

use crate::exit::{Exit, Failure};
use crate::output::Console;
use crate::studies;

/// Arguments of `misgoal show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A built-in study's name or the path of a study file
    study: String,
}

/// Prints the file, byte for byte.
///
/// # Errors
/// When there is no such study. What is wrong with it is for `lint` to say.
pub fn show(args: &Args, console: &Console) -> Result<Exit, Failure> {
    console.data(studies::source(&args.study)?.text)?;
    console.hint(format_args!("copy it with `misgoal new mine --from {}` and edit it", args.study));
    Ok(Exit::Fine)
}
