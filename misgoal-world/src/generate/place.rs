//! Where the start and the things go.

use super::Terrain;
use crate::rng::{Draw, Rng};
use crate::{Board, Cell, Distribution, Enter, Item, MAX_KINDS, Part, Place, Region, World};

/// A level in the making.
struct Site<'a> {
    world: &'a World,
    terrain: &'a Terrain,
    start: Cell,
    items: Vec<Item>,
    /// Cells that end an episode or cost something: everything else must be reached around them.
    stops: Board,
    /// The start and the cells of things.
    taken: Board,
    /// Cells that the agent reaches, where a thing may be, without those taken.
    free: Board,
    /// Whether `free` must be worked out anew before the next thing.
    stale: bool,
    /// Whether what is placed is only a place.
    asleep: bool,
}

impl World {
    /// Places the start and then every thing in order, and draws the order of beacons. The error is the part that found no cell.
    pub(crate) fn place(
        &self,
        levels: &Distribution,
        terrain: &Terrain,
        rng: &mut Rng,
    ) -> Result<(Vec<Item>, Cell, [u8; MAX_KINDS]), Part> {
        let start = match levels.start {
            Place::Region(region) => pick(&terrain.main.and(&self.region(region, terrain)), rng),
            _ => pick(&terrain.main, rng),
        };
        let start = start.ok_or(Part::Start)?;
        let (mut taken, mut free) = (Board::EMPTY, terrain.main);
        taken.add(start);
        free.remove(start);
        let stale = terrain.home.as_ref().is_some_and(|home| !home.contains(&start));
        let items = Vec::with_capacity(levels.placements.iter().map(|placement| usize::from(placement.count.1)).sum());
        let mut site =
            Site { world: self, terrain, start, items, stops: terrain.hazards, taken, free, stale, asleep: false };
        for (index, placement) in levels.placements.iter().enumerate() {
            let (least, most) = placement.count;
            let count = u32::from(least) + if most > least { rng.below(u32::from(most - least) + 1) } else { 0 };
            for number in 0..count {
                site.asleep = placement.present.is_some_and(|present| number >= u32::from(present));
                site.add(placement.thing, placement.place, rng).ok_or(Part::Placement(index))?;
            }
        }
        Ok((site.items, start, self.draw_turns(rng)))
    }

    fn region(&self, region: Region, terrain: &Terrain) -> Board {
        region.cells(&self.interior().minus(&terrain.walls), self.spec().width, self.spec().height)
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
            let reach = self.world.reach(&self.terrain.walls, &self.stops, self.start);
            self.free =
                reach.and(&self.world.rests(&self.terrain.walls)).minus(&self.terrain.hazards).minus(&self.taken);
            self.stale = false;
        }
        let crossed = |kind: usize| self.world.enter_effect(kind) == Enter::Cross;
        let avoided = crossed(kind) || matches!(self.world.enter_effect(kind), Enter::End | Enter::Hurt);
        let mut choice = self.choice(place);
        loop {
            let cell = pick(&choice, rng)?;
            if avoided {
                let mut stops = self.stops;
                stops.add(cell);
                // What is placed must stay reachable around the new thing. Nothing is in its way while nothing is placed. What is crossed may
                // lie deep among its like: one can always get there, at a price.
                if !self.items.is_empty() {
                    let reach = self.world.reach(&self.terrain.walls, &stops, self.start);
                    if !self.items.iter().all(|item| crossed(item.kind.into()) || reach.has(item.cell)) {
                        choice.remove(cell);
                        continue;
                    }
                }
                self.stops = stops;
                self.stale = true;
            }
            self.taken.add(cell);
            self.free.remove(cell);
            self.items.push(Item { kind: kind as u8, cell, asleep: self.asleep });
            return Some(());
        }
    }

    /// The cells that a place allows.
    fn choice(&self, place: Place) -> Board {
        match place {
            Place::Anywhere => self.free,
            Place::Region(region) => self.free.and(&self.world.region(region, self.terrain)),
            Place::Beside(kind) => self.free.and(&self.cells(kind).grown()),
            Place::On(kind) => self.cells(kind),
            Place::Away { thing, distance } => {
                let open = self.world.interior().minus(&self.terrain.walls);
                let mut near = if distance > 0 { self.cells(thing) } else { Board::EMPTY };
                for _ in 1..distance {
                    near = near.grown().and(&open);
                }
                self.free.minus(&near)
            }
            Place::OffPath(kind) => self.free.minus(&self.paths(kind).grown()),
            Place::OnPath(kind) => self.free.and(&self.paths(kind)),
            Place::BesideStart => {
                let mut start = Board::EMPTY;
                start.add(self.start);
                self.free.and(&start.grown())
            }
        }
    }

    /// The cells of the things of a kind.
    fn cells(&self, kind: usize) -> Board {
        let mut cells = Board::EMPTY;
        self.items.iter().filter(|item| usize::from(item.kind) == kind).for_each(|item| cells.add(item.cell));
        cells
    }

    /// The cells of all shortest paths from the start to the things of a kind.
    fn paths(&self, kind: usize) -> Board {
        let to = |to| self.world.shortest_paths(&self.terrain.walls, &self.stops, self.start, to);
        self.cells(kind).cells().fold(Board::EMPTY, |paths, cell| paths.or(&to(cell)))
    }
}
