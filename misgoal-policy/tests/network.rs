//! The kernels against a plain implementation in doubles, and against each other.
#![cfg(test)]

use misgoal_policy::simd::Kernel;
use misgoal_policy::{
    Activation, ActiveLists, Architecture, Network, OUTPUTS, Sampled, Sampler, Scratch, greedy, unit,
};
use misgoal_world::rng::{Rng, rng};

/// Shapes that reach every tile width and every remainder, with both activations.
fn shapes() -> Vec<Architecture> {
    let mut shapes = Vec::new();
    for (inputs, hidden, actions) in [(300, [64, 64], 6), (17, [16, 32], 1), (90, [48, 80], 15), (40, [112, 16], 4)] {
        for activation in [Activation::Relu, Activation::Tanh] {
            shapes.push(Architecture { inputs, hidden, actions, activation });
        }
    }
    shapes
}

/// A network whose biases and policy head matter.
fn network(shape: Architecture) -> Network {
    let mut network = Network::new(shape, 7).unwrap();
    let mut rng = rng(3, 3);
    network.update(|params| params.iter_mut().for_each(|p| *p += 0.2 * (unit(&mut rng) - 0.5)));
    network
}

fn observation(inputs: usize, rng: &mut Rng) -> Vec<u16> {
    let share = unit(rng) * 0.5;
    (0..inputs as u16).filter(|_| unit(rng) < share).collect()
}

/// What the parameters mean, written as the layout's table says it, in doubles.
fn naive(network: &Network, active: &[u16]) -> Vec<f64> {
    let (shape, at) = (network.architecture(), network.layout());
    let p = |i: usize| f64::from(network.params()[i]);
    let [h1, h2] = shape.hidden;
    let activate = |x: f64| match shape.activation {
        Activation::Relu => x.max(0.0),
        Activation::Tanh => x.tanh(),
    };
    let first: Vec<f64> = (0..h1)
        .map(|j| p(at.b1.start + j) + active.iter().map(|f| p(shape.first_weight(*f as usize, j))).sum::<f64>())
        .map(activate)
        .collect();
    let second: Vec<f64> = (0..h2)
        .map(|j| p(at.b2.start + j) + (0..h1).map(|k| first[k] * p(at.w2.start + k * h2 + j)).sum::<f64>())
        .map(activate)
        .collect();
    (0..=shape.actions)
        .map(|a| p(at.b3.start + a) + (0..h2).map(|k| second[k] * p(at.w3.start + a * h2 + k)).sum::<f64>())
        .collect()
}

#[test]
fn kernels_compute_what_the_layout_says() {
    for shape in shapes() {
        let network = network(shape);
        for kernel in Kernel::available() {
            let (network, mut scratch) = (network.clone().with_kernel(kernel), Scratch::new(&shape));
            let mut rng = rng(5, 0);
            for _ in 0..40 {
                let active = observation(shape.inputs, &mut rng);
                let expected = naive(&network, &active);
                let output = network.forward(&active, &mut scratch).unwrap();
                for (x, y) in output.logits.iter().chain([&output.value]).zip(&expected) {
                    let error = (f64::from(*x) - y).abs();
                    assert!(error < 1e-4 * (1.0 + y.abs()), "{} {shape:?}: {x} for {y}", kernel.name());
                }
                assert_eq!(output.logits.len(), shape.actions);
            }
        }
    }
}

