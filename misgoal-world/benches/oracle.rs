//! Levels solved a second on one core, all goals of each: `cargo bench -p misgoal-world --bench oracle`.
//!
//! Targets (issue 2, section 6): corner 30k, keys and chests 2k.

#![expect(clippy::expect_used, reason = "a benchmark whose worlds do not build has nothing to measure")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use misgoal_world::{
    Corner, Distribution, Enter, Goal, Layout, Level, MAX_ACTIONS, Movement, Oracle, Place, Placement, Region,
    ThingSpec, View, World, WorldSpec, ZoneSpec,
};

/// Levels in one measured pass.
const LEVELS: u64 = 64;

struct Study {
    name: &'static str,
    world: World,
    goals: Vec<Goal>,
    levels: Vec<Level>,
}

/// Levels of `distribution`, to be solved for each of the named events.
fn study(name: &'static str, spec: WorldSpec, distribution: &Distribution, goals: &[&str]) -> Study {
    let world = World::new(spec).expect("the world is sound");
    let goal = |event: &&str| {
        let mut weights = vec![0.0; world.event_names().len()];
        let number = world.event(event).expect("the event exists");
        weights.iter_mut().skip(number).take(1).for_each(|weight| *weight = 1.0);
        Goal { name: (*event).to_owned(), weights }
    };
    let goals = goals.iter().map(goal).collect();
    let level = |seed| world.generate(distribution, seed).expect("levels come about");
    let levels = (0..LEVELS).map(level).collect();
    Study { name, goals, levels, world }
}

fn thing(name: &str, symbol: char, enter: Enter) -> ThingSpec {
    ThingSpec { name: name.to_owned(), symbol, enter }
}

fn put(thing: usize, count: u8, place: Place) -> Placement {
    Placement { thing, count: (count, count), place, present: None }
}

fn walking(things: Vec<ThingSpec>) -> WorldSpec {
    WorldSpec {
        width: 13,
        height: 13,
        movement: Movement::Walk,
        things,
        zones: Vec::new(),
        view: View::Whole,
        step_limit: 128,
        discount: 0.999,
    }
}

fn blocks(placements: Vec<Placement>) -> Distribution {
    Distribution { layout: Layout::Blocks { density: 0.25 }, start: Place::Anywhere, placements, steps: None }
}

fn corner() -> Study {
    let mut spec = walking(vec![thing("cheese", 'c', Enter::End)]);
    spec.zones.push(ZoneSpec { name: "corner".to_owned(), region: Region::Corner(Corner::TopLeft) });
    study("corner", spec, &blocks(vec![put(0, 1, Place::Anywhere)]), &["cheese", "corner"])
}

fn keys_chests(name: &'static str, keys: u8, chests: u8) -> Study {
    let spec = walking(vec![thing("key", 'k', Enter::Collect), thing("chest", 'h', Enter::Open { key: 0 })]);
    let placements = vec![put(0, keys, Place::Anywhere), put(1, chests, Place::Anywhere)];
    study(name, spec, &blocks(placements), &["chest", "key"])
}

fn coinrun() -> Study {
    let spec = WorldSpec {
        width: 32,
        height: 8,
        movement: Movement::Platform { jump: 2 },
        things: vec![thing("coin", 'c', Enter::End)],
        zones: vec![ZoneSpec { name: "wall".to_owned(), region: Region::RightColumn }],
        view: View::Egocentric { width: 15, height: 9 },
        step_limit: 200,
        discount: 0.98,
    };
    let distribution = Distribution {
        layout: Layout::Platforms { pits: 0.12, steps: 0.15, ledges: 0.1, hazards: 0.08 },
        start: Place::Region(Region::LeftColumn),
        placements: vec![put(0, 1, Place::Anywhere)],
        steps: None,
    };
    study("coinrun", spec, &distribution, &["coin", "wall"])
}

fn solve(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("levels solved for all goals");
    group.throughput(Throughput::Elements(LEVELS));
    for study in [corner(), keys_chests("3 keys, 10 chests", 3, 10), keys_chests("10 keys, 3 chests", 10, 3), coinrun()]
    {
        group.bench_function(study.name, |bench| {
            bench.iter(|| {
                for level in &study.levels {
                    let oracle = Oracle::solve(&study.world, level, &study.goals).expect("levels are solved");
                    black_box(oracle.best(0) + oracle.best(1));
                }
            });
        });
    }
}

fn query(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("states asked for all action values");
    for study in [corner(), keys_chests("3 keys, 10 chests", 3, 10), coinrun()] {
        // The states of the optimal plans for the first goal.
        let mut asked = Vec::new();
        for level in &study.levels {
            let oracle = Oracle::solve(&study.world, level, &study.goals).expect("levels are solved");
            let plan = oracle.rollout_optimal(0, misgoal_world::oracle::TieBreak::First);
            let mut state = study.world.start(level);
            let mut states = vec![state];
            for action in plan.actions {
                study.world.step(level, &mut state, action);
                states.push(state);
            }
            asked.push((oracle, states));
        }
        let states: usize = asked.iter().map(|(_, states)| states.len()).sum();
        group.throughput(Throughput::Elements(2 * states as u64));
        group.bench_function(study.name, |bench| {
            bench.iter(|| {
                let mut values = [0.0; MAX_ACTIONS];
                for (oracle, states) in &asked {
                    for (goal, state) in states.iter().flat_map(|state| [(0, state), (1, state)]) {
                        oracle.action_values(goal, state, &mut values);
                        black_box(&values);
                    }
                }
            });
        });
    }
}

criterion_group!(oracle, solve, query);
criterion_main!(oracle);
