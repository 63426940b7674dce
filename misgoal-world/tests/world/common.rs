//! Worlds that the tests and benches share: those of the built-in studies.

use misgoal_world::{
    Corner, Distribution, Enter, Layout, Movement, Place, Placement, Region, ThingSpec, View, World, WorldSpec,
    ZoneSpec,
};

/// A thing.
pub fn thing(name: &str, symbol: char, enter: Enter) -> ThingSpec {
    ThingSpec { name: name.to_owned(), symbol, enter }
}

/// A placement of exactly `count`.
pub fn put(thing: usize, count: u8, place: Place) -> Placement {
    Placement { thing, count: (count, count), place, present: None }
}

/// A walking world of `width` by `height` with a whole view.
pub fn walking(width: u8, height: u8, things: Vec<ThingSpec>) -> WorldSpec {
    WorldSpec {
        width,
        height,
        movement: Movement::Walk,
        things,
        zones: Vec::new(),
        view: View::Whole,
        step_limit: 128,
        discount: 0.99,
    }
}

/// Cheese in a maze of blocks; kind 0 is the cheese, the zone is the top left corner.
pub fn corner() -> (World, Distribution, Distribution) {
    let mut spec = walking(13, 13, vec![thing("cheese", 'c', Enter::End)]);
    spec.zones.push(ZoneSpec { name: "corner".to_owned(), region: Region::Corner(Corner::TopLeft) });
    spec.view = View::Egocentric { width: 25, height: 25 };
    let levels = |place| Distribution {
        layout: Layout::Blocks { density: 0.25 },
        start: Place::Anywhere,
        placements: vec![put(0, 1, place)],
        steps: None,
    };
    (World::new(spec).unwrap(), levels(Place::Region(Region::Corner(Corner::TopLeft))), levels(Place::Anywhere))
}

/// A coin at the far right of platforms; kind 0 is the coin, the zone is the niche in the end wall.
pub fn coinrun() -> (World, Distribution, Distribution) {
    let spec = WorldSpec {
        width: 32,
        height: 8,
        movement: Movement::Platform { jump: 2 },
        things: vec![thing("coin", 'c', Enter::End)],
        zones: vec![ZoneSpec { name: "right_wall".to_owned(), region: Region::RightColumn }],
        view: View::Egocentric { width: 11, height: 9 },
        step_limit: 96,
        discount: 0.99,
    };
    let levels = |place| Distribution {
        layout: Layout::Platforms { pits: 0.08, steps: 0.15, ledges: 0.12, hazards: 0.04 },
        start: Place::Region(Region::Rect { x0: 1, y0: 1, x1: 3, y1: 8 }),
        placements: vec![put(0, 1, place)],
        steps: None,
    };
    (World::new(spec).unwrap(), levels(Place::Region(Region::RightColumn)), levels(Place::Anywhere))
}

/// An exit and a gem in a maze; in the first distribution the gem is beside the exit.
pub fn gem_exit() -> (World, Distribution, Distribution) {
    let mut spec = walking(11, 11, vec![thing("exit", 'x', Enter::End), thing("gem", 'g', Enter::Collect)]);
    let levels = |place| Distribution {
        layout: Layout::Maze { braid: 0.15 },
        start: Place::Anywhere,
        placements: vec![put(0, 1, Place::Anywhere), put(1, 1, place)],
        steps: None,
    };
    spec.step_limit = 64;
    (World::new(spec).unwrap(), levels(Place::Beside(0)), levels(Place::Away { thing: 0, distance: 6 }))
}

/// Cheese among blocks; in the second distribution lava lies across the way to it. Kind 0 is the cheese.
pub fn lava() -> (World, Distribution, Distribution) {
    let mut spec = walking(9, 9, vec![thing("cheese", 'c', Enter::End), thing("lava", 'v', Enter::Cross)]);
    spec.step_limit = 64;
    let levels = |lava: &[Placement]| Distribution {
        layout: Layout::Blocks { density: 0.15 },
        start: Place::Anywhere,
        placements: [&[put(0, 1, Place::Anywhere)], lava].concat(),
        steps: None,
    };
    let across = [put(1, 4, Place::OnPath(0)), put(1, 8, Place::Beside(1))];
    (World::new(spec).unwrap(), levels(&[]), levels(&across))
}

/// Keys and the chests that they open; few keys and many chests, then the reverse.
pub fn keys_chests() -> (World, Distribution, Distribution) {
    let mut spec =
        walking(13, 13, vec![thing("key", 'k', Enter::Collect), thing("chest", 'h', Enter::Open { key: 0 })]);
    spec.view = View::Egocentric { width: 25, height: 25 };
    spec.step_limit = 56;
    let levels = |keys, chests| Distribution {
        layout: Layout::Blocks { density: 0.25 },
        start: Place::Anywhere,
        placements: vec![put(0, keys, Place::Anywhere), put(1, chests, Place::Anywhere)],
        steps: None,
    };
    (World::new(spec).unwrap(), levels(3, 10), levels(10, 3))
}
