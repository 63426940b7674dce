//! The behaviour profile: what is usual in good sessions, learned from recorded ones.

mod tree;

pub use tree::{Node, Tree};

use std::collections::BTreeMap;

use crate::observe::{Channel, Observation, observe};
use crate::session::Session;

/// What is usual: one [`Tree`] for each channel, and, per task type where sessions have one, a second one for which tool comes next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    channels: BTreeMap<Channel, Tree>,
    tasks: BTreeMap<String, Tree>,
    sessions: usize,
}

impl Profile {
    /// Learns from good sessions.
    pub fn learn<'a>(sessions: impl IntoIterator<Item = &'a Session>) -> Profile {
        let mut profile = Profile::default();
        for session in sessions {
            profile.sessions += 1;
            for observation in observe(session) {
                profile.count(&observation, session.task.as_deref());
            }
        }
        profile.finish();
        profile
    }

    fn count(&mut self, observation: &Observation, task: Option<&str>) {
        let Observation { channel, context, symbol, .. } = observation;
        self.channels.entry(*channel).or_default().add(context, symbol);
        if let (Channel::Next, Some(task)) = (channel, task) {
            self.tasks.entry(task.to_owned()).or_default().add(context, symbol);
        }
    }

    fn finish(&mut self) {
        self.channels.values_mut().chain(self.tasks.values_mut()).for_each(Tree::finish);
    }

    /// How many sessions it was learned from.
    pub fn sessions(&self) -> usize {
        self.sessions
    }

    /// The tree of a channel.
    pub fn tree(&self, channel: Channel) -> Option<&Tree> {
        self.channels.get(&channel)
    }

    /// Trees of the tools that follow each other in each task type.
    pub fn tasks(&self) -> &BTreeMap<String, Tree> {
        &self.tasks
    }

    /// A profile of its parts.
    pub fn from_parts(channels: BTreeMap<Channel, Tree>, tasks: BTreeMap<String, Tree>, sessions: usize) -> Profile {
        Profile { channels, tasks, sessions }
    }

    /// The probability of an observation before anything is known: all symbols that were seen, and one for all that were not, alike.
    pub fn base(&self, channel: Channel) -> f64 {
        1.0 / (self.channels.get(&channel).map_or(0, Tree::symbols) + 1) as f64
    }

    /// The probability of an observation in a good session. Where the task type is known, the next tool is expected half by the task's own sessions and
    /// half by all.
    pub fn probability(&self, observation: &Observation, task: Option<&str>) -> f64 {
        let Observation { channel, context, symbol, .. } = observation;
        let base = self.base(*channel);
        let all = self.channels.get(channel).map_or(base, |tree| tree.probability(context, symbol, base));
        match task.filter(|_| *channel == Channel::Next).and_then(|task| self.tasks.get(task)) {
            Some(tree) => 0.5 * all + 0.5 * tree.probability(context, symbol, base),
            None => all,
        }
    }
}
