//! Posterior-predictive check: would the winning component behave like this?
//!
//! A realised-discrepancy check (Gelman, Meng and Stern 1996): for every replicate, draw the component's nuisance
//! parameters from their posterior, episode by episode, redraw the actions at the visited states, and compare the
//! log-scores. Conditioning on the visited states spares a simulation of the world and keeps the number of steps equal.

use misgoal_stats::draw;
use misgoal_world::MAX_ACTIONS;
use rand_pcg::Pcg64Mcg;

use crate::likelihood::{LAPSES, RATIONALITY, goal_grid, probabilities, target_posterior};
use crate::outcome::{Component, Fit};
use crate::trace::{Advantages, Trace};

/// Replicates of the data.
const REPLICATES: usize = 400;

/// Share of the replicates whose log-score is no better than the observed one, over the episodes given. `None` without
/// an episode.
pub(crate) fn check(fit: &Fit, component: Component, traces: &[&Trace], rng: &mut Pcg64Mcg) -> Option<f64> {
    if traces.is_empty() {
        return None;
    }
    let mut worse = 0usize;
    let mut observed = vec![0.0; REPLICATES];
    let mut simulated = vec![0.0; REPLICATES];
    for trace in traces {
        // The grid has 12 points (the other components fewer): score each of them once, then draw among them.
        let models = models(fit, component, trace, rng);
        let weights: Vec<f64> = models.iter().map(|model| model.weight).collect();
        for (observed, simulated) in observed.iter_mut().zip(&mut simulated) {
            let Some(model) = models.get(draw::categorical(&weights, rng)) else { continue };
            for (step, p) in trace.steps.iter().zip(&model.probabilities) {
                let action = draw::categorical(p, rng);
                *observed += p.get(usize::from(step.action)).copied().unwrap_or(0.0).ln();
                *simulated += p.get(action).copied().unwrap_or(0.0).ln();
            }
        }
    }
    for (observed, simulated) in observed.iter().zip(&simulated) {
        worse += usize::from(simulated <= observed);
    }
    Some(worse as f64 / REPLICATES as f64)
}

/// One setting of a component's nuisance parameters on one episode.
struct Model {
    weight: f64,
    probabilities: Vec<[f64; MAX_ACTIONS]>,
}

fn models(fit: &Fit, component: Component, trace: &Trace, rng: &mut Pcg64Mcg) -> Vec<Model> {
    match component {
        Component::Goal(goal) => trace.goals.get(goal).map_or(Vec::new(), |a| competent(fit, trace, a)),
        Component::Nota => {
            let posterior = target_posterior(fit, trace);
            trace
                .targets
                .get(draw::categorical(&posterior, rng))
                .map_or(Vec::new(), |target| competent(fit, trace, &target.advantages))
        }
        Component::Heur => vec![stereotyped(trace, rng)],
        Component::Dev => {
            let zeros = vec![Advantages::default(); trace.steps.len()];
            competent(&Fit { rationality: 0.0, ..fit.clone() }, trace, &zeros)
        }
    }
}

fn competent(fit: &Fit, trace: &Trace, advantages: &[Advantages]) -> Vec<Model> {
    let logs = goal_grid(fit, &trace.steps, advantages, trace.actions);
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let points = RATIONALITY.iter().flat_map(|b| LAPSES.iter().map(move |e| (b * fit.rationality, *e)));
    points
        .zip(logs)
        .map(|((rationality, lapse), log)| Model {
            weight: (log - top).exp(),
            probabilities: trace
                .steps
                .iter()
                .zip(advantages)
                .map(|(step, a)| {
                    let mut p = probabilities(fit, step, a, trace.actions, rationality, lapse);
                    // Entries past the world's actions must not be drawn.
                    p.iter_mut().skip(trace.actions).for_each(|p| *p = 0.0);
                    p
                })
                .collect(),
        })
        .collect()
}

fn stereotyped(trace: &Trace, rng: &mut Pcg64Mcg) -> Model {
    let mut concentration = [0.5; MAX_ACTIONS];
    for step in &trace.steps {
        if let Some(count) = concentration.get_mut(usize::from(step.action)) {
            *count += 1.0;
        }
    }
    let mut p = [0.0; MAX_ACTIONS];
    if let (Some(concentration), Some(p)) = (concentration.get(..trace.actions), p.get_mut(..trace.actions)) {
        draw::dirichlet(concentration, p, rng);
    }
    Model { weight: 1.0, probabilities: vec![p; trace.steps.len()] }
}
