//! What can go wrong with a run, in sentences that say what to do.

use std::path::{Path, PathBuf};

/// Why a run cannot be started, continued or read.
#[derive(Debug)]
pub enum RunError {
    /// The operating system refused something.
    Io {
        /// What was tried: `read`, `write`, `create`.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file does not hold what its format says.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do about it.
        advice: String,
    },
    /// A file was written by a later version.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// The last one that this version reads.
        known: u32,
    },
    /// A unit's file is not of this run.
    Foreign {
        /// The file.
        path: PathBuf,
        /// In what it differs, a clause.
        why: String,
        /// What to do about it.
        advice: String,
    },
    /// No run begins (or ends) with this id.
    NotFound {
        /// What was asked for.
        wanted: String,
        /// Where it was looked for.
        root: PathBuf,
    },
    /// Several runs begin with this id.
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The ids that match.
        ids: Vec<String>,
    },
    /// There is no run at all.
    NoRuns {
        /// Where they were looked for.
        root: PathBuf,
    },
    /// Another process works on this run.
    Busy {
        /// The run.
        id: String,
    },
    /// The request does not fit the study or the run: an unknown arm, a policy of another shape, an episode that is not there.
    Request(String),
    /// The study's levels cannot be made or solved as it declares them.
    Study(String),
    /// Something that cannot happen happened: a bug of misgoal's.
    Internal(String),
}

/// Whose fault an error is; the binary chooses its exit code by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request or the study file.
    Usage,
    /// Data on disk.
    Data,
    /// misgoal.
    Bug,
}

impl RunError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            RunError::Io { .. } | RunError::Damaged { .. } | RunError::Newer { .. } | RunError::Foreign { .. } => {
                Fault::Data
            }
            RunError::Internal(_) => Fault::Bug,
            _ => Fault::Usage,
        }
    }

    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> RunError {
        let path = path.to_path_buf();
        move |source| RunError::Io { doing, path, source }
    }

    pub(crate) fn damaged(path: &Path, why: impl std::fmt::Display, advice: impl Into<String>) -> RunError {
        RunError::Damaged { path: path.to_path_buf(), why: why.to_string(), advice: advice.into() }
    }
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Io { doing, path, source } => write!(f, "cannot {doing} `{}`: {source}", path.display()),
            RunError::Damaged { path, why, advice } => write!(f, "`{}` is damaged: {why}; {advice}", path.display()),
            RunError::Foreign { path, why, advice } => {
                write!(f, "`{}` is not of this run: {why}; {advice}", path.display())
            }
            RunError::Newer { path, format, known } => write!(
                f,
                "`{}` has format {format}, this misgoal reads up to {known}: use the version that wrote it, or a later one",
                path.display()
            ),
            RunError::NotFound { wanted, root } => {
                write!(f, "no run `{wanted}` in `{}`: `misgoal runs` lists those there are", root.display())
            }
            RunError::Ambiguous { wanted, ids } => {
                let listed: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
                write!(f, "`{wanted}` fits several runs: {}; give more of the id", listed.join(", "))
            }
            RunError::NoRuns { root } => {
                write!(f, "no runs in `{}` yet: `misgoal run coinrun` makes one", root.display())
            }
            RunError::Busy { id } => {
                write!(f, "another process is working on run `{id}`: wait for it, or stop it first")
            }
            RunError::Request(message) | RunError::Study(message) => f.write_str(message),
            RunError::Internal(message) => write!(f, "{message}; this is a bug in misgoal"),
        }
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RunError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
