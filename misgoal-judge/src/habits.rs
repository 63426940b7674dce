//! How an agent acts whatever its goal: rationality, action bias, momentum and lapses, fitted on held-out training levels.
//!
//! `pi_g(a|s) = (1-e) softmax_a(b A_g(s,a) + u_a + c [a = a_prev]) + e/|A|`
#![expect(
    clippy::indexing_slicing,
    reason = "the kernel runs over fixed arrays of MAX_ACTIONS; every index is an action below the world's count"
)]

use misgoal_world::MAX_ACTIONS;

use crate::optimise::maximise;
use crate::outcome::Fit;
use crate::trace::{Advantages, Counted, Trace};

/// Rationality is kept in this range: an agent that never errs has no finite maximum-likelihood rationality.
const RATIONALITY: (f64, f64) = (0.05, 8.0);

/// Weights of the action bias and momentum at one step: exp(u_a + c [a = prev]).
pub(crate) fn habit_weights(fit: &Fit, step: &Counted) -> [f64; MAX_ACTIONS] {
    let mut weights = [0.0; MAX_ACTIONS];
    for (a, (weight, bias)) in weights.iter_mut().zip(&fit.bias).enumerate() {
        let momentum = if step.previous == Some(a as u8) { fit.momentum } else { 0.0 };
        *weight = (bias + momentum).exp();
    }
    weights
}

/// Fits the habit model on held-out training episodes.
///
/// Each episode's likelihood is the mean over the declared goals, so that the fit does not choose a goal; where training
/// cannot tell the goals apart, they agree anyway. Maximum likelihood with weak priors (bias and momentum normal with
/// standard deviation 1, log rationality normal around log 2 with 1.5, lapse logit-normal around 5 %), without which an
/// agent that never errs, or never takes one of the actions, has no maximum. `None` when no step counts.
pub(crate) fn fit(holdout: &[Trace]) -> Option<Fit> {
    let actions = holdout.first()?.actions;
    let steps: usize = holdout.iter().map(|trace| trace.steps.len()).sum();
    if steps == 0 {
        return None;
    }
    let mut start = vec![0.0; actions + 3];
    start[actions] = CENTRE.0;
    start[actions + 2] = CENTRE.1;
    let (best, _) = maximise(&start, 60, |theta, gradient| objective(holdout, actions, theta, gradient));
    let mut unused = vec![0.0; best.len()];
    let plain = likelihood(holdout, actions, &best, &mut unused);
    let mean = best[..actions].iter().sum::<f64>() / actions as f64;
    Some(Fit {
        rationality: best[actions].exp().clamp(RATIONALITY.0, RATIONALITY.1),
        bias: best[..actions].iter().map(|u| u - mean).collect(),
        momentum: best[actions + 1],
        lapse: sigmoid(best[actions + 2]),
        log_likelihood: plain / steps as f64,
        steps,
    })
}

/// Centres of the priors on log rationality and on the lapse rate's logit.
const CENTRE: (f64, f64) = (std::f64::consts::LN_2, -2.944);

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Penalised log-likelihood of theta = (u_1 .. u_A, log b, c, logit e) and its gradient.
fn objective(holdout: &[Trace], actions: usize, theta: &[f64], gradient: &mut [f64]) -> f64 {
    let mut value = likelihood(holdout, actions, theta, gradient);
    for (i, (x, g)) in theta.iter().zip(gradient.iter_mut()).enumerate() {
        let (centre, sd) = match i.checked_sub(actions) {
            Some(0) => (CENTRE.0, 1.5),
            Some(2) => (CENTRE.1, 1.5),
            _ => (0.0, 1.0),
        };
        value -= 0.5 * ((x - centre) / sd).powi(2);
        *g -= (x - centre) / (sd * sd);
    }
    value
}

/// Sum over episodes of the log of the mean over goals of the episode's likelihood; its gradient is written.
fn likelihood(holdout: &[Trace], actions: usize, theta: &[f64], gradient: &mut [f64]) -> f64 {
    let point = Point {
        actions,
        bias: &theta[..actions],
        rationality: theta[actions].clamp(-20.0, 20.0).exp().clamp(RATIONALITY.0, RATIONALITY.1),
        momentum: theta[actions + 1],
        lapse: sigmoid(theta[actions + 2]),
    };
    gradient.fill(0.0);
    let mut total = 0.0;
    let mut parts: Vec<Vec<f64>> = Vec::new();
    for trace in holdout {
        parts.resize(trace.goals.len(), Vec::new());
        let logs: Vec<f64> = trace
            .goals
            .iter()
            .zip(&mut parts)
            .map(|(advantages, part)| {
                part.clear();
                part.resize(theta.len(), 0.0);
                point.episode(&trace.steps, advantages, part)
            })
            .collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !top.is_finite() {
            continue;
        }
        let sum: f64 = logs.iter().map(|log| (log - top).exp()).sum();
        total += top + (sum / logs.len() as f64).ln();
        for (log, part) in logs.iter().zip(&parts) {
            let weight = (log - top).exp() / sum;
            gradient.iter_mut().zip(part).for_each(|(g, p)| *g += weight * p);
        }
    }
    total
}

struct Point<'a> {
    actions: usize,
    bias: &'a [f64],
    rationality: f64,
    momentum: f64,
    lapse: f64,
}

