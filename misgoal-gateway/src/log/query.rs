//! Reading the log.

use std::collections::BTreeMap;

use misgoal_guard::Ending;
use misgoal_guard::session::History;
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Log;
use super::chain::hex;
use super::shelf::{self, Archive, Source};
use crate::GatewayError;
use crate::desk::lock;

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

/// The fields of a body, each as it stands there. A number that no machine number holds is JSON all the same, and an agent that puts one into its
/// arguments hides nothing but this number: the whole body as a [`Value`] would not be read at all.
pub(super) struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    /// None where the body is no object.
    pub(super) fn of(body: &str) -> Fields {
        Fields(serde_json::from_str(body).unwrap_or_default())
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|raw| raw.get())
    }

    /// A text; empty where there is none.
    pub(super) fn says(&self, name: &str) -> String {
        self.raw(name).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.raw(name)?.parse().ok()
    }

    /// Texts; none where there are none.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.raw(name).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    }
}

impl Stored {
    /// A field of the body; none where it holds a number that no machine number holds.
    pub fn field(&self, name: &str) -> Option<Value> {
        serde_json::from_str(Fields::of(&self.body).raw(name)?).ok()
    }

    /// A field of the body, byte for byte as it stands there.
    pub fn raw(&self, name: &str) -> Option<String> {
        Fields::of(&self.body).raw(name).map(str::to_owned)
    }

    /// The record as one JSON object on one line, the body as it stands there; one that is no JSON, which we have not written, as a text.
    pub fn json(&self) -> String {
        let Stored { seq, at, session, kind, call, tool, body, hash } = self;
        let is_json = serde_json::from_str::<&RawValue>(body).is_ok() && !body.contains(['\n', '\r']);
        let quoted = |text: &str| Value::from(text).to_string();
        let body = if is_json { body.clone() } else { quoted(body) };
        let (call, tool) = (Value::from(*call), tool.as_deref().map_or(Value::Null, Value::from));
        let (session, kind, hash) = (quoted(session), quoted(kind), quoted(hash));
        format!(
            r#"{{"seq":{seq},"at":{at},"session":{session},"kind":{kind},"call":{call},"tool":{tool},"body":{body},"hash":{hash}}}"#
        )
    }
}

/// A call of an earlier session.
struct Past {
    tool: String,
    at: u64,
    made: bool,
    outcome: Option<Ending>,
}

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those after this number.
    pub after: i64,
    /// Only those of sessions whose name begins like this.
    pub session: Option<String>,
    /// Only those about this tool, by its name or by what the log has in its place.
    pub tool: Option<String>,
    /// At most so many, the last ones.
    pub last: Option<u32>,
}

/// Numbers that are looked through at a time.
const PAGE: i64 = 8192;

const COLUMNS: &str = "seq, at, session, kind, call, tool, body, hash";
const FITS: &str = "(?3 IS NULL OR substr(session, 1, length(?3)) = ?3) AND (?4 IS NULL OR tool IN (?4, ?5, ?6))";

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

