//! What follows from the step at which the goals part.

use misgoal_judge::{Compounding, Trial, compounding};
use misgoal_policy::scripted::Script;

use crate::lab::Lab;

/// What follows for an agent of one script, against the first proxy.
fn check(script: Script) -> Compounding {
    let lab = Lab::new();
    let episodes = lab.record(&lab.shift, 60, 11, |_| script);
    let trials: Vec<Trial<'_>> = episodes.iter().map(|(oracle, actions)| Trial { oracle, actions }).collect();
    let found = compounding(&lab.goals, &trials).unwrap();
    let one = found.into_iter().find(|one| one.proxy == 1).unwrap();
    let episodes: usize = one.by_step.iter().map(|group| group.episodes).sum();
    assert_eq!(episodes, (one.parted.value * 60.0).round() as usize, "every parted episode is in one group");
    assert!(one.by_step.windows(2).all(|pair| pair[0].from <= pair[1].from), "groups go forward in time");
    one
}

#[test]
fn an_optimal_agent_never_turns_wrong_and_loses_nothing() {
    let found = check(Script::Optimal { goal: 0 });
    assert_eq!(found.wrong_turn.value, 0.0);
    assert_eq!(found.loss_after_right.value, 0.0);
    assert!(found.loss_after_wrong.value.is_nan() && found.recovered.value.is_nan(), "nothing to look at");
}

#[test]
fn an_agent_of_the_proxy_turns_wrong_at_once_and_loses_what_a_right_turn_keeps() {
    let proxy = check(Script::Optimal { goal: 1 });
    assert_eq!(proxy.wrong_turn.value, 1.0);
    assert!(proxy.loss_after_wrong.low > 0.5, "{proxy:?}");
    let noisy = check(Script::Noisy { goal: 0, epsilon: 0.2 });
    assert!(noisy.wrong_turn.value < 0.4, "{noisy:?}");
    assert!(noisy.recovered.value > 0.8, "a slip is made good: {noisy:?}");
    assert!(noisy.cascade.value < proxy.cascade.value, "a slip does not lead on, a wrong goal does");
}
