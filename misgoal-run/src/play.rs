//! Episodes: playing one, and playing one again.

use misgoal_policy::Agent;
use misgoal_world::{Events, Level, State, World};

/// An episode that was played.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Episode {
    /// What the agent did.
    pub(crate) actions: Vec<u8>,
    /// What happened in each step.
    pub(crate) events: Vec<Events>,
    /// How it ended.
    pub(crate) last: State,
}

/// Plays an episode to its end.
pub(crate) fn play(world: &World, level: &Level, agent: &mut dyn Agent, seed: u64) -> Episode {
    let mut state = world.start(level);
    let (mut actions, mut events) = (Vec::new(), Vec::new());
    agent.begin(world, level, seed);
    while !state.done {
        let action = agent.act(world, level, &state);
        actions.push(action);
        events.push(world.step(level, &mut state, action).events);
    }
    Episode { actions, events, last: state }
}

/// The states of a replay, the first before any action; `None` where an action is none of this world's or comes after the end.
pub(crate) fn states(world: &World, level: &Level, actions: &[u8]) -> Option<Vec<State>> {
    let mut state = world.start(level);
    let mut states = vec![state];
    for action in actions {
        if state.done || usize::from(*action) >= world.action_count() {
            return None;
        }
        world.step(level, &mut state, *action);
        states.push(state);
    }
    Some(states)
}

/// Actions as they are written: a digit each.
pub(crate) fn digits(actions: &[u8]) -> String {
    actions.iter().map(|action| char::from(b'0' + action % 10)).collect()
}

/// Digits as actions; `None` where there is anything else.
pub(crate) fn actions(digits: &str) -> Option<Vec<u8>> {
    digits.bytes().map(|digit| digit.is_ascii_digit().then(|| digit - b'0')).collect()
}
