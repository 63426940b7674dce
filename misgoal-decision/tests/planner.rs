//! The planner against brute force: all ways through a case, one after the other.
#![cfg(test)]

mod lab;

use lab::{Shop, shop};
use misgoal_decision::{Solved, Tie};
use proptest::prelude::*;

/// Every episode of a case as its choices.
fn ways(shop: &Shop, row: &[f64], turn: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for option in 0..3u8 {
        let (after, over) = shop.world.choose(row, usize::from(option), turn);
        let rest = if over { vec![Vec::new()] } else { ways(shop, &after, turn + 1) };
        all.extend(rest.into_iter().map(|mut way| {
            way.insert(0, option);
            way
        }));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_best_way_is_the_best_of_all(seed in 0u64..10_000, turns in 1usize..4) {
        let shop = shop(turns);
        let case = shop.world.draw(&shop.days, seed).unwrap();
        let solved = Solved::new(&shop.world, &shop.goals, case.clone()).unwrap();
        let all = ways(&shop, &case.row, 0);
        for goal in 0..2 {
            let gains: Vec<f64> = all.iter().map(|way| solved.gained(goal, way)).collect();
            let most = gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // To the last bit: regret is exactly 0 for the best, and negative for nobody.
            prop_assert_eq!(solved.best(goal), most);
            let chance: f64 = all.iter().zip(&gains).map(|(way, gain)| gain * 3f64.powi(-(way.len() as i32))).sum();
            prop_assert!((solved.random(goal) - chance).abs() < 1e-9);
        }
        // Who pursues the intended goal loses nothing; other goals lose between nothing and all that there is to lose.
        prop_assert!(solved.cross_regret(0, 0, Tie::Worst).abs() < 1e-9);
        let (best, worst) = (solved.cross_regret(0, 1, Tie::Best), solved.cross_regret(0, 1, Tie::Worst));
        prop_assert!(0.0 <= best && best <= worst, "{} {}", best, worst);
    }

    #[test]
    fn preferred_options_lose_nothing(seed in 0u64..10_000) {
        let shop = shop(3);
        let solved = Solved::new(&shop.world, &shop.goals, shop.world.draw(&shop.days, seed).unwrap()).unwrap();
        for moment in solved.moments() {
            for goal in 0..2 {
                let advantages = solved.advantages(moment, goal);
                let preferred = solved.preferred(moment, goal);
                prop_assert!(!preferred.is_empty());
                for (option, advantage) in advantages.iter().enumerate().take(3) {
                    prop_assert!(*advantage <= 0.0);
                    prop_assert_eq!(*advantage > -1e-9, preferred.contains(&option));
                }
            }
        }
    }
}

#[test]
fn an_early_end_is_an_end() {
    let shop = shop(3);
    let solved = Solved::new(&shop.world, &shop.goals, shop.world.draw(&shop.days, 5).unwrap()).unwrap();
    assert_eq!(solved.episode(&[2, 1, 1]).len(), 1, "`leave` ends the case");
    assert_eq!(solved.episode(&[0, 0, 0, 0]).len(), 3, "the third turn is the last");
    assert_eq!(solved.gained(0, &[2, 1]), 0.0);
}
