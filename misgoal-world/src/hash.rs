//! Pinned hashes of layouts, levels and states: recorded in runs, so that they may never change.
//!
//! Words are folded with SplitMix64's output function: `h <- mix(h ^ word)`. No word is skipped, so that equal hashes mean equal parts
//! up to a 64-bit accident.

use crate::guide::DECLARED;
use crate::rng::mix;
use crate::{Board, Level, State};

fn fold(hash: u64, word: u64) -> u64 {
    mix(hash ^ word)
}

fn board(hash: u64, board: &Board) -> u64 {
    board.rows.iter().fold(hash, |hash, row| fold(hash, *row))
}

impl Level {
    /// A hash of walls and hazards only, not of the things or the start: what splits training levels from held-out ones.
    pub fn layout_hash(&self) -> u64 {
        board(board(1, &self.walls), &self.hazards)
    }

    /// A hash of everything in the level but the step limit: the same level with more time is the same level.
    pub fn hash(&self) -> u64 {
        let hash = fold(self.layout_hash(), u64::from(self.start.0));
        let hash = self.zones.iter().fold(fold(hash, self.zones.len() as u64), board);
        let hash = self.items.iter().fold(fold(hash, self.items.len() as u64), |hash, item| {
            fold(hash, u64::from(item.asleep) << 32 | u64::from(item.kind) << 16 | u64::from(item.cell.0))
        });
        if self.turns == DECLARED { hash } else { fold(hash, u64::from_le_bytes(self.turns)) }
    }
}

impl State {
    /// A hash of everything in the state: equal at the end of a replay and of the episode that it repeats.
    pub fn hash(&self) -> u64 {
        let place = u64::from(self.cell.0) | u64::from(self.rise) << 16 | u64::from(self.done) << 24;
        let hash = fold(fold(2, place | u64::from(self.time) << 32), u64::from(self.left));
        if self.held == 0 && self.chance == 0 && self.movers.iter().all(|cell| cell.0 == 0) {
            return hash;
        }
        let hash = fold(fold(hash, self.chance), u64::from(self.held));
        self.movers.iter().fold(hash, |hash, cell| fold(hash, u64::from(cell.0)))
    }
}
