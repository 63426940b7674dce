//! The loss of proximal policy optimisation on head outputs, sixteen samples at a time.
//!
//! Per sample, with probability ratio `r`, advantage `A` and return `R` (Schulman et al. 2017, equations 7 and 9):
//! `-min(r A, clip(r, 1 - e, 1 + e) A) + c_v (V - R)^2 / 2 - c_h H`, as a mean over the minibatch. Derivatives with respect to logits:
//! `r A (p_a - [a taken])` where the first branch is the smaller, and `c_h p_a (ln p_a + H)` for the entropy `H`.

use misgoal_policy::simd::{Simd, UNIT, math};
use misgoal_policy::{BLOCK, OUTPUTS};

use crate::gradient::Head;

/// What a sample brings to the loss, beside its observation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Target {
    /// The action taken.
    pub action: f32,
    /// Its log-probability when it was taken.
    pub log_prob: f32,
    /// The normalised advantage.
    pub advantage: f32,
    /// What the value should have been.
    pub value: f32,
}

/// The loss's coefficients.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients {
    /// Actions; the value is the output after them.
    pub actions: usize,
    /// How far the probability ratio may move before its gradient is cut: `e` above.
    pub clip: f32,
    /// `c_v`.
    pub value: f32,
    /// `c_h`.
    pub entropy: f32,
    /// 1 / samples in the minibatch.
    pub scale: f32,
}

/// Sums over the samples seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// `H`, nats.
    pub entropy: f64,
    /// `(V - R)^2 / 2`.
    pub value: f64,
    /// The clipped surrogate, negated.
    pub policy: f64,
    /// Samples whose ratio left the clip range.
    pub clipped: f64,
    /// `r - 1 - ln r`: Schulman's estimate of the divergence from the policy that acted.
    pub divergence: f64,
}

/// The loss over samples whose targets are in `targets`.
#[derive(Debug)]
pub struct PpoLoss<'a> {
    /// By sample index.
    pub targets: &'a [Target],
    /// Weights of the terms.
    pub coefficients: Coefficients,
    /// Metrics.
    pub sums: Sums,
}

#[repr(align(64))]
#[derive(Clone, Copy)]
struct Lane([f32; UNIT]);

const ZERO: Lane = Lane([0.0; UNIT]);

/// One group of samples, one a lane.
struct Group {
    outputs: [Lane; OUTPUTS],
    action: Lane,
    log_prob: Lane,
    advantage: Lane,
    value: Lane,
    /// 1 for samples, 0 for the lanes after the last.
    present: Lane,
    sums: [Lane; 5],
}

impl Head for PpoLoss<'_> {
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "lanes of a group and rows of a block, whose lengths are constants")]
    unsafe fn derive<S: Simd>(&mut self, samples: &[u32], outputs: &[f32], derivative: &mut [f32]) {
        let mut group = Group {
            outputs: [ZERO; OUTPUTS],
            action: ZERO,
            log_prob: ZERO,
            advantage: ZERO,
            value: ZERO,
            present: ZERO,
            sums: [ZERO; 5],
        };
        let heads = self.coefficients.actions + 1;
        for (g, members) in samples.chunks(UNIT).enumerate() {
            for i in 0..UNIT {
                let target = members.get(i).and_then(|s| self.targets.get(*s as usize));
                group.present.0[i] = if target.is_some() { 1.0 } else { 0.0 };
                let target = target.copied().unwrap_or_default();
                group.action.0[i] = target.action;
                group.log_prob.0[i] = target.log_prob;
                group.advantage.0[i] = target.advantage;
                group.value.0[i] = target.value;
                let row = &outputs[(g * UNIT + i) * OUTPUTS..][..OUTPUTS];
                for (column, x) in group.outputs.iter_mut().zip(row).take(heads) {
                    column.0[i] = *x;
                }
            }
            // SAFETY: the contract of this method; `g * UNIT + UNIT <= BLOCK`.
            unsafe { lanes::<S>(&self.coefficients, &mut group, derivative[g * UNIT..].as_mut_ptr()) };
        }
        let sum = |lane: &Lane| lane.0.iter().map(|x| f64::from(*x)).sum::<f64>();
        self.sums.entropy += sum(&group.sums[0]);
        self.sums.value += sum(&group.sums[1]);
        self.sums.policy += sum(&group.sums[2]);
        self.sums.clipped += sum(&group.sums[3]);
        self.sums.divergence += sum(&group.sums[4]);
    }
}

