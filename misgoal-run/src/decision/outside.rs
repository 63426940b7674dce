//! Agents that no component describes, in decisions. Where a case has one turn, a memory, slowness and a change of mind have no place; with two options
//! who never takes one always takes the other, which a component does describe.

use misgoal_decision::Solved;
use misgoal_judge::{LintReport, ShiftJudgement};
use misgoal_study::{Arm, DecisionStudy};
use misgoal_world::rng::mix;

use super::agent::Chooses;
use super::cases::{CaseSet, Sets, has_gain, wrong};
use super::evaluate::{Decided, Evaluation, attainment, attainments};
use super::stranger::{Flaw, Strange, Stranger, Wish};
use super::{Shared, train};
use crate::calibrate::APART;
use crate::calibrate::outside::Stage;
use crate::calibrate::outside::kinds::{
    Cause, Conduct, ENDS, Kind, Outsider, Removal, SHARES, drift, mixture, proxy_of, variant,
};
use crate::calibrate::outside::levels::{Place, over_levels};
use crate::calibrate::outside::trained::{Trained, WIDTHS, split, truth};
use crate::calibrate::outside::truth::{Costs, Ground};
use crate::holdout::Rule;
use crate::{RunError, UnitId};

/// The agents that pursue one goal and nothing else.
pub(crate) fn pure(study: &DecisionStudy) -> Vec<Stranger> {
    (0..study.goals.len()).map(|goal| Stranger::sound(Wish::Goal(goal))).collect()
}

/// One agent of each kind that makes sense, of the replicate `number`.
pub(crate) fn outsiders(study: &DecisionStudy, number: usize) -> Vec<Outsider<Stranger>> {
    let sound = Stranger::sound(Wish::Goal(0));
    let name = |goal: usize| study.goals.get(goal).map_or("", |goal| goal.name.as_str());
    let proxy = |each: usize| proxy_of(study.goals.len(), number, each);
    let pursued = |goal: usize| (Stranger::sound(Wish::Goal(goal)), goal);
    let (mixed, drifting) = (proxy(SHARES), proxy(ENDS.len()));
    let mut all = flawed(study, number, sound, name(0));
    if study.world.turns() > 1 {
        let proxy = proxy(2);
        let (first, second) = if number.is_multiple_of(2) { (0, proxy) } else { (proxy, 0) };
        let shifted = Conduct::Steady(Stranger::sound(Wish::Changes { first, second, after: 1 }));
        let words = format!("{} for a turn, then {}", name(first), name(second));
        all.push(Outsider::astray(Kind::Within, words, sound, shifted, Cause::Proxy(proxy)));
    }
    all.push(mixture(number, pursued(mixed), name(mixed), sound));
    all.push(nearest(study));
    all.push(anti_goal(study, number, sound, name(0)));
    all.extend(drift(number, pursued(drifting), name(drifting), sound));
    all
}

/// Agents that pursue the intended goal and lack something.
fn flawed(study: &DecisionStudy, number: usize, sound: Stranger, name: &str) -> Vec<Outsider<Stranger>> {
    let options: Vec<usize> = (0..study.world.options().len()).collect();
    let needed = study.goals.get(..1).map_or_else(Vec::new, |intended| study.world.needed(intended));
    let flawed = |kind: Kind, words: String, flaw: Flaw, everywhere: bool| {
        let flawed = Stranger { wish: Wish::Goal(0), flaw };
        Outsider::flawed(kind, words, sound, flawed, everywhere)
    };
    let mut all = Vec::new();
    all.extend(variant(&options, number).filter(|_| options.len() > 2).and_then(|(option, everywhere)| {
        let words = format!("{name} without {}", study.world.options().get(option)?);
        Some(flawed(Kind::Missing, words, Flaw::Without(option), everywhere))
    }));
    all.extend(variant(&needed, number).and_then(|(column, everywhere)| {
        let words = format!("{name} without seeing {}", study.world.features().get(column)?.name);
        Some(flawed(Kind::Blind, words, Flaw::Blind(column), everywhere))
    }));
    if study.world.turns() > 1 {
        all.extend(variant(&[2], number).map(|(period, everywhere)| {
            flawed(Kind::Slow, format!("{name} in every {period} turns"), Flaw::Slow(period), everywhere)
        }));
        all.push(flawed(Kind::Memory, format!("restless {name}"), Flaw::Restless, true));
    }
    all
}

