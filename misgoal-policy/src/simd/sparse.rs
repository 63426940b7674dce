//! The first layer: sums of the rows that belong to the active inputs.
//!
//! With 40 active inputs and 64 outputs a sample is 160 vector adds from memory, as many loads as the whole second layer has
//! multiply-adds; the table (300 inputs: 77 KB) lives in the second-level cache, whose bandwidth is the limit.

use super::Simd;

/// `out = bias + sum of the active rows of table`, negative sums as 0 with `RELU`. Rows at even and odd positions are summed apart and
/// added at the end, which shortens the chain of dependent adds.
///
/// # Safety
/// The contract of [`Simd`]; `table` holds a row of `width` floats for every index in `active`, `bias` and `out` hold `width`, a
/// multiple of [`super::UNIT`].
#[inline(always)]
pub unsafe fn sum_rows<S: Simd, const RELU: bool>(
    table: *const f32,
    bias: *const f32,
    width: usize,
    active: &[u16],
    out: *mut f32,
) {
    let mut j = 0;
    // SAFETY: columns `j..j + 4 * LANES` are within `width`: it is a multiple of 16 and the step 64 needs the check.
    unsafe {
        while j + 4 * S::LANES <= width {
            tile::<S, 4, RELU>(table.add(j), bias.add(j), width, active, out.add(j));
            j += 4 * S::LANES;
        }
        while j < width {
            tile::<S, 1, RELU>(table.add(j), bias.add(j), width, active, out.add(j));
            j += S::LANES;
        }
    }
}

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "constant bounds, unrolled into registers")]
unsafe fn tile<S: Simd, const NV: usize, const RELU: bool>(
    table: *const f32,
    bias: *const f32,
    width: usize,
    active: &[u16],
    out: *mut f32,
) {
    // SAFETY: every index has a row in the table, as the caller vouches.
    unsafe {
        let mut even = [S::splat(0.0); NV];
        let mut odd = [S::splat(0.0); NV];
        for v in 0..NV {
            even[v] = S::load(bias.add(v * S::LANES));
        }
        let (pairs, rest) = active.as_chunks::<2>();
        for &[a, b] in pairs {
            let (a, b) = (table.add(usize::from(a) * width), table.add(usize::from(b) * width));
            for v in 0..NV {
                even[v] = S::add(even[v], S::load(a.add(v * S::LANES)));
                odd[v] = S::add(odd[v], S::load(b.add(v * S::LANES)));
            }
        }
        for &a in rest {
            let a = table.add(usize::from(a) * width);
            for v in 0..NV {
                even[v] = S::add(even[v], S::load(a.add(v * S::LANES)));
            }
        }
        for v in 0..NV {
            let sum = S::add(even[v], odd[v]);
            S::store(out.add(v * S::LANES), if RELU { S::max(sum, S::splat(0.0)) } else { sum });
        }
    }
}

/// `table[i] += row` for every active `i`.
///
/// # Safety
/// As [`sum_rows`], with `row` of `width` floats outside of the table.
#[inline(always)]
pub unsafe fn scatter_row<S: Simd>(table: *mut f32, width: usize, active: &[u16], row: *const f32) {
    let mut j = 0;
    // SAFETY: as in `sum_rows`.
    unsafe {
        while j + 4 * S::LANES <= width {
            scatter_tile::<S, 4>(table.add(j), width, active, row.add(j));
            j += 4 * S::LANES;
        }
        while j < width {
            scatter_tile::<S, 1>(table.add(j), width, active, row.add(j));
            j += S::LANES;
        }
    }
}

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "constant bounds, unrolled into registers")]
unsafe fn scatter_tile<S: Simd, const NV: usize>(table: *mut f32, width: usize, active: &[u16], row: *const f32) {
    // SAFETY: every index has a row in the table, as the caller vouches.
    unsafe {
        let mut x = [S::splat(0.0); NV];
        for v in 0..NV {
            x[v] = S::load(row.add(v * S::LANES));
        }
        for &a in active {
            let to = table.add(usize::from(a) * width);
            for v in 0..NV {
                S::store(to.add(v * S::LANES), S::add(S::load(to.add(v * S::LANES)), x[v]));
            }
        }
    }
}
