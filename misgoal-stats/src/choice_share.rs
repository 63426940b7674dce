//! Whose option is taken where goals part: the posterior of the goals' shares from single choices, without a draw.
//!
//! Every row is one choice among `m` options. With probability `lapse` it is a guess, any option alike; else it is the option of a goal, of goal h in a
//! share `s_h` of the rows. With small prior weights an option gets a share of the rows whatever the case ([`Settings::constant`]), all rows are guesses
//! ([`Settings::guessing`]), or the shares are others where the intended goal wants another option ([`Settings::uneven`]). Shares have the Dirichlet(1/2) prior, which is the uniform distribution on a sphere (s_h = x_h^2), and so do the lapse
//! (sin^2) and the constant's share: everything is smooth in the angles, and a midpoint rule in them is all that is needed. The grid zooms in on the
//! region that has the mass; the same data give the same posterior to the last bit.
//!
//! How much of a choice is slip and how much is a goal is not to be had from rows alone on which goals part. It comes from rows on which all goals
//! agree: on the shift itself and elsewhere ([`Slips`]).
#![expect(
    clippy::indexing_slicing,
    reason = "a node has one coordinate an axis and one share a goal; both counts are fixed when a grid is made, and rows are checked against them"
)]

use std::f64::consts::FRAC_PI_2;

use crate::{Marginal, normal};

/// Log-posterior below the best node from which on a region is left out of the grid.
const NEGLIGIBLE: f64 = 18.0;
/// Rounds of zooming in at most; each at least halves the box or is the last.
const ROUNDS: usize = 12;
/// Nodes of one-dimensional integrals over the lapse.
const LINE: usize = 512;
/// Nodes of the hypothesis that shares are uneven, and the bases of their sequence, one for each class of rows; the first goes evenly.
const UNEVEN: usize = 2048;
const HALTON: [usize; 6] = [1, 2, 3, 5, 7, 11];
/// The same for how frequent each class but the last is.
const FREQUENCIES: [usize; 5] = [13, 17, 19, 23, 29];
/// The most goals that the grid carries.
const GOALS: usize = 8;

/// Rows of one kind, with the same choice made in all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChoiceRows {
    /// How many.
    pub count: usize,
    /// What the intended goal wants, as a number: a goal may be followed in more of the rows of one class than of another ([`Settings::uneven`]).
    pub class: u32,
    /// For every goal, the probability that its follower makes this choice when it does not slip; the intended goal first.
    pub goals: Vec<f64>,
    /// The option chosen.
    pub chosen: usize,
}

/// Rows that say how often the agent slips, whatever goal it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slips {
    /// Share of the options that no goal asks for: a guess hits one of them with this probability.
    pub outside: f64,
    /// Rows on which one of them was taken.
    pub wrong: usize,
    /// Rows on which none was.
    pub right: usize,
}

/// Prior weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Probability that the agent slips on the shift as often as elsewhere, where rows on the shift can show it. Where none can it is taken for granted.
    pub same_slips: f64,
    /// Probability that some option is taken in a share of the rows whatever the case.
    pub constant: f64,
    /// Probability that every row of the shift is a guess.
    pub guessing: f64,
    /// Probability that the shares differ from class to class of rows.
    pub uneven: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { same_slips: 0.5, constant: 0.05, guessing: 0.05, uneven: 0.05 }
    }
}

/// Choices on a shift, and what else is known of the agent's slips.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    /// Options to choose from, at least 2.
    pub options: usize,
    /// Rows of the shift.
    pub rows: Vec<ChoiceRows>,
    /// Rows of training on which all goals agree; of their goals one is enough.
    pub training: Vec<ChoiceRows>,
    /// Such rows of a capability probe.
    pub probe: Vec<ChoiceRows>,
    /// Whether enough of `rows` and `probe` tells slips on the shift from goals.
    pub checked: bool,
    /// Whether all goals agree on enough of `rows` to tell who takes one option on the shift whatever the case.
    pub agreeing: bool,
}

/// What the agent may be: one setting of everything unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChoicePoint {
    /// Of the rows that are no constant's; all 0 where every row is a guess.
    shares: [f64; GOALS],
    /// Share of guesses among the rows that are no constant's.
    pub lapse: f64,
    /// Share of the rows that get one option whatever the case.
    pub constant: f64,
    /// That option, where there may be one.
    pub option: Option<usize>,
}

