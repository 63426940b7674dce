//! What a gateway cannot do.

use std::fmt;
use std::path::{Path, PathBuf};

use misgoal_guard::Diagnostics;

/// Why something could not be done.
#[derive(Debug)]
pub enum GatewayError {
    /// A file of the guard is not there.
    Missing(PathBuf),
    /// A file cannot be read or written, a process not started.
    Io {
        /// What was tried, as `cannot read X`.
        what: String,
        /// Why it failed.
        error: std::io::Error,
    },
    /// A file of the guard is wrong: points into it.
    Wrong(Box<Diagnostics>),
    /// A file holds what it should not.
    Data(String),
    /// The log refuses.
    Log(rusqlite::Error),
    /// The server does not answer as an MCP server does.
    Server(String),
}

impl GatewayError {
    pub(crate) fn io(what: &str, path: &Path, error: std::io::Error) -> GatewayError {
        if error.kind() == std::io::ErrorKind::NotFound && what.ends_with("read") {
            return GatewayError::Missing(path.to_path_buf());
        }
        GatewayError::Io { what: format!("{what} `{}`", path.display()), error }
    }
}

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GatewayError::Missing(path) => write!(f, "there is no file `{}`", path.display()),
            GatewayError::Io { what, error } => write!(f, "{what}: {error}"),
            GatewayError::Wrong(wrong) => wrong.fmt(f),
            GatewayError::Data(message) | GatewayError::Server(message) => f.write_str(message),
            GatewayError::Log(error) => write!(f, "the log cannot be used: {error}"),
        }
    }
}

impl std::error::Error for GatewayError {}

impl From<rusqlite::Error> for GatewayError {
    fn from(error: rusqlite::Error) -> GatewayError {
        GatewayError::Log(error)
    }
}

impl From<Diagnostics> for GatewayError {
    fn from(wrong: Diagnostics) -> GatewayError {
        GatewayError::Wrong(Box::new(wrong))
    }
}
