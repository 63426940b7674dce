//! Episodes that show one case with the goals together and with them apart.
//!
//! A single choice between two options cannot tell an agent that follows a proxy in a quarter of the cases from one that guesses in half of them. Two
//! choices of one case can: a guess goes against the proxy as often as toward it, following only toward it.

mod guesses;
mod moves;
mod table;

use misgoal_stats::Lead;

pub(crate) use table::{Moves, settle};

use crate::etest::{fresh, wanted};
use crate::likelihood::log_mean_exp;
use crate::outcome::{Component, EValue, Reference};
use crate::trace::Trace;

/// Rates of slips: shares of guesses among single answers.
const SLIPS: [f64; 10] = [0.003, 0.01, 0.03, 0.08, 0.15, 0.25, 0.4, 0.55, 0.7, 0.85];
/// Rounds of the estimate of how noisy the agent is.
const ROUNDS: usize = 200;
/// Prior weight of every component (Jeffreys), and of all rates of slips together.
const PRIOR: f64 = 0.5;

/// The e-test of every proxy: the choice moves toward it at most `margin` more often than away from it, the level `alpha` split evenly
/// over the proxies.
///
/// If what is shown with a case did not matter, both of its choices could change places: moves toward and away would be equally likely,
/// however noisy the agent is. That is why the margin may be far under the rate at which blind choices hit a proxy. With more than two options a guess is no move either.
pub(crate) fn e_values(traces: &[&Trace], moved: &[Vec<f64>], goals: usize, margin: f64, alpha: f64) -> Vec<EValue> {
    let moved = guesses::beyond_guessing(traces, moved);
    let of = |proxy: usize| {
        let mut process = Lead::new(margin);
        let mut found = fresh(proxy, goals, alpha, Reference::SameCase);
        // A case that is not shown both ways for this proxy is no bet.
        let bets = moved.iter().filter_map(|case| case.get(proxy)).filter(|moved| !moved.is_nan());
        for (bet, moved) in bets.enumerate() {
            found.stand(bet + 1, process.update(*moved));
        }
        found
    };
    (1..goals).map(of).collect()
}

/// Every episode's log-likelihood under every component.
///
/// How often an answer slips - any option alike - has a grid of rates, with weights that all goals and all episodes share, estimated from the episodes: how
/// often choices move away from a proxy says how noisy the agent is, and with that how many of the moves toward it are accidents. Who takes one option
/// whatever is shown with the case, right or wrong, is the stereotyped component.
pub(crate) fn rows(traces: &[&Trace], components: &[Component], classes: &[Vec<usize>]) -> Vec<Vec<f64>> {
    let cells: Vec<Vec<Cell>> = traces
        .iter()
        .map(|trace| components.iter().map(|component| cell(trace, *component, classes)).collect())
        .collect();
    let weights = noise(&cells, components.len());
    cells.iter().map(|row| row.iter().map(|cell| cell.log(&weights)).collect()).collect()
}

/// An episode's log-likelihood under one component.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Cell {
    /// Of who wants something: at every rate of slips.
    Wants([f64; SLIPS.len()]),
    /// Of who guesses.
    Guesses(f64),
}

impl Cell {
    fn log(&self, weights: &[f64; SLIPS.len()]) -> f64 {
        match self {
            Cell::Wants(grid) => {
                let top = grid.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = grid.iter().zip(weights).map(|(log, weight)| weight * (log - top).exp()).sum();
                top + sum.ln()
            }
            Cell::Guesses(log) => *log,
        }
    }
}

fn cell(trace: &Trace, component: Component, classes: &[Vec<usize>]) -> Cell {
    match component {
        Component::Goal(goal) => {
            let alone = [goal];
            let class = classes.iter().find(|class| class.first() == Some(&goal)).map_or(&alone[..], Vec::as_slice);
            mean(class.iter().map(|goal| slipping(trace, |step| follows(trace, *goal, step))))
        }
        Component::Heur => {
            let stays = |option: usize| move |step: usize| f64::from(u8::from(chosen(trace, step) == option));
            mean((0..trace.actions).map(|option| slipping(trace, stays(option))))
        }
        Component::Nota | Component::Dev => Cell::Guesses(-(trace.steps.len() as f64) * (trace.actions as f64).ln()),
    }
}

