//! Training from end to end, on a walk world that is solved in a second.
#![cfg(test)]

use misgoal_learn::{FreshLevels, LevelPool, LevelSource, Metrics, PpoConfig, Setup, TrainError, Trainer};
use misgoal_policy::simd::Kernel;
use misgoal_policy::tensors::File;
use misgoal_policy::{Agent, Choice, NetworkAgent};
use misgoal_world::{
    Distribution, Enter, Events, Goal, Layout, Movement, Place, Placement, Region, ThingSpec, View, World, WorldSpec,
    ZoneSpec,
};

/// A 5 by 5 room with a gem and a stone somewhere in it; both end the episode.
fn world() -> World {
    let thing = |name: &str, symbol| ThingSpec { name: name.to_owned(), symbol, enter: Enter::End };
    World::new(WorldSpec {
        width: 5,
        height: 5,
        movement: Movement::Walk,
        things: vec![thing("gem", 'g'), thing("stone", 's')],
        zones: vec![ZoneSpec { name: "left".to_owned(), region: Region::LeftColumn }],
        view: View::Egocentric { width: 9, height: 9 },
        step_limit: 20,
        discount: 0.95,
    })
    .unwrap()
}

fn distribution() -> Distribution {
    let one = |thing| Placement { thing, count: (1, 1), place: Place::Anywhere, present: None };
    Distribution { layout: Layout::Open, start: Place::Anywhere, placements: vec![one(0), one(1)], steps: None }
}

fn goal(world: &World, event: &str) -> Goal {
    let weights = world.event_names().iter().map(|name| if name == event { 1.0 } else { 0.0 }).collect();
    Goal { name: event.to_owned(), weights }
}

fn setup(steps: u64, threads: usize) -> Setup {
    let world = world();
    let goals = vec![goal(&world, "gem"), goal(&world, "stone")];
    let levels = Box::new(FreshLevels::new(world.clone(), distribution()));
    let config = PpoConfig { steps, envs: 64, horizon: 32, minibatches: 4, gamma: 0.95, ..PpoConfig::default() };
    Setup { world, levels, goals, train_on: 0, config, seed: 1, threads, kernel: Kernel::best() }
}

fn train(trainer: &mut Trainer, updates: u64) -> Vec<Metrics> {
    (0..updates).map(|_| trainer.step_update(&|| 0).unwrap()).collect()
}

/// Share of 200 fresh levels on which the agent takes the gem.
fn takes_gem(agent: &mut impl Agent) -> f64 {
    let world = world();
    let gem = world.event("gem").unwrap();
    let taken = (0..200).filter(|seed| {
        let level = world.generate(&distribution(), 1 << 40 | seed).unwrap();
        let mut state = world.start(&level);
        agent.begin(&world, &level, *seed);
        let mut events = Events::NONE;
        while !state.done {
            let action = agent.act(&world, &level, &state);
            events.0 |= world.step(&level, &mut state, action).events.0;
        }
        events.has(gem)
    });
    taken.count() as f64 / 200.0
}

#[test]
fn an_agent_learns_to_take_the_gem_and_leave_the_stone() {
    let mut trainer = Trainer::new(setup(160_000, 1)).unwrap();
    let untrained = takes_gem(&mut NetworkAgent::new(trainer.network().clone(), Choice::Sample));
    assert!(untrained < 0.5, "a random walk takes the gem on {untrained} of the levels");
    let mut last = Metrics::default();
    while !trainer.finished() {
        last = trainer.step_update(&|| 0).unwrap();
    }
    for choice in [Choice::Sample, Choice::Greedy] {
        let trained = takes_gem(&mut NetworkAgent::new(trainer.network().clone(), choice));
        assert!(trained > 0.93, "{choice:?}: the trained agent takes the gem on {trained} of the levels");
    }
    assert!(last.steps >= 160_000 && last.updates == trainer.updates() && last.episodes > 100);
    let [gem, stone] = last.goals[..] else { panic!("{last:?}") };
    assert!(gem.success.unwrap() > 0.93 && stone.success.unwrap() < 0.07, "{last:?}");
    assert_eq!(gem.mean_return, gem.success);
    assert!(last.mean_length.unwrap() < 8.0 && last.entropy < 1.0, "{last:?}");
}

