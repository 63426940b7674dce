//! What waits for a person: held calls and changed tools. Here a person's word meets the call that it is about.

use misgoal_guard::approval::Approval;
use misgoal_guard::tools::Tool;
use misgoal_guard::{Held, Record};
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};

use super::Log;
use crate::{GatewayError, now};

/// How far a matter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has said anything.
    Waiting,
    /// Approved, and not used yet.
    Approved,
    /// A person has said no.
    Denied,
    /// Nobody said anything in time; an approval now is good for the same call made again.
    TimedOut,
    /// Approved, and done.
    Used,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Approved => "approved",
            State::Denied => "denied",
            State::TimedOut => "timed-out",
            State::Used => "used",
        }
    }

    fn read(word: &str) -> State {
        match word {
            "waiting" => State::Waiting,
            "approved" => State::Approved,
            "timed-out" => State::TimedOut,
            "used" => State::Used,
            // A word that we did not write opens nothing.
            _ => State::Denied,
        }
    }
}

/// A person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes; good until then, in milliseconds since 1970.
    Approve {
        /// Until when.
        until: u64,
    },
    /// No.
    Deny,
}

/// One matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What a person calls it by.
    pub id: String,
    /// `call`, `tool`, or `alarm`.
    pub kind: String,
    /// Of which session.
    pub session: String,
    /// The tool.
    pub tool: String,
    /// Of the exact call, or of the tool's new definition.
    pub digest: String,
    /// The version of the policies.
    pub version: String,
    /// The arguments, redacted, or the tool's new definition.
    pub shown: String,
    /// Why it is held.
    pub reason: String,
    /// Since when.
    pub created: u64,
    /// Until when it waits; what never expires has a time that never comes.
    pub expires: u64,
    /// How far it has come.
    pub state: State,
    /// Who decided.
    pub by: Option<String>,
    valid_until: u64,
}

pub(super) const COLUMNS: &str =
    "id, kind, session, tool, digest, version, shown, reason, created, state, decided_by, valid_until, expires";

pub(super) fn pending(row: &Row<'_>) -> rusqlite::Result<Pending> {
    let millis = |column| {
        Ok::<u64, rusqlite::Error>(u64::try_from(row.get::<_, Option<i64>>(column)?.unwrap_or(0)).unwrap_or(0))
    };
    Ok(Pending {
        id: row.get(0)?,
        kind: row.get(1)?,
        session: row.get(2)?,
        tool: row.get(3)?,
        digest: row.get(4)?,
        version: row.get(5)?,
        shown: row.get(6)?,
        reason: row.get(7)?,
        created: millis(8)?,
        state: State::read(&row.get::<_, String>(9)?),
        by: row.get(10)?,
        valid_until: millis(11)?,
        expires: millis(12)?,
    })
}

fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

