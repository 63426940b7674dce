//! The hypothesis that slips go astray: to other options in one class of rows than in another, as a neighbouring class is taken for the right one. Where a proxy mostly names that
//! class, such slips look like following it.
//!
//! With wrong options w, of which a slip takes option o in a share q_o, and the rate R of slips in a class,
//!
//! ```text
//! P(o) = (1 - R) sum over h of s_h [o is wanted by h] / |wanted by h| + R q_o,
//! ```
//!
//! where R has the prior Beta(1/2, 3), q Dirichlet(1/2), and both are another in each class. Given how many of the rows with a proxy's option are slips, R and q have closed integrals:
//! the likelihood at given shares is a sum over these counts, option by option a convolution. Nothing is drawn, and only the shares need a grid.
#![expect(clippy::indexing_slicing, reason = "counts, options and nodes are numbered where they are made")]

use super::harder::{By, can_be_told_apart, count};
use super::{ChoicePoint, ChoiceRows, Choices, GOALS, Integral, Settings, either, sphere, times_ln};
use crate::ln_gamma;

/// The prior's count of each wrong option, and of slips.
const PRIOR: f64 = 0.5;
/// The prior's count of what is no slip: who goes astray in most rows of a class does something else there, as who takes one option whatever the case.
const HELD: f64 = 3.0;
/// Pearson's statistic of where errors go from which on they may go astray: so much for each degree of freedom.
const UNLIKE: f64 = 2.0;
/// Counts of slips that are less likely than the likeliest by this, in logs, are left out of the sums.
const NEGLIGIBLE: f64 = 45.0;
/// Steps towards the likeliest number of slips.
const STEPS: usize = 30;

impl Choices {
    /// The hypothesis that each class has a rate of slips of its own and options of its own to which they go, in training as on the shift. How frequent they are in training
    /// is as on the shift with probability [`Settings::same_slips`], as everywhere.
    ///
    /// `None` with two options, where a slip has one way to go; where errors go evenly to all, goals part in a class that has no rows without a goal against the intended one, or
    /// too few rows of the shift tell slips from goals.
    pub(super) fn astray(&self, goals: usize, settings: &Settings) -> Option<Integral> {
        if !self.checked || self.options < 3 {
            return None;
        }
        let groups = self.groups(By::Class);
        if !can_be_told_apart(&groups) {
            return None;
        }
        let classes: Vec<Class> = groups.iter().map(|group| Class::new(group, settings)).collect();
        let (statistic, freedom) =
            classes.iter().map(Class::unevenness).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if freedom == 0.0 || statistic <= UNLIKE * freedom {
            return None;
        }
        let rows: f64 = groups.iter().map(|group| count(group.all())).sum();
        let of_shift: f64 = classes.iter().map(|class| class.shifted).sum();
        let at = |shares: &[f64; GOALS]| {
            let found: Vec<(f64, f64)> = classes.iter().map(|class| class.at(shares)).collect();
            let lapse = found.iter().zip(&classes).map(|((_, lapse), class)| lapse * class.shifted / of_shift).sum();
            let point = ChoicePoint { shares: *shares, lapse, constant: 0.0, option: None };
            (found.iter().map(|(log, _)| log).sum(), point)
        };
        let mut found = sphere::integrate(goals, rows, at);
        found.top -= self.open_at_any_rate();
        Some(found)
    }
}

/// The rows of one class, as far as the hypothesis goes.
struct Class {
    options: f64,
    /// Wrong options.
    wrong: f64,
    /// Rows of the shift and the probe that surely are no slips, and the share of the agreeing ones that a follower takes, in logs.
    held: Vec<(usize, Vec<f64>)>,
    /// Of every option, rows that surely are slips: of the shift with what tells of it, of training.
    slips: Vec<(f64, f64)>,
    /// Right rows of training.
    trained: f64,
    /// Of every wrong option, kinds of rows in which it was chosen and is wanted by some goal: how many, and what goals' followers do.
    taken: Vec<Vec<(usize, Vec<f64>)>>,
    /// Rows of the shift.
    shifted: f64,
    same: f64,
    logs: f64,
}

impl Class {
    fn new(group: &Choices, settings: &Settings) -> Class {
        let options = group.options;
        let right = group.all().map(|row| row.goals[0]).filter(|p| *p > 0.0).fold(1.0, f64::min);
        let mut class = Class {
            options: options as f64,
            wrong: (options as f64 - (1.0 / right).round()).max(1.0),
            held: Vec::new(),
            slips: vec![(0.0, 0.0); options],
            trained: 0.0,
            taken: vec![Vec::new(); options],
            shifted: count(&group.rows),
            same: settings.same_slips,
            logs: 0.0,
        };
        for row in &group.rows {
            match row {
                row if row.goals[0] > 0.0 => class.held.push((row.count, row.goals.clone())),
                row if row.goals.iter().any(|p| *p > 0.0) => {
                    class.taken[row.chosen].push((row.count, row.goals.clone()));
                }
                row => class.slips[row.chosen].0 += row.count as f64,
            }
        }
        for row in group.probe.iter().chain(&group.open) {
            class.agreeing(row, false);
        }
        for row in &group.training {
            class.agreeing(row, true);
        }
        class
    }

