//! What good sessions did with each tool.

use std::collections::{BTreeMap, BTreeSet};

use misgoal_monitor::observe::{Source, source_of_arguments};
use misgoal_monitor::{Call, Session};
use serde_json::Value;

use super::names::{NOWHERE, Names};
use crate::read::Node;
use crate::replay;
use crate::session::{History, Origins};

/// The calls of one tool.
#[derive(Default)]
pub(super) struct Use {
    pub calls: usize,
    pub sessions: BTreeSet<usize>,
    pub arguments: BTreeMap<String, Argument>,
    /// The tools that were called before.
    pub called: Names,
    /// The labels that the session bore.
    pub labels: Names,
}

/// The values of one argument.
#[derive(Default)]
pub(super) struct Argument {
    pub given: usize,
    pub texts: BTreeMap<String, usize>,
    /// The least and the greatest number.
    pub range: Option<(f64, f64)>,
    pub other: usize,
    pub sources: BTreeMap<Source, usize>,
    /// The tools and labels whose results held the value, or [`NOWHERE`].
    pub origins: Names,
    /// Whether any value was long enough to be found again.
    pub traceable: bool,
}

impl Argument {
    fn add(&mut self, value: &Value, source: Source) {
        self.given += 1;
        *self.sources.entry(source).or_default() += 1;
        match (value, value.as_f64()) {
            (Value::String(text), _) => *self.texts.entry(text.clone()).or_default() += 1,
            (_, Some(x)) => {
                let (low, high) = self.range.unwrap_or((x, x));
                self.range = Some((low.min(x), high.max(x)));
            }
            _ => self.other += 1,
        }
    }

    /// Whether all values were texts.
    pub fn only_texts(&self) -> bool {
        self.range.is_none() && self.other == 0 && !self.texts.is_empty()
    }
}

/// Goes through the sessions as the guard would have.
pub(super) fn uses<'s>(sessions: &'s [Session], fresh: &dyn Fn() -> History) -> BTreeMap<&'s str, Use> {
    let mut tools: BTreeMap<&str, Use> = BTreeMap::new();
    for (index, session) in sessions.iter().enumerate() {
        let sources = source_of_arguments(session);
        replay::walk(session, fresh(), |event, call, history, _| {
            let Some(call_in) = session.call(event) else { return };
            let seen = tools.entry(call_in.tool.as_str()).or_default();
            seen.calls += 1;
            seen.sessions.insert(index);
            seen.called.add(index, &history.called);
            seen.labels.add(index, &history.labels);
            let source = |key: &str| sources.get(&(event, key.to_owned())).copied().unwrap_or(Source::Nowhere);
            // A recording lacks what the guard that made it took for a secret; what that guard found counts.
            let found = |key: &str| session.origins.get(&(event, key.to_owned()));
            arguments(seen, index, call, &source, &|key, node| {
                found(key).cloned().unwrap_or_else(|| history.origins.of(node))
            });
        });
    }
    tools
}

fn arguments(
    seen: &mut Use,
    session: usize,
    call: &Call,
    source: &dyn Fn(&str) -> Source,
    origins: &dyn Fn(&str, &Node<'_>) -> BTreeSet<String>,
) {
    let json = call.arguments.to_string();
    let nodes = replay::node(&json).ok();
    for (key, value) in call.arguments.as_object().into_iter().flatten() {
        let argument = seen.arguments.entry(key.clone()).or_default();
        argument.add(value, source(key));
        let node: Option<&Node<'_>> = nodes.as_ref().and_then(|nodes| nodes.get(key));
        let Some(node) = node else { continue };
        let mut origins = origins(key, node);
        if origins.is_empty() {
            origins.insert(NOWHERE.to_owned());
        }
        argument.origins.add(session, &origins);
        argument.traceable |= Origins::finds(node);
    }
}
