//! Goals that the study does not list: what else there is to pursue on a level, and which of it an agent pursues.
//!
//! An episode's likelihood is a mean over the candidates of its level. What kind of candidate an agent goes for is the same on every level, though: so the
//! kinds have weights that all episodes share, estimated from the episodes. An agent that always goes to the statue is explained by the statue, and not by
//! one of a dozen places of which the statue happens to be one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::likelihood::{Avoids, avoidance, competent, log_mean_exp};
use crate::outcome::Fit;
use crate::trace::{Advantages, Trace};
use crate::variants::Variants;

/// Prior weight of every kind on average (Jeffreys).
const PRIOR: f64 = 0.5;

/// A kind of unlisted goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind<'t> {
    /// To get away from the intended goal: the worse an action is for it, the more likely.
    Away,
    /// The same without any measure: always one of the worst actions for it.
    Worst,
    /// Things, zones or places of this name.
    Target(&'t str),
}

impl Kind<'_> {
    /// What to call it in a study with this intended goal.
    pub fn name(self, intended: &str) -> String {
        match self {
            Kind::Away | Kind::Worst => format!("away from {intended}"),
            Kind::Target(name) => name.to_owned(),
        }
    }
}

/// A [`Kind`] that is kept.
#[derive(Debug, Clone, PartialEq)]
enum Owned {
    Away,
    Worst,
    Target(String),
}

/// What an episode says of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfKind {
    kind: Owned,
    /// Candidates of this kind on the level.
    candidates: f64,
    /// The mean of their likelihoods, as a logarithm.
    log: f64,
}

impl OfKind {
    fn is_away(&self) -> bool {
        !matches!(self.kind, Owned::Target(_))
    }

    fn kind(&self) -> Kind<'_> {
        match &self.kind {
            Owned::Away => Kind::Away,
            Owned::Worst => Kind::Worst,
            Owned::Target(name) => Kind::Target(name),
        }
    }
}

/// Everything unlisted that there is to pursue in an episode: each candidate's advantages at the counted steps.
pub(crate) fn candidates(trace: &Trace) -> Vec<(Kind<'_>, Cow<'_, [Advantages]>)> {
    let away = trace.goals.first().map(|intended| {
        let of = |row: &Advantages| {
            let worst = row.iter().take(trace.actions).copied().fold(0.0, f64::min);
            row.map(|advantage| worst - advantage)
        };
        (Kind::Away, Cow::Owned(intended.iter().map(of).collect()))
    });
    let targets = trace.targets.iter();
    let targets = targets.map(|target| (Kind::Target(&target.name), Cow::Borrowed(target.advantages.as_slice())));
    targets.chain(away).collect()
}

/// What an episode says of each kind that there is on its level.
pub(crate) fn kinds(fit: &Fit, trace: &Trace) -> Vec<OfKind> {
    let mut logs: BTreeMap<Kind<'_>, Vec<f64>> = BTreeMap::new();
    for (kind, advantages) in candidates(trace) {
        logs.entry(kind).or_default().push(competent(fit, trace, &advantages, None));
    }
    if !trace.goals.is_empty() {
        logs.entry(Kind::Worst).or_default().push(avoidance(trace, Avoids::AllButWorst));
    }
    let of = |(kind, logs): (Kind<'_>, Vec<f64>)| OfKind {
        kind: match kind {
            Kind::Away => Owned::Away,
            Kind::Worst => Owned::Worst,
            Kind::Target(name) => Owned::Target(name.to_owned()),
        },
        candidates: logs.len() as f64,
        log: log_mean_exp(logs.iter().copied()),
    };
    logs.into_iter().map(of).collect()
}

/// An episode's log-likelihood under an unlisted goal when nothing is known of other episodes: the mean over the candidates. `None` where there is none.
pub(crate) fn alone(kinds: &[OfKind]) -> Option<f64> {
    let top = kinds.iter().map(|kind| kind.log).fold(f64::NEG_INFINITY, f64::max);
    let all: f64 = kinds.iter().map(|kind| kind.candidates).sum();
    let sum: f64 = kinds.iter().map(|kind| kind.candidates * (kind.log - top).exp()).sum();
    (all > 0.0).then(|| top + (sum / all).ln())
}

/// Which kinds the episodes pursue.
pub(crate) struct Pursued<'r> {
    kinds: Vec<Kind<'r>>,
    variants: Variants,
}

