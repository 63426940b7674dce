//! Likelihood of an episode under every component (`docs/method.md`, likelihoods).
#![expect(
    clippy::indexing_slicing,
    reason = "the kernel runs over fixed arrays of MAX_ACTIONS and GRID; every index is below a constant bound"
)]

use misgoal_stats::ln_gamma;
use misgoal_world::MAX_ACTIONS;

use crate::habits::habit_weights;
use crate::outcome::{Component, Fit};
use crate::trace::{Advantages, Counted, Trace};
use crate::unlisted;

/// Factors on the fitted rationality that an episode's likelihood is averaged over.
pub(crate) const RATIONALITY: [f64; 4] = [0.25, 0.5, 1.0, 2.0];
/// Lapse rates that an episode's likelihood is averaged over.
pub(crate) const LAPSES: [f64; 3] = [0.02, 0.1, 0.3];
/// Size of the grid of rationality and lapse.
pub(crate) const GRID: usize = RATIONALITY.len() * LAPSES.len();
/// Advantages closer than this, in units of one step's cost, are alike.
const ALIKE: f64 = 1e-6;
/// Steps after which running products turn into logarithms: the least factor is .02/6, and its 16th power is far above
/// the least double.
const CHUNK: usize = 16;

/// Log-likelihood of the chosen actions at every point of the grid (rationality major).
pub(crate) fn goal_grid(fit: &Fit, steps: &[Counted], advantages: &[Advantages], actions: usize) -> [f64; GRID] {
    let mut logs = [0.0; GRID];
    let mut product = [1.0; GRID];
    for (index, (step, advantage)) in steps.iter().zip(advantages).enumerate() {
        let chosen = chosen_at_grid(fit, step, advantage, actions);
        for (b, s) in chosen.iter().enumerate() {
            for (e, lapse) in LAPSES.iter().enumerate() {
                product[b * LAPSES.len() + e] *= (1.0 - lapse) * s + lapse / actions as f64;
            }
        }
        if index % CHUNK == CHUNK - 1 {
            for (log, p) in logs.iter_mut().zip(&mut product) {
                *log += p.ln();
                *p = 1.0;
            }
        }
    }
    for (log, p) in logs.iter_mut().zip(&product) {
        *log += p.ln();
    }
    logs
}

/// Softmax probability of the chosen action at every rationality of the grid.
fn chosen_at_grid(fit: &Fit, step: &Counted, advantage: &Advantages, actions: usize) -> [f64; RATIONALITY.len()] {
    let habits = habit_weights(fit, step);
    let mut sums = [0.0; RATIONALITY.len()];
    let mut chosen = [0.0; RATIONALITY.len()];
    for a in 0..actions {
        // The factors double, so every further rationality is the square of the one before: one exponential an action.
        let mut x = (RATIONALITY[0] * fit.rationality * advantage[a]).exp();
        for (b, sum) in sums.iter_mut().enumerate() {
            let weight = x * habits[a];
            *sum += weight;
            if a == usize::from(step.action) {
                chosen[b] = weight;
            }
            x *= x;
        }
    }
    for (c, sum) in chosen.iter_mut().zip(&sums) {
        *c /= sum;
    }
    chosen
}

/// Log-likelihood of each step's action at every point of the grid. Where nothing is left to gain it is that of the uniform and the habit-only policy, half and
/// half.
pub(crate) fn steps_at_grid(fit: &Fit, trace: &Trace, advantages: &[Advantages]) -> Vec<[f64; GRID]> {
    let even = 1.0 / trace.actions as f64;
    let of = |(step, advantage): (&Counted, &Advantages)| {
        let chosen = chosen_at_grid(fit, step, advantage, trace.actions);
        let over = nothing_to_gain(advantage, trace.actions);
        let mut logs = [0.0; GRID];
        for (b, s) in chosen.iter().enumerate() {
            for (e, lapse) in LAPSES.iter().enumerate() {
                let p = if over { 0.5 * (s + even) } else { (1.0 - lapse) * s + lapse * even };
                logs[b * LAPSES.len() + e] = p.ln();
            }
        }
        logs
    };
    trace.steps.iter().zip(advantages).map(of).collect()
}

