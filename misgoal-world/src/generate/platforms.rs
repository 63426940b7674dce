//! Side-on terrain in the manner of CoinRun.

#![expect(clippy::indexing_slicing, reason = "columns are numbered within arrays of 64")]

use super::Terrain;
use crate::rng::{Draw, Rng};
use crate::{Board, Cell, Layout, Movement, World};

/// Columns of terrain, bit `y` is row `y`.
struct Columns {
    solid: [u32; 64],
    hazard: [u32; 64],
    height: u8,
}

impl Columns {
    /// Solid ground in the lowest `depth` rows.
    fn ground(&mut self, x: u8, depth: u8) {
        let top = self.height - depth + 1;
        self.solid[usize::from(x)] = (1u32 << (self.height + 1)).wrapping_sub(1u32 << top);
    }
}

impl World {
    /// Terrain from left to right: three flat columns, then for each column a feature (a pit of 1 to 3 columns with hazards at its bottom,
    /// a step of 1 or 2 up or down, a ledge of 2 to 4 columns that a jump reaches, a hazard on the ground) or plain ground. Features
    /// stand apart by a plain column to take off from and land on. Two flat columns lead to the end wall and the niche in it.
    ///
    /// The sizes are such that a jump of `jump` cells masters each feature; accepted is what a flood fill confirms.
    pub(crate) fn platforms(&self, layout: &Layout, rng: &mut Rng) -> Option<Terrain> {
        let (&Layout::Platforms { pits, steps, ledges, hazards }, Movement::Platform { jump }) =
            (layout, self.spec().movement)
        else {
            return None;
        };
        let (width, height) = (self.spec().width, self.spec().height);
        let mut columns = Columns { solid: [0; 64], hazard: [0; 64], height };
        // Above the ground there is room for a jump from a ledge.
        let deepest = height - jump - 2;
        let mut depth = 1 + rng.below(u32::from(deepest)) as u8;
        let start = Cell::at(1, height - depth);
        (1..=3).for_each(|x| columns.ground(x, depth));
        let mut x = 4;
        while x < width {
            let room = (width - 3).saturating_sub(x);
            let draw = rng.unit();
            if draw < pits && room >= 1 {
                let widest = (2 * jump - 1).min(3).min(room);
                for _ in 0..=rng.below(u32::from(widest)) {
                    columns.hazard[usize::from(x)] = 1 << height;
                    x += 1;
                }
            } else if (pits..pits + steps).contains(&draw) && room >= 1 {
                let by = 1 + rng.below(u32::from(jump.min(2))) as u8;
                let up = rng.below(2) == 0;
                depth = if up { (depth + by).min(deepest) } else { depth.saturating_sub(by).max(1) };
            } else if (pits + steps..pits + steps + ledges).contains(&draw) && room >= 2 && jump >= 2 {
                let over = 1 + rng.below(u32::from(jump) - 1) as u8;
                let long = 2 + rng.below(u32::from(room.min(4)) - 1) as u8;
                for _ in 0..long {
                    columns.ground(x, depth);
                    columns.solid[usize::from(x)] |= 1 << (height - depth - over);
                    x += 1;
                }
            } else if (pits + steps + ledges..pits + steps + ledges + hazards).contains(&draw) && room >= 1 {
                columns.ground(x, depth);
                columns.hazard[usize::from(x)] = 1 << (height - depth);
                x += 1;
            }
            columns.ground(x, depth);
            x += 1;
        }
        let niche = Cell::at(width, height - depth);
        columns.ground(width, height);
        columns.solid[usize::from(width)] &= !(1 << niche.y());
        let (mut walls, mut hazards) = (self.border(), Board::EMPTY);
        for x in 1..=width {
            for y in 1..=height {
                let (solid, hazard) = (columns.solid[usize::from(x)] >> y & 1, columns.hazard[usize::from(x)] >> y & 1);
                walls.rows[usize::from(y)] |= u64::from(solid) << x;
                hazards.rows[usize::from(y)] |= u64::from(hazard) << x;
            }
        }
        let main = self.reach(&walls, &hazards, start);
        main.has(niche).then_some(Terrain { walls, hazards, main })
    }
}
