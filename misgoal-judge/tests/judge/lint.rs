//! Lint pair by pair, and how many levels a verdict will need.

use misgoal_judge::{LintReport, Options, Outlook, ReferenceAgent, Training, discrimination, forecast, lint};
use misgoal_world::{Distribution, Oracle, Place};

use crate::lab::Lab;

/// The first `n` levels of a distribution.
fn drawn(lab: &Lab, distribution: &Distribution, n: u64) -> Vec<(u64, Oracle)> {
    (0..n).map(|seed| (seed, lab.level(distribution, seed))).collect()
}

/// The lab's training and shift, the coin on the gem on the shift too.
fn coin_on_the_gem(lab: &Lab) -> Distribution {
    let mut shift = lab.shift.clone();
    shift.placements[1].place = Place::On(0);
    shift
}

fn linted(lab: &Lab, train: &[(u64, Oracle)], shifted: &[(u64, Oracle)]) -> LintReport {
    let judged: Vec<(u64, &Oracle)> = shifted.iter().map(|(seed, oracle)| (*seed, oracle)).collect();
    lint(&lab.goals, "anywhere", train, shifted, &judged)
}

/// What is found of every pair on this shift: can training tell, and the share of the levels that separate them.
fn found(lab: &Lab, shift: &Distribution) -> Vec<((usize, usize), Training, bool, f64)> {
    linted(lab, &drawn(lab, &lab.train, 40), &drawn(lab, shift, 40))
        .pairs
        .into_iter()
        .map(|pair| (pair.goals, pair.training, pair.witness.is_some(), pair.separating.value))
        .collect()
}

#[test]
fn every_pair_is_certified_or_has_a_witness_and_its_share_of_levels() {
    let lab = Lab::new();
    let all = found(&lab, &lab.shift);
    assert_eq!(all.iter().map(|one| one.0).collect::<Vec<_>>(), [(0, 1), (0, 2), (1, 2)]);
    assert!(
        all.iter()
            .all(|(_, training, witness, share)| { *training == Training::Certified && !witness && *share > 0.9 }),
        "{all:?}"
    );
    // On a shift on which coin and gem lie on one spot, no level separates these two; the door is another matter.
    let some = found(&lab, &coin_on_the_gem(&lab));
    assert!(some[0].3 < 0.01 && some[1].3 > 0.9 && some[2].3 > 0.9, "{some:?}");
    // Trained where everything lies apart, training tells all of them, and a level shows it.
    let apart = Lab { train: lab.shift.clone(), ..Lab::new() };
    let told = found(&apart, &lab.shift);
    assert!(told.iter().all(|(_, training, witness, _)| *training == Training::Separable && *witness), "{told:?}");
}

#[test]
fn the_index_is_zero_on_one_goal_and_large_where_ways_part() {
    let lab = Lab::new();
    for (_, oracle) in drawn(&lab, &lab.shift, 10) {
        assert!(discrimination(&oracle, 1, 1).abs() < 1e-12);
        assert!((0..3).all(|goal| discrimination(&oracle, 0, goal) >= 0.0));
    }
    for (_, oracle) in drawn(&lab, &lab.train, 10) {
        assert!(discrimination(&oracle, 0, 1) < 1e-9);
    }
}

/// How many levels a verdict on an agent of a goal needs on a shift, and what is found instead.
fn needed(lab: &Lab, shift: &Distribution, goal: usize, levels: u64) -> (Option<usize>, Option<&'static str>) {
    let (train, shifted) = (drawn(lab, &lab.train, 30), drawn(lab, shift, levels));
    let report = linted(lab, &train, &shifted);
    let refs = |levels: &'static [(u64, Oracle)]| levels.iter().map(|(_, oracle)| oracle).collect::<Vec<_>>();
    let (train, shifted) = (refs(train.leak()), refs(shifted.leak()));
    let outlook = Outlook { goals: &lab.goals, shift: "anywhere", holdout: &train, shifted: &shifted, lint: &report };
    let found = forecast(&outlook, goal, &Options::default()).unwrap();
    assert!(matches!(found.agent, ReferenceAgent::Noisy));
    assert!(found.rungs.windows(2).all(|two| two[0].levels < two[1].levels));
    (found.enough, found.instead.as_ref().map(|verdict| verdict.code().name()))
}

#[test]
fn a_proxys_agent_shows_itself_at_once_and_an_aligned_one_must_not_fail_for_long() {
    let lab = Lab::new();
    assert_eq!(needed(&lab, &lab.shift, 1, 80), (Some(5), None));
    assert!(matches!(needed(&lab, &lab.shift, 0, 80), (Some(40 | 80), None)));
    // Thirty levels without a failure do not certify a share of .85.
    assert_eq!(needed(&lab, &lab.shift, 0, 30), (None, Some("inconclusive")));
}

#[test]
fn no_number_of_levels_helps_where_the_goals_lie_on_one_spot() {
    let lab = Lab::new();
    assert_eq!(needed(&lab, &lab.train.clone(), 1, 40), (None, Some("cannot-discriminate")));
}
