//! Levels of the distributions, solved: can the goals be reached on them at all?

use misgoal_world::{Oracle, World};

use super::distributions::{Placed, Places};
use super::goals::Goals;
use crate::diagnostic::Diagnostic;

/// Levels of each distribution that are solved. A goal is only complained of when it fails on every one of them.
const LEVELS: u64 = 6;

/// Complains of goals that no level of a distribution lets an agent reach: the intended goal anywhere, a proxy in training, where
/// it shall look like the intended one. (A shift may well take a proxy away.)
pub(super) fn check(world: &World, places: &Places, goals: &Goals, found: &mut Vec<Diagnostic>) {
    let all: Vec<usize> = (0..goals.goals.len()).collect();
    solve(world, &places.training, goals, &all, found);
    for (_, placed) in &places.shifts {
        solve(world, placed, goals, &[0], found);
    }
}

fn solve(world: &World, placed: &Placed, goals: &Goals, wanted: &[usize], found: &mut Vec<Diagnostic>) {
    let mut failures: Vec<Option<String>> = vec![None; goals.goals.len()];
    let mut solved = vec![false; goals.goals.len()];
    for seed in 0..LEVELS {
        let oracle =
            world.generate(&placed.distribution, seed).and_then(|level| Oracle::solve(world, &level, &goals.goals));
        let oracle = match oracle {
            Ok(oracle) => oracle,
            Err(error) => {
                found.push(placed.error("unsolvable", &error));
                return;
            }
        };
        for ((goal, solved), failure) in solved.iter_mut().enumerate().zip(&mut failures) {
            match oracle.solvable(goal) {
                Ok(()) => *solved = true,
                Err(error) => *failure = Some(error.message),
            }
        }
    }
    let named = goals.goals.iter().zip(&goals.spans).zip(solved).zip(failures).enumerate();
    for (number, (((goal, span), solved), failure)) in named {
        // A goal that only forbids has nothing to reach.
        let gains = goal.weights.iter().any(|weight| *weight > 0.0);
        if let Some(failure) = failure.filter(|_| gains && !solved && wanted.contains(&number)) {
            let message = format!("the goal `{}` cannot be reached in {}", goal.name, placed.name);
            found.push(
                Diagnostic::new("unsolvable", span.clone(), message)
                    .label(format!("on none of {LEVELS} levels"))
                    .note(placed.header.clone(), "drawn from here")
                    .help(format!("on the last of them: {failure}")),
            );
        }
    }
}
