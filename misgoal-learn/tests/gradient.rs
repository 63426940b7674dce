//! The gradient against finite differences of a naive implementation in doubles, written here from the loss's definition.
#![cfg(test)]

use misgoal_learn::gradient::{Gradient, Transposed};
use misgoal_learn::loss::{Coefficients, PpoLoss, Sums, Target};
use misgoal_policy::simd::Kernel;
use misgoal_policy::{Activation, ActiveLists, Architecture, Network, unit};
use misgoal_world::rng::rng;
use rand_core::Rng;

struct Problem {
    shape: Architecture,
    params: Vec<f64>,
    lists: Vec<Vec<u16>>,
    targets: Vec<Target>,
    coefficients: Coefficients,
}

/// The mean loss, straight from the equations.
fn loss(problem: &Problem, params: &[f64]) -> f64 {
    let (shape, at, c) = (&problem.shape, problem.shape.layout(), &problem.coefficients);
    let [h1, h2] = shape.hidden;
    let activate = |x: f64| match shape.activation {
        Activation::Relu => x.max(0.0),
        Activation::Tanh => x.tanh(),
    };
    let mut total = 0.0;
    for (list, target) in problem.lists.iter().zip(&problem.targets) {
        let sum = |j: usize| list.iter().map(|f| params[shape.first_weight(*f as usize, j)]).sum::<f64>();
        let first: Vec<f64> = (0..h1).map(|j| activate(params[at.b1.start + j] + sum(j))).collect();
        let dot = |j: usize| (0..h1).map(|k| first[k] * params[at.w2.start + k * h2 + j]).sum::<f64>();
        let second: Vec<f64> = (0..h2).map(|j| activate(params[at.b2.start + j] + dot(j))).collect();
        let out = |a: usize| {
            params[at.b3.start + a] + (0..h2).map(|k| second[k] * params[at.w3.start + a * h2 + k]).sum::<f64>()
        };
        let exps: Vec<f64> = (0..shape.actions).map(|a| out(a).exp()).collect();
        let norm: f64 = exps.iter().sum();
        let p: Vec<f64> = exps.iter().map(|e| e / norm).collect();
        let entropy: f64 = -p.iter().map(|p| p * p.ln()).sum::<f64>();
        let ratio = (p[target.action as usize].ln() - f64::from(target.log_prob)).exp();
        let (advantage, clip) = (f64::from(target.advantage), f64::from(c.clip));
        let surrogate = (ratio * advantage).min(ratio.clamp(1.0 - clip, 1.0 + clip) * advantage);
        let error = out(shape.actions) - f64::from(target.value);
        total += -surrogate + f64::from(c.value) * error * error / 2.0 - f64::from(c.entropy) * entropy;
    }
    total / problem.lists.len() as f64
}

fn problem(shape: Architecture, samples: usize) -> (Problem, Network) {
    let mut rng = rng(11, 0);
    let mut network = Network::new(shape, 5).unwrap();
    network.update(|params| params.iter_mut().for_each(|p| *p += 0.3 * (unit(&mut rng) - 0.5)));
    let lists = (0..samples).map(|_| (0..shape.inputs as u16).filter(|_| unit(&mut rng) < 0.3).collect()).collect();
    let targets = (0..samples)
        .map(|_| Target {
            action: (rng.next_u64() % shape.actions as u64) as f32,
            log_prob: -0.5 - unit(&mut rng) * 2.0,
            advantage: 4.0 * unit(&mut rng) - 2.0,
            value: unit(&mut rng),
        })
        .collect();
    let scale = 1.0 / samples as f32;
    let coefficients = Coefficients { actions: shape.actions, clip: 0.2, value: 0.7, entropy: 0.05, scale };
    let params = network.params().iter().map(|p| f64::from(*p)).collect();
    (Problem { shape, params, lists, targets, coefficients }, network)
}

fn gradient(problem: &Problem, network: &Network, kernel: Kernel) -> (Vec<f32>, Sums) {
    let network = network.clone().with_kernel(kernel);
    let mut lists = ActiveLists::new(problem.shape.inputs);
    problem.lists.iter().for_each(|list| lists.push(list).unwrap());
    let mut loss = PpoLoss { targets: &problem.targets, coefficients: problem.coefficients, sums: Sums::default() };
    let order: Vec<u32> = (0..problem.lists.len() as u32).rev().collect();
    let mut gradient = Gradient::new(&network);
    gradient.add(&network, &Transposed::new(&network), &lists, &order, &mut loss);
    (gradient.sum.to_vec(), loss.sums)
}

/// Checks every parameter of a small network, or a thousand of a larger one.
fn check(shape: Architecture, samples: usize) {
    let (problem, network) = problem(shape, samples);
    let step = 1e-5;
    let every = (problem.params.len() / 1000).max(1);
    let numeric: Vec<(usize, f64)> = (0..problem.params.len())
        .step_by(every)
        .map(|i| {
            let at = |change: f64| {
                let mut params = problem.params.clone();
                params[i] += change;
                loss(&problem, &params)
            };
            (i, (at(step) - at(-step)) / (2.0 * step))
        })
        .collect();
    let largest = numeric.iter().map(|(_, g)| g.abs()).fold(0.0, f64::max);
    assert!(largest > 0.01, "the check must have something to compare: {largest}");
    for kernel in Kernel::available() {
        let (gradient, _) = gradient(&problem, &network, kernel);
        // A step that crosses the kink of a rectifier or of the clip makes single differences wrong; their share is tiny.
        let wrong: Vec<_> = numeric
            .iter()
            .filter(|(i, expected)| (f64::from(gradient[*i]) - expected).abs() > 2e-4 * (1.0 + expected.abs()))
            .map(|(i, expected)| (*i, gradient[*i], *expected))
            .collect();
        assert!(wrong.len() * 500 <= numeric.len(), "{} {shape:?}: {wrong:?}", kernel.name());
    }
}

#[test]
fn every_layer_is_the_derivative_of_the_loss() {
    for activation in [Activation::Tanh, Activation::Relu] {
        check(Architecture { inputs: 12, hidden: [16, 32], actions: 3, activation }, 70);
        check(Architecture { inputs: 30, hidden: [80, 48], actions: 6, activation }, 9);
    }
}

#[test]
fn the_default_shape_is_the_derivative_too() {
    check(Architecture::new(60, 6), 20);
}

#[test]
fn avx512_and_avx2_agree_to_the_bit() {
    let (Some(wide), Some(narrow)) = (Kernel::named("avx512"), Kernel::named("avx2")) else { return };
    for activation in [Activation::Tanh, Activation::Relu] {
        let shape = Architecture { inputs: 90, hidden: [64, 80], actions: 6, activation };
        let (problem, network) = problem(shape, 150);
        assert_eq!(gradient(&problem, &network, wide), gradient(&problem, &network, narrow));
    }
}

#[test]
fn sums_are_those_of_the_samples() {
    let (problem, network) = problem(Architecture::new(40, 5), 100);
    for kernel in Kernel::available() {
        let (_, sums) = gradient(&problem, &network, kernel);
        let c = problem.coefficients;
        let combined = sums.policy + f64::from(c.value) * sums.value - f64::from(c.entropy) * sums.entropy;
        let expected = loss(&problem, &problem.params);
        assert!((combined / 100.0 - expected).abs() < 1e-4, "{combined} for {expected}");
        assert!(sums.clipped > 0.0 && sums.clipped < 100.0 && sums.divergence > 0.0);
    }
}
