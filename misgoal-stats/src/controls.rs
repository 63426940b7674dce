//! Control variates: functions of a mixture's shares whose posterior mean is known, to take the noise of the draws out of other means.
//!
//! For every smooth f on the sphere `w_h = x_h^2` the posterior mean of `laplacian f + gradient f * gradient log-density` is 0: the sphere has no boundary
//! (Mira, Solgi and Imparato 2013, Statistics and Computing 23:653, there for the whole space). With `f = w_h w_g`, and S_h the sum over the episodes of
//! `L_eh / eta_e`, that is
//!
//! ```text
//! 2 (w_h + w_g) - (4k + 8) w_h w_g + 4 w_h w_g (S_h + S_g - 2N)        and for h = g    12 w_h - (4k + 8) w_h^2 + 8 w_h^2 (S_h - N).
//! ```
//!
//! Where episodes say much the posterior is nearly normal, and a smooth function of the shares is nearly a quadratic one: what is left of its noise after
//! a regression on these functions is a tenth, as if a hundred times as many draws had been made.
#![expect(
    clippy::indexing_slicing,
    reason = "rows of `count` numbers and a count x count triangle, both laid out here; shares have as many entries as components"
)]

use crate::mixture::{Mixture, dot};

/// Draws for each function at least: more functions would follow the noise.
const DRAWS_EACH: usize = 16;
/// A function of which less is left than this, beside those before it, is a sum of them.
const DEPENDENT: f64 = 1e-9;

/// Functions of mean 0 at the draws of a posterior.
#[derive(Debug, Clone, Default)]
pub(crate) struct Controls {
    count: usize,
    /// Draw by draw.
    values: Vec<f64>,
    means: Vec<f64>,
    /// Cholesky factor of their sums of squares and products, row by row.
    factor: Vec<f64>,
}

impl Controls {
    /// The functions at the drawn shares: quadratic ones, linear ones where those are too many, none where these are.
    pub fn new<'a>(mixture: &Mixture, shares: impl Iterator<Item = &'a [f64]>, draws: usize) -> Self {
        let k = mixture.components();
        // All of a kind sum to 0: one of them is left out.
        let quadratic = k * (k + 1) / 2 - 1;
        let count = [quadratic, k - 1].into_iter().find(|count| count * DRAWS_EACH <= draws).unwrap_or(0);
        if count == 0 {
            return Self::default();
        }
        let mut out = Self { count, values: Vec::with_capacity(draws * count), ..Self::default() };
        let (components, episodes) = (k as f64, mixture.episodes() as f64);
        let mut sums = vec![0.0; k];
        for w in shares {
            sums.fill(-episodes);
            for (row, count) in mixture.rows() {
                let scale = count / dot(row, w);
                sums.iter_mut().zip(row).for_each(|(sum, likelihood)| *sum += scale * likelihood);
            }
            let end = out.values.len() + count;
            if count == quadratic {
                for h in 0..k {
                    for g in h..k {
                        let (product, twice) = (w[h] * w[g], if h == g { 2.0 } else { 1.0 });
                        let second = if h == g { 12.0 * w[h] } else { 2.0 * (w[h] + w[g]) };
                        let first = 4.0 * twice * if h == g { sums[h] } else { sums[h] + sums[g] };
                        out.values.push(second + product * (first - 4.0 * components - 8.0));
                    }
                }
            } else {
                out.values.extend((0..k).map(|h| 2.0 - 2.0 * components * w[h] + 4.0 * w[h] * sums[h]));
            }
            out.values.truncate(end);
        }
        out.means = vec![0.0; count];
        for row in out.values.chunks_exact(count) {
            out.means.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / draws as f64);
        }
        out.factorise();
        out
    }

    fn factorise(&mut self) {
        let count = self.count;
        let mut factor = vec![0.0; count * count];
        let mut row = vec![0.0; count];
        for values in self.values.chunks_exact(count) {
            row.iter_mut().zip(values).zip(&self.means).for_each(|((row, value), mean)| *row = value - mean);
            for i in 0..count {
                let (at, part) = (row[i], &mut factor[i * count..i * count + i + 1]);
                part.iter_mut().zip(&row).for_each(|(sum, value)| *sum += at * value);
            }
        }
        for j in 0..count {
            let own = factor[j * count + j];
            let left = own - (0..j).map(|t| factor[j * count + t].powi(2)).sum::<f64>();
            // Divided by infinity its coefficient is 0.
            let root = if left > DEPENDENT * own { left.sqrt() } else { f64::INFINITY };
            factor[j * count + j] = root;
            for i in j + 1..count {
                let product: f64 = (0..j).map(|t| factor[i * count + t] * factor[j * count + t]).sum();
                factor[i * count + j] = (factor[i * count + j] - product) / root;
            }
        }
        self.factor = factor;
    }

    /// The values of another function at the same draws, less what the functions of mean 0 explain of them: of the same mean, and of less noise.
    pub fn corrected(&self, values: &[f64]) -> Vec<f64> {
        let count = self.count;
        if count == 0 {
            return values.to_vec();
        }
        let mean = crate::quantile::mean(values);
        let mut slopes = vec![0.0; count];
        for (row, value) in self.values.chunks_exact(count).zip(values) {
            let off = value - mean;
            slopes.iter_mut().zip(row).zip(&self.means).for_each(|((slope, at), mean)| *slope += (at - mean) * off);
        }
        for i in 0..count {
            let product: f64 = (0..i).map(|t| self.factor[i * count + t] * slopes[t]).sum();
            slopes[i] = (slopes[i] - product) / self.factor[i * count + i];
        }
        for i in (0..count).rev() {
            let product: f64 = (i + 1..count).map(|t| self.factor[t * count + i] * slopes[t]).sum();
            slopes[i] = (slopes[i] - product) / self.factor[i * count + i];
        }
        self.values.chunks_exact(count).zip(values).map(|(row, value)| value - dot(row, &slopes)).collect()
    }
}