/// An agent that chooses the worst for the intended goal, or anything but the best; with two options they are the same.
fn anti_goal(study: &DecisionStudy, number: usize, sound: Stranger, name: &str) -> Outsider<Stranger> {
    let steady = |wish: Wish| Conduct::Steady(Stranger::sound(wish));
    let away = Stranger::sound(Wish::Away(0));
    if number.is_multiple_of(2) || study.world.options().len() == 2 {
        let away = Conduct::Steady(away);
        return Outsider::astray(Kind::AntiGoal, format!("away from {name}"), sound, away, Cause::Unlisted);
    }
    Outsider::shunning(format!("anything but {name}"), sound, steady(Wish::Shuns(0)), steady(Wish::Nothing), away)
}

/// Whoever goes for whatever has most at stake does so in training too.
fn nearest(study: &DecisionStudy) -> Outsider<Stranger> {
    let script = |but: Option<usize>| Stranger::sound(Wish::Nearest { but });
    let with = Conduct::Steady(script(None));
    let removal =
        |proxy: usize| Removal { cause: Cause::Proxy(proxy), with, without: Conduct::Steady(script(Some(proxy))) };
    Outsider {
        kind: Kind::Nearest,
        name: "goal with most at stake".to_owned(),
        training: script(None),
        probe: script(None),
        shifted: with,
        causes: (1..study.goals.len()).map(removal).collect(),
        alike: None,
    }
}

/// A study of decisions as a place to play agents in.
pub(crate) struct Desk<'s> {
    study: &'s DecisionStudy,
    /// The agents' ways to choose, made once.
    agents: Vec<(Stranger, Strange)>,
}

impl<'s> Desk<'s> {
    pub(crate) fn new(study: &'s DecisionStudy, scripts: &[Stranger]) -> Result<Desk<'s>, RunError> {
        let made = scripts.iter().map(|script| Ok((*script, Strange::new(study, *script)?)));
        Ok(Desk { study, agents: made.collect::<Result<_, RunError>>()? })
    }

    fn strange(&self, script: Stranger) -> Result<&Strange, RunError> {
        let found = self.agents.iter().find(|(other, _)| *other == script);
        found.map(|(_, strange)| strange).ok_or_else(|| RunError::Internal(format!("nobody plays {script:?}")))
    }
}

impl Ground for Desk<'_> {
    type Script = Stranger;

    fn attained(&self, place: Place, seed: u64, scripts: &[Stranger]) -> Result<Option<Vec<f64>>, RunError> {
        let Some(solved) = solved(self.study, place, seed)? else { return Ok(None) };
        let options = self.study.world.options().len();
        let of = |script: &Stranger| {
            Ok(attainment(&solved, 0, &self.strange(*script)?.episode(&solved, options, mix(seed))))
        };
        scripts.iter().map(of).collect::<Result<Vec<f64>, RunError>>().map(Some)
    }
}

/// A case, solved; `None` where it does not count.
fn solved(study: &DecisionStudy, place: Place, seed: u64) -> Result<Option<Solved>, RunError> {
    let distribution = match place {
        Place::Training => Some(&study.training),
        Place::Shift(number) => {
            study.shifts.iter().filter(|shift| !shift.aligned).nth(number).map(|shift| &shift.distribution)
        }
    };
    let Some(distribution) = distribution else {
        return Err(RunError::Internal(format!("there is no shift of the number in {place:?}")));
    };
    let case = study.world.draw(distribution, seed);
    let solved = case.and_then(|case| Solved::new(&study.world, &study.goals, case));
    let solved = solved.map_err(|problem| wrong(study, &format!("seed {seed}"), &problem))?;
    Ok(has_gain(&solved, 0).then_some(solved))
}

