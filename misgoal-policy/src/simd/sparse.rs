//! The first layer: sums of the table rows that belong to the active inputs, and the scatter-add that is its gradient.
//!
//! The table is stored in panels of [`UNIT`] columns, `panel[input][UNIT]`, and a block of samples goes through one panel after the
//! other: 300 inputs make panels of 19 KB, which the first-level cache holds, where whole rows (77 KB) would come from the second
//! level each time. A sample with 40 active inputs and 64 outputs is then 160 vector adds from memory forward, two a cycle at best, and
//! 160 read-modify-writes backward, one a cycle at best.

use super::{Simd, UNIT};

/// Vectors in a unit: 1, 2 or 4.
const MOST: usize = 4;

/// For every list `i` of active inputs, `out[i] = bias + sum of the active rows`, negative sums as 0 with `RELU`; `out` holds rows of
/// `width` floats. Rows at positions 0, 1, 2, 3 modulo 4 are summed apart and added at the end, which shortens the chains of adds.
///
/// # Safety
/// The contract of [`Simd`]; `table` holds `width / UNIT` panels of `inputs` rows, every index is below `inputs`, `bias` holds `width`
/// floats, a multiple of [`UNIT`], and `out` a row for every list.
#[inline(always)]
pub unsafe fn sum_rows<S: Simd, const RELU: bool>(
    table: *const f32,
    inputs: usize,
    bias: *const f32,
    width: usize,
    lists: &[&[u16]],
    out: *mut f32,
) {
    for column in (0..width).step_by(UNIT) {
        for (i, active) in lists.iter().enumerate() {
            // SAFETY: `column` is the start of a panel, and row `i` of `out` has `width` floats.
            unsafe {
                let out = out.add(i * width + column);
                sum_panel::<S, RELU>(table.add(column * inputs), bias.add(column), active, out);
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::indexing_slicing, clippy::needless_range_loop, reason = "constant bounds, unrolled into registers")]
unsafe fn sum_panel<S: Simd, const RELU: bool>(panel: *const f32, bias: *const f32, active: &[u16], out: *mut f32) {
    let vectors = UNIT / S::LANES;
    // SAFETY: every index has a row in the panel, as the caller vouches.
    unsafe {
        let mut sums = [[S::splat(0.0); MOST]; 4];
        for v in 0..vectors {
            sums[0][v] = S::load(bias.add(v * S::LANES));
        }
        let (fours, rest) = active.as_chunks::<4>();
        for four in fours {
            for s in 0..4 {
                // Volatile, or the compiler loads four indices into a vector and takes it apart again, which costs the very ports
                // that the adds need (a fifth of this function's time).
                let row = panel.add(usize::from((&raw const four[s]).read_volatile()) * UNIT);
                for v in 0..vectors {
                    sums[s][v] = S::add(sums[s][v], S::load(row.add(v * S::LANES)));
                }
            }
        }
        for index in rest {
            let row = panel.add(usize::from(*index) * UNIT);
            for v in 0..vectors {
                sums[0][v] = S::add(sums[0][v], S::load(row.add(v * S::LANES)));
            }
        }
        for v in 0..vectors {
            let sum = S::add(S::add(sums[0][v], sums[1][v]), S::add(sums[2][v], sums[3][v]));
            S::store(out.add(v * S::LANES), if RELU { S::max(sum, S::splat(0.0)) } else { sum });
        }
    }
}

/// For every list `i` of active inputs, adds `rows[i]` to the table's active rows.
///
/// # Safety
/// As [`sum_rows`], with `rows` of `width` floats that do not overlap the table.
#[inline(always)]
pub unsafe fn scatter_rows<S: Simd>(table: *mut f32, inputs: usize, width: usize, lists: &[&[u16]], rows: *const f32) {
    for column in (0..width).step_by(UNIT) {
        for (i, active) in lists.iter().enumerate() {
            // SAFETY: `column` is the start of a panel, and row `i` of `rows` has `width` floats.
            unsafe { scatter_panel::<S>(table.add(column * inputs), active, rows.add(i * width + column)) };
        }
    }
}

#[inline(always)]
#[expect(clippy::indexing_slicing, clippy::needless_range_loop, reason = "constant bounds, unrolled into registers")]
unsafe fn scatter_panel<S: Simd>(panel: *mut f32, active: &[u16], row: *const f32) {
    let vectors = UNIT / S::LANES;
    // SAFETY: every index has a row in the panel, as the caller vouches.
    unsafe {
        let mut x = [S::splat(0.0); MOST];
        for v in 0..vectors {
            x[v] = S::load(row.add(v * S::LANES));
        }
        for index in active {
            let to = panel.add(usize::from(*index) * UNIT);
            for v in 0..vectors {
                S::store(to.add(v * S::LANES), S::add(S::load(to.add(v * S::LANES)), x[v]));
            }
        }
    }
}