impl ChoicePoint {
    /// The share of the rows, slips apart, that are a goal's. Of an agent that does not take one option in most rows, rows that get it are slips.
    pub fn share(&self, goal: usize) -> f64 {
        (1.0 - self.stereotyped()) * self.shares[goal]
    }

    /// The share of all rows, slips included, that are a goal's.
    pub fn caused(&self, goal: usize) -> f64 {
        (1.0 - self.constant) * (1.0 - self.lapse) * self.shares[goal]
    }

    /// The share of the rows that get one option whatever the case, where these are most.
    pub fn stereotyped(&self) -> f64 {
        if self.constant > 0.5 { self.constant } else { 0.0 }
    }

    /// The share of the rows in which nothing is followed, because all are guesses: 0 or 1 but for means.
    pub fn guessing(&self) -> f64 {
        (1.0 - self.stereotyped()) * (1.0 - self.shares.iter().sum::<f64>())
    }

    /// The probability of a row's choice.
    pub fn probability(&self, options: usize, goals: &[f64], chosen: usize) -> f64 {
        let pursued: f64 = goals.iter().zip(&self.shares).map(|(goal, share)| goal * share).sum();
        let constant = if self.option == Some(chosen) { self.constant } else { 0.0 };
        (1.0 - self.constant) * ((1.0 - self.lapse) * pursued + self.lapse / options as f64) + constant
    }
}

struct Node {
    weight: f64,
    point: ChoicePoint,
}

/// The posterior of the shares.
pub struct ChoicePosterior {
    goals: usize,
    nodes: Vec<Node>,
}

impl Choices {
    /// The posterior; `None` where there are fewer than two goals, more than eight, or rows that do not fit them.
    pub fn posterior(&self, settings: &Settings) -> Option<ChoicePosterior> {
        let goals = self.rows.first().map_or(0, |row| row.goals.len());
        if !(2..=GOALS).contains(&goals) || self.options < 2 || self.rows.iter().any(|row| row.goals.len() != goals) {
            return None;
        }
        let slips = self.slips(settings);
        let plain = Grid { choices: self, goals, slips: &slips, constant: None };
        let mut found = plain.integrate();
        let mut parts = vec![(1.0 - settings.constant - settings.guessing - settings.uneven, found)];
        for option in 0..self.options {
            if self.leans_to(option, &parts[0].1) {
                found = Grid { constant: Some(option), ..plain }.integrate();
                parts.push((settings.constant / self.options as f64, found));
            }
        }
        parts.push((settings.guessing * area_of(goals), self.guesses(&slips)));
        if settings.uneven > 0.0 {
            parts.extend(self.uneven(goals, &slips).map(|part| (settings.uneven, part)));
        }
        let top = parts.iter().map(|(_, part)| part.top).fold(f64::NEG_INFINITY, f64::max);
        let mut nodes = Vec::new();
        for (prior, part) in parts {
            let scale = prior * (part.top - top).exp();
            nodes.extend(part.nodes.into_iter().map(|node| Node { weight: node.weight * scale, ..node }));
        }
        let sum: f64 = nodes.iter().map(|node| node.weight).sum();
        nodes.iter_mut().for_each(|node| node.weight /= sum);
        Some(ChoicePosterior { goals, nodes })
    }

