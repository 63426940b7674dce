use misgoal_learn::adam::Adam;
use misgoal_learn::gradient::{Gradient, Transposed};
use misgoal_learn::loss::{Coefficients, PpoLoss, Sums, Target};
use misgoal_policy::simd::Kernel;
use misgoal_policy::{ActiveLists, Architecture, Network, Sampled, Sampler, Scratch, unit};
use misgoal_world::rng::rng;
use rand_core::Rng;
use std::time::Instant;
const INPUTS: usize = 300;
const ACTIVE: usize = 40;
const SAMPLES: usize = 16_384;
const MINIBATCH: usize = 2048;
fn best(name: &str, n: usize, mut f: impl FnMut()) {
    let mut t = Vec::new();
    for _ in 0..600 {
        let s = Instant::now();
        f();
        t.push(s.elapsed().as_nanos() as f64 / n as f64);
    }
    t.sort_by(f64::total_cmp);
    println!(
        "{name:22} min {:8.1} ns  p10 {:8.1}  median {:8.1}   ({:.2} M/s at min)",
        t[0],
        t[60],
        t[300],
        1e3 / t[0]
    );
}
fn main() {
    let mut rng = rng(1, 0);
    let mut lists = ActiveLists::new(INPUTS);
    for _ in 0..SAMPLES {
        let active: Vec<u16> = (0..ACTIVE as u64).map(|g| (g * 7 + rng.next_u64() % 7) as u16).collect();
        lists.push(&active).unwrap();
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
    let kernel = Kernel::named(&std::env::args().nth(1).unwrap_or("avx512".into())).unwrap();
    let mut network = Network::new(Architecture::new(INPUTS, 6), 1).unwrap().with_kernel(kernel);
    let (mut adam, mut gradient) = (Adam::new(&network), Gradient::new(&network));
    let mut transposed = Transposed::new(&network);
    let mut k = 0;
    let mut a = vec![0f32; 64];
    for (i, x) in a.iter_mut().enumerate() {
        *x = i as f32 * 1e-6;
    }
    best("minibatch", MINIBATCH, || {
        let samples = &order[k * MINIBATCH..][..MINIBATCH];
        k = (k + 1) % 8;
        let mut loss = PpoLoss { targets: &targets, coefficients, sums: Sums::default() };
        gradient.add(&network, &transposed, &lists, samples, &mut loss);
        adam.step(&mut network, &mut [&mut gradient.sum], 1e-4, 0.5);
        transposed.refresh(&network);
    });
    best("gradient", MINIBATCH, || {
        let samples = &order[k * MINIBATCH..][..MINIBATCH];
        k = (k + 1) % 8;
        let mut loss = PpoLoss { targets: &targets, coefficients, sums: Sums::default() };
        gradient.add(&network, &transposed, &lists, samples, &mut loss);
    });
    best("adam", MINIBATCH, || {
        adam.step(&mut network, &mut [&mut gradient.sum], 1e-4, 0.5);
    });
    best("transpose", MINIBATCH, || {
        transposed.refresh(&network);
    });
    let (mut scratch, mut rows) = (Scratch::new(network.architecture()), Vec::new());
    best("forward", MINIBATCH, || {
        network.forward_range(&lists, k * MINIBATCH, MINIBATCH, &mut scratch, &mut rows);
        k = (k + 1) % 8;
    });
    let (sampler, mut sampled) = (Sampler::new(6, kernel), Sampled::default());
    best("sample", MINIBATCH, || {
        sampled.actions.clear();
        sampled.log_probs.clear();
        sampled.values.clear();
        sampler.sample(&rows, &mut rng, &mut sampled);
    });
    best("one", 1, || {
        network.forward(lists.get(0), &mut scratch).unwrap();
    });
}