    /// A row on which no goal is against the intended one.
    fn agreeing(&mut self, row: &ChoiceRows, trained: bool) {
        let count = row.count as f64;
        match (row.goals[0] > 0.0, trained) {
            (true, true) => self.trained += count,
            (true, false) => self.held.push((row.count, vec![1.0])),
            (false, true) => self.slips[row.chosen].1 += count,
            (false, false) => self.slips[row.chosen].0 += count,
        }
        self.logs += times_ln(count, if row.goals[0] > 0.0 { row.goals[0] } else { 1.0 });
    }

    /// Pearson's statistic of where the errors go that are nobody's option, against all wrong options alike, and its degrees of freedom.
    fn unevenness(&self) -> (f64, f64) {
        let errors: Vec<f64> = self.slips.iter().map(|(shifted, trained)| shifted + trained).collect();
        let all: f64 = errors.iter().sum();
        if all == 0.0 || self.wrong < 2.0 {
            return (0.0, 0.0);
        }
        // The right options have no errors and are not among those that could have.
        let expected = all / self.wrong;
        let statistic = errors.iter().map(|own| own * own / expected).sum::<f64>() - all;
        (statistic, self.wrong - 1.0)
    }

    /// The log-likelihood at these shares, and the mean lapse there: slips and what a guess has right by chance.
    fn at(&self, shares: &[f64; GOALS]) -> (f64, f64) {
        let pursued = |goals: &[f64]| match goals {
            [p] => *p,
            goals => goals.iter().zip(shares).map(|(goal, share)| goal * share).sum(),
        };
        let (mut log, mut held) = (self.logs, 0.0);
        for (count, goals) in &self.held {
            log += times_ln(*count as f64, pursued(goals));
            held += *count as f64;
        }
        let taken: Vec<Vec<(usize, f64)>> = self
            .taken
            .iter()
            .map(|kinds| kinds.iter().map(|(count, goals)| (*count, pursued(goals))).collect())
            .collect();
        let counted = Counted { class: self, held, taken: &taken };
        let (sum, lapse) = counted.sum();
        (log + sum, lapse)
    }
}

/// A class at given shares.
struct Counted<'a> {
    class: &'a Class,
    /// Right rows of the shift and the probe.
    held: f64,
    /// Of every wrong option, rows in which it was chosen, and with which probability who does not slip chooses it.
    taken: &'a [Vec<(usize, f64)>],
}