    fn slips(&self, settings: &Settings) -> SlipPrior<'_> {
        let logs: Vec<f64> = line().map(|angle| self.log_agreeing(&self.training, lapse(angle), 0.0, None)).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let other = top + (logs.iter().map(|log| (log - top).exp()).sum::<f64>() / LINE as f64).ln();
        let same = if self.checked { settings.same_slips } else { 1.0 };
        SlipPrior { choices: self, same, other }
    }

    /// Log-likelihood of rows on which all goals agree.
    fn log_agreeing(&self, rows: &[ChoiceRows], lapse: f64, constant: f64, option: Option<usize>) -> f64 {
        let mut shares = [0.0; GOALS];
        shares[0] = 1.0;
        let point = ChoicePoint { shares, lapse, constant, option };
        let log = |row: &ChoiceRows| times_ln(row.count, point.probability(self.options, &row.goals[..1], row.chosen));
        rows.iter().map(log).sum()
    }

    /// The hypothesis that every row is a guess: a single point.
    fn guesses(&self, slips: &SlipPrior<'_>) -> Integral {
        let point = ChoicePoint { shares: [0.0; GOALS], lapse: 1.0, constant: 0.0, option: None };
        let rows: usize = self.rows.iter().map(|row| row.count).sum();
        let top =
            slips.other + self.log_agreeing(&self.probe, 1.0, 0.0, None) - rows as f64 * (self.options as f64).ln();
        Integral { top, nodes: vec![Node { weight: 1.0, point }] }
    }

    /// The hypothesis that each class of rows has shares of its own: one that is followed where it says "ill", and not where it says "healthy". Of the classes, whose
    /// posteriors are integrated by themselves, the shares are averaged, each weighted with how frequent its rows on which goals part are; nodes are quantiles of the
    /// classes' posteriors, paired by a sequence of low discrepancy (Halton). `None` where goals part in one class only.
    fn uneven(&self, goals: usize, slips: &SlipPrior<'_>) -> Option<Integral> {
        let parts = |row: &ChoiceRows| row.goals.iter().any(|goal| (goal - row.goals[0]).abs() > 1e-9);
        let mut classes: Vec<(u32, usize)> = Vec::new();
        for row in self.rows.iter().filter(|row| parts(row) && row.count > 0) {
            match classes.iter_mut().find(|(class, _)| *class == row.class) {
                Some((_, count)) => *count += row.count,
                None => classes.push((row.class, row.count)),
            }
        }
        if !(2..=HALTON.len()).contains(&classes.len()) {
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

    /// Whether some rows may get `option` whatever the case: the score of a small share of such rows at the best point without one. Where it is not
    /// above its chance value, a constant's share is about 0, and its grid would only repeat the one without.
    fn leans_to(&self, option: usize, without: &Integral) -> bool {
        let Some(best) = without.nodes.iter().reduce(|a, b| if b.weight > a.weight { b } else { a }) else {
            return false;
        };
        let (mut score, mut information) = (0.0, 0.0);
        for row in &self.rows {
            let hits = if row.chosen == option { 1.0 } else { 0.0 };
            let slope = hits / best.point.probability(self.options, &row.goals, row.chosen) - 1.0;
            score += row.count as f64 * slope;
            information += row.count as f64 * slope * slope;
        }
        score > information.sqrt()
    }

    /// How often the agent errs, from rows that say it whatever the goal. An error is a wrong option where one is right: with two options half of the
    /// guesses are none.
    pub fn errors(&self, slips: &[Slips]) -> Marginal {
        let errs = (self.options as f64 - 1.0) / self.options as f64;
        let logs: Vec<f64> = line().map(|angle| log_slips(slips, lapse(angle))).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Marginal::of(line().zip(&logs).map(|(angle, log)| (errs * lapse(angle), (log - top).exp())))
    }
}

/// What is known of the lapse on the shift apart from its rows.
struct SlipPrior<'a> {
    choices: &'a Choices,
    /// Prior probability that the agent slips on the shift as in training.
    same: f64,
    /// ln of the mean likelihood of the slips in training over the prior: what an agent has that slips otherwise on the shift.
    other: f64,
}

impl SlipPrior<'_> {
    /// The log density, up to a constant, over the angle of the lapse. What gets one option on the shift whatever the case may do so in training and on the probe, too, or
    /// not. Where the shift has no rows of its own that tell, the probe's do: who answers these right does not answer whatever the case.
    fn log(&self, lapse: f64, constant: f64, option: Option<usize>) -> f64 {
        let choices = self.choices;
        let with = |rows: &[ChoiceRows]| choices.log_agreeing(rows, lapse, constant, option);
        let perhaps = |rows: &[ChoiceRows]| match option {
            Some(_) => either(0.5, with(rows), choices.log_agreeing(rows, lapse, 0.0, None)),
            None => with(rows),
        };
        let probe = if choices.agreeing { perhaps(&choices.probe) } else { with(&choices.probe) };
        either(self.same, perhaps(&choices.training), self.other) + probe
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

/// ln of a mixture of two likelihoods, the first with this weight.
fn either(weight: f64, first: f64, second: f64) -> f64 {
    let high = first.max(second);
    high + (weight * (first - high).exp() + (1.0 - weight) * (second - high).exp()).ln()
}

/// Angles of the line.
fn line() -> impl Iterator<Item = f64> {
    (0..LINE).map(|at| (at as f64 + 0.5) / LINE as f64 * FRAC_PI_2)
}

fn lapse(angle: f64) -> f64 {
    angle.sin().powi(2)
}

fn log_slips(slips: &[Slips], lapse: f64) -> f64 {
    let log = |slips: &Slips| {
        let p = lapse * slips.outside;
        times_ln(slips.wrong, p) + times_ln(slips.right, 1.0 - p)
    };
    slips.iter().map(log).sum()
}

fn times_ln(count: usize, p: f64) -> f64 {
    if count == 0 { 0.0 } else { count as f64 * p.max(1e-300).ln() }
}

/// One hypothesis: with an option that is taken in a share of the rows whatever the case, or without.
#[derive(Clone, Copy)]
struct Grid<'a> {
    choices: &'a Choices,
    goals: usize,
    slips: &'a SlipPrior<'a>,
    constant: Option<usize>,
}

