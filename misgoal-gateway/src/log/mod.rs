//! The audit log: attempts and outcomes in SQLite, each record hashed together with the one before it.
//!
//! A record is committed before what it is about is done: an attempt before the server gets the call, an outcome before the agent gets the
//! answer. A killed process therefore loses no record of a call that reached the server. With `durable` the commit that precedes an answer
//! is forced to the disk as well, and with it every commit before.

mod answer;
mod asking;
mod chain;
mod glance;
mod held;
mod otel;
mod others;
mod pending;
mod query;
mod rotate;
mod seen;
mod shelf;

pub use answer::{Became, Decision};
pub use chain::Damage;
pub use glance::{Glance, Matter};
pub use otel::Spans;
pub(crate) use others::Others;
pub use pending::{Pending, State};
pub use query::{Filter, Stored};
pub use rotate::{Closed, Removed, Stage};

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use misgoal_guard::Record;
use misgoal_guard::approval::Key;
use misgoal_guard::config::RedactTable;
use misgoal_guard::redact::Redactor;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use crate::desk::lock;
use crate::{GatewayError, now, private, random};

/// The version of the tables.
const FORMAT: i64 = 1;

/// What a live log and an archive have in common.
const RECORDS: &str = "
CREATE TABLE record (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL,
    call INTEGER, tool TEXT, body TEXT NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER record_is_not_changed BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER record_is_not_deleted BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
PRAGMA user_version = 1;
";

const PENDING: &str = "
CREATE TABLE pending (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, session TEXT NOT NULL, call INTEGER, tool TEXT NOT NULL, digest TEXT NOT NULL,
    version TEXT NOT NULL, shown TEXT NOT NULL, reason TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
    state TEXT NOT NULL, decided_by TEXT, valid_until INTEGER
) STRICT;
CREATE INDEX pending_by_digest ON pending (digest, state);
";

/// Sessions that a monitor has watched are looked up when one begins, and so is what was archived, and what a person has said while something waits; logs of
/// earlier versions get the indexes too.
const FOUND: &str = "
CREATE INDEX IF NOT EXISTS record_watched ON record (seq) WHERE kind = 'watched';
CREATE INDEX IF NOT EXISTS record_archive ON record (seq) WHERE kind = 'archive';
CREATE INDEX IF NOT EXISTS record_decision ON record (seq) WHERE kind = 'decision';
";

/// An open log.
#[derive(Debug)]
pub struct Log {
    connection: Connection,
    /// Where it is: its archives stand beside it.
    path: PathBuf,
    /// Its files as they were opened; nothing where it is only looked at.
    seen: Option<seen::Seen>,
    /// What `PRAGMA synchronous` was last set to.
    forced: Option<bool>,
    /// The last record as far as this connection knows. Another process may have appended since: then the next number is taken, and that is how one
    /// finds out. Asking first would cost each record a statement more.
    head: Option<chain::Head>,
    /// With what is hashed that the log names and does not hold; a log of an earlier version that is only looked at may have none.
    key: Option<Key>,
    /// What this process holds for a person, if anything.
    holder: Option<held::Holder>,
    /// What takes the secrets out of each record; whoever has the guard's configuration shares its own.
    redactor: Arc<Mutex<Redactor>>,
}

/// Where a log's key is.
fn key_path(log: &Path) -> PathBuf {
    let name = log.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    log.with_file_name(format!("{name}-key"))
}

impl Log {
    /// Opens the log at this path, or begins one.
    ///
    /// # Errors
    /// When it cannot be opened, is damaged or of another format.
    pub fn open(path: &Path) -> Result<Log, GatewayError> {
        // SQLite's other files are as open to others as this one.
        match private::create(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(GatewayError::io("cannot make", path, error));
            }
            _ => {}
        }
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        write_ahead(&connection)?;
        let begin = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match begin.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
            0 => {
                begin.execute_batch(RECORDS)?;
                begin.execute_batch(PENDING)?;
            }
            FORMAT => {}
            other => {
                let message =
                    format!("the log `{}` is of format {other}; this misgoal reads format {FORMAT}", path.display());
                return Err(GatewayError::Data(message));
            }
        }
        begin.execute_batch(FOUND)?;
        // Nobody else begins one meanwhile.
        let key = Some(private::key_or_new(&key_path(path))?);
        begin.commit()?;
        let log = Log::with(connection, path, key)?;
        Ok(Log { seen: Some(seen::Seen::of(path)), ..log })
    }

    /// Opens a log that is there, to look at it.
    ///
    /// # Errors
    /// When it is not there or of another format.
    pub fn open_to_read(path: &Path) -> Result<Log, GatewayError> {
        if !path.is_file() {
            return Err(GatewayError::Missing(path.to_path_buf()));
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        match connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
            FORMAT => {
                // Who may not read it can look at the log, and not at what is held.
                let key = match private::key(&key_path(path)) {
                    Err(GatewayError::Io { error, .. }) if error.kind() == std::io::ErrorKind::PermissionDenied => None,
                    key => key?,
                };
                Log::with(connection, path, key)
            }
            other => Err(GatewayError::Data(format!("`{}` is no log of format {FORMAT} but {other}", path.display()))),
        }
    }

    fn with(connection: Connection, path: &Path, key: Option<Key>) -> Result<Log, GatewayError> {
        // Without a key nothing may be named so that it could be guessed.
        let naming = key.clone().map_or_else(|| random::bytes::<32>().map(Key::new), Ok)?;
        let redactor = Arc::new(Mutex::new(Redactor::new(&RedactTable::default(), naming)));
        let path = path.to_path_buf();
        Ok(Log { connection, path, seen: None, forced: None, head: None, key, holder: None, redactor })
    }

    /// From here on secrets are those of this redactor.
    pub(crate) fn redacts_with(&mut self, redactor: Arc<Mutex<Redactor>>) {
        self.redactor = redactor;
    }

    /// From here on secrets are those of this configuration.
    ///
    /// # Errors
    /// When a part of the guard has failed.
    pub fn redacts(&mut self, table: &RedactTable) -> Result<(), GatewayError> {
        let key = lock(&self.redactor)?.key().clone();
        self.redactor = Arc::new(Mutex::new(Redactor::new(table, key)));
        Ok(())
    }

    /// The log's key.
    pub(crate) fn key(&self) -> Result<&Key, GatewayError> {
        let none = || GatewayError::Data(format!("there is no key `{}`", key_path(&self.path).display()));
        self.key.as_ref().ok_or_else(none)
    }

    /// Where this process holds what waits for a person.
    fn holder(&mut self) -> Result<&held::Holder, GatewayError> {
        match &mut self.holder {
            Some(holder) => Ok(holder),
            none => Ok(none.insert(held::Holder::new(&self.path)?)),
        }
    }

    /// Appends records of a session; they are committed when this returns, and on the disk if `forced`.
    ///
    /// # Errors
    /// When they could not be written: none of them is then.
    pub fn append(&mut self, session: &str, records: &[Record], forced: bool) -> Result<(), GatewayError> {
        match records {
            [] => Ok(()),
            // One statement is a transaction by itself.
            [record] => {
                self.is_there()?;
                self.force(forced)?;
                let head = self.head.take();
                self.head = Some(write(&self.connection, &*lock(&self.redactor)?, head, session, record)?);
                Ok(())
            }
            _ => self.append_all([(session, records)], forced),
        }
    }

    /// Appends the records of several sessions in one transaction: all of them are written or none.
    ///
    /// # Errors
    /// When they could not be written.
    pub(crate) fn append_all<'a>(
        &mut self,
        all: impl IntoIterator<Item = (&'a str, &'a [Record])>,
        forced: bool,
    ) -> Result<(), GatewayError> {
        self.is_there()?;
        self.force(forced)?;
        // Nobody knows the head until the commit has worked.
        let mut head = self.head.take();
        let shared = Arc::clone(&self.redactor);
        let redactor = lock(&shared)?;
        let write_all = |connection: &Connection| -> Result<(), GatewayError> {
            for (session, records) in all {
                for record in records {
                    head = Some(write(connection, &redactor, head, session, record)?);
                }
            }
            Ok(())
        };
        if self.connection.is_autocommit() {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            write_all(&transaction)?;
            transaction.commit()?;
        } else {
            // Within `alone`, whose transaction it is.
            write_all(&self.connection)?;
        }
        self.head = head;
        Ok(())
    }

    /// Makes sure that what is written now is found later.
    fn is_there(&mut self) -> Result<(), GatewayError> {
        self.seen.as_mut().map_or(Ok(()), seen::Seen::check)
    }

    /// From here on commits are forced to the disk, or not.
    fn force(&mut self, forced: bool) -> Result<(), GatewayError> {
        // Within a transaction it is too late; whoever began it has said so.
        if self.forced != Some(forced) && self.connection.is_autocommit() {
            // FULL forces the write-ahead log to the disk at each commit, NORMAL only when it is folded in.
            self.connection.execute_batch(if forced {
                "PRAGMA synchronous = FULL"
            } else {
                "PRAGMA synchronous = NORMAL"
            })?;
            self.forced = Some(forced);
        }
        Ok(())
    }
}

