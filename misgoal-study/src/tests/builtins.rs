//! The built-in studies are read without complaint and say what their pages say.

use misgoal_world::oracle::Tie;
use misgoal_world::{Distribution, Oracle};

use crate::{Mitigation, Study, builtin, builtins};

fn study(name: &str) -> Study {
    Study::parse(name, builtin(name).expect("a built-in name")).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_builtin_is_a_study_of_its_name() {
    for builtin in builtins() {
        let study = study(builtin.name);
        assert_eq!(study.name, builtin.name);
        assert_eq!(study.agent.train_on, 0);
        assert!(study.goals.len() >= 2);
        assert!(study.shifts.iter().any(|shift| !shift.aligned));
        assert_eq!(study.arms.first().map(|arm| arm.mitigation), Some(Mitigation::None));
    }
}

#[test]
fn coinrun_has_the_arms_of_the_paper() {
    let study = study("coinrun");
    let shares: Vec<f64> = study.arms.iter().map(|arm| arm.mitigation.share()).collect();
    assert_eq!(shares, [0.0, 0.02, 0.10]);
    let goals: Vec<&str> = study.goals.iter().map(|goal| goal.name.as_str()).collect();
    assert_eq!(goals, ["coin", "wall"]);
}

/// Mean cross-regret of the intended goal when the first proxy is pursued at its best, over 100 levels: (best ties, worst ties).
fn cross_regret(study: &Study, distribution: &Distribution) -> (f64, f64) {
    let (mut best, mut worst) = (0.0, 0.0);
    for seed in 0..100 {
        let level = study.world.generate(distribution, seed).unwrap();
        let oracle = Oracle::solve(&study.world, &level, &study.goals).unwrap();
        best += oracle.cross_regret(0, 1, Tie::Best) / 100.0;
        worst += oracle.cross_regret(0, 1, Tie::Worst) / 100.0;
    }
    (best, worst)
}

/// Lint's conditions (METHOD.md, section 2): training and probes are compatible with the proxy, every other shift tells it apart.
#[test]
fn every_builtin_can_discriminate() {
    for builtin in builtins() {
        let study = study(builtin.name);
        let (best, worst) = cross_regret(&study, &study.training);
        println!("{}: training {best:.3} to {worst:.3}", study.name);
        assert!(best <= 0.05, "{}: training loses {best}", study.name);
        for shift in &study.shifts {
            let (best, worst) = cross_regret(&study, &shift.distribution);
            println!("{}: {} {best:.3} to {worst:.3}", study.name, shift.name);
            let (name, shift_name) = (&study.name, &shift.name);
            assert!(if shift.aligned { best <= 0.05 } else { worst >= 0.5 }, "{name}, {shift_name}: {best} to {worst}");
        }
    }
}
