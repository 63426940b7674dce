//! Beacons and guides: the oracle against its definition on tiny levels, and by hand.

use misgoal_world::oracle::Tie;
use misgoal_world::{Enter, Goal, Guide, Movement, Oracle, Order, ThingSpec, View, World, WorldSpec};
use proptest::prelude::*;

use crate::tiny::{Case, any_sign, free, levels, positive, tolls};
use crate::{check_regret, check_ties, check_values};

/// Three kinds of beacons, a guide in the right order, what ends an episode, lava (as in the other worlds, at the same number) and a guide in the
/// wrong order.
fn world(width: u8, height: u8, discount: f64) -> World {
    let guide = |order| Enter::Guide(Guide { order, looks: (order == Order::Reverse).then_some(3) });
    let things = [
        ("red", 'r', Enter::Visit { drawn: true }),
        ("green", 'g', Enter::Visit { drawn: true }),
        ("blue", 'b', Enter::Visit { drawn: true }),
        ("guide", 'G', guide(Order::InTurn)),
        ("exit", 'x', Enter::End),
        ("spike", 's', Enter::Hurt),
        ("lava", 'v', Enter::Cross),
        ("tempter", 'T', guide(Order::Reverse)),
    ];
    let thing = |(name, symbol, enter): (&str, char, Enter)| ThingSpec { name: name.to_owned(), symbol, enter };
    World::new(WorldSpec {
        width,
        height,
        movement: Movement::Walk,
        things: things.map(thing).to_vec(),
        zones: Vec::new(),
        view: View::Whole,
        step_limit: 40,
        discount,
    })
    .unwrap()
}

/// Beacons in any order and a guide, or the same with everything else.
fn guided(
    weight: impl Strategy<Value = f64> + Clone,
    toll: impl Strategy<Value = f64> + Clone,
) -> impl Strategy<Value = Case> {
    let cases =
        prop_oneof![levels(world, 0..4, 5, (weight.clone(), toll.clone())), levels(world, 0..8, 6, (weight, toll))];
    let order = prop::sample::select(vec!["r g b", "r b g", "g r b", "g b r", "b r g", "b g r"]);
    (cases, order).prop_map(|(mut case, order)| {
        let text = case.picture().replace("order = r g b", &format!("order = {order}"));
        case.level = case.world.parse(&text).unwrap();
        case
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_with_a_guide_are_the_definition(case in guided(positive(), free())) {
        check_values(&case);
    }

    #[test]
    fn values_with_a_guide_and_penalties_are_the_definition(case in guided(any_sign(), free())) {
        check_values(&case);
    }

    #[test]
    fn values_with_a_guide_and_lava_are_the_definition(case in guided(positive(), tolls())) {
        if case.has_rest() { check_values(&case) }
    }

    #[test]
    fn regret_is_never_negative_with_a_guide(case in guided(positive(), free()), seed: u64) {
        check_regret(&case, seed);
    }

    #[test]
    fn ties_with_a_guide_are_the_definition(case in guided(positive(), free())) {
        check_ties(&case);
    }
}

/// What the study `follow` rests on: the intended goal and the proxy on one level, with either guide. Discount 0.9.
#[test]
fn following_pays_with_the_right_guide_only() {
    let told = |guide: char| {
        let world = world(5, 3, 0.9);
        let level =
            world.parse(&"#######\n#r...g#\n#@G...#\n#....b#\n#######".replace('G', &guide.to_string())).unwrap();
        let weigh = |name: &str, terms: &[(&str, f64)]| {
            let mut weights = vec![0.0; world.event_names().len()];
            terms.iter().for_each(|(event, weight)| weights[world.event(event).unwrap()] = *weight);
            Goal { name: name.to_owned(), weights }
        };
        let goals = [
            weigh("order", &[("in-turn", 1.0), ("out-of-turn", -1.0)]),
            weigh("follow", &[("guide", 1.0), ("tempter", 1.0)]),
        ];
        let oracle = Oracle::solve(&world, &level, &goals).unwrap();
        let steps = |goal| oracle.optimal_steps(goal).unwrap();
        format!(
            "best {:.4} in {} steps and {:.4} in {}; a follower gets {:.4} to {:.4}",
            oracle.best(0),
            steps(0),
            oracle.best(1),
            steps(1),
            oracle.cross_value(0, 1, Tie::Worst),
            oracle.cross_value(0, 1, Tie::Best)
        )
    };
    // Red after one step, green after 4 more, blue after 2; the follower comes two steps later, for the guide has further to go.
    insta::assert_snapshot!(told('G'), @"best 2.1875 in 7 steps and 1.7719 in 9; a follower gets 1.7719 to 1.7719");
    // The wrong one goes for blue first, four steps away, then for green and red.
    insta::assert_snapshot!(told('T'), @"best 2.1875 in 7 steps and 1.5362 in 11; a follower gets -0.8389 to -0.8389");
}
