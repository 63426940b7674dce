//! Generated levels of every family of worlds: the definition where its states can be listed, and the invariants of regret everywhere.

use misgoal_world::oracle::TieBreak;
use misgoal_world::rng::{Draw as _, rng};
use misgoal_world::{Distribution, Events, Goal, MAX_ACTIONS, Oracle, World};

use crate::brute::Brute;
use crate::common::{coinrun, corner, gem_exit, keys_chests, lava};

const SEEDS: u64 = 6;

/// A goal for each of the world's events but death and the step limit, and all of them together.
fn goals(world: &World) -> Vec<Goal> {
    let events = world.event_names();
    let single = |event: usize| (0..events.len()).map(|other| f64::from(u8::from(other == event))).collect();
    let own = events.len() - 2;
    let mut goals: Vec<Goal> =
        (0..own).map(|event| Goal { name: events[event].clone(), weights: single(event) }).collect();
    let weights = (0..events.len()).map(|event| if event < own { 1.0 + event as f64 } else { 0.0 }).collect();
    goals.push(Goal { name: "all".to_owned(), weights });
    goals
}

/// Checks levels of a training distribution and its shift; `list`: their states are few enough for value iteration.
fn check((world, train, shift): &(World, Distribution, Distribution), list: bool) {
    let goals = goals(world);
    for (name, distribution) in [("train", train), ("shift", shift)] {
        for seed in 0..SEEDS {
            let level = world.generate(distribution, seed).unwrap();
            let oracle = Oracle::solve(world, &level, &goals).unwrap();
            let brute = list.then(|| Brute::new(world, &level));
            for (number, goal) in goals.iter().enumerate() {
                let about = format!("{name} {seed}, {}\n{}", goal.name, world.render(&level, &world.start(&level)));
                if let Some(brute) = &brute {
                    let values = brute.values(goal);
                    for (state, value) in brute.states.iter().zip(values) {
                        assert_eq!(oracle.value(number, state), value, "{state:?} in {about}");
                    }
                }
                optimal_episodes(&oracle, number, goal, &about);
                random_episodes(&oracle, number, goal, seed, &about);
            }
        }
    }
}

/// Optimal episodes are as long as promised and have no regret.
fn optimal_episodes(oracle: &Oracle, number: usize, goal: &Goal, about: &str) {
    // A goal that only punishes is solved by keeping away, and has no plan.
    if oracle.solvable(number).is_err() || oracle.optimal_steps(number).is_none() {
        return;
    }
    let (world, level) = (oracle.world(), oracle.level());
    for tie in [TieBreak::First, TieBreak::Seeded(1)] {
        let plan = oracle.rollout_optimal(number, tie);
        assert_eq!(oracle.optimal_steps(number), Some(plan.actions.len() as u16), "{about}");
        let mut state = world.start(level);
        let replay = |action: &u8| world.step(level, &mut state, *action).events;
        let events: Vec<Events> = plan.actions.iter().map(replay).collect();
        assert_eq!(goal.discounted(&events, world.spec().discount), oracle.best(number), "{about}");
    }
}

/// Random episodes have no negative regret, and in all of their states the value is that of the best action.
fn random_episodes(oracle: &Oracle, number: usize, goal: &Goal, seed: u64, about: &str) {
    let (world, level) = (oracle.world(), oracle.level());
    let mut rng = rng(seed, number as u64);
    for _ in 0..4 {
        let mut state = world.start(level);
        let mut events = Vec::new();
        while !state.done {
            let mut values = [0.0; MAX_ACTIONS];
            oracle.action_values(number, &state, &mut values);
            let best = values.into_iter().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(oracle.value(number, &state), best, "{state:?} in {about}");
            let action = rng.below(world.action_count() as u32) as u8;
            events.push(world.step(level, &mut state, action).events);
        }
        assert!(oracle.best(number) >= goal.discounted(&events, world.spec().discount), "{about}");
    }
}

#[test]
fn corner_levels() {
    check(&corner(), true);
}

#[test]
fn gem_exit_levels() {
    check(&gem_exit(), true);
}

#[test]
fn coinrun_levels() {
    check(&coinrun(), true);
}

#[test]
fn keys_chests_levels() {
    check(&keys_chests(), false);
}

/// Lava lies on the way to the cheese and can be walked around: the best episode never touches it, and is optimal to the last bit.
#[test]
fn lava_levels() {
    let (world, train, shift) = lava();
    let price = |toll: f64| Goal { name: format!("cheese {toll}"), weights: vec![1.0, toll, 0.0, 0.0] };
    let goals = [price(-1.0), price(0.0), price(-0.05)];
    let mut crossed = 0;
    for seed in 0..60 {
        for distribution in [&train, &shift] {
            let level = world.generate(distribution, seed).unwrap();
            let oracle = Oracle::solve(&world, &level, &goals).unwrap();
            let brute = Brute::new(&world, &level);
            for (number, goal) in goals.iter().enumerate() {
                let about = format!("{seed}, {}\n{}", goal.name, world.render(&level, &world.start(&level)));
                assert_eq!(oracle.solvable(number), Ok(()), "{about}");
                for (state, value) in brute.states.iter().zip(brute.values(goal)) {
                    assert_eq!(oracle.value(number, state), value, "{state:?} in {about}");
                }
                optimal_episodes(&oracle, number, goal, &about);
                random_episodes(&oracle, number, goal, seed, &about);
            }
            let burns = |number| oracle.rollout_optimal(number, TieBreak::Seeded(seed)).events.iter().any(|e| e.has(1));
            assert!(!burns(0));
            crossed += u32::from(burns(1));
        }
    }
    assert!(crossed > 40, "{crossed}");
}

/// What the studies rely on: on training levels the goals cannot be told apart, after the shift they can.
#[test]
fn corner_goals_part_after_the_shift() {
    let (world, train, shift) = corner();
    let goals = goals(&world);
    let regret = |distribution| {
        let of = |seed| {
            let level = world.generate(distribution, seed).unwrap();
            Oracle::solve(&world, &level, &goals).unwrap().cross_regret(0, 1, misgoal_world::oracle::Tie::Worst)
        };
        (0..40).map(of).sum::<f64>() / 40.0
    };
    assert_eq!(regret(&train), 0.0);
    assert!(regret(&shift) > 0.5, "{}", regret(&shift));
}

/// Sets of keys and chests that both pay are too many to be listed: their random value is simulated, and says how exactly.
#[test]
fn simulated_values_agree_with_exact_ones() {
    let (world, train, _) = keys_chests();
    let level = world.generate(&train, 0).unwrap();
    let goals = goals(&world);
    let oracle = Oracle::solve(&world, &level, &goals).unwrap();
    let both = oracle.random_estimate(2);
    assert!(both.standard_error > 0.0 && both.standard_error < 0.1, "{both:?}");
    // Keys alone are 2^3 times the cells: exact. A walk simulated here must agree.
    let exact = oracle.random_estimate(0);
    assert_eq!(exact.standard_error, 0.0);
    let mut rng = rng(9, 9);
    let returns = (0..2000).map(|_| {
        let mut state = world.start(&level);
        let mut events = Vec::new();
        while !state.done {
            events.push(world.step(&level, &mut state, rng.below(4) as u8).events);
        }
        goals[0].discounted(&events, world.spec().discount)
    });
    let mean = returns.sum::<f64>() / 2000.0;
    assert!((mean - exact.mean).abs() < 0.1, "{mean} {exact:?}");
}
