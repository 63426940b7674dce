//! Fresh parameters.
//!
//! The second layer is a random orthogonal matrix with gain sqrt 2 (Saxe et al. 2014), the heads are scaled uniform rows, the policy's
//! 0.01 times as large, so that an agent begins with nearly equal action probabilities (Andrychowicz et al. 2021), the first layer is
//! uniform with a variance for the inputs that are active and not for all there are. Biases are 0. Only sums, products and square
//! roots are used: the parameters are the same on every machine.

use misgoal_world::rng::{Rng, rng};

use crate::simd::Aligned;
use crate::{Architecture, Layout, unit};

/// Active inputs that the first layer's scale is made for.
const EXPECTED_ACTIVE: f64 = 40.0;
const POLICY_GAIN: f64 = 0.01;
/// The stream of a seed from which parameters are drawn.
const STREAM: u64 = 0x1417;

pub(crate) fn parameters(architecture: &Architecture, layout: &Layout, seed: u64) -> Aligned {
    let [h1, h2] = architecture.hidden;
    let mut rng = rng(seed, STREAM);
    let mut params = Aligned::zeros(layout.total);
    let mut fill = |range: &std::ops::Range<usize>, values: &mut dyn Iterator<Item = f64>| {
        for (to, value) in params.get_mut(range.clone()).unwrap_or_default().iter_mut().zip(values) {
            *to = value as f32;
        }
    };
    let first = (2.0 / EXPECTED_ACTIVE.min(architecture.inputs as f64)).sqrt();
    fill(&layout.w1, &mut std::iter::from_fn(|| Some(first * scaled(&mut rng))));
    let second = orthogonal(h1, h2, &mut rng);
    fill(&layout.w2, &mut second.iter().map(|w| w * std::f64::consts::SQRT_2));
    let scale = 1.0 / (h2 as f64).sqrt();
    let policy = architecture.actions * h2;
    fill(
        &layout.w3,
        &mut (0..layout.w3.len()).map(|i| scale * scaled(&mut rng) * if i < policy { POLICY_GAIN } else { 1.0 }),
    );
    params
}

/// A uniform number of mean 0 and variance 1.
fn scaled(rng: &mut Rng) -> f64 {
    (2.0 * f64::from(unit(rng)) - 1.0) * 3f64.sqrt()
}

/// `rows x columns`, row-major; the shorter side's vectors are orthonormal (Gram-Schmidt on uniform numbers).
fn orthogonal(rows: usize, columns: usize, rng: &mut Rng) -> Vec<f64> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    while basis.len() < count {
        let mut v: Vec<f64> = (0..length).map(|_| scaled(rng)).collect();
        // Twice: one pass leaves rounding errors where vectors are close to dependent.
        for _ in 0..2 {
            for b in &basis {
                let along = dot(&v, b);
                v.iter_mut().zip(b).for_each(|(x, y)| *x -= along * y);
            }
        }
        let norm = dot(&v, &v).sqrt();
        if norm > 1e-3 {
            v.iter_mut().for_each(|x| *x /= norm);
            basis.push(v);
        }
    }
    if rows <= columns {
        basis.concat()
    } else {
        (0..rows).flat_map(|r| basis.iter().filter_map(move |b| b.get(r).copied())).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_sides_vectors_are_orthonormal() {
        for (rows, columns) in [(4, 4), (3, 7), (7, 3)] {
            let w = orthogonal(rows, columns, &mut rng(1, 0));
            let vectors: Vec<Vec<f64>> = if rows <= columns {
                w.chunks(columns).map(<[f64]>::to_vec).collect()
            } else {
                (0..columns).map(|c| w.iter().skip(c).step_by(columns).copied().collect()).collect()
            };
            for (i, a) in vectors.iter().enumerate() {
                for (j, b) in vectors.iter().enumerate() {
                    let expected = if i == j { 1.0 } else { 0.0 };
                    assert!((dot(a, b) - expected).abs() < 1e-12, "{rows}x{columns}: {i}, {j}");
                }
            }
        }
    }
}