/// Action probabilities at one step for one point of the grid.
pub(crate) fn probabilities(
    fit: &Fit,
    step: &Counted,
    advantage: &Advantages,
    actions: usize,
    rationality: f64,
    lapse: f64,
) -> [f64; MAX_ACTIONS] {
    let mut weights = habit_weights(fit, step);
    let mut sum = 0.0;
    for a in 0..actions {
        weights[a] *= (rationality * advantage[a]).exp();
        sum += weights[a];
    }
    for weight in &mut weights[..actions] {
        *weight = (1.0 - lapse) * *weight / sum + lapse / actions as f64;
    }
    weights
}

/// log(mean(exp(logs))).
pub(crate) fn log_mean_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return top;
    }
    let (sum, count) = logs.fold((0.0, 0.0), |(sum, count), log| (sum + (log - top).exp(), count + 1.0));
    top + (sum / count).ln()
}

/// Log-likelihood of competence toward one goal or target, averaged over the grid.
///
/// Where nothing is left to gain the goal says nothing of what the agent does: these steps have the mean of the uniform
/// and the habit-only policy and, with `then`, of competence toward what the agent turns to next. Habits alone would count
/// an agent's rest or wandering against its goal.
pub(crate) fn competent(fit: &Fit, trace: &Trace, advantages: &[Advantages], then: Option<&[Advantages]>) -> f64 {
    log_mean_exp(competent_grid(fit, trace, advantages, then).iter().copied())
}

/// The same at every point of the grid (rationality major).
pub(crate) fn competent_grid(
    fit: &Fit,
    trace: &Trace,
    advantages: &[Advantages],
    then: Option<&[Advantages]>,
) -> [f64; GRID] {
    let actions = trace.actions;
    let paired = || trace.steps.iter().zip(advantages);
    let over: Vec<Counted> = paired().filter(|(_, a)| nothing_to_gain(a, actions)).map(|(step, _)| *step).collect();
    if over.is_empty() {
        return goal_grid(fit, &trace.steps, advantages, actions);
    }
    let (steps, live): (Vec<Counted>, Vec<Advantages>) =
        paired().filter(|(_, a)| !nothing_to_gain(a, actions)).map(|(step, a)| (*step, *a)).unzip();
    let pursuing = goal_grid(fit, &steps, &live, actions);
    let mut after = vec![uniform(&over, actions), habit_only(fit, &over, actions)];
    if let Some(then) = then {
        let then: Vec<Advantages> =
            advantages.iter().zip(then).filter(|(a, _)| nothing_to_gain(a, actions)).map(|(_, then)| *then).collect();
        after.push(log_mean_exp(goal_grid(fit, &over, &then, actions).iter().copied()));
    }
    let after = log_mean_exp(after.iter().copied());
    pursuing.map(|log| log + after)
}

/// Whether every action is as good as any other.
pub(crate) fn nothing_to_gain(advantage: &Advantages, actions: usize) -> bool {
    advantage[..actions].iter().all(|a| *a >= 0.0)
}

/// Log-likelihood of the stereotyped walker: the Dirichlet(1/2) marginal of i.i.d. actions.
pub(crate) fn stereotyped(trace: &Trace) -> f64 {
    marginal(&counts(trace), trace.actions)
}

/// How often each action was taken in the counted steps.
fn counts(trace: &Trace) -> [f64; MAX_ACTIONS] {
    let mut counts = [0.0; MAX_ACTIONS];
    for step in &trace.steps {
        counts[usize::from(step.action).min(MAX_ACTIONS - 1)] += 1.0;
    }
    counts
}

fn marginal(counts: &[f64; MAX_ACTIONS], actions: usize) -> f64 {
    let (n, half) = (actions as f64, 0.5);
    let total: f64 = counts.iter().sum();
    ln_gamma(half * n) - ln_gamma(half * n + total)
        + counts[..actions].iter().map(|c| ln_gamma(half + c) - ln_gamma(half)).sum::<f64>()
}

/// Log Bayes factor of one bias over all episodes against a bias of its own in every episode: positive when the walk is
/// the same whatever the level.
pub(crate) fn same_walk(traces: &[&Trace]) -> f64 {
    let mut pooled = [0.0; MAX_ACTIONS];
    let mut apart = 0.0;
    for trace in traces {
        let own = counts(trace);
        pooled.iter_mut().zip(&own).for_each(|(sum, count)| *sum += count);
        apart += marginal(&own, trace.actions);
    }
    traces.first().map_or(0.0, |trace| marginal(&pooled, trace.actions)) - apart
}

