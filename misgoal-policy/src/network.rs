//! The network that acts: its parameters, and observations through them.

use crate::simd::{Aligned, Kernel, Operation, Simd};
use crate::{
    ActiveLists, Architecture, ArchitectureError, BLOCK, Block, InputOutOfRange, Layout, OUTPUTS, Picked, init,
};

/// A network: a shape, one flat vector of parameters ([`Layout`]) and the kernel that runs it.
#[derive(Clone, Debug)]
pub struct Network {
    pub(crate) architecture: Architecture,
    pub(crate) layout: Layout,
    pub(crate) params: Aligned,
    /// `w3` transposed, hidden 2 rows of [`OUTPUTS`].
    pub(crate) head: Aligned,
    /// `b3`, padded to [`OUTPUTS`].
    pub(crate) head_bias: Aligned,
    kernel: Kernel,
}

/// What a network says of one observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output<'a> {
    /// One a action.
    pub logits: &'a [f32],
    /// The estimated return.
    pub value: f32,
}

/// Memory for [`Network::forward`], to be kept between calls.
#[derive(Clone, Debug)]
pub struct Scratch {
    lists: ActiveLists,
    block: Block,
}

impl Scratch {
    /// For networks of this shape.
    pub fn new(architecture: &Architecture) -> Scratch {
        Scratch { lists: ActiveLists::new(architecture.inputs), block: Block::new(architecture.hidden) }
    }
}

impl Network {
    /// A network with fresh parameters: the same seed gives the same ones.
    ///
    /// # Errors
    /// The shape is out of range.
    pub fn new(architecture: Architecture, seed: u64) -> Result<Network, ArchitectureError> {
        architecture.validate()?;
        let layout = architecture.layout();
        let params = init::parameters(&architecture, &layout, seed);
        Ok(Network::assemble(architecture, layout, params))
    }

    pub(crate) fn assemble(architecture: Architecture, layout: Layout, params: Aligned) -> Network {
        let head = Aligned::zeros(architecture.hidden[1] * OUTPUTS);
        let head_bias = Aligned::zeros(OUTPUTS);
        let mut network = Network { architecture, layout, params, head, head_bias, kernel: Kernel::best() };
        network.pack();
        network
    }

    /// The same network on another kernel.
    #[must_use]
    pub fn with_kernel(mut self, kernel: Kernel) -> Network {
        self.kernel = kernel;
        self
    }

    /// The shape.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Where each parameter is.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The kernel in use.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// All parameters, the padding at the end included.
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// Changes parameters in place.
    pub fn update(&mut self, change: impl FnOnce(&mut [f32])) {
        change(&mut self.params);
        self.pack();
    }

    /// Brings the transposed head up to date with the parameters.
    fn pack(&mut self) {
        let (h2, rows) = (self.architecture.hidden[1], self.architecture.actions + 1);
        let (weights, bias) = (self.params.get(self.layout.w3.clone()), self.params.get(self.layout.b3.clone()));
        for (a, row) in weights.unwrap_or_default().chunks_exact(h2).take(rows).enumerate() {
            for (to, w) in self.head.iter_mut().skip(a).step_by(OUTPUTS).zip(row) {
                *to = *w;
            }
        }
        for (to, b) in self.head_bias.iter_mut().zip(bias.unwrap_or_default()) {
            *to = *b;
        }
    }

    /// One observation: logits and value. The result does not depend on what else is computed in the same batch.
    ///
    /// # Errors
    /// `active` names an input that does not exist.
    pub fn forward<'s>(&self, active: &[u16], scratch: &'s mut Scratch) -> Result<Output<'s>, InputOutOfRange> {
        scratch.lists.clear();
        scratch.lists.push(active)?;
        self.kernel.run(Forward {
            network: self,
            lists: &scratch.lists,
            first: 0,
            count: 1,
            block: &mut scratch.block,
        });
        let logits = scratch.block.out.get(..self.architecture.actions).unwrap_or_default();
        let value = scratch.block.out.get(self.architecture.actions).copied().unwrap_or_default();
        Ok(Output { logits, value })
    }

    /// A batch: one row of [`OUTPUTS`] floats for every list, its logits, then its value, then zeros.
    ///
    /// # Panics
    /// When `lists` is for another number of inputs.
    pub fn forward_batch(&self, lists: &ActiveLists, scratch: &mut Scratch, out: &mut Vec<f32>) {
        self.forward_range(lists, 0, lists.len(), scratch, out);
    }

    /// As [`Network::forward_batch`], for the `count` lists from `first`.
    ///
    /// # Panics
    /// When `lists` is for another number of inputs.
    pub fn forward_range(
        &self,
        lists: &ActiveLists,
        first: usize,
        count: usize,
        scratch: &mut Scratch,
        out: &mut Vec<f32>,
    ) {
        out.clear();
        let mut done = 0;
        while done < count {
            let now = BLOCK.min(count - done);
            let block = &mut scratch.block;
            self.kernel.run(Forward { network: self, lists, first: first + done, count: now, block });
            out.extend_from_slice(scratch.block.out.get(..now * OUTPUTS).unwrap_or_default());
            done += now;
        }
    }
}

struct Forward<'a> {
    network: &'a Network,
    lists: &'a ActiveLists,
    first: usize,
    count: usize,
    block: &'a mut Block,
}

impl Operation for Forward<'_> {
    type Output = ();
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let picked = Picked::new(self.lists, self.first..self.first + self.count);
        // SAFETY: `Kernel::run` vouches for the features.
        unsafe { self.network.forward_block::<S>(&picked, self.block) };
    }
}
