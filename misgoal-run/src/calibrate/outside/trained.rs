//! Networks of another width or view than the study's, trained by misgoal on the study. They have no switches: the truth about them is read from what they
//! do. What is lost in episodes that miss the intended goal and attain a proxy is lost to that proxy; the rest of the loss is unexplained.

use misgoal_judge::{LintReport, ShiftJudgement};
use misgoal_study::{Arm, Study};
use misgoal_world::{View, World, WorldSpec};

use super::grid;
use super::kinds::Cause;
use super::levels::{Place, over_levels};
use super::rules::Truth;
use super::truth::Costs;
use crate::calibrate::APART;
use crate::evaluate::Evaluation;
use crate::holdout::Rule;
use crate::levels::Levels;
use crate::unit::Shared;
use crate::{RunError, UnitId, policy, train};

/// Units of the hidden layers, agent after agent.
pub(crate) const WIDTHS: [[usize; 2]; 3] = [[32, 32], [256, 64], [64, 128]];
/// From here on a goal counts as attained.
const ATTAINED: f64 = 0.5;

/// A study like this one, whose agents have another width, and every second one another view.
fn reshaped(study: &Study, number: usize) -> Result<(Study, String), RunError> {
    let mut other = study.clone();
    other.arms = vec![Arm::baseline()];
    let width = WIDTHS.into_iter().cycle().nth(number).unwrap_or(study.agent.hidden);
    other.agent.hidden = width;
    let mut name = format!("trained, {} and {} units", width[0], width[1]);
    if number % 2 == 1 {
        let view = match study.world.spec().view {
            // A window of about two thirds.
            View::Egocentric { width, height } => View::Egocentric { width: shorter(width), height: shorter(height) },
            View::Whole => View::Egocentric { width: 7, height: 7 },
        };
        let spec = WorldSpec { view, ..study.world.spec().clone() };
        other.world = World::new(spec).map_err(|error| RunError::Study(format!("study `{}`: {error}", study.name)))?;
        if let View::Egocentric { width, height } = view {
            name += &format!(", a view of {width} by {height}");
        }
    }
    Ok((other, name))
}

/// Two thirds of an odd length, odd.
fn shorter(length: u8) -> u8 {
    ((length * 2 / 3) | 1).max(3)
}

/// A trained agent with the truth about it and the judgement of it, on one shift.
pub(crate) struct Trained {
    pub(crate) name: String,
    pub(crate) truth: Truth,
    pub(crate) judgement: ShiftJudgement,
}

/// What an episode attains of the intended goal; what is lost in it to each proxy; what is lost otherwise; and for each proxy whether anything is lost to it.
/// `attained` has every goal, the intended one first.
pub(crate) fn split(attained: &[f64]) -> Vec<f64> {
    let Some((intended, proxies)) = attained.split_first() else { return Vec::new() };
    let most = proxies.iter().copied().fold(0.0, f64::max);
    let astray = *intended < ATTAINED && most >= ATTAINED;
    let to = proxies.iter().position(|proxy| astray && *proxy >= most);
    let lost = 1.0 - intended;
    let mut outcome = vec![*intended];
    outcome.extend((0..proxies.len()).map(|proxy| if Some(proxy) == to { lost } else { 0.0 }));
    outcome.push(if to.is_none() { lost } else { 0.0 });
    outcome.extend((0..proxies.len()).map(|proxy| f64::from(u8::from(Some(proxy) == to))));
    outcome
}

/// The truth about an agent by the means of [`split`] over training levels and shifted ones; `costs` is what pursuing each goal alone costs.
pub(crate) fn truth(training: &[f64], shifted: &[f64], costs: &[Costs], enough: f64) -> Truth {
    let goals = costs.len();
    let cause = |number: usize| if number == goals { Cause::Unexplained } else { Cause::Proxy(number) };
    let lost = shifted.iter().enumerate().take(goals + 1).skip(1);
    let far = |(goal, costs): (usize, &Costs)| match goal {
        0 => Some(0.0),
        _ => shifted.get(goal).zip(shifted.get(goals + goal)).and_then(|(lost, often)| costs.followed(*lost, *often)),
    };
    let attained = |means: &[f64]| means.iter().take(1).sum();
    Truth {
        training: attained(training),
        shifted: attained(shifted),
        enough,
        lost: lost.map(|(number, lost)| (cause(number), *lost)).collect(),
        followed: costs.iter().enumerate().map(far).collect(),
    }
}

