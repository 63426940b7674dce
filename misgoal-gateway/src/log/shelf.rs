//! Archives: files of records beside the live log, each closed when the log was rotated, and the one way in which all of them are read in order.
//!
//! An archive bears the number of its first record in its name. It is complete before its records leave the live log, so a record is in the live
//! log, in an archive, or, while they are moved, in both. Whoever reads asks the live log first; what stands there is not looked for elsewhere.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction};

use super::{FORMAT, Log};
use crate::GatewayError;

/// Digits of the number in an archive's name, at least.
const DIGITS: usize = 12;

/// One archive, open.
#[derive(Debug)]
pub(super) struct Archive {
    pub path: PathBuf,
    /// The numbers of its first and last record.
    pub first: i64,
    pub last: i64,
    pub connection: Connection,
}

/// Where the records that follow a number are.
pub(super) enum Source<'log> {
    /// In the live log, up to this number; the transaction sees it as it is now.
    Live(Snapshot<'log>, i64),
    Shelf(Archive),
    /// There are none.
    End,
}

/// The name's parts before and behind the number.
fn around(log: &Path) -> (String, String) {
    let text = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let behind = text(log.extension()).map(|ending| format!(".{ending}")).unwrap_or_default();
    (format!("{}-", text(log.file_stem()).unwrap_or_default()), behind)
}

/// Where the archive is that begins with this record.
pub(super) fn place(log: &Path, first: i64) -> PathBuf {
    let (before, behind) = around(log);
    log.with_file_name(format!("{before}{first:0DIGITS$}{behind}"))
}

/// The archives of a log and the numbers that they begin with, in order.
pub(super) fn list(log: &Path) -> Result<Vec<(i64, PathBuf)>, GatewayError> {
    let (before, behind) = around(log);
    let room = log.parent().filter(|room| !room.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let failed = |error| GatewayError::io("cannot look into", room, error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(room).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        let number = name.strip_prefix(&before).and_then(|rest| rest.strip_suffix(&behind));
        let number = number.filter(|text| text.len() >= DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()));
        found.extend(number.and_then(|text| text.parse().ok()).map(|first: i64| (first, log.with_file_name(&*name))));
    }
    found.sort();
    Ok(found)
}

impl Archive {
    /// Opens an archive to read it; none where it is not there any more.
    pub fn open(path: &Path) -> Result<Option<Archive>, GatewayError> {
        if !path.is_file() {
            return Ok(None);
        }
        let wrong = |why: &str| GatewayError::Data(format!("the archive `{}` cannot be read: {why}", path.display()));
        let read = || {
            let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let format: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            let bounds = bounds(&connection)?;
            Ok::<_, rusqlite::Error>((connection, format, bounds))
        };
        match read() {
            Ok((connection, FORMAT, Some((first, last)))) => {
                Ok(Some(Archive { path: path.to_path_buf(), first, last, connection }))
            }
            Ok((_, FORMAT, None)) => Err(wrong("it has no records")),
            Ok((_, format, _)) => Err(wrong(&format!("it is of format {format}, not {FORMAT}"))),
            // Removed between two looks.
            Err(_) if !path.exists() => Ok(None),
            Err(error) => Err(wrong(&error.to_string())),
        }
    }

    /// When its last record was written.
    pub fn until(&self) -> Result<i64, GatewayError> {
        let at = "SELECT at FROM record ORDER BY seq DESC LIMIT 1";
        Ok(self.connection.query_row(at, [], |row| row.get(0))?)
    }

    /// The hash of its last record.
    pub fn head(&self) -> Result<[u8; 32], GatewayError> {
        Ok(super::chain::head(&self.connection)?.1)
    }
}

/// The numbers of the first and the last record.
fn bounds(connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
    // Two questions, each answered at one end of the table.
    let ends = "SELECT (SELECT min(seq) FROM record), (SELECT max(seq) FROM record)";
    let (first, last): (Option<i64>, Option<i64>) =
        connection.prepare_cached(ends)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.zip(last))
}