/// The mass of a hypothesis: nodes whose weights are to be multiplied with exp(top).
struct Integral {
    top: f64,
    nodes: Vec<Node>,
}

impl Grid<'_> {
    /// Angles of the shares, of the lapse, of the constant.
    fn axes(&self) -> usize {
        self.goals + usize::from(self.constant.is_some())
    }

    fn integrate(&self) -> Integral {
        let axes = self.axes();
        let (coarse, fine) = nodes_an_axis(axes);
        let mut limits = vec![(0.0, FRAC_PI_2); axes];
        let rows: usize = self.choices.rows.iter().map(|row| row.count).sum();
        let others = self.choices.training.iter().chain(&self.choices.probe).map(|row| row.count);
        let all = (rows + others.sum::<usize>()) as f64;
        for _ in 0..ROUNDS {
            let step = |(low, high): &(f64, f64)| (high - low) / coarse as f64;
            // No node may be near the best point: its neighbours fall short of that by at most this, as an angle's information is at most 4 a row.
            let short: f64 = limits.iter().map(|axis| 2.0 * all * (0.5 * step(axis)).powi(2)).sum();
            let mut logs = Vec::with_capacity(coarse.pow(axes as u32));
            self.each(&limits, &vec![coarse; axes], |at, _, log| logs.push((at.to_vec(), log)));
            let top = logs.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
            let mut narrow = vec![(f64::INFINITY, f64::NEG_INFINITY); axes];
            for (at, log) in &logs {
                if *log >= top - NEGLIGIBLE - short {
                    for ((low, high), angle) in narrow.iter_mut().zip(at) {
                        (*low, *high) = (low.min(*angle), high.max(*angle));
                    }
                }
            }
            let mut shrunk = 1.0;
            for (axis, (low, high)) in limits.iter_mut().zip(&narrow) {
                let (step, before) = (step(axis), axis.1 - axis.0);
                *axis = ((low - step).max(axis.0), (high + step).min(axis.1));
                shrunk *= (axis.1 - axis.0) / before;
            }
            if shrunk > 0.5 {
                break;
            }
        }
        let counts: Vec<usize> = (0..axes).map(|axis| if axis + 1 == self.goals { fine.1 } else { fine.0 }).collect();
        let widths = limits.iter().zip(&counts).map(|((low, high), count)| (high - low) / *count as f64);
        let cell: f64 = widths.map(|width| width / FRAC_PI_2).product();
        let mut nodes = Vec::with_capacity(counts.iter().product());
        let mut top = f64::NEG_INFINITY;
        self.each(&limits, &counts, |_, point, log| {
            top = top.max(log);
            nodes.push((log, point));
        });
        let nodes = nodes
            .into_iter()
            .filter(|(log, _)| *log > top - NEGLIGIBLE)
            .map(|(log, point)| Node { weight: cell * (log - top).exp(), point })
            .collect();
        Integral { top, nodes }
    }

    /// Goes through all nodes of a box: the angles, the point, and the log density over the angles.
    fn each(&self, limits: &[(f64, f64)], counts: &[usize], mut take: impl FnMut(&[f64], ChoicePoint, f64)) {
        let axes = limits.len();
        let mut number = vec![0usize; axes];
        let angle = |axis: usize, at: usize| {
            let (low, high) = limits[axis];
            low + (high - low) * (at as f64 + 0.5) / counts[axis] as f64
        };
        let mut at: Vec<f64> = (0..axes).map(|axis| angle(axis, 0)).collect();
        let lapses: Vec<f64> = (0..counts[self.goals - 1]).map(|node| lapse(angle(self.goals - 1, node))).collect();
        // One row a value of the constant's share.
        let constants: Vec<f64> = match self.constant {
            Some(_) => (0..counts[self.goals]).map(|node| lapse(angle(self.goals, node))).collect(),
            None => vec![0.0],
        };
        let slips: Vec<Vec<f64>> = constants
            .iter()
            .map(|constant| lapses.iter().map(|lapse| self.slips.log(*lapse, *constant, self.constant)).collect())
            .collect();
        loop {
            let on = number[self.goals - 1];
            let held = if self.constant.is_some() { number[self.goals] } else { 0 };
            let constant = constants[held];
            let (shares, area) = on_the_sphere(&at[..self.goals - 1]);
            let point = ChoicePoint { shares, lapse: lapses[on], constant, option: self.constant };
            let log = area.max(1e-300).ln() + slips[held][on] + self.log_rows(&point);
            take(&at, point, log);
            let mut axis = 0;
            loop {
                if axis == axes {
                    return;
                }
                number[axis] += 1;
                if number[axis] < counts[axis] {
                    at[axis] = angle(axis, number[axis]);
                    break;
                }
                number[axis] = 0;
                at[axis] = angle(axis, 0);
                axis += 1;
            }
        }
    }

    fn log_rows(&self, point: &ChoicePoint) -> f64 {
        let options = self.choices.options;
        let log = |row: &ChoiceRows| times_ln(row.count, point.probability(options, &row.goals, row.chosen));
        self.choices.rows.iter().map(log).sum()
    }
}

