//! Exact trajectories: what each action does, step by step.

use crate::common::{thing, walking};
use misgoal_world::{Enter, Movement, Region, View, World, WorldSpec, ZoneSpec};

/// Plays `actions` (names) and compares where every step ended, what it reported, and whether it was the last (`!`).
fn check(world: &World, level: &str, actions: &str, expect: &str) {
    let level = world.parse(level).unwrap_or_else(|error| panic!("{error}"));
    let mut state = world.start(&level);
    let mut trace = Vec::new();
    for name in actions.split_whitespace() {
        let action = world.action_names().iter().position(|action| *action == name).unwrap();
        let step = world.step(&level, &mut state, action as u8);
        let events: String = step.events.iter().map(|event| format!("+{}", world.event_names()[event])).collect();
        trace.push(format!("{},{}{events}{}", state.cell.x(), state.cell.y(), if step.done { "!" } else { "" }));
    }
    assert_eq!(trace.join(" "), expect);
}

/// A 4 by 3 walking world with every kind of thing.
fn walk() -> World {
    let things = vec![
        thing("key", 'k', Enter::Collect),
        thing("chest", 'h', Enter::Open { key: 0 }),
        thing("exit", 'x', Enter::End),
        thing("fire", 'f', Enter::Hurt),
        thing("lava", 'v', Enter::Cross),
    ];
    let mut spec = walking(4, 3, things);
    spec.zones = vec![ZoneSpec { name: "right".to_owned(), region: Region::RightColumn }];
    spec.step_limit = 9;
    World::new(spec).unwrap()
}

#[test]
fn walls_stop_a_walk() {
    check(
        &walk(),
        "######
         #@.#.#
         #..#.#
         #....#
         ######",
        "left up right right down down down left",
        "1,1 1,1 2,1 2,1 2,2 2,3 2,3 1,3",
    );
}

#[test]
fn an_end_ends_the_episode_and_nothing_happens_after_it() {
    check(
        &walk(),
        "######
         #@x..#
         #....#
         #....#
         ######",
        "right right down",
        "2,1+exit! 2,1! 2,1!",
    );
}

#[test]
fn a_thing_is_collected_once() {
    check(
        &walk(),
        "######
         #@k..#
         #....#
         #....#
         ######",
        "right left right",
        "2,1+key 1,1 2,1",
    );
}

#[test]
fn each_chest_uses_up_a_key() {
    check(
        &walk(),
        "######
         #h@kh#
         #....#
         #....#
         ######",
        "left right right right left left left",
        "1,1 2,1 3,1+key 4,1+chest+right 3,1 2,1 1,1",
    );
}

#[test]
fn what_hurts_is_a_death() {
    check(
        &walk(),
        "######
         #@f..#
         #....#
         #....#
         ######",
        "down right up",
        "1,2 2,2 2,1+fire+death!",
    );
}

#[test]
fn what_is_crossed_reports_every_step_and_stays() {
    check(
        &walk(),
        "######
         #@vv.#
         #....#
         #....#
         ######",
        "right up right left left right",
        "2,1+lava 2,1+lava 3,1+lava 2,1+lava 1,1 2,1+lava",
    );
}

#[test]
fn a_zone_reports_the_first_entry_only() {
    check(
        &walk(),
        "######
         #..@.#
         #....#
         #....#
         ######",
        "right down left right",
        "4,1+right 4,2 3,2 4,2",
    );
}

#[test]
fn the_step_limit_is_a_timeout() {
    check(
        &walk(),
        "######
         #@...#
         #....#
         #....#
         ######",
        "up up up up up up up up up up",
        "1,1 1,1 1,1 1,1 1,1 1,1 1,1 1,1 1,1+timeout! 1,1!",
    );
}

#[test]
fn an_end_at_the_step_limit_is_no_timeout() {
    check(
        &walk(),
        "######
         #@x..#
         #....#
         #....#
         ######",
        "up up up up up up up up right",
        "1,1 1,1 1,1 1,1 1,1 1,1 1,1 1,1 2,1+exit!",
    );
}