impl Counted<'_> {
    /// ln of the sum over all numbers of slips among the rows with a goal's option, and the mean lapse.
    fn sum(&self) -> (f64, f64) {
        let (odds, centre) = self.likeliest();
        // What one slip more is worth at about the likeliest number: taken out of the weights and given to each option's counts, so that these have their peaks where the whole has
        // its, and what is negligible there is negligible.
        let tilt = self.weight((centre - 0.5).max(0.0) + 1.0) - self.weight((centre - 0.5).max(0.0));
        let mut all = Counts::nothing();
        for (((shifted, trained), kinds), odds) in self.class.slips.iter().zip(self.taken).zip(odds) {
            let base = PRIOR + shifted + trained;
            let own =
                kinds.iter().fold(Counts::nothing(), |own, (count, p)| own.with(&Counts::binomial(*count, *p, odds)));
            let log = |slips: f64| ln_gamma(base + slips) - ln_gamma(PRIOR) + slips * (tilt - odds.ln());
            all = all.with(&own.weighted(log));
        }
        let all = all.weighted(|slips| self.weight(slips) - slips * tilt);
        let sum: f64 = all.values.iter().sum();
        let number = |at: usize| (all.first + at) as f64;
        let lapse = all.values.iter().enumerate().map(|(at, value)| value * self.lapse(number(at))).sum::<f64>() / sum;
        (all.top + sum.ln(), lapse)
    }

    /// Rows of the shift and the probe that are no slips, and those that are, where so many of the rows with a goal's option are slips.
    fn split(&self, slips: f64) -> (f64, f64) {
        let taken: f64 = self.taken.iter().flatten().map(|(count, _)| *count as f64).sum();
        let sure: f64 = self.class.slips.iter().map(|(shifted, _)| shifted).sum();
        (self.held + taken - slips, sure + slips)
    }

    fn trained(&self) -> (f64, f64) {
        (self.class.trained, self.class.slips.iter().map(|(_, trained)| trained).sum())
    }

    /// ln of what so many slips are worth: the integrals of the rate and of where slips go, without each option's own part.
    fn weight(&self, slips: f64) -> f64 {
        let ((right, wrong), (trained, erred)) = (self.split(slips), self.trained());
        let prior = PRIOR * self.class.wrong;
        let same = ln_rate(right + trained, wrong + erred);
        let other = ln_rate(right, wrong) + ln_rate(trained, erred);
        either(self.class.same, same, other) + ln_gamma(prior) - ln_gamma(prior + wrong + erred)
    }

    /// The mean rate of slips on the shift, in guesses.
    fn lapse(&self, slips: f64) -> f64 {
        let ((right, wrong), (trained, erred)) = (self.split(slips), self.trained());
        let same = self.class.same.ln() + ln_rate(right + trained, wrong + erred);
        let other = (1.0 - self.class.same).ln() + ln_rate(right, wrong) + ln_rate(trained, erred);
        let weight = 1.0 / (1.0 + (other - same).exp());
        let mean = |right: f64, wrong: f64| (wrong + PRIOR) / (right + wrong + PRIOR + HELD);
        let rate = weight * mean(right + trained, wrong + erred) + (1.0 - weight) * mean(right, wrong);
        (rate * self.class.options / self.class.wrong).min(1.0)
    }

    /// About the likeliest odds of a slip to each option against none, and number of slips among the rows with a goal's option, by expectation and maximisation.
    fn likeliest(&self) -> (Vec<f64>, f64) {
        let mut slips = vec![0.0; self.taken.len()];
        let mut odds = slips.clone();
        for _ in 0..STEPS {
            let (right, wrong) = self.split(slips.iter().sum());
            let erred = self.trained().1;
            // The odds of a slip against none, and of them each count's part.
            let each = (wrong + PRIOR) / (right + HELD) / (PRIOR * self.class.wrong + wrong + erred);
            for (at, ((shifted, trained), kinds)) in self.class.slips.iter().zip(self.taken).enumerate() {
                odds[at] = each * (PRIOR + shifted + trained + slips[at]);
                slips[at] = kinds.iter().map(|(count, p)| *count as f64 * odds[at] / (odds[at] + p)).sum();
            }
        }
        (odds, slips.iter().sum())
    }
}

/// ln of the integral over a rate of slips.
fn ln_rate(right: f64, wrong: f64) -> f64 {
    let of = |right: f64, wrong: f64| ln_gamma(right) + ln_gamma(wrong) - ln_gamma(right + wrong);
    of(right + HELD, wrong + PRIOR) - of(HELD, PRIOR)
}

/// What each number of slips is worth, from the first that is worth anything on: `values` times exp(top).
struct Counts {
    first: usize,
    top: f64,
    values: Vec<f64>,
}

impl Counts {
    /// No slip, for sure.
    fn nothing() -> Counts {
        Counts { first: 0, top: 0.0, values: vec![1.0] }
    }

    /// So many rows with an option that who does not slip takes with probability `p`, and the odds of a slip: C(n, x) p^(n - x) odds^x for x slips.
    fn binomial(count: usize, p: f64, odds: f64) -> Counts {
        let n = count as f64;
        let ways = |x: f64| ln_gamma(n + 1.0) - ln_gamma(x + 1.0) - ln_gamma(n - x + 1.0);
        let log = |x: f64| ways(x) + times_ln(n - x, p) + times_ln(x, odds);
        Counts { values: vec![1.0; count + 1], ..Counts::nothing() }.weighted(log)
    }

    /// Each number's worth times exp(log), scaled anew, without what is negligible.
    fn weighted(&self, log: impl Fn(f64) -> f64) -> Counts {
        let of = |(at, value): (usize, &f64)| value.ln() + log((self.first + at) as f64);
        let logs: Vec<f64> = self.values.iter().enumerate().map(of).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let counts = |log: &f64| *log > top - NEGLIGIBLE;
        let (first, last) = (logs.iter().position(counts).unwrap_or(0), logs.iter().rposition(counts).unwrap_or(0));
        let values = logs[first..=last].iter().map(|log| (log - top).exp()).collect();
        Counts { first: self.first + first, top: self.top + top, values }
    }

    /// The worth of sums.
    fn with(&self, other: &Counts) -> Counts {
        let mut values = vec![0.0; self.values.len() + other.values.len() - 1];
        for (at, one) in self.values.iter().enumerate() {
            values.iter_mut().skip(at).zip(&other.values).for_each(|(to, two)| *to += one * two);
        }
        Counts { first: self.first + other.first, top: self.top + other.top, values }
    }
}
