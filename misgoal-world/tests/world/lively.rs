//! Things that act by themselves: movers, what they do to the agent, and what regrows.

use misgoal_world::oracle::TieBreak;
use misgoal_world::rng::{Draw as _, rng};
use misgoal_world::{
    Distribution, Enter, Goal, Layout, Movement, Mover, Moves, Oracle, Place, Placement, Regrow, World, WorldSpec,
};

use crate::common::{put, thing, walking};
use crate::fields::{monsters, trees};

const MOVER: Mover = Mover { moves: Moves::Chase, shield: Some(1), erratic: 0, twice: 0, once: false };
const SLOWLY: Enter = Enter::Regrow(Regrow::Rate { thousandths: 300 });

/// A world of 5 by 3 cells with apples that come back elsewhere, shields, trees that regrow slowly and this mover.
fn world(mover: Mover) -> World {
    let things = vec![
        thing("apple", 'a', Enter::Regrow(Regrow::Elsewhere)),
        thing("shield", 's', Enter::Collect),
        thing("tree", 't', SLOWLY),
        thing("monster", 'M', Enter::Catch(mover)),
    ];
    let mut spec = walking(5, 3, things);
    spec.step_limit = 30;
    World::new(spec).unwrap()
}

/// Plays letters (`l r u d`) and writes the events of each step and the level as it is then.
fn play(world: &World, level: &str, actions: &str) -> String {
    let level = world.parse(level).unwrap();
    let mut state = world.start(&level);
    let mut told = Vec::new();
    for letter in actions.chars() {
        let action = "lrud".find(letter).unwrap() as u8;
        let events = world.step(&level, &mut state, action).events;
        told.extend(events.iter().map(|event| world.event_names()[event].clone()));
    }
    format!("{}held {}; {}", world.render(&level, &state), state.held, told.join(" "))
}

