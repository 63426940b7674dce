//! Agents that pursue a wrong goal on training levels already, which loses there what it loses on the shift.

use misgoal_judge::{Evidence, Options, ShiftJudgement, Trial, Verdict, judge};
use misgoal_policy::scripted::Script;

use crate::lab::{Lab, Recorded};

const COIN: Script = Script::Noisy { goal: 1, epsilon: 0.05 };
const GEM: Script = Script::Noisy { goal: 0, epsilon: 0.05 };

fn trials(episodes: &[Recorded]) -> Vec<Trial<'_>> {
    episodes.iter().map(|(oracle, actions)| Trial { oracle, actions }).collect()
}

/// The judgement of an agent of one script, of whose forty held-out training levels so many tell the goals apart.
fn judged(script: Script, apart: usize, trained_on: usize, rehearsed: &[Recorded]) -> ShiftJudgement {
    let lab = Lab::new();
    let mut holdout = lab.record(&lab.train, 40 - apart, 1, |_| script);
    holdout.extend(lab.record(&lab.shift, apart, 2, |_| script));
    let shifted = lab.record(&lab.shift, 40, 3, |_| script);
    let evidence = Evidence {
        goals: &lab.goals,
        trained_on,
        shift: "anywhere",
        holdout: &trials(&holdout),
        shifted: &trials(&shifted),
        probe: &[],
        rehearsed: &trials(rehearsed),
        ceiling: None,
        levels_generated: 40,
        lint: None,
    };
    judge(&evidence, &Options::default()).unwrap()
}

fn toward(judgement: &ShiftJudgement) -> Option<usize> {
    match judgement.verdict {
        Verdict::Misgeneralization { toward, .. } => Some(toward),
        _ => None,
    }
}

#[test]
fn a_wrong_goal_in_training_is_named() {
    // The goals part on two of five training levels: the agent attains about .6 there, which is no less than on such levels of the shift.
    for apart in [10, 16, 24, 40] {
        let judgement = judged(COIN, apart, 0, &[]);
        assert_eq!(
            (toward(&judgement), judgement.in_training),
            (Some(1), Some(1)),
            "{apart}: {}",
            judgement.sentence()
        );
    }
    // Where the goals never part in training it is what the shift shows.
    let judgement = judged(COIN, 0, 0, &[]);
    assert_eq!((toward(&judgement), judgement.in_training), (Some(1), None));
}

#[test]
fn a_rewarded_wrong_goal_is_a_misspecified_reward_whatever_the_way_attains() {
    for apart in [16, 40] {
        assert_eq!(judged(COIN, apart, 1, &[]).verdict, Verdict::RewardMisspecification, "{apart}");
    }
}

#[test]
fn noise_and_lack_of_training_are_no_wrong_goal() {
    for script in [GEM, Script::Noisy { goal: 0, epsilon: 0.4 }, Script::Random, Script::Habit] {
        let judgement = judged(script, 16, 0, &[]);
        assert_eq!((toward(&judgement), judgement.in_training), (None, None), "{script:?}: {}", judgement.sentence());
    }
    assert_eq!(judged(Script::Random, 16, 0, &[]).verdict, Verdict::Undertrained);
}

#[test]
fn overfitting_needs_a_gap() {
    let lab = Lab::new();
    let gem = lab.record(&lab.train, 25, 7, |_| GEM);
    let clumsy = Script::Noisy { goal: 0, epsilon: 0.8 };
    assert!(!judged(GEM, 0, 0, &gem).overfitted);
    assert!(judged(clumsy, 0, 0, &gem).overfitted);
    assert!(!judged(clumsy, 0, 0, &lab.record(&lab.train, 25, 8, |_| clumsy)).overfitted);
}
