//! The search in decisions: the same stages as among levels, with cases in their place and features to edit.

mod edit;
mod hunt;
mod identify;
mod score;
mod vary;

use std::collections::BTreeMap;

use misgoal_decision::{Encoder, Solved};
use misgoal_stats::beta;
use misgoal_study::DecisionStudy;
use misgoal_world::rng::rng;

use super::agent::{Chooses, check, of_policy};
use super::cases::{TRAINING, wrong};
use crate::RunError;
use crate::convert::named;
use crate::play::digits;
use crate::record::FORMAT;
use crate::search::families::median;
use crate::search::{
    CounterexampleRecord, FamilyRecord, PrevalenceRecord, SearchProgress, SearchRecord, SearchRequest, times,
};
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
    let prevalence = prevalence(study, agent, request, go_on)?;
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
    let (drawn, drawn_failures) = drawn(study, agent, levels, u64::from(BASES + request.random_levels), request.seed)?;

    let undeclared = vary::undeclared(study, &catalogue, agent, request.seed, go_on);
    let mut minimal: Vec<Minimal> = Vec::new();
    for failure in spread(&found.failures, request.counterexamples as usize) {
        minimal.extend(hunt.shrink(agent, failure));
        if !go_on(SearchProgress::Shrunk { done: minimal.len() }) {
            break;
        }
    }
    minimal.sort_by_key(|one| (one.edited.edits.len(), one.edited.seed));
    Ok(SearchRecord {
        format: FORMAT,
        misgoal: env!("CARGO_PKG_VERSION").to_owned(),
        study: crate::assemble::study_record(study),
        unit: "case".to_owned(),
        policy: name,
        seed: request.seed,
        prevalence,
        identified,
        evaluations: found.evaluations,
        failures: found.failures.len() as u32,
        failing_training_levels: found.bases() as u32,
        random_failures: random.failures.len() as u32,
        random_training_levels: random.bases() as u32,
        drawn_levels: drawn,
        drawn_failures,
        times_drawn: times((found.failures.len(), found.evaluations), (drawn_failures as usize, drawn)),
        undeclared,
        proposal: None,
        families: families(study, &minimal),
        median_edits: median(minimal.iter().map(|one| one.edited.edits.len() as f64)),
        counterexamples: minimal.iter().map(|one| counterexample(study, one)).collect(),
    })
}

/// Stage R.
fn prevalence(
    study: &DecisionStudy,
    agent: &mut Chooses,
    request: &SearchRequest,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Result<Vec<PrevalenceRecord>, RunError> {
    let mut all = Vec::new();
    let mut levels = 0;
    for shift in study.shifts.iter().filter(|shift| !shift.aligned) {
        let (mut played, mut lost) = (0, 0);
        let mut toward = vec![0; study.goals.len()];
        for seed in (0..u64::from(request.random_levels)).map(|number| u64::from(BASES) + number) {
            let solved = solved(study, &shift.name, &shift.distribution, seed)?;
            levels += 1;
            if let Some(score) = score(&solved, agent, 1, request.seed) {
                played += 1;
                lost += usize::from(score.failed());
                if let Some(count) = score.instead().filter(|_| score.failed()).and_then(|goal| toward.get_mut(goal)) {
                    *count += 1;
                }
            }
            if !go_on(SearchProgress::Random { levels }) {
                break;
            }
        }
        let proxies = study.goals.iter().zip(&toward).skip(1);
        all.push(PrevalenceRecord {
            shift: shift.name.clone(),
            levels: played as u32,
            lost: beta::proportion(lost, played).into(),
            toward: proxies.map(|(goal, count)| named(&goal.name, beta::proportion(*count, played))).collect(),
        });
    }
    Ok(all)
}

/// The yardstick: random cases of the shifts on which the goals part, in turn; how many were tried, and how many of them fail.
fn drawn(
    study: &DecisionStudy,
    agent: &mut Chooses,
    wanted: u32,
    first: u64,
    seed: u64,
) -> Result<(u32, u32), RunError> {
    let shifts: Vec<_> = study.shifts.iter().filter(|shift| !shift.aligned).collect();
    let (mut tried, mut failures) = (0, 0);
    for (number, shift) in (first..).zip(shifts.iter().cycle()).take(4 * wanted as usize) {
        if tried == wanted {
            break;
        }
        if let Some(score) = score(&solved(study, &shift.name, &shift.distribution, number)?, agent, 1, seed) {
            tried += 1;
            failures += u32::from(score.failed());
        }
    }
    Ok((tried, failures))
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
            .then(b.score.instead().is_some().cmp(&a.score.instead().is_some()))
            .then(a.edited.seed.cmp(&b.edited.seed))
    });
    let mut seen = std::collections::BTreeSet::new();
    ordered.retain(|failure| seen.insert(failure.edited.seed));
    ordered.truncate(most);
    ordered
}

/// The sorts of edits of the minimal counterexamples and what the agent does instead, the most frequent first.
fn families(study: &DecisionStudy, minimal: &[Minimal]) -> Vec<FamilyRecord> {
    let mut groups: BTreeMap<(String, Option<usize>), u32> = BTreeMap::new();
    for one in minimal {
        let row = &one.base.solved.case.row;
        let sorts: Vec<String> = one.edited.edits.iter().map(|edit| edit.family(study, row)).collect();
        *groups.entry((sorts.join(", "), one.after.instead())).or_default() += 1;
    }
    let name = |goal: usize| study.goals.get(goal).map(|goal| goal.name.clone());
    let mut families: Vec<FamilyRecord> = groups
        .into_iter()
        .map(|((words, instead), count)| FamilyRecord { words, count, instead: instead.and_then(name) })
        .collect();
    families.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.words.cmp(&b.words)));
    families
}

fn counterexample(study: &DecisionStudy, minimal: &Minimal) -> CounterexampleRecord {
    let (base, after) = (&minimal.base.solved, &minimal.edited.solved);
    let words: Vec<String> = minimal.edited.edits.iter().map(|edit| edit.words(study, &base.case.row)).collect();
    let attained =
        |values: &[f64]| study.goals.iter().zip(values).map(|(goal, value)| (goal.name.clone(), *value)).collect();
    CounterexampleRecord {
        training_seed: minimal.edited.seed,
        before: told(study, base, &minimal.before.choices),
        after: told(study, after, &[]),
        way: told(study, after, &minimal.after.choices),
        actions: digits(&minimal.after.choices),
        attained_before: attained(&minimal.before.attained),
        attained_after: attained(&minimal.after.attained),
        instead: minimal.after.instead().and_then(|goal| study.goals.get(goal)).map(|goal| goal.name.clone()),
        caption: words.join(", "),
        edits: words,
        actions_before: digits(&minimal.before.choices),
        changed_before: Vec::new(),
        changed_after: Vec::new(),
    }
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
