//! What ties stored files to their world and their training, for every built-in study.

use std::fmt::Write as _;

use misgoal_decision::Encoder;
use misgoal_learn::{FreshLevels, Setup, Trainer};
use misgoal_policy::simd::Kernel;
use misgoal_policy::tensors::File;
use misgoal_study::{AnyStudy, builtins};

use crate::{decision, policy, train};

/// The hash of each built-in study's world.
fn worlds() -> String {
    let mut all = String::new();
    for builtin in builtins() {
        let hash = match AnyStudy::parse(builtin.name, builtin.source).unwrap() {
            AnyStudy::Grid(study) => policy::world_hash(&study),
            AnyStudy::Decision(study) => {
                let encoder = Encoder::new(&study.world, &study.training).unwrap();
                decision::world_hash(&study, &encoder)
            }
        };
        writeln!(all, "{} {hash}", builtin.name).unwrap();
    }
    all
}

/// What a checkpoint of each built-in study of a grid says that it is of.
fn trainings() -> String {
    let mut all = String::new();
    for builtin in builtins() {
        let AnyStudy::Grid(study) = AnyStudy::parse(builtin.name, builtin.source).unwrap() else { continue };
        let agent = study.agent_of("baseline");
        let setup = Setup {
            levels: Box::new(FreshLevels::new(study.world.clone(), study.training.clone())),
            world: study.world,
            goals: study.goals,
            train_on: agent.train_on,
            config: train::config(&agent),
            seed: 7,
            threads: 1,
            kernel: Kernel::named("portable").unwrap(),
        };
        let bytes = Trainer::new(setup).unwrap().snapshot();
        let of = File::read(&bytes).unwrap().text("setup").unwrap().to_owned();
        writeln!(all, "{} {of}", builtin.name).unwrap();
    }
    all
}

#[test]
#[ignore = "wrote the fixtures"]
#[expect(clippy::disallowed_methods, reason = "writes fixtures")]
fn write_golden_identities() {
    let to = |name: &str| format!("{}/tests/fixtures/debug-identity/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(to("worlds.txt"), worlds()).unwrap();
    std::fs::write(to("trainings.txt"), trainings()).unwrap();
}
