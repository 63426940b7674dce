//! What the agent sees, by the names of the active features.

use crate::common::{thing, walking};
use misgoal_world::rng::{Draw, rng};
use misgoal_world::{Cell, Distribution, Enter, Layout, Movement, Place, Region, View, World, WorldSpec, ZoneSpec};

/// Plays `actions` (numbers), then compares the names of what is active.
fn check(world: &World, level: &str, actions: &[u8], expect: &str) {
    let level = world.parse(level).unwrap_or_else(|error| panic!("{error}"));
    let mut state = world.start(&level);
    for action in actions {
        world.step(&level, &mut state, *action);
    }
    // What was in the buffer before must not matter.
    let mut active = vec![77; 3];
    world.observe(&level, &state, &mut active);
    let names: Vec<String> = active.iter().map(|feature| world.feature_name(usize::from(*feature))).collect();
    assert_eq!(names.join(" "), expect);
}

fn spec(view: View) -> WorldSpec {
    let things = vec![thing("key", 'k', Enter::Collect), thing("chest", 'h', Enter::Open { key: 0 })];
    WorldSpec { view, ..walking(4, 3, things) }
}

#[test]
fn a_whole_view_names_cells_and_marks_the_agent() {
    let world = World::new(spec(View::Whole)).unwrap();
    assert_eq!(world.feature_count(), 4 * 3 * (1 + 2) + 3 + 4 * 3);
    let level = "######
                 #@..##
                 #.k..#
                 ##..h#
                 ######";
    check(&world, level, &[], "wall(4,1) wall(1,3) key(2,2) chest(4,3) agent(1,1)");
    check(&world, level, &[3, 1], "wall(4,1) wall(1,3) chest(4,3) holds-key-1 agent(2,2)");
}

#[test]
fn an_egocentric_view_shows_the_border_as_distances() {
    let world = World::new(spec(View::Egocentric { width: 5, height: 3 })).unwrap();
    assert_eq!(world.feature_count(), 5 * 3 * (1 + 2) + 2 * (5 + 3) + 3 + 2 * (2 + 1));
    check(
        &world,
        "######
         #@k.##
         ##...#
         #...h#
         ######",
        &[],
        "wall(0,1) key(1,0) key-column(1) key-row(0) border-left-1 border-above-1",
    );
    check(
        &world,
        "######
         #..k##
         ##...#
         #..@h#
         ######",
        &[],
        "wall(-2,-1) chest(1,0) chest-column(1) chest-row(0) border-right-2 border-below-1",
    );
}

#[test]
fn keys_are_counted_up_to_three() {
    let mut spec = spec(View::Egocentric { width: 1, height: 1 });
    spec.width = 6;
    let world = World::new(spec).unwrap();
    let level = "########
                 #@kkkkh#
                 #......#
                 #......#
                 ########";
    check(&world, level, &[1], "holds-key-1");
    check(&world, level, &[1, 1], "holds-key-2");
    check(&world, level, &[1, 1, 1, 1], "holds-key-3+");
    check(&world, level, &[1, 1, 1, 1, 1], "holds-key-3+");
}

#[test]
fn two_of_a_kind_on_a_cell_are_one_feature() {
    let world = World::new(spec(View::Egocentric { width: 3, height: 1 })).unwrap();
    check(
        &world,
        "######
         #.@a.#
         #....#
         #....#
         ######
         a = k + k + h",
        &[],
        "key(1,0) chest(1,0) key-column(1) key-row(0) chest-column(1) chest-row(0)",
    );
}

#[test]
fn with_gravity_hazards_and_the_jump_are_seen() {
    let spec = WorldSpec {
        movement: Movement::Platform { jump: 3 },
        zones: vec![ZoneSpec { name: "right".to_owned(), region: Region::RightColumn }],
        ..walking(5, 5, vec![thing("coin", 'c', Enter::End)])
    };
    let world = World::new(spec).unwrap();
    assert_eq!(world.feature_count(), 25 * 3 + 3 + 25);
    let level = "#######
                 #.....#
                 #.....#
                 #.....#
                 #@^.c.#
                 ####^##
                 #######";
    let seen = "wall(1,5) wall(2,5) wall(3,5) wall(5,5) hazard(2,4) hazard(4,5) coin(4,4)";
    check(&world, level, &[], &format!("{seen} standing agent(1,4)"));
    check(&world, level, &[3], &format!("{seen} rising-2 agent(1,3)"));
    check(&world, level, &[3, 0], &format!("{seen} rising-1 agent(1,2)"));
    check(&world, level, &[3, 0, 0], &format!("{seen} agent(1,1)"));
    check(&world, level, &[3, 0, 0, 0], &format!("{seen} agent(1,2)"));
}

#[test]
fn every_feature_has_a_name_of_its_own() {
    for view in [View::Whole, View::Egocentric { width: 7, height: 3 }] {
        for movement in [Movement::Walk, Movement::Platform { jump: 4 }] {
            let world = World::new(WorldSpec { movement, ..spec(view) }).unwrap();
            let mut names: Vec<String> =
                (0..world.feature_count()).map(|feature| world.feature_name(feature)).collect();
            assert!(names.iter().all(|name| !name.is_empty()));
            names.sort();
            names.dedup();
            assert_eq!(names.len(), world.feature_count());
            assert_eq!(world.feature_name(world.feature_count()), "");
        }
    }
}

/// The fast observation against one that asks every cell of the window.
#[test]
fn windows_of_all_sizes_show_what_is_there() {
    for (width, height) in [(1, 1), (3, 5), (9, 9), (15, 7), (31, 31), (61, 3), (63, 63)] {
        let mut spec = spec(View::Egocentric { width, height });
        (spec.width, spec.height) = (60, 28);
        let world = World::new(spec).unwrap();
        let levels = Distribution {
            layout: Layout::Blocks { density: 0.3 },
            start: Place::Anywhere,
            placements: Vec::new(),
            steps: None,
        };
        let level = world.generate(&levels, u64::from(width)).unwrap();
        let (mut rng, mut seen) = (rng(5, 5), Vec::new());
        for _ in 0..50 {
            let mut state = world.start(&level);
            state.cell = Cell::at(1 + rng.below(60) as u8, 1 + rng.below(28) as u8);
            let mut expect = Vec::new();
            for y in 0..height {
                for x in 0..width {
                    let (column, row) = (
                        i32::from(state.cell.x()) + i32::from(x) - i32::from(width / 2),
                        i32::from(state.cell.y()) + i32::from(y) - i32::from(height / 2),
                    );
                    let inside = (1..=60).contains(&column) && (1..=28).contains(&row);
                    if inside && level.walls.has(Cell::at(column as u8, row as u8)) {
                        expect.push(u16::from(y) * u16::from(width) + u16::from(x));
                    }
                }
            }
            let plane = u16::from(width) * u16::from(height);
            let (x, y) = (u16::from(width / 2), u16::from(height / 2));
            let (column, row) = (u16::from(state.cell.x()), u16::from(state.cell.y()));
            let mut first = plane * 3 + 2 * (u16::from(width) + u16::from(height)) + 3;
            for (distance, reach) in [(column, x), (61 - column, x), (row, y), (29 - row, y)] {
                expect.extend((distance <= reach).then_some(first + distance - 1));
                first += reach;
            }
            world.observe(&level, &state, &mut seen);
            assert_eq!(seen, expect);
            assert!(seen.len() <= world.max_active());
            // A slice without room to spare gets the same.
            let mut exact = vec![0; expect.len()];
            assert_eq!(world.observe_into(&level, &state, &mut exact), expect.len());
            assert_eq!(exact, expect);
        }
    }
}
