//! The posterior of a mixture's shares, sampled on the sphere.
//!
//! With `w_h = x_h^2` the prior Dirichlet(1/2, .., 1/2) is the uniform distribution on the unit sphere: no share is drawn into a corner by a density that has
//! no bound, and where episodes are sure the posterior is nearly the same normal distribution in every direction, of standard deviation `1 / (2 sqrt N)`. The
//! sampler walks along great circles through the fixed points +-v, one v at a time: the eigenvectors of the log-likelihood's curvature at the most likely
//! shares - the nearly flat one is the ridge along which two components can stand for one another - and some of the axes. On such a circle, at the angle
//! a from v, the uniform distribution has the density |sin a|^(k-2), and an episode's likelihood is `m + d cos 2t + b sin 2t`. Each step is a slice
//! sampler's (Neal 2003, Annals of Statistics 31:705).
#![expect(
    clippy::indexing_slicing,
    reason = "points, directions and shares all have `components` entries, set in one place; groups are numbered by the mixture"
)]

use std::f64::consts::PI;

use rand_pcg::Pcg64Mcg;

use crate::controls::Controls;
use crate::draw;
use crate::mixture::{Mixture, dot};
use crate::symmetric::eigen;

/// Chains, from starts drawn from the prior.
const CHAINS: usize = 4;
/// Batches of each chain that the Monte Carlo error is estimated from.
const BATCHES: usize = 8;
/// Sweeps of each chain that are thrown away.
const BURN_IN: usize = 32;
/// A slice's first bracket, in standard deviations at the most likely shares.
const BRACKET: f64 = 8.0;
/// One move in this many has the whole circle for its bracket.
const WIDE: usize = 8;
/// The least likelihood that an episode may have: none comes near it.
const LEAST: f64 = 1e-30;
/// Products worked out side by side.
const LANES: usize = 4;
/// Factors of a product before its logarithm is taken: their product is above the least number there is.
const RUN: usize = 8;
/// Up to so many components the curvature's eigenvectors are worked out.
const MANY: usize = 48;

/// A mean over posterior draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averaged {
    /// The mean.
    pub value: f64,
    /// Its Monte Carlo standard error, from batch means.
    pub error: f64,
}

/// Draws of the shares of a mixture from their posterior, more of which can be asked for.
#[derive(Debug, Clone)]
pub struct Posterior {
    mixture: Mixture,
    directions: Vec<Direction>,
    axes: Vec<Direction>,
    chains: Vec<Chain>,
    controls: Controls,
}

/// A pole of great circles, and how far to look for the slice's ends.
#[derive(Debug, Clone)]
struct Direction {
    pole: Vec<f64>,
    bracket: f64,
    /// Likelihood of every group at the pole, in the order of [`Circle`].
    likelihoods: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Chain {
    x: Vec<f64>,
    rng: Pcg64Mcg,
    /// Kept shares, draw by draw.
    shares: Vec<f64>,
}

impl Posterior {
    /// Draws `draws` times, rounded up to whole batches.
    pub fn sample(mixture: Mixture, draws: usize, seed: u64) -> Self {
        let (directions, axes) = directions(&mixture);
        let chains = (0..CHAINS as u64).map(|number| {
            let mut rng = Pcg64Mcg::new(u128::from(seed) << 64 | u128::from(number + 1));
            let mut x: Vec<f64> = (0..mixture.components()).map(|_| draw::normal(&mut rng)).collect();
            normalise(&mut x);
            Chain { x, rng, shares: Vec::new() }
        });
        let mut out = Self { chains: chains.collect(), mixture, directions, axes, controls: Controls::default() };
        out.sweep(BURN_IN, false);
        out.keep(draws.div_ceil(CHAINS * BATCHES).max(1) * BATCHES);
        out
    }

    /// Draws as often again as there are draws.
    pub fn double(&mut self) {
        self.keep(self.draws() / CHAINS);
    }

    fn keep(&mut self, sweeps: usize) {
        self.sweep(sweeps, true);
        self.controls = Controls::new(&self.mixture, self.shares(), self.draws());
    }

    /// The mixture.
    pub fn mixture(&self) -> &Mixture {
        &self.mixture
    }

    /// Number of draws.
    pub fn draws(&self) -> usize {
        self.shares().count()
    }

