//! The chain of hashes, and whether it holds.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::Log;
use super::shelf::Source;
use crate::GatewayError;

/// What the first record is chained to.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// A record's number and hash.
pub(super) type Head = (i64, [u8; 32]);

/// Where a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// This record is not what was written.
    Changed(i64),
    /// There should be a record of this number.
    Missing(i64),
    /// There should be an archive with these records.
    NoArchive(i64, i64),
    /// The chain holds, but does not contain the head that was asked for: it was cut off or written anew.
    OtherHead,
    /// The chain holds, and says itself that the record of the head that was asked for was removed under retention.
    HeadRemoved,
}

/// The last record's number and hash.
pub(super) fn head(connection: &Connection) -> Result<Head, GatewayError> {
    let mut last = connection.prepare_cached("SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1")?;
    Ok(last.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?.unwrap_or((0, GENESIS)))
}

/// BLAKE3 of the hash before and every column, each with its length.
#[expect(clippy::too_many_arguments, reason = "they are the columns of one row")]
pub(super) fn next(
    before: &[u8; 32],
    seq: i64,
    at: i64,
    session: &str,
    kind: &str,
    call: Option<i64>,
    tool: Option<&str>,
    body: &str,
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&seq.to_le_bytes());
    hasher.update(&at.to_le_bytes());
    hasher.update(&call.unwrap_or(-1).to_le_bytes());
    hasher.update(&[u8::from(tool.is_some())]);
    for text in [session, kind, tool.unwrap_or_default(), body] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

impl Log {
    /// The number and the hash of the last record, in hexadecimal: who keeps it elsewhere can tell later whether the log was cut off.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn head(&self) -> Result<(i64, String), GatewayError> {
        let (seq, hash) = head(&self.connection)?;
        Ok((seq, hex(&hash)))
    }

    /// Goes through the whole chain, archives and live log; `known` is a head (or any record's hash) that it must contain. Returns how many records there are.
    /// A chain whose beginning was removed under retention begins at the hash that the record of its removal names.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn verify(&self, known: Option<&str>) -> Result<Result<i64, Damage>, GatewayError> {
        let is_known = |hash: &[u8; 32]| known.is_some_and(|known| known.len() >= 8 && hex(hash).starts_with(known));
        let (ends, removed) = (self.ends()?, self.removed()?.map_or(0, |removed| removed.last));
        let mut found = known.is_none();
        let (mut seq, mut hash, mut records) = (0, GENESIS, 0);
        let mut damage = None;
        self.across(0, |connection, after| {
            if damage.is_some() {
                return Ok(());
            }
            let all = "SELECT seq, at, session, kind, call, tool, body, hash FROM record WHERE seq > ?1 ORDER BY seq";
            let mut query = connection.prepare(all)?;
            let mut rows = query.query([after])?;
            let mut is_first = true;
            while let Some(row) = rows.next()? {
                let number: i64 = row.get(0)?;
                if number != seq + 1 {
                    let end = ends.iter().find(|(last, _)| *last == number - 1);
                    match end {
                        Some((last, head)) if records == 0 && *last <= removed => (seq, hash) = (*last, *head),
                        _ if is_first => damage = Some(Damage::NoArchive(seq + 1, number - 1)),
                        _ => damage = Some(Damage::Missing(seq + 1)),
                    }
                }
                is_first = false;
                if damage.is_some() {
                    return Ok(());
                }
                seq += 1;
                // A value of another type in a column was not written by us.
                hash = match (row.get::<_, [u8; 32]>(7), rehash(&hash, row)) {
                    (Ok(stored), Ok(hash)) if hash == stored => hash,
                    _ => {
                        damage = Some(Damage::Changed(seq));
                        return Ok(());
                    }
                };
                records += 1;
                found |= is_known(&hash);
            }
            Ok(())
        })?;
        Ok(match damage {
            Some(damage) => Err(damage),
            None if found => Ok(records),
            // Nothing but the log itself says that there was such a record.
            None if ends.iter().any(|(last, head)| *last <= removed && is_known(head)) => Err(Damage::HeadRemoved),
            None => Err(Damage::OtherHead),
        })
    }
}

impl Log {
    /// Whether a record stands in the chain: its hash follows from that of the record before, and is what was written.
    pub(super) fn stands(&self, seq: i64) -> Result<bool, GatewayError> {
        let before = if seq == 1 { Some(GENESIS) } else { self.hash_of(seq - 1)? };
        let Some(before) = before else { return Ok(false) };
        let follows = |connection: &Connection| {
            let one = "SELECT seq, at, session, kind, call, tool, body, hash FROM record WHERE seq = ?1";
            let mut query = connection.prepare_cached(one)?;
            // A value of another type in a column was not written by us.
            query.query_row([seq], |row| Ok(matches!((row.get::<_, [u8; 32]>(7), rehash(&before, row)), (Ok(stored), Ok(hash)) if stored == hash))).optional()
        };
        Ok(match self.source(seq - 1)? {
            Source::Live(live, _) => follows(&live)?,
            Source::Shelf(archive) => follows(&archive.connection)?,
            Source::End => None,
        } == Some(true))
    }
}

/// Whether the records of a file that follow `after` are chained to `before` and to each other; the hash of the last one.
pub(super) fn holds(
    connection: &Connection,
    after: i64,
    before: [u8; 32],
) -> Result<Result<[u8; 32], i64>, GatewayError> {
    let all = "SELECT seq, at, session, kind, call, tool, body, hash FROM record WHERE seq > ?1 ORDER BY seq";
    let mut query = connection.prepare(all)?;
    let mut rows = query.query([after])?;
    let (mut seq, mut hash) = (after, before);
    while let Some(row) = rows.next()? {
        seq += 1;
        hash = match (row.get::<_, i64>(0), row.get::<_, [u8; 32]>(7), rehash(&hash, row)) {
            (Ok(number), Ok(stored), Ok(hash)) if number == seq && hash == stored => hash,
            _ => return Ok(Err(seq)),
        };
    }
    Ok(Ok(hash))
}

fn rehash(before: &[u8; 32], row: &Row<'_>) -> rusqlite::Result<[u8; 32]> {
    let (session, kind, body): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(6)?);
    let tool: Option<String> = row.get(5)?;
    Ok(next(before, row.get(0)?, row.get(1)?, &session, &kind, row.get(4)?, tool.as_deref(), &body))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in bytes {
        // A string takes everything.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
