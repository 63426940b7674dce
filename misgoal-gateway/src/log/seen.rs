//! Whether the log is still the file that was opened. One that was deleted, moved or replaced while a guard has it open is written on all the same, and nobody finds it again: what is on record
//! would be gone, and so would be what a person says.

use std::path::{Path, PathBuf};

use crate::GatewayError;

/// The files of an open log, as they were when it was opened. A rotation moves records out of them and leaves them where they are.
#[derive(Debug)]
pub(super) struct Seen {
    path: PathBuf,
    /// What SQLite writes first, and folds into the log later.
    ahead: PathBuf,
    /// What names each of them to the operating system; nothing where it names none.
    names: [Option<Name>; 2],
}

/// A file of a file system.
type Name = (u64, u64);

impl Seen {
    /// The files of a log that has just been opened.
    pub(super) fn of(path: &Path) -> Seen {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ahead = path.with_file_name(format!("{name}-wal"));
        let names = [name_of(path), name_of(&ahead)].map(|(name, _)| name);
        Seen { path: path.to_path_buf(), ahead, names }
    }

    /// Makes sure that they are the same files, and that nobody has emptied the log.
    ///
    /// # Errors
    /// When they are not: what is written then is found by nobody.
    pub(super) fn check(&mut self) -> Result<(), GatewayError> {
        let [log, ahead] = &mut self.names;
        // The second may be made later than the first.
        if ahead.is_none() {
            (*ahead, _) = name_of(&self.ahead);
        }
        for (path, known, may_be_empty) in [(&self.path, &*log, false), (&self.ahead, &*ahead, true)] {
            let (name, is_empty) = if known.is_some() { name_of(path) } else { (None, false) };
            if name != *known || is_empty && !may_be_empty {
                return Err(GatewayError::Data(format!(
                    "`{}` is not the file any more that this guard has opened for its log: it was deleted, moved, emptied or replaced. \
                     Nothing is passed on until it is put back, or the guard is started again",
                    path.display()
                )));
            }
        }
        Ok(())
    }
}

/// What names a file, if it is there, and whether nothing is in it. Only Unix lets a file go that is open.
#[cfg(unix)]
fn name_of(path: &Path) -> (Option<Name>, bool) {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).map_or((None, false), |file| (Some((file.dev(), file.ino())), file.len() == 0))
}

#[cfg(not(unix))]
fn name_of(_: &Path) -> (Option<Name>, bool) {
    (None, false)
}
