//! What can be left of a tour's nodes, set by set, numbered so that a set comes after all that it can turn into.

#![expect(clippy::indexing_slicing, reason = "the table of numbers has an entry for every subset of the nodes")]

use std::collections::BTreeSet;

use super::purpose::Lock;

/// Up to so many nodes sets are looked up in a table, beyond by binary search.
const TABLE: usize = 16;
/// No number.
const NONE: u32 = u32::MAX;

/// Sets of nodes left (bit `j`: node `j`), as far as episodes can come to them and something can still happen.
#[derive(Clone, Debug)]
pub(super) struct Sets {
    /// Keys and chests, as masks over the nodes.
    pub locks: Vec<Lock>,
    /// The nodes that end the episode: always left.
    endings: u32,
    /// The sets, ascending.
    pub masks: Vec<u32>,
    /// For each set the nodes at which something would happen.
    lives: Vec<u32>,
    numbers: Vec<u32>,
}

impl Sets {
    /// Finds every set that `nodes` nodes can come to; none if there are more than `most`.
    pub fn new(nodes: usize, endings: u32, locks: Vec<Lock>, most: usize) -> Option<Sets> {
        let mut sets = Sets { locks, endings, masks: Vec::new(), lives: Vec::new(), numbers: Vec::new() };
        let full = sets.reduced(if nodes >= 32 { u32::MAX } else { (1 << nodes) - 1 });
        // A set's successors are smaller numbers, so that counting down meets every set after all that lead to it.
        if nodes <= TABLE {
            sets.numbers = vec![NONE; full as usize + 1];
            sets.numbers[full as usize] = 0;
            for mask in (1..=full).rev() {
                if sets.numbers[mask as usize] == NONE {
                    continue;
                }
                sets.numbers[mask as usize] = NONE;
                for j in bits(sets.note(mask)) {
                    if let Some(after) = sets.after(mask, j) {
                        sets.numbers[after as usize] = 0;
                    }
                }
                if sets.masks.len() > most {
                    return None;
                }
            }
        } else {
            let mut open = BTreeSet::from([full]);
            while let Some(mask) = open.pop_last().filter(|mask| *mask != 0) {
                open.extend(bits(sets.note(mask)).filter_map(|j| sets.after(mask, j)));
                if sets.masks.len() > most {
                    return None;
                }
            }
        }
        sets.masks.reverse();
        sets.lives.reverse();
        if let Some(empty) = sets.numbers.first_mut() {
            *empty = NONE;
            (0..).zip(&sets.masks).for_each(|(number, mask)| sets.numbers[*mask as usize] = number);
        }
        Some(sets)
    }

    /// Notes a set if something can still happen, and says where.
    fn note(&mut self, mask: u32) -> u32 {
        let live = self.live(mask);
        if live != 0 {
            self.masks.push(mask);
            self.lives.push(live);
        }
        live
    }

    /// A set's number and the nodes at which something would happen; none where nothing can.
    #[inline]
    pub fn find(&self, mask: u32) -> Option<(usize, u32)> {
        let number = match self.numbers.get(mask as usize) {
            Some(number) => *number as usize,
            None => self.masks.binary_search(&mask).ok()?,
        };
        self.lives.get(number).map(|live| (number, *live))
    }

    /// The nodes at which something would happen: all that are left, but no chest without a key.
    #[inline]
    fn live(&self, mask: u32) -> u32 {
        self.locks.iter().fold(mask, |live, lock| if lock.held(mask) == 0 { live & !lock.chests } else { live })
    }

    /// What is left after node `j` happened; none where that ends the episode.
    #[inline]
    pub fn after(&self, mask: u32, j: usize) -> Option<u32> {
        let bit = 1 << j;
        (self.endings & bit == 0).then(|| self.reduced(mask & !bit))
    }

    /// A set without the keys that nothing is left for.
    #[inline]
    pub fn reduced(&self, mask: u32) -> u32 {
        self.locks.iter().fold(mask, |mask, lock| lock.reduced(mask))
    }
}

/// The numbers of the bits that are set, ascending.
pub(super) fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}
