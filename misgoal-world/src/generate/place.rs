//! Where the start and the things go.

use super::Terrain;
use crate::rng::{Draw, Rng};
use crate::{Board, Cell, Distribution, Enter, Item, Part, Place, World};

/// A level in the making.
struct Site<'a> {
    world: &'a World,
    terrain: &'a Terrain,
    start: Cell,
    items: Vec<Item>,
    /// Cells that end an episode.
    stops: Board,
    /// What the agent reaches from its start; worked out anew when a stop was added and another thing follows.
    reach: Board,
    stale: bool,
    /// Cells on which something may come to rest.
    rests: Board,
    /// The start and the cells of things.
    taken: Board,
}

impl World {
    /// Places the start and then every thing in order. The error is the part that found no cell.
    pub(crate) fn place(
        &self,
        distribution: &Distribution,
        terrain: &Terrain,
        rng: &mut Rng,
    ) -> Result<(Vec<Item>, Cell), Part> {
        let rests = self.rests(&terrain.walls).minus(&terrain.hazards);
        let mut choice = terrain.main.and(&rests);
        if let Place::Region(region) = distribution.start {
            choice = choice.and(&region.board(self.spec().width, self.spec().height));
        }
        let start = pick(&choice, rng).ok_or(Part::Start)?;
        let mut taken = Board::EMPTY;
        taken.add(start);
        let reach = terrain.main;
        // A walk can be walked back; a fall cannot.
        let stale = self.spec().movement != crate::Movement::Walk;
        let mut site =
            Site { world: self, terrain, start, items: Vec::new(), stops: terrain.hazards, reach, stale, rests, taken };
        for (index, placement) in distribution.placements.iter().enumerate() {
            let (least, most) = placement.count;
            let count = u32::from(least) + if most > least { rng.below(u32::from(most - least) + 1) } else { 0 };
            for _ in 0..count {
                site.add(placement.thing, placement.place, rng).ok_or(Part::Placement(index))?;
            }
        }
        Ok((site.items, start))
    }
}

/// A uniformly drawn cell.
fn pick(choice: &Board, rng: &mut Rng) -> Option<Cell> {
    let count = choice.count();
    choice.nth(rng.below(count))
}

impl Site<'_> {
    /// Places one thing; `None` when no cell is left that keeps every thing reachable.
    fn add(&mut self, kind: usize, place: Place, rng: &mut Rng) -> Option<()> {
        if self.stale {
            self.reach = self.world.reach(&self.terrain.walls, &self.stops, self.start);
            self.stale = false;
        }
        let ends = matches!(self.world.enter_effect(kind), Enter::End | Enter::Hurt);
        let mut choice = self.choice(place);
        loop {
            let cell = pick(&choice, rng)?;
            if ends {
                let mut stops = self.stops;
                stops.add(cell);
                // What is placed must stay reachable around the new end. Nothing is in its way while nothing is placed.
                if !self.items.is_empty() {
                    let reach = self.world.reach(&self.terrain.walls, &stops, self.start);
                    if !self.items.iter().all(|item| reach.has(item.cell)) {
                        choice.remove(cell);
                        continue;
                    }
                }
                self.stops = stops;
                self.stale = true;
            }
            self.taken.add(cell);
            self.items.push(Item { kind: kind as u8, cell });
            return Some(());
        }
    }

    /// The cells that a place allows.
    fn choice(&self, place: Place) -> Board {
        let free = self.reach.and(&self.rests).minus(&self.taken);
        match place {
            Place::Anywhere => free,
            Place::Region(region) => free.and(&region.board(self.world.spec().width, self.world.spec().height)),
            Place::Beside(kind) => free.and(&self.cells(kind).grown()),
            Place::On(kind) => self.cells(kind),
            Place::Away { thing, distance } => {
                let open = self.world.interior().minus(&self.terrain.walls);
                let mut near = if distance > 0 { self.cells(thing) } else { Board::EMPTY };
                for _ in 1..distance {
                    near = near.grown().and(&open);
                }
                free.minus(&near)
            }
            Place::OffPath(kind) => {
                let paths = self.cells(kind).cells().fold(Board::EMPTY, |paths, to| paths.or(&self.shortest_paths(to)));
                free.minus(&paths.grown())
            }
        }
    }

    /// The cells of the things of a kind.
    fn cells(&self, kind: usize) -> Board {
        let mut cells = Board::EMPTY;
        self.items.iter().filter(|item| usize::from(item.kind) == kind).for_each(|item| cells.add(item.cell));
        cells
    }

    /// The cells of all shortest paths from the start to `to`.
    fn shortest_paths(&self, to: Cell) -> Board {
        self.world.shortest_paths(&self.terrain.walls, &self.stops, self.start, to)
    }
}
