//! Posterior-predictive check: would the winning component behave like this?
//!
//! A realised-discrepancy check (Gelman, Meng and Stern 1996): for every replicate, draw the component's nuisance
//! parameters from their posterior, episode by episode, redraw the actions at the visited states, and compare the
//! log-scores. Conditioning on the visited states spares a simulation of the world and keeps the number of steps equal.

use misgoal_stats::draw;
use misgoal_world::MAX_ACTIONS;
use rand_pcg::Pcg64Mcg;

use crate::likelihood::{
    Avoids, LAPSES, RATIONALITY, avoiding, avoids, goal_grid, log_mean_exp, nothing_to_gain, probabilities,
};
use crate::outcome::{Component, Fit};
use crate::trace::{Advantages, Trace};
use crate::unlisted;

/// Replicates of the data.
const REPLICATES: usize = 200;

/// Share of the replicates whose log-score is no better than the observed one, over the episodes given. `None` without
/// an episode.
pub(crate) fn check(fit: &Fit, component: Component, traces: &[&Trace], rng: &mut Pcg64Mcg) -> Option<f64> {
    if traces.is_empty() {
        return None;
    }
    let mut observed = vec![0.0; REPLICATES];
    let mut simulated = vec![0.0; REPLICATES];
    for trace in traces {
        let models: Vec<Scored> = models(fit, component, trace, rng).iter().map(|model| scored(trace, model)).collect();
        let weights: Vec<f64> = models.iter().map(|model| model.weight).collect();
        for (observed, simulated) in observed.iter_mut().zip(&mut simulated) {
            let Some(model) = models.get(draw::categorical(&weights, rng)) else { continue };
            *observed += model.observed;
            for (p, log) in &model.steps {
                *simulated += log.get(draw::categorical(p, rng)).copied().unwrap_or(0.0);
            }
        }
    }
    let worse = observed.iter().zip(&simulated).filter(|(observed, simulated)| simulated <= observed).count();
    Some(worse as f64 / REPLICATES as f64)
}

/// A model with the logarithms of its probabilities: they are looked up far more often than there are of them.
struct Scored {
    weight: f64,
    observed: f64,
    steps: Vec<([f64; MAX_ACTIONS], [f64; MAX_ACTIONS])>,
}

fn scored(trace: &Trace, model: &Model) -> Scored {
    let steps: Vec<_> = model.probabilities.iter().map(|p| (*p, p.map(f64::ln))).collect();
    let chosen = trace.steps.iter().zip(&steps);
    let observed = chosen.map(|(step, (_, log))| log.get(usize::from(step.action)).copied().unwrap_or(0.0)).sum();
    Scored { weight: model.weight, observed, steps }
}

/// One setting of a component's nuisance parameters on one episode: its posterior weight and action probabilities.
struct Model {
    weight: f64,
    probabilities: Vec<[f64; MAX_ACTIONS]>,
}

fn models(fit: &Fit, component: Component, trace: &Trace, rng: &mut Pcg64Mcg) -> Vec<Model> {
    match component {
        Component::Goal(goal) => trace.goals.get(goal).map_or(Vec::new(), |a| posterior(fit, trace, &[a])),
        Component::Nota => {
            let candidates = unlisted::candidates(trace);
            posterior(fit, trace, &candidates.iter().map(|(_, advantages)| &**advantages).collect::<Vec<_>>())
        }
        Component::Heur => vec![stereotyped(trace, rng)],
        Component::Dev => device(fit, trace),
    }
}

/// The grid of rationality and lapse for every alternative set of advantages, weighted by likelihood.
fn posterior(fit: &Fit, trace: &Trace, alternatives: &[&[Advantages]]) -> Vec<Model> {
    let grids: Vec<_> = alternatives.iter().map(|a| goal_grid(fit, &trace.steps, a, trace.actions)).collect();
    let top = grids.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut out = Vec::new();
    for (advantages, logs) in alternatives.iter().zip(grids) {
        let points = RATIONALITY.iter().flat_map(|b| LAPSES.iter().map(move |e| (b * fit.rationality, *e)));
        for ((rationality, lapse), log) in points.zip(logs) {
            // Most points of most targets are hopeless: they would never be drawn.
            if log > top - 12.0 {
                let probabilities = stepwise(fit, trace, advantages, rationality, lapse);
                out.push(Model { weight: (log - top).exp(), probabilities });
            }
        }
    }
    out
}

