//! Any text is either a level or a mistake with a sentence; a level is played, written and read again unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use misgoal_world::{Enter, Movement, Region, ThingSpec, View, World, WorldSpec, ZoneSpec};

fn world(movement: Movement) -> World {
    let thing = |name: &str, symbol, enter| ThingSpec { name: name.to_owned(), symbol, enter };
    let things = vec![
        thing("key", 'k', Enter::Collect),
        thing("chest", 'h', Enter::Open { key: 0 }),
        thing("exit", 'x', Enter::End),
        thing("fire", 'f', Enter::Hurt),
    ];
    let zones = vec![ZoneSpec { name: "right".to_owned(), region: Region::RightColumn }];
    let view = View::Egocentric { width: 5, height: 5 };
    let spec = WorldSpec { width: 4, height: 3, movement, things, zones, view, step_limit: 30, discount: 0.9 };
    World::new(spec).unwrap()
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for world in [world(Movement::Walk), world(Movement::Platform { jump: 2 })] {
        let Ok(level) = world.parse(&text) else { continue };
        let mut state = world.start(&level);
        assert_eq!(world.parse(&world.render(&level, &state)).as_ref(), Ok(&level));
        let mut seen = Vec::new();
        for action in data {
            world.step(&level, &mut state, action % 6);
            assert!(!level.walls.has(state.cell));
            world.observe(&level, &state, &mut seen);
            assert!(seen.is_sorted() && seen.len() <= world.max_active());
            world.render(&level, &state);
        }
    }
});
