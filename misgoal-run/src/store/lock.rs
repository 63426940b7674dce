//! One process at a time works on a run: an advisory lock on a file, which the system lets go when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::RunError;

/// Held while a process works on a run.
#[derive(Debug)]
pub struct Lock {
    /// Closing the file lets the lock go; `None` where the file system has no locks.
    _file: Option<File>,
}

impl Lock {
    /// Takes the lock, or says that another process has it.
    pub(crate) fn take(path: &Path, id: &str) -> Result<Lock, RunError> {
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(path).map_err(RunError::io("create", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(RunError::Busy { id: id.to_owned() }),
            // Some network file systems have no locks: work on without, as if alone.
            Err(TryLockError::Error(_)) => Ok(Lock { _file: None }),
        }
    }

    /// Whether a living process has the lock.
    pub(crate) fn is_taken(path: &Path) -> bool {
        let mut options = OpenOptions::new();
        options.read(true).open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