#[test]
fn training_on_another_goal_learns_that_one() {
    let mut setup = setup(100_000, 1);
    setup.train_on = 1;
    let mut trainer = Trainer::new(setup).unwrap();
    let updates = trainer.config().updates();
    let last = train(&mut trainer, updates).pop().unwrap();
    assert!(last.goals[1].success.unwrap() > 0.85 && last.goals[0].success.unwrap() < 0.15, "{last:?}");
}

#[test]
fn threads_change_nothing() {
    let run = |threads| {
        let mut trainer = Trainer::new(setup(20_000, threads)).unwrap();
        let metrics = train(&mut trainer, 4);
        (trainer.network().params().to_vec(), metrics, trainer.snapshot())
    };
    let one = run(1);
    for threads in [2, 3, 4] {
        assert!(run(threads) == one, "{threads} threads differ from one");
    }
}

#[test]
fn avx512_and_avx2_train_the_same_weights() {
    let run = |kernel| {
        let mut trainer = Trainer::new(Setup { kernel, ..setup(20_000, 1) }).unwrap();
        train(&mut trainer, 4);
        trainer.network().params().to_vec()
    };
    let (Some(wide), Some(narrow)) = (Kernel::named("avx512"), Kernel::named("avx2")) else { return };
    assert!(run(wide) == run(narrow));
}

#[test]
fn a_restored_run_goes_on_to_the_bit() {
    let mut whole = Trainer::new(setup(20_000, 1)).unwrap();
    train(&mut whole, 3);
    let snapshot = whole.snapshot();
    let expected = (train(&mut whole, 4), whole.snapshot());
    let mut resumed = Trainer::restore(setup(20_000, 2), &snapshot).unwrap();
    assert_eq!(resumed.steps(), 3 * 64 * 32);
    assert!(resumed.snapshot() == snapshot);
    assert!((train(&mut resumed, 4), resumed.snapshot()) == expected);
}

