//! Names that stood beside the calls of a tool (tools called before, labels, where a value came from), and the conditions on them that good
//! sessions met.

use std::collections::{BTreeMap, BTreeSet};

/// What stands in place of a name where there was none: no tool's answer held the value.
pub(super) const NOWHERE: &str = "";

/// The names beside any of the tool's calls, of each session that called it.
#[derive(Default)]
pub(super) struct Names {
    sessions: BTreeMap<usize, BTreeSet<String>>,
}

/// A set of names that a condition is made of, and how it would have fared.
pub(super) struct Bound {
    /// The names.
    pub names: BTreeSet<String>,
    /// Sessions that would not have met it, had it been made from the other sessions alone.
    pub hindered: usize,
}

impl Names {
    /// A call in a session, and the names beside it.
    pub fn add(&mut self, session: usize, names: &BTreeSet<String>) {
        self.sessions.entry(session).or_default().extend(names.iter().cloned());
    }

    /// The sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// In how many sessions a name stood beside any call, by name.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for name in self.sessions.values().flatten() {
            *counts.entry(name.as_str()).or_default() += 1;
        }
        counts
    }

    /// "No others than these." A session would be hindered that alone has shown one of them.
    pub fn bound(&self) -> Bound {
        let counts = self.counts();
        let alone = |names: &&BTreeSet<String>| names.iter().any(|name| counts.get(name.as_str()) == Some(&1));
        Bound {
            hindered: self.sessions.values().filter(alone).count(),
            names: counts.keys().map(|name| (*name).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound of sessions, each given as its calls, each given as the names beside it, and the sessions that it would hinder.
    fn check(sessions: &[&[&str]], expected: &str, hindered: usize) {
        let mut names = Names::default();
        for (index, session) in sessions.iter().enumerate() {
            for call in *session {
                names.add(index, &call.split_whitespace().map(str::to_owned).collect());
            }
        }
        let bound = names.bound();
        let text = bound.names.into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!((text.as_str(), bound.hindered), (expected, hindered), "{sessions:?}");
    }

    #[test]
    fn a_session_that_alone_shows_something_would_be_hindered_without_it() {
        check(&[&["a b"], &["a b"], &["a"]], "a b", 0);
        check(&[&["a b"], &["a"], &["a"]], "a b", 1);
        check(&[&["a", "a b"], &["c", "b"]], "a b c", 2);
        check(&[&["a"]], "a", 1);
        check(&[&[""], &[""]], "", 0);
    }
}
