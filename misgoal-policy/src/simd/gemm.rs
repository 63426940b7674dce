//! Small dense products, blocked over registers.
//!
//! All dense layers, forward and backward, are one shape: `C[m][n] = init + sum over k of A(m, k) * B[k][n]`, where `B` and `C` are
//! row-major with rows of whole [`UNIT`]s and `A` is read one float at a time with any strides (so that it may be transposed). A tile
//! of 4 rows by 4 vectors keeps 16 sums in registers; for each `k` it does 16 multiply-adds for 4 loads and 4 broadcasts, so that the
//! two multiply-add ports are the limit and not the load ports. Each sum runs over `k` ascending, whatever the tile: the result does
//! not depend on the batch that a row is in.

use super::{Simd, UNIT};

/// What sums start from.
#[derive(Clone, Copy)]
pub enum Init {
    /// Zero.
    Zero,
    /// This row of `n` floats, for every row (a bias).
    Row(*const f32),
    /// What `C` holds (gradients that add up over blocks).
    Keep,
}

/// The shapes and places of one product; strides in floats.
#[derive(Clone, Copy)]
pub struct Product {
    /// Rows of `A` and `C`.
    pub m: usize,
    /// Columns of `B` and `C`, a multiple of [`UNIT`].
    pub n: usize,
    /// Columns of `A`, rows of `B`.
    pub k: usize,
    /// `A(i, k)` is at `a + i * a_row + k * a_step`.
    pub a: *const f32,
    /// See `a`.
    pub a_row: usize,
    /// See `a`.
    pub a_step: usize,
    /// `B[k]` starts at `b + k * b_row`.
    pub b: *const f32,
    /// See `b`.
    pub b_row: usize,
    /// `C[i]` starts at `c + i * c_row`.
    pub c: *mut f32,
    /// See `c`.
    pub c_row: usize,
    /// What sums start from.
    pub init: Init,
}

impl Product {
    /// Computes the product; with `RELU`, negative results are stored as 0.
    ///
    /// # Safety
    /// The contract of [`Simd`]; all places described by the fields are valid, and `C` overlaps nothing else.
    #[inline(always)]
    pub unsafe fn run<S: Simd, const RELU: bool>(&self) {
        debug_assert!(self.n.is_multiple_of(UNIT));
        let mut j = 0;
        // SAFETY: columns `j..j + width` are within `n`, as each loop checks; the rest is the caller's contract.
        unsafe {
            while j + 4 * S::LANES <= self.n && S::LANES == 16 {
                self.columns::<S, 4, RELU>(j);
                j += 4 * S::LANES;
            }
            while j + 2 * S::LANES <= self.n {
                self.columns::<S, 2, RELU>(j);
                j += 2 * S::LANES;
            }
            while j + S::LANES <= self.n {
                self.columns::<S, 1, RELU>(j);
                j += S::LANES;
            }
        }
    }

    #[inline(always)]
    unsafe fn columns<S: Simd, const NV: usize, const RELU: bool>(&self, j: usize) {
        let mut i = 0;
        // SAFETY: rows `i..i + height` are within `m`, as each loop checks; the rest is the caller's contract.
        unsafe {
            // A single column of vectors needs more rows to hide the latency of the multiply-adds.
            while NV == 1 && i + 8 <= self.m {
                self.tile::<S, 8, NV, RELU>(i, j);
                i += 8;
            }
            while i + 4 <= self.m {
                self.tile::<S, 4, NV, RELU>(i, j);
                i += 4;
            }
            while i < self.m {
                self.tile::<S, 1, NV, RELU>(i, j);
                i += 1;
            }
        }
    }

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        clippy::needless_range_loop,
        reason = "constant bounds, unrolled into registers"
    )]
    unsafe fn tile<S: Simd, const MR: usize, const NV: usize, const RELU: bool>(&self, i: usize, j: usize) {
        // SAFETY: the tile is within the places that the caller vouches for.
        unsafe {
            let c = self.c.add(i * self.c_row + j);
            let mut sum = [[S::splat(0.0); NV]; MR];
            match self.init {
                Init::Zero => {}
                Init::Row(row) => {
                    for v in 0..NV {
                        let bias = S::load(row.add(j + v * S::LANES));
                        for r in 0..MR {
                            sum[r][v] = bias;
                        }
                    }
                }
                Init::Keep => {
                    for r in 0..MR {
                        for v in 0..NV {
                            sum[r][v] = S::load(c.add(r * self.c_row + v * S::LANES));
                        }
                    }
                }
            }
            let mut a = self.a.add(i * self.a_row);
            let mut b = self.b.add(j);
            for _ in 0..self.k {
                let mut row = [S::splat(0.0); NV];
                for v in 0..NV {
                    row[v] = S::load(b.add(v * S::LANES));
                }
                for r in 0..MR {
                    let x = S::splat(*a.add(r * self.a_row));
                    for v in 0..NV {
                        sum[r][v] = S::fma(x, row[v], sum[r][v]);
                    }
                }
                a = a.wrapping_add(self.a_step);
                b = b.wrapping_add(self.b_row);
            }
            for r in 0..MR {
                for v in 0..NV {
                    let y = if RELU { S::max(sum[r][v], S::splat(0.0)) } else { sum[r][v] };
                    S::store(c.add(r * self.c_row + v * S::LANES), y);
                }
            }
        }
    }
}