/// Trains an agent of another width, counts the truth about it, and judges it on every shift; see [`crate::calibrate::outside::trained`].
pub(crate) fn trained(
    study: &DecisionStudy,
    number: usize,
    lint: &[LintReport],
    costs: &[Vec<Costs>],
    levels: usize,
    told: &dyn Fn() -> bool,
) -> Result<Vec<Trained>, RunError> {
    let mut other = study.clone();
    other.arms = vec![Arm::baseline()];
    other.agent.hidden = WIDTHS.into_iter().cycle().nth(number).unwrap_or(study.agent.hidden);
    let [first, second] = other.agent.hidden;
    let seed = number as u64;
    let sets = Sets::from_seed(&other, None, (seed + 1) * APART)?;
    let shared = Shared { study: &other, sets, lint: Vec::new(), given: None, rule: Rule::default(), along: 0 };
    let unit = UnitId { arm: Arm::baseline().name, seed };
    let Some(network) = train::in_memory(&shared, &unit, told)? else { return Ok(Vec::new()) };
    let (options, encoder) = (other.world.options().len(), &shared.sets.encoder);
    let means = |place| {
        let of = |seed: u64| {
            let Some(solved) = solved(&other, place, seed)? else { return Ok(None) };
            let choices = Chooses::network(network.clone(), encoder.clone()).episode(&solved, options, mix(seed));
            Ok(Some(split(&attainments(&solved, &choices))))
        };
        over_levels((levels, 1), &of, &|_| told())
    };
    let Some(training) = means(Place::Training)? else { return Ok(Vec::new()) };
    let mut truths = Vec::new();
    for (shift, costs) in costs.iter().enumerate() {
        let Some(shifted) = means(Place::Shift(shift))? else { return Ok(Vec::new()) };
        truths.push(truth(&training, &shifted, costs, study.evaluation.options.trained));
    }
    let mut agent = Chooses::network(network.clone(), encoder.clone());
    let evaluation = Evaluation::new(&shared.sets, None, &mut agent, options, seed);
    let mut found = Vec::new();
    for (truth, (lint, decided)) in truths.into_iter().zip(lint.iter().zip(&evaluation.shifts)) {
        let judgement = evaluation.judge(&shared, decided, 0, None, Some(lint))?;
        found.push(Trained { name: format!("trained, {first} and {second} units"), truth, judgement });
    }
    Ok(found)
}

/// Cases on which agents of one replicate are judged.
pub(crate) struct Drawn<'s> {
    shared: Shared<'s>,
    seed: u64,
}

impl<'s> Drawn<'s> {
    pub(crate) fn new(study: &'s DecisionStudy, seed: u64) -> Result<Drawn<'s>, RunError> {
        let sets = Sets::from_seed(study, None, (seed + 1) * APART)?;
        Ok(Drawn {
            shared: Shared { study, sets, lint: Vec::new(), given: None, rule: Rule::default(), along: 0 },
            seed,
        })
    }

    fn decide<'l>(&self, set: &'l CaseSet, conduct: &Conduct<Stranger>) -> Result<Decided<'l>, RunError> {
        let last = set.solved.len().saturating_sub(1).max(1) as f64;
        let study = self.shared.study;
        let part = |(script, _)| Strange::new(study, script);
        let agents: Vec<Strange> = conduct.parts().into_iter().map(part).collect::<Result<_, _>>()?;
        let options = study.world.options().len();
        #[expect(clippy::indexing_slicing, reason = "there is an agent for each part")]
        let episode = |number: usize, solved: &Solved, seed: u64| {
            agents[conduct.part(number as f64 / last, seed)].episode(solved, options, seed)
        };
        Ok(Decided::each(set, self.seed, episode))
    }
}

impl Stage<Stranger> for Drawn<'_> {
    fn judge(&self, agent: &Outsider<Stranger>, shift: usize, lint: &LintReport) -> Result<ShiftJudgement, RunError> {
        let sets = &self.shared.sets;
        let Some(set) = sets.shifts.get(shift) else {
            return Err(RunError::Internal(format!("there is no shift {shift}")));
        };
        let steady = |set, script| self.decide(set, &Conduct::Steady(script));
        let evaluation = Evaluation {
            holdout: steady(&sets.holdout, agent.training)?,
            shifts: Vec::new(),
            probes: sets.probes.iter().map(|set| steady(set, agent.probe)).collect::<Result<_, _>>()?,
            rehearsed: None,
            mixed: None,
        };
        evaluation.judge(&self.shared, &self.decide(set, &agent.shifted)?, 0, None, Some(lint))
    }
}
