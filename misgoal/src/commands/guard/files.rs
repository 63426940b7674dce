//! Which guard a verb is about, and its files.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use misgoal_gateway::Files;
use misgoal_gateway::{GatewayError, Place};
use misgoal_guard::Diagnostics;

use crate::exit::{Exit, Failure};

/// Which guard a verb is about.
#[derive(Clone, Debug, clap::Args)]
pub struct Where {
    /// The guard's configuration; what it names stands beside it
    #[arg(long, short, value_name = "FILE", default_value = "guard.toml")]
    pub config: PathBuf,
}

impl Where {
    /// The same for the gateway.
    pub fn place(&self) -> Place {
        Place::new(&self.config)
    }
}

/// Reads a guard's files.
///
/// # Errors
/// When one is missing or wrong.
pub fn load(place: &Where) -> Result<Files, Failure> {
    place.place().load().map_err(|error| match error {
        GatewayError::Missing(path) if path == place.config => {
            failure(GatewayError::Missing(path)).hint("`misgoal guard init -- COMMAND...` writes one for an MCP server")
        }
        error => failure(error),
    })
}

/// What becomes true when the process is told to stop: with Ctrl-C or as a service manager does.
///
/// # Errors
/// When the system does not let signals be caught.
pub fn stop_when_told() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    ctrlc::set_handler(move || told.store(true, Ordering::SeqCst))
        .map_err(|error| Failure::data(format!("signals cannot be caught: {error}")))?;
    Ok(stop)
}

/// A file's text.
///
/// # Errors
/// When it is not there or no text.
pub fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!("there is no file `{}`", path.display())),
        _ => Failure::data(format!("cannot read `{}`: {error}", path.display())),
    })
}

/// What the gateway could not do.
pub fn failure(error: GatewayError) -> Failure {
    match error {
        GatewayError::Wrong(wrong) => rendered(&wrong),
        GatewayError::Missing(path) => Failure::usage(format!("there is no file `{}`", path.display())),
        error => Failure::data(error.to_string()),
    }
}

/// A diagnostic that points into a file, as a failure.
pub fn rendered(wrong: &Diagnostics) -> Failure {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    Failure::Rendered { exit: Exit::Usage, text: wrong.render(colour) }
}
