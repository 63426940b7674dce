//! Levels that one can check by looking. The discount is 0.9, so that values are powers of it.

use std::fmt::Write as _;

use misgoal_world::oracle::{Tie, TieBreak};
use misgoal_world::{Cell, Corner, Enter, Goal, Movement, Oracle, Region, ThingSpec, View, World, WorldSpec, ZoneSpec};

/// The world of a drawing: its interior's size is the drawing's.
fn world(level: &str, movement: Movement) -> World {
    let rows: Vec<&str> = level.lines().map(str::trim).filter(|line| line.starts_with('#')).collect();
    let thing = |name: &str, symbol, enter| ThingSpec { name: name.to_owned(), symbol, enter };
    World::new(WorldSpec {
        width: rows[0].len() as u8 - 2,
        height: rows.len() as u8 - 2,
        movement,
        things: vec![
            thing("key", 'k', Enter::Collect),
            thing("chest", 'h', Enter::Open { key: 0 }),
            thing("crate", 'r', Enter::Open { key: 0 }),
            thing("coin", 'c', Enter::Collect),
            thing("exit", 'x', Enter::End),
            thing("lava", 'v', Enter::Cross),
        ],
        zones: vec![
            ZoneSpec { name: "corner".to_owned(), region: Region::Corner(Corner::TopLeft) },
            ZoneSpec { name: "right".to_owned(), region: Region::RightColumn },
        ],
        view: View::Whole,
        step_limit: 12,
        discount: 0.9,
    })
    .unwrap()
}

fn solve(level: &str, movement: Movement, goals: &[&[(&str, f64)]]) -> Oracle {
    let world = world(level, movement);
    let goals: Vec<Goal> = goals
        .iter()
        .map(|terms| {
            let mut weights = vec![0.0; world.event_names().len()];
            terms.iter().for_each(|(event, weight)| weights[world.event(event).unwrap()] = *weight);
            Goal { name: terms[0].0.to_owned(), weights }
        })
        .collect();
    Oracle::solve(&world, &world.parse(level).unwrap(), &goals).unwrap()
}

/// One line a goal: value, steps and optimal actions from the start; then what the first goal's optimal policies get of the others.
fn check(level: &str, movement: Movement, goals: &[&[(&str, f64)]], expect: &str) {
    let oracle = solve(level, movement, goals);
    let start = oracle.world().start(oracle.level());
    let mut found = String::new();
    for (goal, terms) in goals.iter().enumerate() {
        let names = oracle.world().action_names();
        let optimal: Vec<&str> =
            oracle.optimal_actions(goal, start).into_iter().map(|action| names[usize::from(action)]).collect();
        let steps = oracle.optimal_steps(goal).map_or("never".to_owned(), |steps| format!("{steps} steps"));
        writeln!(found, "{}: {:.4} in {steps}, {}", terms[0].0, oracle.best(goal), optimal.join(" or ")).unwrap();
    }
    for (other, terms) in goals.iter().enumerate().skip(1) {
        let cross = |tie| oracle.cross_value(other, 0, tie);
        let (worst, even, best) = (cross(Tie::Worst), cross(Tie::Uniform), cross(Tie::Best));
        let accident = oracle.accident_rate(other, 0);
        writeln!(found, "{} on the way: {worst:.4} {even:.4} {best:.4}, by accident {accident:.2}", terms[0].0)
            .unwrap();
    }
    let lines = |text: &str| {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&found), lines(expect), "found\n{found}");
}

#[test]
fn one_target() {
    // Four steps to the exit, six equally short ways; half of those with uniform ties begin downwards and pass the coin.
    check(
        "#####
         #@..#
         #c..#
         #..x#
         #####",
        Movement::Walk,
        &[&[("exit", 1.0)], &[("coin", 1.0)], &[("corner", 1.0)]],
        "exit: 0.7290 in 4 steps, right or down
         coin: 1.0000 in 1 steps, down
         corner: 1.0000 in 1 steps, left or up
         coin on the way: 0.0000 0.5000 1.0000, by accident 0.50
         corner on the way: 0.0000 0.0000 0.0000, by accident 0.00",
    );
}

#[test]
fn an_end_that_is_worth_nothing_is_in_the_way() {
    check(
        "#######
         #.#####
         #@xc..#
         #.....#
         #######",
        Movement::Walk,
        &[&[("coin", 1.0)], &[("exit", 1.0)]],
        "coin: 0.7290 in 4 steps, down
         exit: 1.0000 in 1 steps, right
         exit on the way: 0.0000 0.0000 0.6561, by accident 0.00",
    );
}

#[test]
fn a_target_behind_an_end_cannot_be_reached() {
    let level = "######
                 ######
                 #.##.#
                 #@.xc#
                 ######";
    check(
        level,
        Movement::Walk,
        &[&[("coin", 1.0)], &[("exit", 1.0)]],
        "coin: 0.0000 in never, left or right or up or down
         exit: 0.9000 in 2 steps, right
         exit on the way: 0.0000 0.0000 0.9000, by accident 0.00",
    );
    let oracle = solve(level, Movement::Walk, &[&[("coin", 1.0)]]);
    assert_eq!(
        oracle.solvable(0).unwrap_err().to_string(),
        "goal `coin` cannot gain anything in this level: nothing that it rewards can be reached from the start"
    );
}

