//! The forward kernel: blocks of samples through both layers and the heads, activations kept in cache.

use crate::simd::gemm::{Init, Product};
use crate::simd::{Aligned, Simd, math, sparse};
use crate::{Activation, Network, OUTPUTS, Picked};

/// Samples that go through the network together: their activations (16 KB a layer of 64 units) and a layer's weights fit the
/// first- and second-level caches.
pub const BLOCK: usize = 64;

/// Activations of one block of samples.
#[derive(Clone, Debug)]
pub struct Block {
    /// First layer, `BLOCK` rows of hidden 1.
    pub h1: Aligned,
    /// Second layer, `BLOCK` rows of hidden 2.
    pub h2: Aligned,
    /// Head outputs, `BLOCK` rows of [`OUTPUTS`]: logits, value, zeros.
    pub out: Aligned,
}

impl Block {
    /// For a network of these hidden sizes.
    pub fn new([h1, h2]: [usize; 2]) -> Block {
        Block { h1: Aligned::zeros(BLOCK * h1), h2: Aligned::zeros(BLOCK * h2), out: Aligned::zeros(BLOCK * OUTPUTS) }
    }
}

impl Network {
    /// Computes the first rows of the block, one for each list that was picked.
    ///
    /// # Safety
    /// The contract of [`Simd`].
    ///
    /// # Panics
    /// When the lists are for another number of inputs or the block is for other hidden sizes.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "ranges of a layout that matches the parameter vector by construction")]
    pub unsafe fn forward_block<S: Simd>(&self, picked: &Picked, block: &mut Block) {
        let (active, count) = (picked.lists(), picked.lists().len());
        let [h1, h2] = self.architecture.hidden;
        assert!(picked.inputs() == self.architecture.inputs);
        assert!(block.h1.len() == BLOCK * h1 && block.h2.len() == BLOCK * h2 && block.out.len() == BLOCK * OUTPUTS);
        let (params, at) = (&self.params, &self.layout);
        let relu = self.architecture.activation == Activation::Relu;
        // SAFETY: indices are below `inputs` by the invariant of `ActiveLists`, and the sizes were checked above.
        unsafe {
            let (w1, b1) = (params[at.w1.clone()].as_ptr(), params[at.b1.clone()].as_ptr());
            let (inputs, rows) = (self.architecture.inputs, block.h1.as_mut_ptr());
            if relu {
                sparse::sum_rows::<S, true>(w1, inputs, b1, h1, active, rows);
            } else {
                sparse::sum_rows::<S, false>(w1, inputs, b1, h1, active, rows);
            }
            if !relu {
                tanh_all::<S>(&mut block.h1[..count * h1]);
            }
            let second = Product {
                m: count,
                n: h2,
                k: h1,
                a: block.h1.as_ptr(),
                a_row: h1,
                a_step: 1,
                b: params[at.w2.clone()].as_ptr(),
                b_row: h2,
                c: block.h2.as_mut_ptr(),
                c_row: h2,
                init: Init::Row(params[at.b2.clone()].as_ptr()),
            };
            if relu {
                second.run::<S, true>();
            } else {
                second.run::<S, false>();
                tanh_all::<S>(&mut block.h2[..count * h2]);
            }
            Product {
                m: count,
                n: OUTPUTS,
                k: h2,
                a: block.h2.as_ptr(),
                a_row: h2,
                a_step: 1,
                b: self.head.as_ptr(),
                b_row: OUTPUTS,
                c: block.out.as_mut_ptr(),
                c_row: OUTPUTS,
                init: Init::Row(self.head_bias.as_ptr()),
            }
            .run::<S, false>();
        }
    }
}

/// Replaces floats, a multiple of [`crate::simd::UNIT`], by their hyperbolic tangents.
///
/// # Safety
/// The contract of [`Simd`].
#[inline(always)]
unsafe fn tanh_all<S: Simd>(xs: &mut [f32]) {
    for lane in xs.chunks_exact_mut(S::LANES) {
        // SAFETY: the chunk is `LANES` floats.
        unsafe { S::store(lane.as_mut_ptr(), math::tanh::<S>(S::load(lane.as_ptr()))) };
    }
}
