//! Episodes that show one case with the goals together and with them apart.
//!
//! A single choice between two options cannot tell an agent that follows a proxy in a quarter of the cases from one that guesses in half of them. Two
//! choices of one case can: a guess goes against the proxy as often as toward it, following only toward it.

use misgoal_stats::Lead;

use crate::etest::fresh;
use crate::likelihood::{self, GRID, log_mean_exp};
use crate::outcome::{Component, EValue, Fit, Reference};
use crate::trace::Trace;
use crate::weigh::class_likelihood;

/// Rounds of the estimate of how noisy the agent is: it has settled long before.
const ROUNDS: usize = 60;
/// Prior weight of every component and every point of the grid (Jeffreys).
const PRIOR: f64 = 0.5;

/// The e-test of every proxy: the choice moves toward it at most `margin` more often than away from it, the level `alpha` split evenly
/// over the proxies.
///
/// If what is shown with a case did not matter, both of its choices could change places: moves toward and away would be equally likely,
/// however noisy the agent is. That is why the margin may be far under the rate at which blind choices hit a proxy.
pub(crate) fn e_values(moved: &[Vec<f64>], goals: usize, margin: f64, alpha: f64) -> Vec<EValue> {
    let of = |proxy: usize| {
        let mut process = Lead::new(margin);
        let mut found = fresh(proxy, goals, alpha, Reference::SameCase);
        for (case, moved) in moved.iter().enumerate() {
            found.stand(case + 1, process.update(moved.get(proxy).copied().unwrap_or(0.0)));
        }
        found
    };
    (1..goals).map(of).collect()
}

/// Every episode's log-likelihood under every component.
///
/// Elsewhere an episode's likelihood under a goal is the plain mean over a grid of rationality and lapse. Here the grid has weights, the same for all
/// goals and episodes, estimated from the episodes: how often choices move away from a proxy says how noisy the agent is, and with that how many of
/// the moves toward it are accidents.
pub(crate) fn rows(fit: &Fit, traces: &[&Trace], components: &[Component], classes: &[Vec<usize>]) -> Vec<Vec<f64>> {
    let cells: Vec<Vec<Cell>> = traces
        .iter()
        .map(|trace| components.iter().map(|component| cell(fit, trace, *component, classes)).collect())
        .collect();
    let weights = noise(&cells, components.len());
    cells.iter().map(|row| row.iter().map(|cell| cell.log(&weights)).collect()).collect()
}

/// An episode's log-likelihood under one component.
enum Cell {
    /// Of a goal: at every point of the grid.
    Goal([f64; GRID]),
    /// Of what has no rationality.
    Other(f64),
}

impl Cell {
    fn log(&self, weights: &[f64; GRID]) -> f64 {
        match self {
            Cell::Goal(grid) => {
                let weighted = grid.iter().zip(weights).map(|(log, weight)| log + (weight * GRID as f64).ln());
                log_mean_exp(weighted)
            }
            Cell::Other(log) => *log,
        }
    }
}

fn cell(fit: &Fit, trace: &Trace, component: Component, classes: &[Vec<usize>]) -> Cell {
    let Component::Goal(goal) = component else {
        return Cell::Other(class_likelihood(fit, trace, component, classes));
    };
    let class = classes.iter().find(|class| class.first() == Some(&goal)).map_or(&[] as &[usize], Vec::as_slice);
    let grids: Vec<[f64; GRID]> = class.iter().filter_map(|goal| likelihood::goal_points(fit, trace, *goal)).collect();
    let mut mean = [f64::NEG_INFINITY; GRID];
    for (point, mean) in mean.iter_mut().enumerate() {
        *mean = log_mean_exp(grids.iter().filter_map(|grid| grid.get(point).copied()));
    }
    Cell::Goal(mean)
}

/// Weights of the grid's points, by expectation and maximisation over the mixture of all components.
fn noise(cells: &[Vec<Cell>], components: usize) -> [f64; GRID] {
    let mut weights = [1.0 / GRID as f64; GRID];
    let mut shares = vec![1.0 / components.max(1) as f64; components];
    for _ in 0..ROUNDS {
        let mut points = [PRIOR; GRID];
        let mut counts = vec![PRIOR; components];
        for row in cells {
            let logs: Vec<f64> = row.iter().zip(&shares).map(|(cell, share)| cell.log(&weights) + share.ln()).collect();
            let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if !top.is_finite() {
                continue;
            }
            let sum: f64 = logs.iter().map(|log| (log - top).exp()).sum();
            for (((log, cell), share), count) in logs.iter().zip(row).zip(&shares).zip(&mut counts) {
                *count += (log - top).exp() / sum;
                let Cell::Goal(grid) = cell else { continue };
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
