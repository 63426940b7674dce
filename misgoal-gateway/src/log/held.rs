//! What is held, whole, for the person who decides: files beside the log and outside of its chain, which holds no secrets. Each is there for as long as
//! somebody waits for it and no longer.
//!
//! `guard.db-held` is a folder with one folder for each process that holds something, whose lock lasts as long as the process: what a killed one has left is
//! told by that, and removed by the next who comes.
#![expect(clippy::disallowed_methods, reason = "the gateway reads and writes the guard's files")]

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::{GatewayError, private, random};

/// The file that is locked for as long as its folder's process lives.
const LOCK: &str = "lock";

fn room(log: &Path) -> PathBuf {
    let name = log.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    log.with_file_name(format!("{name}-held"))
}

/// Whoever makes folders or clears them away does it alone.
fn turn(room: &Path) -> Result<File, GatewayError> {
    let path = room.join(LOCK);
    let failed = |error| GatewayError::io("cannot lock", &path, error);
    let file = match private::create(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => File::open(&path),
        created => created,
    };
    let file = file.map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// What one process holds.
#[derive(Debug)]
pub(super) struct Holder {
    folder: PathBuf,
    /// Dropped after the folder has gone.
    _lock: File,
}

impl Holder {
    /// Makes a folder for this process.
    pub fn new(log: &Path) -> Result<Holder, GatewayError> {
        let room = room(log);
        let failed = |error| GatewayError::io("cannot make", &room, error);
        private::folder(&room).map_err(failed)?;
        let _alone = turn(&room)?;
        let folder = room.join(random::letters(16)?);
        private::folder(&folder).map_err(failed)?;
        let lock = private::create(&folder.join(LOCK)).and_then(|lock| lock.lock().map(|()| lock)).map_err(failed)?;
        Ok(Holder { folder, _lock: lock })
    }

    /// Puts a text there under a name that nothing has; false where something has it.
    pub fn put(&self, id: &str, content: &str) -> Result<bool, GatewayError> {
        let path = self.folder.join(id);
        let written = match private::create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            created => created.and_then(|mut file| file.write_all(content.as_bytes())),
        };
        written.map_err(|error| {
            // Half of it is of no use.
            let _ = std::fs::remove_file(&path);
            GatewayError::io("cannot write", &path, error)
        })?;
        Ok(true)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // Nothing is held by a process that ends; what cannot be removed the next one clears away.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folders of processes, living and dead.
fn folders(log: &Path) -> Result<Vec<PathBuf>, GatewayError> {
    let room = room(log);
    let failed = |error| GatewayError::io("cannot look into", &room, error);
    let entries = match std::fs::read_dir(&room) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

/// Whether a folder's process lives. Who asks shares the lock with others who ask.
fn lives(folder: &Path) -> bool {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return false };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Where something is that a living process holds.
fn find(log: &Path, id: &str) -> Result<Option<PathBuf>, GatewayError> {
    // An id is a name of ours; another one might lead elsewhere.
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_lowercase()) || id == LOCK {
        return Ok(None);
    }
    let mut all = folders(log)?.into_iter();
    Ok(all.find(|folder| folder.join(id).is_file() && lives(folder)).map(|folder| folder.join(id)))
}

/// What is held under a name, whole; none where nobody holds it any more.
pub(super) fn read(log: &Path, id: &str) -> Result<Option<String>, GatewayError> {
    let Some(path) = find(log, id)? else { return Ok(None) };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        // Settled between two looks.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(GatewayError::io("cannot read", &path, error)),
    }
}

/// The beginning of what is held under a name, of so many bytes or a little less, and how many it has.
pub(super) fn beginning(log: &Path, id: &str, most: u64) -> Result<Option<(String, u64)>, GatewayError> {
    let Some(path) = find(log, id)? else { return Ok(None) };
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| {
        let size = file.metadata()?.len();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(size)
    });
    match read {
        Ok(size) => {
            let whole = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            Ok(Some((whole.to_owned(), size)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(GatewayError::io("cannot read", &path, error)),
    }
}

/// Lets something go, whoever holds it.
pub(super) fn remove(log: &Path, id: &str) -> Result<(), GatewayError> {
    let Some(path) = find(log, id)? else { return Ok(()) };
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(GatewayError::io("cannot remove", &path, error)),
        _ => Ok(()),
    }
}

/// Clears away what processes have left that live no more.
pub(super) fn sweep(log: &Path) -> Result<(), GatewayError> {
    if folders(log)?.is_empty() {
        return Ok(());
    }
    let _alone = turn(&room(log))?;
    for folder in folders(log)?.into_iter().filter(|folder| !lives(folder)) {
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(GatewayError::io("cannot remove", &folder, error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_private_and_ends_with_its_process() {
        let place = tempfile::tempdir().unwrap();
        let log = place.path().join("guard.db");
        let (one, other) = (Holder::new(&log).unwrap(), Holder::new(&log).unwrap());
        assert!(one.put("aaaa", "whole").unwrap() && !one.put("aaaa", "again").unwrap());
        assert_eq!(read(&log, "aaaa").unwrap().as_deref(), Some("whole"));
        assert_eq!(beginning(&log, "aaaa", 3).unwrap(), Some(("who".to_owned(), 5)));
        assert_eq!(read(&log, "../guard.db").unwrap(), None);
        #[cfg(unix)]
        for path in [room(&log), one.folder.clone(), one.folder.join("aaaa")] {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
        // A killed process removes nothing: its lock goes, its folder stays.
        let dead = one.folder.with_file_name("dead");
        private::folder(&dead).unwrap();
        private::create(&dead.join(LOCK)).unwrap();
        private::create(&dead.join("bbbb")).unwrap();
        assert_eq!(read(&log, "bbbb").unwrap(), None, "nobody waits for it");
        sweep(&log).unwrap();
        assert!(!dead.exists() && one.folder.exists() && other.folder.exists());
        remove(&log, "aaaa").unwrap();
        assert_eq!(read(&log, "aaaa").unwrap(), None);
        drop(one);
        assert_eq!(folders(&log).unwrap().len(), 1);
    }
}
