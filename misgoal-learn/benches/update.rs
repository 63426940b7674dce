//! Samples per second through forward, backward and Adam: `cargo bench -p misgoal-learn --bench update`.
#![expect(clippy::expect_used, reason = "a bench that cannot begin should stop")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use misgoal_learn::adam::Adam;
use misgoal_learn::gradient::{Gradient, Transposed};
use misgoal_learn::loss::{Coefficients, PpoLoss, Sums, Target};
use misgoal_policy::simd::Kernel;
use misgoal_policy::{ActiveLists, Architecture, Network, Sampled, Sampler, Scratch, unit};
use misgoal_world::rng::rng;
use rand_core::Rng;

const INPUTS: usize = 300;
const ACTIVE: usize = 40;
const SAMPLES: usize = 16_384;
const MINIBATCH: usize = 2048;

fn update(c: &mut Criterion) {
    let mut rng = rng(1, 0);
    let mut lists = ActiveLists::new(INPUTS);
    for _ in 0..SAMPLES {
        // One input of each of 40 groups, as a view of cells has.
        let active: Vec<u16> = (0..ACTIVE as u64).map(|g| (g * 7 + rng.next_u64() % 7) as u16).collect();
        lists.push(&active).expect("inputs exist");
    }
    let targets: Vec<Target> = (0..SAMPLES)
        .map(|_| Target {
            action: (rng.next_u64() % 6) as f32,
            log_prob: -1.8,
            advantage: unit(&mut rng) - 0.5,
            value: unit(&mut rng),
        })
        .collect();
    let mut order: Vec<u32> = (0..SAMPLES as u32).collect();
    for i in (1..SAMPLES).rev() {
        order.swap(i, (rng.next_u64() % (i as u64 + 1)) as usize);
    }
    let coefficients = Coefficients { actions: 6, clip: 0.2, value: 0.5, entropy: 0.01, scale: 1.0 / MINIBATCH as f32 };

    for kernel in Kernel::available() {
        let mut network = Network::new(Architecture::new(INPUTS, 6), 1).expect("valid").with_kernel(kernel);
        let mut group = c.benchmark_group(kernel.name());
        group.throughput(Throughput::Elements(MINIBATCH as u64));
        let (mut adam, mut gradient) = (Adam::new(&network), Gradient::new(&network));
        let mut transposed = Transposed::new(&network);
        let mut minibatches = order.chunks(MINIBATCH).cycle();
        group.bench_function("minibatch", |b| {
            b.iter(|| {
                let samples = minibatches.next().expect("cycles");
                let mut loss = PpoLoss { targets: &targets, coefficients, sums: Sums::default() };
                gradient.add(&network, &transposed, &lists, samples, &mut loss);
                adam.step(&mut network, &mut [&mut gradient.sum], 1e-4, 0.5);
                transposed.refresh(&network);
            });
        });
        group.bench_function("adam", |b| {
            b.iter(|| {
                adam.step(&mut network, &mut [&mut gradient.sum], 1e-4, 0.5);
                transposed.refresh(&network);
            });
        });
        let (mut scratch, mut rows) = (Scratch::new(network.architecture()), Vec::new());
        let mut first = 0;
        group.bench_function("forward", |b| {
            b.iter(|| {
                network.forward_range(&lists, first, MINIBATCH, &mut scratch, &mut rows);
                first = (first + MINIBATCH) % SAMPLES;
            });
        });
        let (sampler, mut sampled) = (Sampler::new(6, kernel), Sampled::default());
        group.bench_function("sample", |b| {
            b.iter(|| {
                sampled.actions.clear();
                sampled.log_probs.clear();
                sampled.values.clear();
                sampler.sample(&rows, &mut rng, &mut sampled);
            });
        });
        group.throughput(Throughput::Elements(1));
        group
            .bench_function("forward one", |b| b.iter(|| network.forward(lists.get(0), &mut scratch).map(|o| o.value)));
    }
}

criterion_group!(benches, update);
criterion_main!(benches);