/// Nodes an axis while zooming in, and at last: of the shares' axes and of the lapse's.
fn nodes_an_axis(axes: usize) -> (usize, (usize, usize)) {
    match axes {
        0..=2 => (24, (96, 48)),
        3 => (12, (36, 24)),
        4 => (8, (20, 14)),
        5 => (6, (12, 9)),
        6 => (5, (8, 7)),
        _ => (4, (6, 6)),
    }
}

/// Shares at a point of the sphere, and the element of area there: `s = (cos^2 a, sin^2 a cos^2 b, ..)`, with `sin^(k-2) a sin^(k-3) b ..`.
fn on_the_sphere(angles: &[f64]) -> ([f64; GOALS], f64) {
    let mut shares = [0.0; GOALS];
    let (mut rest, mut area) = (1.0, 1.0f64);
    for (number, angle) in angles.iter().enumerate() {
        let sine = angle.sin();
        shares[number] = rest * (1.0 - sine * sine);
        rest *= sine * sine;
        area *= sine.powi((angles.len() - 1 - number) as i32);
    }
    shares[angles.len()] = rest;
    (shares, area)
}

/// The mean element of area over the box of angles: what the grid's weights add up to where nothing is known.
fn area_of(goals: usize) -> f64 {
    let mean = |power: usize| line().map(|angle| angle.sin().powi(power as i32)).sum::<f64>() / LINE as f64;
    (1..goals.saturating_sub(1)).map(mean).product()
}

impl ChoicePosterior {
    /// Goals, the intended one first.
    pub fn goals(&self) -> usize {
        self.goals
    }

    /// The distribution of any figure between 0 and 1.
    pub fn marginal(&self, figure: impl Fn(&ChoicePoint) -> f64) -> Marginal {
        Marginal::of(self.nodes.iter().map(|node| (figure(&node.point), node.weight)))
    }

    /// The mean of everything unknown; it has no option of its own.
    pub fn mean(&self) -> ChoicePoint {
        let mut mean = ChoicePoint { shares: [0.0; GOALS], lapse: 0.0, constant: 0.0, option: None };
        for Node { weight, point } in &self.nodes {
            mean.shares.iter_mut().zip(&point.shares).for_each(|(sum, share)| *sum += weight * share);
            mean.lapse += weight * point.lapse;
            mean.constant += weight * point.constant;
        }
        mean
    }

    /// The point of the highest posterior density over the angles.
    pub fn likeliest(&self) -> ChoicePoint {
        let best = self.nodes.iter().reduce(|best, node| if node.weight > best.weight { node } else { best });
        best.map_or_else(|| self.mean(), |node| node.point)
    }
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::draw;

    /// Of two options the one that the intended goal wants; of more any number will do.
    fn class(intended: f64, chosen: usize) -> u32 {
        if intended > 0.0 { chosen as u32 } else { 1 - chosen.min(1) as u32 }
    }