#[test]
fn things_on_one_cell_act_in_order_of_their_kinds() {
    check(
        &walk(),
        "######
         #@a..#
         #....#
         #....#
         ######
         a = x + h + k",
        "right",
        "2,1+key+chest+exit!",
    );
}

#[test]
fn a_thing_under_the_start_acts_when_a_step_ends_there() {
    check(
        &walk(),
        "######
         #a...#
         #....#
         #....#
         ######
         a = @ + k",
        "up up right",
        "1,1+key 1,1 2,1",
    );
}

#[test]
fn an_action_that_does_not_exist_lets_time_pass() {
    let world = walk();
    let level = world.parse("######\n#@...#\n#....#\n#....#\n######").unwrap();
    let mut state = world.start(&level);
    assert!(!world.step(&level, &mut state, 200).done);
    assert_eq!((state.cell, state.time), (level.start, 1));
}

/// A 7 by 6 world with gravity, a coin that ends and a gem.
fn platform(jump: u8) -> World {
    let spec = WorldSpec {
        width: 7,
        height: 6,
        movement: Movement::Platform { jump },
        things: vec![thing("coin", 'c', Enter::End), thing("gem", 'g', Enter::Collect)],
        zones: Vec::new(),
        view: View::Whole,
        step_limit: 100,
        discount: 0.99,
    };
    World::new(spec).unwrap()
}

#[test]
fn a_jump_rises_then_falls_a_cell_a_tick() {
    let level = "#########
                 #.......#
                 #.......#
                 #.......#
                 #.......#
                 #.......#
                 #@......#
                 #########";
    check(&platform(2), level, "jump jump stay stay stay", "1,5 1,4 1,5 1,6 1,6");
    check(&platform(3), level, "jump stay stay stay stay stay", "1,5 1,4 1,3 1,4 1,5 1,6");
    check(&platform(1), level, "jump-right stay jump-right right", "2,5 2,6 3,5 4,6");
}

#[test]
fn the_agent_steers_in_the_air() {
    check(
        &platform(2),
        "#########
         #.......#
         #.......#
         #.......#
         #.......#
         #.......#
         #@......#
         #########",
        "jump-right right left stay right right",
        "2,5 3,4 2,5 2,6 3,6 4,6",
    );
}

#[test]
fn a_ceiling_ends_a_jump() {
    check(
        &platform(4),
        "#########
         #.......#
         #.......#
         #.......#
         #.#.....#
         #.......#
         #.@.....#
         #########",
        "jump jump right",
        "2,5 2,5 3,6",
    );
}

#[test]
fn a_jump_of_two_climbs_a_step_of_two() {
    check(
        &platform(2),
        "#########
         #.......#
         #.......#
         #.......#
         #.......#
         #.#.....#
         #@#.....#
         #########",
        "jump-right right right right right",
        "1,5 2,4 3,4 4,5 5,6",
    );
}

#[test]
fn a_jump_of_two_crosses_three_cells_and_not_four() {
    check(
        &platform(2),
        "#########
         #.......#
         #.......#
         #.......#
         #@......#
         ##...####
         ##^^^####
         #########",
        "jump-right right right right right",
        "2,3 3,2 4,3 5,4 6,4",
    );
    check(
        &platform(2),
        "#########
         #.......#
         #.......#
         #.......#
         #@......#
         ##....###
         ##^^^^###
         #########",
        "jump-right right right right right right",
        "2,3 3,2 4,3 5,4 5,5 5,6+death!",
    );
}

#[test]
fn a_fall_past_a_thing_takes_only_what_a_tick_ends_on() {
    check(
        &platform(2),
        "#########
         #.......#
         #@......#
         ##......#
         #.g.....#
         #.......#
         #.......#
         #########",
        "right stay stay left",
        "2,2 2,3 2,4+gem 1,5",
    );
}

#[test]
fn spikes_kill_and_can_be_jumped() {
    let level = "#########
                 #.......#
                 #.......#
                 #.......#
                 #.......#
                 #.......#
                 #@^..c..#
                 #########";
    check(&platform(1), level, "right", "2,6+death!");
    check(&platform(1), level, "jump-right right right right", "2,5 3,6 4,6 5,6+coin!");
}