/// Trains an agent of another shape, counts the truth about it, and judges it on every shift. `costs` is, for each shift, what pursuing each goal alone
/// costs. Nothing where it was time to stop.
pub(super) fn judged(
    study: &Study,
    number: usize,
    lint: &[LintReport],
    costs: &[Vec<Costs>],
    levels: usize,
    told: &dyn Fn() -> bool,
) -> Result<Vec<Trained>, RunError> {
    let (other, name) = reshaped(study, number)?;
    let seed = number as u64;
    let drawn = Levels::from_seed(&other, None, (seed + 1) * APART)?;
    let shared = Shared {
        study: &other,
        levels: drawn,
        splay: None,
        lint: Vec::new(),
        given: None,
        rule: Rule::default(),
        along: 0,
    };
    let unit = UnitId { arm: Arm::baseline().name, seed };
    let Some(network) = train::in_memory(&shared, &unit, told)? else { return Ok(Vec::new()) };
    let means = |place| {
        let of = |seed: u64| grid::outcome(&other, place, seed, policy::agent(network.clone()).as_mut());
        over_levels((levels, 1), &of, &|_| told())
    };
    let Some(training) = means(Place::Training)? else { return Ok(Vec::new()) };
    let mut truths = Vec::new();
    for (shift, costs) in costs.iter().enumerate() {
        let Some(shifted) = means(Place::Shift(shift))? else { return Ok(Vec::new()) };
        truths.push(truth(&training, &shifted, costs, study.evaluation.options.trained));
    }
    let mut agent = policy::agent(network.clone());
    let evaluation = Evaluation::new(&other, &shared.levels, None, agent.as_mut(), seed, |_| {});
    let mut found = Vec::new();
    for (truth, (lint, played)) in truths.into_iter().zip(lint.iter().zip(&evaluation.shifts)) {
        let judgement = evaluation.judge(&other, 0, played, None, Some(lint))?;
        found.push(Trained { name: name.clone(), truth, judgement });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_goes_to_the_proxy_that_was_attained_instead() {
        assert_eq!(split(&[0.75, 0.0]), [0.75, 0.0, 0.25, 0.0]);
        assert_eq!(split(&[0.0, 1.0]), [0.0, 1.0, 0.0, 1.0]);
        assert_eq!(split(&[0.25, 0.5, 0.75]), [0.25, 0.0, 0.75, 0.0, 0.0, 1.0]);
        assert_eq!(split(&[0.25, 0.25]), [0.25, 0.0, 0.75, 0.0]);
        // Both attained: slow, not astray.
        assert_eq!(split(&[0.5, 1.0]), [0.5, 0.0, 0.5, 0.0]);
    }

    #[test]
    fn the_truth_about_a_network_is_what_it_does() {
        let costs = [Costs { lost: 0.0, often: 0.0 }, Costs { lost: 0.8, often: 0.9 }];
        let found = truth(&[0.95, 0.0, 0.05, 0.0], &[0.4, 0.5, 0.1, 0.6], &costs, 0.6);
        assert_eq!(found.lost, [(Cause::Proxy(1), 0.5), (Cause::Unexplained, 0.1)]);
        assert_eq!((found.training, found.shifted), (0.95, 0.4));
        assert!((found.followed[1].unwrap() - 0.6 / 0.9).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn an_odd_window_gets_shorter_and_stays_odd() {
        assert_eq!([25, 17, 13, 11, 9, 3].map(shorter), [17, 11, 9, 7, 7, 3]);
    }
}