#[test]
fn lava_is_walked_around_where_that_is_cheaper() {
    // Straight on 2 steps with lava in the first, around it 4: 0.9^3 against 0.9 - 0.5, and against 0.9 - 0.1.
    let level = "#####
                 #@vx#
                 #...#
                 #...#
                 #####";
    check(
        level,
        Movement::Walk,
        &[&[("exit", 1.0), ("lava", -0.5)], &[("exit", 1.0)]],
        "exit: 0.7290 in 4 steps, down
         exit: 0.9000 in 2 steps, right
         exit on the way: 0.7290 0.7290 0.7290, by accident 1.00",
    );
    check(
        level,
        Movement::Walk,
        &[&[("exit", 1.0), ("lava", -0.1)], &[("exit", 1.0), ("lava", -2.0)]],
        "exit: 0.8000 in 2 steps, right
         exit: 0.7290 in 4 steps, down
         exit on the way: -1.1000 -1.1000 -1.1000, by accident 1.00",
    );
}

#[test]
fn who_wants_nothing_may_stay_in_the_lava() {
    // There is no coin, so every action is as good as any other: at worst the agent steps into the lava and pushes against the wall
    // there for ever, -1 / (1 - 0.9). The goal that pays for lava alone was once planned as if lava could be had only once.
    check(
        "#####
         #v@.#
         #...#
         #...#
         #####",
        Movement::Walk,
        &[&[("coin", 1.0)], &[("lava", -1.0)]],
        "coin: 0.0000 in never, left or right or up or down
         lava: 0.0000 in never, right or up or down
         lava on the way: -10.0000 0.0000 0.0000, by accident 0.00",
    );
}

#[test]
fn what_lies_behind_lava_may_not_be_worth_it() {
    let level = "#####
                 #@.v#
                 #..v#
                 ##vx#
                 #####";
    check(
        level,
        Movement::Walk,
        &[&[("exit", 1.0)], &[("exit", 1.0), ("lava", -1.0)]],
        "exit: 0.7290 in 4 steps, right or down
         exit: 0.0000 in never, left or right or up or down
         exit on the way: -0.9810 -0.3060 -0.0810, by accident 1.00",
    );
}

#[test]
fn out_of_the_lava_by_the_shortest_way_or_never() {
    // Two steps of lava to the floor beside the wall.
    let level = "#####
                 #@v.#
                 #vv.#
                 #vvv#
                 #####";
    let oracle = solve(level, Movement::Walk, &[&[("lava", -1.0)]]);
    let at = |x, y| misgoal_world::State { cell: Cell::at(x, y), ..oracle.world().start(oracle.level()) };
    assert!((oracle.value(0, &at(1, 2)) - 0.0).abs() < 1e-12 && (oracle.value(0, &at(1, 3)) + 1.0).abs() < 1e-12);
    // Lava everywhere: every step costs 1 for ever, 1 / (1 - 0.9) in all.
    let sea = "#####
               #vvv#
               #vav#
               #vvv#
               #####
               a = @ + v";
    let oracle = solve(sea, Movement::Walk, &[&[("lava", -1.0)], &[("exit", 1.0)]]);
    assert!((oracle.best(0) + 10.0).abs() < 1e-9, "{}", oracle.best(0));
    assert!((oracle.cross_value(0, 1, Tie::Worst) + 10.0).abs() < 1e-9);
    assert_eq!(oracle.baseline(0), oracle.random(0));
}

#[test]
fn a_goal_that_gains_from_crossing_is_refused() {
    let level = "#####
                 #@..#
                 #.v.#
                 #...#
                 #####";
    let world = world(level, Movement::Walk);
    let mut weights = vec![0.0; world.event_names().len()];
    weights[world.event("lava").unwrap()] = 1.0;
    let goal = Goal { name: "warm".to_owned(), weights };
    let error = Oracle::solve(&world, &world.parse(level).unwrap(), &[goal]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "goal `warm` gains from `lava` every time it is crossed, so that its best plan would never end: give it a weight below 0"
    );
}

#[test]
fn a_plan_longer_than_the_step_limit() {
    let level = "######
                 #@...#
                 ####.#
                 #....#
                 #.####
                 #...c#
                 ######";
    let oracle = solve(level, Movement::Walk, &[&[("coin", 1.0)]]);
    assert_eq!(
        oracle.solvable(0).unwrap_err().to_string(),
        "goal `coin` needs 13 steps in this level, but an episode ends after 12: raise the step limit"
    );
}