#[test]
fn a_snapshot_of_another_training_is_refused() {
    let snapshot = Trainer::new(setup(20_000, 1)).unwrap().snapshot();
    let check = |setup: Setup, bytes: &[u8], expected: &str| {
        let error = Trainer::restore(setup, bytes).err().unwrap().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check(
        setup(30_000, 1),
        &snapshot,
        "the snapshot is of another training: `steps` is `20000` there and `30000` here",
    );
    check(setup(20_000, 1), &snapshot[..snapshot.len() - 1], "cannot read the snapshot: not a safetensors file");
    let weights = Trainer::new(setup(20_000, 1)).unwrap().network().save(&Default::default());
    check(setup(20_000, 1), &weights, "this is `misgoal-policy` version 2, not a `misgoal-snapshot` of version 1 to 2");
}

#[test]
fn what_is_wrong_with_a_setup_is_said() {
    let check = |change: &dyn Fn(&mut Setup), expected: &str| {
        let mut setup = setup(1000, 1);
        change(&mut setup);
        match Trainer::new(setup) {
            Err(TrainError::Setup(message)) => assert_eq!(message, expected),
            _ => panic!("no error where `{expected}` is expected"),
        }
    };
    check(&|s| s.config.envs = 30, "`envs` is `30`: give a multiple of `shards`, which is `4`");
    check(&|s| s.config.epochs = 0, "`epochs` is `0`: give a whole number from 1 to 100");
    check(&|s| s.config.gamma = 1.5, "`gamma` is `1.5`: give a number from 0 to 1");
    check(&|s| s.config.learning_rate = f64::NAN, "`learning rate` is `NaN`: give a number from 0 to 1");
    check(
        &|s| s.config.hidden[0] = 40,
        "a network cannot have `40` hidden units in a layer: give a multiple of 16, up to 1024",
    );
    check(&|s| s.train_on = 2, "`train_on` is goal 2 of 2: there is no such goal");
}

#[test]
fn held_out_levels_are_never_drawn() {
    let held_out = |level: &misgoal_world::Level| level.hash().is_multiple_of(3);
    let source = FreshLevels::new(world(), distribution());
    assert!((0..100).any(|seed| held_out(&source.level(seed).unwrap())));
    let source = source.hold_out(Box::new(held_out));
    assert!((0..100).all(|seed| !held_out(&source.level(seed).unwrap())));
    let none = FreshLevels::new(world(), distribution()).hold_out(Box::new(|_| true));
    let error = none.level(0).unwrap_err().to_string();
    assert_eq!(error, "1000 training levels in a row are held out: hold out a smaller share");
}

#[test]
fn a_share_of_levels_is_of_the_shift() {
    let mut shift = distribution();
    shift.placements[0].place = Place::Region(Region::LeftColumn);
    shift.placements[1].count = (3, 3);
    let share = |p| {
        let source = FreshLevels::new(world(), distribution()).randomize(shift.clone(), p);
        (0..1000).filter(|seed| source.level(*seed).unwrap().items.len() == 4).count()
    };
    assert_eq!(share(0.0), 0);
    assert_eq!(share(1.0), 1000);
    assert!((60..140).contains(&share(0.1)), "{}", share(0.1));
}

#[test]
fn a_pool_repeats_its_levels() {
    let pool = LevelPool::new(&FreshLevels::new(world(), distribution()), 0, 4).unwrap();
    let mut hashes: Vec<u64> = (0..100).map(|seed| pool.level(seed).unwrap().hash()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 4);
}

/// A training whose settings can be written in more than one way.
fn odd() -> Setup {
    let config = PpoConfig {
        envs: 8,
        minibatches: 2,
        hidden: [16, 16],
        learning_rate: 1e-5,
        entropy: 2.5e-7,
        entropy_end: 0.0,
        gradient_norm: 1e6,
        lambda: 0.1 + 0.2,
        anneal: false,
        ..setup(20_000, 1).config
    };
    Setup { config, seed: u64::MAX, ..setup(20_000, 1) }
}

/// A snapshot that a version wrote which tied it to its training by Rust's `Debug` output.
const OLD: &[u8] = include_bytes!("fixtures/snapshot-v1.safetensors");

#[test]
fn a_snapshot_of_version_1_goes_on() {
    let mut resumed = Trainer::restore(odd(), OLD).unwrap();
    assert_eq!(resumed.updates(), 2);
    let mut whole = Trainer::new(odd()).unwrap();
    train(&mut whole, 2);
    // Kernels of one family give the same bits, others nearly.
    let far = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-3;
    assert!(!resumed.network().params().iter().zip(whole.network().params()).any(far));
    assert_eq!(train(&mut resumed, 1)[0].updates, 3);
}

#[test]
fn what_a_snapshot_is_of_does_not_depend_on_names_of_rust() {
    let text = |key: &str, bytes: &[u8]| File::read(bytes).unwrap().text(key).unwrap().to_owned();
    let portable = Setup { kernel: Kernel::portable(), ..odd() };
    insta::assert_snapshot!(text("training", &Trainer::new(portable).unwrap().snapshot()));
}

#[test]
fn a_snapshot_says_in_what_its_training_differs() {
    let new = Trainer::new(odd()).unwrap().snapshot();
    let check = |setup: &dyn Fn() -> Setup, expected: &str| {
        for (bytes, expected) in
            [(&new[..], expected), (OLD, "its world, goals, settings or seed differ from this one's")]
        {
            let error = Trainer::restore(setup(), bytes).err().unwrap().to_string();
            assert_eq!(error, format!("the snapshot is of another training: {expected}"));
        }
    };
    check(&|| Setup { seed: 2, ..odd() }, "`seed` is `18446744073709551615` there and `2` here");
    let config = || PpoConfig { gamma: 0.5, clip: 0.1, ..odd().config };
    check(
        &|| Setup { config: config(), ..odd() },
        "`gamma` is `0.95` there and `0.5` here; `clip` is `0.2` there and `0.1` here",
    );
    let goals = || {
        let mut goals = odd().goals;
        goals[0].weights[1] = 0.5;
        goals
    };
    check(
        &|| Setup { goals: goals(), ..odd() },
        "`goals` is `[[1,0,0,0,0],[0,1,0,0,0]]` there and `[[1,0.5,0,0,0],[0,1,0,0,0]]` here",
    );
}

#[test]
fn what_decides_nothing_is_no_part_of_a_training() {
    let bytes = Trainer::new(odd()).unwrap().snapshot_with(&[("unit", "mine".to_owned())]);
    assert_eq!(File::read(&bytes).unwrap().text("unit").unwrap(), "mine");
    let mut goals = odd().goals;
    goals[0].name = "another name".to_owned();
    for setup in
        [Setup { threads: 2, ..odd() }, Setup { goals, ..odd() }, Setup { kernel: Kernel::portable(), ..odd() }]
    {
        assert!(Trainer::restore(setup, &bytes).is_ok());
    }
}
