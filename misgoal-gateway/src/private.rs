//! Files for nobody but their owner: the key beside a log, and what is held.
#![expect(clippy::disallowed_methods, reason = "the gateway reads and writes the guard's files")]

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use misgoal_guard::approval::Key;

use crate::{GatewayError, random};

/// Begins a file that is not there yet.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a file to write at its end; a new one is its owner's.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder, or takes one that is there, and closes it to others.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        done => return done,
    }
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// The key beside a log, where there is one.
pub(crate) fn key(path: &Path) -> Result<Option<Key>, GatewayError> {
    match std::fs::read(path) {
        Ok(bytes) => match <[u8; 32]>::try_from(bytes) {
            Ok(bytes) => Ok(Some(Key::new(bytes))),
            Err(_) => Err(GatewayError::Data(format!("`{}` is no key: it has not 32 bytes", path.display()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(GatewayError::io("cannot read", path, error)),
    }
}

/// The key beside a log; a new one where there is none. Nobody else begins one at the same time: the caller sees to that.
pub(crate) fn key_or_new(path: &Path) -> Result<Key, GatewayError> {
    if let Some(key) = key(path)? {
        return Ok(key);
    }
    let bytes = random::bytes::<32>()?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Who looks for it finds a whole one or none.
    let beside = path.with_file_name(format!(".{name}.{}", random::letters(8)?));
    let write = || {
        let mut file = create(&beside)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| GatewayError::io("cannot write", path, error))?;
    Ok(Key::new(bytes))
}
