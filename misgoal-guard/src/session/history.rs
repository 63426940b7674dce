//! Calls in windows of time, labels that results have put on the session, tools that were called.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regex::RegexSet;
use unicode_normalization::UnicodeNormalization as _;

use super::{Origins, texts};
use crate::config::{Config, Counted};
use crate::ending::Ending;
use crate::read::Node;

/// Whose word it is that a person has given when they were asked.
const USER: &str = "user";

/// The history of one session.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Calls that were made.
    pub calls: u64,
    /// Those that ended in an error.
    pub failed: u64,
    /// The tools that were called.
    pub called: BTreeSet<String>,
    /// The labels that results have put on the session.
    pub labels: BTreeSet<String>,
    /// Which results held which values.
    pub origins: Origins,
    /// Shared by sessions that were cloned from one: an agent cannot have a limit anew by opening a second session beside the first.
    windows: Arc<Mutex<Vec<Window>>>,
    /// Until when labels last that are on every session; shared as the windows are.
    lasting: Arc<Mutex<BTreeMap<String, u64>>>,
    rules: Vec<LabelRule>,
}

#[derive(Clone, Debug)]
struct Window {
    name: String,
    tools: BTreeSet<String>,
    within: u64,
    counted: Counted,
    /// Milliseconds, not falling.
    times: VecDeque<u64>,
}

#[derive(Clone, Debug)]
struct LabelRule {
    name: String,
    tools: BTreeSet<String>,
    /// The pattern, as it is written and in composed letters, as texts are [in plain letters](super::letters::plain).
    matches: Option<RegexSet>,
    lasts: Option<u64>,
}