#[test]
fn keys_bound_the_chests_that_can_be_opened() {
    // One key and two chests: the nearer one after three steps; the key is had on the way.
    check(
        "#########
         #h@k....#
         #######.#
         #######h#
         #########",
        Movement::Walk,
        &[&[("chest", 1.0)], &[("key", 1.0)]],
        "chest: 0.8100 in 3 steps, right
         key: 1.0000 in 1 steps, right
         key on the way: 1.0000 1.0000 1.0000, by accident 1.00",
    );
}

#[test]
fn a_key_is_kept_from_the_wrong_lock() {
    // The key opens whatever comes first. The crate is on the short way to the chest, so the key is carried the long way round: 0.9^8.
    check(
        "######
         #@krh#
         #.##.#
         #....#
         ######",
        Movement::Walk,
        &[&[("chest", 1.0)], &[("crate", 1.0)]],
        "chest: 0.4305 in 9 steps, right
         crate: 0.9000 in 2 steps, right
         crate on the way: 0.0000 0.0000 0.0000, by accident 0.00",
    );
}

#[test]
fn several_things_in_the_best_order() {
    // Two coins to the left at 1 and 2 steps, one to the right at 2: left first, then four steps back.
    check(
        "#######
         #######
         #cc@.c#
         #######
         #######",
        Movement::Walk,
        &[&[("coin", 1.0)]],
        "coin: 2.4905 in 6 steps, left",
    );
}

#[test]
fn a_jump_up_a_step() {
    check(
        "########
         #......#
         #......#
         #@..#cx#
         ########",
        Movement::Platform { jump: 2 },
        &[&[("coin", 1.0)], &[("right", 1.0)]],
        "coin: 0.6561 in 5 steps, right or jump-right
         right: 0.6561 in 5 steps, right or jump-right
         right on the way: 0.0000 0.0000 0.5905, by accident 0.00",
    );
}

#[test]
fn a_fall_that_cannot_be_avoided_is_counted() {
    // Whatever the agent does it falls past the coin or onto the hazards below; nothing is gained by dying.
    let level = "######
                 #@...#
                 ##...#
                 #....#
                 ##^^^#
                 ######";
    let movement = Movement::Platform { jump: 1 };
    let oracle = solve(level, movement, &[&[("right", 1.0), ("death", -1.0)], &[("right", 1.0)]]);
    let start = oracle.world().start(oracle.level());
    // Three steps to the right column, in which the agent falls two rows; death two steps later.
    assert_eq!(oracle.optimal_steps(1), Some(3));
    assert!((oracle.best(0) - (0.81 - 0.9f64.powi(3))).abs() < 1e-12, "{}", oracle.best(0));
    assert_eq!(oracle.advantages(1, &start)[2], 0.0);
}

#[test]
fn advantages_are_counted_in_steps() {
    let level = "######
                 #@..c#
                 #....#
                 #....#
                 ######";
    let oracle = solve(level, Movement::Walk, &[&[("coin", 1.0)]]);
    let start = oracle.world().start(oracle.level());
    // Into the wall: one step wasted; down: no longer on the line, two steps wasted.
    let expected = [-1.0, 0.0, -1.0, -(1.0 - 0.81) / 0.1];
    for (found, expected) in oracle.advantages(0, &start).into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
    // The same toward the coin's cell as an unnamed target, and toward an ordinary one.
    let reach = oracle.reach(Cell::at(4, 1));
    for (found, expected) in reach.advantages(&start).into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
    let below = oracle.reach(Cell::at(1, 2));
    assert_eq!(below.steps(&start), Some(1));
    assert_eq!(below.advantages(&start)[3], 0.0);
}

#[test]
fn plans_break_ties_as_asked() {
    let level = "#####
                 #@..#
                 #c..#
                 #..x#
                 #####";
    let oracle = solve(level, Movement::Walk, &[&[("exit", 1.0)], &[("coin", 1.0)]]);
    let coin = oracle.world().event("coin").unwrap();
    let met = |tie| oracle.rollout_optimal(0, tie).events.iter().any(|events| events.has(coin));
    assert!(!met(TieBreak::Worst(1)) && met(TieBreak::Best(1)));
    let share = (0..400).filter(|seed| met(TieBreak::Seeded(*seed))).count() as f64 / 400.0;
    assert!((share - oracle.accident_rate(1, 0)).abs() < 0.1, "{share}");
    assert!(oracle.distinguishes(1, 0, 0.5) && !oracle.distinguishes(0, 0, 0.01));
}

#[test]
fn a_goal_on_the_time_left_is_refused() {
    let level = "#####
                 #@..#
                 #...#
                 #...#
                 #####";
    let world = world(level, Movement::Walk);
    let mut weights = vec![0.0; world.event_names().len()];
    weights[world.event("timeout").unwrap()] = -1.0;
    let goal = Goal { name: "haste".to_owned(), weights };
    let error = Oracle::solve(&world, &world.parse(level).unwrap(), &[goal]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "goal `haste` weighs `timeout`, but a goal's value ignores the time left: weigh what the agent does instead"
    );
}