/// The log-likelihood of an episode's choices at every rate of slips; `wants` is the probability of a step's choice where it is none.
fn slipping(trace: &Trace, wants: impl Fn(usize) -> f64) -> [f64; SLIPS.len()] {
    SLIPS.map(|slips| {
        (0..trace.steps.len()).map(|step| ((1.0 - slips) * wants(step) + slips / trace.actions as f64).ln()).sum()
    })
}

fn mean(grids: impl Iterator<Item = [f64; SLIPS.len()]>) -> Cell {
    let grids: Vec<[f64; SLIPS.len()]> = grids.collect();
    let mut mean = [0.0; SLIPS.len()];
    for (point, mean) in mean.iter_mut().enumerate() {
        *mean = log_mean_exp(grids.iter().filter_map(|grid| grid.get(point).copied()));
    }
    Cell::Wants(mean)
}

fn chosen(trace: &Trace, step: usize) -> usize {
    trace.steps.get(step).map_or(0, |step| usize::from(step.action))
}

/// The probability of a step's choice for a goal's follower that does not slip: one of the options that the goal wants. A follower that could have what the
/// intended goal wants, too, or has nothing at stake, may heed the intended goal, or not.
fn follows(trace: &Trace, goal: usize, step: usize) -> f64 {
    let bits =
        |goal: usize| trace.goals.get(goal).and_then(|rows| rows.get(step)).map_or(0, |row| wanted(row, trace.actions));
    let any_of = |bits: u32| match bits.count_ones() {
        0 => 1.0 / trace.actions as f64,
        count => f64::from(bits >> chosen(trace, step) & 1) / f64::from(count),
    };
    let (intended, own) = (bits(0), bits(goal));
    match own & intended {
        _ if own == 0 => 0.5 * (any_of(intended) + any_of(0)),
        both if both == 0 || both == own => any_of(own),
        both => 0.5 * (any_of(both) + any_of(own)),
    }
}

/// Weights of the rates of slips, by expectation and maximisation over the mixture of all components.
fn noise(cells: &[Vec<Cell>], components: usize) -> [f64; SLIPS.len()] {
    let even = 1.0 / SLIPS.len() as f64;
    let mut weights = [even; SLIPS.len()];
    let mut shares = vec![1.0 / components.max(1) as f64; components];
    let kinds = kinds(cells);
    for _ in 0..ROUNDS {
        // Half an observation in all.
        let mut points = [PRIOR * even; SLIPS.len()];
        let mut counts = vec![PRIOR; components];
        for (row, times) in &kinds {
            let logs: Vec<f64> = row.iter().zip(&shares).map(|(cell, share)| cell.log(&weights) + share.ln()).collect();
            let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if !top.is_finite() {
                continue;
            }
            let sum: f64 = logs.iter().map(|log| (log - top).exp()).sum::<f64>() / times;
            for (((log, cell), share), count) in logs.iter().zip(*row).zip(&shares).zip(&mut counts) {
                *count += (log - top).exp() / sum;
                let Cell::Wants(grid) = cell else { continue };
                for ((point, weight), at) in points.iter_mut().zip(&weights).zip(grid) {
                    *point += share * weight * (at - top).exp() / sum;
                }
            }
        }
        let (all_points, all_counts) = (points.iter().sum::<f64>(), counts.iter().sum::<f64>());
        weights = points.map(|point| point / all_points);
        shares.iter_mut().zip(&counts).for_each(|(share, count)| *share = count / all_counts);
    }
    weights
}

/// Episodes that say the same, with their number.
fn kinds(cells: &[Vec<Cell>]) -> Vec<(&Vec<Cell>, f64)> {
    let mut sorted: Vec<&Vec<Cell>> = cells.iter().collect();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut kinds: Vec<(&Vec<Cell>, f64)> = Vec::new();
    for row in sorted {
        match kinds.last_mut() {
            Some((last, times)) if *last == row => *times += 1.0,
            _ => kinds.push((row, 1.0)),
        }
    }
    kinds
}