/// The rules of which a text matches the pattern.
fn matched<'r>(mut open: Vec<&'r LabelRule>, parts: &[&Node<'_>]) -> Vec<&'r LabelRule> {
    let mut matched = Vec::new();
    for part in parts {
        texts::any(part, &mut |text, _| {
            matched.extend(open.extract_if(.., |rule| rule.matches.as_ref().is_some_and(|any| any.is_match(text))));
            open.is_empty()
        });
    }
    matched
}

/// What a panic left behind counts all the same.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl History {
    /// An empty history with the windows and labels of a configuration.
    pub fn new(config: &Config) -> History {
        let names =
            |tools: &[serde_spanned::Spanned<String>]| tools.iter().map(|tool| tool.get_ref().clone()).collect();
        let windows = config.counts.iter().map(|count| Window {
            name: count.name.get_ref().clone(),
            tools: names(&count.tools),
            within: count.within.0,
            counted: count.counted,
            times: VecDeque::new(),
        });
        let rules = config.labels.iter().map(|label| LabelRule {
            name: label.name.clone(),
            tools: names(&label.tools),
            // `Config::parse` has refused what is no expression.
            matches: label.matches.as_ref().and_then(|pattern| {
                let (written, composed) = (pattern.get_ref(), pattern.get_ref().nfc().collect::<String>());
                let both = BTreeSet::from([written.as_str(), composed.as_str()]);
                RegexSet::new(both).or_else(|_| RegexSet::new([written])).ok()
            }),
            lasts: label.lasts.map(|lasts| lasts.0),
        });
        History { windows: Arc::new(Mutex::new(windows.collect())), rules: rules.collect(), ..History::default() }
    }

    fn windows(&self) -> MutexGuard<'_, Vec<Window>> {
        held(&self.windows)
    }

    /// Goes on where `old` was: with its windows if they are the same, else with its calls in windows of its own.
    pub fn continues(&mut self, old: &History) {
        self.lasting = Arc::clone(&old.lasting);
        let what = |history: &History| {
            let windows = history.windows();
            let what = windows.iter().map(|one| (one.name.clone(), one.tools.clone(), one.within, one.counted));
            what.collect::<Vec<_>>()
        };
        if what(self) == what(old) {
            self.windows = Arc::clone(&old.windows);
            return;
        }
        let mut windows = self.windows();
        let old = old.windows();
        for window in windows.iter_mut() {
            let same = old.iter().find(|one| one.tools == window.tools && one.counted == window.counted);
            if let Some(same) = same {
                window.times = same.times.clone();
            }
        }
    }

    /// Takes over the windows and the rules of another configuration, and keeps what the session has seen.
    pub fn adopt(&mut self, fresh: &History) {
        self.windows = Arc::clone(&fresh.windows);
        self.lasting = Arc::clone(&fresh.lasting);
        self.rules.clone_from(&fresh.rules);
    }

    /// The first of the counted tools that is the one that is looked for.
    pub fn counted(&self, is_it: impl Fn(&str) -> bool) -> Option<String> {
        self.windows().iter().flat_map(|window| &window.tools).find(|tool| is_it(tool)).cloned()
    }

    /// Whether it matters what other sessions do: something is counted, or a label lasts.
    pub fn is_shared(&self) -> bool {
        !self.windows().is_empty() || self.rules.iter().any(|rule| rule.lasts.is_some())
    }

    /// A result that came in at `at` put these labels on this session; those that last are on all.
    pub fn bear(&mut self, labels: BTreeSet<String>, at: u64) {
        self.lend(&labels, at);
        self.labels.extend(labels);
    }

    /// A result of another session put these labels on that one at `at`; those that last are on this one too.
    pub fn lend(&mut self, labels: &BTreeSet<String>, at: u64) {
        for rule in self.rules.iter().filter(|rule| labels.contains(&rule.name)) {
            let Some(lasts) = rule.lasts else { continue };
            let mut lasting = held(&self.lasting);
            let until = lasting.entry(rule.name.clone()).or_default();
            *until = at.saturating_add(lasts).max(*until);
        }
    }

    /// The labels on this session now: its own, and those of others that last.
    pub fn labels_at(&self, now: u64) -> BTreeSet<String> {
        let lasting = held(&self.lasting);
        let others = lasting.iter().filter(|(_, until)| **until > now).map(|(name, _)| name);
        self.labels.iter().chain(others).cloned().collect()
    }

    /// A call is on its way. Counted now and not when it ends, so that calls side by side cannot pass a limit together.
    pub fn made(&mut self, tool: &str, now: u64) {
        self.calls += 1;
        if !self.called.contains(tool) {
            self.called.insert(tool.to_owned());
        }
        self.count(tool, now, |counted| counted != Counted::Failed);
    }

    /// A call that was made at `at` has ended at `now`.
    pub fn ended(&mut self, tool: &str, at: u64, now: u64, ending: Ending) {
        self.failed += u64::from(ending.counts_as_failed());
        self.fell(tool, at, now, ending);
    }

    /// A call that was counted when it was made at `at`, in this session or another, has ended so at `now`.
    pub fn fell(&mut self, tool: &str, at: u64, now: u64, ending: Ending) {
        if ending.counts_as_failed() {
            self.count(tool, now, |counted| counted == Counted::Failed);
        }
        if !ending.gives_back() {
            return;
        }
        for window in self.windows().iter_mut().filter(|window| window.tools.contains(tool)) {
            if window.counted == Counted::Good
                && let Some(place) = window.times.iter().position(|time| *time == at)
            {
                window.times.remove(place);
            }
        }
    }

    /// A call of an earlier session, from the log.
    pub fn remember(&mut self, tool: &str, at: u64, ending: Option<Ending>) {
        self.count(tool, at, |counted| match counted {
            Counted::Made => true,
            Counted::Good => !ending.is_some_and(Ending::gives_back),
            Counted::Failed => ending.is_some_and(Ending::counts_as_failed),
        });
    }

    fn count(&mut self, tool: &str, at: u64, which: impl Fn(Counted) -> bool) {
        for window in self.windows().iter_mut().filter(|window| which(window.counted) && window.tools.contains(tool)) {
            let gone = at.checked_sub(window.within);
            while window.times.front().is_some_and(|time| gone.is_some_and(|gone| *time <= gone)) {
                window.times.pop_front();
            }
            // A clock that is set back must not make calls disappear.
            let at = window.times.back().map_or(at, |last| at.max(*last));
            window.times.push_back(at);
        }
    }

    /// The counts of the windows whose name is wanted, by name.
    pub fn counts(&self, now: u64, wanted: impl Fn(&str) -> bool) -> Vec<(String, u64)> {
        let windows = self.windows();
        let counts = windows.iter().filter(|window| wanted(&window.name)).map(|window| {
            let gone = now.checked_sub(window.within);
            let gone = gone.map_or(0, |gone| window.times.partition_point(|time| *time <= gone));
            (window.name.clone(), (window.times.len() - gone) as u64)
        });
        counts.collect()
    }

    /// Takes in what has come from these sources (tools and methods): remembers whose values these are, and gives the labels that they put on the session.
    pub fn taste(&mut self, sources: &[&str], parts: &[&Node<'_>]) -> BTreeSet<String> {
        let (mut labels, matched) = self.learn(sources, parts);
        labels.extend(matched);
        labels
    }

    /// The same for what only says how far something is: it puts on the session those labels alone whose pattern stands in it.
    pub fn taste_bare(&mut self, sources: &[&str], parts: &[&Node<'_>]) -> BTreeSet<String> {
        self.learn(sources, parts).1
    }

    /// Remembers whose values these are, and gives the labels of rules without a pattern, and of those whose pattern matches.
    fn learn(&mut self, sources: &[&str], parts: &[&Node<'_>]) -> (BTreeSet<String>, BTreeSet<String>) {
        let rules = self.rules.iter().filter(|rule| sources.iter().any(|source| rule.tools.contains(*source)));
        let (open, sure): (Vec<_>, Vec<_>) = rules.partition(|rule| rule.matches.is_some());
        let named = |rules: Vec<&LabelRule>| rules.into_iter().map(|rule| rule.name.clone()).collect();
        let (sure, matched): (BTreeSet<String>, BTreeSet<String>) = (named(sure), named(matched(open, parts)));
        let names: Vec<_> = sources.iter().map(|source| self.origin(source)).collect();
        let labels = sure.union(&matched).map(String::as_str);
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).chain(labels).collect();
        for part in parts {
            self.origins.add(&names, part);
        }
        (sure, matched)
    }

    /// What policies call a source. A server that calls a tool `user`, or like one of the operator's labels, does not get the trust that these have.
    fn origin<'s>(&self, source: &'s str) -> Cow<'s, str> {
        let is_taken = source == USER || self.rules.iter().any(|rule| rule.name == source);
        if is_taken { Cow::Owned(format!("tool:{source}")) } else { Cow::Borrowed(source) }
    }

    /// The user has said this.
    pub fn user_said(&mut self, value: &Node<'_>) {
        self.origins.add(&[USER], value);
    }

    /// Whether these labels say something that the log does not say yet: one is new on the session, or lasts from now on.
    pub fn is_news(&self, labels: &BTreeSet<String>, now: u64) -> bool {
        let known = self.labels_at(now);
        let lasts = |label: &String| self.rules.iter().any(|rule| rule.name == *label && rule.lasts.is_some());
        labels.iter().any(|label| !known.contains(label) || lasts(label))
    }
}
