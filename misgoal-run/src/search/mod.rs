//! `misgoal search`: the levels that tell goals apart, found and not drawn (METHOD.md, section 5).
//!
//! Stage R plays random levels of every declared shift: the only stage whose shares say how common a failure is. Stage F edits training levels
//! and looks for those on which the agent fails, without being told of any shift. What it finds is made as small as it will go and
//! tried again with fresh randomness.

mod edit;
mod families;
mod find;
mod record;
mod score;
mod shrink;

use misgoal_policy::Agent;
use misgoal_stats::beta;
use misgoal_study::Study;
use misgoal_world::rng::rng;
use misgoal_world::{State, World};

pub use record::{CounterexampleRecord, FamilyRecord, PrevalenceRecord, SearchRecord, schema};

use crate::convert::named;
use crate::play::digits;
use crate::record::FORMAT;
use crate::request::GivenPolicy;
use crate::{RunError, policy};
use find::{Failure, Hunt};
use score::score;
use shrink::Minimal;

/// What to search.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// The agent.
    pub policy: GivenPolicy,
    /// Levels that stage F tries.
    pub evaluations: u32,
    /// Random levels of each shift, at least 30.
    pub random_levels: u32,
    /// Counterexamples to make small.
    pub counterexamples: u32,
    /// Seed of everything random.
    pub seed: u64,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchProgress {
    /// Stage R: random levels played.
    Random {
        /// So many.
        levels: u32,
    },
    /// Stage F: levels tried, and how many of them fail.
    Edited {
        /// Levels tried.
        levels: u32,
        /// Distinct levels on which the agent fails.
        failures: usize,
    },
    /// Counterexamples made small.
    Shrunk {
        /// So many.
        done: usize,
    },
}

/// Searches. `go_on` hears of progress and may stop the search: what was found until then is returned.
///
/// # Errors
/// The policy does not fit the study's world, or a level cannot be made.
pub fn search(
    study: &Study,
    request: &SearchRequest,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Result<SearchRecord, RunError> {
    let name = policy::check(study, &request.policy)?;
    let mut agent = policy::of(study, &request.policy)?;
    let agent = agent.as_mut();
    let prevalence = prevalence(study, agent, request, go_on)?;

    let mut hunt = Hunt { study, agent: &mut *agent, budget: request.evaluations, seed: request.seed };
    let found = hunt.search(&mut rng(request.seed, 1), &mut |levels, failures| {
        go_on(SearchProgress::Edited { levels, failures })
    })?;
    let random = hunt.at_random(&mut rng(request.seed, 2), found.evaluations)?;
    let drawn = hunt.drawn(found.evaluations, u64::from(find::BASES + request.random_levels))?;

    let mut minimal: Vec<Minimal> = Vec::new();
    for failure in spread(&found.failures, request.counterexamples as usize) {
        minimal.extend(shrink::shrink(study, agent, failure, request.seed));
        if !go_on(SearchProgress::Shrunk { done: minimal.len() }) {
            break;
        }
    }
    minimal.sort_by_key(|one| (one.edited.edits.len(), one.edited.seed));
    Ok(SearchRecord {
        format: FORMAT,
        misgoal: env!("CARGO_PKG_VERSION").to_owned(),
        study: crate::assemble::study_record(study),
        policy: name,
        seed: request.seed,
        prevalence,
        evaluations: found.evaluations,
        failures: found.failures.len() as u32,
        failing_training_levels: found.bases() as u32,
        random_failures: random.failures.len() as u32,
        random_training_levels: random.bases() as u32,
        drawn_failures: drawn.failures.len() as u32,
        families: families::families(study, &minimal),
        median_edits: families::median(minimal.iter().map(|one| one.edited.edits.len() as f64)),
        counterexamples: minimal.iter().map(|one| counterexample(study, one)).collect(),
    })
}

/// Stage R.
fn prevalence(
    study: &Study,
    agent: &mut dyn Agent,
    request: &SearchRequest,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Result<Vec<PrevalenceRecord>, RunError> {
    let mut all = Vec::new();
    let mut levels = 0;
    for shift in study.shifts.iter().filter(|shift| !shift.aligned) {
        let (mut played, mut lost) = (0, 0);
        let mut toward = vec![0; study.goals.len()];
        // Past the seeds of held-out levels: stage R and stage F look at different terrain.
        for seed in (0..u64::from(request.random_levels)).map(|number| u64::from(find::BASES) + number) {
            let wrong =
                |error| RunError::Study(format!("study `{}`, level {seed} of `{}`: {error}", study.name, shift.name));
            let level = study.world.generate(&shift.distribution, seed).map_err(wrong)?;
            levels += 1;
            if let Some(score) = score(study, &level, agent, 1, request.seed) {
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

/// Failures to look at closely: the worst of each training level, one sort of edit after the other.
fn spread(failures: &[Failure], most: usize) -> Vec<&Failure> {
    let mut ordered: Vec<&Failure> = failures.iter().collect();
    ordered.sort_by(|a, b| {
        let key = |failure: &Failure| failure.edited.edits.len();
        key(a)
            .cmp(&key(b))
            .then(b.score.fitness().total_cmp(&a.score.fitness()))
            .then(a.edited.seed.cmp(&b.edited.seed))
    });
    let mut seen = std::collections::BTreeSet::new();
    ordered.retain(|failure| seen.insert(failure.edited.seed));
    ordered.truncate(most);
    ordered
}

fn counterexample(study: &Study, minimal: &Minimal) -> CounterexampleRecord {
    let world = &study.world;
    let drawn = |level| world.render(level, &world.start(level));
    let attained =
        |values: &[f64]| study.goals.iter().zip(values).map(|(goal, value)| (goal.name.clone(), *value)).collect();
    CounterexampleRecord {
        training_seed: minimal.edited.seed,
        edits: minimal.edited.edits.iter().map(|edit| edit.words(world)).collect(),
        before: drawn(&minimal.edited.base),
        after: drawn(&minimal.edited.level),
        way: walked(world, minimal),
        actions: digits(&minimal.after.episode.actions),
        attained_before: attained(&minimal.before.attained),
        attained_after: attained(&minimal.after.attained),
        instead: minimal.after.instead().and_then(|goal| study.goals.get(goal)).map(|goal| goal.name.clone()),
    }
}

/// The edited level with the agent's way through it.
fn walked(world: &World, minimal: &Minimal) -> String {
    let level = &minimal.edited.level;
    let mut state = world.start(level);
    let mut visited: Vec<State> = vec![state];
    for action in &minimal.after.episode.actions {
        if state.done {
            break;
        }
        world.step(level, &mut state, *action);
        visited.push(state);
    }
    let drawn = world.render(level, &world.start(level));
    let mut rows: Vec<Vec<char>> = drawn.lines().map(|row| row.chars().collect()).collect();
    for state in &visited {
        let (x, y) = (usize::from(state.cell.x()), usize::from(state.cell.y()));
        if let Some(square) = rows.get_mut(y).and_then(|row| row.get_mut(x))
            && matches!(*square, '.' | ' ')
        {
            *square = '+';
        }
    }
    rows.into_iter().map(|row| row.into_iter().collect::<String>() + "\n").collect()
}