    /// The drawn shares, chain by chain.
    pub fn shares(&self) -> impl Iterator<Item = &[f64]> {
        self.chains.iter().flat_map(|chain| chain.shares.chunks_exact(self.mixture.components()))
    }

    /// All draws of one component's share.
    pub fn share(&self, component: usize) -> Vec<f64> {
        self.shares().map(|shares| shares[component]).collect()
    }

    /// The posterior mean of a function of the shares, between its least and its largest value.
    pub fn average(&self, of: impl FnMut(&[f64]) -> f64) -> Averaged {
        let drawn: Vec<f64> = self.shares().map(of).collect();
        let values = self.controls.corrected(&drawn);
        let batch = values.len() / (CHAINS * BATCHES);
        let batches: Vec<f64> = values.chunks_exact(batch).map(crate::quantile::mean).collect();
        let mean = crate::quantile::mean(&batches);
        let n = batches.len() as f64;
        let variance = batches.iter().map(|batch| (batch - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // A correction must not lead where no draw has been.
        let least = drawn.iter().copied().fold(f64::INFINITY, f64::min);
        let most = drawn.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Averaged { value: mean.clamp(least, most), error: (variance / n).sqrt() }
    }

    /// The largest potential scale reduction over the shares (Gelman and Rubin 1992): near 1 when the chains have met.
    pub fn r_hat(&self) -> f64 {
        let of = |component: usize| {
            let chains = self.chains.iter().map(|chain| {
                let draws: Vec<f64> =
                    chain.shares.iter().skip(component).step_by(self.mixture.components()).copied().collect();
                let mean = crate::quantile::mean(&draws);
                let n = draws.len() as f64;
                (mean, draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / (n - 1.0), n)
            });
            let chains: Vec<(f64, f64, f64)> = chains.collect();
            let count = chains.len() as f64;
            let mean = chains.iter().map(|chain| chain.0).sum::<f64>() / count;
            let between = chains.iter().map(|chain| (chain.0 - mean).powi(2)).sum::<f64>() / (count - 1.0);
            let within = chains.iter().map(|chain| chain.1).sum::<f64>() / count;
            let n = chains.iter().map(|chain| chain.2).fold(f64::INFINITY, f64::min);
            // A share that never moves has met itself.
            if within > 0.0 { ((n - 1.0) / n + between / within).sqrt() } else { 1.0 }
        };
        (0..self.mixture.components()).map(of).fold(1.0, f64::max)
    }

    /// Posterior probability of every component for every group of episodes, averaged over the draws; groups by components.
    pub fn responsibilities(&self) -> Vec<f64> {
        let components = self.mixture.components();
        let mut sums = vec![0.0; self.mixture.groups() * components];
        let mut one = vec![0.0; components];
        for shares in self.shares() {
            for (group, sums) in sums.chunks_exact_mut(components).enumerate() {
                self.mixture.responsibilities(group, shares, &mut one);
                sums.iter_mut().zip(&one).for_each(|(sum, one)| *sum += one);
            }
        }
        let draws = self.draws() as f64;
        sums.iter_mut().for_each(|sum| *sum /= draws);
        sums
    }

    fn sweep(&mut self, sweeps: usize, keep: bool) {
        let components = self.mixture.components();
        if components < 2 {
            self.chains.iter_mut().filter(|_| keep).for_each(|chain| chain.shares.extend(vec![1.0; sweeps]));
            return;
        }
        let mut circle = Circle::new(&self.mixture);
        for chain in &mut self.chains {
            for _ in 0..sweeps {
                circle.refresh(chain);
                for direction in &self.directions {
                    circle.walk(chain, direction);
                }
                for _ in 0..self.axes.len() / 2 + 2 {
                    let axis = draw::below(self.axes.len(), &mut chain.rng);
                    circle.walk(chain, &self.axes[axis]);
                }
                if keep {
                    chain.shares.extend(chain.x.iter().map(|x| x * x));
                }
            }
        }
    }
}

/// The eigenvectors of the curvature at the most likely shares, and the axes.
fn directions(mixture: &Mixture) -> (Vec<Direction>, Vec<Direction>) {
    let size = mixture.components();
    let (shares, _) = mixture.most_likely(&|_| true);
    let mut x: Vec<f64> = shares.iter().map(|share| share.sqrt()).collect();
    normalise(&mut x);
    // Of minus the log-likelihood on the sphere: 2 (N - S_h) on the diagonal, 4 x_h x_g sum n L_h L_g / eta^2.
    let mut curvature = vec![0.0; size * size];
    for (row, count) in mixture.rows() {
        let eta = dot(row, &shares);
        for h in 0..size {
            curvature[h * size + h] += 2.0 * count * (1.0 - row[h] / eta);
            for g in 0..size {
                curvature[h * size + g] += 4.0 * count * x[h] * x[g] * row[h] * row[g] / (eta * eta);
            }
        }
    }
    let bracket = |curvature: f64| if curvature > 0.0 { (BRACKET / curvature.sqrt()).min(PI) } else { PI };
    let rows = || {
        let singles = mixture.rows().filter(|(_, count)| *count == 1.0);
        singles.chain(mixture.rows().filter(|(_, count)| *count != 1.0)).map(|(row, _)| row)
    };
    let direction = |curvature: f64, pole: Vec<f64>| {
        let squares: Vec<f64> = pole.iter().map(|v| v * v).collect();
        Direction { bracket: bracket(curvature), likelihoods: rows().map(|row| dot(row, &squares)).collect(), pole }
    };
    let axes: Vec<Direction> = (0..size)
        .map(|h| {
            let mut pole = vec![0.0; size];
            pole[h] = 1.0;
            direction(curvature[h * size + h], pole)
        })
        .collect();
    if size > MANY {
        return (Vec::new(), axes);
    }
    // Away from the sphere nothing is to be walked: that direction comes last and is left out.
    let steep = 1.0 + 4.0 * curvature.iter().map(|entry| entry.abs()).sum::<f64>();
    for h in 0..size {
        for g in 0..size {
            curvature[h * size + g] += steep * x[h] * x[g];
        }
    }
    let mut eigen = eigen(curvature, size);
    eigen.pop();
    let along = eigen.into_iter().map(|(value, pole)| direction(value, pole)).collect();
    (along, axes)
}

fn normalise(x: &mut [f64]) {
    let size = dot(x, x).sqrt();
    x.iter_mut().for_each(|x| *x /= size);
}

/// A great circle: every group's likelihood along it.
struct Circle {
    /// Likelihoods of the groups of one episode and then of the others, group by group.
    rows: Vec<f64>,
    /// How many groups are of one episode.
    singles: usize,
    /// Counts of the other groups.
    counts: Vec<f64>,
    /// Likelihood of each group at the point.
    here: Vec<f64>,
    /// Mean and factors of the cosine and the sine of each group's likelihood along the circle.
    means: Vec<f64>,
    cosines: Vec<f64>,
    sines: Vec<f64>,
    products: Vec<f64>,
}

impl Circle {
    fn new(mixture: &Mixture) -> Self {
        let singles = || mixture.rows().filter(|(_, count)| *count == 1.0);
        let others = || mixture.rows().filter(|(_, count)| *count != 1.0);
        let zeros = vec![0.0; mixture.groups()];
        Self {
            rows: singles().chain(others()).flat_map(|(row, _)| row.iter().copied()).collect(),
            singles: singles().count(),
            counts: others().map(|(_, count)| count).collect(),
            here: zeros.clone(),
            means: zeros.clone(),
            cosines: zeros.clone(),
            sines: zeros,
            products: vec![0.0; mixture.components()],
        }
    }

    /// Works out the likelihoods at the chain's point anew.
    fn refresh(&mut self, chain: &Chain) {
        self.products.iter_mut().zip(&chain.x).for_each(|(product, x)| *product = x * x);
        for (here, row) in self.here.iter_mut().zip(self.rows.chunks_exact(self.products.len())) {
            *here = dot(row, &self.products);
        }
    }

    /// One step of a slice sampler along the circle through the chain's point and a pole.
    fn walk(&mut self, chain: &mut Chain, direction: &Direction) {
        let x = &mut chain.x;
        let cosine = dot(x, &direction.pole);
        let sine = (1.0 - cosine * cosine).sqrt();
        // At the pole itself every direction leads away.
        if sine.is_nan() || sine <= 1e-6 {
            return;
        }
        self.products.iter_mut().zip(x.iter()).zip(&direction.pole).for_each(|((product, x), v)| *product = x * v);
        let rows = self.rows.chunks_exact(self.products.len());
        for (group, (row, pole)) in rows.zip(&direction.likelihoods).enumerate() {
            // With the tangent u = (v - cosine x) / sine: the sums of L x u and of L u^2.
            let (here, both) = (self.here[group], dot(row, &self.products));
            let there = (pole - 2.0 * cosine * both + cosine * cosine * here) / (sine * sine);
            self.means[group] = 0.5 * (here + there);
            self.cosines[group] = 0.5 * (here - there);
            self.sines[group] = (both - cosine * here) / sine;
        }
        let angle = cosine.acos();
        let level = self.log_density(0.0, angle) + draw::uniform(&mut chain.rng).ln();
        let bracket = if draw::below(WIDE, &mut chain.rng) == 0 { PI } else { direction.bracket };
        let mut low = -bracket * draw::uniform(&mut chain.rng);
        let mut high = low + bracket;
        loop {
            let t = low + (high - low) * draw::uniform(&mut chain.rng);
            // The point itself is in the slice: a bracket that has shrunk to nothing is it.
            if high - low < 1e-14 {
                return;
            }
            if self.log_density(t, angle) >= level {
                let (sin, cos) = t.sin_cos();
                x.iter_mut().zip(&direction.pole).for_each(|(x, v)| *x = *x * cos + (v - cosine * *x) / sine * sin);
                normalise(x);
                let (sin, cos) = (2.0 * t).sin_cos();
                for (group, here) in self.here.iter_mut().enumerate() {
                    *here = self.means[group] + self.cosines[group] * cos + self.sines[group] * sin;
                }
                return;
            }
            if t < 0.0 {
                low = t;
            } else {
                high = t;
            }
        }
    }

    /// Log-density at the angle `t` from the point, which is at `angle` from the pole.
    fn log_density(&self, t: f64, angle: f64) -> f64 {
        let (sin, cos) = (2.0 * t).sin_cos();
        let dimensions = self.products.len() as f64 - 2.0;
        let mut log = if dimensions > 0.0 { dimensions * (angle - t).sin().abs().ln() } else { 0.0 };
        // Rounding must not make a likelihood negative.
        let eta = |mean: f64, cosine: f64, sine: f64| (mean + cosine * cos + sine * sin).max(LEAST);
        let singles = ..self.singles;
        let (means, cosines, sines) = (&self.means[singles], &self.cosines[singles], &self.sines[singles]);
        // A few products at a time, which a processor works out side by side; one logarithm for many episodes.
        let blocks = means.chunks(LANES * RUN).zip(cosines.chunks(LANES * RUN)).zip(sines.chunks(LANES * RUN));
        for ((means, cosines), sines) in blocks {
            let mut lanes = [1.0; LANES];
            let (mut m, mut c, mut s) =
                (means.chunks_exact(LANES), cosines.chunks_exact(LANES), sines.chunks_exact(LANES));
            for ((m, c), s) in (&mut m).zip(&mut c).zip(&mut s) {
                for (lane, product) in lanes.iter_mut().enumerate() {
                    *product *= eta(m[lane], c[lane], s[lane]);
                }
            }
            for (lane, ((m, c), s)) in m.remainder().iter().zip(c.remainder()).zip(s.remainder()).enumerate() {
                lanes[lane] *= eta(*m, *c, *s);
            }
            log += lanes.iter().map(|product| product.ln()).sum::<f64>();
        }
        for (at, count) in self.counts.iter().enumerate() {
            let group = self.singles + at;
            log += count * eta(self.means[group], self.cosines[group], self.sines[group]).ln();
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use super::Posterior;
    use crate::mixture::Mixture;
    use crate::{beta, calibration, draw, quantile};
    use rand_pcg::Pcg64Mcg;

    /// Overlapping normal components at -1, 0, 1: the table of `n` episodes with given shares.
    fn overlapping(n: usize, shares: &[f64; 3], rng: &mut Pcg64Mcg) -> Vec<f64> {
        let episode = |rng: &mut Pcg64Mcg| {
            let x = draw::categorical(shares, rng) as f64 - 1.0 + 0.7 * draw::normal(rng);
            [-1.0, 0.0, 1.0].map(|centre| -0.5 * ((x - centre) / 0.7f64).powi(2))
        };
        (0..n).flat_map(|_| episode(rng)).collect()
    }

    #[test]
    fn certain_episodes_give_the_dirichlet_posterior() {
        // 7 episodes surely of component 0, 3 of component 1, none of 2: w_0 ~ Beta(7.5, 4).
        let mut table = Vec::new();
        for e in 0..10 {
            table.extend(if e < 7 { [0.0, -900.0, -900.0] } else { [-900.0, 0.0, -900.0] });
        }
        let posterior = Posterior::sample(Mixture::new(&table, 3), 20_000, 4);
        let first = posterior.share(0);
        for p in [0.05, 0.5, 0.95] {
            let expected = beta::quantile(p, 7.5, 4.0);
            assert!((quantile::quantile(&first, p) - expected).abs() < 0.01);
        }
        let above = posterior.average(|shares| f64::from(u8::from(shares[0] > 0.5)));
        assert!((above.value - (1.0 - beta::cdf(0.5, 7.5, 4.0))).abs() < 0.01, "{above:?}");
        // Linear functions are known without any error.
        let mean = posterior.average(|shares| shares[0]);
        assert!((mean.value - 7.5 / 11.5).abs() < 1e-9 && mean.error < 1e-9, "{mean:?}");
        let group = posterior.mixture().group_of(8);
        assert!(posterior.responsibilities()[3 * group + 1] > 0.999);
    }

    #[test]
    fn no_episodes_give_the_prior() {
        let posterior = Posterior::sample(Mixture::new(&[], 2), 8000, 4);
        let below = posterior.share(0).iter().filter(|&&w| w < 0.2).count() as f64 / posterior.draws() as f64;
        assert!((below - beta::cdf(0.2, 0.5, 0.5)).abs() < 0.02);
        let alone = Posterior::sample(Mixture::new(&[-1.0, -2.0], 1), 10, 4);
        assert_eq!(alone.average(|shares| shares[0]).value, 1.0);
    }

    #[test]
    fn the_posterior_is_calibrated_by_simulation() {
        // Simulation-based calibration (Talts et al. 2018).
        let mut rng = Pcg64Mcg::new(9);
        let mut ranks = Vec::new();
        for seed in 0..300 {
            let mut w = [0.0; 3];
            draw::dirichlet(&[0.5; 3], &mut w, &mut rng);
            let mixture = Mixture::new(&overlapping(15, &w, &mut rng), 3);
            let draws = Posterior::sample(mixture, 1980, seed).share(0);
            let thinned: Vec<f64> = draws.iter().step_by(20).copied().take(99).collect();
            ranks.push(calibration::rank(w[0], &thinned));
        }
        let test = calibration::rank_uniformity(&ranks, 99, 10);
        assert!(test > 0.01, "p = {test}");
    }

    #[test]
    fn the_stated_error_is_the_error_and_chains_meet() {
        let mixture = Mixture::new(&overlapping(40, &[0.5, 0.3, 0.2], &mut Pcg64Mcg::new(2)), 3);
        let of = |shares: &[f64]| (8.0 * (shares[0] - 0.4)).tanh();
        let long = Posterior::sample(mixture.clone(), 200_000, 77).average(of);
        let mut squares = 0.0;
        let mut stated = 0.0;
        for seed in 0..40 {
            let posterior = Posterior::sample(mixture.clone(), 1000, seed);
            assert!(posterior.r_hat() < 1.1, "{}", posterior.r_hat());
            let average = posterior.average(of);
            squares += (average.value - long.value).powi(2);
            stated += average.error.powi(2);
        }
        let ratio = (squares / stated).sqrt();
        assert!((0.6..1.6).contains(&ratio), "{ratio}");
        // Independent draws would have an error of .012.
        assert!((squares / 40.0).sqrt() < 0.003, "{}", (squares / 40.0).sqrt());
    }

    #[test]
    fn many_components_are_sampled_too() {
        // 60 components, ten episodes surely of each of the first two.
        let row = |own: usize| (0..60).map(move |h| if h == own { 0.0 } else { -500.0 });
        let table: Vec<f64> = (0..20).flat_map(|e| row(e % 2)).collect();
        let posterior = Posterior::sample(Mixture::new(&table, 60), 1000, 1);
        let mean = posterior.average(|shares| shares[0]);
        assert!((mean.value - 10.5 / 50.0).abs() < 0.02, "{mean:?}");
        assert!(
            (posterior.shares().map(|w| w.iter().sum::<f64>()).sum::<f64>() / posterior.draws() as f64 - 1.0).abs()
                < 1e-9
        );
    }
}
