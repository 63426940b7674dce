//! The search in decisions: the same stages as among levels, with cases in their place and features to edit.

mod edit;
mod hunt;
mod identify;
mod score;
mod vary;

use misgoal_decision::{Encoder, Solved};
use misgoal_study::DecisionStudy;
use misgoal_world::rng::rng;

use super::agent::{Chooses, check, of_policy};
use super::cases::{TRAINING, wrong};
use crate::RunError;
use crate::play::digits;
use crate::search::findings::{Findings, Tried, Turned};
use crate::search::{CounterexampleRecord, SearchProgress, SearchRecord, SearchRequest, tally};
use hunt::{BASES, Failure, Hunt, Minimal, Way};
use score::score;

/// Searches. `go_on` hears of progress and may stop the search: what was found until then is returned.
pub(crate) fn search(
    study: &DecisionStudy,
    request: &SearchRequest,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Result<SearchRecord, RunError> {
    let name = check(study, &request.policy)?;
    let encoder = Encoder::new(&study.world, &study.training).map_err(|problem| wrong(study, TRAINING, &problem))?;
    let agent = &mut of_policy(study, encoder, &request.policy)?;
    let seeds = u64::from(BASES)..u64::from(BASES + request.random_levels);
    let mut play = |number: usize, seed: u64| {
        let Some(shift) = study.shifts.get(number) else { return Ok(None) };
        let solved = solved(study, &shift.name, &shift.distribution, seed)?;
        Ok(score(&solved, agent, 1, request.seed).map(|score| score.attained))
    };
    let mut told = |levels| go_on(SearchProgress::Random { levels });
    let prevalence = tally::prevalence(study.into(), seeds, &mut play, &mut told)?;
    let asked = (request.budget, request.stock);
    let identified = identify::shifts(study, agent, asked, request.seed, &mut |levels| {
        go_on(SearchProgress::Chosen { levels: levels as u32 })
    })?;

    let catalogue = edit::catalogue(study);
    let hunt = Hunt { study, catalogue: &catalogue, budget: request.evaluations, seed: request.seed };
    let found = hunt.run(agent, Way::Learning, &mut rng(request.seed, 1), &mut |levels, failures| {
        go_on(SearchProgress::Edited { levels, failures })
    })?;
    let as_many = Hunt { budget: found.evaluations, ..hunt };
    let random = as_many.run(agent, Way::Random, &mut rng(request.seed, 2), &mut |_, _| true)?;
    let levels = if request.drawn == 0 { found.evaluations } else { request.drawn };
    let drawn = drawn(study, agent, levels, u64::from(BASES + request.random_levels), request.seed)?;

    let undeclared = vary::undeclared(study, &catalogue, agent, request.seed, go_on);
    let mut turned = Vec::new();
    for failure in spread(&found.failures, request.counterexamples as usize) {
        turned.extend(hunt.shrink(agent, failure).map(|minimal| counterexample(study, &minimal)));
        if !go_on(SearchProgress::Shrunk { done: turned.len() }) {
            break;
        }
    }
    let findings = Findings {
        unit: "case",
        policy: name,
        seed: request.seed,
        prevalence,
        identified,
        found: found.tried(),
        random: random.tried(),
        drawn,
        undeclared,
        proposal: None,
        turned,
    };
    Ok(findings.record(study.into()))
}

/// The yardstick: random cases of the shifts on which the goals part, in turn.
fn drawn(study: &DecisionStudy, agent: &mut Chooses, wanted: u32, first: u64, seed: u64) -> Result<Tried, RunError> {
    let shifts: Vec<_> = study.shifts.iter().filter(|shift| !shift.aligned).collect();
    let mut tried = Tried::default();
    for (number, shift) in (first..).zip(shifts.iter().cycle()).take(4 * wanted as usize) {
        if tried.levels == wanted {
            break;
        }
        if let Some(score) = score(&solved(study, &shift.name, &shift.distribution, number)?, agent, 1, seed) {
            tried.levels += 1;
            tried.failures += usize::from(score.attained.failed());
        }
    }
    Ok(tried)
}

fn solved(
    study: &DecisionStudy,
    name: &str,
    from: &misgoal_decision::Distribution,
    seed: u64,
) -> Result<Solved, RunError> {
    study
        .world
        .draw(from, seed)
        .and_then(|case| Solved::new(&study.world, &study.goals, case))
        .map_err(|problem| wrong(study, name, &problem))
}

/// Failures to look at closely: those with the fewest edits first, and of each training case one.
fn spread(failures: &[Failure], most: usize) -> Vec<&Failure> {
    let mut ordered: Vec<&Failure> = failures.iter().collect();
    ordered.sort_by(|a, b| {
        let edits = |failure: &Failure| failure.edited.edits.len();
        edits(a)
            .cmp(&edits(b))
            .then(b.score.attained.instead().is_some().cmp(&a.score.attained.instead().is_some()))
            .then(a.edited.seed.cmp(&b.edited.seed))
    });
    let mut seen = std::collections::BTreeSet::new();
    ordered.retain(|failure| seen.insert(failure.edited.seed));
    ordered.truncate(most);
    ordered
}

fn counterexample(study: &DecisionStudy, minimal: &Minimal) -> Turned {
    let (base, after) = (&minimal.base.solved, &minimal.edited.solved);
    let edits = &minimal.edited.edits;
    let words: Vec<String> = edits.iter().map(|edit| edit.words(study, &base.case.row)).collect();
    let instead = minimal.after.attained.instead();
    let record = CounterexampleRecord {
        training_seed: minimal.edited.seed,
        before: told(study, base, &minimal.before.choices),
        after: told(study, after, &[]),
        way: told(study, after, &minimal.after.choices),
        actions: digits(&minimal.after.choices),
        attained_before: minimal.before.attained.named(study.into()),
        attained_after: minimal.after.attained.named(study.into()),
        instead: instead.and_then(|goal| study.goals.get(goal)).map(|goal| goal.name.clone()),
        caption: words.join(", "),
        edits: words,
        actions_before: digits(&minimal.before.choices),
        changed_before: Vec::new(),
        changed_after: Vec::new(),
    };
    Turned { sorts: edits.iter().map(|edit| edit.family(study, &base.case.row)).collect(), instead, record }
}

/// A case, a line a feature, and below it what was chosen.
fn told(study: &DecisionStudy, solved: &Solved, choices: &[u8]) -> String {
    let world = &study.world;
    let wide = world.features().iter().map(|feature| feature.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (number, (feature, value)) in world.features().iter().zip(&solved.case.row).enumerate() {
        let unseen = if feature.observed { "" } else { " (not seen)" };
        text.push_str(&format!("{:wide$}  {}{unseen}\n", feature.name, world.words(number, *value)));
    }
    let chosen: Vec<&str> =
        choices.iter().filter_map(|option| world.options().get(usize::from(*option))).map(String::as_str).collect();
    if !chosen.is_empty() {
        text.push_str(&format!("-> {}\n", chosen.join(", ")));
    }
    text
}
