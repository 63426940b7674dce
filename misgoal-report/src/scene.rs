//! An episode as pictures need it: the level once, then what changes from moment to moment.

/// A cell, border included: `(0, 0)` is the top left corner of the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Square {
    /// Column.
    pub x: u8,
    /// Row.
    pub y: u8,
}

impl Square {
    /// The cell in column `x` and row `y`.
    pub const fn at(x: u8, y: u8) -> Square {
        Square { x, y }
    }
}

/// Which goal a thing or a zone belongs to: it decides shape and colour everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The intended goal pays for it.
    Intended,
    /// Proxy number `n` (from 0) pays for it, and the intended goal does not.
    Proxy(usize),
    /// No goal pays for it: a key, a door, scenery.
    Neutral,
    /// Entering it hurts, or costs the intended goal something.
    Harm,
}

/// A kind of thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Its name, also its event's.
    pub name: String,
    /// Its character in ASCII levels.
    pub symbol: char,
    /// Whose it is.
    pub role: Role,
}

/// A thing in the level; its index in [`Scene::things`] is its bit in [`Moment::left`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// Index into [`Scene::kinds`].
    pub kind: usize,
    /// Where it is.
    pub square: Square,
}

/// A named region.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Its name, also its event's.
    pub name: String,
    /// Whose it is.
    pub role: Role,
    /// Its open cells.
    pub squares: Vec<Square>,
}

/// What does not change during an episode.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scene {
    /// Columns, border included.
    pub width: u8,
    /// Rows, border included.
    pub height: u8,
    /// Solid cells, border included.
    pub walls: Vec<Square>,
    /// Cells that kill.
    pub hazards: Vec<Square>,
    /// Named regions.
    pub zones: Vec<Zone>,
    /// The kinds of things.
    pub kinds: Vec<Kind>,
    /// The things as they stand at the start.
    pub things: Vec<Thing>,
}

impl Scene {
    /// The smallest box, as its top left and bottom right squares, that holds everything but solid ground, with one square of the ground
    /// around it: a narrow level in a wide world is drawn without the rest of its wall.
    pub fn bounds(&self) -> (Square, Square) {
        let walls: std::collections::BTreeSet<Square> = self.walls.iter().copied().collect();
        let all = (0..self.height).flat_map(|y| (0..self.width).map(move |x| Square::at(x, y)));
        let open = all.filter(|square| !walls.contains(square)).fold(None, |bounds, square| match bounds {
            None => Some((square, square)),
            Some((low, high)) => Some((
                Square::at(square.x.min(low.x), square.y.min(low.y)),
                Square::at(square.x.max(high.x), square.y.max(high.y)),
            )),
        });
        let (right, bottom) = (self.width.saturating_sub(1), self.height.saturating_sub(1));
        match open {
            None => (Square::at(0, 0), Square::at(right, bottom)),
            Some((low, high)) => (
                Square::at(low.x.saturating_sub(1), low.y.saturating_sub(1)),
                Square::at(high.x.saturating_add(1).min(right), high.y.saturating_add(1).min(bottom)),
            ),
        }
    }
    /// Each thing with its kind; a thing of an unknown kind is left out.
    pub fn placed(&self) -> impl Iterator<Item = (usize, &Kind, Square)> {
        self.things
            .iter()
            .enumerate()
            .filter_map(|(bit, thing)| self.kinds.get(thing.kind).map(|kind| (bit, kind, thing.square)))
    }
}

/// The episode at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Where the agent is.
    pub square: Square,
    /// Things that are there, bit `i` for `things[i]`.
    pub left: u32,
    /// Things that are not where they were at the start: their index and where they are.
    pub moved: Vec<(usize, Square)>,
    /// The action that led here, in words; empty at the start.
    pub action: String,
    /// The events that the step reported.
    pub events: Vec<String>,
}

/// One episode, moment by moment: `moments[0]` is the start, `moments[t]` the situation after `t` actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    /// The level.
    pub scene: Scene,
    /// The start and every step.
    pub moments: Vec<Moment>,
}

impl Playback {
    /// How many actions were taken.
    pub fn steps(&self) -> usize {
        self.moments.len().saturating_sub(1)
    }
    /// The step after which thing `bit` was gone for the first time, if it was taken.
    pub fn taken_at(&self, bit: usize) -> Option<usize> {
        self.moments.iter().position(|moment| bit < 32 && moment.left >> bit & 1 == 0)
    }
    /// The things that are there after `step` actions, each where it is then.
    pub fn present(&self, step: usize) -> impl Iterator<Item = (&Kind, Square)> {
        let moment = self.moments.get(step);
        self.scene.placed().filter_map(move |(bit, kind, square)| {
            let Some(moment) = moment else { return Some((kind, square)) };
            let moved = moment.moved.iter().find(|(thing, _)| *thing == bit).map(|(_, square)| *square);
            (bit >= 32 || moment.left >> bit & 1 == 1).then_some((kind, moved.unwrap_or(square)))
        })
    }
    /// Each event with the step at which it was reported, in order.
    pub fn events(&self) -> impl Iterator<Item = (usize, &str)> {
        self.moments
            .iter()
            .enumerate()
            .flat_map(|(step, moment)| moment.events.iter().map(move |event| (step, event.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_leave_out_solid_ground() {
        let mut scene = Scene { width: 9, height: 5, ..Scene::default() };
        let open = [(3, 2), (4, 2), (4, 3)].map(|(x, y)| Square::at(x, y));
        scene.walls =
            (0..5).flat_map(|y| (0..9).map(move |x| Square::at(x, y))).filter(|s| !open.contains(s)).collect();
        assert_eq!(scene.bounds(), (Square::at(2, 1), Square::at(5, 4)));
        assert_eq!(Scene { width: 4, height: 3, ..Scene::default() }.bounds(), (Square::at(0, 0), Square::at(3, 2)));
        assert_eq!(Scene::default().bounds(), (Square::at(0, 0), Square::at(0, 0)));
    }
}
