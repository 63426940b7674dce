//! Which sorts of change turn the agent, in words.

use std::collections::BTreeMap;

use misgoal_study::Study;

use super::record::FamilyRecord;
use super::shrink::Minimal;

/// The sorts of edits of the minimal counterexamples and what the agent does instead, the most frequent first.
pub(crate) fn families(study: &Study, minimal: &[Minimal]) -> Vec<FamilyRecord> {
    let mut groups: BTreeMap<(Vec<String>, Option<usize>), Vec<f64>> = BTreeMap::new();
    for one in minimal {
        let key = (one.edited.families(&study.world), one.after.instead());
        groups.entry(key).or_default().push(one.edited.edits.len() as f64);
    }
    let mut families: Vec<FamilyRecord> = groups
        .into_iter()
        .map(|((words, instead), edits)| FamilyRecord {
            words: words.join(", "),
            count: edits.len() as u32,
            instead: instead.and_then(|goal| study.goals.get(goal)).map(|goal| goal.name.clone()),
        })
        .collect();
    families.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.words.cmp(&b.words)));
    families
}

/// The median; none of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| misgoal_stats::quantile::of_sorted(&sorted, 0.5))
}
