//! `misgoal new`: a copy of a study to edit.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use crate::exit::{Exit, Failure};
use crate::output::Console;
use crate::studies;

/// Arguments of `misgoal new`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The new study's name: lower-case letters, digits and hyphens; the file is NAME.toml in this directory
    name: String,
    /// The study to copy: a built-in name or a path
    #[arg(long, value_name = "STUDY")]
    from: String,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// Writes `NAME.toml`.
///
/// # Errors
/// When the name is no study name, there is nothing to copy, or the file is there already.
pub fn new(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let source = studies::source(&args.from)?;
    studies::parse(&source.name, &source.text)?;
    let text = misgoal_study::new_from(&source.text, &args.name).map_err(|error| Failure::usage(error.to_string()))?;
    let path = PathBuf::from(format!("{}.toml", args.name));
    let mut options = OpenOptions::new();
    let options = if args.force { options.create(true).truncate(true) } else { options.create_new(true) };
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::usage(format!("`{}` is already there", path.display()))
            .hint("choose another name, or write over it with `--force`"),
        _ => Failure::data(format!("cannot write `{}`: {error}", path.display())),
    };
    let mut file = options.write(true).open(&path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    console.line(format_args!("wrote {}", path.display()))?;
    console.hint(format_args!("edit it, then check it with `misgoal lint {}`", path.display()));
    Ok(Exit::Fine)
}
