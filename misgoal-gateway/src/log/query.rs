//! Reading the log.

use std::collections::BTreeMap;

use misgoal_guard::session::{History, Outcome};
use rusqlite::params;
use serde_json::Value;

use super::Log;
use super::chain::hex;
use crate::GatewayError;

/// A record as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number; the first is 1.
    pub seq: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Of which session.
    pub session: String,
    /// What it is about.
    pub kind: String,
    /// Of which attempt of the session.
    pub call: Option<i64>,
    /// The tool, or `resources/read`.
    pub tool: Option<String>,
    /// A JSON object.
    pub body: String,
    /// Its hash in hexadecimal.
    pub hash: String,
}

impl Stored {
    /// A field of the body.
    pub fn field(&self, name: &str) -> Option<Value> {
        serde_json::from_str::<Value>(&self.body).ok()?.get_mut(name).map(Value::take)
    }

    /// The record as one JSON object.
    pub fn json(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        serde_json::json!({
            "seq": self.seq, "at": self.at, "session": self.session, "kind": self.kind,
            "call": self.call, "tool": self.tool, "body": body, "hash": self.hash,
        })
    }
}

/// A call of an earlier session.
struct Past {
    tool: String,
    at: u64,
    made: bool,
    outcome: Option<Outcome>,
}

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those after this number.
    pub after: i64,
    /// Only those of sessions whose name begins like this.
    pub session: Option<String>,
    /// Only those about this tool.
    pub tool: Option<String>,
    /// At most so many, the last ones.
    pub last: Option<u32>,
}

impl Log {
    /// The records that fit, in order.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn records(&self, filter: &Filter) -> Result<Vec<Stored>, GatewayError> {
        let mut query = self.connection.prepare_cached(
            "SELECT seq, at, session, kind, call, tool, body, hash FROM (
                SELECT * FROM record WHERE seq > ?1 AND (?2 IS NULL OR substr(session, 1, length(?2)) = ?2)
                AND (?3 IS NULL OR tool = ?3) ORDER BY seq DESC LIMIT ?4
             ) ORDER BY seq",
        )?;
        let last = filter.last.map_or(-1, i64::from);
        let rows = query.query_map(params![filter.after, filter.session, filter.tool, last], |row| {
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
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The scores of sessions after record `after` that were watched against this profile, in the order in which they ended, and the last such record's
    /// number.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn watched(&self, profile: &str, after: i64) -> Result<(Vec<[f64; 2]>, i64), GatewayError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT seq, body FROM record WHERE kind = 'watched' AND seq > ?1 ORDER BY seq")?;
        let mut rows = query.query([after])?;
        let (mut scores, mut last) = (Vec::new(), after);
        while let Some(row) = rows.next()? {
            last = row.get(0)?;
            let body: Value = serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default();
            let score = |index: usize| body.get("scores")?.get(index)?.as_f64();
            if body.get("profile").and_then(Value::as_str) == Some(profile)
                && let (Some(behaviour), Some(capability)) = (score(0), score(1))
            {
                scores.push([behaviour, capability]);
            }
        }
        Ok((scores, last))
    }

    /// Tells a new session's history of the calls since `since`, so that a limit holds across sessions.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn recall(&self, history: &mut History, since: u64) -> Result<(), GatewayError> {
        let mut query = self.connection.prepare(
            "SELECT session, call, kind, tool, at, body FROM record
             WHERE at >= ?1 AND kind IN ('attempt', 'outcome', 'approval') AND tool IS NOT NULL ORDER BY seq",
        )?;
        let mut rows = query.query([i64::try_from(since).unwrap_or(i64::MAX)])?;
        let mut calls: BTreeMap<(String, i64), Past> = BTreeMap::new();
        let mut order = Vec::new();
        while let Some(row) = rows.next()? {
            let (session, call): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
            let (kind, tool, at): (String, String, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let body: Value = serde_json::from_str(&row.get::<_, String>(5)?).unwrap_or_default();
            let says = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let Some(call) = call else { continue };
            let key = (session, call);
            let past = calls.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                Past { tool, at: u64::try_from(at).unwrap_or(0), made: false, outcome: None }
            });
            match kind.as_str() {
                "attempt" => past.made = !matches!(says("verdict").as_str(), "deny" | "hold"),
                "approval" => past.made |= says("decision") == "approved",
                _ => past.outcome = Some(if says("outcome") == "good" { Outcome::Good } else { Outcome::Failed }),
            }
        }
        let mut made: Vec<Past> =
            order.into_iter().filter_map(|key| calls.remove(&key)).filter(|past| past.made).collect();
        made.sort_by_key(|past| past.at);
        for past in made {
            history.remember(&past.tool, past.at, past.outcome);
        }
        Ok(())
    }
}
