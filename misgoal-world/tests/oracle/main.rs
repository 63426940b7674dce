//! The oracle against its definition on tiny levels, and by hand on levels that one can check by looking.
#![cfg(test)]

mod brute;
mod by_hand;
#[path = "../world/common.rs"]
mod common;
mod families;
mod guided;
mod tiny;

use brute::Brute;
use misgoal_world::oracle::{Tie, TieBreak, WORST_ADVANTAGE};
use misgoal_world::rng::{Draw as _, rng};
use misgoal_world::{Events, MAX_ACTIONS, Movement, Oracle};
use proptest::prelude::*;
use tiny::{ANY, Case, HOT, LAVA, LOCKS, any_sign, cases, free, positive, tolls};

/// Values, action values and advantages of every state that an episode can reach equal the definition's, to the last bit.
fn check_values(case: &Case) {
    let oracle = Oracle::solve(&case.world, &case.level, &case.goals).unwrap();
    let brute = Brute::new(&case.world, &case.level);
    for (number, goal) in case.goals.iter().enumerate() {
        let values = brute.values(goal);
        assert_eq!(oracle.best(number), values[0], "goal {number} from the start\n{}", case.picture());
        for (at, state) in brute.states.iter().enumerate() {
            assert_eq!(oracle.value(number, state), values[at], "goal {number} in {state:?}\n{}", case.picture());
            let mut found = [0.0; MAX_ACTIONS];
            oracle.action_values(number, state, &mut found);
            let expected = brute.action_values(goal, &values, at);
            assert_eq!(found[..expected.len()], expected, "goal {number} in {state:?}\n{}", case.picture());
            for (advantage, value) in oracle.advantages(number, state).into_iter().zip(expected) {
                assert_eq!(advantage == 0.0, value == values[at], "goal {number} in {state:?}\n{}", case.picture());
                assert!((WORST_ADVANTAGE..=0.0).contains(&advantage));
            }
        }
    }
}

/// The values of every state that an episode can reach are the definition's up to rounding: where it pays to go round for ever, or one must.
fn check_nearly(case: &Case) {
    let oracle = Oracle::solve(&case.world, &case.level, &case.goals).unwrap();
    let mut brute = Brute::new(&case.world, &case.level);
    brute.tolerance = 1e-13;
    for (number, goal) in case.goals.iter().enumerate() {
        for (state, value) in brute.states.iter().zip(brute.values(goal)) {
            let found = oracle.value(number, state);
            assert!(
                (found - value).abs() < 1e-9,
                "goal {number} in {state:?}: {found}, not {value}\n{}",
                case.picture()
            );
        }
    }
}

/// Optimal episodes, however ties are broken, return the optimum to the last bit; no random episode returns more.
fn check_regret(case: &Case, seed: u64) {
    let oracle = Oracle::solve(&case.world, &case.level, &case.goals).unwrap();
    let discount = case.world.spec().discount;
    for (number, goal) in case.goals.iter().enumerate() {
        let best = oracle.best(number);
        if oracle.optimal_steps(number).is_some_and(|steps| steps <= case.world.spec().step_limit) {
            assert_eq!(oracle.solvable(number), Ok(()));
            for tie in [TieBreak::First, TieBreak::Seeded(seed), TieBreak::Worst(0), TieBreak::Best(0)] {
                let plan = oracle.rollout_optimal(number, tie);
                assert_eq!(goal.discounted(&plan.events, discount), best, "{tie:?}\n{}", case.picture());
                // With a toll a detour may be worth exactly what it saves.
                let alike = goal.weights[LAVA] == 0.0 || tie == TieBreak::First;
                let steps = Some(plan.actions.len() as u16);
                assert!(!alike || steps == oracle.optimal_steps(number), "{}", case.picture());
            }
        }
        let mut rng = rng(seed, number as u64);
        for _ in 0..20 {
            let mut state = case.world.start(&case.level);
            let mut events: Vec<Events> = Vec::new();
            while !state.done {
                let action = rng.below(case.world.action_count() as u32) as u8;
                events.push(case.world.step(&case.level, &mut state, action).events);
            }
            let regret = best - goal.discounted(&events, discount);
            // Cut off before it had paid its way out: the one exception.
            let owes = oracle.value(number, &misgoal_world::State { done: false, ..state }) < 0.0;
            assert!(regret >= 0.0 || owes, "goal {number}: regret {regret}\n{}", case.picture());
        }
    }
}

/// What optimal policies of one goal get of another equals the definition's.
fn check_ties(case: &Case) {
    let oracle = Oracle::solve(&case.world, &case.level, &case.goals).unwrap();
    let brute = Brute::new(&case.world, &case.level);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (j, by) in case.goals.iter().enumerate() {
        let values = brute.values(by);
        for (i, of) in case.goals.iter().enumerate() {
            let about = format!("of {i} by {j}\n{}", case.picture());
            let worst = brute.restricted(of, by, &values, false, least)[0];
            assert_eq!(oracle.cross_value(i, j, Tie::Worst), worst, "worst {about}");
            let best = brute.restricted(of, by, &values, false, most)[0];
            assert_eq!(oracle.cross_value(i, j, Tie::Best), best, "best {about}");
            let even = brute.restricted(of, by, &values, true, mean)[0];
            assert!((oracle.cross_value(i, j, Tie::Uniform) - even).abs() < 1e-12, "uniform {about}");
            let accident = brute.accident(of, by, &values);
            assert!((oracle.accident_rate(i, j) - accident).abs() < 1e-12, "accident {about}");
        }
        let random = brute.random(by, case.world.spec().step_limit);
        assert!((oracle.random(j) - random).abs() < 1e-12, "random {j}\n{}", case.picture());
        assert_eq!(oracle.random_estimate(j).standard_error, 0.0);
    }
}

