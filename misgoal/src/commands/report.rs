//! `misgoal report`: a run's report as one HTML file.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;
use misgoal_run::read::Run;

use super::runs::Where;
use crate::album::Album;
use crate::exit::{Exit, Failure};
use crate::output::Console;

/// Arguments of `misgoal report`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run's id, enough of it to be unique, or `latest`
    run: String,
    /// Where to write the report; in the run's directory if not given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Whether to open it in a browser
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Open::Auto)]
    open: Open,
    #[command(flatten)]
    place: Where,
}

/// Whether to open a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Open {
    /// At a terminal with a desktop
    Auto,
    Yes,
    No,
}

/// Writes the report.
///
/// # Errors
/// When there is no such run, a file of it is damaged, or the report cannot be written.
pub fn report(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let run = Run::open(&args.place.runs, &args.run)?;
    let path = write(&run, args.output.clone())?;
    console.line(format_args!("wrote {}", path.display()))?;
    let opened = match args.open {
        Open::No => false,
        Open::Yes => open(&path),
        Open::Auto => std::io::stdout().is_terminal() && has_desktop() && open(&path),
    };
    if !opened {
        console.hint(format_args!(
            "open it in a browser; `misgoal replay {}{}` lists its episodes",
            args.run,
            args.place.told()
        ));
    }
    Ok(Exit::Fine)
}

/// Writes a run's report to `output`, or into the run's directory; tells where.
///
/// # Errors
/// As [`report`].
pub fn write(run: &Run, output: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let album = Album::open(run)?;
    let html = misgoal_report::html(&album.input()).map_err(|error| Failure::bug(error.to_string()))?;
    let path = output.unwrap_or_else(|| run.dir().report_path());
    super::replace_file(&path, html.as_bytes())?;
    Ok(path)
}

/// Whether there is a desktop that could show a browser.
fn has_desktop() -> bool {
    cfg!(any(target_os = "macos", windows))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Hands the file to the desktop; whether that worked.
fn open(path: &Path) -> bool {
    let (program, first) = match () {
        () if cfg!(target_os = "macos") => ("open", None),
        () if cfg!(windows) => ("cmd", Some(["/C", "start", ""])),
        () => ("xdg-open", None),
    };
    let mut command = Command::new(program);
    command.args(first.into_iter().flatten()).arg(path);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
}
