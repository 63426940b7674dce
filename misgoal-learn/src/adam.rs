//! Adam (Kingma and Ba 2015) over flat vectors, in two passes: one adds up the shards' gradients and takes their norm, the other clips
//! and steps. All parameters take part in every step, inputs that were never active too: their moments decay as the paper says.

use misgoal_policy::Network;
use misgoal_policy::simd::{Aligned, Operation, Simd, UNIT};

/// First and second moments, and how many steps were taken.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Running mean of gradients.
    pub(crate) first: Aligned,
    /// Running mean of squared gradients.
    pub(crate) second: Aligned,
    pub(crate) steps: u64,
    total: Aligned,
}

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
/// As PPO implementations have it, larger than the paper's 1e-8 (Huang et al. 2022, detail 3).
const EPSILON: f64 = 1e-5;
/// Second moments and squared first moments up to this are 0: beside `EPSILON` they move no parameter by a rounding error.
const TINY: f32 = 1e-36;

impl Adam {
    /// No steps yet, for this network's parameters.
    pub fn new(network: &Network) -> Adam {
        let zeros = || Aligned::zeros(network.layout().total);
        Adam { first: zeros(), second: zeros(), steps: 0, total: zeros() }
    }

    /// Adds up `gradients` in their order, sets them to zero, scales the sum down to norm `clip` if it is longer, and moves the
    /// parameters. Returns the norm before clipping.
    ///
    /// # Panics
    /// When a gradient is not of the network's size.
    pub fn step(&mut self, network: &mut Network, gradients: &mut [&mut Aligned], rate: f64, clip: f64) -> f64 {
        let size = network.layout().total;
        assert!([&self.total, &self.first, &self.second].into_iter().all(|vector| vector.len() == size));
        assert!(gradients.iter().all(|gradient| gradient.len() == size));
        let kernel = network.kernel();
        let squares = kernel.run(Sum { total: &mut self.total, gradients });
        let norm = squares.iter().map(|x| f64::from(*x)).sum::<f64>().sqrt();
        self.steps += 1;
        let correction = |beta: f64| 1.0 - power(beta, self.steps);
        let step = Step {
            scale: if norm > clip { (clip / (norm + 1e-6)) as f32 } else { 1.0 },
            rate: (rate / correction(BETA1)) as f32,
            correction: (1.0 / correction(BETA2).sqrt()) as f32,
            total: &self.total,
            first: &mut self.first,
            second: &mut self.second,
            params: &mut [],
        };
        network.update(|params| kernel.run(Step { params, ..step }));
        norm
    }
}

/// `x^n` by squaring: `powi` may differ from machine to machine.
fn power(x: f64, n: u64) -> f64 {
    let (mut result, mut square, mut rest) = (1.0, x, n);
    while rest > 0 {
        if rest & 1 == 1 {
            result *= square;
        }
        square *= square;
        rest >>= 1;
    }
    result
}

struct Sum<'a, 'b> {
    total: &'a mut [f32],
    gradients: &'a mut [&'b mut Aligned],
}

impl Operation for Sum<'_, '_> {
    type Output = [f32; UNIT];

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> [f32; UNIT] {
        let mut squares = [0.0f32; UNIT];
        for at in (0..self.total.len()).step_by(S::LANES) {
            // SAFETY: `Adam::step` checked that all vectors are of one length, a multiple of `UNIT`.
            unsafe {
                let mut sum = S::splat(0.0);
                for gradient in &mut *self.gradients {
                    let from = gradient.as_mut_ptr().add(at);
                    sum = S::add(sum, S::load(from));
                    S::store(from, S::splat(0.0));
                }
                S::store(self.total.as_mut_ptr().add(at), sum);
                let lanes = squares.as_mut_ptr().add(at % UNIT);
                S::store(lanes, S::fma(sum, sum, S::load(lanes)));
            }
        }
        squares
    }
}

struct Step<'a> {
    scale: f32,
    rate: f32,
    correction: f32,
    total: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    params: &'a mut [f32],
}

impl Operation for Step<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        assert!(self.params.len() == self.total.len());
        for at in (0..self.params.len()).step_by(S::LANES) {
            // SAFETY: all vectors are of one length, a multiple of `UNIT`: `Adam::new` made them for the network's parameters.
            unsafe {
                let (beta1, beta2) = (S::splat(BETA1 as f32), S::splat(BETA2 as f32));
                let (rest1, rest2) = (S::splat((1.0 - BETA1) as f32), S::splat((1.0 - BETA2) as f32));
                let g = S::mul(S::load(self.total.as_ptr().add(at)), S::splat(self.scale));
                let (first, second) = (self.first.as_mut_ptr().add(at), self.second.as_mut_ptr().add(at));
                let m = S::fma(beta1, S::load(first), S::mul(rest1, g));
                let v = S::fma(beta2, S::load(second), S::mul(rest2, S::mul(g, g)));
                // Inputs that are no longer active let their moments decay into denormal numbers, a hundred times as slow.
                let (tiny, zero) = (S::splat(TINY), S::splat(0.0));
                let m = S::if_greater(S::mul(m, m), tiny, m, zero);
                let v = S::if_greater(v, tiny, v, zero);
                S::store(first, m);
                S::store(second, v);
                let spread = S::fma(S::sqrt(v), S::splat(self.correction), S::splat(EPSILON as f32));
                let param = self.params.as_mut_ptr().add(at);
                S::store(param, S::sub(S::load(param), S::div(S::mul(S::splat(self.rate), m), spread)));
            }
        }
    }
}
