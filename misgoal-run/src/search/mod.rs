//! `misgoal search`: the levels that tell goals apart, found and not drawn (METHOD.md, section 5).
//!
//! Stage R plays random levels of every declared shift: the only stage whose shares say how common a failure is. Stage I chooses levels that tell the
//! goals apart and judges until there is a verdict. Stage F edits training levels
//! and looks for those on which the agent fails, without being told of any shift. What it finds is made as small as it will go and
//! tried again with fresh randomness.

pub(crate) mod attained;
mod edit;
mod find;
pub(crate) mod findings;
mod identify;
mod propose;
pub(crate) mod pursue;
mod record;
mod score;
mod shrink;
pub(crate) mod tally;
mod vary;

use misgoal_study::{Study, StudyRef};
use misgoal_world::rng::rng;
use misgoal_world::{Cell, State, World};

pub use identify::{Quest, Stock};
pub use pursue::{Choice, Chosen, Identified, Until};
pub use record::{
    ChosenRecord, CounterexampleRecord, FamilyRecord, IdentifyRecord, PrevalenceRecord, ProposalRecord, SearchRecord,
    VariationRecord, schema,
};

use crate::play::digits;
use crate::request::GivenPolicy;
use crate::{RunError, policy};
use find::{Failure, Hunt};
use findings::{Findings, Turned};
use score::score;
use shrink::Minimal;

/// What to search.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// The agent.
    pub policy: GivenPolicy,
    /// Levels that stage I may play on each shift; 0 leaves the stage out.
    pub budget: u32,
    /// Drawn levels of each shift that stage I chooses from.
    pub stock: u32,
    /// Levels that stage F tries.
    pub evaluations: u32,
    /// Random levels that the search is compared with; 0: as many as stage F tries.
    pub drawn: u32,
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
    /// Stage I: levels played.
    Chosen {
        /// So many on this shift.
        levels: u32,
    },
    /// Stage F: levels tried, and how many of them fail.
    Edited {
        /// Levels tried.
        levels: u32,
        /// Distinct levels on which the agent fails.
        failures: usize,
    },
    /// Shifts that nobody declared: levels played.
    Varied {
        /// So many.
        levels: u32,
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
pub fn search<'s>(
    study: impl Into<StudyRef<'s>>,
    request: &SearchRequest,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Result<SearchRecord, RunError> {
    match study.into() {
        StudyRef::Grid(study) => of_grid(study, request, go_on),
        StudyRef::Decision(study) => crate::decision::search::search(study, request, go_on),
    }
}

fn of_grid(
    study: &Study,
    request: &SearchRequest,
    go_on: &mut dyn FnMut(SearchProgress) -> bool,
) -> Result<SearchRecord, RunError> {
    let name = policy::check(study, &request.policy)?;
    let mut agent = policy::of(study, &request.policy)?;
    let agent = agent.as_mut();
    // Past the seeds of held-out levels: stage R and stage F look at different terrain.
    let first = u64::from(find::BASES);
    let seeds = first..first + u64::from(request.random_levels);
    let mut play = |number: usize, seed: u64| {
        let Some(shift) = study.shifts.get(number) else { return Ok(None) };
        let wrong =
            |error| RunError::Study(format!("study `{}`, level {seed} of `{}`: {error}", study.name, shift.name));
        let level = study.world.generate(&shift.distribution, seed).map_err(wrong)?;
        Ok(score(study, &level, agent, 1, request.seed).map(|score| score.attained))
    };
    let mut told = |levels| go_on(SearchProgress::Random { levels });
    let prevalence = tally::prevalence(study.into(), seeds, &mut play, &mut told)?;
    let asked = (request.budget, request.stock);
    let identified = identify::shifts(study, agent, asked, request.seed, &mut |levels| {
        go_on(SearchProgress::Chosen { levels: levels as u32 })
    })?;

    let mut hunt = Hunt { study, agent: &mut *agent, budget: request.evaluations, seed: request.seed };
    let found = hunt.search(&mut rng(request.seed, 1), &mut |levels, failures| {
        go_on(SearchProgress::Edited { levels, failures })
    })?;
    let random = hunt.at_random(&mut rng(request.seed, 2), found.evaluations)?;
    let levels = if request.drawn == 0 { found.evaluations } else { request.drawn };
    let drawn = hunt.drawn(levels, u64::from(find::BASES + request.random_levels))?;

    let undeclared = vary::undeclared(study, agent, request.seed, go_on);
    let proposal = propose::proposal(study, agent, &found, request.seed)?;

    let mut turned = Vec::new();
    for failure in spread(&found.failures, request.counterexamples as usize) {
        turned
            .extend(shrink::shrink(study, agent, failure, request.seed).map(|minimal| counterexample(study, &minimal)));
        if !go_on(SearchProgress::Shrunk { done: turned.len() }) {
            break;
        }
    }
    let findings = Findings {
        unit: "level",
        policy: name,
        seed: request.seed,
        prevalence,
        identified,
        found: found.tried(),
        random: random.tried(),
        drawn: drawn.tried(),
        undeclared,
        proposal,
        turned,
    };
    Ok(findings.record(study.into()))
}

/// Failures to look at closely: the worst of each training level, one sort of edit after the other.
fn spread(failures: &[Failure], most: usize) -> Vec<&Failure> {
    let mut ordered: Vec<&Failure> = failures.iter().collect();
    ordered.sort_by(|a, b| {
        let key = |failure: &Failure| failure.edited.edits.len();
        key(a)
            .cmp(&key(b))
            .then(b.score.attained.fitness().total_cmp(&a.score.attained.fitness()))
            .then(a.edited.seed.cmp(&b.edited.seed))
    });
    let mut seen = std::collections::BTreeSet::new();
    ordered.retain(|failure| seen.insert(failure.edited.seed));
    ordered.truncate(most);
    ordered
}

fn counterexample(study: &Study, minimal: &Minimal) -> Turned {
    let world = &study.world;
    let drawn = |level| world.render(level, &world.start(level));
    let at = |cell: Cell| [cell.x(), cell.y()];
    let instead = minimal.after.attained.instead();
    let record = CounterexampleRecord {
        training_seed: minimal.edited.seed,
        edits: minimal.edited.edits.iter().map(|edit| edit.words(world)).collect(),
        before: drawn(&minimal.edited.base),
        after: drawn(&minimal.edited.level),
        way: walked(world, minimal),
        actions: digits(&minimal.after.episode.actions),
        attained_before: minimal.before.attained.named(study.into()),
        attained_after: minimal.after.attained.named(study.into()),
        instead: instead.and_then(|goal| study.goals.get(goal)).map(|goal| goal.name.clone()),
        caption: minimal.edited.edits.iter().map(|edit| edit.clause(world)).collect::<Vec<_>>().join(", "),
        actions_before: digits(&minimal.before.episode.actions),
        changed_before: minimal.edited.edits.iter().map(|edit| at(edit.cells().0)).collect(),
        changed_after: minimal.edited.edits.iter().map(|edit| at(edit.cells().1)).collect(),
    };
    Turned { sorts: minimal.edited.families(world), instead, record }
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
