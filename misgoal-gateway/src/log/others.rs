//! What other sessions do while this one runs: their calls count toward its limits, and labels of theirs that last are on it too.

use std::collections::{BTreeMap, BTreeSet};

use misgoal_guard::Ending;
use misgoal_guard::redact::Redactor;
use misgoal_guard::session::History;

use super::Log;
use super::query::Fields;
use crate::GatewayError;
use crate::desk::lock;

/// How far a session has followed the others in the log.
#[derive(Debug)]
pub(crate) struct Others {
    /// The session that follows; its own calls it has counted itself.
    session: String,
    /// The last record that was looked at.
    seen: i64,
    /// When the others' calls were made that have no outcome yet.
    open: BTreeMap<(String, i64), u64>,
}

impl Others {
    /// Follows from here on.
    pub fn after(session: &str, seen: i64) -> Others {
        Others { session: session.to_owned(), seen, open: BTreeMap::new() }
    }
}

impl Log {
    /// Does something that no other process comes between: what it appends is decided by what it has read. Records are on the disk afterwards if
    /// `forced`; when it fails nothing is written.
    pub(crate) fn alone<T>(
        &mut self,
        forced: bool,
        work: impl FnOnce(&mut Log) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        self.force(forced)?;
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let worked = work(self).and_then(|done| {
            self.connection.execute_batch("COMMIT")?;
            Ok(done)
        });
        if worked.is_err() {
            self.head = None;
            // Where the commit has failed there may be nothing left to take back.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        worked
    }

    /// Takes in what other sessions have done since this was last asked.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn follow(&self, others: &mut Others, history: &mut History) -> Result<(), GatewayError> {
        let Others { session: own, seen, open } = others;
        // Up to the end of the log: what is archived meanwhile need not be opened again.
        *seen = self.across(*seen, |connection, after| {
            let mut query = connection.prepare_cached(
                "SELECT session, call, kind, tool, at, body FROM record
                 WHERE seq > ?1 AND session <> ?2
                 AND (kind = 'said' OR call IS NOT NULL AND tool IS NOT NULL AND kind IN ('attempt', 'outcome', 'approval')) ORDER BY seq",
            )?;
            let mut rows = query.query((after, own.as_str()))?;
            while let Some(row) = rows.next()? {
                let (kind, at): (String, i64) = (row.get(2)?, row.get(4)?);
                let at = u64::try_from(at).unwrap_or(0);
                let body = Fields::of(&row.get::<_, String>(5)?);
                if kind == "said" {
                    history.lend(&labels(&body), at);
                    continue;
                }
                let key: (String, i64) = (row.get(0)?, row.get(1)?);
                let tool = self.counted(row.get(3)?, history)?;
                let says = |key: &str| body.says(key);
                let made = match kind.as_str() {
                    "attempt" => !matches!(says("verdict").as_str(), "deny" | "hold"),
                    "approval" => says("decision") == "approved",
                    _ => {
                        history.lend(&labels(&body), at);
                        // What is not known here may have been done, and counts.
                        let ending = Ending::of(&says("outcome")).filter(|ending| ending.counts_otherwise());
                        if let Some((ending, made)) = ending.and_then(|ending| Some((ending, open.remove(&key)?))) {
                            history.fell(&tool, made, at, ending);
                        }
                        false
                    }
                };
                if made && open.insert(key, at).is_none() {
                    history.remember(&tool, at, None);
                }
            }
            Ok(())
        })?;
        Ok(())
    }
}

impl Log {
    /// The name under which a history counts the tool of a record, where the log has a mark in its place.
    pub(super) fn counted(&self, tool: String, history: &History) -> Result<String, GatewayError> {
        if !Redactor::is_taken_out(&tool) {
            return Ok(tool);
        }
        let redactor = lock(&self.redactor)?;
        Ok(history.counted(|name| redactor.forms(name).contains(&tool)).unwrap_or(tool))
    }
}

/// The labels that a record says have been put on its session: by a result, or by what else a server has said.
pub(super) fn labels(body: &Fields) -> BTreeSet<String> {
    body.list("labels").into_iter().collect()
}

#[cfg(test)]
mod tests {
    use misgoal_guard::{Config, Record};

    use super::*;

    /// A label that lasts is on other sessions, whether a result or something else that the server said has put it on the first.
    #[test]
    fn what_a_server_says_beside_results_is_read_back_too() {
        let text = "format = 1\nserver = \"s\"\n[[label]]\nname = \"seen\"\ntools = [\"look\"]\nlasts = \"1h\"\n";
        let config = Config::parse("guard.toml", text).unwrap();
        let said = || Record::new("said").text("method", "notifications/message");
        for (record, is_seen) in [
            (Record::new("outcome").of(1, "look").text("outcome", Ending::Good.word()).texts("labels", ["seen"]), true),
            (said().of(1, "look").texts("labels", ["seen"]), true),
            (said().texts("labels", ["seen"]), true),
            (said(), false),
        ] {
            let room = tempfile::tempdir().unwrap();
            let mut log = Log::open(&room.path().join("guard.db")).unwrap();
            let (mut beside, mut others) = (History::new(&config), Others::after("beside", 0));
            log.append("one", &[record], true).unwrap();
            log.follow(&mut others, &mut beside).unwrap();
            let mut later = History::new(&config);
            log.recall(&mut later, 0).unwrap();
            for history in [beside, later] {
                assert_eq!(history.labels_at(crate::now()).contains("seen"), is_seen);
            }
        }
    }
}
