//! Minimal counterexamples: the smallest change of a training level that turns the behaviour.

use misgoal_policy::Agent;
use misgoal_study::Study;
use misgoal_world::Cell;

use super::edit::{Edit, Edited, free_cells};
use super::find::Failure;
use super::score::{Score, score};

/// Tries of each candidate.
const TRIES: u32 = 8;
/// New tries that a counterexample must stand.
const CHECKS: u32 = 16;
/// Places looked at for each thing, nearest to its place in training first.
const PLACES: usize = 60;
/// Sets the checking tries apart from those of the search.
const CHECK_STREAM: u64 = 0x5eed_c4ec;

/// A failure that no smaller change gives, with what the agent did in new tries.
#[derive(Clone, Debug)]
pub(crate) struct Minimal {
    pub(crate) edited: Edited,
    /// On the edited level, in tries that the search never used.
    pub(crate) after: Score,
    /// On the training level as it was.
    pub(crate) before: Score,
}

/// Takes edits back one by one, then moves things back toward where training has them, as long as the agent still fails in the same way. `None` where the
/// agent fails on the unedited level too (then no edit is to blame), or where it does not fail again in new tries.
pub(crate) fn shrink(study: &Study, agent: &mut dyn Agent, failure: &Failure, seed: u64) -> Option<Minimal> {
    let world = &study.world;
    let start = &failure.edited;
    let before = score(study, &start.base, agent, CHECKS, seed ^ CHECK_STREAM)?;
    if before.attained.failed() {
        return None;
    }
    // A change that makes the agent fail in another way is another counterexample.
    let instead = score(study, &start.level, agent, TRIES, seed)?.attained.instead();
    let fails = |edited: &Edited, agent: &mut dyn Agent| {
        score(study, &edited.level, agent, TRIES, seed)
            .is_some_and(|score| score.attained.failed() && score.attained.instead() == instead)
    };
    let mut best = start.clone();
    let mut number = 0;
    while number < best.edits.len() && best.edits.len() > 1 {
        let mut fewer = best.edits.clone();
        fewer.remove(number);
        match start.with(world, &fewer).filter(|edited| fails(edited, agent)) {
            Some(edited) => best = edited,
            None => number += 1,
        }
    }
    for number in 0..best.edits.len() {
        let Some((from, to)) = best.edits.get(number).copied().and_then(moved) else { continue };
        let mut nearer: Vec<Cell> =
            free_cells(world, &best.base).cells().filter(|cell| cell.manhattan(from) < to.manhattan(from)).collect();
        nearer.sort_by_key(|cell| (cell.manhattan(from), *cell));
        for cell in nearer.into_iter().take(PLACES) {
            let mut edits = best.edits.clone();
            if let Some(edit) = edits.get_mut(number) {
                *edit = edit.to(cell);
            }
            if let Some(edited) = start.with(world, &edits).filter(|edited| fails(edited, agent)) {
                best = edited;
                break;
            }
        }
    }
    let after = score(study, &best.level, agent, CHECKS, seed ^ CHECK_STREAM)?;
    after.attained.failed().then_some(Minimal { edited: best, after, before })
}

/// A thing's or the start's move: from where and to where.
fn moved(edit: Edit) -> Option<(Cell, Cell)> {
    match edit {
        Edit::Move { from, to, .. } | Edit::Start { from, to } => Some((from, to)),
        Edit::Wall { .. } => None,
    }
}
