//! Plain Rust: four lanes, which compilers turn into the baseline's vectors (SSE2, NEON, wasm128). Multiply-adds are not fused: a
//! fused one is a library call where the processor has none.

use super::Simd;

/// The portable instruction set.
#[derive(Clone, Copy)]
pub struct Portable;

type V = [f32; 4];

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> V {
    [f(0), f(1), f(2), f(3)]
}

// SAFETY: no method needs a feature; loads and stores are unaligned and of `LANES` floats, as the trait allows.
#[expect(clippy::indexing_slicing, reason = "constant indices into four lanes")]
unsafe impl Simd for Portable {
    type V = V;
    const LANES: usize = 4;
    #[inline(always)]
    unsafe fn splat(x: f32) -> V {
        [x; 4]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> V {
        // SAFETY: the caller passes a pointer to four floats.
        unsafe { p.cast::<V>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: V) {
        // SAFETY: the caller passes a pointer to four floats.
        unsafe { p.cast::<V>().write_unaligned(v) }
    }
    #[inline(always)]
    unsafe fn add(a: V, b: V) -> V {
        each(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn sub(a: V, b: V) -> V {
        each(|i| a[i] - b[i])
    }
    #[inline(always)]
    unsafe fn mul(a: V, b: V) -> V {
        each(|i| a[i] * b[i])
    }
    #[inline(always)]
    unsafe fn div(a: V, b: V) -> V {
        each(|i| a[i] / b[i])
    }
    #[inline(always)]
    unsafe fn sqrt(a: V) -> V {
        each(|i| a[i].sqrt())
    }
    #[inline(always)]
    unsafe fn max(a: V, b: V) -> V {
        each(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn min(a: V, b: V) -> V {
        each(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn fma(a: V, b: V, c: V) -> V {
        each(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    unsafe fn if_greater(a: V, b: V, yes: V, no: V) -> V {
        each(|i| if a[i] > b[i] { yes[i] } else { no[i] })
    }
    #[inline(always)]
    unsafe fn pow2(n: V) -> V {
        each(|i| f32::from_bits(((n[i] as i32 + 127) as u32) << 23))
    }
    #[inline(always)]
    unsafe fn split(x: V) -> (V, V) {
        let exponent = each(|i| ((x[i].to_bits() >> 23) as i32 - 127) as f32);
        (exponent, each(|i| f32::from_bits(x[i].to_bits() & 0x007f_ffff | 0x3f80_0000)))
    }
}
