//! The whole judge: 40 shifted and 25 held-out levels, six components, 1000 draws. `cargo bench -p misgoal-judge`
//!
//! Two figures: with oracles that have answered before (as when several agents are judged on the same levels), and with
//! fresh ones, whose random values and movement graphs are worked out within the judgement.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench: a failure should stop it")]

#[path = "../tests/judge/lab.rs"]
mod lab;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use lab::Lab;
use misgoal_judge::Options;
use misgoal_policy::scripted::Script;

fn judge(c: &mut Criterion) {
    let lab = Lab::new();
    let noisy = |goal| Script::Noisy { goal, epsilon: 0.1 };
    let record = || {
        let holdout = lab.record(&lab.train, 25, 1, |_| noisy(1));
        let shifted = lab.record(&lab.shift, 40, 2, |index| noisy(index % 3));
        (holdout, shifted)
    };
    let options = Options::default();
    let (holdout, shifted) = record();
    c.bench_function("judge 40 levels", |b| b.iter(|| black_box(lab.judge(&holdout, &shifted, 0, &options))));
    c.bench_function("judge 40 levels, fresh oracles", |b| {
        let run =
            |(holdout, shifted): (Vec<lab::Recorded>, Vec<lab::Recorded>)| lab.judge(&holdout, &shifted, 0, &options);
        b.iter_batched(record, |episodes| black_box(run(episodes)), BatchSize::SmallInput);
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = judge
}
criterion_main!(benches);
