//! Cases of every distribution, drawn and solved: do parameters, utilities and goals make sense on them?

use misgoal_decision::{DecisionWorld, Distribution, Goal, Solved, WorldProblem};

use crate::decision::DecisionShift;
use crate::decision_file::DecisionFile;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Cases of each distribution that are looked at.
const CASES: u64 = 200;

pub(super) fn check(
    file: &DecisionFile,
    world: &DecisionWorld,
    goals: &[Goal],
    (training, shifts): (&Distribution, &[DecisionShift]),
    found: &mut Vec<Diagnostic>,
) {
    let headers = file.shifts.iter().map(|(name, _)| (format!("the shift `{name}`"), name.span()));
    let shifted = headers.zip(shifts.iter().map(|shift| &shift.distribution));
    let first = (("training".to_owned(), file.world.features.span()), training);
    let mut differ = vec![vec![false; goals.len()]; goals.len()];
    for (number, ((name, header), distribution)) in std::iter::once(first).chain(shifted).enumerate() {
        if number > 0 && distribution == training {
            let message = format!("{name} is the same as training");
            found.push(
                Diagnostic::new("same-distribution", header.clone(), message)
                    .label("draws the same cases")
                    .help("declare a feature otherwise"),
            );
        }
        let mut gain = vec![false; goals.len()];
        for seed in 0..CASES {
            let solved = world.draw(distribution, seed).and_then(|case| Solved::new(world, goals, case));
            let solved = match solved {
                Ok(solved) => solved,
                Err(problem) => {
                    found.push(point(file, &problem, number.checked_sub(1), &name));
                    return;
                }
            };
            for (goal, gain) in gain.iter_mut().enumerate() {
                *gain |= solved.best(goal) > solved.random(goal);
            }
            part(&solved, &mut differ);
        }
        // A shift may well leave a proxy nothing to gain; training may not, nor anything the intended goal.
        let wanted = if number == 0 { goals.len() } else { 1 };
        for (goal, _) in goals.iter().zip(&gain).take(wanted).filter(|(_, gain)| !**gain) {
            let message = format!("the goal `{}` prefers no option to another in {name}", goal.name);
            found.push(
                Diagnostic::new("unsolvable", goal_span(file, goal), message)
                    .label(format!("on none of {CASES} cases"))
                    .note(header.clone(), "drawn from here"),
            );
        }
    }
    for (n, goal) in goals.iter().enumerate() {
        let twin = goals
            .iter()
            .enumerate()
            .take(n)
            .find(|(m, _)| !differ.get(*m).and_then(|row| row.get(n)).is_some_and(|differ| *differ));
        if let Some((_, twin)) = twin.filter(|_| found.is_empty()) {
            let message = format!("the goals `{}` and `{}` prefer the same", twin.name, goal.name);
            found.push(
                Diagnostic::new("same-goals", goal_span(file, goal), message)
                    .label("no case can tell it from the other")
                    .note(goal_span(file, twin), "the other"),
            );
        }
    }
}

/// Notes which goals prefer different options at some moment of a case.
fn part(solved: &Solved, differ: &mut [Vec<bool>]) {
    for moment in solved.moments() {
        let preferred: Vec<Vec<usize>> = (0..solved.goals()).map(|goal| solved.preferred(moment, goal)).collect();
        for (row, one) in differ.iter_mut().zip(&preferred) {
            for (differ, other) in row.iter_mut().zip(&preferred) {
                *differ |= one != other;
            }
        }
    }
}

fn goal_span(file: &DecisionFile, goal: &Goal) -> Span {
    let of = file.goals.iter().find(|(name, _)| ***name == goal.name);
    of.map_or_else(|| file.goals.span(), |(name, _)| name.span())
}

/// Points a problem at the declaration that it comes from: the shift's own, or training's.
fn point(file: &DecisionFile, problem: &WorldProblem, shift: Option<usize>, name: &str) -> Diagnostic {
    match problem {
        WorldProblem::Feature(number, message) => {
            let feature = file.world.features.iter().nth(*number);
            let declared = feature.map_or_else(|| file.world.features.span(), |(name, _)| name.span());
            let own = shift.and_then(|shift| file.shifts.iter().nth(shift)).and_then(|(_, shift)| {
                let mut features = shift.features.iter();
                features
                    .find(|(other, _)| feature.is_some_and(|(name, _)| **name == ***other))
                    .map(|(name, _)| name.span())
            });
            let feature = feature.map_or("", |(name, _)| name.as_str());
            Diagnostic::new(
                "feature",
                own.unwrap_or(declared),
                format!("`{feature}` cannot be drawn in {name}: {message}"),
            )
        }
        WorldProblem::Goal(number, message) => {
            let goal =
                file.goals.iter().find(|(_, goal)| (*number == 0) == goal.intended.as_ref().is_some_and(|mark| **mark));
            let span = goal.map_or_else(|| file.goals.span(), |(name, _)| name.span());
            Diagnostic::new("goal", span, format!("{message}, in {name}"))
        }
        WorldProblem::Options(message) | WorldProblem::Turns(message) => {
            Diagnostic::new("world", file.world.span(), message.clone())
        }
    }
}