impl Log {
    /// Puts a held call before a person; returns what it is called by.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hold(&mut self, session: &str, held: &Held, expires: u64) -> Result<String, GatewayError> {
        let id = short(&[session, &held.call.to_string(), &held.digest]);
        self.connection.execute(
            "INSERT OR REPLACE INTO pending VALUES (?1, 'call', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'waiting', NULL, NULL)",
            params![
                id, session, signed(held.call), held.tool, held.digest, held.version, held.arguments, held.reason,
                signed(now()), signed(expires)
            ],
        )?;
        Ok(id)
    }

    /// Puts a tool's changed or new definition before a person, once; returns what it is called by.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hold_tool(&mut self, session: &str, tool: &Tool, reason: &str) -> Result<String, GatewayError> {
        let id = short(&["tool", &tool.name, &tool.digest]);
        self.connection.execute(
            "INSERT OR IGNORE INTO pending VALUES (?1, 'tool', ?2, NULL, ?3, ?4, '', ?5, ?6, ?7, ?8, 'waiting', NULL, NULL)",
            params![id, session, tool.name, tool.digest, tool.definition, reason, signed(now()), i64::MAX],
        )?;
        Ok(id)
    }

    /// Puts an alarm that holds a session's calls before a person; returns what it is called by.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hold_alarm(&mut self, session: &str, alarm: &Record) -> Result<String, GatewayError> {
        let id = short(&["alarm", session, &alarm.body]);
        let tool = alarm.tool.as_deref().unwrap_or_default();
        let body: serde_json::Value = serde_json::from_str(&alarm.body).unwrap_or_default();
        let reason = body.get("text").and_then(serde_json::Value::as_str).unwrap_or_default();
        let reason = reason.split(" (noticed").next().unwrap_or_default();
        let because = body.get("because").map(serde_json::Value::to_string).unwrap_or_default();
        self.connection.execute(
            "INSERT OR IGNORE INTO pending VALUES (?1, 'alarm', ?2, NULL, ?3, '', '', ?4, ?5, ?6, ?7, 'waiting', NULL, NULL)",
            params![id, session, tool, because, reason, signed(now()), i64::MAX],
        )?;
        Ok(id)
    }

    /// What waits, the oldest first; with `all`, also what is settled.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pending(&self, all: bool) -> Result<Vec<Pending>, GatewayError> {
        let which = if all { "1" } else { "state IN ('waiting', 'timed-out')" };
        let mut query =
            self.connection.prepare(&format!("SELECT {COLUMNS} FROM pending WHERE {which} ORDER BY created, id"))?;
        Ok(query.query_map([], pending)?.collect::<Result<_, _>>()?)
    }

    /// One matter, by enough of the beginning of its id.
    ///
    /// # Errors
    /// When it cannot be read, or the beginning is of none or of several.
    pub fn find_pending(&self, id: &str) -> Result<Pending, GatewayError> {
        let mut fits: Vec<Pending> = self.pending(true)?.into_iter().filter(|one| one.id.starts_with(id)).collect();
        match (fits.pop(), fits.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => Err(GatewayError::Data(format!("`{id}` is the beginning of more than one"))),
            (None, _) => Err(GatewayError::Data(format!("nothing is held under `{id}`"))),
        }
    }

    /// Writes a person's word down, in the chain of records and where the proxy finds it, both or neither. False where the matter was settled already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn decide(&mut self, id: &str, decision: Decision, by: &str) -> Result<bool, GatewayError> {
        let (state, until) = match decision {
            Decision::Approve { until } => (State::Approved, until),
            Decision::Deny => (State::Denied, 0),
        };
        self.force(true)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = transaction.execute(
            "UPDATE pending SET state = ?2, decided_by = ?3, valid_until = ?4 WHERE id = ?1 AND state IN ('waiting', 'timed-out')",
            params![id, state.word(), by, signed(until)],
        )?;
        if changed != 1 {
            return Ok(false);
        }
        let one = transaction.query_row(&format!("SELECT {COLUMNS} FROM pending WHERE id = ?1"), [id], pending)?;
        let record = Record::new("decision").tool(&one.tool).text("id", id).text("session", &one.session);
        let record = record.text("digest", &one.digest).text("decision", state.word()).text("by", by);
        super::write(&transaction, None, "operator", &record)?;
        transaction.commit()?;
        Ok(true)
    }

    /// What has become of a matter.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self, id: &str) -> Result<Option<Pending>, GatewayError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM pending WHERE id = ?1"))?;
        Ok(query.query_row([id], pending).optional()?)
    }

    /// Moves a matter on from one state, if it is in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn settle(&mut self, id: &str, from: State, to: State) -> Result<bool, GatewayError> {
        let changed = self.connection.execute(
            "UPDATE pending SET state = ?3 WHERE id = ?1 AND state = ?2",
            params![id, from.word(), to.word()],
        )?;
        Ok(changed == 1)
    }

    /// Uses up an approval that is good for exactly this call, if there is one; returns who gave it.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub fn redeem(&mut self, digest: &str, version: &str) -> Result<Option<String>, GatewayError> {
        let candidates: Vec<Pending> = {
            let mut query = self.connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM pending WHERE digest = ?1 AND state = 'approved' AND kind = 'call'"
            ))?;
            query.query_map([digest], pending)?.collect::<Result<_, _>>()?
        };
        for one in candidates {
            let mut approval =
                Approval { digest: one.digest, version: one.version, expires: one.valid_until, used: false };
            if approval.redeem(digest, version, now()).is_ok() && self.settle(&one.id, State::Approved, State::Used)? {
                return Ok(Some(one.by.unwrap_or_default()));
            }
        }
        Ok(None)
    }
}

/// A short name, of letters that are read aloud without doubt.
fn short(parts: &[&str]) -> String {
    let hash = blake3::hash(parts.join("\n").as_bytes());
    let letters: Vec<char> = "abcdefghjkmnpqrstuvwxyz".chars().collect();
    let letter = |byte: &u8| letters.get(usize::from(*byte) % letters.len()).copied().unwrap_or('a');
    hash.as_bytes().iter().take(6).map(letter).collect()
}
