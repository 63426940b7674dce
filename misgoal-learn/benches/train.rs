//! Environment steps per second of a whole update on a coinrun-like world: levels, steps, observations, rollout, three epochs of
//! gradients and Adam. `cargo bench -p misgoal-learn --bench train`.

#![expect(clippy::expect_used, reason = "a bench that cannot begin should stop")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use misgoal_learn::{FreshLevels, PpoConfig, Setup, Trainer};
use misgoal_policy::simd::Kernel;
use misgoal_world::{
    Distribution, Enter, Goal, Layout, Movement, Place, Placement, Region, ThingSpec, View, World, WorldSpec,
};

fn coinrun() -> (World, Distribution) {
    let spec = WorldSpec {
        width: 32,
        height: 8,
        movement: Movement::Platform { jump: 2 },
        things: vec![ThingSpec { name: "coin".to_owned(), symbol: 'o', enter: Enter::End }],
        zones: Vec::new(),
        view: View::Egocentric { width: 11, height: 9 },
        step_limit: 96,
        discount: 0.99,
    };
    let training = Distribution {
        layout: Layout::Platforms { pits: 0.08, steps: 0.15, ledges: 0.12, hazards: 0.04 },
        start: Place::Region(Region::Rect { x0: 1, y0: 1, x1: 3, y1: 8 }),
        placements: vec![Placement {
            thing: 0,
            count: (1, 1),
            place: Place::Region(Region::RightColumn),
            present: None,
        }],
        steps: None,
    };
    (World::new(spec).expect("valid"), training)
}

fn train(c: &mut Criterion) {
    let mut group = c.benchmark_group("train");
    for kernel in Kernel::available() {
        let (world, training) = coinrun();
        let levels = Box::new(FreshLevels::new(world.clone(), training));
        let goals = vec![Goal { name: "coin".to_owned(), weights: vec![1.0] }];
        let config = PpoConfig { steps: 100_000_000, ..PpoConfig::default() };
        group.throughput(Throughput::Elements(config.batch()));
        let setup = Setup { world, levels, goals, train_on: 0, config, seed: 1, threads: 1, kernel };
        let mut trainer = Trainer::new(setup).expect("valid");
        // Trained first, so that episodes have the length that most of a training has.
        for _ in 0..60 {
            trainer.step_update(&|| 0).expect("levels can be drawn");
        }
        group.bench_function(kernel.name(), |b| b.iter(|| trainer.step_update(&|| 0).expect("levels can be drawn")));
    }
}

criterion_group!(benches, train);
criterion_main!(benches);
