//! Looking at a log while others write it: read-only and a few records at a time, however many there are.
//!
//! Every look is a short read of its own. In WAL mode a reader keeps no writer waiting, and one that ends at once keeps the log from growing no longer
//! than it takes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use misgoal_guard::approval::Kind;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};

use super::chain::hex;
use super::pending::{COLUMNS, pending};
use super::{FORMAT, Pending, Stored, held, key_path};
use crate::{GatewayError, private};

/// Bytes of a body above which a look leaves its arguments out: [`Glance::record`] has it whole.
const LARGE: u32 = 8192;
/// Bytes of what a matter shows in a list: [`Glance::matter`] has it whole.
const BEGINNING: u32 = 2048;

/// How long a look waits for a log that is being put in order.
const PATIENCE: Duration = Duration::from_millis(200);

/// A matter that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// What waits.
    pub pending: Pending,
    /// Until when its call waits, in milliseconds since 1970; none where it waits for as long as it takes.
    pub expires: Option<u64>,
    /// What a person decides about: in a list its beginning, and none where nobody waits for it any more.
    pub shown: Option<String>,
    /// How many bytes that has.
    pub bytes: u64,
}

/// A log that is looked at.
#[derive(Debug)]
pub struct Glance {
    connection: Connection,
    /// Where the log is: what is held stands beside it.
    path: PathBuf,
    /// `PRAGMA data_version` of the last look.
    version: Option<i64>,
}

impl Glance {
    /// Opens a log that is there.
    ///
    /// # Errors
    /// When it is not there, cannot be read or is of another format.
    pub fn open(path: &Path) -> Result<Glance, GatewayError> {
        if !path.is_file() {
            return Err(GatewayError::Missing(path.to_path_buf()));
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(PATIENCE)?;
        match connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
            FORMAT => Ok(Glance { connection, path: path.to_path_buf(), version: None }),
            other => Err(GatewayError::Data(format!("`{}` is no log of format {FORMAT} but {other}", path.display()))),
        }
    }

    /// Whether anybody has written since this was last asked.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn has_news(&mut self) -> Result<bool, GatewayError> {
        let version = Some(self.connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))?);
        let news = version != self.version;
        self.version = version;
        Ok(news)
    }

    /// The records after this number, at most the last `most` of them; large ones without arguments.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn after(&self, seq: i64, most: u32) -> Result<Vec<Stored>, GatewayError> {
        let mut query = self.connection.prepare_cached(
            "SELECT seq, at, session, kind, call, tool,
                CASE WHEN octet_length(body) > ?3 AND json_valid(body) THEN json_remove(body, '$.arguments') ELSE body END, hash
             FROM record WHERE seq > ?1 ORDER BY seq DESC LIMIT ?2",
        )?;
        let mut records: Vec<Stored> = query.query_map(params![seq, most, LARGE], stored)?.collect::<Result<_, _>>()?;
        records.reverse();
        Ok(records)
    }

    /// One record, whole.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn record(&self, seq: i64) -> Result<Option<Stored>, GatewayError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT seq, at, session, kind, call, tool, body, hash FROM record WHERE seq = ?1")?;
        Ok(query.query_row([seq], stored).optional()?)
    }

    /// What waits for a person and is not over for longer than since `since`, the oldest first and at most so many; of what a matter shows, the beginning.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn waiting(&self, since: u64, most: u32) -> Result<Vec<Matter>, GatewayError> {
        let shown = format!("substr(shown, 1, {BEGINNING}) AS shown");
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {}, octet_length(shown) FROM pending WHERE state IN ('waiting', 'timed-out') AND expires > ?1 ORDER BY created, id LIMIT ?2",
            COLUMNS.replacen("shown", &shown, 1)
        ))?;
        let since = i64::try_from(since).unwrap_or(i64::MAX - 1);
        let found = query.query_map(params![since, most], |row| Ok((pending(row)?, row.get::<_, i64>(12)?)))?;
        let mut all = Vec::new();
        for one in found {
            let (one, bytes) = one?;
            let held = match one.kind {
                Kind::Tool => Some((one.redacted.clone(), bytes.unsigned_abs())),
                Kind::Call | Kind::Alarm => held::beginning(&self.path, &one.id, u64::from(BEGINNING))?,
            };
            // Its guard was killed: nobody waits.
            let Some((shown, bytes)) = held else { continue };
            all.push(matter(one, Some(shown), bytes));
        }
        Ok(all)
    }

    /// One matter, whole, whatever has become of it.
    ///
    /// # Errors
    /// When the log cannot be read, or what is held is not what the guard put there.
    pub fn matter(&self, id: &str) -> Result<Option<Matter>, GatewayError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM pending WHERE id = ?1"))?;
        let Some(one) = query.query_row([id], pending).optional()? else { return Ok(None) };
        let shown = one.shown(&self.path, private::key(&key_path(&self.path))?.as_ref())?;
        let bytes = shown.as_ref().map_or(0, |shown| shown.len() as u64);
        Ok(Some(matter(one, shown, bytes)))
    }
}

