//! What waits for a person: held calls, changed tools, sessions after an alarm. Here a person's word meets what it is about.
//!
//! The table says what there is and how far it has come, for lists. It moves nothing: what a person has said is read from the chain ([`Log::words`]), and what
//! they were shown from the files of [`super::held`], which the digest of the decision names.

use misgoal_guard::approval::{self, Asked, Key, Kind, Word};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Held, Record};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};

use super::query::Fields;
use super::{Log, held};
use crate::{GatewayError, now, random};

/// Letters of an id: 72 bits.
const LETTERS: usize = 16;
/// Letters of an id's beginning that are enough to name it by.
const ENOUGH: usize = 4;

/// How far a matter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has said anything.
    Waiting,
    /// Approved, and not used yet.
    Approved,
    /// A person has said no.
    Denied,
    /// Nobody said anything in time; an approval now is good for the same call made again in the same session.
    TimedOut,
    /// Approved, and done.
    Used,
    /// The agent has cancelled the request.
    Cancelled,
    /// The agent has gone, its session or the guard has ended.
    Abandoned,
    /// Nobody said anything, also not later.
    Expired,
    /// Another one has taken its place.
    Replaced,
}

impl State {
    const ALL: [State; 9] = [
        State::Waiting,
        State::Approved,
        State::Denied,
        State::TimedOut,
        State::Used,
        State::Cancelled,
        State::Abandoned,
        State::Expired,
        State::Replaced,
    ];

    /// The word for it, in the log and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Approved => "approved",
            State::Denied => "denied",
            State::TimedOut => "timed-out",
            State::Used => "used",
            State::Cancelled => "cancelled",
            State::Abandoned => "abandoned",
            State::Expired => "expired",
            State::Replaced => "replaced",
        }
    }

    /// Whether a person can say something still.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Waiting | State::TimedOut)
    }

    fn read(word: &str) -> State {
        // A word that we did not write opens nothing.
        State::ALL.into_iter().find(|state| state.word() == word).unwrap_or(State::Denied)
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
    /// What it is about.
    pub kind: Kind,
    /// Of which session.
    pub session: String,
    /// The tool, or the method of a request that is no tool's.
    pub tool: String,
    /// Names what is shown; see [`approval::digest`].
    pub digest: String,
    /// The version of the policies.
    pub version: String,
    /// What is shown as the log may hold it: a call without its secrets, the evidence of an alarm; of a tool everything.
    pub redacted: String,
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
}

impl Pending {
    /// Everything that a person decides about, as it is held by a living guard; none where nobody waits for it any more.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was held.
    pub(super) fn shown(&self, log: &std::path::Path, key: Option<&Key>) -> Result<Option<String>, GatewayError> {
        let content = match self.kind {
            Kind::Tool => Some(self.redacted.clone()),
            Kind::Call | Kind::Alarm => held::read(log, &self.id)?,
        };
        let Some(content) = content else { return Ok(None) };
        let key = key.ok_or_else(|| GatewayError::Data("the log's key is not beside it".to_owned()))?;
        if approval::digest(key, self.kind, &self.session, &content) != self.digest {
            let wrong = format!(
                "what is held under `{}` is not what the guard put there: it can be denied, not approved",
                self.id
            );
            return Err(GatewayError::Data(wrong));
        }
        Ok(Some(content))
    }
}

pub(super) const COLUMNS: &str =
    "id, kind, session, tool, digest, version, shown, reason, created, state, decided_by, expires";

pub(super) fn pending(row: &Row<'_>) -> rusqlite::Result<Pending> {
    let millis = |column| Ok::<u64, rusqlite::Error>(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0));
    let kind: String = row.get(1)?;
    let unknown = || rusqlite::Error::FromSqlConversionFailure(1, Type::Text, format!("no kind `{kind}`").into());
    Ok(Pending {
        id: row.get(0)?,
        kind: Kind::read(&kind).ok_or_else(unknown)?,
        session: row.get(2)?,
        tool: row.get(3)?,
        digest: row.get(4)?,
        version: row.get(5)?,
        redacted: row.get(6)?,
        reason: row.get(7)?,
        created: millis(8)?,
        state: State::read(&row.get::<_, String>(9)?),
        by: row.get(10)?,
        expires: millis(11)?,
    })
}

fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

/// A row that is to be put there.
struct Put<'a> {
    asked: &'a Asked,
    call: Option<u64>,
    tool: &'a str,
    /// What the table shows.
    redacted: &'a str,
    /// What is held beside the log, where it is more.
    content: Option<&'a str>,
    reason: &'a str,
    expires: i64,
}

