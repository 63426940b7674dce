//! Whose option is taken where goals part: the posterior of the goals' shares from single choices, without a draw.
//!
//! Every row is one choice among `m` options. With probability `lapse` it is a guess, any option alike; else it is the option of a goal, of goal h in a
//! share `s_h` of the rows. With small prior weights an option gets a share of the rows whatever the case ([`Settings::constant`]), all rows are guesses
//! ([`Settings::guessing`]), the shares are others where the intended goal wants another option ([`Settings::uneven`]), or slips are more frequent in some rows or go to some options ([`Settings::harder`]). Shares have the Dirichlet(1/2) prior, which is the uniform distribution on a sphere (s_h = x_h^2), and so do the lapse
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

use crate::Marginal;

mod astray;
mod harder;
mod sphere;
mod uneven;

use harder::By;

/// Log-posterior below the best node from which on a region is left out of the grid.
const NEGLIGIBLE: f64 = 18.0;
/// Rounds of zooming in at most; each at least halves the box or is the last.
const ROUNDS: usize = 12;
/// Nodes of one-dimensional integrals over the lapse.
const LINE: usize = 512;
/// The most goals that the grid carries.
const GOALS: usize = 8;

/// Rows of one kind, with the same choice made in all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChoiceRows {
    /// How many.
    pub count: usize,
    /// What the intended goal wants, as a number: a goal may be followed in more of the rows of one class than of another ([`Settings::uneven`]).
    pub class: u32,
    /// What the other goals want, as a number: rows that bear a mark may be harder than others ([`Settings::harder`]).
    pub others: u32,
    /// Which marks the rows bear, as a number: other goals may want the same where a mark stands and where none does ([`Settings::harder`]).
    pub marks: u32,
    /// For every goal, the probability that its follower makes this choice when it does not slip; the intended goal first.
    pub goals: Vec<f64>,
    /// The option chosen.
    pub chosen: usize,
}

impl ChoiceRows {
    /// Whether some goal's follower chooses otherwise than the intended goal's.
    fn parts(&self) -> bool {
        self.goals.iter().any(|goal| (goal - self.goals[0]).abs() > 1e-9)
    }
}

/// Rows that say how often the agent slips, whatever goal it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slips {
    /// Share of the options that no goal asks for: a guess hits one of them with this probability.
    pub outside: f64,
    /// Rows on which one of them was taken, or what such rows weigh.
    pub wrong: f64,
    /// Rows on which none was.
    pub right: f64,
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
    /// Probability that the agent slips more in some classes of rows, that it slips more in rows on which the other goals want something, that it does in rows that bear a
    /// mark, and that its slips go to other options in one class than in another: this for each.
    pub harder: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { same_slips: 0.5, constant: 0.05, guessing: 0.05, uneven: 0.05, harder: 0.1 }
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
    /// Rows of the shift on which no goal is against the intended one, but some would as well have something else; of their goals one is enough.
    pub open: Vec<ChoiceRows>,
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
        let found = plain.integrate();
        let mut parts = vec![(settings.guessing * area_of(goals), self.guesses(&slips))];
        for option in (0..self.options).filter(|option| self.leans_to(*option, &found)) {
            let part = Grid { constant: Some(option), ..plain }.integrate();
            parts.push((settings.constant / self.options as f64, part));
        }
        parts.extend(self.uneven(goals, &slips, &found).map(|part| (settings.uneven, part)));
        // Mostly marks are what proxies want, and say nothing of their own.
        let ways = [By::Class, By::Others, By::Marks].into_iter();
        for by in ways.filter(|by| *by != By::Marks || !self.are_one_partition(By::Others, By::Marks)) {
            parts.extend(self.harder(goals, by, settings).map(|part| (settings.harder, part)));
        }
        parts.extend(self.astray(goals, settings).map(|part| (settings.harder, part)));
        // What the rows give no reason to look at is as much as excluded: its weight is that of the plain hypothesis.
        let rest: f64 = parts.iter().skip(1).map(|(prior, _)| prior).sum();
        parts.push((1.0 - settings.guessing - rest, found));
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
        let other = self.log_at_any_rate(&self.training);
        let same = if self.checked { settings.same_slips } else { 1.0 };
        SlipPrior { choices: self, same, other }
    }

    /// Log-likelihood of rows on which all goals agree.
    fn log_agreeing(&self, rows: &[ChoiceRows], lapse: f64, constant: f64, option: Option<usize>) -> f64 {
        let mut shares = [0.0; GOALS];
        shares[0] = 1.0;
        let point = ChoicePoint { shares, lapse, constant, option };
        let log =
            |row: &ChoiceRows| times_ln(row.count as f64, point.probability(self.options, &row.goals[..1], row.chosen));
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

    /// Whether some rows may get `option` whatever the case: the score of a small share of such rows at the best point without one. Where it is not
    /// above its chance value, a constant's share is about 0, and its grid would only repeat the one without.
    fn leans_to(&self, option: usize, without: &Integral) -> bool {
        let Some(best) = without.likeliest() else { return false };
        let (mut score, mut information) = (0.0, 0.0);
        for row in &self.rows {
            let hits = if row.chosen == option { 1.0 } else { 0.0 };
            let slope = hits / best.probability(self.options, &row.goals, row.chosen) - 1.0;
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

fn times_ln(count: f64, p: f64) -> f64 {
    if count == 0.0 { 0.0 } else { count * p.max(1e-300).ln() }
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

impl Integral {
    fn likeliest(&self) -> Option<ChoicePoint> {
        Some(self.nodes.iter().reduce(|a, b| if b.weight > a.weight { b } else { a })?.point)
    }
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
        // Shares come round at every lapse and every constant.
        let shares = self.shares(limits, counts);
        let mut shared = shares.iter().cycle();
        let slips: Vec<Vec<f64>> = constants
            .iter()
            .map(|constant| lapses.iter().map(|lapse| self.slips.log(*lapse, *constant, self.constant)).collect())
            .collect();
        loop {
            let on = number[self.goals - 1];
            let held = if self.constant.is_some() { number[self.goals] } else { 0 };
            let constant = constants[held];
            let Some((shares, area)) = shared.next() else { return };
            let point = ChoicePoint { shares: *shares, lapse: lapses[on], constant, option: self.constant };
            let log = area + slips[held][on] + self.log_rows(&point);
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

    /// The shares at all nodes of their axes, the first axis running fastest, and ln of the element of area there.
    fn shares(&self, limits: &[(f64, f64)], counts: &[usize]) -> Vec<([f64; GOALS], f64)> {
        let axes = self.goals - 1;
        let at = |mut number: usize| {
            let angle = |axis: usize| {
                let (low, high) = limits[axis];
                let at = number % counts[axis];
                number /= counts[axis];
                low + (high - low) * (at as f64 + 0.5) / counts[axis] as f64
            };
            let angles: Vec<f64> = (0..axes).map(angle).collect();
            let (shares, area) = on_the_sphere(&angles);
            (shares, area.max(1e-300).ln())
        };
        (0..counts[..axes].iter().product()).map(at).collect()
    }

    fn log_rows(&self, point: &ChoicePoint) -> f64 {
        let options = self.choices.options;
        let log = |row: &ChoiceRows| times_ln(row.count as f64, point.probability(options, &row.goals, row.chosen));
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
mod tests;
