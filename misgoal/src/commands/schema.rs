//! `misgoal schema`: the formats, for editors and programs.

use clap::ValueEnum;

use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The format
    #[arg(value_enum, default_value_t = Format::Study)]
    format: Format,
}

/// A documented format.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The study file
    Study,
    /// What `misgoal run --json` prints and `verdict.json` holds
    Json,
    /// What `misgoal compare --json` prints
    Compare,
    /// What `misgoal search --json` prints
    Search,
    /// What `misgoal calibrate --json` prints
    Calibrate,
    /// What `misgoal audit --json` prints
    Audit,
    /// What `misgoal atlas --json` prints and `atlas.json` holds
    Atlas,
}

/// Prints a JSON Schema.
///
/// # Errors
/// When stdout cannot be written.
pub fn schema(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let schema = match args.format {
        Format::Study => misgoal_study::schema().clone(),
        Format::Json => misgoal_run::record::record_schema(),
        Format::Atlas => misgoal_run::atlas::schema(),
        Format::Search => misgoal_run::search::schema(),
        Format::Audit => misgoal_run::audit::schema(),
        Format::Calibrate => misgoal_run::calibrate::schema(),
        Format::Compare => misgoal_run::compare::schema(),
    };
    console.line(format_args!("{schema:#}"))?;
    Ok(Exit::Fine)
}
