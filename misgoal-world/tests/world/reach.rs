//! Reachability against the dynamics themselves: every action in every state that a search by steps comes to.

use crate::common::{coinrun, corner, gem_exit, put, thing, walking};
use misgoal_world::rng::{Draw, rng};
use misgoal_world::{Board, Cell, Distribution, Enter, Layout, Level, Movement, Place, State, World, WorldSpec};

/// The cells that stepping reaches, and for each the fewest steps.
fn stepping(world: &World, level: &Level) -> (Board, Vec<Option<u16>>) {
    let mut cells = Board::EMPTY;
    let mut steps = vec![None; 64 * 32];
    let mut known = std::collections::BTreeSet::new();
    let mut front = vec![world.start(level)];
    let mut time = 0;
    while !front.is_empty() {
        let mut next = Vec::new();
        for state in front {
            if !known.insert((state.cell, state.rise)) {
                continue;
            }
            cells.add(state.cell);
            steps[state.cell.index()].get_or_insert(time);
            if state.done {
                continue;
            }
            for action in 0..world.action_count() as u8 {
                let mut then = State { time: 0, ..state };
                world.step(level, &mut then, action);
                next.push(then);
            }
        }
        front = next;
        time += 1;
    }
    (cells, steps)
}

fn check(world: &World, level: &Level) {
    let (cells, _) = stepping(world, level);
    assert_eq!(world.reachable(level), cells, "\n{}", world.render(level, &world.start(level)));
}

#[test]
fn generated_levels() {
    for (world, train, shift) in [coinrun(), corner(), gem_exit()] {
        for seed in 0..40 {
            check(&world, &world.generate(&train, seed).unwrap());
            check(&world, &world.generate(&shift, seed).unwrap());
        }
    }
}

/// Random boxes, hazards and ends with every movement: much that no generator makes.
#[test]
fn random_boards() {
    let movements = [Movement::Walk].into_iter().chain((1..=4).map(|jump| Movement::Platform { jump }));
    for movement in movements {
        let things =
            vec![thing("exit", 'x', Enter::End), thing("fire", 'f', Enter::Hurt), thing("gem", 'g', Enter::Collect)];
        let world = World::new(WorldSpec { movement, ..walking(11, 9, things) }).unwrap();
        let mut rng = rng(9, 0);
        for _ in 0..150 {
            let density = rng.unit() * 0.6;
            let mut text = "#############\n".to_owned();
            for row in 0..9 {
                text.push('#');
                for column in 0..11 {
                    let draw = rng.unit();
                    let thing = ['x', 'f', 'g', if movement == Movement::Walk { '.' } else { '^' }];
                    text.push(match draw {
                        _ if row == 4 && column == 5 => '@',
                        draw if draw < density => '#',
                        draw if draw > 0.95 => thing[rng.below(4) as usize],
                        _ => '.',
                    });
                }
                text.push_str("#\n");
            }
            text.push_str("#############\n");
            // The codec refuses more things than a level may have.
            let Ok(level) = world.parse(&text) else { continue };
            check(&world, &level);
        }
    }
}

#[test]
fn off_the_path_is_off_every_shortest_path() {
    for movement in [Movement::Walk, Movement::Platform { jump: 2 }] {
        let layout = match movement {
            Movement::Walk => Layout::Blocks { density: 0.25 },
            Movement::Platform { .. } => Layout::Platforms { pits: 0.05, steps: 0.2, ledges: 0.2, hazards: 0.05 },
        };
        // Both are collected, so that neither is in the other's way.
        let things = vec![thing("key", 'k', Enter::Collect), thing("gem", 'g', Enter::Collect)];
        let world = World::new(WorldSpec { movement, ..walking(15, 9, things) }).unwrap();
        let placements = vec![put(0, 1, Place::Anywhere), put(1, 1, Place::OffPath(0))];
        let levels = Distribution { layout, start: Place::Anywhere, placements, steps: None };
        for seed in 0..60 {
            let level = world.generate(&levels, seed).unwrap();
            let (key, gem) = (level.items[0].cell, level.items[1].cell);
            let from_start = stepping(&world, &level).1;
            let from_gem = stepping(&world, &Level { start: gem, ..level.clone() }).1;
            // From rest at the gem; a path that only flies through is caught for walking, where there is no flight.
            let around = from_start[gem.index()].zip(from_gem[key.index()]).map(|(there, on)| there + on);
            assert!(around > from_start[key.index()], "{}", world.render(&level, &world.start(&level)));
        }
    }
}

/// On the path: a shortest path leads through it. It goes around what hurts and what is crossed at a price, also when that was placed on it before.
#[test]
fn on_the_path_is_on_a_shortest_safe_path() {
    for around in [Enter::Hurt, Enter::Cross] {
        let things =
            vec![thing("key", 'k', Enter::Collect), thing("gem", 'g', Enter::Collect), thing("fire", 'f', around)];
        let world = World::new(walking(11, 9, things)).unwrap();
        let levels = Distribution {
            layout: Layout::Blocks { density: 0.25 },
            start: Place::Anywhere,
            placements: vec![put(0, 1, Place::Anywhere), put(2, 3, Place::OnPath(0)), put(1, 1, Place::OnPath(0))],
            steps: None,
        };
        for seed in 0..60 {
            let level = world.generate(&levels, seed).unwrap();
            // With walls in the place of the fires, a way through the gem is as short as any.
            let mut safe = world.without(&level, |kind| kind == 2);
            level.items.iter().filter(|item| item.kind == 2).for_each(|item| safe.walls.add(item.cell));
            let (key, gem) = (safe.items[0].cell, safe.items[1].cell);
            let from_start = stepping(&world, &safe).1;
            let from_gem = stepping(&world, &Level { start: gem, ..safe }).1;
            let through = from_start[gem.index()].zip(from_gem[key.index()]).map(|(there, on)| there + on);
            assert_eq!(through, from_start[key.index()], "{}", world.render(&level, &world.start(&level)));
            assert!(through.is_some());
        }
    }
}

#[test]
fn moving_a_thing_keeps_the_level_sound() {
    let (world, train, _) = coinrun();
    let level = world.generate(&train, 4).unwrap();
    let to = world.standable(&level).cells().next().unwrap();
    let moved = world.with_item_at(&level, 0, to).unwrap();
    assert_eq!((moved.items[0].cell, moved.layout_hash()), (to, level.layout_hash()));
    assert!(moved.notable.has(to));
    assert_eq!(world.with_item_at(&moved, 0, level.items[0].cell), Some(level.clone()));
    assert_eq!(world.with_item_at(&level, 0, Cell::at(0, 0)), None);
    assert_eq!(world.with_item_at(&level, 0, Cell::at(60, 20)), None);
    assert_eq!(world.with_item_at(&level, 1, to), None);
}
