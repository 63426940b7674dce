//! What ties stored files to their world and their training, for every built-in study. A reader who finds one of these changed has refused the files
//! of users: give the identity a new version, and go on accepting this one.

use std::fmt::Write as _;

use misgoal_decision::Encoder;
use misgoal_learn::{FreshLevels, Setup, Trainer};
use misgoal_policy::simd::Kernel;
use misgoal_policy::tensors::{self, File};
use misgoal_study::{AnyStudy, Study, builtins};

use crate::identity::WorldHash;
use crate::levels::{REHEARSED, TRAINING, episode_seed};
use crate::train;

/// What a version wrote that tied files to Rust's `Debug` output: a hash for each world, a text for each training of a grid.
const OLD_WORLDS: &str = include_str!("../tests/fixtures/debug-identity/worlds.txt");
const OLD_TRAININGS: &str = include_str!("../tests/fixtures/debug-identity/trainings.txt");

fn world_of(name: &str, source: &str) -> WorldHash {
    match AnyStudy::parse(name, source).unwrap() {
        AnyStudy::Grid(study) => WorldHash::of_grid(&study),
        AnyStudy::Decision(study) => {
            let encoder = Encoder::new(&study.world, &study.training).unwrap();
            WorldHash::of_decisions(&study, &encoder)
        }
    }
}

fn trainer(study: Study) -> Setup {
    let agent = study.agent_of("baseline");
    Setup {
        levels: Box::new(FreshLevels::new(study.world.clone(), study.training.clone())),
        world: study.world,
        goals: study.goals,
        train_on: agent.train_on,
        config: train::config(&agent),
        seed: 7,
        threads: 1,
        kernel: Kernel::portable(),
    }
}

#[test]
fn the_world_of_every_built_in_study_keeps_its_hashes() {
    let mut hashes = String::new();
    for (builtin, old) in builtins().iter().zip(OLD_WORLDS.lines()) {
        let (name, old) = old.split_once(' ').unwrap();
        assert_eq!(name, builtin.name);
        assert_eq!(world_of(name, builtin.source).check(old, "differs"), Ok(()), "{name}");
        writeln!(hashes, "{name} {}", world_of(name, builtin.source).written()).unwrap();
    }
    insta::assert_snapshot!(hashes);
}

#[test]
fn the_training_of_every_built_in_study_keeps_its_text() {
    let mut texts = String::new();
    let mut old = OLD_TRAININGS.lines();
    for builtin in builtins() {
        let AnyStudy::Grid(study) = AnyStudy::parse(builtin.name, builtin.source).unwrap() else { continue };
        let snapshot = Trainer::new(trainer((*study).clone())).unwrap().snapshot();
        let text = File::read(&snapshot).unwrap().text("training").unwrap().to_owned();
        writeln!(texts, "{}: {text}\n", builtin.name).unwrap();
        // A snapshot as it was written before: refused for what it lacks, not for what it is of.
        let metadata = [
            ("format", "misgoal-snapshot"),
            ("version", "1"),
            ("setup", old.next().unwrap().split_once(' ').unwrap().1),
        ];
        let bytes = tensors::write(&metadata.map(|(key, text)| (key, text.to_owned())).into(), &[]);
        let error = Trainer::restore(trainer(*study), &bytes).err().unwrap().to_string();
        assert_eq!(error, "cannot read the snapshot: the file has no tensor `params`", "{}", builtin.name);
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn a_world_that_is_told_in_an_unknown_way_is_not_called_another_one() {
    let hash = || world_of("coinrun", misgoal_study::builtin("coinrun").unwrap());
    assert_eq!(hash().check("world-v1:00", "differs"), Err("differs".to_owned()));
    assert_eq!(hash().check("0123456789abcdef", "differs"), Err("differs".to_owned()));
    let unknown = hash().check("world-v2:00", "differs").unwrap_err();
    assert!(unknown.contains("`world-v2`, which this misgoal does not know"), "{unknown}");
}

/// Names of sets of levels are in the seeds of their episodes: another name, or another way of putting them together, changes what agents do.
#[test]
fn the_seeds_of_episodes_are_pinned() {
    let seeds = [TRAINING, REHEARSED, "anywhere"].map(|set| format!("{set} {:016x}", episode_seed(3, set, 5)));
    insta::assert_snapshot!(seeds.join("\n"));
}
