//! Walls and terrain, drawn without regard to what will be placed on them.

use std::ops::RangeInclusive;

use crate::rng::{Draw, Rng};
use crate::{Board, Cell, Corner, Layout, Region, World, reach};

/// A layout that was accepted.
pub(crate) struct Terrain {
    /// Solid cells, the border included.
    pub walls: Board,
    /// Cells that kill.
    pub hazards: Board,
    /// The cells where a start or a thing may be: one connected set for walking, with gravity where an agent from the far left can rest.
    pub main: Board,
    /// The cells from which all of `main` is reached, where that is not so for each of its cells: a row's part.
    pub home: Option<RangeInclusive<Cell>>,
}

impl World {
    /// Draws a layout; `None` when the draw is not connected as it should be.
    pub(crate) fn terrain(&self, layout: &Layout, rng: &mut Rng) -> Option<Terrain> {
        match *layout {
            Layout::Open => {
                let walls = *self.border();
                let main = self.rests(&walls);
                // Under gravity one rests on the floor only, and walks along it both ways.
                Some(Terrain { walls, hazards: Board::EMPTY, main, home: None })
            }
            Layout::Blocks { density } => self.blocks(density, rng),
            Layout::Maze { braid } => {
                let walls = self.maze(braid, rng);
                Some(Terrain { walls, hazards: Board::EMPTY, main: self.interior().minus(&walls), home: None })
            }
            Layout::Platforms { .. } => self.platforms(layout, rng),
        }
    }

    /// Independent blocks, but for the corners: each is opened, with a way out of it, and the draw is accepted when all four are
    /// connected. Corners are where studies put things; treating them the same in every level keeps the distribution of layouts the
    /// same whether or not a placement uses one. Cells apart from the corners' component stay as they are and stay empty.
    fn blocks(&self, density: f64, rng: &mut Rng) -> Option<Terrain> {
        let (width, height) = (self.spec().width, self.spec().height);
        let mut walls = *self.border();
        let row = ((1u64 << width) - 1) << 1;
        walls.rows.iter_mut().skip(1).take(usize::from(height)).for_each(|cells| *cells |= rng.coins(density, row));
        let corners = [(1, 1), (width, 1), (1, height), (width, height)].map(|(x, y)| Cell::at(x, y));
        for corner in corners {
            walls.remove(corner);
            let inward = |at: u8, most: u8| if at == 1 { 2 } else { most - 1 };
            let beside = Cell::at(inward(corner.x(), width), corner.y());
            let along = Cell::at(corner.x(), inward(corner.y(), height));
            if walls.has(beside) && walls.has(along) {
                walls.remove(if rng.below(2) == 0 { beside } else { along });
            }
        }
        let open = self.interior().minus(&walls);
        let main = reach::flood(&open, &Region::Corner(Corner::TopLeft).board(width, height));
        corners.iter().all(|corner| main.has(*corner)).then_some(Terrain {
            walls,
            hazards: Board::EMPTY,
            main,
            home: None,
        })
    }
}