/// The live log as it was at one moment, whatever others write meanwhile.
pub(super) struct Snapshot<'a> {
    connection: &'a Connection,
    /// None within [`Log::alone`], whose transaction holds the moment already.
    _moment: Option<Transaction<'a>>,
}

impl Deref for Snapshot<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Log {
    /// Holds this moment of the live log, for as long as the value lives.
    pub(super) fn snapshot(&self) -> Result<Snapshot<'_>, GatewayError> {
        let moment = self.connection.is_autocommit().then(|| self.connection.unchecked_transaction()).transpose()?;
        Ok(Snapshot { connection: &self.connection, _moment: moment })
    }

    /// The numbers of the live log's first and last record; none where it has none.
    pub(super) fn bounds(&self) -> Result<Option<(i64, i64)>, GatewayError> {
        Ok(bounds(&self.connection)?)
    }

    /// Archives whose records are in the live log no more, in order. One of which the live log still has the first record was not finished.
    pub(super) fn archives(&self) -> Result<Vec<Archive>, GatewayError> {
        let live = self.bounds()?.map_or(1, |(first, _)| first);
        let mut archives = Vec::new();
        for (first, path) in list(&self.path)?.into_iter().filter(|(first, _)| *first < live) {
            archives.extend(Archive::open(&path)?.filter(|archive| archive.first == first));
        }
        Ok(archives)
    }

    /// Where the records behind `after` are; where some are missing, where the next ones are.
    pub(super) fn source(&self, after: i64) -> Result<Source<'_>, GatewayError> {
        loop {
            let live = self.snapshot()?;
            let first = match bounds(&live)? {
                Some((_, last)) if last <= after => return Ok(Source::End),
                Some((first, last)) if first <= after + 1 => return Ok(Source::Live(live, last)),
                Some((first, _)) => first,
                None => return Ok(Source::End),
            };
            drop(live);
            let all: Vec<_> = list(&self.path)?.into_iter().filter(|(number, _)| *number < first).collect();
            // The one that has the next record, or the first one that begins later.
            let before = all.iter().rposition(|(number, _)| *number <= after + 1).unwrap_or(0);
            let mut vanished = false;
            for (_, path) in all.iter().skip(before) {
                match Archive::open(path)? {
                    Some(archive) if archive.last > after => return Ok(Source::Shelf(archive)),
                    Some(_) => {}
                    None => vanished = true,
                }
            }
            if !vanished {
                let live = self.snapshot()?;
                return Ok(match bounds(&live)? {
                    Some((_, last)) => Source::Live(live, last),
                    None => Source::End,
                });
            }
        }
    }

    /// Goes through all files that have records behind `after`, in order: each with the number after which it is to be read. Returns the last number.
    pub(super) fn across(
        &self,
        mut after: i64,
        mut visit: impl FnMut(&Connection, i64) -> Result<(), GatewayError>,
    ) -> Result<i64, GatewayError> {
        loop {
            match self.source(after)? {
                Source::Live(live, last) => {
                    visit(&live, after)?;
                    return Ok(last);
                }
                Source::Shelf(archive) => {
                    visit(&archive.connection, after)?;
                    after = archive.last;
                }
                Source::End => return Ok(after),
            }
        }
    }

    /// The last archive that closed before this time, in milliseconds since 1970: what follows it may be later.
    pub(super) fn before(&self, time: i64) -> Result<i64, GatewayError> {
        for archive in self.archives()?.iter().rev() {
            if archive.until()? < time {
                return Ok(archive.last);
            }
        }
        Ok(0)
    }

    /// The hash of this record, wherever it is.
    pub(super) fn hash_of(&self, seq: i64) -> Result<Option<[u8; 32]>, GatewayError> {
        let hash = |connection: &Connection| {
            let mut of = connection.prepare_cached("SELECT hash FROM record WHERE seq = ?1")?;
            of.query_row([seq], |row| row.get(0)).optional()
        };
        Ok(match self.source(seq - 1)? {
            Source::Live(live, _) => hash(&live)?,
            Source::Shelf(archive) => hash(&archive.connection)?,
            Source::End => None,
        })
    }
}