/// Derivatives of a group to `derivative`, rows of [`BLOCK`].
///
/// # Safety
/// The contract of [`Simd`]; `derivative` has `actions + 1` rows of which `UNIT` floats are writable.
#[inline(always)]
#[expect(clippy::indexing_slicing, clippy::needless_range_loop, reason = "actions is below OUTPUTS")]
unsafe fn lanes<S: Simd>(c: &Coefficients, group: &mut Group, derivative: *mut f32) {
    let n = c.actions.min(OUTPUTS - 1);
    for at in (0..UNIT).step_by(S::LANES) {
        // SAFETY: `at + LANES <= UNIT`, the length of every lane and the writable part of every row.
        unsafe {
            let read = |lane: &Lane| S::load(lane.0.as_ptr().add(at));
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let scale = S::mul(read(&group.present), S::splat(c.scale));

            let mut max = read(&group.outputs[0]);
            for a in 1..n {
                max = S::max(max, read(&group.outputs[a]));
            }
            let mut p = [zero; OUTPUTS];
            let mut total = zero;
            for a in 0..n {
                p[a] = math::exp::<S>(S::sub(read(&group.outputs[a]), max));
                total = S::add(total, p[a]);
            }
            let log_total = S::add(max, math::ln::<S>(total));
            let (mut entropy, mut log_prob) = (zero, zero);
            let action = read(&group.action);
            let taken = |a: usize| {
                let apart = S::sub(action, S::splat(a as f32));
                S::if_greater(S::splat(0.25), S::mul(apart, apart), one, zero)
            };
            let inverse = S::div(one, total);
            for a in 0..n {
                p[a] = S::mul(p[a], inverse);
                let log_p = S::sub(read(&group.outputs[a]), log_total);
                entropy = S::sub(entropy, S::mul(p[a], log_p));
                log_prob = S::fma(taken(a), log_p, log_prob);
            }

            let log_ratio = S::sub(log_prob, read(&group.log_prob));
            let ratio = math::exp::<S>(log_ratio);
            let advantage = read(&group.advantage);
            let (low, high) = (S::splat(1.0 - c.clip), S::splat(1.0 + c.clip));
            let clipped = S::min(S::max(ratio, low), high);
            let (free, held) = (S::mul(ratio, advantage), S::mul(clipped, advantage));
            // Where the clipped branch is the smaller it is constant in the ratio.
            let push = S::if_greater(free, held, zero, S::mul(free, scale));
            let entropy_weight = S::mul(scale, S::splat(c.entropy));
            for a in 0..n {
                let log_p = S::sub(read(&group.outputs[a]), log_total);
                let surrogate = S::mul(push, S::sub(p[a], taken(a)));
                let spread = S::mul(entropy_weight, S::mul(p[a], S::add(log_p, entropy)));
                S::store(derivative.add(a * BLOCK + at), S::add(surrogate, spread));
            }
            let error = S::sub(read(&group.outputs[n]), read(&group.value));
            S::store(derivative.add(n * BLOCK + at), S::mul(error, S::mul(scale, S::splat(c.value))));

            let present = read(&group.present);
            let add = |lane: &mut Lane, x: S::V| {
                let sum = S::fma(x, present, S::load(lane.0.as_ptr().add(at)));
                S::store(lane.0.as_mut_ptr().add(at), sum);
            };
            add(&mut group.sums[0], entropy);
            add(&mut group.sums[1], S::mul(S::splat(0.5), S::mul(error, error)));
            add(&mut group.sums[2], S::sub(zero, S::min(free, held)));
            let outside = S::max(S::sub(ratio, high), S::sub(low, ratio));
            add(&mut group.sums[3], S::if_greater(outside, zero, one, zero));
            add(&mut group.sums[4], S::sub(S::sub(ratio, one), log_ratio));
        }
    }
}

impl Sums {
    /// Adds another shard's.
    pub fn add(&mut self, other: &Sums) {
        self.entropy += other.entropy;
        self.value += other.value;
        self.policy += other.policy;
        self.clipped += other.clipped;
        self.divergence += other.divergence;
    }
}