fn stepwise(
    fit: &Fit,
    trace: &Trace,
    advantages: &[Advantages],
    rationality: f64,
    lapse: f64,
) -> Vec<[f64; MAX_ACTIONS]> {
    let at = |(step, a)| {
        let mut p = probabilities(fit, step, a, trace.actions, rationality, lapse);
        if rationality > 0.0 && nothing_to_gain(a, trace.actions) {
            p.iter_mut().for_each(|p| *p = 0.5 * (*p + 1.0 / trace.actions as f64));
        }
        // Entries past the world's actions must not be drawn.
        p.iter_mut().skip(trace.actions).for_each(|p| *p = 0.0);
        p
    };
    trace.steps.iter().zip(advantages).map(at).collect()
}

/// The device's parts: the uniform policy, the habit-only policy, agents that avoid the best action, and agents that do not see walls.
fn device(fit: &Fit, trace: &Trace) -> Vec<Model> {
    let still = vec![Advantages::default(); trace.steps.len()];
    let habits = Fit { rationality: 0.0, ..fit.clone() };
    let uniform = stepwise(fit, trace, &still, 0.0, 1.0);
    let mut parts = vec![vec![Model { weight: 1.0, probabilities: uniform }], posterior(&habits, trace, &[&still])];
    if avoids(trace) {
        let model = |lapse| Model { weight: 1.0, probabilities: avoiding(trace, Avoids::Best, lapse).collect() };
        let mut models = LAPSES.map(model);
        let logs = models.each_ref().map(|model| mean_log_likelihood(trace, std::slice::from_ref(model)));
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        models.iter_mut().zip(logs).for_each(|(model, log)| model.weight = (log - top).exp());
        parts.push(models.into());
    }
    if !trace.blind.is_empty() {
        parts.push(posterior(fit, trace, &trace.blind.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    }
    // Within a part the weights are relative; between the parts the mean likelihoods count.
    let logs: Vec<f64> = parts.iter().map(|part| mean_log_likelihood(trace, part)).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (part, log) in parts.iter_mut().zip(&logs) {
        let sum: f64 = part.iter().map(|model| model.weight).sum();
        part.iter_mut().for_each(|model| model.weight *= (log - top).exp() / sum);
    }
    parts.into_iter().flatten().collect()
}

fn mean_log_likelihood(trace: &Trace, part: &[Model]) -> f64 {
    let of = |model: &Model| -> f64 {
        let chosen = trace.steps.iter().zip(&model.probabilities);
        chosen.map(|(step, p)| p.get(usize::from(step.action)).copied().unwrap_or(0.0).ln()).sum()
    };
    log_mean_exp(part.iter().map(of))
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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::outcome::{Component, Fit};
    use crate::trace::{Counted, Trace};
    use misgoal_stats::draw;
    use rand_pcg::Pcg64Mcg;

    fn fit() -> Fit {
        Fit { rationality: 1.0, bias: vec![0.0; 4], momentum: 0.0, lapse: 0.05, log_likelihood: 0.0, steps: 1 }
    }

    /// Twenty episodes of 20 steps at which action 1 is best; `act` chooses.
    fn check_p(component: Component, act: impl Fn(&mut Pcg64Mcg) -> u8) -> f64 {
        let mut rng = Pcg64Mcg::new(8);
        let traces: Vec<Trace> = (0..20)
            .map(|_| Trace {
                actions: 4,
                marks: 0,
                attainment: vec![],
                first: vec![],
                steps: (0..20).map(|at| Counted { action: act(&mut rng), previous: None, at }).collect(),
                goals: vec![vec![[-1.0, 0.0, -2.0, -2.0, 0.0, 0.0]; 20]],
                blind: vec![],
                targets: vec![],
            })
            .collect();
        check(&fit(), component, &traces.iter().collect::<Vec<_>>(), &mut rng).unwrap()
    }

    #[test]
    fn an_agent_of_the_model_fits_and_a_contrary_one_does_not() {
        // softmax of (-1, 0, -2, -2) with 10 % lapses
        let own = |rng: &mut Pcg64Mcg| {
            let lapsed = draw::uniform(rng) < 0.1;
            let weights = if lapsed { [1.0; 4] } else { [-1.0f64, 0.0, -2.0, -2.0].map(f64::exp) };
            draw::categorical(&weights, rng) as u8
        };
        let fits = check_p(Component::Goal(0), own);
        assert!((0.02..=1.0).contains(&fits), "{fits}");
        let contrary = check_p(Component::Goal(0), |rng| 2 + draw::below(2, rng) as u8);
        assert!(contrary < 0.01, "{contrary}");
        let random = check_p(Component::Dev, |rng| draw::below(4, rng) as u8);
        assert!(random > 0.02, "{random}");
    }
}
