//! The hypothesis that a goal is followed in more of the rows of one class than of another.
#![expect(clippy::indexing_slicing, reason = "classes, goals and nodes are numbered where they are made")]

use super::{ChoicePoint, ChoiceRows, Choices, GOALS, Grid, Integral, LINE, Node, SlipPrior, area_of, lapse, line};
use crate::normal;

/// Nodes of the hypothesis that shares are uneven, and the bases of their sequence, one for each class of rows; the first goes evenly.
const UNEVEN: usize = 2048;
const HALTON: [usize; 6] = [1, 2, 3, 5, 7, 11];
/// The same for how frequent each class but the last is.
const FREQUENCIES: [usize; 5] = [13, 17, 19, 23, 29];

/// Standard errors of a score from which on a class may differ: below, the hypothesis has hardly any weight beside that of even shares.
const TELLS: f64 = 2.0;

impl Choices {
    /// The hypothesis that each class of rows has shares of its own: one that is followed where it says "ill", and not where it says "healthy". Of the classes, whose
    /// posteriors are integrated by themselves, the shares are averaged, each weighted with how frequent its rows on which goals part are; nodes are quantiles of the
    /// classes' posteriors, paired by a sequence of low discrepancy (Halton). `None` where goals part in one class only, or no class differs.
    pub(super) fn uneven(&self, goals: usize, slips: &SlipPrior<'_>, even: &Integral) -> Option<Integral> {
        let mut classes: Vec<(u32, usize)> = Vec::new();
        for row in self.rows.iter().filter(|row| row.parts() && row.count > 0) {
            match classes.iter_mut().find(|(class, _)| *class == row.class) {
                Some((_, count)) => *count += row.count,
                None => classes.push((row.class, row.count)),
            }
        }
        let differs = |(class, _): &(u32, usize)| self.differs(*class, goals, even);
        if !(2..=HALTON.len()).contains(&classes.len()) || !classes.iter().any(differs) {
            return None;
        }
        let all: usize = classes.iter().map(|(_, count)| count).sum();
        let first = classes[0].0;
        let is_own = |class: u32, row: &ChoiceRows| {
            row.class == class || class == first && classes.iter().all(|(other, _)| *other != row.class)
        };
        // What is known of the lapse apart from the rows is in the evidence of every class, and counts once.
        let known: Vec<f64> = line().map(|angle| slips.log(lapse(angle), 0.0, None)).collect();
        let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let known = high + (known.iter().map(|log| (log - high).exp()).sum::<f64>() / LINE as f64).ln();
        let mut top = -(classes.len() as f64 - 1.0) * (known + area_of(goals).ln());
        let mut sorted = Vec::new();
        for (class, count) in &classes {
            let rows = self.rows.iter().filter(|row| is_own(*class, row)).cloned().collect();
            let own = Choices { rows, ..self.clone() };
            let mut part = Grid { choices: &own, goals, slips, constant: None }.integrate();
            let sum: f64 = part.nodes.iter().map(|node| node.weight).sum();
            top += part.top + sum.ln();
            part.nodes.sort_by(|a, b| a.point.shares[1].total_cmp(&b.point.shares[1]));
            let mut below = 0.0;
            let reach = |node: &Node| {
                below += node.weight / sum;
                (below, node.point)
            };
            sorted.push((*count as f64, part.nodes.iter().map(reach).collect::<Vec<_>>()));
        }
        let node = |number: usize| {
            let mut point = ChoicePoint { shares: [0.0; GOALS], lapse: 0.0, constant: 0.0, option: None };
            let (mut left, mut rest) = (1.0, all as f64);
            for (class, ((count, nodes), base)) in sorted.iter().zip(HALTON).enumerate() {
                // How frequent a class is, of those from here on, has a Beta distribution too; about a normal one.
                let weight = match FREQUENCIES.get(class).filter(|_| class + 1 < sorted.len()) {
                    Some(base) => {
                        let (mean, deviation) =
                            (count / rest, (count * (rest - count)).sqrt() / rest / (rest + 1.0).sqrt());
                        left * (mean + deviation * normal::quantile(inverted(number + 1, *base))).clamp(0.0, 1.0)
                    }
                    None => left,
                };
                (left, rest) = (left - weight, rest - count);
                let at = match base {
                    1 => (number as f64 + 0.5) / UNEVEN as f64,
                    base => inverted(number + 1, base),
                };
                let found = nodes.partition_point(|(below, _)| *below < at).min(nodes.len() - 1);
                let own = nodes[found].1;
                point.shares.iter_mut().zip(&own.shares).for_each(|(sum, share)| *sum += weight * share);
                point.lapse += weight * own.lapse;
            }
            Node { weight: 1.0 / UNEVEN as f64, point }
        };
        Some(Integral { top, nodes: (0..UNEVEN).map(node).collect() })
    }

    /// Whether some goal's share may be another in this class of rows: its score at the best point with even shares is far from 0. Where none is, the
    /// hypothesis has less evidence than even shares have.
    fn differs(&self, class: u32, goals: usize, even: &Integral) -> bool {
        let Some(best) = even.likeliest() else { return false };
        (0..goals).any(|goal| {
            let (mut score, mut information) = (0.0, 0.0);
            for row in self.rows.iter().filter(|row| row.class == class) {
                let pursued: f64 = row.goals.iter().zip(&best.shares).map(|(one, share)| one * share).sum();
                let slope = (1.0 - best.lapse) * (row.goals[goal] - pursued)
                    / best.probability(self.options, &row.goals, row.chosen);
                score += row.count as f64 * slope;
                information += row.count as f64 * slope * slope;
            }
            score * score > TELLS * TELLS * information
        })
    }
}

/// The digits of a number in some base, turned round behind the point (van der Corput).
fn inverted(mut number: usize, base: usize) -> f64 {
    let (mut value, mut place) = (0.0, 1.0);
    while number > 0 {
        place /= base as f64;
        value += place * (number % base) as f64;
        number /= base;
    }
    value
}
