//! A buffer of floats that starts on a cache line, so that no vector load crosses one.

use super::UNIT;

#[repr(C, align(64))]
#[derive(Clone, Copy, Debug)]
struct Line([f32; UNIT]);

/// Zero-initialised floats, aligned to 64 bytes, in whole cache lines.
#[derive(Clone, Debug, Default)]
pub struct Aligned(Vec<Line>);

impl Aligned {
    /// `len` zeros, rounded up to whole lines of [`UNIT`] floats.
    pub fn zeros(len: usize) -> Aligned {
        Aligned(vec![Line([0.0; UNIT]); len.div_ceil(UNIT)])
    }
}

impl std::ops::Deref for Aligned {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: a `Line` is exactly `UNIT` floats in C layout, so `n` lines are `n * UNIT` initialised floats.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), self.0.len() * UNIT) }
    }
}

impl std::ops::DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as in `deref`, and the borrow is unique.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * UNIT) }
    }
}
