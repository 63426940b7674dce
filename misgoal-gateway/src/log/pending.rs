//! What waits for a person: held calls, changed tools, sessions after an alarm.
//!
//! The table says what there is and how far it has come, for lists. It moves nothing: what a person has said is read from the chain ([`super::answer`]), and what
//! they were shown from the files of [`super::held`], which the digest of the decision names.

use misgoal_guard::approval::{self, Key, Kind};
use misgoal_guard::redact::Redactor;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row};

use super::query::Fields;
use super::{Log, held};
use crate::GatewayError;

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
    /// Another one has taken its place, under a guard before this one: now each alarm waits by itself.
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

    pub(super) fn read(word: &str) -> State {
        // A word that we did not write opens nothing.
        State::ALL.into_iter().find(|state| state.word() == word).unwrap_or(State::Denied)
    }
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
    /// The tool, or the method of a request that is no tool's: of a call or a definition whole, since the server has listed it; of an alarm as the log has it.
    pub tool: String,
    /// Names what is shown; see [`approval::digest`].
    pub digest: String,
    /// The version of the policies.
    pub version: String,
    /// What is shown as the log may hold it: a call without its secrets, the evidence of an alarm; of a tool everything. Of a call or an alarm that is settled nothing.
    pub redacted: String,
    /// Why it is held; of an alarm as the log has it.
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
    /// Whether it is a yes that came after its call was turned down: it can be taken back until it is used.
    pub fn is_late_approval(&self) -> bool {
        self.state == State::Approved && self.kind == Kind::Call && self.expires <= crate::now()
    }

    /// Why it is held, in the words of what is shown: those of an alarm are its evidence's.
    pub fn reason_in(&self, shown: &str) -> String {
        match self.kind {
            Kind::Alarm => reason_of(&Fields::of(shown).says("text")).to_owned(),
            Kind::Call | Kind::Tool => self.reason.clone(),
        }
    }

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

/// Why an alarm holds a session, of all that it says.
pub(super) fn reason_of(text: &str) -> &str {
    text.split(" (noticed").next().unwrap_or_default()
}

pub(super) const COLUMNS: &str =
    "id, kind, session, tool, digest, version, shown, reason, created, state, decided_by, expires";

pub(super) fn pending(row: &Row<'_>) -> rusqlite::Result<Pending> {
    let millis = |column| Ok::<u64, rusqlite::Error>(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0));
    let kind: String = row.get(1)?;
    let unknown = || rusqlite::Error::FromSqlConversionFailure(1, Type::Text, format!("no kind `{kind}`").into());
    let kind = Kind::read(&kind).ok_or_else(unknown)?;
    let (tool, redacted): (String, String) = (row.get(3)?, row.get(6)?);
    // Earlier versions took names out of the table that look like secrets; what is shown of a tool has its name.
    let is_taken_out = kind == Kind::Tool && Redactor::is_taken_out(&tool);
    let named = is_taken_out.then(|| Fields::of(&redacted).says("name")).filter(|name| !name.is_empty());
    let tool = named.unwrap_or(tool);
    Ok(Pending {
        id: row.get(0)?,
        kind,
        session: row.get(2)?,
        tool,
        digest: row.get(4)?,
        version: row.get(5)?,
        redacted,
        reason: row.get(7)?,
        created: millis(8)?,
        state: State::read(&row.get::<_, String>(9)?),
        by: row.get(10)?,
        expires: millis(11)?,
    })
}

pub(super) fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

impl Log {
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

    /// What has become of a matter.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self, id: &str) -> Result<Option<Pending>, GatewayError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM pending WHERE id = ?1"))?;
        Ok(query.query_row([id], pending).optional()?)
    }
}
