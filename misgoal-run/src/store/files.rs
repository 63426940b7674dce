//! Reading and writing files so that a kill at any moment leaves each of them whole.

#![expect(clippy::disallowed_methods, reason = "this file is where the run touches files")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::RunError;
use crate::record::FORMAT;

/// Whether a file must survive a power cut, or only a kill of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durable {
    /// `fsync` before and after the rename.
    Power,
    /// The rename alone.
    Kill,
}

/// The whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, RunError> {
    fs::read(path).map_err(RunError::io("read", path))
}

/// The whole file, or `None` where there is none.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RunError::io("read", path)(error)),
    }
}

/// Writes a file in whole or not at all: into a temporary file beside it, then renamed over it.
pub(crate) fn write(path: &Path, bytes: &[u8], durable: Durable) -> Result<(), RunError> {
    let temporary = beside(path);
    let fail = |error| RunError::io("write", path)(error);
    let result = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        if durable == Durable::Power {
            file.sync_all()?;
        }
        drop(file);
        fs::rename(&temporary, path)
    })();
    if let Err(error) = result {
        // The temporary file is of no use to anyone; that it stays behind is no second error.
        let _ = fs::remove_file(&temporary);
        return Err(fail(error));
    }
    if durable == Durable::Power {
        sync_directory(path.parent().unwrap_or(Path::new(".")));
    }
    Ok(())
}

/// Makes a rename in a directory survive a power cut, where the system can: some cannot open directories.
pub(crate) fn sync_directory(path: &Path) {
    if let Ok(directory) = File::open(path) {
        let _ = directory.sync_all();
    }
}

/// A JSON document, indented, with a final newline.
pub(crate) fn write_json(path: &Path, value: &impl Serialize, durable: Durable) -> Result<(), RunError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| not_json(path, &error))?;
    bytes.push(b'\n');
    write(path, &bytes, durable)
}

/// A JSON document with a `format`, which must be one that this version reads. `advice` says what to do when it is damaged.
pub(crate) fn parse_document<T: DeserializeOwned>(path: &Path, bytes: &[u8], advice: &str) -> Result<T, RunError> {
    /// What every document starts with, whatever else it holds.
    #[derive(serde::Deserialize)]
    struct Head {
        format: u32,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| RunError::damaged(path, error, advice))?;
    match head.format {
        0 => Err(RunError::damaged(path, "there is no format 0", advice)),
        format if format > FORMAT => Err(RunError::Newer { path: path.to_path_buf(), format, known: FORMAT }),
        _ => serde_json::from_slice(bytes).map_err(|error| RunError::damaged(path, error, advice)),
    }
}

/// That a value of ours cannot be written as JSON.
pub(crate) fn not_json(path: &Path, error: &serde_json::Error) -> RunError {
    RunError::Internal(format!("cannot write `{}` as JSON: {error}", path.display()))
}

/// A name beside `path` that no other writer uses; the leading dot keeps readers away from it.
fn beside(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{number}", std::process::id()))
}