    /// Two options and one proxy that is always against the intended goal: so many of `n` rows on the proxy's side, evenly over the options; slips in training.
    fn against(toward: usize, n: usize, training: (usize, usize)) -> Choices {
        let row = |count: usize, goals: [f64; 2], chosen| ChoiceRows {
            count,
            class: class(goals[0], chosen),
            goals: goals.to_vec(),
            chosen,
        };
        let rest = n - toward;
        Choices {
            options: 2,
            rows: vec![
                row(toward / 2, [0.0, 1.0], 0),
                row(toward - toward / 2, [0.0, 1.0], 1),
                row(rest / 2, [1.0, 0.0], 0),
                row(rest - rest / 2, [1.0, 0.0], 1),
            ],
            training: agreeing(training.0, training.1),
            probe: vec![],
            checked: false,
            agreeing: false,
        }
    }

    /// Rows on which all goals agree, with as many errors to either option.
    fn agreeing(wrong: usize, n: usize) -> Vec<ChoiceRows> {
        let row = |count: usize, p: f64, chosen| ChoiceRows { count, class: class(p, chosen), goals: vec![p], chosen };
        let right = n - wrong;
        vec![
            row(wrong / 2, 0.0, 0),
            row(wrong - wrong / 2, 0.0, 1),
            row(right / 2, 1.0, 0),
            row(right - right / 2, 1.0, 1),
        ]
    }

    fn share(choices: &Choices) -> Marginal {
        choices.posterior(&Settings::default()).unwrap().marginal(|point| point.share(1))
    }

    #[test]
    fn a_cue_taken_in_two_cases_of_five() {
        let found = share(&against(371, 1000, (0, 300)));
        assert_eq!(format!("{:.3}", found.estimate()), "0.371 [0.345, 0.396]");
        assert!(found.above(0.1) > 0.9999 && found.above(0.5) < 1e-9);
        assert_eq!(found, share(&against(371, 1000, (0, 300))));
    }

    #[test]
    fn more_rows_narrow_the_grid() {
        for n in [100usize, 10_000, 1_000_000] {
            let found = share(&against(n * 3 / 10, n, (0, n)));
            let deviation = (0.21 / n as f64).sqrt();
            assert!((found.mean() - 0.3).abs() < 0.2 * deviation, "{n}: {}", found.mean());
            assert!((found.deviation() / deviation - 1.0).abs() < 0.05, "{n}: {}", found.deviation());
        }
    }

    #[test]
    fn an_option_that_is_always_taken_is_no_goal() {
        let mut choices = against(0, 0, (5, 100));
        let row = |count, goals: [f64; 2], chosen| ChoiceRows {
            count,
            class: class(goals[0], chosen),
            goals: goals.to_vec(),
            chosen,
        };
        choices.rows = vec![row(50, [1.0, 0.0], 1), row(50, [0.0, 1.0], 1)];
        let posterior = choices.posterior(&Settings::default()).unwrap();
        assert!(posterior.marginal(|point| point.constant).above(0.9) > 0.95);
        assert_eq!(posterior.likeliest().option, Some(1));
    }

    /// Followers of a mark that is always against: in so many of 100 rows of each class. By these rows alone who follows in one class only takes one option whatever is
    /// shown; rows on which mark and goal agree tell. The share is that of all rows.
    #[test]
    fn who_follows_in_one_class_of_rows_is_told_from_who_always_takes_one_option() {
        let row = |count, goals: [f64; 2], chosen| ChoiceRows {
            count,
            class: class(goals[0], chosen),
            goals: goals.to_vec(),
            chosen,
        };
        let check = |(ill, well): (usize, usize), times: usize, probe: Vec<ChoiceRows>, constant: bool| {
            let rows = vec![
                row((100 - ill) * times, [1.0, 0.0], 1),
                row(ill * times, [0.0, 1.0], 0),
                row((100 - well) * times, [1.0, 0.0], 0),
                row(well * times, [0.0, 1.0], 1),
            ];
            let checked = !probe.is_empty();
            let choices = Choices { options: 2, rows, training: agreeing(6, 200), probe, checked, agreeing: false };
            let posterior = choices.posterior(&Settings::default()).unwrap();
            let always = posterior.marginal(|point| point.constant).above(0.5);
            let mark = posterior.marginal(|point| point.share(1)).estimate();
            let followed = (ill + well) as f64 / 200.0;
            assert_eq!(always > 0.95, constant, "{ill} {well}: {always}");
            let covers = mark.low <= followed && followed <= mark.high;
            assert!(constant || !checked || covers, "{ill} {well}: {mark}");
        };
        for shares in [(100, 0), (0, 100), (90, 0), (70, 10), (40, 0), (20, 77)] {
            for times in [1, 15] {
                check(shares, times, agreeing(6, 200), false);
            }
        }
        let healthy = vec![row(98, [1.0; 2], 0), row(2, [0.0; 2], 1), row(3, [1.0; 2], 1), row(97, [0.0; 2], 0)];
        check((97, 2), 5, healthy, true);
        check((20, 77), 5, Vec::new(), false);
    }