#[test]
fn avx512_and_avx2_agree_to_the_bit() {
    let (Some(wide), Some(narrow)) = (Kernel::named("avx512"), Kernel::named("avx2")) else { return };
    for shape in shapes() {
        let (wide, narrow) = (network(shape).with_kernel(wide), network(shape).with_kernel(narrow));
        let (mut scratch, mut rng) = (Scratch::new(&shape), rng(8, 0));
        for _ in 0..40 {
            let active = observation(shape.inputs, &mut rng);
            let bits = |network: &Network, scratch: &mut Scratch| -> Vec<u32> {
                let output = network.forward(&active, scratch).unwrap();
                output.logits.iter().chain([&output.value]).map(|x| x.to_bits()).collect()
            };
            assert_eq!(bits(&wide, &mut scratch), bits(&narrow, &mut scratch), "{shape:?}");
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_batch() {
    for shape in shapes() {
        for kernel in Kernel::available() {
            let network = network(shape).with_kernel(kernel);
            let (mut scratch, mut rng) = (Scratch::new(&shape), rng(9, 0));
            for count in [1, 3, 16, 63, 64, 65, 150] {
                let mut lists = ActiveLists::new(shape.inputs);
                for _ in 0..count {
                    lists.push(&observation(shape.inputs, &mut rng)).unwrap();
                }
                let mut rows = Vec::new();
                network.forward_batch(&lists, &mut scratch, &mut rows);
                assert_eq!(rows.len(), count * OUTPUTS);
                for (i, row) in rows.chunks(OUTPUTS).enumerate() {
                    let one = network.forward(lists.get(i), &mut scratch).unwrap();
                    assert_eq!(one.logits, &row[..shape.actions]);
                    assert_eq!(one.value, row[shape.actions]);
                }
            }
        }
    }
}

#[test]
fn an_input_that_does_not_exist_is_refused() {
    let shape = Architecture::new(20, 4);
    let mut scratch = Scratch::new(&shape);
    let error = Network::new(shape, 0).unwrap().forward(&[3, 20], &mut scratch).unwrap_err();
    assert_eq!(error.to_string(), "active input `20` does not exist: the network has 20 inputs");
}

#[test]
fn fresh_networks_begin_nearly_uniform_and_are_the_same_for_a_seed() {
    let shape = Architecture::new(300, 6);
    let network = Network::new(shape, 1).unwrap();
    assert_eq!(network.params(), Network::new(shape, 1).unwrap().params());
    assert_ne!(network.params(), Network::new(shape, 2).unwrap().params());
    let active: Vec<u16> = (0..40).map(|i| i * 7).collect();
    let mut scratch = Scratch::new(&shape);
    let output = network.forward(&active, &mut scratch).unwrap();
    assert!(output.logits.iter().all(|logit| logit.abs() < 0.1), "{output:?}");
}

#[test]
fn sampling_follows_the_softmax() {
    let logits = [0.5f32, -1.0, 2.0, 0.0];
    let mut row = [0.0; OUTPUTS];
    row[..4].copy_from_slice(&logits);
    row[4] = 7.0;
    let total: f64 = logits.iter().map(|z| f64::from(*z).exp()).sum();
    for kernel in Kernel::available() {
        let (mut sampled, mut rng) = (Sampled::default(), rng(2, 0));
        let draws = 40_000;
        Sampler::new(4, kernel).sample(&row.repeat(draws), &mut rng, &mut sampled);
        for (a, z) in logits.iter().enumerate() {
            let p = f64::from(*z).exp() / total;
            let share = sampled.actions.iter().filter(|x| usize::from(**x) == a).count() as f64 / draws as f64;
            let deviation = (p * (1.0 - p) / draws as f64).sqrt();
            assert!((share - p).abs() < 4.5 * deviation, "{} action {a}: {share} for {p}", kernel.name());
            let at = sampled.actions.iter().position(|x| usize::from(*x) == a).unwrap();
            assert!((f64::from(sampled.log_probs[at]) - p.ln()).abs() < 1e-5);
        }
        assert!(sampled.values.iter().all(|v| *v == 7.0));
        assert_eq!([sampled.actions.len(), sampled.log_probs.len(), sampled.values.len()], [draws; 3]);
    }
    assert_eq!(greedy(&logits), 2);
    assert_eq!(greedy(&[1.0, 1.0]), 0);
}

#[test]
fn extreme_logits_give_a_valid_action() {
    for kernel in Kernel::available() {
        let mut row = [0.0; OUTPUTS];
        row[..3].copy_from_slice(&[-1e30, 1e30, -1e30]);
        let (mut sampled, mut rng) = (Sampled::default(), rng(2, 0));
        Sampler::new(3, kernel).sample(&row.repeat(100), &mut rng, &mut sampled);
        assert!(sampled.actions.iter().all(|a| *a == 1));
        assert!(sampled.log_probs.iter().all(|p| *p == 0.0));
    }
}

#[test]
fn shapes_out_of_range_are_named() {
    let check = |change: &dyn Fn(&mut Architecture), expected: &str| {
        let mut shape = Architecture::new(300, 6);
        change(&mut shape);
        assert_eq!(Network::new(shape, 0).unwrap_err().to_string(), expected);
    };
    check(&|s| s.inputs = 0, "a network cannot have `0` inputs: give 1 to 65536");
    check(
        &|s| s.hidden[1] = 24,
        "a network cannot have `24` hidden units in a layer: give a multiple of 16, up to 1024",
    );
    check(&|s| s.actions = 16, "a network cannot have `16` actions: give 1 to 15");
}
