//! What a person has said, and what becomes of the matter: a word is written into the chain and read from it.

use misgoal_guard::Record;
use misgoal_guard::approval::{Asked, Kind, Word};
use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::pending::{Pending, State, signed};
use super::query::Fields;
use super::{Log, held};
use crate::desk::lock;
use crate::{GatewayError, now};

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

/// What has become of an approved call when it was decided about once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It has moved on.
    Made,
    /// It has not, and why.
    Denied(String),
}

/// What the table still shows of a settled matter: a tool's definition, which is asked about once, and of calls and alarms nothing.
const LEFT: &str = "CASE WHEN kind = 'tool' THEN shown ELSE '' END";

/// Which approvals can be taken back: those of calls, before they are used.
const WITHDRAWABLE: &str = "kind = 'call' AND state = 'approved'";

impl Log {
    /// Writes a person's word down, in the chain of records and in the table, both or neither. False where the matter was settled already, or nobody waits for
    /// it any more; a no takes back a yes that came late and was not used. A yes is about what is held: where that cannot be read, or is not what was put there, nothing is approved.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn decide(&mut self, id: &str, decision: Decision, by: &str) -> Result<bool, GatewayError> {
        let is_withdrawn = |one: &Pending| decision == Decision::Deny && one.is_late_approval();
        let Some(one) = self.state(id)?.filter(|one| one.state.is_open() || is_withdrawn(one)) else {
            return Ok(false);
        };
        let (state, until) = match decision {
            Decision::Approve { until } => (State::Approved, until),
            Decision::Deny => (State::Denied, 0),
        };
        if state == State::Approved && self.shown(&one)?.is_none() {
            self.sweep()?;
            return Ok(false);
        }
        self.force(true)?;
        let redactor = lock(&self.redactor)?.clone();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = transaction.execute(
            &format!(
                "UPDATE pending SET state = ?2, decided_by = ?3, valid_until = ?4, shown = {LEFT} WHERE id = ?1 AND digest = ?5
                 AND (state IN ('waiting', 'timed-out') OR (?2 = 'denied' AND {WITHDRAWABLE} AND expires <= ?6))"
            ),
            // Who has said it is their own word.
            params![id, state.word(), redactor.text(by), signed(until), one.digest, signed(now())],
        )?;
        if changed != 1 {
            return Ok(false);
        }
        let record = Record::new("decision").tool(&one.tool).public(true).text("id", id).text("what", one.kind.word());
        let record = record.text("session", &one.session).text("digest", &one.digest).text("version", &one.version);
        let record = record.text("decision", state.word()).number("until", until).text("by", by);
        super::write(&transaction, &redactor, None, "operator", &record)?;
        transaction.commit()?;
        self.head = None;
        held::remove(&self.path, id)?;
        Ok(true)
    }

    /// The words that stand in the chain after this record, each with the id that it is about, and moves the number on. A record whose hash does not follow
    /// from the one before is not in the chain, and says nothing.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn words(&self, after: &mut i64) -> Result<Vec<(String, Word)>, GatewayError> {
        let mut found: Vec<(i64, String)> = Vec::new();
        *after = self.across(*after, |connection, from| {
            let said = "SELECT seq, body FROM record WHERE kind = 'decision' AND seq > ?1 ORDER BY seq";
            let mut query = connection.prepare_cached(said)?;
            for record in query.query_map([from], |row| Ok((row.get(0)?, row.get(1)?)))? {
                found.push(record?);
            }
            Ok(())
        })?;
        let mut words = Vec::new();
        for (seq, body) in found {
            let fields = Fields::of(&body);
            let says = |key: &str| fields.says(key);
            let Some(kind) = Kind::read(&says("what")) else { continue };
            if !self.stands(seq)? {
                continue;
            }
            let asked = Asked { kind, session: says("session"), digest: says("digest"), version: says("version") };
            let approves = says("decision") == State::Approved.word();
            words.push((
                says("id"),
                Word { approves, asked, until: fields.number("until").unwrap_or(0), by: says("by") },
            ));
        }
        Ok(words)
    }

    /// What has become of a call that waited, by a record after this one; none while nobody has said so.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn became(&self, one: &Pending, after: i64) -> Result<Option<Became>, GatewayError> {
        let said = "SELECT body FROM record WHERE kind = 'approval' AND seq > ?1 AND session = ?2
                    AND call = (SELECT call FROM pending WHERE id = ?3) ORDER BY seq LIMIT 1";
        let mut query = self.connection.prepare_cached(said)?;
        let body: Option<String> = query.query_row(params![after, one.session, one.id], |row| row.get(0)).optional()?;
        Ok(body.map(|body| {
            let fields = Fields::of(&body);
            match (fields.says("decision"), fields.says("reason")) {
                (decision, _) if decision == State::Approved.word() => Became::Made,
                (decision, reason) if reason.is_empty() => Became::Denied(decision),
                (decision, reason) => Became::Denied(format!("{decision}: {reason}")),
            }
        }))
    }

    /// How far a matter has come now. What is held is let go, unless a person may say something still.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn settle(&mut self, id: &str, to: State) -> Result<(), GatewayError> {
        // A word that came in the last moment stands there already.
        let from = if to == State::TimedOut { "'waiting'" } else { "'waiting', 'timed-out', 'approved'" };
        let left = if to.is_open() { "shown" } else { LEFT };
        let moved = format!("UPDATE pending SET state = ?2, shown = {left} WHERE id = ?1 AND state IN ({from})");
        self.connection.prepare_cached(&moved)?.execute(params![id, to.word()])?;
        if !to.is_open() {
            held::remove(&self.path, id)?;
        }
        Ok(())
    }

    /// Marks an approval as used; false where it was taken back in the last moment, which stands in the chain then.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn use_up(&mut self, id: &str) -> Result<bool, GatewayError> {
        let used = format!("UPDATE pending SET state = 'used', shown = {LEFT} WHERE id = ?1 AND state <> 'denied'");
        if self.connection.prepare_cached(&used)?.execute([id])? == 0
            && self.state(id)?.is_some_and(|one| one.state == State::Denied)
        {
            return Ok(false);
        }
        held::remove(&self.path, id)?;
        Ok(true)
    }

    /// Settles what nobody waits for any more, because its guard was killed, and clears away what it has left.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn sweep(&mut self) -> Result<(), GatewayError> {
        held::sweep(&self.path)?;
        // Versions before left there what a settled matter had shown.
        let left = "state NOT IN ('waiting', 'timed-out') AND kind <> 'tool' AND shown <> ''";
        let is_left = format!("SELECT EXISTS (SELECT 1 FROM pending WHERE {left})");
        if self.connection.query_row(&is_left, [], |row| row.get(0))? {
            self.connection.execute(&format!("UPDATE pending SET shown = '' WHERE {left}"), [])?;
        }
        for one in self.pending(false)?.into_iter().filter(|one| one.kind != Kind::Tool) {
            if held::beginning(&self.path, &one.id, 1)?.is_some() {
                continue;
            }
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let settled = transaction.execute(
                &format!("UPDATE pending SET state = 'abandoned', shown = {LEFT} WHERE id = ?1 AND state IN ('waiting', 'timed-out')"),
                [&one.id],
            )?;
            if settled == 1 {
                let call = "SELECT call FROM pending WHERE id = ?1";
                let call: Option<i64> = transaction.query_row(call, [&one.id], |row| row.get(0))?;
                let mut record =
                    Record::new("approval").tool(&one.tool).public(true).text("id", &one.id).text("by", "guard");
                record =
                    record.text("decision", State::Abandoned.word()).text("reason", "the guard that held it has ended");
                record.call = call.and_then(|call| u64::try_from(call).ok());
                super::write(&transaction, &*lock(&self.redactor)?, None, &one.session, &record)?;
            }
            transaction.commit()?;
            self.head = None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log as the versions before wrote it: short ids, what is shown in the table, no key, and decisions that say less.
    #[test]
    fn what_waited_in_an_older_log_is_not_approved_and_the_log_goes_on() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("guard.db");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(super::super::RECORDS).unwrap();
        database.execute_batch(super::super::PENDING).unwrap();
        database
            .execute_batch(
                "INSERT INTO pending VALUES ('rkmthr', 'call', 's', 3, 'pay', 'd', 'v', '{\"to\":\"bob\"}', 'why', 1, 2, 'timed-out', NULL, NULL);
                 INSERT INTO pending VALUES ('antsfy', 'call', 's', 2, 'pay', 'd', 'v', '{}', 'why', 1, 2, 'approved', 'me', 99999999999999);
                 INSERT INTO pending VALUES ('tttttt', 'tool', 's', NULL, 'pay', 'd', '', '{\"name\":\"pay\"}', 'why', 1, 9, 'waiting', NULL, NULL);",
            )
            .unwrap();
        drop(database);
        let mut log = Log::open(&path).unwrap();
        let approve = Decision::Approve { until: u64::MAX };
        assert!(!log.decide("rkmthr", approve, "me").unwrap(), "nobody waits for it");
        assert_eq!(log.state("rkmthr").unwrap().unwrap().state, State::Abandoned);
        assert!(!log.decide("antsfy", approve, "me").unwrap(), "it is settled");
        assert!(log.decide("tttttt", approve, "me").is_err(), "what it was compared with nobody has seen");
        assert!(log.decide("tttttt", Decision::Deny, "me").unwrap());
        assert_eq!((log.pending(false).unwrap().len(), log.pending(true).unwrap().len()), (0, 3));
        assert_eq!(log.verify(None).unwrap(), Ok(2));
    }
}
