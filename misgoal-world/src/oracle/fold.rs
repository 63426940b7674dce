//! Discounting as an episode's return is folded, so that values and returns agree to the last bit.

/// A reward of `value` that is `steps` steps away (1: the next step), by the same multiplications as [`crate::Goal::discounted`].
///
/// A closed form would differ from the fold in the last bits, and an optimal episode's regret from 0.
#[inline]
pub(super) fn fold(value: f64, steps: u16, discount: f64) -> f64 {
    (1..steps).fold(value, |value, _| discount * value)
}

/// `fold(value, steps, discount)` for all `steps` up to `longest`; entry 0 is 0: a target on which the agent stands is behind it.
pub(super) fn ladder(value: f64, longest: u16, discount: f64) -> Vec<f64> {
    let mut rung = value;
    let mut rungs = Vec::with_capacity(usize::from(longest) + 1);
    rungs.push(0.0);
    for _ in 0..longest {
        rungs.push(rung);
        rung *= discount;
    }
    rungs
}