/// What a goal that pays for crossing lava gets of policies that are optimal for goals that do not care.
fn check_careless(mut case: Case) {
    for goal in case.goals.iter_mut().skip(1) {
        goal.weights[LAVA] = 0.0;
    }
    let oracle = Oracle::solve(&case.world, &case.level, &case.goals).unwrap();
    let mut brute = Brute::new(&case.world, &case.level);
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for j in 1..case.goals.len() {
        brute.tolerance = 0.0;
        let values = brute.values(&case.goals[j]);
        brute.tolerance = 1e-12;
        for (tie, pick) in [(Tie::Worst, least as fn(&[f64]) -> f64), (Tie::Best, most)] {
            let expected = brute.restricted(&case.goals[0], &case.goals[j], &values, false, pick)[0];
            let found = oracle.cross_value(0, j, tie);
            assert!((found - expected).abs() < 1e-6, "{tie:?} by {j}: {found}, not {expected}\n{}", case.picture());
        }
    }
    let random = brute.random(&case.goals[0], case.world.spec().step_limit);
    assert!((oracle.random(0) - random).abs() < 1e-12, "random\n{}", case.picture());
    let baseline = if oracle.best(0) > 0.0 { random.max(0.0) } else { random };
    assert!((oracle.baseline(0) - baseline).abs() < 1e-12, "baseline\n{}", case.picture());
}

/// The distance to every cell is that of a search forwards, and where a step is not wasted the advantage is 0.
fn check_reach(case: &Case) {
    let oracle = Oracle::solve(&case.world, &case.level, &[]).unwrap();
    let brute = Brute::new(&case.world, &case.level);
    for target in brute.states.iter().map(|state| state.cell).collect::<std::collections::BTreeSet<_>>() {
        let reach = oracle.reach(target);
        let steps = brute.steps(target);
        for (at, state) in brute.states.iter().enumerate() {
            assert_eq!(reach.steps(state), steps[at], "{target:?} from {state:?}\n{}", case.picture());
            let Some(away) = steps[at].filter(|steps| *steps > 0) else { continue };
            for ((_, next), advantage) in brute.edges[at].iter().zip(reach.advantages(state)) {
                let onward = next.and_then(|next| steps[next]);
                assert_eq!(onward == Some(away - 1), advantage == 0.0, "{target:?} from {state:?}\n{}", case.picture());
            }
        }
    }
}

const PLATFORM: Movement = Movement::Platform { jump: 2 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn walking_values_are_the_definition(case in cases(Movement::Walk, ANY, 7, positive(), free())) {
        check_values(&case);
    }

    #[test]
    fn values_of_locks_are_the_definition(case in cases(Movement::Walk, LOCKS, 8, positive(), free())) {
        check_values(&case);
    }

    #[test]
    fn walking_values_with_penalties_are_the_definition(case in cases(Movement::Walk, ANY, 5, any_sign(), free())) {
        check_values(&case);
    }

    #[test]
    fn platform_values_are_the_definition(case in cases(PLATFORM, ANY, 5, positive(), free())) {
        check_values(&case);
    }

    #[test]
    fn platform_values_with_penalties_are_the_definition(case in cases(PLATFORM, ANY, 5, any_sign(), free())) {
        check_values(&case);
    }

    #[test]
    fn values_with_lava_are_the_definition(case in cases(Movement::Walk, ANY, 7, positive(), tolls())) {
        if case.has_rest() { check_values(&case) }
    }

    #[test]
    fn values_with_much_lava_are_the_definition(case in cases(Movement::Walk, HOT, 9, positive(), tolls())) {
        if case.has_rest() { check_values(&case) }
    }

    #[test]
    fn regret_is_never_negative_with_lava(case in cases(Movement::Walk, HOT, 8, positive(), tolls()), seed: u64) {
        if case.has_rest() { check_regret(&case, seed) }
    }

    #[test]
    fn regret_is_never_negative(case in cases(Movement::Walk, ANY, 7, positive(), free()), seed: u64) {
        check_regret(&case, seed);
    }

    #[test]
    fn regret_is_never_negative_on_platforms(case in cases(PLATFORM, ANY, 5, positive(), free()), seed: u64) {
        check_regret(&case, seed);
    }

    #[test]
    fn distances_are_those_of_a_search(case in cases(Movement::Walk, LOCKS, 2, positive(), free())) {
        check_reach(&case);
    }

    #[test]
    fn distances_are_those_of_a_search_on_platforms(case in cases(PLATFORM, LOCKS, 2, positive(), free())) {
        check_reach(&case);
    }

    #[test]
    fn ties_are_the_definition(case in cases(Movement::Walk, ANY, 5, positive(), free())) {
        check_ties(&case);
    }

    #[test]
    fn ties_are_the_definition_on_platforms(case in cases(PLATFORM, ANY, 4, positive(), free())) {
        check_ties(&case);
    }
}

proptest! {
    // Value iteration goes round for ever too, as long as the discount is near 1.
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_are_the_definition_where_one_burns_for_ever(case in cases(Movement::Walk, HOT, 16, any_sign(), tolls())) {
        check_nearly(&case);
    }

    #[test]
    fn platform_values_with_lava_are_the_definition(case in cases(PLATFORM, HOT, 8, any_sign(), tolls())) {
        check_nearly(&case);
    }

    #[test]
    fn ties_of_the_careless_are_the_definition(case in cases(Movement::Walk, HOT, 6, positive(), tolls())) {
        check_careless(case);
    }
}
