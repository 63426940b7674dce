//! Perfect mazes by Kruskal's algorithm, as in Procgen and JaxGMG, with loops added.

#![expect(clippy::indexing_slicing, reason = "edges and nodes are numbered within the arrays that hold them")]

use crate::rng::{Draw, Rng};
use crate::{Board, Cell, World};

/// Most nodes of a maze: a 61 by 29 interior has 31 by 15.
const NODES: usize = 31 * 15;

impl World {
    /// The walls of a maze whose nodes are the cells with odd coordinates. A uniformly shuffled list of the walls between two nodes is
    /// gone through; a wall falls if it still parts two components, and otherwise with probability `braid`.
    pub(crate) fn maze(&self, braid: f64, rng: &mut Rng) -> Board {
        let (columns, rows) = (usize::from(self.spec().width).div_ceil(2), usize::from(self.spec().height).div_ceil(2));
        let mut walls = self.border().or(self.interior());
        let cell = |node: usize| Cell::at((node % columns * 2 + 1) as u8, (node / columns * 2 + 1) as u8);
        let mut edges = [(0u16, 0u16); 2 * NODES];
        let mut count = 0;
        for node in 0..columns * rows {
            walls.remove(cell(node));
            let right = (node % columns + 1 < columns).then_some(node + 1);
            let below = (node / columns + 1 < rows).then_some(node + columns);
            for other in right.into_iter().chain(below) {
                edges[count] = (node as u16, other as u16);
                count += 1;
            }
        }
        let mut parent: [u16; NODES] = std::array::from_fn(|node| node as u16);
        for done in 0..count {
            let drawn = done + rng.below((count - done) as u32) as usize;
            edges.swap(done, drawn);
            let (one, other) = (edges[done].0, edges[done].1);
            let roots = (root(&mut parent, one), root(&mut parent, other));
            if roots.0 != roots.1 || rng.chance(braid) {
                parent[usize::from(roots.0)] = roots.1;
                let (one, other) = (cell(usize::from(one)), cell(usize::from(other)));
                walls.remove(Cell((one.0 + other.0) / 2));
            }
        }
        walls
    }
}

/// The representative of a node's component, halving the path to it.
fn root(parent: &mut [u16; NODES], mut node: u16) -> u16 {
    while parent[usize::from(node)] != node {
        let above = parent[usize::from(parent[usize::from(node)])];
        parent[usize::from(node)] = above;
        node = above;
    }
    node
}
