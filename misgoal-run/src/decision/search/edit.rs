//! Edits of a case: one feature set to another value, and what follows from it.
//!
//! Every feature is drawn from a stream of its own, so that the edited case is the counterfactual of the structural model: what the feature decides
//! is worked out anew, with the same randomness, and everything else stays as it is.

use std::collections::BTreeSet;

use misgoal_decision::{Distribution, Expr, Kind, Solved, Source};
use misgoal_study::DecisionStudy;

/// Cases of training and of each shift that a number's values are taken from.
const LOOKED_AT: u64 = 200;
/// Quantiles of a number that are tried.
const QUANTILES: [f64; 5] = [0.02, 0.1, 0.5, 0.9, 0.98];

/// One feature set to a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edit {
    pub(super) feature: usize,
    pub(super) value: f64,
}

/// A training case with edits, solved.
#[derive(Clone, Debug)]
pub(super) struct Edited {
    pub(super) seed: u64,
    pub(super) edits: Vec<Edit>,
    pub(super) solved: Solved,
}

/// The training case of a seed with edits; none where its features are then none, or cannot be valued.
pub(super) fn edited(study: &DecisionStudy, seed: u64, edits: &[Edit]) -> Option<Edited> {
    let from = changed(&study.training, edits);
    let case = study.world.draw(&from, seed).ok()?;
    let solved = Solved::new(&study.world, &study.goals, case).ok()?;
    Some(Edited { seed, edits: edits.to_vec(), solved })
}

/// A distribution with some features set to a value.
pub(super) fn changed(from: &Distribution, edits: &[Edit]) -> Distribution {
    let mut changed = from.clone();
    for edit in edits {
        if let Some(source) = changed.get_mut(edit.feature) {
            *source = Source::Is(Expr::constant(edit.value));
        }
    }
    changed
}

/// All single edits: every feature that the agent sees, or that decides one that it sees, at every value worth trying. A feature that only the goals
/// read is left out: to change it changes what is asked for and nothing that an agent could know.
pub(super) fn catalogue(study: &DecisionStudy) -> Vec<Edit> {
    let rows: Vec<Vec<f64>> = std::iter::once(&study.training)
        .chain(study.shifts.iter().map(|shift| &shift.distribution))
        .flat_map(|from| (0..LOOKED_AT).filter_map(|seed| study.world.draw(from, seed).ok()))
        .map(|case| case.row)
        .collect();
    let features = study.world.features().iter().enumerate().filter(|(number, _)| shows(study, *number));
    features
        .flat_map(|(number, feature)| {
            let values = match &feature.kind {
                Kind::Truth => vec![0.0, 1.0],
                Kind::Text(symbols) => symbols.iter().map(|symbol| f64::from(*symbol)).collect(),
                Kind::Number => quantiles(rows.iter().filter_map(|row| row.get(number).copied()).collect()),
            };
            values.into_iter().map(move |value| Edit { feature: number, value })
        })
        .collect()
}

/// Whether the agent sees a feature, or one that it decides.
fn shows(study: &DecisionStudy, number: usize) -> bool {
    let features = study.world.features();
    let mut reached: BTreeSet<usize> = BTreeSet::from([number]);
    // Sources read earlier features only: one pass reaches all that follows.
    for (later, source) in study.training.iter().enumerate().skip(number + 1) {
        if reached.iter().any(|column| source.reads(*column)) {
            reached.insert(later);
        }
    }
    reached.iter().any(|column| features.get(*column).is_some_and(|feature| feature.observed))
}

fn quantiles(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    // Values that were drawn, not ones between them: whole numbers stay whole.
    let at = |q: f64| values.get((q * values.len().saturating_sub(1) as f64).round() as usize).copied();
    let mut some: Vec<f64> = QUANTILES.into_iter().filter_map(at).collect();
    some.dedup();
    some
}

impl Edit {
    /// `mark` true instead of false; `before` is the unedited case.
    pub(super) fn words(&self, study: &DecisionStudy, before: &[f64]) -> String {
        let name = study.world.features().get(self.feature).map_or("", |feature| feature.name.as_str());
        let was = before.get(self.feature).copied().unwrap_or_default();
        format!(
            "`{name}` {} instead of {}",
            study.world.words(self.feature, self.value),
            study.world.words(self.feature, was)
        )
    }

    /// The sort of change: a text or truth by its value, a number by its direction.
    pub(super) fn family(&self, study: &DecisionStudy, before: &[f64]) -> String {
        let Some(feature) = study.world.features().get(self.feature) else { return String::new() };
        match feature.kind {
            Kind::Number => {
                let was = before.get(self.feature).copied().unwrap_or_default();
                format!("`{}` {}", feature.name, if self.value < was { "lower" } else { "higher" })
            }
            _ => format!("`{}` set to {}", feature.name, study.world.words(self.feature, self.value)),
        }
    }
}