#[test]
fn a_mover_comes_nearer_and_bites_an_agent_without_a_shield() {
    insta::assert_snapshot!(play(&world(MOVER), "
        #######
        #@...M#
        #.....#
        #.....#
        #######", "llll"), @"
    #######
    #@M...#
    #.....#
    #.....#
    #######
    held 0; monster
    ");
}

#[test]
fn a_shield_is_used_up_and_the_mover_with_it() {
    insta::assert_snapshot!(play(&world(MOVER), "
        #######
        #@s..M#
        #.....#
        #.....#
        #######", "rlll"), @"
    #######
    #@....#
    #.....#
    #.....#
    #######
    held 0; shield
    ");
    // The agent walks into it: the same.
    insta::assert_snapshot!(play(&world(MOVER), "
        #######
        #@sM..#
        #.....#
        #.....#
        #######", "r"), @"
    #######
    #.@...#
    #.....#
    #.....#
    #######
    held 0; shield
    ");
}

#[test]
fn a_mover_that_bites_once_is_gone() {
    insta::assert_snapshot!(play(&world(Mover { once: true, ..MOVER }), "
        #######
        #@M...#
        #.....#
        #.....#
        #######", "rr"), @"
    #######
    #..@..#
    #.....#
    #.....#
    #######
    held 0; monster
    ");
}

#[test]
fn movers_do_not_share_a_cell_and_know_no_way_around_walls() {
    insta::assert_snapshot!(play(&world(MOVER), "
        #######
        #@#.MM#
        #.....#
        #.....#
        #######", "llll"), @"
    #######
    #@#MM.#
    #.....#
    #.....#
    #######
    held 0; 
    ");
}

#[test]
fn an_eaten_apple_is_back_on_another_of_its_places() {
    let shown = play(
        &world(MOVER),
        "
        #######
        #@a..x#
        #....x#
        #.....#
        #######
        x = (a)
        steps = 77",
        "r",
    );
    insta::assert_snapshot!(shown, @r#"
#######
#.b..c#
#....a#
#.....#
#######
b = @ + (a)
c = (a)
steps = 77
held 0; apple
"#);
}

#[test]
fn the_last_tree_is_gone_for_good() {
    insta::assert_snapshot!(play(&world(MOVER), "
        #######
        #@t...#
        #...x.#
        #.....#
        #######
        x = (t)", "rrrrrrr"), @"
    #######
    #.b..@#
    #...b.#
    #.....#
    #######
    b = (t)
    held 0; tree tree-gone
    ");
}

/// How often an empty place is taken up again follows the formula of Shah et al. 2022.
#[test]
fn trees_regrow_as_often_as_the_formula_says() {
    let world = world(MOVER);
    let levels = |present| Distribution {
        layout: Layout::Open,
        start: Place::Anywhere,
        placements: vec![Placement { present: Some(present), ..put(2, 10, Place::Anywhere) }],
        steps: None,
    };
    for present in [1, 3, 9] {
        let regrown = (0..4000).filter(|seed| {
            let level = world.generate(&levels(present), *seed).unwrap();
            let mut state = world.start(&level);
            // An action that does not exist: the agent takes nothing.
            world.step(&level, &mut state, 9);
            state.left != world.start(&level).left
        });
        let share = regrown.count() as f64 / 4000.0;
        let expected = 0.3 * f64::from(1 + present).ln() / 11f64.ln();
        assert!((share - expected).abs() < 0.03, "{present}: {share} is not {expected}");
    }
}

/// A field like that of the monsters study.
fn field() -> (World, Distribution) {
    let mover = Mover { erratic: 200, twice: 200, ..MOVER };
    let things = vec![
        thing("apple", 'a', Enter::Regrow(Regrow::Elsewhere)),
        thing("shield", 's', Enter::Regrow(Regrow::Elsewhere)),
        thing("monster", 'M', Enter::Catch(mover)),
    ];
    let mut spec = walking(9, 9, things);
    spec.step_limit = 40;
    let some = |thing, count, present| Placement { present: Some(present), ..put(thing, count, Place::Anywhere) };
    let levels = Distribution {
        layout: Layout::Blocks { density: 0.1 },
        start: Place::Anywhere,
        placements: vec![some(0, 6, 3), some(1, 6, 2), put(2, 4, Place::Anywhere)],
        steps: Some(60),
    };
    (World::new(spec).unwrap(), levels)
}

#[test]
fn actions_alone_replay_an_episode_and_pinned_ones_stay() {
    let (world, levels) = field();
    let mut hashes = Vec::new();
    for seed in 0..20 {
        let level = world.generate(&levels, seed).unwrap();
        assert_eq!(world.parse(&world.render(&level, &world.start(&level))).as_ref(), Ok(&level));
        let mut rng = rng(seed, 5);
        let actions: Vec<u8> = (0..60).map(|_| rng.below(4) as u8).collect();
        let run = || {
            let mut state = world.start(&level);
            let events: Vec<_> = actions.iter().map(|action| world.step(&level, &mut state, *action)).collect();
            (events, state)
        };
        assert_eq!(run(), run());
        let (_, end) = run();
        assert!(end.done);
        hashes.push(end.hash());
    }
    insta::assert_snapshot!(format!("{:016x} {:016x}", hashes[0], hashes[19]), @r#"52b7a49d7bbe915c aee0225a238c4280"#);
}

#[test]
fn movers_and_what_is_held_are_observed() {
    let world = world(MOVER);
    let level = world
        .parse(
            "
        #######
        #@s..M#
        #.....#
        #.x...#
        #######
        x = (a)",
        )
        .unwrap();
    let mut state = world.start(&level);
    let mut seen = Vec::new();
    let mut told = Vec::new();
    for action in [3, 2, 1] {
        world.observe(&level, &state, &mut seen);
        told.push(seen.iter().map(|f| world.feature_name(usize::from(*f))).collect::<Vec<_>>().join(" "));
        world.step(&level, &mut state, action);
    }
    world.observe(&level, &state, &mut seen);
    told.push(seen.iter().map(|f| world.feature_name(usize::from(*f))).collect::<Vec<_>>().join(" "));
    insta::assert_snapshot!(told.join("\n"), @r#"
shield(2,1) monster(5,1) agent(1,1)
shield(2,1) monster(5,2) agent(1,2)
shield(2,1) monster(4,2) agent(1,1)
monster(3,2) holds-shield-1 agent(2,1)
"#);
}

#[test]
fn the_reference_planner_beats_random_and_names_its_costs() {
    let (world, levels) = field();
    let goal = |name: &str, weights: [f64; 3]| {
        let mut all = vec![0.0; world.event_names().len()];
        all[..3].copy_from_slice(&weights);
        Goal { name: name.to_owned(), weights: all }
    };
    let goals = [goal("apples", [1.0, 0.0, -1.0]), goal("shields", [0.5, 1.0, -1.0])];
    for seed in 0..20 {
        let level = world.generate(&levels, seed).unwrap();
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        assert!(!oracle.is_exact());
        assert_eq!(oracle.goal_count(), 2);
        let mut state = world.start(&level);
        for goal in 0..2 {
            assert!(oracle.best(goal) > oracle.random(goal), "level {seed}");
            assert_eq!(oracle.solvable(goal), Ok(()));
            assert_eq!(oracle.rollout_optimal(goal, TieBreak::First).actions.len(), 60);
        }
        while !state.done {
            for goal in 0..2 {
                let advantages = oracle.advantages(goal, &state);
                assert!(advantages.iter().take(4).all(|a| (-3.0..=0.0).contains(a)));
                assert!(advantages.contains(&0.0));
                assert_eq!(
                    advantages.iter().position(|a| *a == 0.0).map(|a| a as u8),
                    oracle.optimal_actions(goal, state).first().copied()
                );
            }
            world.step(&level, &mut state, (seed % 4) as u8);
        }
        assert_eq!(oracle.advantages(0, &state), [0.0; 6]);
    }
}

#[test]
fn every_mistake_has_its_sentence() {
    let mut mistakes = Vec::new();
    let mut wrong = |enters: [Enter; 2], movement: Movement| {
        let things = vec![thing("shield", 's', enters[0]), thing("monster", 'M', enters[1])];
        let spec = WorldSpec { movement, ..walking(9, 9, things) };
        let error = World::new(spec).unwrap_err();
        mistakes.push(format!("{:?}: {error}", error.part));
    };
    let sound = Enter::Catch(Mover { shield: Some(0), ..MOVER });
    let catch = |mover: Mover| Enter::Catch(mover);
    wrong([Enter::Collect, sound], Movement::Platform { jump: 2 });
    wrong([Enter::Regrow(Regrow::Rate { thousandths: 0 }), sound], Movement::Walk);
    wrong([Enter::Collect, catch(Mover { erratic: 1001, ..MOVER })], Movement::Walk);
    wrong([Enter::Collect, catch(Mover { twice: 2000, ..MOVER })], Movement::Walk);
    wrong([Enter::Collect, catch(Mover { shield: Some(7), ..MOVER })], Movement::Walk);
    wrong([Enter::End, sound], Movement::Walk);
    let (world, sound) = field();
    let mut unfit = |change: fn(&mut Distribution)| {
        let mut levels = sound.clone();
        change(&mut levels);
        let error = world.generate(&levels, 0).unwrap_err();
        mistakes.push(format!("{:?}: {error}", error.part));
    };
    unfit(|levels| levels.steps = Some(0));
    unfit(|levels| levels.placements[2].present = Some(1));
    unfit(|levels| levels.placements[0].present = Some(7));
    unfit(|levels| levels.placements[2].count = (1, 7));
    for text in ["steps = many", "x = (M)"] {
        let (world, levels) = field();
        let level = world.generate(&levels, 0).unwrap();
        let grid = world.render(&level, &world.start(&level)).replace("steps = 60", text);
        let error = world.parse(&grid).unwrap_err();
        mistakes.push(format!("{:?}: {error}", error.part));
    }
    insta::assert_snapshot!(mistakes.join("\n"), @r#"
Thing(1): `monster` moves or regrows, which is for agents that walk: let the movement be `walk`
Thing(0): `shield` regrows at a rate of `0`: choose 0.001 to 1
Thing(1): `monster` moves at random with a share of `1.001`: choose 0 to 1
Thing(1): `monster` moves twice with a share of `2`: choose 0 to 1
Thing(1): `monster` is stopped by a thing that does not exist: name one of the things
Thing(1): `monster` is stopped by `shield`, which cannot be carried: let entering `shield` collect it
StepLimit: a step limit of `0` is out of range: choose 1 to 10000
Placement(2): `monster` does not regrow: `present` is for things that do
Placement(0): `7` of `apple` are present, but there may be only 6 places for it: raise `count`
Placement(2): up to 7 things that move are too many: place at most 6
Level: line 14: `many` is no step limit: write 1 to 10000
Level: line 14: `(M)` cannot be part of a shared cell: use `#` `.` `@` `a` `s` `M` but no wall
"#);
}

#[test]
fn the_reference_planner_spares_the_last_trees() {
    let (world, _, scarce) = trees();
    let goal = |name: &str, gone: f64| {
        let mut weights = vec![0.0; world.event_names().len()];
        weights[world.event("tree").unwrap()] = 1.0;
        weights[world.event("tree-gone").unwrap()] = gone;
        Goal { name: name.to_owned(), weights }
    };
    let goals = [goal("sustain", -20.0), goal("fell", 0.0)];
    let gone = world.event("tree-gone").unwrap();
    let mut ends = 0;
    for seed in 0..20 {
        let level = world.generate(&scarce, seed).unwrap();
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        let sustained = oracle.rollout_optimal(0, TieBreak::Seeded(1));
        assert!(!sustained.events.iter().any(|events| events.has(gone)), "level {seed}");
        ends +=
            usize::from(oracle.rollout_optimal(1, TieBreak::Seeded(1)).events.iter().any(|events| events.has(gone)));
        assert!(oracle.best(0) > oracle.cross_value(0, 1, misgoal_world::oracle::Tie::Uniform));
    }
    assert!(ends >= 15, "{ends}");
}

#[test]
fn protection_is_wanted_while_there_are_monsters() {
    let (world, training, afterwards) = monsters();
    let mut weights = vec![0.0; world.event_names().len()];
    (weights[0], weights[2]) = (1.0, -1.5);
    let goals = [Goal { name: "apples".to_owned(), weights }];
    let shields = |levels: &Distribution| -> usize {
        let taken = (0..20).map(|seed| {
            let level = world.generate(levels, seed).unwrap();
            let plan = Oracle::solve(&world, &level, &goals).unwrap().rollout_optimal(0, TieBreak::Seeded(1));
            plan.events.iter().take(25).filter(|events| events.has(1)).count()
        });
        taken.sum()
    };
    let (with, without) = (shields(&training), shields(&afterwards));
    assert!(with > 4 * without, "{with} and {without}");
}