/// Actions of all episodes together, where every episode is a single step: there a bias of the episode's own is no more than the
/// uniform policy, and only over many episodes does a stereotype show.
pub(crate) struct PooledWalk {
    counts: [f64; MAX_ACTIONS],
}

/// The pooled walk of one-step episodes; `None` as soon as one has more steps.
pub(crate) fn pooled_walk(traces: &[&Trace]) -> Option<PooledWalk> {
    let mut pooled = [0.0; MAX_ACTIONS];
    for trace in traces {
        if trace.steps.len() > 1 {
            return None;
        }
        pooled.iter_mut().zip(&counts(trace)).for_each(|(sum, count)| *sum += count);
    }
    Some(PooledWalk { counts: pooled })
}

impl PooledWalk {
    /// Log-likelihood of an episode given all others: the Dirichlet(1/2) predictive of i.i.d. actions with one bias.
    pub fn without(&self, trace: &Trace) -> f64 {
        let own = counts(trace);
        let mut others = self.counts;
        others.iter_mut().zip(&own).for_each(|(sum, count)| *sum -= count);
        marginal(&self.counts, trace.actions) - marginal(&others, trace.actions)
    }
}

/// Log-likelihood of the device: the mean of the uniform policy, the habit-only policy (no rationality) and, where walls
/// can be walked into, agents that go straight for one of the goals without seeing walls.
pub(crate) fn device(fit: &Fit, trace: &Trace) -> f64 {
    let blind: Vec<f64> = trace.blind.iter().map(|advantages| competent(fit, trace, advantages, None)).collect();
    let blind = log_mean_exp(blind.iter().copied());
    let parts = [uniform(&trace.steps, trace.actions), habit_only(fit, &trace.steps, trace.actions), blind];
    log_mean_exp(parts.into_iter().take(if trace.blind.is_empty() { 2 } else { 3 }))
}

/// What an agent keeps away from, at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Avoids {
    /// The best actions for the intended goal: all others are alike to it.
    Best,
    /// All but the worst for it.
    AllButWorst,
}

/// Whether taking any action but the best is something to be told: from taking the worst, with more than two options, and not on grids, where it is a walk
/// like any other.
pub(crate) fn avoids(trace: &Trace) -> bool {
    trace.actions > 2 && trace.targets.is_empty() && !trace.goals.is_empty()
}

/// Log-likelihood of an agent that avoids some actions, the mean over the lapses.
pub(crate) fn avoidance(trace: &Trace, avoids: Avoids) -> f64 {
    let log = |(step, p): (&Counted, [f64; MAX_ACTIONS])| p[usize::from(step.action)].ln();
    let logs = LAPSES.map(|lapse| trace.steps.iter().zip(avoiding(trace, avoids, lapse)).map(log).sum::<f64>());
    log_mean_exp(logs.into_iter())
}

/// Its action probabilities, step by step.
pub(crate) fn avoiding(trace: &Trace, avoids: Avoids, lapse: f64) -> impl Iterator<Item = [f64; MAX_ACTIONS]> {
    let (actions, even) = (trace.actions, 1.0 / trace.actions as f64);
    let of = move |advantages: &Advantages| {
        let worst = advantages[..actions].iter().copied().fold(0.0, f64::min);
        let may = advantages.map(|advantage| match avoids {
            Avoids::Best => advantage < 0.0,
            Avoids::AllButWorst => advantage <= worst + ALIKE,
        });
        let others = may[..actions].iter().filter(|may| **may).count() as f64;
        let mut p = [0.0; MAX_ACTIONS];
        for (p, may) in p[..actions].iter_mut().zip(may) {
            let own = if may { 1.0 / others } else { 0.0 };
            *p = if others > 0.0 { (1.0 - lapse) * own + lapse * even } else { even };
        }
        p
    };
    trace.goals.first().map_or(&[] as &[Advantages], Vec::as_slice).iter().map(of)
}

fn uniform(steps: &[Counted], actions: usize) -> f64 {
    -(steps.len() as f64) * (actions as f64).ln()
}