fn matter(pending: Pending, shown: Option<String>, bytes: u64) -> Matter {
    let expires = (i64::try_from(pending.expires).is_ok_and(|expires| expires < i64::MAX)).then_some(pending.expires);
    Matter { pending, expires, shown, bytes }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let hash: Vec<u8> = row.get(7)?;
    Ok(Stored {
        seq: row.get(0)?,
        at: row.get(1)?,
        session: row.get(2)?,
        kind: row.get(3)?,
        call: row.get(4)?,
        tool: row.get(5)?,
        body: row.get(6)?,
        hash: hex(&hash),
    })
}

#[cfg(test)]
mod tests {
    use misgoal_guard::approval::{self, Kind};
    use misgoal_guard::{Held, Record};

    use super::*;
    use crate::Log;
    use crate::log::Decision;

    fn attempt(call: u64, arguments: &str) -> Record {
        Record::new("attempt").of(call, "pay").text("verdict", "hold").json("arguments", arguments)
    }

    #[test]
    fn the_last_records_are_seen_while_another_writes_and_large_ones_in_short() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("guard.db");
        assert!(matches!(Glance::open(&path), Err(GatewayError::Missing(_))));
        let mut log = Log::open(&path).unwrap();
        let large = format!("{{\"to\":\"{}\"}}", "x".repeat(100_000));
        let records: Vec<Record> =
            (1..=10).map(|call| attempt(call, if call == 9 { &large } else { "{\"to\":\"me\"}" })).collect();
        log.append("s", &records, false).unwrap();

        let mut glance = Glance::open(&path).unwrap();
        assert!(glance.has_news().unwrap() && !glance.has_news().unwrap());
        let seen = glance.after(0, 3).unwrap();
        assert_eq!(seen.iter().map(|record| record.seq).collect::<Vec<_>>(), [8, 9, 10]);
        let says = |at: usize, key: &str| seen.get(at).unwrap().field(key).map(|value| value.to_string());
        assert_eq!((says(1, "verdict"), says(1, "arguments")), (Some("\"hold\"".to_owned()), None));
        assert_eq!(says(2, "arguments").unwrap(), r#"{"to":"me"}"#);
        assert!(glance.record(9).unwrap().unwrap().body.len() > 100_000);
        assert!(glance.record(11).unwrap().is_none() && glance.after(10, 3).unwrap().is_empty());

        log.append("s", &[attempt(11, "{}")], false).unwrap();
        assert!(glance.has_news().unwrap());
        assert_eq!(glance.after(10, 3).unwrap().len(), 1);
        // It looks and does nothing else.
        assert!(glance.connection.execute("DELETE FROM pending", []).is_err());
    }

    #[test]
    fn what_waits_says_for_how_long() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("guard.db");
        let mut log = Log::open(&path).unwrap();
        let key = log.key().unwrap().clone();
        let held = |call| {
            let content = format!("\"{}\"", "x".repeat(20_000));
            Held {
                call,
                tool: "pay".to_owned(),
                digest: approval::digest(&key, Kind::Call, "s", &content),
                version: "v".to_owned(),
                redacted: "\"gone\"".to_owned(),
                content,
                reason: "a person decides".to_owned(),
            }
        };
        let (old, new) = (log.hold("s", &held(1), 1000).unwrap(), log.hold("s", &held(2), 5000).unwrap());
        let (alarm, _) = log.hold_alarm("s", &Record::new("alarm").text("text", "since step 3")).unwrap();
        let glance = Glance::open(&path).unwrap();
        let expiring = |since: u64| -> Vec<(String, Option<u64>)> {
            glance.waiting(since, 9).unwrap().into_iter().map(|one| (one.pending.id, one.expires)).collect()
        };
        let mut all = expiring(0);
        all.sort();
        let mut expected = vec![(old, Some(1000)), (new.clone(), Some(5000)), (alarm.clone(), None)];
        expected.sort();
        assert_eq!(all, expected);
        assert_eq!(expiring(1000).len(), 2);
        let beginning = glance.waiting(1000, 9).unwrap().into_iter().find(|one| one.pending.id == new).unwrap();
        assert_eq!((beginning.shown.unwrap().len(), beginning.bytes), (BEGINNING as usize, 20_002));
        assert_eq!(glance.matter(&new).unwrap().unwrap().shown.unwrap().len(), 20_002);
        log.decide(&alarm, Decision::Deny, "me").unwrap();
        assert_eq!(expiring(1000).len(), 1);
        // A guard that has ended waits for nothing.
        drop(log);
        assert!(expiring(0).is_empty() && glance.matter(&new).unwrap().unwrap().shown.is_none());
    }
}
