//! Calls in windows of time, labels that results have put on the session, tools that were called.

use std::collections::{BTreeSet, VecDeque};

use regex::Regex;

use super::Origins;
use crate::config::{Config, Counted};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered with a result.
    Good,
    /// The server answered with an error, or a result that says it is one.
    Failed,
}

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
    windows: Vec<Window>,
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
    matches: Option<Regex>,
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
            matches: label.matches.as_ref().and_then(|pattern| Regex::new(pattern.get_ref()).ok()),
        });
        History { windows: windows.collect(), rules: rules.collect(), ..History::default() }
    }

    /// Takes over what happened under an older configuration.
    pub fn take_over(&mut self, old: History) {
        for window in &mut self.windows {
            let same = old.windows.iter().find(|one| one.tools == window.tools && one.counted == window.counted);
            if let Some(same) = same {
                window.times = same.times.clone();
            }
        }
        let (windows, rules) = (std::mem::take(&mut self.windows), std::mem::take(&mut self.rules));
        *self = History { windows, rules, ..old };
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
    pub fn ended(&mut self, tool: &str, at: u64, now: u64, outcome: Outcome) {
        if outcome == Outcome::Good {
            return;
        }
        self.failed += 1;
        self.count(tool, now, |counted| counted == Counted::Failed);
        for window in self.windows.iter_mut().filter(|window| window.tools.contains(tool)) {
            if window.counted == Counted::Good
                && let Some(place) = window.times.iter().position(|time| *time == at)
            {
                window.times.remove(place);
            }
        }
    }

    /// A call of an earlier session, from the log.
    pub fn remember(&mut self, tool: &str, at: u64, outcome: Option<Outcome>) {
        let failed = outcome == Some(Outcome::Failed);
        self.count(tool, at, |counted| match counted {
            Counted::Made => true,
            Counted::Good => !failed,
            Counted::Failed => failed,
        });
    }

    fn count(&mut self, tool: &str, at: u64, which: impl Fn(Counted) -> bool) {
        for window in self.windows.iter_mut().filter(|window| which(window.counted) && window.tools.contains(tool)) {
            let gone = at.checked_sub(window.within);
            while window.times.front().is_some_and(|time| gone.is_some_and(|gone| *time <= gone)) {
                window.times.pop_front();
            }
            // A clock that is set back must not make calls disappear.
            let at = window.times.back().map_or(at, |last| at.max(*last));
            window.times.push_back(at);
        }
    }

    /// The counts by name.
    pub fn counts(&self, now: u64) -> impl Iterator<Item = (&str, u64)> {
        self.windows.iter().map(move |window| {
            let gone = now.checked_sub(window.within);
            let gone = gone.map_or(0, |gone| window.times.partition_point(|time| *time <= gone));
            (window.name.as_str(), (window.times.len() - gone) as u64)
        })
    }

    /// The labels that a result puts on the session; `texts` gives its texts and is asked only where a pattern wants them.
    pub fn labels_of(&self, tool: &str, texts: &mut dyn FnMut(&Regex) -> bool) -> BTreeSet<String> {
        let rules = self.rules.iter().filter(|rule| rule.tools.contains(tool));
        rules.filter(|rule| rule.matches.as_ref().is_none_or(&mut *texts)).map(|rule| rule.name.clone()).collect()
    }
}