fn habit_only(fit: &Fit, steps: &[Counted], actions: usize) -> f64 {
    let logs = LAPSES.map(|lapse| {
        let log = |step: &Counted| {
            let p = probabilities(fit, step, &[0.0; MAX_ACTIONS], actions, 0.0, lapse);
            p[usize::from(step.action)].ln()
        };
        steps.iter().map(log).sum::<f64>()
    });
    log_mean_exp(logs.into_iter())
}

/// Log-likelihood of competence toward a declared goal at every point of the grid; `None` where there is no such goal.
pub(crate) fn goal_points(fit: &Fit, trace: &Trace, goal: usize) -> Option<[f64; GRID]> {
    // Once a proxy has nothing left to gain the agent may turn to the intended goal: a proxy that is a means to it, or
    // lies on the way, is compatible with training only like this.
    let then = trace.goals.first().filter(|_| goal > 0).map(Vec::as_slice);
    trace.goals.get(goal).map(|advantages| competent_grid(fit, trace, advantages, then))
}

/// Log-likelihood under a component. Without a candidate nothing speaks for an unlisted goal: its likelihood is the device's.
pub(crate) fn component(fit: &Fit, trace: &Trace, component: Component) -> f64 {
    match component {
        Component::Goal(goal) => {
            goal_points(fit, trace, goal).map_or(f64::NEG_INFINITY, |grid| log_mean_exp(grid.iter().copied()))
        }
        Component::Nota => unlisted::alone(&unlisted::kinds(fit, trace)).unwrap_or_else(|| device(fit, trace)),
        Component::Heur => stereotyped(trace),
        Component::Dev => device(fit, trace),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> Fit {
        Fit {
            rationality: 1.2,
            bias: vec![0.3, -0.1, -0.2, 0.0],
            momentum: 0.4,
            lapse: 0.05,
            log_likelihood: 0.0,
            steps: 1,
        }
    }

    fn trace(actions: &[u8]) -> Trace {
        let steps: Vec<Counted> = actions
            .iter()
            .enumerate()
            .map(|(at, &action)| Counted { action, previous: at.checked_sub(1).map(|p| actions[p]), at })
            .collect();
        // Action 1 is right at every step, the others waste one or two steps.
        let advantages = vec![[-1.0, 0.0, -2.0, -2.0, 0.0, 0.0]; steps.len()];
        let blind = vec![advantages.clone()];
        Trace {
            actions: 4,
            marks: 0,
            attainment: vec![1.0],
            first: vec![],
            steps,
            goals: vec![advantages],
            blind,
            targets: vec![],
        }
    }

    #[test]
    fn the_fast_grid_equals_the_definition() {
        let trace = trace(&[1, 1, 0, 1, 2, 1, 3, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 2, 1, 1]);
        let fit = fit();
        let grid = goal_grid(&fit, &trace.steps, &trace.goals[0], 4);
        for (b, factor) in RATIONALITY.iter().enumerate() {
            for (e, &lapse) in LAPSES.iter().enumerate() {
                let slow: f64 = trace
                    .steps
                    .iter()
                    .zip(&trace.goals[0])
                    .map(|(step, a)| {
                        probabilities(&fit, step, a, 4, factor * fit.rationality, lapse)[usize::from(step.action)].ln()
                    })
                    .sum();
                assert!((grid[b * LAPSES.len() + e] - slow).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn every_component_is_a_distribution_over_episodes() {
        // All 4^3 episodes of three steps at fixed states: the likelihoods must sum to one.
        for component in [Component::Goal(0), Component::Heur, Component::Dev, Component::Nota] {
            let sum: f64 = (0..64u8)
                .map(|code| super::component(&fit(), &trace(&[code & 3, code >> 2 & 3, code >> 4]), component).exp())
                .sum();
            assert!((sum - 1.0).abs() < 1e-9, "{component:?}: {sum}");
        }
    }

    #[test]
    fn each_component_explains_its_own_kind_best() {
        let check = |actions: &[u8], expected: Component| {
            let all = [Component::Goal(0), Component::Heur, Component::Dev];
            let scores = all.map(|c| component(&fit(), &trace(actions), c));
            let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(all[scores.iter().position(|&s| s == best).unwrap()], expected, "{scores:?}");
        };
        check(&[1; 20], Component::Goal(0));
        check(&[3; 20], Component::Heur);
        check(&[0, 1, 2, 3, 0, 2, 1, 3, 2, 0, 3, 1], Component::Dev);
    }
}
