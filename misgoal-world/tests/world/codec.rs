//! Levels as text.

use crate::common::{coinrun, corner, gem_exit, keys_chests, put, thing, walking};
use misgoal_world::{Distribution, Enter, Layout, Movement, Place, World, WorldSpec};
use proptest::prelude::*;

fn world(movement: Movement) -> World {
    let things =
        vec![thing("key", 'k', Enter::Collect), thing("gem", 'a', Enter::Collect), thing("exit", 'x', Enter::End)];
    World::new(WorldSpec { movement, ..walking(4, 3, things) }).unwrap()
}

fn round_trip(world: &World, text: &str) {
    let level = world.parse(text).unwrap();
    let text: String = text.lines().flat_map(|line| [line.trim(), "\n"]).collect();
    assert_eq!(world.render(&level, &world.start(&level)), text);
}

#[test]
fn plain_cells_are_characters() {
    round_trip(
        &world(Movement::Platform { jump: 2 }),
        "######
         #@k.a#
         ##..x#
         #^^.k#
         ######",
    );
}

#[test]
fn shared_cells_are_explained_below_with_letters_that_mean_nothing_else() {
    round_trip(
        &world(Movement::Walk),
        "######
         #b.c.#
         #..c.#
         #d...#
         ######
         b = @ + k
         c = k + x
         d = k + k + a",
    );
}

#[test]
fn a_level_in_play_shows_what_is_left() {
    let world = world(Movement::Platform { jump: 1 });
    let level = world.parse("######\n#.@k.#\n###.##\n#.#^##\n######").unwrap();
    let mut state = world.start(&level);
    world.step(&level, &mut state, 2);
    assert_eq!(world.render(&level, &state), "######\n#..@.#\n###.##\n#.#^##\n######\n");
    world.step(&level, &mut state, 0);
    world.step(&level, &mut state, 0);
    assert_eq!(world.render(&level, &state), "######\n#....#\n###.##\n#.#b##\n######\nb = @ + ^\n");
}

#[test]
fn mistakes_have_sentences() {
    let good = ["######", "#@...#", "#.k..#", "#...x#", "######"];
    let with = |row: usize, line: &str| {
        let mut lines = good.map(str::to_owned);
        lines[row] = line.to_owned();
        lines.join("\n")
    };
    let below = |lines: &str| format!("{}\n{lines}", good.join("\n"));
    let cases = [
        ("empty", String::new()),
        ("too few rows", good[..4].join("\n")),
        ("too many rows", below("#....#")),
        ("short row", with(2, "#.k.#")),
        ("long row", with(2, "#.k...#")),
        ("unknown symbol", with(2, "#.q..#")),
        ("hazard without gravity", with(2, "#.^..#")),
        ("open border", with(3, "#...x.")),
        ("thing in the border", with(0, "##k###")),
        ("no start", with(1, "#....#")),
        ("two starts", with(2, "#@k..#")),
        ("no explanation", below("what is this")),
        ("two characters", below("bc = @ + k")),
        ("taken letter", below("k = @ + k")),
        ("no letter", below("! = @ + k")),
        ("twice", with(2, "#.b..#") + "\nb = k + x\nb = k + k"),
        ("unknown part", with(2, "#.b..#") + "\nb = k + q"),
        ("wall part", with(2, "#.b..#") + "\nb = k + #"),
        ("two starts in a cell", with(1, "#b...#") + "\nb = @ + @"),
        ("not in the grid", below("b = k + x")),
        ("too many things", with(2, "#bbbb#") + "\nb = k + k + k + k + k + k + k"),
    ];
    let world = world(Movement::Walk);
    let mut sentences: Vec<String> = Vec::new();
    for (name, text) in cases {
        let error = world.parse(&text).unwrap_err();
        sentences.push(format!("{name}: {error}"));
    }
    insta::assert_snapshot!(sentences.join("\n"));
}

#[test]
fn a_start_on_a_hazard_is_a_mistake() {
    let error =
        world(Movement::Platform { jump: 1 }).parse("######\n#....#\n#....#\n#b...#\n######\nb = @ + ^").unwrap_err();
    insta::assert_snapshot!(error, @"line 4, column 2: the agent starts on a hazard: move `@`");
}

#[test]
fn generated_levels_come_back_from_text() {
    for (world, train, shift) in [coinrun(), corner(), gem_exit(), keys_chests()] {
        for levels in [train, shift] {
            for seed in 0..50 {
                let level = world.generate(&levels, seed).unwrap();
                assert_eq!(world.parse(&world.render(&level, &world.start(&level))), Ok(level));
            }
        }
    }
}

#[test]
fn stacked_levels_come_back_from_text() {
    let world = world(Movement::Walk);
    let placements = vec![put(0, 2, Place::Anywhere), put(1, 3, Place::On(0)), put(2, 1, Place::On(1))];
    let levels = Distribution { layout: Layout::Open, start: Place::Anywhere, placements, steps: None };
    for seed in 0..50 {
        let level = world.generate(&levels, seed).unwrap();
        assert_eq!(world.parse(&world.render(&level, &world.start(&level))), Ok(level));
    }
}

proptest! {
    #[test]
    fn no_text_makes_parse_panic(text in "[#.@kax^b=+ \n]{0,60}", any in any::<String>()) {
        for movement in [Movement::Walk, Movement::Platform { jump: 2 }] {
            let _ = world(movement).parse(&text);
            let _ = world(movement).parse(&any);
        }
    }

    #[test]
    fn what_parses_comes_back(cells in proptest::collection::vec(0usize..8, 12), stacks in any::<bool>()) {
        let symbols = if stacks { ['.', '.', '#', 'k', 'a', 'x', 'b', 'c'] } else { ['.', '.', '#', 'k', 'a', 'x', '^', '.'] };
        let mut text = "######\n".to_owned();
        for row in cells.chunks(4) {
            text.push('#');
            text.extend(row.iter().map(|cell| symbols[*cell]));
            text.push_str("#\n");
        }
        text.push_str("######\n");
        let text = text.replacen('.', "@", 1);
        let explained = ["b = k + x\n", "c = a + a\n"].into_iter().filter(|line| text.contains(&line[..1]));
        let text: String = std::iter::once(text.as_str()).chain(explained).collect();
        let world = world(Movement::Platform { jump: 2 });
        if let Ok(level) = world.parse(&text) {
            prop_assert_eq!(world.parse(&world.render(&level, &world.start(&level))), Ok(level));
        } else {
            prop_assert!(!text.contains('@'));
        }
    }
}
