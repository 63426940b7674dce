//! The built-in studies are read without complaint and say what their pages say.

use misgoal_world::oracle::Tie;
use misgoal_world::{Distribution, Oracle};

use crate::{AnyStudy, DecisionStudy, Mitigation, Study, builtin, builtins};

/// The built-in studies of grid worlds.
fn grids() -> impl Iterator<Item = Study> {
    builtins().iter().filter_map(|builtin| match AnyStudy::parse(builtin.name, builtin.source) {
        Ok(AnyStudy::Grid(study)) => Some(*study),
        Ok(AnyStudy::Decision(_)) => None,
        Err(errors) => panic!("{errors}"),
    })
}

/// The built-in studies of decisions.
fn decisions() -> impl Iterator<Item = DecisionStudy> {
    builtins().iter().filter_map(|builtin| match AnyStudy::parse(builtin.name, builtin.source) {
        Ok(AnyStudy::Decision(study)) => Some(*study),
        Ok(AnyStudy::Grid(_)) => None,
        Err(errors) => panic!("{errors}"),
    })
}

fn study(name: &str) -> Study {
    Study::parse(name, builtin(name).expect("a built-in name")).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_builtin_is_a_study_of_its_name() {
    for builtin in builtins() {
        let any = AnyStudy::parse(builtin.name, builtin.source).unwrap_or_else(|errors| panic!("{errors}"));
        let study = any.get();
        assert_eq!(study.name(), builtin.name);
        assert!(study.goals().len() >= 2);
        assert!(study.shifts().iter().any(|shift| !shift.aligned));
        assert_eq!(study.arms().first().map(|arm| arm.mitigation), Some(Mitigation::None));
    }
    assert!(grids().all(|study| study.agent.train_on == 0));
    // Satisfaction is about a reward that is the proxy.
    assert!(decisions().all(|study| (study.agent.train_on == 0) == (study.name != "satisfaction")));
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
    for study in grids() {
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

/// The same of the first proxy of a study of decisions.
fn decision_cross_regret(
    study: &DecisionStudy,
    distribution: &misgoal_decision::Distribution,
    proxy: usize,
) -> (f64, f64) {
    let mean = |tie| {
        let regrets: Vec<f64> = (0..400)
            .map(|seed| {
                let case = study.world.draw(distribution, seed).unwrap();
                misgoal_decision::Solved::new(&study.world, &study.goals, case).unwrap().cross_regret(0, proxy, tie)
            })
            .filter(|regret| regret.is_finite())
            .map(|regret| regret.clamp(0.0, 1.0))
            .collect();
        regrets.iter().sum::<f64>() / regrets.len() as f64
    };
    (mean(misgoal_decision::Tie::Best), mean(misgoal_decision::Tie::Worst))
}

/// In decisions a proxy may be a little apart from the goal in training: that is what labels of the real world are like.
#[test]
fn every_builtin_of_decisions_can_discriminate() {
    for study in decisions() {
        for proxy in 1..study.goals.len() {
            let (name, proxy_name) = (&study.name, &study.goals[proxy].name);
            let (best, worst) = decision_cross_regret(&study, &study.training, proxy);
            println!("{name}, {proxy_name}: training {best:.3} to {worst:.3}");
            assert!(best <= 0.05, "{name}, {proxy_name}: training loses {best}");
            let told = study.shifts.iter().map(|shift| {
                let (best, worst) = decision_cross_regret(&study, &shift.distribution, proxy);
                println!("{name}, {proxy_name}: {} {best:.3} to {worst:.3}", shift.name);
                assert!(!shift.aligned || best <= 0.05, "{name}, {proxy_name}, {}: {best} to {worst}", shift.name);
                worst
            });
            assert!(told.fold(0.0, f64::max) >= 0.5, "{name}: no shift tells {proxy_name}");
        }
    }
}