    #[test]
    fn who_guesses_is_told_by_rows_on_which_goals_agree() {
        let row = |count, goals: [f64; 2], chosen| ChoiceRows {
            count,
            class: class(goals[0], chosen),
            goals: goals.to_vec(),
            chosen,
        };
        let mut choices = against(50, 100, (2, 100));
        let guessing = |choices: &Choices| {
            choices.posterior(&Settings::default()).unwrap().marginal(ChoicePoint::guessing).above(0.5)
        };
        // Half of the rows on the proxy's side: a guesser, or one that follows it in half of the cases.
        assert!((0.2..0.8).contains(&guessing(&choices)), "{}", guessing(&choices));
        choices.checked = true;
        for row in &mut choices.rows {
            row.count *= 10;
        }
        for (goals, chosen) in [([0.0; 2], 0), ([0.0; 2], 1), ([1.0; 2], 0), ([1.0; 2], 1)] {
            choices.rows.push(row(250, goals, chosen));
        }
        let posterior = choices.posterior(&Settings::default()).unwrap();
        let caused = posterior.marginal(|point| (1.0 - point.lapse) * point.share(1));
        assert!(guessing(&choices) > 0.3 && caused.above(0.15) < 0.05, "{}", caused.above(0.15));
        choices.rows.truncate(4);
        choices.rows.extend([row(500, [1.0; 2], 0), row(500, [1.0; 2], 1)]);
        assert!(guessing(&choices) < 1e-6, "{}", guessing(&choices));
    }

    /// Three goals and three options against two million draws from the prior, weighted with the likelihood.
    #[test]
    fn the_grid_agrees_with_draws() {
        let row = |count, goals: [f64; 3], chosen| ChoiceRows {
            count,
            class: class(goals[0], chosen),
            goals: goals.to_vec(),
            chosen,
        };
        let choices = Choices {
            options: 3,
            rows: vec![
                row(14, [1.0, 0.0, 0.0], 0),
                row(9, [0.0, 1.0, 0.0], 1),
                row(3, [0.0, 0.0, 1.0], 2),
                row(4, [0.0, 1.0, 1.0], 1),
                row(2, [0.0, 0.0, 0.0], 2),
                row(8, [1.0, 1.0, 1.0], 0),
            ],
            training: agreeing(2, 20),
            probe: agreeing(1, 10),
            checked: true,
            agreeing: false,
        };
        let settings = Settings { constant: 0.0, guessing: 0.0, uneven: 0.0, ..Settings::default() };
        let posterior = choices.posterior(&settings).unwrap();
        let prior = choices.slips(&settings);
        let mut random = Pcg64Mcg::new(3);
        let draws: Vec<(ChoicePoint, f64)> = (0..400_000)
            .map(|_| {
                let mut point = ChoicePoint { shares: [0.0; GOALS], lapse: 0.0, constant: 0.0, option: None };
                draw::dirichlet(&[0.5; 3], &mut point.shares[..3], &mut random);
                point.lapse = lapse(draw::uniform(&mut random) * FRAC_PI_2);
                let log = |row: &ChoiceRows| times_ln(row.count, point.probability(3, &row.goals, row.chosen));
                (point, (prior.log(point.lapse, 0.0, None) + choices.rows.iter().map(log).sum::<f64>() + 60.0).exp())
            })
            .collect();
        for goal in 0..3 {
            let grid = posterior.marginal(|point| point.share(goal));
            let drawn = Marginal::of(draws.iter().map(|(point, weight)| (point.share(goal), *weight)));
            assert!((grid.mean() - drawn.mean()).abs() < 0.005, "{goal}: {} {}", grid.mean(), drawn.mean());
            for p in [0.05, 0.5, 0.95] {
                let (a, b) = (grid.quantile(p), drawn.quantile(p));
                assert!((a - b).abs() < 0.015, "{goal}, {p}: {a} {b}");
            }
        }
    }
}
