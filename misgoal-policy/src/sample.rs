//! From logits to actions: softmax sampling with the pinned generator, or the best action.

use misgoal_world::rng::Rng;
use rand_core::Rng as _;

use crate::OUTPUTS;
use crate::simd::{Kernel, Operation, Simd, UNIT, math};

/// A uniform number in `[0, 1)` with 24 bits.
#[inline]
pub fn unit(rng: &mut Rng) -> f32 {
    (rng.next_u64() >> 40) as f32 * (1.0 / 16_777_216.0)
}

/// The action with the largest logit, the first of several; 0 without logits.
pub fn greedy(logits: &[f32]) -> u8 {
    let mut best = (0, f32::NEG_INFINITY);
    for (action, logit) in (0u8..).zip(logits) {
        if *logit > best.1 {
            best = (action, *logit);
        }
    }
    best.0
}

/// Actions drawn for a batch, with what learning needs of them.
#[derive(Clone, Debug, Default)]
pub struct Sampled {
    /// One an observation.
    pub actions: Vec<u8>,
    /// The log-probability of the drawn action.
    pub log_probs: Vec<f32>,
    /// The value estimate.
    pub values: Vec<f32>,
}

/// Draws actions, sixteen observations at a time.
#[derive(Clone, Debug)]
pub struct Sampler {
    actions: usize,
    kernel: Kernel,
}

impl Sampler {
    /// For networks with this many actions, at most [`crate::MAX_ACTIONS`].
    pub fn new(actions: usize, kernel: Kernel) -> Sampler {
        Sampler { actions: actions.clamp(1, crate::MAX_ACTIONS), kernel }
    }

    /// Draws an action for every row of head outputs, one number from `rng` each, in order, and appends to `sampled`.
    pub fn sample(&self, rows: &[f32], rng: &mut Rng, sampled: &mut Sampled) {
        for group in rows.chunks(UNIT * OUTPUTS) {
            let count = group.len() / OUTPUTS;
            let mut lanes = Lanes::default();
            for (i, row) in group.chunks_exact(OUTPUTS).enumerate() {
                for (column, x) in lanes.logits.iter_mut().zip(row) {
                    if let Some(to) = column.0.get_mut(i) {
                        *to = *x;
                    }
                }
            }
            lanes.uniform.0.iter_mut().take(count).for_each(|u| *u = unit(rng));
            self.kernel.run(Draw { lanes: &mut lanes, actions: self.actions });
            sampled.actions.extend(lanes.action.0.iter().take(count).map(|a| *a as u8));
            sampled.log_probs.extend(lanes.log_prob.0.iter().take(count));
            sampled.values.extend(lanes.logits.get(self.actions).iter().flat_map(|v| v.0.iter().take(count)));
        }
    }
}

#[repr(align(64))]
#[derive(Clone, Copy, Default)]
struct Lane([f32; UNIT]);

/// Sixteen observations, one a lane.
#[derive(Default)]
struct Lanes {
    logits: [Lane; OUTPUTS],
    uniform: Lane,
    action: Lane,
    log_prob: Lane,
}

struct Draw<'a> {
    lanes: &'a mut Lanes,
    actions: usize,
}

impl Operation for Draw<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        clippy::needless_range_loop,
        reason = "actions is below OUTPUTS, as `Sampler::new` sees to"
    )]
    unsafe fn run<S: Simd>(self) {
        let Lanes { logits, uniform, action, log_prob } = self.lanes;
        for at in (0..UNIT).step_by(S::LANES) {
            // SAFETY: `at + LANES <= 16`, the length of each lane; `Kernel::run` vouches for the features.
            unsafe {
                let z = |a: usize| S::load(logits[a].0.as_ptr().add(at));
                let mut max = z(0);
                for a in 1..self.actions {
                    max = S::max(max, z(a));
                }
                let mut exps = [S::splat(0.0); OUTPUTS];
                let mut sum = S::splat(0.0);
                for a in 0..self.actions {
                    exps[a] = math::exp::<S>(S::sub(z(a), max));
                    sum = S::add(sum, exps[a]);
                }
                // The action is how many of the running sums, but the last, the drawn number reaches.
                let drawn = S::mul(S::load(uniform.0.as_ptr().add(at)), sum);
                let (mut running, mut chosen, mut logit) = (S::splat(0.0), S::splat(0.0), z(0));
                for a in 0..self.actions - 1 {
                    running = S::add(running, exps[a]);
                    chosen = S::if_greater(running, drawn, chosen, S::splat((a + 1) as f32));
                    logit = S::if_greater(running, drawn, logit, z(a + 1));
                }
                S::store(action.0.as_mut_ptr().add(at), chosen);
                S::store(log_prob.0.as_mut_ptr().add(at), S::sub(S::sub(logit, max), math::ln::<S>(sum)));
            }
        }
    }
}