impl Log {
    /// The records that fit, in order, from archives and the live log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn records(&self, filter: &Filter) -> Result<Vec<Stored>, GatewayError> {
        if let Some(most) = filter.last {
            return self.last(filter, most);
        }
        let (mut all, mut filter) = (Vec::new(), filter.clone());
        while self.page(&mut filter, &mut all)? {}
        Ok(all)
    }

    /// Adds some of the records that fit and moves the filter on behind them; false where there are no more for now. Nothing of the log is held in
    /// between, however long the reader takes.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn page(&self, filter: &mut Filter, found: &mut Vec<Stored>) -> Result<bool, GatewayError> {
        let tool = self.forms(filter)?;
        let mut read = |connection: &Connection, last: i64| -> Result<i64, GatewayError> {
            let mut query = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM record WHERE seq > ?1 AND seq <= ?2 AND {FITS} ORDER BY seq"
            ))?;
            // Where records are missing the next ones may begin later than the page.
            let from = "SELECT max(?1, min(seq) - 1) FROM record";
            let from: i64 = connection.prepare_cached(from)?.query_row([filter.after], |row| row.get(0))?;
            let until = last.min(from.saturating_add(PAGE));
            let [name, mark, part] = &tool;
            for record in query.query_map(params![filter.after, until, filter.session, name, mark, part], stored)? {
                found.push(record?);
            }
            Ok(until)
        };
        filter.after = match self.source(filter.after)? {
            Source::Live(live, last) => read(&live, last)?,
            Source::Shelf(archive) => read(&archive.connection, archive.last)?,
            Source::End => return Ok(false),
        };
        Ok(true)
    }

    /// What the log may have for the tool that is asked for; nothing where all are.
    fn forms(&self, filter: &Filter) -> Result<[Option<String>; 3], GatewayError> {
        let redactor = lock(&self.redactor)?;
        Ok(filter.tool.as_deref().map_or([None, None, None], |tool| redactor.forms(tool).map(Some)))
    }

    /// The last ones, from the end backwards.
    fn last(&self, filter: &Filter, most: u32) -> Result<Vec<Stored>, GatewayError> {
        let mut found: Vec<Stored> = Vec::new();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let tool = self.forms(filter)?;
        let mut read = |connection: &Connection, before: i64| -> Result<(), GatewayError> {
            let mut query = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM record WHERE seq > ?1 AND seq < ?2 AND {FITS} ORDER BY seq DESC LIMIT ?7"
            ))?;
            let left = i64::try_from(most.saturating_sub(found.len())).unwrap_or(i64::MAX);
            let [name, mark, part] = &tool;
            let fit = params![filter.after, before, filter.session, name, mark, part, left];
            for record in query.query_map(fit, stored)? {
                found.push(record?);
            }
            Ok(())
        };
        let first = {
            let live = self.snapshot()?;
            read(&live, i64::MAX)?;
            live.query_row("SELECT min(seq) FROM record", [], |row| row.get::<_, Option<i64>>(0))?
        };
        let mut before = first.unwrap_or(0);
        for (_, path) in shelf::list(&self.path)?.into_iter().rev().filter(|(number, _)| *number < first.unwrap_or(0)) {
            if before <= filter.after + 1 {
                break;
            }
            let Some(archive) = Archive::open(&path)? else { continue };
            read(&archive.connection, before)?;
            before = archive.first;
        }
        found.truncate(most);
        found.reverse();
        Ok(found)
    }

    /// The scores of sessions after record `after` that were watched against this profile, in the order in which they ended, and the number of the record up
    /// to which there are no more. Those of records that were removed stand in the records of their removal.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn watched(&self, profile: &str, after: i64) -> Result<(Vec<[f64; 2]>, i64), GatewayError> {
        let (scores, last) = self.watched_sessions(profile, after)?;
        Ok((scores.into_values().collect(), last))
    }

    /// The same with the number of each session's record.
    pub(super) fn watched_sessions(
        &self,
        profile: &str,
        after: i64,
    ) -> Result<(BTreeMap<i64, [f64; 2]>, i64), GatewayError> {
        let mut all = BTreeMap::new();
        let last = self.across(after, |connection, from| {
            let kept = "SELECT seq, body FROM record WHERE kind = 'watched' AND seq > ?1 ORDER BY seq";
            let mut query = connection.prepare_cached(kept)?;
            let mut rows = query.query([from])?;
            while let Some(row) = rows.next()? {
                let body: Value = serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default();
                let scores = body.get("scores").and_then(|scores| pair(scores, 0));
                if let Some(scores) = scores.filter(|_| body.get("profile").and_then(Value::as_str) == Some(profile)) {
                    all.insert(row.get(0)?, scores);
                }
            }
            let removed = "SELECT body FROM record WHERE kind = 'archive' AND seq > ?1 ORDER BY seq";
            let mut query = connection.prepare_cached(removed)?;
            let mut rows = query.query([from])?;
            while let Some(row) = rows.next()? {
                let body: Value = serde_json::from_str(&row.get::<_, String>(0)?).unwrap_or_default();
                if body.get("profile").and_then(Value::as_str) != Some(profile) {
                    continue;
                }
                for one in body.get("watched").and_then(Value::as_array).into_iter().flatten() {
                    let seq = one.get(0).and_then(Value::as_i64).filter(|seq| *seq > after);
                    all.extend(seq.zip(pair(one, 1)));
                }
            }
            Ok(())
        })?;
        Ok((all, last))
    }

    /// Tells a new session's history of the calls since `since`, so that limits and labels that last hold across sessions.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn recall(&self, history: &mut History, since: u64) -> Result<(), GatewayError> {
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let mut calls: BTreeMap<(String, i64), Past> = BTreeMap::new();
        let mut order = Vec::new();
        self.across(self.before(since)?, |connection, after| {
            let mut query = connection.prepare(
                "SELECT session, call, kind, tool, at, body FROM record
                 WHERE seq > ?1 AND at >= ?2
                 AND (kind = 'said' OR kind IN ('attempt', 'outcome', 'approval') AND tool IS NOT NULL) ORDER BY seq",
            )?;
            let mut rows = query.query([after, since])?;
            while let Some(row) = rows.next()? {
                let (session, call): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
                let (kind, at): (String, i64) = (row.get(2)?, row.get(4)?);
                let body = Fields::of(&row.get::<_, String>(5)?);
                let says = |key: &str| body.says(key);
                if kind == "said" {
                    history.lend(&super::others::labels(&body), u64::try_from(at).unwrap_or(0));
                    continue;
                }
                let Some(call) = call else { continue };
                let tool = self.counted(row.get(3)?, history)?;
                let key = (session, call);
                let past = calls.entry(key.clone()).or_insert_with(|| {
                    order.push(key);
                    Past { tool, at: u64::try_from(at).unwrap_or(0), made: false, outcome: None }
                });
                match kind.as_str() {
                    "attempt" => past.made = !matches!(says("verdict").as_str(), "deny" | "hold"),
                    "approval" => past.made |= says("decision") == "approved",
                    _ => {
                        history.lend(&super::others::labels(&body), u64::try_from(at).unwrap_or(0));
                        let ending = Ending::of(&says("outcome"));
                        past.outcome = ending.filter(|ending| ending.counts_otherwise()).or(past.outcome);
                    }
                }
            }
            Ok(())
        })?;
        let mut made: Vec<Past> =
            order.into_iter().filter_map(|key| calls.remove(&key)).filter(|past| past.made).collect();
        made.sort_by_key(|past| past.at);
        for past in made {
            history.remember(&past.tool, past.at, past.outcome);
        }
        Ok(())
    }
}

/// Two scores of an array, from this place on.
fn pair(scores: &Value, from: usize) -> Option<[f64; 2]> {
    Some([scores.get(from)?.as_f64()?, scores.get(from + 1)?.as_f64()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_nobody_can_hold_hides_nothing_else() {
        let stored = |body: &str| Stored {
            seq: 7,
            at: 1,
            session: "s\n".to_owned(),
            kind: "attempt".to_owned(),
            call: Some(3),
            tool: None,
            body: body.to_owned(),
            hash: "00".to_owned(),
        };
        let record = stored(r#"{"verdict":"deny","arguments":{"n":1e400}}"#);
        assert_eq!(record.field("verdict"), Some(Value::from("deny")));
        assert_eq!((record.field("arguments"), record.raw("arguments").as_deref()), (None, Some(r#"{"n":1e400}"#)));
        let expected = r#"{"seq":7,"at":1,"session":"s\n","kind":"attempt","call":3,"tool":null,"body":{"verdict":"deny","arguments":{"n":1e400}},"hash":"00"}"#;
        assert_eq!(record.json(), expected);
        // What we have not written is one line all the same.
        assert!(stored("{\n").json().ends_with(r#""body":"{\n","hash":"00"}"#));
    }
}
