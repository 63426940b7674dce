//! Rotation and retention: records leave the live log for an archive beside it, and archives that are kept no longer are removed.
//!
//! The live log stays the same file: processes that have it open, and what waits for a person in it, know nothing of a rotation. Records are copied to
//! the archive, the copy is checked against the chain and forced to the disk, it gets its name, a record says so, and only then do the records leave the
//! live log, a few thousand at a time. Each step is whole or not there, and one that a killed process has left half done is done again by the next. A
//! lock of the operating system, which ends with its process, keeps two from rotating at once.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use misgoal_guard::Record;
use misgoal_guard::retain::{Keep, Rotate};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use super::chain::{self, GENESIS, hex};
use super::shelf::{self, Archive};
use super::{FOUND, Log, RECORDS};
use crate::{GatewayError, now};

/// Records that leave the live log in one transaction: others wait for it some milliseconds.
const AT_ONCE: i64 = 2000;
/// A breath for others between two transactions.
const BREATH: Duration = Duration::from_millis(5);

/// Steps of a rotation, told when they are done. After each of them the process may end without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The archive is written under another name.
    Copied,
    /// It is on the disk, checked, and has its name.
    Placed,
    /// A record says so.
    Recorded,
    /// Some of its records have left the live log.
    Moving,
    /// A record says which archives are removed.
    RemovalRecorded,
    /// One of them is gone.
    Removing,
}

/// An archive that was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Its file.
    pub path: PathBuf,
    /// The numbers of its first and last record.
    pub first: i64,
    /// See `first`.
    pub last: i64,
    /// The hash of its last record, in hexadecimal.
    pub head: String,
}

/// Records that were removed under retention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// All records up to this one.
    pub last: i64,
    /// The hash of that record, in hexadecimal.
    pub head: String,
}

