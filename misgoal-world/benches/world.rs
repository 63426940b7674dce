//! How fast one core steps, observes and generates: `cargo bench -p misgoal-world`. Rates are elements per second of one thread.
//!
//! `step` plays a random policy over a pool of 1,024 fresh levels and goes on to the next level when an episode ends, so that resets
//! are included; `step and observe` writes the sparse observation of every state as well. `generate` draws levels, each of which is
//! confirmed to be solvable.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark stops at the first thing that is wrong")]

#[path = "../tests/world/common.rs"]
mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use misgoal_world::rng::rng;
use misgoal_world::{Distribution, Level, World};
use rand_pcg::rand_core::Rng as _;

const STEPS: u64 = 100_000;
const LEVELS: u64 = 1_000;

/// Plays `STEPS` random steps; returns how many episodes ended and how many features were active.
fn play(world: &World, pool: &[Level], observe: bool) -> (u64, u64) {
    let mut rng = rng(1, 0);
    let mut levels = pool.iter().cycle();
    let actions = world.action_count() as u64;
    let mut seen = vec![0; world.max_active()];
    let mut level = levels.next().expect("a pool of levels");
    let mut state = world.start(level);
    let (mut ended, mut active) = (0, 0);
    for _ in 0..STEPS / 4 {
        // Four actions from one word: 16 bits each are unbiased enough for a random policy.
        let mut word = rng.next_u64();
        for _ in 0..4 {
            let action = ((word & 0xffff) * actions) >> 16;
            word >>= 16;
            if world.step(level, &mut state, action as u8).done {
                ended += 1;
                level = levels.next().expect("the pool repeats");
                state = world.start(level);
            }
            if observe {
                active += world.observe_into(level, &state, &mut seen) as u64;
                black_box(&seen);
            }
        }
    }
    (ended, active)
}

fn step(c: &mut Criterion, name: &str, (world, train, _): &(World, Distribution, Distribution)) {
    let pool: Vec<Level> = (0..1024).map(|seed| world.generate(train, seed).expect("a sound distribution")).collect();
    let (ended, active) = play(world, &pool, true);
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(STEPS));
    group.bench_function("step", |bencher| bencher.iter(|| play(world, &pool, false)));
    let label = format!(
        "step and observe ({} features, {:.0} active, {:.0} steps an episode)",
        world.feature_count(),
        active as f64 / STEPS as f64,
        STEPS as f64 / ended as f64
    );
    group.bench_function(label, |bencher| bencher.iter(|| play(world, &pool, true)));
    group.finish();
}

fn generate(c: &mut Criterion, name: &str, (world, train, shift): &(World, Distribution, Distribution)) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(LEVELS));
    for (which, levels) in [("train", train), ("shift", shift)] {
        let mut seed = 0;
        group.bench_function(format!("generate {which}"), |bencher| {
            bencher.iter(|| {
                for _ in 0..LEVELS {
                    seed += 1;
                    black_box(world.generate(levels, seed).expect("a sound distribution"));
                }
            });
        });
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    for (name, study) in [
        ("coinrun", common::coinrun()),
        ("corner", common::corner()),
        ("gem-exit", common::gem_exit()),
        ("keys-chests", common::keys_chests()),
    ] {
        step(c, name, &study);
        generate(c, name, &study);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2)).warm_up_time(std::time::Duration::from_millis(300)).without_plots();
    targets = all
}
criterion_main!(benches);
