//! Batches of observations: lists of active inputs of different lengths, one after the other.

use crate::BLOCK;

/// Lists of active inputs, every index below a bound that was checked when the list was pushed: the kernels rely on it.
#[derive(Clone, Debug)]
pub struct ActiveLists {
    inputs: usize,
    /// List `i` is `indices[ends[i]..ends[i + 1]]`.
    ends: Vec<usize>,
    indices: Vec<u16>,
    buffer: Vec<u16>,
}

/// An observation names an input that the network does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputOutOfRange {
    /// The index.
    pub index: u16,
    /// How many inputs there are.
    pub inputs: usize,
}

impl std::fmt::Display for InputOutOfRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "active input `{}` does not exist: the network has {} inputs", self.index, self.inputs)
    }
}

impl std::error::Error for InputOutOfRange {}

impl ActiveLists {
    /// No lists, for a network of `inputs` inputs.
    pub fn new(inputs: usize) -> ActiveLists {
        ActiveLists { inputs, ends: vec![0], indices: Vec::new(), buffer: Vec::new() }
    }

    /// The bound that every index is below.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Active inputs in all lists together.
    pub fn active(&self) -> usize {
        self.indices.len()
    }

    /// Takes all lists out and keeps the memory.
    pub fn clear(&mut self) {
        self.ends.truncate(1);
        self.indices.clear();
    }

    /// Appends a list.
    ///
    /// # Errors
    /// An index is not below [`ActiveLists::inputs`]; nothing is appended then.
    #[inline]
    pub fn push(&mut self, active: &[u16]) -> Result<(), InputOutOfRange> {
        let most = active.iter().copied().fold(0, u16::max);
        if usize::from(most) >= self.inputs {
            return Err(InputOutOfRange { index: most, inputs: self.inputs });
        }
        self.indices.extend_from_slice(active);
        self.ends.push(self.indices.len());
        Ok(())
    }

    /// Appends what `fill` writes into a slice of `room` indices; it answers how many it wrote.
    ///
    /// # Errors
    /// As [`ActiveLists::push`].
    #[inline]
    pub fn push_with(&mut self, room: usize, fill: impl FnOnce(&mut [u16]) -> usize) -> Result<(), InputOutOfRange> {
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        let written = fill(&mut buffer);
        let pushed = self.push(buffer.get(..written).unwrap_or_default());
        self.buffer = buffer;
        pushed
    }

    /// List `i`; empty beyond the last.
    #[inline]
    pub fn get(&self, i: usize) -> &[u16] {
        match self.ends.get(i..i + 2) {
            Some(&[start, end]) => self.indices.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Up to [`BLOCK`] lists out of one [`ActiveLists`], looked up once for all passes over them.
#[derive(Debug)]
pub struct Picked<'a> {
    inputs: usize,
    count: usize,
    lists: [&'a [u16]; BLOCK],
}

impl<'a> Picked<'a> {
    /// The first [`BLOCK`] of these lists.
    #[inline(always)]
    pub fn new(from: &'a ActiveLists, order: impl Iterator<Item = usize>) -> Picked<'a> {
        let mut picked = Picked { inputs: from.inputs, count: 0, lists: [&[]; BLOCK] };
        for (to, i) in picked.lists.iter_mut().zip(order) {
            *to = from.get(i);
            picked.count += 1;
        }
        picked
    }

    /// The bound that every index is below.
    #[inline(always)]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The lists.
    #[inline(always)]
    pub fn lists(&self) -> &[&'a [u16]] {
        self.lists.get(..self.count).unwrap_or_default()
    }
}