/// How often a new log is asked for its journal while others ask too.
const TRIES: u32 = 500;
/// Between two of these.
const BETWEEN: std::time::Duration = std::time::Duration::from_millis(20);

/// Writes ahead. The first of several processes that begin one log at once does it, and SQLite does not let the others wait for that as it does elsewhere.
fn write_ahead(connection: &Connection) -> Result<(), GatewayError> {
    for _ in 1..TRIES {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                std::thread::sleep(BETWEEN);
            }
            done => return Ok(done?),
        }
    }
    Ok(connection.pragma_update(None, "journal_mode", "wal")?)
}

/// Chains a record of a session, without its secrets, to the last one, which is `head` unless another process has appended since. Returns the new head.
fn write(
    connection: &Connection,
    redactor: &Redactor,
    head: Option<chain::Head>,
    session: &str,
    record: &Record,
) -> Result<chain::Head, GatewayError> {
    let at = i64::try_from(now()).unwrap_or(i64::MAX);
    let record = redactor.record(record);
    let call = record.call.map(|call| i64::try_from(call).unwrap_or(i64::MAX));
    let tool = record.tool.as_deref();
    // A number whose record has been archived is free in the live log, and taken all the same: then there is a later one, and no hash, which is refused. (A
    // `WHERE` would cost 2 us, this 0.3.)
    let mut insert = connection.prepare_cached(
        "INSERT INTO record (seq, at, session, kind, call, tool, body, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN EXISTS (SELECT 1 FROM record WHERE seq >= ?1) THEN NULL ELSE ?8 END)",
    )?;
    let mut append = |(seq, hash): chain::Head| -> Result<Option<chain::Head>, GatewayError> {
        let seq = seq + 1;
        let hash = chain::next(&hash, seq, at, session, record.kind, call, tool, &record.body);
        match insert.execute(params![seq, at, session, record.kind, call, tool, record.body, hash]) {
            Ok(_) => Ok(Some((seq, hash))),
            Err(error) if taken(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    if let Some(done) = head.map(&mut append).transpose()?.flatten() {
        return Ok(done);
    }
    // Outside of a transaction another process may come between the question and the record.
    loop {
        if let Some(done) = append(chain::head(connection)?)? {
            return Ok(done);
        }
    }
}

/// Whether a record was refused because there is one of its number, or of a later one.
fn taken(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_NOTNULL, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID};
    let keys = [SQLITE_CONSTRAINT_NOTNULL, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID];
    error.sqlite_error().is_some_and(|error| keys.contains(&error.extended_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_begin_a_log_at_once() {
        for _ in 0..20 {
            let room = tempfile::tempdir().unwrap();
            let path = room.path().join("guard.db");
            std::thread::scope(|scope| {
                let begin = |name| {
                    let mut log = Log::open(&path)?;
                    log.append(name, &[Record::new("session")], false)
                };
                let all: Vec<_> = ["a", "b", "c", "d"].map(|name| scope.spawn(move || begin(name))).into();
                all.into_iter().for_each(|one| one.join().unwrap().unwrap());
            });
            assert_eq!(Log::open(&path).unwrap().verify(None).unwrap(), Ok(4));
        }
    }

    /// What is done to the files of an open log, and whether it is written on.
    #[cfg(unix)]
    #[test]
    fn a_log_that_is_not_there_any_more_is_not_written_on() {
        use std::fs;
        type Done = fn(&Path, &Path);
        let cases: &[(&str, Done, bool)] = &[
            ("nothing", |_, _| {}, true),
            ("deleted", |log, _| fs::remove_file(log).unwrap(), false),
            ("moved", |log, _| fs::rename(log, log.with_extension("old")).unwrap(), false),
            (
                "moved and put back",
                |log, _| {
                    fs::rename(log, log.with_extension("old")).unwrap();
                    fs::rename(log.with_extension("old"), log).unwrap();
                },
                true,
            ),
            (
                "replaced by a copy",
                |log, _| {
                    fs::copy(log, log.with_extension("new")).unwrap();
                    fs::rename(log.with_extension("new"), log).unwrap();
                },
                false,
            ),
            ("emptied", |log, _| _ = fs::OpenOptions::new().write(true).truncate(true).open(log).unwrap(), false),
            ("what is ahead deleted", |_, ahead| fs::remove_file(ahead).unwrap(), false),
            (
                "what is ahead replaced",
                |log, ahead| {
                    fs::remove_file(ahead).unwrap();
                    _ = fs::copy(log, ahead).unwrap();
                },
                false,
            ),
            ("the folder gone", |log, _| fs::remove_dir_all(log.parent().unwrap()).unwrap(), false),
            ("looked at by another", |log, _| drop(Log::open_to_read(log).unwrap().verify(None).unwrap()), true),
            (
                "written on by another",
                |log, _| {
                    Log::open(log).unwrap().append("b", &[Record::new("session")], true).unwrap();
                },
                true,
            ),
            ("rotated", |log, _| assert!(Log::open(log).unwrap().rotate(&mut |_| {}).unwrap().is_some()), true),
            (
                "checkpointed",
                |log, _| {
                    Connection::open(log)
                        .unwrap()
                        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                        .unwrap();
                },
                true,
            ),
        ];
        for (what, done, expected) in cases {
            let room = tempfile::tempdir().unwrap();
            let folder = room.path().join("log");
            fs::create_dir(&folder).unwrap();
            let (path, ahead) = (folder.join("guard.db"), folder.join("guard.db-wal"));
            let mut log = Log::open(&path).unwrap();
            log.append("a", &[Record::new("session")], true).unwrap();
            done(&path, &ahead);
            let written = log.append("a", &[Record::new("session")], true);
            assert_eq!(written.is_ok(), *expected, "{what}: {written:?}");
            let both = [Record::new("session"), Record::new("session")];
            assert_eq!(log.append("a", &both, false).is_ok(), *expected, "{what}");
            if let Err(error) = written {
                let says = error.to_string();
                assert!(says.contains("guard.db") && says.contains("started again"), "{what}: {says}");
            } else {
                assert!(log.verify(None).unwrap().is_ok(), "{what}");
            }
        }
    }
}