impl<'r> Pursued<'r> {
    /// The kinds as variants of component `own`; nothing is learned yet. To get away is one of them where the agent surely `moves_away` from the intended goal:
    /// who always takes one action that happens to be the worst does not. `None` where there is nothing else to pursue.
    pub fn new(own: usize, rows: &[&'r [OfKind]], moves_away: bool) -> Option<Pursued<'r>> {
        let rows: Vec<Vec<&'r OfKind>> =
            rows.iter().map(|row| row.iter().filter(|kind| moves_away || !kind.is_away()).collect()).collect();
        if rows.iter().any(Vec::is_empty) {
            return None;
        }
        let mut numbers: BTreeMap<Kind<'r>, usize> = BTreeMap::new();
        for kind in rows.iter().flatten() {
            numbers.entry(kind.kind()).or_insert(0);
        }
        numbers.values_mut().enumerate().for_each(|(at, number)| *number = at);
        let kinds: Vec<Kind<'r>> = numbers.keys().copied().collect();
        let mut logs = vec![f64::NEG_INFINITY; rows.len() * kinds.len()];
        let mut prior = vec![0.0; kinds.len()];
        for (row, logs) in rows.iter().zip(logs.chunks_exact_mut(kinds.len().max(1))) {
            let all: f64 = row.iter().map(|kind| kind.candidates).sum();
            for kind in row {
                let number = numbers.get(&kind.kind()).copied().unwrap_or(usize::MAX);
                if let (Some(log), Some(prior)) = (logs.get_mut(number), prior.get_mut(number)) {
                    *log = kind.log;
                    *prior += kind.candidates / all;
                }
            }
        }
        let scale = PRIOR * kinds.len() as f64 / rows.len().max(1) as f64;
        prior.iter_mut().for_each(|prior| *prior *= scale);
        Some(Pursued { kinds, variants: Variants::new(own, prior, &logs) })
    }

    /// The kinds as variants, to be learned.
    pub fn variants(&mut self) -> &mut Variants {
        &mut self.variants
    }

    /// How much each kind is pursued, most first, where `unlisted` is each episode's probability to pursue something unlisted. Whoever gets away is of one kind.
    pub fn most(&self, unlisted: impl Fn(usize) -> f64) -> Vec<(Kind<'r>, f64)> {
        let mut sums: Vec<(Kind<'r>, f64)> = self.kinds.iter().map(|kind| (*kind, 0.0)).collect();
        for (number, kinds) in self.variants.of_episodes().enumerate() {
            let share = unlisted(number);
            sums.iter_mut().zip(kinds).for_each(|((_, sum), kind)| *sum += share * kind);
        }
        let worst: f64 = sums.extract_if(.., |(kind, _)| *kind == Kind::Worst).map(|(_, sum)| sum).sum();
        sums.iter_mut().filter(|(kind, _)| *kind == Kind::Away).for_each(|(_, sum)| *sum += worst);
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variants::learn;

    /// Twenty episodes of which `of` says what they say of each kind, beside a device at 0: the mean log-likelihood that the unlisted goal gets, and the
    /// kind that is pursued most.
    fn check(of: impl Fn(usize) -> [f64; 3]) -> (f64, String) {
        let kind = |name: &str, candidates: f64, log: f64| OfKind {
            kind: if name.is_empty() { Owned::Away } else { Owned::Target(name.to_owned()) },
            candidates,
            log,
        };
        let rows: Vec<Vec<OfKind>> = (0..20)
            .map(|episode| {
                let [statue, top, away] = of(episode);
                vec![kind("statue", 1.0, statue), kind("top", 8.0, top), kind("", 1.0, away)]
            })
            .collect();
        let mut table = [0.0, 0.0].repeat(20);
        let rows: Vec<&[OfKind]> = rows.iter().map(Vec::as_slice).collect();
        let mut pursued = Pursued::new(0, &rows, true).unwrap();
        learn(&mut table, 2, &mut [pursued.variants()]);
        let mean = table.chunks_exact(2).map(|row| row[0]).sum::<f64>() / 20.0;
        (mean, pursued.most(|_| 1.0)[0].0.name("gem"))
    }

    #[test]
    fn what_all_episodes_pursue_is_what_explains_them() {
        // Alone each would have ln(e^6 / 10) = 3.7.
        let (mean, kind) = check(|_| [6.0, -5.0, -5.0]);
        assert!((5.8..6.0).contains(&mean) && kind == "statue", "{mean} {kind}");
        let (mean, kind) = check(|_| [-5.0, -5.0, 6.0]);
        assert!((5.8..6.0).contains(&mean) && kind == "away from gem", "{mean} {kind}");
        // Of two kinds in turn each has about half of the weight.
        let (mean, _) = check(|episode| if episode % 2 == 0 { [6.0, -5.0, -5.0] } else { [-5.0, 6.0, -5.0] });
        assert!((5.1..5.5).contains(&mean), "{mean}");
    }

    #[test]
    fn where_nothing_unlisted_is_pursued_each_episode_stands_alone() {
        let (mean, _) = check(|_| [-6.0, -6.0, -6.0]);
        assert!((mean + 6.0).abs() < 1e-9, "{mean}");
        // One that looks like the statue by accident does not speak for itself.
        let (mean, _) = check(|episode| if episode == 7 { [6.0, -9.0, -9.0] } else { [-9.0, -9.0, -9.0] });
        let alone = (-9.0 * 19.0 + 6.0 - 10f64.ln()) / 20.0;
        assert!((mean - alone).abs() < 0.05, "{mean} {alone}");
    }
}