impl Log {
    /// Puts a held call before a person; returns what it is called by.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hold(&mut self, session: &str, held: &Held, expires: u64) -> Result<String, GatewayError> {
        let asked = Asked {
            kind: Kind::Call,
            session: session.to_owned(),
            digest: held.digest.clone(),
            version: held.version.clone(),
        };
        self.put(&Put {
            asked: &asked,
            call: Some(held.call),
            tool: &held.tool,
            redacted: &held.redacted,
            content: Some(&held.content),
            reason: &held.reason,
            expires: signed(expires),
        })
    }

    /// Puts a tool's changed or new definition before a person, once, with what is pinned; returns what it is called by, and nothing where a person has denied
    /// exactly this change before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hold_tool(
        &mut self,
        session: &str,
        tool: &Tool,
        pinned: Option<&Tool>,
        reason: &str,
    ) -> Result<Option<String>, GatewayError> {
        let content = approval::of_tool(pinned, tool);
        let known = "SELECT id, state FROM pending WHERE kind = 'tool' AND shown = ?1 ORDER BY created DESC, rowid DESC LIMIT 1";
        let known = self
            .connection
            .query_row(known, [&content], |row| Ok((row.get::<_, String>(0)?, State::read(&row.get::<_, String>(1)?))));
        match known.optional()? {
            Some((id, state)) if state.is_open() => return Ok(Some(id)),
            Some((_, State::Denied)) => return Ok(None),
            _ => {}
        }
        let asked = self.asked(Kind::Tool, session, &content)?;
        let (redacted, expires) = (content.as_str(), i64::MAX);
        self.put(&Put { asked: &asked, call: None, tool: &tool.name, redacted, content: None, reason, expires })
            .map(Some)
    }

    /// Puts an alarm that holds a session's calls before a person; returns what it is called by, and what is asked.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn hold_alarm(&mut self, session: &str, alarm: &Record) -> Result<(String, Asked), GatewayError> {
        let fields = Fields::of(&alarm.body);
        let text = fields.says("text");
        let reason = text.split(" (noticed").next().unwrap_or_default();
        let asked = self.asked(Kind::Alarm, session, &alarm.body)?;
        let tool = alarm.tool.as_deref().unwrap_or_default();
        let (redacted, content) = (alarm.body.as_str(), Some(alarm.body.as_str()));
        let id = self.put(&Put { asked: &asked, call: None, tool, redacted, content, reason, expires: i64::MAX })?;
        Ok((id, asked))
    }

    fn asked(&self, kind: Kind, session: &str, content: &str) -> Result<Asked, GatewayError> {
        let digest = approval::digest(self.key()?, kind, session, content);
        Ok(Asked { kind, session: session.to_owned(), digest, version: String::new() })
    }

    /// Puts a row there under a name that nothing has had.
    fn put(&mut self, put: &Put<'_>) -> Result<String, GatewayError> {
        let Put { asked, call, tool, redacted, content, reason, expires } = put;
        loop {
            let id = random::letters(LETTERS)?;
            // What is held is there before anybody can look for it.
            if let Some(content) = content
                && !self.holder()?.put(&id, content)?
            {
                continue;
            }
            let added = self.connection.execute(
                "INSERT INTO pending VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'waiting', NULL, NULL)",
                params![
                    id,
                    asked.kind.word(),
                    asked.session,
                    call.map(signed),
                    tool,
                    asked.digest,
                    asked.version,
                    redacted,
                    reason,
                    signed(now()),
                    expires
                ],
            );
            match added {
                Ok(_) => return Ok(id),
                Err(error) => {
                    held::remove(&self.path, &id)?;
                    if !super::taken(&error) {
                        return Err(error.into());
                    }
                }
            }
        }
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

    /// One matter, by its id or at least four letters of its beginning. All that there ever were count: a beginning that somebody has seen is not to become
    /// that of another matter.
    ///
    /// # Errors
    /// When it cannot be read, or the beginning is too short, of none or of several.
    pub fn find_pending(&self, id: &str) -> Result<Pending, GatewayError> {
        if let Some(one) = self.state(id)? {
            return Ok(one);
        }
        if id.chars().count() < ENOUGH {
            let short = format!("`{id}` is too short: give the whole id, or at least four letters of its beginning");
            return Err(GatewayError::Data(short));
        }
        let find = format!("SELECT {COLUMNS} FROM pending WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2");
        let mut fits = self.connection.prepare(&find)?.query_map([id], pending)?.collect::<Result<Vec<_>, _>>()?;
        match (fits.pop(), fits.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => {
                Err(GatewayError::Data(format!("`{id}` is the beginning of more than one: give the whole id")))
            }
            (None, _) => Err(GatewayError::Data(format!("nothing is held under `{id}`"))),
        }
    }

    /// Everything that a person decides about; none where nobody waits for it any more.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was held.
    pub fn shown(&self, one: &Pending) -> Result<Option<String>, GatewayError> {
        one.shown(&self.path, self.key.as_ref())
    }

    /// The beginning of that, of about so many bytes, and how many it has; what a settled one showed without its secrets.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn beginning(&self, one: &Pending, most: u64) -> Result<(String, u64), GatewayError> {
        let held = match one.kind {
            Kind::Tool => None,
            Kind::Call | Kind::Alarm => held::beginning(&self.path, &one.id, most)?,
        };
        Ok(held.unwrap_or_else(|| (one.redacted.clone(), one.redacted.len() as u64)))
    }

    /// Writes a person's word down, in the chain of records and in the table, both or neither. False where the matter was settled already, or nobody waits for
    /// it any more. A yes is about what is held: where that cannot be read, or is not what was put there, nothing is approved.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn decide(&mut self, id: &str, decision: Decision, by: &str) -> Result<bool, GatewayError> {
        let Some(one) = self.state(id)?.filter(|one| one.state.is_open()) else { return Ok(false) };
        let (state, until) = match decision {
            Decision::Approve { until } => (State::Approved, until),
            Decision::Deny => (State::Denied, 0),
        };
        if state == State::Approved && self.shown(&one)?.is_none() {
            self.sweep()?;
            return Ok(false);
        }
        self.force(true)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = transaction.execute(
            "UPDATE pending SET state = ?2, decided_by = ?3, valid_until = ?4 WHERE id = ?1 AND digest = ?5 AND state IN ('waiting', 'timed-out')",
            params![id, state.word(), by, signed(until), one.digest],
        )?;
        if changed != 1 {
            return Ok(false);
        }
        let record = Record::new("decision").tool(&one.tool).text("id", id).text("what", one.kind.word());
        let record = record.text("session", &one.session).text("digest", &one.digest).text("version", &one.version);
        let record = record.text("decision", state.word()).number("until", until).text("by", by);
        super::write(&transaction, None, "operator", &record)?;
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

    /// What has become of a matter.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self, id: &str) -> Result<Option<Pending>, GatewayError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM pending WHERE id = ?1"))?;
        Ok(query.query_row([id], pending).optional()?)
    }

    /// How far a matter has come now. What is held is let go, unless a person may say something still.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn settle(&mut self, id: &str, to: State) -> Result<(), GatewayError> {
        // A word that came in the last moment stands there already.
        let from = if to == State::TimedOut { "'waiting'" } else { "'waiting', 'timed-out', 'approved'" };
        let moved = format!("UPDATE pending SET state = ?2 WHERE id = ?1 AND state IN ({from})");
        self.connection.prepare_cached(&moved)?.execute(params![id, to.word()])?;
        if !to.is_open() {
            held::remove(&self.path, id)?;
        }
        Ok(())
    }

    /// Settles what nobody waits for any more, because its guard was killed, and clears away what it has left.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn sweep(&mut self) -> Result<(), GatewayError> {
        held::sweep(&self.path)?;
        for one in self.pending(false)?.into_iter().filter(|one| one.kind != Kind::Tool) {
            if held::beginning(&self.path, &one.id, 1)?.is_some() {
                continue;
            }
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let settled = transaction.execute(
                "UPDATE pending SET state = 'abandoned' WHERE id = ?1 AND state IN ('waiting', 'timed-out')",
                [&one.id],
            )?;
            if settled == 1 {
                let call = "SELECT call FROM pending WHERE id = ?1";
                let call: Option<i64> = transaction.query_row(call, [&one.id], |row| row.get(0))?;
                let mut record = Record::new("approval").tool(&one.tool).text("id", &one.id).text("by", "guard");
                record =
                    record.text("decision", State::Abandoned.word()).text("reason", "the guard that held it has ended");
                record.call = call.and_then(|call| u64::try_from(call).ok());
                super::write(&transaction, None, &one.session, &record)?;
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

    #[test]
    fn a_name_is_never_given_twice() {
        let room = tempfile::tempdir().unwrap();
        let mut log = Log::open(&room.path().join("guard.db")).unwrap();
        let alarm = Record::new("alarm").text("text", "since step 3");
        let ids: std::collections::BTreeSet<String> = (0..50).map(|_| log.hold_alarm("s", &alarm).unwrap().0).collect();
        assert_eq!(
            (ids.len(), log.pending(false).unwrap().len()),
            (50, 50),
            "the same alarm, each a matter of its own"
        );
    }
}
