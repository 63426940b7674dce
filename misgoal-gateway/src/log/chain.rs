//! The chain of hashes, and whether it holds.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::Log;
use crate::GatewayError;

/// What the first record is chained to.
const GENESIS: [u8; 32] = [0; 32];

/// A record's number and hash.
pub(super) type Head = (i64, [u8; 32]);

/// Where a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// This record is not what was written.
    Changed(i64),
    /// There should be a record of this number.
    Missing(i64),
    /// The chain holds, but does not contain the head that was asked for: it was cut off or written anew.
    OtherHead,
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

    /// Goes through the whole chain; `known` is a head (or any record's hash) that it must contain. Returns how many records there are.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn verify(&self, known: Option<&str>) -> Result<Result<i64, Damage>, GatewayError> {
        let mut all = self
            .connection
            .prepare("SELECT seq, at, session, kind, call, tool, body, hash FROM record ORDER BY seq")?;
        let mut rows = all.query([])?;
        let (mut seq, mut hash, mut found) = (0, GENESIS, known.is_none());
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            seq += 1;
            if number != seq {
                return Ok(Err(Damage::Missing(seq)));
            }
            // A value of another type in a column was not written by us.
            let Ok(stored) = row.get::<_, [u8; 32]>(7) else { return Ok(Err(Damage::Changed(seq))) };
            hash = match rehash(&hash, row) {
                Ok(hash) if hash == stored => hash,
                _ => return Ok(Err(Damage::Changed(seq))),
            };
            found |= known.is_some_and(|known| known.len() >= 8 && hex(&hash).starts_with(known));
        }
        Ok(if found { Ok(seq) } else { Err(Damage::OtherHead) })
    }
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