impl Point<'_> {
    /// Log-likelihood of one episode under one goal; adds its gradient to `gradient`.
    fn episode(&self, steps: &[Counted], advantages: &[Advantages], gradient: &mut [f64]) -> f64 {
        let n = self.actions;
        let (b, e) = (self.rationality, self.lapse);
        let inside = b > RATIONALITY.0 && b < RATIONALITY.1;
        let mut total = 0.0;
        for (step, advantage) in steps.iter().zip(advantages) {
            let mut weights = [0.0; MAX_ACTIONS];
            let mut sum = 0.0;
            for a in 0..n {
                let momentum = if step.previous == Some(a as u8) { self.momentum } else { 0.0 };
                weights[a] = (b * advantage[a] + self.bias[a] + momentum).exp();
                sum += weights[a];
            }
            let action = usize::from(step.action);
            let chosen = weights[action] / sum;
            let p = (1.0 - e) * chosen + e / n as f64;
            total += p.ln();
            // d log p / d logit_k = scale ([k = a] - s_k)
            let scale = (1.0 - e) * chosen / p;
            let mut mean_advantage = 0.0;
            for k in 0..n {
                let s = weights[k] / sum;
                mean_advantage += s * advantage[k];
                gradient[k] += scale * (f64::from(u8::from(k == action)) - s);
                if step.previous == Some(k as u8) {
                    gradient[n + 1] += scale * (f64::from(u8::from(k == action)) - s);
                }
            }
            if inside {
                gradient[n] += scale * b * (advantage[action] - mean_advantage);
            }
            gradient[n + 2] += (1.0 / n as f64 - chosen) / p * e * (1.0 - e);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use misgoal_stats::draw;
    use rand_pcg::Pcg64Mcg;

    /// Episodes of a simulated agent whose goal's advantages are drawn at random: the model itself, without a world.
    fn simulate(truth: &Fit, episodes: usize, rng: &mut Pcg64Mcg) -> Vec<Trace> {
        let actions = truth.bias.len();
        (0..episodes)
            .map(|_| {
                let (mut steps, mut advantages, mut previous) = (vec![], vec![], None);
                for at in 0..20 {
                    let mut advantage = [0.0; MAX_ACTIONS];
                    advantage[..actions].iter_mut().for_each(|a| *a = -(draw::below(4, rng) as f64));
                    let counted = Counted { action: 0, previous, at };
                    let mut weights = habit_weights(truth, &counted);
                    for a in 0..actions {
                        weights[a] *= (truth.rationality * advantage[a]).exp();
                    }
                    let lapsed = draw::uniform(rng) < truth.lapse;
                    let action =
                        if lapsed { draw::below(actions, rng) } else { draw::categorical(&weights[..actions], rng) };
                    steps.push(Counted { action: action as u8, ..counted });
                    advantages.push(advantage);
                    previous = Some(action as u8);
                }
                Trace {
                    actions,
                    marks: 0,
                    attainment: vec![],
                    first: vec![],
                    steps,
                    goals: vec![advantages],
                    blind: vec![],
                    targets: vec![],
                }
            })
            .collect()
    }

    fn truth() -> Fit {
        Fit {
            rationality: 1.5,
            bias: vec![0.6, -0.2, -0.4, 0.0],
            momentum: 0.5,
            lapse: 0.08,
            log_likelihood: 0.0,
            steps: 0,
        }
    }

    #[test]
    fn recovers_the_habits_of_a_simulated_agent() {
        let truth = truth();
        let got = fit(&simulate(&truth, 400, &mut Pcg64Mcg::new(1))).unwrap();
        assert!((got.rationality - truth.rationality).abs() < 0.25, "{got:?}");
        assert!((got.momentum - truth.momentum).abs() < 0.12, "{got:?}");
        assert!((got.lapse - truth.lapse).abs() < 0.04, "{got:?}");
        for (g, t) in got.bias.iter().zip(&truth.bias) {
            assert!((g - t).abs() < 0.15, "{got:?}");
        }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let episodes = simulate(&truth(), 5, &mut Pcg64Mcg::new(2));
        let theta = [0.3, -0.2, 0.1, 0.0, 0.4, 0.2, -2.0];
        let mut gradient = [0.0; 7];
        objective(&episodes, 4, &theta, &mut gradient);
        for i in 0..7 {
            let mut value = [0.0; 2];
            for (side, value) in [-1e-5, 1e-5].iter().zip(&mut value) {
                let mut moved = theta;
                moved[i] += side;
                *value = objective(&episodes, 4, &moved, &mut [0.0; 7]);
            }
            let numeric = (value[1] - value[0]) / 2e-5;
            assert!((numeric - gradient[i]).abs() < 1e-5 * (1.0 + numeric.abs()), "{i}: {numeric} {}", gradient[i]);
        }
    }

    #[test]
    fn a_flawless_agent_gets_a_finite_fit() {
        let flawless = Fit { rationality: 50.0, lapse: 0.0, momentum: 0.0, bias: vec![0.0; 4], ..truth() };
        let got = fit(&simulate(&flawless, 25, &mut Pcg64Mcg::new(3))).unwrap();
        assert!(got.rationality >= 3.0 && got.rationality <= 8.0 && got.lapse < 0.05, "{got:?}");
        assert!(got.bias.iter().all(|u| u.abs() < 1.5), "{got:?}");
        assert_eq!(fit(&[]), None);
    }
}
