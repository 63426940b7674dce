//! One set of kernels, three instruction sets.
//!
//! Kernels are written once against [`Simd`] and compiled for AVX-512, for AVX2 with FMA and for plain Rust; which one runs is
//! decided at run time ([`Kernel::best`]). Every kernel keeps one output in one lane and sums in an order that does not depend on the
//! number of lanes: AVX-512 and AVX2 agree to the last bit, the portable one differs by the rounding of unfused multiply-adds
//! (tests hold logits to 1e-4 of each other).

mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod gemm;
pub mod math;
mod portable;
pub mod sparse;

pub use aligned::Aligned;
pub use portable::Portable;

/// Floats that kernels treat as a unit, whatever the lanes: one AVX-512 register. Hidden sizes are multiples of it.
pub const UNIT: usize = 16;

/// Vectors of `LANES` floats. Loads and stores need no alignment.
///
/// # Safety
/// Callers of any method must run on a processor that has the implementation's features, which only code reached through
/// [`Kernel::run`] may rely on, and pass pointers that are valid for `LANES` floats.
#[expect(clippy::missing_safety_doc, reason = "one contract for all methods, stated on the trait")]
#[expect(missing_docs, reason = "lane-wise arithmetic, named as what it does")]
pub unsafe trait Simd: Copy {
    type V: Copy;
    const LANES: usize;
    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(p: *const f32) -> Self::V;
    unsafe fn store(p: *mut f32, v: Self::V);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sqrt(a: Self::V) -> Self::V;
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, in one rounding where the processor can.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// Lane by lane: `yes` where `a > b`, else `no`.
    unsafe fn if_greater(a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V;
    /// `2^n` for integral `n` in `-126..=127`.
    unsafe fn pow2(n: Self::V) -> Self::V;
    /// Exponent and mantissa in `[1, 2)` of positive normal numbers.
    unsafe fn split(x: Self::V) -> (Self::V, Self::V);
}

/// Something that a [`Kernel`] runs: a kernel's arguments and its body.
pub trait Operation {
    /// What it returns.
    type Output;
    /// The body; mark it `#[inline(always)]`, and all that it calls, so that it is compiled for the instruction set.
    ///
    /// # Safety
    /// The processor has the features of `S`; [`Kernel::run`] sees to it.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// An instruction set that this processor has: a value exists only where its kernels may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Kernel {
    /// The fastest one of this processor.
    pub fn best() -> Kernel {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Kernel(Kind::Avx512);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Kernel(Kind::Avx2);
            }
        }
        Kernel::portable()
    }

    /// Plain Rust: runs everywhere, wasm included.
    pub const fn portable() -> Kernel {
        Kernel(Kind::Portable)
    }

    /// All that this processor has, the fastest first.
    pub fn available() -> Vec<Kernel> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                all.push(Kernel(Kind::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Kernel(Kind::Avx2));
            }
        }
        all.push(Kernel::portable());
        all
    }

    /// The available one of this name.
    pub fn named(name: &str) -> Option<Kernel> {
        Kernel::available().into_iter().find(|kernel| kernel.name() == name)
    }

    /// The name that a run records: `avx512`, `avx2` or `portable`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            Kind::Portable => "portable",
        }
    }

    /// The family of a kernel by its name: `fused` (AVX-512 and AVX2) or `portable`. The kernels of one family give the same weights to the last
    /// bit. A kernel of a later version is a family of its own.
    pub fn family(name: &str) -> &str {
        match name {
            "avx512" | "avx2" => "fused",
            other => other,
        }
    }

    /// Runs an operation compiled for this instruction set.
    #[inline]
    pub fn run<O: Operation>(self, operation: O) -> O::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the value exists only where `avx512f` was detected.
            Kind::Avx512 => unsafe { avx512::run(operation) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the value exists only where `avx2` and `fma` were detected.
            Kind::Avx2 => unsafe { avx2::run(operation) },
            // SAFETY: the portable kernel needs no feature.
            Kind::Portable => unsafe { operation.run::<Portable>() },
        }
    }
}
