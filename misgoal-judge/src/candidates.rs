//! Which unlisted targets a level offers: things and zones that no goal weighs, and cells spread over the level.

use misgoal_world::{Cell, Enter, Goal, Level, World};

/// Cells spread over a level beside its unlisted things and zones.
const SPREAD: usize = 12;
/// Most things of one unlisted kind that count as targets.
const THINGS: usize = 4;

/// A candidate target: its name over all levels and its cell on this one.
pub(crate) struct Candidate {
    pub name: String,
    pub cell: Cell,
}

/// The candidate targets of a level. Cells are spread by farthest-point choice, away from the start and from every
/// target of a declared goal, so that a few of them stand for every part of the level.
pub(crate) fn candidates(world: &World, level: &Level, goals: &[Goal]) -> Vec<Candidate> {
    let weighs = |event: usize| goals.iter().any(|goal| goal.weights.get(event).is_some_and(|w| *w != 0.0));
    // Goals about the order of beacons weigh every beacon.
    let turns = ["in-turn", "out-of-turn"].iter().any(|name| world.event(name).is_some_and(weighs));
    let beacon =
        |kind: usize| world.spec().things.get(kind).is_some_and(|thing| matches!(thing.enter, Enter::Visit { .. }));
    let weighed = |event: usize| weighs(event) || (turns && beacon(event));
    let names = world.event_names();
    let reachable = world.reachable(level);
    let mut taken = vec![level.start];
    let mut out = Vec::new();

    for (kind, name) in names.iter().enumerate().take(world.spec().things.len()) {
        let cells = level.items.iter().filter(|item| usize::from(item.kind) == kind).map(|item| item.cell);
        for (index, cell) in cells.enumerate() {
            taken.push(cell);
            if !weighed(kind) && index < THINGS && reachable.has(cell) {
                out.push(Candidate { name: name.clone(), cell });
            }
        }
    }
    for (zone, cells) in level.zones.iter().enumerate() {
        let event = world.spec().things.len() + zone;
        taken.extend(cells.cells());
        let nearest = reachable.and(cells).cells().min_by_key(|cell| cell.manhattan(level.start));
        if let (false, Some(cell), Some(name)) = (weighed(event), nearest, names.get(event)) {
            out.push(Candidate { name: name.clone(), cell });
        }
    }

    let free: Vec<Cell> = reachable.cells().filter(|cell| !level.hazards.has(*cell)).collect();
    let mut nearest: Vec<u16> =
        free.iter().map(|cell| taken.iter().map(|other| cell.manhattan(*other)).min().unwrap_or(u16::MAX)).collect();
    for _ in 0..SPREAD {
        // The first of the farthest cells: `max_by_key` would take the last.
        let best = nearest.iter().copied().max().unwrap_or(0);
        let chosen = nearest.iter().position(|&distance| distance == best).and_then(|index| free.get(index));
        let Some(&cell) = chosen.filter(|_| best >= 2) else { break };
        out.push(Candidate { name: part(world, cell).to_owned(), cell });
        for (near, other) in nearest.iter_mut().zip(&free) {
            *near = (*near).min(cell.manhattan(*other));
        }
    }
    out
}

/// A cell's part of the grid, by thirds: what an unlisted place is called across levels.
fn part(world: &World, cell: Cell) -> &'static str {
    let third = |at: u8, size: u8| u16::from(at.saturating_sub(1)) * 3 / u16::from(size.max(1));
    match (third(cell.y(), world.spec().height), third(cell.x(), world.spec().width)) {
        (0, 0) => "top left",
        (0, 1) => "top",
        (0, _) => "top right",
        (1, 0) => "left",
        (1, 1) => "middle",
        (1, _) => "right",
        (_, 0) => "bottom left",
        (_, 1) => "bottom",
        _ => "bottom right",
    }
}
