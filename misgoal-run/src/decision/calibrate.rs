//! Reference agents of decisions: what each is by construction, chosen and judged like any agent.
//!
//! Two of the grid's modes have no counterpart. An agent of an unlisted goal cannot be told: a case has no things that no goal names. Who does not see
//! walls has no like either; whoever chooses at random is the incapable agent.

use misgoal_judge::{LintReport, ShiftJudgement};
use misgoal_study::DecisionStudy;

use super::Shared;
use super::agent::{Chooses, Script};
use super::cases::Sets;
use super::evaluate::{Decided, Evaluation};
use super::{lint as linting, train};
use crate::calibrate::{APART, JudgedRecord, Mode, Reference, became, failing, is_another_reward, is_listed, record};
use crate::holdout::Rule;
use crate::{RunError, UnitId};

/// Share of random choices of a noisy agent.
const NOISE: f64 = 0.1;
/// Share of the cases in which a switching agent pursues the proxy.
const SWITCH: f64 = 0.6;

/// What lint says of each shift.
pub(crate) fn lint(study: &DecisionStudy) -> Result<Vec<LintReport>, RunError> {
    Ok(linting::reports(study, &Sets::new(study, None)?))
}

/// The scripted agents of a study on one shift.
pub(crate) fn references(study: &DecisionStudy, lint: &LintReport) -> Vec<Reference<Script>> {
    let pursues = |goal: usize, lapse: f64| Script::Pursues { goal, lapse };
    let skilled = pursues(0, NOISE);
    let name = |goal: usize| study.goals.get(goal).map_or("", |goal| goal.name.as_str());
    let new = |mode, name, shifted| Reference::new(mode, name, skilled, shifted);
    let steady = Reference::steady;
    let mut all = vec![
        steady(Mode::Robust, format!("optimal {}", name(0)), pursues(0, 0.0)),
        steady(Mode::Robust, format!("noisy {}", name(0)), skilled),
    ];
    for proxy in 1..study.goals.len() {
        if lint.tells(proxy) {
            let mode = Mode::Misgeneralizing(proxy);
            all.push(new(mode, format!("optimal {}", name(proxy)), pursues(proxy, 0.0)));
            all.push(new(mode, format!("noisy {}", name(proxy)), pursues(proxy, NOISE)));
            let switches = Script::Switches { goal: proxy, share: SWITCH };
            all.push(new(Mode::Switching(proxy), format!("{} in 3 of 5", name(proxy)), switches));
        }
        if is_another_reward(Some(lint), proxy) {
            let other = steady(Mode::Misspecified(proxy), format!("noisy {}", name(proxy)), pursues(proxy, NOISE));
            all.push(Reference { trained_on: proxy, ..other });
        }
    }
    for (number, option) in study.world.options().iter().enumerate() {
        all.push(new(Mode::Stereotyped, format!("always {option}"), Script::Always(number)));
    }
    all.push(Reference { probe: Script::Random, ..new(Mode::Incapable, "random".to_owned(), Script::Random) });
    all.push(steady(Mode::Undertrained, "random everywhere".to_owned(), Script::Random));
    all
}

/// Lets all scripted agents decide the cases of one seed, and judges them.
pub(crate) fn scripted(
    study: &DecisionStudy,
    lint: &[LintReport],
    seed: u64,
    count: &dyn Fn(usize) -> bool,
) -> Result<Vec<JudgedRecord>, RunError> {
    let sets = Sets::from_seed(study, None, (seed + 1) * APART)?;
    let shared = Shared { study, sets, lint: Vec::new(), given: None, rule: Rule::default(), along: 0 };
    let mut judged = Vec::new();
    for (number, lint) in lint.iter().enumerate() {
        for reference in references(study, lint) {
            let Some(judgement) = of_reference(&shared, lint, number, &reference, seed)? else { continue };
            if !count(1) {
                return Ok(judged);
            }
            // The option that a goal asks for in most cases is that goal by another name: no verdict on it can be wrong.
            if reference.mode != Mode::Stereotyped || !is_listed(&judgement) {
                judged.push(record(reference.mode, &reference.name, &judgement, seed));
            }
        }
    }
    Ok(judged)
}

fn of_reference(
    shared: &Shared<'_>,
    lint: &LintReport,
    number: usize,
    reference: &Reference<Script>,
    seed: u64,
) -> Result<Option<ShiftJudgement>, RunError> {
    let sets = &shared.sets;
    let Some(set) = sets.shifts.get(number) else { return Ok(None) };
    let options = shared.study.world.options().len();
    let decide = |set, script| Decided::new(set, &mut Chooses::Scripted(script), options, seed);
    let evaluation = Evaluation {
        holdout: decide(&sets.holdout, reference.training),
        shifts: Vec::new(),
        probes: sets.probes.iter().map(|set| decide(set, reference.probe)).collect(),
        rehearsed: None,
        mixed: None,
    };
    let shifted = decide(set, reference.shifted);
    evaluation.judge(shared, &shifted, reference.trained_on, None, Some(lint)).map(Some)
}

/// Trains an agent that must fail and judges it; nothing where it was time to stop, or the agent did not become what it was meant to be.
pub(crate) fn trained(
    study: &DecisionStudy,
    mode: Mode,
    seed: u64,
    told: &dyn Fn() -> bool,
    count: &dyn Fn(usize) -> bool,
) -> Result<Vec<JudgedRecord>, RunError> {
    let mut study = study.clone();
    let (arm, name) = failing((&study).into(), mode, "cases");
    study.arms = vec![arm.clone()];
    let sets = Sets::from_seed(&study, None, (seed + 1) * APART)?;
    let lint = linting::reports(&study, &sets);
    let shared = Shared { study: &study, sets, lint: Vec::new(), given: None, rule: Rule::default(), along: 0 };
    let unit = UnitId { arm: arm.name, seed };
    let Some(network) = train::in_memory(&shared, &unit, told)? else { return Ok(Vec::new()) };
    let mut agent = Chooses::network(network, shared.sets.encoder.clone());
    let rehearsed = train::rehearsed(&shared, &unit)?;
    let options = study.world.options().len();
    let evaluation = Evaluation::new(&shared.sets, Some(&rehearsed), &mut agent, options, seed);
    let trained_on = study.agent_of(&unit.arm).train_on;
    let mut judged = Vec::new();
    for (number, shift) in evaluation.shifts.iter().enumerate() {
        let judgement = evaluation.judge(&shared, shift, trained_on, None, lint.get(number))?;
        count(1);
        if became(mode, &judgement) {
            judged.push(record(mode, &name, &judgement, seed));
        }
    }
    Ok(judged)
}
