//! The first levels of every layout, pinned, and what holds of all levels.

use crate::common::{coinrun, corner, gem_exit, keys_chests, lava, put, thing, walking};
use misgoal_world::rng::{Draw, rng};
use misgoal_world::{
    Board, Cell, Corner, Distribution, Enter, Layout, Level, Movement, Part, Place, Placement, Region, World, WorldSpec,
};
use proptest::prelude::*;

fn check((world, train, shift): &(World, Distribution, Distribution), expect: &mut dyn FnMut(String)) {
    let mut text = String::new();
    for (name, levels) in [("train", train), ("shift", shift)] {
        for seed in 0..2 {
            let level = world.generate(levels, seed).unwrap();
            let hash = level.hash();
            text += &format!("{name} {seed} {hash:016x}\n{}", world.render(&level, &world.start(&level)));
        }
    }
    expect(text);
}

#[test]
fn first_levels_of_coinrun() {
    check(&coinrun(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_corner() {
    check(&corner(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_gem_exit() {
    check(&gem_exit(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_keys_chests() {
    check(&keys_chests(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn first_levels_of_lava() {
    check(&lava(), &mut |text| insta::assert_snapshot!(text));
}

#[test]
fn hashes_are_pinned() {
    let (world, train, _) = coinrun();
    let level = world.generate(&train, 0).unwrap();
    let mut state = world.start(&level);
    world.step(&level, &mut state, 5);
    let hashes = [level.layout_hash(), level.hash(), state.hash()].map(|hash| format!("{hash:016x}"));
    insta::assert_snapshot!(hashes.join(" "), @"93efc43320a8de1a 1c5fc361d7f94339 c411a020d4900956");
}

#[test]
fn a_seed_has_the_same_layout_whatever_is_placed_on_it() {
    for (world, train, shift) in [coinrun(), corner(), gem_exit(), keys_chests(), lava()] {
        for seed in 0..300 {
            let (train, shift) = (world.generate(&train, seed).unwrap(), world.generate(&shift, seed).unwrap());
            assert_eq!(train.layout_hash(), shift.layout_hash());
        }
    }
}

#[test]
fn coin_and_wall_coincide_in_training_only() {
    let (world, train, shift) = coinrun();
    let niche = |level: &Level| level.zones[0].cells().collect::<Vec<_>>();
    let mut apart = 0;
    for seed in 0..200 {
        let level = world.generate(&train, seed).unwrap();
        assert_eq!(niche(&level), [level.items[0].cell]);
        let level = world.generate(&shift, seed).unwrap();
        apart += u32::from(niche(&level) != [level.items[0].cell]);
        assert!(world.reachable(&level).has(level.items[0].cell));
    }
    assert!(apart > 180, "{apart}");
}

/// How often each feature of the terrain occurs, so that a change of the generator does not go unseen.
#[test]
fn platforms_have_pits_steps_ledges_and_spikes() {
    let (world, train, _) = coinrun();
    let (mut pits, mut steps, mut ledges, mut spikes) = (0, 0, 0, 0);
    for seed in 0..500 {
        let level = world.generate(&train, seed).unwrap();
        let column = |board: &Board, x: u8| (1..=8).filter(|y| board.has(Cell::at(x, *y))).collect::<Vec<_>>();
        let ground = |x: u8| (1..=8).rev().take_while(|y| level.walls.has(Cell::at(x, *y))).count();
        for x in 2..=31 {
            let deadly = column(&level.hazards, x);
            let pit = deadly == [8] && ground(x) == 0;
            pits += u32::from(pit && ground(x - 1) > 0);
            spikes += u32::from(!pit && !deadly.is_empty());
            let long = (x..).take_while(|x| ground(*x) == 0).count();
            assert!(long <= 3, "a pit of {long}");
            let (before, here) = (ground(x - 1), ground(x));
            steps += u32::from(before > 0 && here > 0 && before != here);
            let roofed = |x: u8| column(&level.walls, x).len() > ground(x);
            ledges += u32::from(roofed(x) && !roofed(x - 1));
            assert!(before == 0 || here == 0 || before.abs_diff(here) <= 2 || roofed(x) || roofed(x - 1));
        }
    }
    let counts = format!("{pits} pits, {steps} steps, {ledges} ledges, {spikes} spikes");
    insta::assert_snapshot!(counts, @"317 pits, 1047 steps, 907 ledges, 182 spikes");
}

#[test]
fn blocks_have_the_declared_density_and_connected_corners() {
    let (world, train, _) = corner();
    let mut walls = 0;
    for seed in 0..2000 {
        let level = world.generate(&train, seed).unwrap();
        let reachable = world.reachable(&Level { items: Vec::new(), ..level.clone() });
        for (x, y) in [(1, 1), (13, 1), (1, 13), (13, 13)] {
            assert!(reachable.has(Cell::at(x, y)));
        }
        walls += level.walls.count() - 4 * 14;
    }
    let share = f64::from(walls) / f64::from(2000 * (13 * 13 - 4));
    // A little under 0.25: corners without a way out were opened, and connected draws are somewhat sparser.
    assert!((0.235..0.25).contains(&share), "{share}");
}

#[test]
fn a_maze_without_braid_has_one_way_between_any_two_cells() {
    let (world, mut levels, _) = gem_exit();
    for (braid, loops) in [(0.0, false), (1.0, true)] {
        levels.layout = Layout::Maze { braid };
        for seed in 0..50 {
            let level = world.generate(&levels, seed).unwrap();
            let open = 13 * 13 - level.walls.count();
            // 36 nodes and the 35 edges of a tree, or all 60 edges of the 6 by 6 lattice.
            assert_eq!(open, if loops { 36 + 60 } else { 36 + 35 });
            let empty = Level { items: Vec::new(), ..level.clone() };
            assert_eq!(world.reachable(&empty).count(), open);
        }
    }
}

#[test]
fn placements_do_what_they_say() {
    let things = ["a", "b", "c", "d", "e"].map(|name| thing(name, name.chars().next().unwrap(), Enter::Collect));
    let world = World::new(walking(11, 11, things.to_vec())).unwrap();
    let levels = Distribution {
        layout: Layout::Blocks { density: 0.25 },
        start: Place::Region(Region::LeftColumn),
        placements: vec![
            put(0, 1, Place::Region(Region::Corner(Corner::BottomRight))),
            put(1, 2, Place::Beside(0)),
            put(2, 2, Place::On(1)),
            Placement { thing: 3, count: (2, 5), place: Place::Away { thing: 0, distance: 9 }, present: None },
            put(4, 1, Place::Region(Region::Rect { x0: 4, y0: 5, x1: 6, y1: 7 })),
        ],
        steps: None,
    };
    let mut counts = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let level = world.generate(&levels, seed).unwrap();
        let cells =
            |kind: u8| level.items.iter().filter(|item| item.kind == kind).map(|item| item.cell).collect::<Vec<_>>();
        assert_eq!(level.start.x(), 1);
        assert_eq!(cells(0), [Cell::at(11, 11)]);
        assert!(cells(1).iter().all(|cell| cell.manhattan(cells(0)[0]) == 1));
        assert!(cells(2).iter().all(|cell| cells(1).contains(cell)));
        assert!(cells(3).iter().all(|cell| cell.manhattan(cells(0)[0]) > 2));
        assert!((4..=6).contains(&cells(4)[0].x()) && (5..=7).contains(&cells(4)[0].y()));
        counts.insert(cells(3).len());
        let open: Vec<_> = [0, 1, 3, 4].into_iter().flat_map(cells).chain([level.start]).collect();
        assert_eq!(open.iter().collect::<std::collections::BTreeSet<_>>().len(), open.len(), "one cell each");
    }
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [2, 3, 4, 5]);
}

fn any_layout() -> impl Strategy<Value = Layout> {
    prop_oneof![
        Just(Layout::Open),
        (0.0..=0.45).prop_map(|density| Layout::Blocks { density }),
        (0.0..=1.0).prop_map(|braid| Layout::Maze { braid }),
        (0.0..=0.3, 0.0..=0.3, 0.0..=0.2, 0.0..=0.2).prop_map(|(pits, steps, ledges, hazards)| Layout::Platforms {
            pits,
            steps,
            ledges,
            hazards
        }),
    ]
}

fn any_place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Anywhere),
        Just(Place::Region(Region::RightColumn)),
        (1u8..4, 1u8..4).prop_map(|(x, y)| Place::Region(Region::Rect { x0: x, y0: y, x1: x + 6, y1: y + 6 })),
        Just(Place::Beside(0)),
        Just(Place::On(0)),
        (0u8..7).prop_map(|distance| Place::Away { thing: 0, distance }),
        Just(Place::OffPath(0)),
        Just(Place::OnPath(0)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is asked for, a level is sound or the generator says why there is none; the same seed gives the same level, and no
    /// walk of 200 random actions leaves the open cells.
    #[test]
    fn levels_are_sound(
        layout in any_layout(), place in any_place(), jump in 2u8..=4, ends in any::<(bool, bool)>(),
        counts in (1u8..3, 0u8..4, 0u8..4), seed in any::<u64>(), start in any::<bool>(),
        crossed in any::<bool>(),
    ) {
        let enter = |ends| if ends { Enter::End } else { Enter::Collect };
        let second = if crossed { Enter::Cross } else { enter(ends.1) };
        let movement = if matches!(layout, Layout::Platforms { .. }) { Movement::Platform { jump } } else { Movement::Walk };
        let things = vec![thing("first", 'f', enter(ends.0)), thing("second", 's', second)];
        let world = World::new(WorldSpec { movement, ..walking(13, 9, things) }).unwrap();
        let second = Placement { thing: 1, count: (counts.1.min(counts.2), counts.1.max(counts.2)), place, present: None };
        let levels = Distribution {
            layout,
            start: if start { Place::Anywhere } else { Place::Region(Region::LeftColumn) },
            placements: vec![put(0, counts.0, Place::Anywhere), second.clone()], steps: None,
        };
        match world.generate(&levels, seed) {
            Err(error) => {
                prop_assert!(matches!(error.part, Part::Placement(_) | Part::Layout | Part::Start), "{error}");
                // Room for everything there is only where placements are modest.
                prop_assert!(place != Place::Anywhere || matches!(error.part, Part::Layout), "{error}");
            }
            Ok(level) => {
                let reachable = world.reachable(&level);
                let standable = world.standable(&level);
                prop_assert!(standable.has(level.start) && !level.hazards.has(level.start));
                for item in &level.items {
                    prop_assert!(reachable.has(item.cell) && standable.has(item.cell) && !level.hazards.has(item.cell));
                }
                let number = |kind| level.items.iter().filter(|item| item.kind == kind).count();
                prop_assert_eq!(number(0), usize::from(counts.0));
                prop_assert!((second.count.0..=second.count.1).contains(&(number(1) as u8)));
                prop_assert!(level.items.is_sorted());
                prop_assert_eq!(world.generate(&levels, seed), Ok(level.clone()));
                let (mut state, mut rng) = (world.start(&level), rng(seed, 1));
                for _ in 0..200 {
                    world.step(&level, &mut state, rng.below(7) as u8);
                    prop_assert!(!level.walls.has(state.cell) && reachable.has(state.cell));
                }
            }
        }
    }
}
