//! The built-in studies are read without complaint and say what their pages say.

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