/// Who holds it rotates; it ends with the process, however that ends.
struct Turn(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Turn {
    /// None where another process has it.
    fn take(log: &Path) -> Result<Option<Turn>, GatewayError> {
        let mut name = log.file_name().unwrap_or_default().to_os_string();
        name.push("-rotate");
        let path = log.with_file_name(name);
        let failed = |error| GatewayError::io("cannot lock", &path, error);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

impl Log {
    /// Whether it is time to rotate: costs a few looks at the file's head.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn is_due(&self, rotate: &Rotate) -> Result<bool, GatewayError> {
        let number =
            |pragma: &str| self.connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
        // Pages of records that have left are there to be filled again.
        let used = (number("page_count")? - number("freelist_count")?).saturating_mul(number("page_size")?);
        let large = rotate.bytes.is_some_and(|bytes| used > signed(bytes));
        let first = "SELECT coalesce((SELECT at FROM record ORDER BY seq LIMIT 1), ?1)";
        let time = signed(now());
        let since = self.connection.query_row(first, [time], |row| row.get::<_, i64>(0))?;
        let old = rotate.age.is_some_and(|age| time.saturating_sub(since) > signed(age.0));
        Ok((large || old) && self.has_news()?)
    }

    /// Whether there is anything but records of rotations.
    fn has_news(&self) -> Result<bool, GatewayError> {
        let any = "SELECT EXISTS (SELECT 1 FROM record WHERE kind <> 'archive')";
        Ok(self.connection.query_row(any, [], |row| row.get(0))?)
    }

    /// Closes what is in the live log as an archive. None where there is nothing to close, or another process is at it.
    ///
    /// # Errors
    /// When a file cannot be written or the records are not what was written: nothing has left the live log then.
    pub fn rotate(&mut self, stage: &mut dyn FnMut(Stage)) -> Result<Option<Closed>, GatewayError> {
        let Some(_turn) = Turn::take(&self.path)? else { return Ok(None) };
        if let Some(closed) = self.finish(stage)? {
            return Ok(Some(closed));
        }
        let Some((first, _)) = self.bounds()?.filter(|_| self.has_news().unwrap_or(true)) else { return Ok(None) };
        let before = match first {
            1 => GENESIS,
            // The record of the closing before is still in the live log.
            _ => self.ends()?.into_iter().find(|(last, _)| *last == first - 1).map(|(_, head)| head).ok_or_else(
                || GatewayError::Data(format!("the log begins with record {first}, and nothing says what was before")),
            )?,
        };
        let path = shelf::place(&self.path, first);
        let mut draft = path.clone().into_os_string();
        draft.push(".part");
        let draft = PathBuf::from(draft);
        // Under the lock, what is there is of a process that has ended.
        let _ = std::fs::remove_file(&draft);
        let last = copy(&self.path, &draft)?;
        stage(Stage::Copied);
        let head = place(&draft, &path, first, before)?;
        stage(Stage::Placed);
        let closed = Closed { path, first, last, head: hex(&head) };
        if self.hash_of(last)? != Some(head) {
            return Err(GatewayError::Data(format!("record {last} is not what was archived: nothing has been moved")));
        }
        self.append("", &[closed.record()], true)?;
        stage(Stage::Recorded);
        self.leave(last, stage)?;
        Ok(Some(closed))
    }

    /// Goes on with what a process that has ended left half done: an archive that is recorded, and some of whose records are in the live log still.
    fn finish(&mut self, stage: &mut dyn FnMut(Stage)) -> Result<Option<Closed>, GatewayError> {
        let Some((live, _)) = self.bounds()? else { return Ok(None) };
        let mut closed = None;
        self.said(&mut |_, body| {
            let first = body.get("first").and_then(Value::as_i64);
            if let (Some(first), Some((last, head))) = (first, end(body).filter(|(last, _)| *last >= live)) {
                let path = shelf::place(&self.path, first);
                closed = Some(Closed { path, first, last, head: hex(&head) });
            }
        })?;
        let Some(closed) = closed else { return Ok(None) };
        let whole = match Archive::open(&closed.path)? {
            Some(archive) => archive.last == closed.last && hex(&archive.head()?) == closed.head,
            None => false,
        };
        match whole {
            true => self.leave(closed.last, stage).map(|()| Some(closed)),
            // Nothing has left the live log: it is closed anew.
            false if live == closed.first => Ok(None),
            false => Err(GatewayError::Data(format!(
                "the archive `{}`, to which records of the log have been moved, is not what it was",
                closed.path.display()
            ))),
        }
    }

    /// Lets the records up to this one go from the live log.
    fn leave(&mut self, last: i64, stage: &mut dyn FnMut(Stage)) -> Result<(), GatewayError> {
        // What a power cut brings back is let go again.
        self.force(false)?;
        // The triggers say that nothing is deleted; for this connection, and now, that is not so.
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        let left = self.delete(last, stage);
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
        left
    }

    fn delete(&mut self, last: i64, stage: &mut dyn FnMut(Stage)) -> Result<(), GatewayError> {
        while let Some((first, _)) = self.bounds()?.filter(|(first, _)| *first <= last) {
            let until = last.min(first.saturating_add(AT_ONCE - 1));
            let part = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            part.execute("DELETE FROM record WHERE seq <= ?1", [until])?;
            part.commit()?;
            stage(Stage::Moving);
            std::thread::sleep(BREATH);
        }
        Ok(())
    }

    /// Removes archives that are kept no longer, the oldest first, and settled matters as old as they. Records that are younger than `window`
    /// milliseconds stay, since counts reach back to them; the scores of sessions that were held against `profile` go over into the record of the removal.
    /// None where there is nothing to remove, or another process is at it.
    ///
    /// # Errors
    /// When the log cannot be written or a file not removed.
    pub fn retain(
        &mut self,
        keep: &Keep,
        window: u64,
        profile: Option<&str>,
        stage: &mut dyn FnMut(Stage),
    ) -> Result<Option<Removed>, GatewayError> {
        let Some(_turn) = Turn::take(&self.path)? else { return Ok(None) };
        let archives = self.archives()?;
        // A process may have ended between the record of a removal and the removal.
        let done = self.removed()?.map_or(0, |removed| removed.last);
        let (mut gone, kept): (Vec<_>, Vec<_>) = archives.into_iter().partition(|archive| archive.last <= done);
        let time = signed(now());
        let mut old = Vec::new();
        let count = kept.len();
        for (place, archive) in kept.into_iter().enumerate() {
            let until = archive.until()?;
            let over = match keep {
                Keep::For(span) => time.saturating_sub(until) > signed(span.0),
                Keep::Archives(most) => u64::try_from(count - place).unwrap_or(u64::MAX) > *most,
            };
            if !over || time.saturating_sub(until) <= signed(window) {
                break;
            }
            old.push(archive);
        }
        let mut removed = None;
        if let Some(newest) = old.last() {
            let one = Removed { at: time, last: newest.last, head: hex(&newest.head()?) };
            let until = newest.until()?;
            let record = self.removal(&one, &old, profile)?;
            self.append("", &[record], true)?;
            stage(Stage::RemovalRecorded);
            self.forget(until)?;
            removed = Some(one);
        }
        gone.append(&mut old);
        for archive in gone {
            let Archive { path, connection, .. } = archive;
            drop(connection);
            std::fs::remove_file(&path).map_err(|error| GatewayError::io("cannot remove", &path, error))?;
            stage(Stage::Removing);
        }
        Ok(removed)
    }

    /// What is said of a removal: how far, and what later sessions still need of it.
    fn removal(&self, removed: &Removed, old: &[Archive], profile: Option<&str>) -> Result<Record, GatewayError> {
        let files = old.iter().map(|archive| file_name(&archive.path)).collect::<Vec<_>>();
        let record = Record::new("archive").text("what", "removed").number("last", unsigned(removed.last));
        let record = record.text("head", &removed.head).texts("files", files.iter().map(String::as_str));
        let Some(profile) = profile else { return Ok(record) };
        let (all, _) = self.watched_sessions(profile, 0)?;
        let carried = all.into_iter().take_while(|(seq, _)| *seq <= removed.last);
        let carried: Vec<Value> = carried.map(|(seq, [one, other])| serde_json::json!([seq, one, other])).collect();
        Ok(record.text("profile", profile).json("watched", &Value::from(carried).to_string()))
    }

    /// Lets matters go that were settled by then.
    fn forget(&mut self, until: i64) -> Result<(), GatewayError> {
        self.connection.execute(
            "DELETE FROM pending WHERE created <= ?1 AND (state NOT IN ('waiting', 'timed-out', 'approved') OR valid_until < ?2)",
            params![until, signed(now())],
        )?;
        Ok(())
    }

    /// Where archives end, as their records say: the number and the hash of the last record of each.
    pub(super) fn ends(&self) -> Result<Vec<(i64, [u8; 32])>, GatewayError> {
        let mut ends = Vec::new();
        self.said(&mut |_, body| ends.extend(end(body)))?;
        Ok(ends)
    }

    /// What was removed under retention, as the last record of a removal says.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn removed(&self) -> Result<Option<Removed>, GatewayError> {
        let mut removed = None;
        self.said(&mut |at, body| {
            if let (Some("removed"), Some((last, head))) = (body.get("what").and_then(Value::as_str), end(body)) {
                removed = Some(Removed { at, last, head: hex(&head) });
            }
        })?;
        Ok(removed)
    }

    /// Goes through the records of rotations and removals.
    fn said(&self, take: &mut dyn FnMut(i64, &Value)) -> Result<(), GatewayError> {
        self.across(0, |connection, after| {
            let all = "SELECT at, body FROM record WHERE kind = 'archive' AND seq > ?1 ORDER BY seq";
            let mut query = connection.prepare_cached(all)?;
            let mut rows = query.query([after])?;
            while let Some(row) = rows.next()? {
                take(row.get(0)?, &serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default());
            }
            Ok(())
        })?;
        Ok(())
    }
}

impl Closed {
    fn record(&self) -> Record {
        let record = Record::new("archive").text("what", "closed").text("file", &file_name(&self.path));
        record.number("first", unsigned(self.first)).number("last", unsigned(self.last)).text("head", &self.head)
    }
}

/// The records of the live log, in a new file that nobody knows yet. Gives the number of the last one.
fn copy(log: &Path, draft: &Path) -> Result<i64, GatewayError> {
    crate::private::create(draft).map_err(|error| GatewayError::io("cannot make", draft, error))?;
    let to = Connection::open(draft)?;
    // What comes of a half-written file is decided by its name, not by a journal.
    to.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    to.execute_batch(RECORDS)?;
    let path = log.to_str().ok_or_else(|| GatewayError::Data(format!("`{}` is no text", log.display())))?;
    to.execute("ATTACH ?1 AS live", [path])?;
    to.busy_timeout(Duration::from_secs(10))?;
    to.execute_batch("BEGIN; INSERT INTO main.record SELECT * FROM live.record ORDER BY seq; COMMIT; DETACH live")?;
    to.execute_batch(FOUND)?;
    Ok(chain::head(&to)?.0)
}

/// Checks a draft against the chain, forces it to the disk and gives it its name. Gives the hash of its last record.
fn place(draft: &Path, path: &Path, first: i64, before: [u8; 32]) -> Result<[u8; 32], GatewayError> {
    let gone = || GatewayError::Missing(draft.to_path_buf());
    let archive = Archive::open(draft)?.ok_or_else(gone)?;
    let head = chain::holds(&archive.connection, first - 1, before)?.map_err(|seq| {
        GatewayError::Data(format!("record {seq} of the log is not what was written: it is left as it is"))
    })?;
    drop(archive);
    let failed = |error| GatewayError::io("cannot write", draft, error);
    File::options().write(true).open(draft).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(draft, path).map_err(failed)?;
    sync_room(path).map_err(failed)?;
    Ok(head)
}

/// Forces the names in a file's directory to the disk.
#[cfg(unix)]
fn sync_room(path: &Path) -> std::io::Result<()> {
    let room = path.parent().filter(|room| !room.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::options().read(true).open(room)?.sync_all()
}

/// Elsewhere directories are no files.
#[cfg(not(unix))]
fn sync_room(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The end that a record of a rotation or a removal names.
fn end(body: &Value) -> Option<(i64, [u8; 32])> {
    let head = body.get("head")?.as_str()?;
    Some((body.get("last")?.as_i64()?, *blake3::Hash::from_hex(head).ok()?.as_bytes()))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
