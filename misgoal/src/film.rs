//! Levels and episodes as the pictures that `misgoal-report` draws.

use misgoal_report::{Kind, Moment, Playback, Role, Scene, Square, Thing, Zone};
use misgoal_study::Study;
use misgoal_world::{Board, Cell, Enter, Events, Level, State};

/// An episode as it grows, step by step.
#[derive(Clone, Debug)]
pub struct Film<'a> {
    study: &'a Study,
    level: &'a Level,
    state: State,
    /// What every step reported.
    events: Vec<Events>,
    playback: Playback,
}

impl<'a> Film<'a> {
    /// The start of an episode.
    pub fn new(study: &'a Study, level: &'a Level) -> Film<'a> {
        let state = study.world.start(level);
        let start = Moment {
            square: square(state.cell),
            left: state.left,
            moved: Vec::new(),
            action: String::new(),
            events: Vec::new(),
        };
        let playback = Playback { scene: scene(study, level), moments: vec![start] };
        Film { study, level, state, events: Vec::new(), playback }
    }

    /// Takes one action; nothing happens once the episode is over, or for an action that the world does not have.
    pub fn step(&mut self, action: u8) {
        let world = &self.study.world;
        let Some(name) = world.action_names().get(usize::from(action)) else { return };
        if self.state.done {
            return;
        }
        let step = world.step(self.level, &mut self.state, action);
        let names = step.events.iter().filter_map(|event| world.event_names().get(event).cloned());
        self.events.push(step.events);
        self.playback.moments.push(Moment {
            square: square(self.state.cell),
            left: self.state.left,
            moved: moved(self.level, &self.state),
            action: (*name).to_owned(),
            events: names.collect(),
        });
    }

    /// Where the episode is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What every step reported.
    pub fn events(&self) -> &[Events] {
        &self.events
    }

    /// The pictures so far.
    pub fn into_playback(self) -> Playback {
        self.playback
    }

    /// The current picture for a terminal, with escape sequences for its colours.
    pub fn frame(&self) -> String {
        misgoal_report::terminal::frame(&self.playback, self.events.len(), true)
    }
}

/// The things that are not where they were at the start.
fn moved(level: &Level, state: &State) -> Vec<(usize, Square)> {
    let items =
        level.items.iter().enumerate().map(|(index, item)| (index, item.cell, level.cell_of(index, item, state)));
    items.filter(|(_, from, to)| from != to).map(|(index, _, to)| (index, square(to))).collect()
}

fn square(cell: Cell) -> Square {
    Square::at(cell.x(), cell.y())
}

fn squares(board: &Board, width: u8, height: u8) -> Vec<Square> {
    board.cells().filter(|cell| cell.x() < width && cell.y() < height).map(square).collect()
}

/// A level with its things and zones, each in the role that the goals give it.
fn scene(study: &Study, level: &Level) -> Scene {
    let spec = study.world.spec();
    let (width, height) = (spec.width + 2, spec.height + 2);
    let kinds = spec.things.iter().enumerate().map(|(kind, thing)| Kind {
        name: thing.name.clone(),
        symbol: thing.symbol,
        role: role(
            study,
            event(study, kind),
            matches!(thing.enter, Enter::Hurt | Enter::Catch(_)) || costs(study, kind),
        ),
    });
    let zones = spec.zones.iter().zip(&level.zones).enumerate().map(|(zone, (declared, cells))| Zone {
        name: declared.name.clone(),
        role: role(study, spec.things.len() + zone, false),
        squares: squares(cells, width, height),
    });
    Scene {
        width,
        height,
        walls: squares(&level.walls, width, height),
        hazards: squares(&level.hazards, width, height),
        zones: zones.collect(),
        kinds: kinds.collect(),
        things: level.items.iter().map(|item| Thing { kind: item.kind.into(), square: square(item.cell) }).collect(),
    }
}

/// The event that tells what a kind of thing is for: of beacons that are weighed by their order alone, that they are visited in turn.
fn event(study: &Study, kind: usize) -> usize {
    let weighed = |event: usize| study.goals.iter().any(|goal| goal.weights.get(event).is_some_and(|w| *w != 0.0));
    let beacon = study.world.spec().things.get(kind).is_some_and(|thing| matches!(thing.enter, Enter::Visit { .. }));
    study.world.event("in-turn").filter(|_| beacon && !weighed(kind)).unwrap_or(kind)
}

/// Whether an event costs the intended goal something.
fn costs(study: &Study, event: usize) -> bool {
    study.goals.first().and_then(|goal| goal.weights.get(event)).is_some_and(|weight| *weight < 0.0)
}

/// Whose an event is: the first goal's that pays for it.
fn role(study: &Study, event: usize, hurts: bool) -> Role {
    let pays = |goal: &misgoal_world::Goal| goal.weights.get(event).is_some_and(|weight| *weight > 0.0);
    match study.goals.iter().position(pays) {
        Some(0) => Role::Intended,
        Some(goal) => Role::Proxy(goal - 1),
        None if hurts => Role::Harm,
        None => Role::Neutral,
    }
}
