//! A world compiled from its declaration: the flat tables that stepping, observing and generating read.

use crate::{Level, Movement, State, WorldError, WorldSpec, ZONE_BIT};

/// A compiled world.
#[derive(Clone, Debug)]
pub struct World {
    spec: WorldSpec,
    events: Vec<String>,
}

impl World {
    /// Checks a declaration and compiles it.
    ///
    /// # Errors
    /// Names the part that is out of range or contradicts another.
    pub fn new(spec: WorldSpec) -> Result<World, WorldError> {
        let mut events: Vec<String> = spec.things.iter().map(|thing| thing.name.clone()).collect();
        events.extend(spec.zones.iter().map(|zone| zone.name.clone()));
        events.extend(["death".to_owned(), "timeout".to_owned()]);
        Ok(World { spec, events })
    }

    /// The declaration.
    pub fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// The events that this world can emit: the things' names, the zones', then `death` and `timeout`.
    pub fn event_names(&self) -> &[String] {
        &self.events
    }

    /// An event's number.
    pub fn event(&self, name: &str) -> Option<usize> {
        self.events.iter().position(|event| event == name)
    }

    /// The actions' names; an action is an index into this list.
    pub fn action_names(&self) -> &'static [&'static str] {
        match self.spec.movement {
            Movement::Walk => &["left", "right", "up", "down"],
            Movement::Platform { .. } => &["stay", "left", "right", "jump", "jump-left", "jump-right"],
        }
    }

    /// How many actions there are.
    pub fn action_count(&self) -> usize {
        self.action_names().len()
    }

    /// The state in which an episode begins.
    pub fn start(&self, level: &Level) -> State {
        let items = (1u32 << level.items.len()) - 1;
        let zones = ((1u32 << level.zones.len()) - 1) << ZONE_BIT;
        State { cell: level.start, rise: 0, done: false, left: items | zones, time: 0 }
    }
}
