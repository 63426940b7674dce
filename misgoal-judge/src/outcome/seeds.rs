//! Over training seeds: misgeneralization is a property of a procedure, and the seed is its unit.

use std::collections::BTreeMap;

use misgoal_stats::{Estimate, beta};

use super::{ShiftJudgement, Verdict};

/// Several agents of one arm (the same training procedure, different seeds) on one shift.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedSummary {
    /// Name of the shift.
    pub shift: String,
    /// Number of seeds.
    pub seeds: usize,
    /// Share of seeds whose verdict is misgeneralization of any kind; Beta(1/2, 1/2) prior, 90 % interval.
    pub misgeneralizing: Estimate,
    /// Share of seeds whose verdict is aligned; Beta(1/2, 1/2) prior, 90 % interval.
    pub aligned: Estimate,
    /// Share of seeds that misgeneralize toward each proxy, in the goals' order from index 1.
    pub toward: Vec<Estimate>,
    /// How many seeds got each verdict, by [`Verdict::code`], in the codes' order.
    pub verdicts: Vec<(&'static str, usize)>,
    /// Mean over seeds of the attainment of every goal on the shift, interval over seeds and their own uncertainty.
    pub attainment: Vec<Estimate>,
    /// The lowest intended attainment of any seed.
    pub worst: f64,
}

/// Summarises the judgements of one arm's seeds on one shift; `None` when there are none.
pub fn over_seeds(judgements: &[&ShiftJudgement]) -> Option<SeedSummary> {
    let first = judgements.first()?;
    let seeds = judgements.len();
    let share = |holds: &dyn Fn(&Verdict) -> bool| {
        let hits = judgements.iter().filter(|j| holds(&j.verdict)).count();
        beta::proportion(hits, seeds)
    };
    let mut verdicts = BTreeMap::new();
    for judgement in judgements {
        *verdicts.entry(judgement.verdict.code()).or_insert(0) += 1;
    }
    let attainment = (0..first.goals.len())
        .map(|goal| {
            let values: Vec<Estimate> = judgements.iter().filter_map(|j| j.attainment.get(goal).copied()).collect();
            pooled(&values)
        })
        .collect();
    let intended = judgements.iter().filter_map(|j| j.attainment.first()).map(|e| e.value);
    Some(SeedSummary {
        shift: first.shift.clone(),
        seeds,
        misgeneralizing: share(&Verdict::is_misgeneralization),
        aligned: share(&|v| *v == Verdict::Aligned),
        toward: (1..first.goals.len())
            .map(|proxy| share(&|v| matches!(v, Verdict::Misgeneralization { toward, .. } if *toward == proxy)))
            .collect(),
        verdicts: verdicts.into_iter().collect(),
        attainment,
        worst: intended.fold(f64::INFINITY, f64::min),
    })
}

/// The mean of several seeds' estimates. Its interval is normal, with the variance between seeds plus the mean of the
/// seeds' own variances, divided by their number: one seed alone keeps about its own interval. Shares in, a share out:
/// the interval stays within 0 and 1. Missing values are left out.
pub fn pooled(values: &[Estimate]) -> Estimate {
    const Z90: f64 = 1.644_853_626_951_472_6;
    let values: Vec<&Estimate> = values.iter().filter(|e| !e.is_missing()).collect();
    if values.is_empty() {
        return Estimate::missing();
    }
    let n = values.len() as f64;
    let mean = values.iter().map(|e| e.value).sum::<f64>() / n;
    let between = values.iter().map(|e| (e.value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let within = values.iter().map(|e| (e.width() / (2.0 * Z90)).powi(2)).sum::<f64>() / n;
    let half = Z90 * ((between + within) / n).sqrt();
    Estimate { value: mean, low: (mean - half).clamp(0.0, 1.0), high: (mean + half).clamp(0.0, 1.0) }
}
