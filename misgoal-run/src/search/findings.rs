//! A search's record, put together from what its stages found: the same for levels and cases.

use std::collections::BTreeMap;

use misgoal_stats::{beta, quantile};
use misgoal_study::StudyRef;

use super::record::{
    CounterexampleRecord, FamilyRecord, IdentifyRecord, PrevalenceRecord, ProposalRecord, SearchRecord, VariationRecord,
};
use crate::assemble::{VERSION, study_record};
use crate::record::{FORMAT, Interval};

/// Levels that were tried, and failures among them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried {
    pub(crate) levels: u32,
    /// Distinct levels that fail.
    pub(crate) failures: usize,
    /// Training levels that they are edits of.
    pub(crate) bases: usize,
}

/// A minimal counterexample and its sort.
pub(crate) struct Turned {
    /// The sorts of its edits, in words.
    pub(crate) sorts: Vec<String>,
    /// The proxy that is attained instead.
    pub(crate) instead: Option<usize>,
    pub(crate) record: CounterexampleRecord,
}

/// What the stages found.
pub(crate) struct Findings {
    /// What is played: `level` or `case`.
    pub(crate) unit: &'static str,
    /// The policy's name.
    pub(crate) policy: String,
    pub(crate) seed: u64,
    /// Stage R.
    pub(crate) prevalence: Vec<PrevalenceRecord>,
    /// Stage I.
    pub(crate) identified: Vec<IdentifyRecord>,
    /// Stage F.
    pub(crate) found: Tried,
    /// As many training levels with random edits.
    pub(crate) random: Tried,
    /// Random levels of the shifts.
    pub(crate) drawn: Tried,
    pub(crate) undeclared: Vec<VariationRecord>,
    pub(crate) proposal: Option<ProposalRecord>,
    pub(crate) turned: Vec<Turned>,
}

impl Findings {
    /// The record, with the smallest counterexamples first.
    pub(crate) fn record(mut self, study: StudyRef<'_>) -> SearchRecord {
        let Findings { found, random, drawn, .. } = self;
        self.turned.sort_by_key(|one| (one.record.edits.len(), one.record.training_seed));
        SearchRecord {
            format: FORMAT,
            misgoal: VERSION.to_owned(),
            study: study_record(study),
            unit: self.unit.to_owned(),
            policy: self.policy,
            seed: self.seed,
            prevalence: self.prevalence,
            identified: self.identified,
            evaluations: found.levels,
            failures: found.failures as u32,
            failing_training_levels: found.bases as u32,
            random_failures: random.failures as u32,
            random_training_levels: random.bases as u32,
            drawn_levels: drawn.levels,
            drawn_failures: drawn.failures as u32,
            times_drawn: times(found, drawn),
            undeclared: self.undeclared,
            proposal: self.proposal,
            families: families(study, &self.turned),
            median_edits: median(self.turned.iter().map(|one| one.record.edits.len() as f64)),
            counterexamples: self.turned.into_iter().map(|one| one.record).collect(),
        }
    }
}

/// How many times as many failures a try one search has as the other, with the interval of the other's share.
fn times(found: Tried, drawn: Tried) -> Option<Interval> {
    if found.levels == 0 || drawn.levels == 0 {
        return None;
    }
    let share = found.failures as f64 / f64::from(found.levels);
    let other = beta::proportion(drawn.failures, drawn.levels as usize);
    let over = |rate: f64| if rate > 0.0 { share / rate } else { f64::NAN };
    Some(Interval { value: over(other.value), low: over(other.high), high: over(other.low) })
}

/// The sorts of edits of the counterexamples and what the agent does instead, the most frequent first.
fn families(study: StudyRef<'_>, turned: &[Turned]) -> Vec<FamilyRecord> {
    let mut groups: BTreeMap<(String, Option<usize>), u32> = BTreeMap::new();
    for one in turned {
        *groups.entry((one.sorts.join(", "), one.instead)).or_default() += 1;
    }
    let goals = study.goals();
    let name = |goal: usize| goals.get(goal).map(|(name, _)| (*name).to_owned());
    let mut families: Vec<FamilyRecord> = groups
        .into_iter()
        .map(|((words, instead), count)| FamilyRecord { words, count, instead: instead.and_then(name) })
        .collect();
    families.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.words.cmp(&b.words)));
    families
}

/// The median; none of nothing.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| quantile::of_sorted(&sorted, 0.5))
}
