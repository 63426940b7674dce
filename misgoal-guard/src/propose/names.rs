//! Names that stood beside the calls of a tool (tools called before, labels, where a value came from), and the conditions on them that good
//! sessions met.

use std::collections::{BTreeMap, BTreeSet};

/// The names of each session that called the tool: those beside any of its calls, and those beside all of them.
#[derive(Default)]
pub(super) struct Names {
    sessions: BTreeMap<usize, [BTreeSet<String>; 2]>,
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
        match self.sessions.get_mut(&session) {
            Some([any, all]) => {
                any.extend(names.iter().cloned());
                all.retain(|name| names.contains(name));
            }
            None => _ = self.sessions.insert(session, [names.clone(), names.clone()]),
        }
    }

    /// The sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// In how many sessions a name stood beside any call, by name.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        self.count(|[any, _]| any)
    }

    fn count(&self, which: impl Fn(&[BTreeSet<String>; 2]) -> &BTreeSet<String>) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for name in self.sessions.values().flat_map(which) {
            *counts.entry(name.as_str()).or_default() += 1;
        }
        counts
    }

    /// "No others than these." A session would be hindered that alone has shown one of them.
    pub fn most(&self) -> Bound {
        let counts = self.counts();
        let alone = |[any, _]: &&[BTreeSet<String>; 2]| any.iter().any(|name| counts.get(name.as_str()) == Some(&1));
        Bound {
            hindered: self.sessions.values().filter(alone).count(),
            names: counts.keys().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// "All of these." A session would be hindered that alone does without one of them.
    pub fn least(&self) -> Bound {
        let (counts, sessions) = (self.count(|[_, all]| all), self.sessions.len());
        let but_one: Vec<&str> =
            counts.iter().filter(|(_, count)| **count + 1 == sessions).map(|(name, _)| *name).collect();
        let alone = |[_, all]: &&[BTreeSet<String>; 2]| but_one.iter().any(|name| !all.contains(*name));
        let always = counts.iter().filter(|(_, count)| **count == sessions);
        Bound {
            // One session says nothing about what is always so.
            hindered: if sessions == 1 { 1 } else { self.sessions.values().filter(alone).count() },
            names: always.map(|(name, _)| (*name).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bounds of sessions, each given as its calls, each given as the names beside it, and the sessions that they would hinder.
    fn check(sessions: &[&[&str]], most: (&str, usize), least: (&str, usize)) {
        let mut names = Names::default();
        for (index, session) in sessions.iter().enumerate() {
            for call in *session {
                names.add(index, &call.split_whitespace().map(str::to_owned).collect());
            }
        }
        for (bound, (expected, hindered)) in [(names.most(), most), (names.least(), least)] {
            let text = bound.names.into_iter().collect::<Vec<_>>().join(" ");
            assert_eq!((text.as_str(), bound.hindered), (expected, hindered), "{sessions:?}");
        }
    }

    #[test]
    fn a_session_that_alone_shows_something_would_be_hindered_without_it() {
        check(&[&["a b"], &["a b"], &["a"]], ("a b", 0), ("a", 1));
        check(&[&["a b"], &["a"], &["a"]], ("a b", 1), ("a", 0));
        check(&[&["a b"], &["a b"], &[""]], ("a b", 0), ("", 1));
        check(&[&["a", "a b"], &["b"]], ("a b", 1), ("", 2));
        check(&[&["a"]], ("a", 1), ("a", 1));
        check(&[&[""], &[""]], ("", 0), ("", 0));
    }
}
