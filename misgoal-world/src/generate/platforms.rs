//! Side-on terrain in the manner of CoinRun.

#![expect(clippy::indexing_slicing, reason = "columns are numbered within arrays of 64, rows within arrays of 32")]

use super::Terrain;
use crate::gravity::Columns;
use crate::rng::{Draw, Rng};
use crate::{Board, Cell, Layout, Movement, World};

/// Terrain in the making, by columns for the flood fill and by rows for the level.
struct Ground {
    columns: Columns,
    walls: Board,
    hazards: Board,
    /// Columns by the depth of their ground.
    deep: [u64; 32],
    height: u8,
}

impl Ground {
    /// Solid ground in the lowest `depth` rows of a column.
    #[inline]
    fn fill(&mut self, x: u8, depth: u8) {
        let top = self.height - depth + 1;
        self.columns.solid[usize::from(x)] |= (2u32 << self.height) - (1u32 << top);
        self.deep[usize::from(depth)] |= 1 << x;
    }

    /// One more solid cell.
    fn wall(&mut self, x: u8, y: u8) {
        self.columns.solid[usize::from(x)] |= 1 << y;
        self.walls.rows[usize::from(y)] |= 1 << x;
    }

    fn hazard(&mut self, x: u8, y: u8) {
        self.columns.stops[usize::from(x)] |= 1 << y;
        self.hazards.rows[usize::from(y)] |= 1 << x;
    }

    /// Writes the ground into the rows.
    fn settle(&mut self) {
        let mut solid = 0;
        for depth in (1..=self.height).rev() {
            solid |= self.deep[usize::from(depth)];
            self.walls.rows[usize::from(self.height - depth + 1)] |= solid;
        }
    }
}

/// The column of the end wall in the shortest levels. Levels of all lengths are what lets an agent start to learn: a random policy
/// reaches the end of 12 % of levels of 6 to 32 columns, but of none in 20,000 of 32 columns.
const SHORTEST: u8 = 6;

impl World {
    /// Terrain from left to right: three flat columns, then for each column a feature (a pit of 1 to 3 columns with hazards at its bottom,
    /// a step of 1 or 2 up or down, a ledge of 2 to 4 columns that a jump reaches, a hazard on the ground) or plain ground. Features
    /// stand apart by a plain column to take off from and land on. Two flat columns lead to the end wall and the niche in it; beyond is solid rock.
    ///
    /// The sizes are such that a jump of `jump` cells masters each feature; accepted is what a flood fill confirms.
    pub(crate) fn platforms(&self, layout: &Layout, rng: &mut Rng) -> Option<Terrain> {
        let (&Layout::Platforms { pits, steps, ledges, hazards }, Movement::Platform { jump }) =
            (layout, self.spec().movement)
        else {
            return None;
        };
        let (steps, ledges, hazards) = (pits + steps, pits + steps + ledges, pits + steps + ledges + hazards);
        let (width, height) = (self.spec().width, self.spec().height);
        let last = usize::from(width) + 1;
        let mut ground = Ground {
            columns: Columns { solid: [1 | 2 << height; 64], stops: [0; 64], last },
            walls: *self.border(),
            hazards: Board::EMPTY,
            deep: [0; 32],
            height,
        };
        let end = SHORTEST.min(width) + rng.below(u32::from(width - SHORTEST.min(width)) + 1) as u8;
        ground.columns.solid[0] = !0;
        ground.columns.solid[last] = !0;
        // Above the ground there is room for a jump from a ledge.
        let deepest = height - jump - 2;
        let mut depth = 1 + rng.below(u32::from(deepest)) as u8;
        // The flat beginning can be walked both ways.
        let home = Cell::at(1, height - depth)..=Cell::at(3, height - depth);
        (1..=3).for_each(|x| ground.fill(x, depth));
        let mut x = 4;
        while x < end {
            let room = (end - 3).saturating_sub(x);
            let draw = if room > 0 { rng.unit() } else { 1.0 };
            if draw < pits {
                let widest = (2 * jump - 1).min(3).min(room);
                for _ in 0..=rng.below(u32::from(widest)) {
                    ground.hazard(x, height);
                    x += 1;
                }
            } else if draw < steps {
                let by = 1 + rng.below(u32::from(jump.min(2))) as u8;
                let up = depth == 1 || (depth < deepest && rng.below(2) == 0);
                depth = if up { (depth + by).min(deepest) } else { depth.saturating_sub(by).max(1) };
            } else if draw < ledges && room >= 2 && jump >= 2 {
                let over = 1 + rng.below(u32::from(jump) - 1) as u8;
                let long = 2 + rng.below(u32::from(room.min(4)) - 1) as u8;
                for _ in 0..long {
                    ground.fill(x, depth);
                    ground.wall(x, height - depth - over);
                    x += 1;
                }
            } else if (ledges..hazards).contains(&draw) {
                ground.fill(x, depth);
                ground.hazard(x, height - depth);
                x += 1;
            }
            ground.fill(x, depth);
            x += 1;
        }
        (end..=width).for_each(|x| ground.fill(x, height));
        let niche = Cell::at(end, height - depth);
        ground.settle();
        ground.walls.remove(niche);
        ground.columns.solid[usize::from(end)] &= !(1 << niche.y());
        let reached = ground.columns.reach(jump, *home.start());
        let main = reached.rests(&ground.columns);
        let home = Some(home);
        main.has(niche).then_some(Terrain { walls: ground.walls, hazards: ground.hazards, main, home })
    }
}
