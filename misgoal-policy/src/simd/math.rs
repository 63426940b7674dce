//! Exponential, logarithm and hyperbolic tangent, lane by lane, in the same operations on every instruction set: unlike the C
//! library's, their results do not change from machine to machine.
//!
//! Polynomials of the Cephes library (Moshier, `expf` and `logf`), relative error about 1e-7.

use super::Simd;

/// `e^x`, for `x` clamped to `[-87, 88]`.
///
/// # Safety
/// The contract of [`Simd`].
#[inline(always)]
pub unsafe fn exp<S: Simd>(x: S::V) -> S::V {
    // SAFETY: register arithmetic only; the caller vouches for the features.
    unsafe {
        let x = S::min(S::max(x, S::splat(-87.0)), S::splat(88.0));
        // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer.
        let magic = S::splat(12_582_912.0);
        let n = S::sub(S::fma(x, S::splat(std::f32::consts::LOG2_E), magic), magic);
        let r = S::fma(n, S::splat(-0.693_359_4), x);
        let r = S::fma(n, S::splat(2.121_944_4e-4), r);
        let mut p = S::splat(1.987_569_1e-4);
        for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
            p = S::fma(p, r, S::splat(c));
        }
        let y = S::add(S::fma(p, S::mul(r, r), r), S::splat(1.0));
        S::mul(y, S::pow2(n))
    }
}

/// Natural logarithm of positive normal numbers.
///
/// # Safety
/// The contract of [`Simd`].
#[inline(always)]
pub unsafe fn ln<S: Simd>(x: S::V) -> S::V {
    // SAFETY: register arithmetic only; the caller vouches for the features.
    unsafe {
        let (e, m) = S::split(x);
        let root2 = S::splat(std::f32::consts::SQRT_2);
        let e = S::if_greater(m, root2, S::add(e, S::splat(1.0)), e);
        let m = S::if_greater(m, root2, S::mul(m, S::splat(0.5)), m);
        let x = S::sub(m, S::splat(1.0));
        let z = S::mul(x, x);
        let mut p = S::splat(7.037_683_6e-2);
        for c in [
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ] {
            p = S::fma(p, x, S::splat(c));
        }
        let y = S::mul(S::mul(p, x), z);
        let y = S::fma(e, S::splat(-2.121_944_4e-4), y);
        let y = S::fma(z, S::splat(-0.5), y);
        S::fma(e, S::splat(0.693_359_4), S::add(x, y))
    }
}

/// Hyperbolic tangent, absolute error about 1e-7.
///
/// # Safety
/// The contract of [`Simd`].
#[inline(always)]
pub unsafe fn tanh<S: Simd>(x: S::V) -> S::V {
    // SAFETY: register arithmetic only; the caller vouches for the features.
    unsafe {
        let e = exp::<S>(S::add(x, x));
        S::sub(S::splat(1.0), S::div(S::splat(2.0), S::add(e, S::splat(1.0))))
    }
}
