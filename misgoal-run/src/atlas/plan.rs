//! Which cells, and how much each of them gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use misgoal_learn::line::LineTask;

/// The grid and what each cell of it gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtlasPlan {
    /// Cells of the line.
    pub lengths: Vec<usize>,
    /// Hidden units.
    pub widths: Vec<usize>,
    /// Shares of the training episodes with the coin anywhere.
    pub shares: Vec<f64>,
    /// Networks in a cell.
    pub networks: u32,
    /// Environment steps that each network is trained for.
    pub steps: u64,
    /// Seed of a cell's first network; the others follow.
    pub seed: u64,
}

impl AtlasPlan {
    /// The grid of the atlas: 144 cells of 256 networks.
    pub fn full() -> AtlasPlan {
        AtlasPlan {
            lengths: vec![4, 8, 16],
            widths: vec![2, 4, 8, 16, 32, 64, 128, 256],
            shares: vec![0.0, 0.001, 0.003, 0.01, 0.03, 0.1],
            networks: 256,
            steps: 400_000,
            seed: 1000,
        }
    }

    /// A grid of seconds, to see that all is well.
    pub fn quick() -> AtlasPlan {
        AtlasPlan {
            lengths: vec![4, 8],
            widths: vec![2, 8, 32],
            shares: vec![0.0, 0.01, 0.1],
            networks: 16,
            steps: 40_000,
            seed: 0,
        }
    }

    /// Its cells, by length, width and share.
    pub(crate) fn tasks(&self) -> Vec<LineTask> {
        let task = |length, width, share| LineTask { length, width, share, steps: self.steps };
        let widths = |length| self.widths.iter().map(move |width| (length, *width));
        let pairs = self.lengths.iter().flat_map(|length| widths(*length));
        pairs.flat_map(|(length, width)| self.shares.iter().map(move |share| task(length, width, *share))).collect()
    }
}
