//! Putting something before a person: what they are shown is held, and a row says that it waits.

use misgoal_guard::approval::{self, Asked, Kind};
use misgoal_guard::tools::Tool;
use misgoal_guard::{Held, Record};
use rusqlite::{OptionalExtension as _, params};

use super::pending::{State, reason_of, signed};
use super::query::Fields;
use super::{Log, held};
use crate::desk::lock;
use crate::{GatewayError, now, random};

/// Letters of an id: 72 bits.
const LETTERS: usize = 16;

/// A row that is to be put there.
struct Put<'a> {
    asked: &'a Asked,
    call: Option<u64>,
    /// What the table calls it: of a call or a definition it is a name that the server has listed.
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
        let reason = reason_of(&text);
        let asked = self.asked(Kind::Alarm, session, &alarm.body)?;
        // Its evidence quotes the agent: whole it is held, and the table has it as the log does.
        let redactor = lock(&self.redactor)?.clone();
        let (told, reason) = (redactor.record(alarm), redactor.text(reason));
        let tool = told.tool.as_deref().unwrap_or_default();
        let (redacted, content) = (told.body.as_str(), Some(alarm.body.as_str()));
        let put = Put { asked: &asked, call: None, tool, redacted, content, reason: &reason, expires: i64::MAX };
        let id = self.put(&put)?;
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
