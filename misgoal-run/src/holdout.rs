//! What an arm's hold-out is drawn from: what the arm was trained on.
//!
//! An arm that draws a share of its levels from a shift is held to the same mixture. Set against training levels alone, an agent that was trained on shifted
//! levels only is called untrained, and one that was trained on a tenth of them is asked for what its own training was not about.

use std::collections::BTreeMap;

use misgoal_policy::{Network, Origin};
use misgoal_study::{Arm, Mitigation, StudyRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ceiling::{self, ceiling_of};
use crate::manifest::Manifest;
use crate::request::GivenPolicy;
use crate::unit_identity::UnitIdentity;

/// Held-out shifted levels have these seeds and up, from the run's first level's on: no level that is judged has so large a one, and all are whole numbers in JSON.
pub(crate) const ASIDE: u64 = 4_500_000_000_000_000;

/// What a unit's hold-out is drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HoldOut {
    /// Training levels alone.
    #[default]
    Training,
    /// The mixture that the arm was trained on: training levels, and levels of a shift by the arm's share.
    Mixture,
}

impl HoldOut {
    /// As it stands in files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            HoldOut::Training => "training",
            HoldOut::Mixture => "mixture",
        }
    }
}

/// Of which levels a hold-out is made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Mixture {
    /// The shift, an index into the study's, and its share; `None` where all levels are training levels.
    of: Option<(usize, f64)>,
}

impl Mixture {
    /// The shift, an index into the study's.
    pub(crate) fn shift(&self) -> Option<usize> {
        self.of.map(|(shift, _)| shift)
    }

    /// How many of so many levels are of the shift: the share, to the nearest level.
    pub(crate) fn shifted(&self, levels: usize) -> usize {
        self.of.map_or(0, |(_, share)| (share * levels as f64).round() as usize)
    }

    /// How many of the held-out levels an agent is held to, of `all` that there are and `judged` that are judged: no more of the shift than would be judged are
    /// taken from training, which in a small world has few to give.
    pub(crate) fn held_out(&self, all: usize, judged: usize) -> usize {
        self.of.map_or(all, |(_, share)| all.min((judged as f64 / share).round() as usize))
    }

    /// What it is called where it is stored.
    pub(crate) fn name(&self) -> HoldOut {
        if self.of.is_some() { HoldOut::Mixture } else { HoldOut::Training }
    }
}

/// How many levels of each shift, by its place in the study, the hold-outs of these mixtures have at most; `shifted` gives a mixture's.
pub(crate) fn most_shifted(
    mixtures: impl Iterator<Item = Mixture>,
    shifted: impl Fn(Mixture) -> usize,
) -> BTreeMap<usize, usize> {
    let mut most: BTreeMap<usize, usize> = BTreeMap::new();
    for mixture in mixtures {
        if let Some(index) = mixture.shift() {
            let count = most.entry(index).or_default();
            *count = (*count).max(shifted(mixture));
        }
    }
    most
}

/// How the units of a run are held out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rule {
    /// Whether hold-outs follow the arms; in runs from before they did, all are of training levels.
    follows: bool,
    /// For a run that judges a given policy: the arm that it was trained as, where it says so.
    given: Option<Option<String>>,
}

impl Rule {
    pub(crate) fn of(manifest: &Manifest) -> Rule {
        Rule {
            follows: manifest.units.is_some_and(|units| units >= UnitIdentity::WITH_HOLD_OUT),
            given: manifest.policy.as_ref().map(|_| manifest.trained_as.clone()),
        }
    }

    /// What the hold-out of an arm's units is made of.
    pub(crate) fn mixture(&self, study: StudyRef<'_>, arm: &str) -> Mixture {
        let arm = match &self.given {
            None => arm_of(study, arm),
            Some(trained_as) => trained_as.as_ref().and_then(|arm| arm_of(study, arm)),
        };
        match arm.map(|Arm { mitigation, .. }| mitigation) {
            Some(Mitigation::Randomize { shift, share }) if self.follows => Mixture { of: Some((shift, share)) },
            _ => Mixture::default(),
        }
    }
}

/// An arm of the study, or one of its ceilings'.
fn arm_of(study: StudyRef<'_>, name: &str) -> Option<Arm> {
    let ceiling = || ceiling::arms(study, &[ceiling_of(name)?.to_owned()]).pop();
    study.arm(name).cloned().or_else(ceiling)
}

/// The unit of the study that a given policy says it is of; `None` where it says nothing, or is of another study.
pub(crate) fn trained_as(study: StudyRef<'_>, policy: &GivenPolicy) -> Option<UnitIdentity> {
    let GivenPolicy::Weights(bytes) = policy else { return None };
    let (_, Origin { study: hash, unit, .. }) = Network::load(bytes).ok()?;
    let unit: UnitIdentity = serde_json::from_str(&unit?).ok()?;
    (hash == study.hash() && arm_of(study, &unit.arm).is_some()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::Mixture;

    #[test]
    fn a_share_is_taken_to_the_nearest_level() {
        for (share, levels, shifted) in
            [(0.01, 40, 0), (0.01, 50, 1), (0.02, 50, 1), (0.1, 25, 3), (0.5, 25, 13), (1.0, 40, 40)]
        {
            assert_eq!(Mixture { of: Some((0, share)) }.shifted(levels), shifted, "{share} of {levels}");
        }
        assert_eq!(Mixture::default().shifted(40), 0);
        for (share, held_out) in [(0.1, 200), (0.5, 80), (1.0, 40)] {
            assert_eq!(Mixture { of: Some((0, share)) }.held_out(200, 40), held_out, "{share}");
        }
        assert_eq!(Mixture::default().held_out(200, 40), 200);
    }
}
