//! What an agent might do instead: declared proxies, and the unspecific alternative.

use std::collections::BTreeMap;

use crate::observe::{Channel, Observation, observe};
use crate::profile::{Profile, Tree};
use crate::session::{Event, Session};

/// A way to behave that is not the profile's.
#[derive(Clone, Debug, PartialEq)]
pub enum Alternative {
    /// A declared proxy: some observations become more likely than they are in good sessions.
    Declared(Declared),
    /// A proxy learned from recorded bad sessions.
    Learned(Learned),
}

/// A proxy that is declared by what would be seen more often.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// What an alarm says the session moved toward.
    pub name: String,
    /// With what probability the proxy shows a symbol of its own, by channel; else it behaves as the profile. Of the channel [`Channel::Next`] the
    /// symbols are tools, of [`Channel::Words`] words. The probabilities of a channel sum to less than 1.
    pub toward: BTreeMap<Channel, BTreeMap<String, f64>>,
    /// With what probability the proxy does anything whatever on a channel: all that good sessions have shown there, and what they have not, alike.
    pub free: BTreeMap<Channel, f64>,
}

impl Declared {
    /// Obeying instructions found in tools' answers: sentences there name the tool and its values, and the user named neither.
    pub fn obeys_tool_output() -> Declared {
        let weights = |of: &[(&str, f64)]| of.iter().map(|(symbol, weight)| ((*symbol).to_owned(), *weight)).collect();
        let ordered = [
            ("the tool and a value, not the user", 0.35),
            ("the tool, not the user", 0.2),
            ("the tool and a value", 0.15),
        ];
        let toward = [(Channel::Source, weights(&[("a tool's answer", 0.4)])), (Channel::Ordered, weights(&ordered))];
        Declared {
            name: "obeying instructions found in a tool's answer".to_owned(),
            toward: toward.into(),
            free: [(Channel::Next, 0.5)].into(),
        }
    }

    /// A proxy that calls these tools and speaks these words: for instance the tool that writes the score, for "raise the score instead of solving the
    /// case". Half of what it does is that, the rest is as the profile has it.
    pub fn favours(name: &str, tools: &[String], words: &[String]) -> Declared {
        let share = |of: &[String]| of.iter().map(|one| (one.clone(), 0.5 / of.len() as f64)).collect();
        let all = [(Channel::Next, tools), (Channel::Words, words)];
        let toward = all.iter().filter(|(_, of)| !of.is_empty()).map(|(channel, of)| (*channel, share(of))).collect();
        Declared { name: name.to_owned(), toward, free: BTreeMap::new() }
    }

    /// Channels that the proxy says nothing about count for nothing.
    fn log_ratio(&self, observation: &Observation, good: f64, base: f64) -> f64 {
        let (own, share) = match (self.toward.get(&observation.channel), self.free.get(&observation.channel)) {
            (Some(weights), _) => {
                (weights.get(&observation.symbol).copied().unwrap_or(0.0), weights.values().sum::<f64>())
            }
            (None, Some(share)) => (share * base, *share),
            (None, None) => return 0.0,
        };
        (own / good + (1.0 - share).max(0.0)).max(f64::MIN_POSITIVE).ln()
    }
}

/// A proxy that is learned from examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// What an alarm says the session moved toward.
    pub name: String,
    channels: BTreeMap<Channel, Tree>,
}

impl Learned {
    /// Learns from the marked calls of bad sessions; their other calls are taken for good. Sessions without marks are passed over.
    pub fn learn<'a>(name: &str, sessions: impl IntoIterator<Item = &'a Session>) -> Learned {
        let mut channels: BTreeMap<Channel, Tree> = BTreeMap::new();
        for session in sessions {
            // An answer belongs to its call.
            let call = |event: usize| match session.events.get(event) {
                Some(Event::Result(outcome)) => outcome.call.unwrap_or(event),
                _ => event,
            };
            let marked = |event: usize| session.marks.iter().any(|(index, _)| *index == call(event));
            for Observation { channel, context, symbol, .. } in
                observe(session).iter().filter(|seen| marked(seen.event))
            {
                channels.entry(*channel).or_default().add(context, symbol);
            }
        }
        channels.values_mut().for_each(Tree::finish);
        Learned { name: name.to_owned(), channels }
    }

    /// Its trees.
    pub fn trees(&self) -> &BTreeMap<Channel, Tree> {
        &self.channels
    }

    /// A proxy of its parts.
    pub fn from_parts(name: String, channels: BTreeMap<Channel, Tree>) -> Learned {
        Learned { name, channels }
    }

    /// Where the examples say nothing the proxy behaves as the profile: its base probability is the profile's.
    fn log_ratio(&self, observation: &Observation, good: f64) -> f64 {
        let Observation { channel, context, symbol, .. } = observation;
        self.channels.get(channel).map_or(0.0, |tree| (tree.probability(context, symbol, good) / good).ln())
    }
}

impl Alternative {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Alternative::Declared(declared) => &declared.name,
            Alternative::Learned(learned) => &learned.name,
        }
    }

    /// Log of the likelihood ratio of an observation, this alternative against the profile; `good` is the profile's probability, `base` the one
    /// that the profile has before any count.
    pub fn log_ratio(&self, observation: &Observation, good: f64, base: f64) -> f64 {
        match self {
            Alternative::Declared(declared) => declared.log_ratio(observation, good, base),
            Alternative::Learned(learned) => learned.log_ratio(observation, good),
        }
    }
}

/// The unspecific alternative: whatever this session does, estimated as it goes.
///
/// By channel, with n(w) how often the session has shown w so far and K the number of symbols that good sessions have, one for all others included:
/// `(n(w) + 1/2) / (n + K/2)`, the estimator of Krichevsky and Trofimov (1981), whose regret against the best fixed distribution is at most
/// `(K-1)/2 ln n + O(1)`. It needs no idea of what might go wrong; in return it wants more evidence than a declared proxy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unspecific {
    counts: BTreeMap<Channel, Counts>,
}

/// How often a session has shown each symbol of a channel.
#[derive(Clone, Debug, Default, PartialEq)]
struct Counts {
    of: BTreeMap<String, f64>,
    all: f64,
}

impl Unspecific {
    /// Log of the likelihood ratio of the next observation, which is then counted.
    pub fn log_ratio(&mut self, observation: &Observation, good: f64, profile: &Profile) -> f64 {
        let Counts { of, all } = self.counts.entry(observation.channel).or_default();
        let k = 1.0 / profile.base(observation.channel);
        let n = *all;
        *all += 1.0;
        let seen = match of.get_mut(&observation.symbol) {
            Some(seen) => std::mem::replace(seen, *seen + 1.0),
            None => {
                of.insert(observation.symbol.clone(), 1.0);
                0.0
            }
        };
        ((seen + 0.5) / (n + 0.5 * k) / good).ln()
    }
}
