//! The judge on agents that no component describes. Expected before it ran: none called stereotyped that a goal still draws, none called incapable that
//! shuns the goal, and no verdict both wrong and confident.

use std::collections::BTreeMap;

use misgoal_judge::{Options, Verdict};
use misgoal_world::rng::mix;

use crate::lab::Lab;
use crate::outsiders::{Outsider, record};
use crate::parallel::in_parallel;

/// How often each verdict was given to `runs` agents of a kind, the right ones, the wrong ones, and the mean attainment of the goal on the shift.
pub struct Tally {
    pub codes: BTreeMap<String, usize>,
    pub right: usize,
    pub wrong: usize,
    pub attained: f64,
}

pub fn judged(lab: &Lab, kind: &Outsider, levels: usize, runs: usize, seed: u64) -> Tally {
    let judgements = in_parallel(runs, |number| {
        let seed = mix(seed ^ mix(number as u64));
        let holdout = record(lab, &lab.train, 25, mix(seed ^ 1), kind.trained);
        let shifted = record(lab, &lab.shift, levels, mix(seed ^ 2), kind.shifted);
        lab.judge(&holdout, &shifted, 0, &Options { seed, ..Options::default() })
    });
    let mut tally = Tally { codes: BTreeMap::new(), right: 0, wrong: 0, attained: 0.0 };
    for judgement in &judgements {
        let code = match &judgement.verdict {
            Verdict::Inconclusive { reason, .. } => format!("? {}", reason.code()),
            Verdict::Misgeneralization { toward, .. } => format!("toward {toward}"),
            other => other.code().name().to_owned(),
        };
        *tally.codes.entry(code).or_insert(0) += 1;
        let open = matches!(judgement.verdict, Verdict::Inconclusive { .. });
        tally.right += usize::from((kind.right)(&judgement.verdict));
        tally.wrong += usize::from(!open && !(kind.right)(&judgement.verdict));
        tally.attained += judgement.attainment[0].value / runs as f64;
    }
    tally
}

#[test]
fn agents_outside_the_components_are_not_named_wrongly() {
    let lab = Lab::new();
    for kind in crate::outsiders::OUTSIDERS {
        let tally = judged(&lab, kind, 40, 4, 17);
        assert_eq!(tally.wrong, 0, "{}: {:?}", kind.name, tally.codes);
        let least = match kind.name {
            "cannot go left anywhere" | "right on two thirds of the levels" | "nearest of any goal" => 1,
            _ => 3,
        };
        assert!(tally.right >= least, "{}: {:?}", kind.name, tally.codes);
    }
}
