//! How fast one core steps, observes and generates in worlds like those of the built-in studies: `cargo bench -p misgoal-world --bench world`.
//!
//! `step` plays a random policy over a pool of 1,024 levels and goes on to the next level when an episode ends, so that resets are
//! included; `observe` writes the sparse observation of every state as well. `generate` draws levels, each confirmed to be solvable.
//!
//! Not criterion: other work on a shared machine halves its means. The best of many short runs is what a core can do; the median beside
//! it shows how busy the machine was.
//!
//! What bounds the rates. A step is a chain of about ten dependent operations (position, wall word, shift, select, notable word), some
//! 40 cycles at 3 GHz: 75M a second; it is there. An observation reads a row word for each row of the window and writes 16 bytes for each
//! of its bytes: about 25 + 16 instructions a row and byte, 5 a cycle; it is instruction-bound, and only wider vectors (AVX-512's
//! compress) would take it further. A coinrun level costs 12,000 instructions, half of them the flood over columns; a corner level
//! 10,000, a third of them the flood over rows.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at the first thing that is wrong, and prints"
)]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "../tests/world/common.rs"]
mod common;
#[path = "../tests/world/fields.rs"]
mod fields;

use std::hint::black_box;
use std::time::Instant;

use misgoal_world::rng::rng;
use misgoal_world::{Level, World};
use rand_pcg::rand_core::Rng as _;

const STEPS: u64 = 20_000;
const LEVELS: u64 = 300;
const RUNS: u64 = 300;

/// Plays `STEPS` random steps; returns how many episodes ended and how many features were active.
fn play(world: &World, pool: &[Level], observe: bool) -> (u64, u64) {
    let mut rng = rng(1, 0);
    let mut levels = pool.iter().cycle();
    let actions = world.action_count() as u64;
    let mut seen = vec![0; world.max_active()];
    let mut level = levels.next().unwrap();
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
                level = levels.next().unwrap();
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

/// Prints how many of a run's `elements` one second holds.
fn rate(what: &str, elements: u64, mut run: impl FnMut(u64)) {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|number| {
            let begin = Instant::now();
            run(number);
            begin.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let rate = |share: usize| elements as f64 / seconds.get(share).copied().unwrap_or(f64::NAN) / 1e6;
    println!("  {what:<16} {:7.2} M/s   (median {:.2})", rate(0), rate(seconds.len() / 2));
}

fn main() {
    for (name, (world, train, shift)) in [
        ("coinrun", common::coinrun()),
        ("corner", common::corner()),
        ("gem-exit", common::gem_exit()),
        ("keys-chests", common::keys_chests()),
        ("lava", common::lava()),
        ("monsters", fields::monsters()),
        ("trees", fields::trees()),
    ] {
        let pool: Vec<Level> = (0..1024).map(|seed| world.generate(&train, seed).unwrap()).collect();
        let (ended, active) = play(&world, &pool, true);
        let (active, length) = (active as f64 / STEPS as f64, STEPS as f64 / ended as f64);
        println!(
            "{name}: {} features, {active:.1} active; a random episode lasts {length:.0} steps",
            world.feature_count()
        );
        rate("step", STEPS, |_| {
            black_box(play(&world, &pool, false));
        });
        rate("step and observe", STEPS, |_| {
            black_box(play(&world, &pool, true));
        });
        for (which, levels) in [("generate train", &train), ("generate shift", &shift)] {
            rate(which, LEVELS, |run| {
                for seed in run * LEVELS..(run + 1) * LEVELS {
                    black_box(world.generate(levels, seed).unwrap());
                }
            });
        }
    }
}
