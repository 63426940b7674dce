//! Finite mixtures with known component likelihoods and unknown shares, by Gibbs sampling.

use rand_pcg::Pcg64Mcg;

use crate::draw;

/// Sweeps that are thrown away before the first kept draw.
const BURN_IN: usize = 100;

/// Posterior draws of a mixture `z_e ~ Cat(w)`, `w ~ Dirichlet(a, .., a)` with known log-likelihoods of every episode
/// under every component.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureDraws {
    components: usize,
    episodes: usize,
    shares: Vec<f64>,
    assigned: Vec<u8>,
    responsibilities: Vec<f64>,
}

impl MixtureDraws {
    /// Draws `draws` times from the posterior.
    ///
    /// `log_likelihood` is row-major, episodes by components; each row may be shifted by any constant. `concentration` is
    /// `a`, 1/2 by default. One sweep draws every `z` given `w` and then `w` given the counts. At most 255 components.
    pub fn sample(
        log_likelihood: &[f64],
        components: usize,
        concentration: f64,
        draws: usize,
        rng: &mut Pcg64Mcg,
    ) -> Self {
        let components = components.clamp(1, 255);
        let episodes = log_likelihood.len() / components;
        let mut likelihood = Vec::with_capacity(log_likelihood.len());
        for row in log_likelihood.chunks_exact(components) {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // An episode that no component can have generated says nothing.
            likelihood.extend(row.iter().map(|l| if top.is_finite() { (l - top).exp() } else { 1.0 }));
        }

        let mut out = Self {
            components,
            episodes,
            shares: Vec::with_capacity(draws * components),
            assigned: Vec::with_capacity(draws * episodes),
            responsibilities: vec![0.0; episodes * components],
        };
        let mut w = vec![1.0 / components as f64; components];
        let mut counts = vec![0.0; components];
        let mut joint = vec![0.0; components];
        for sweep in 0..BURN_IN + draws {
            let keep = sweep >= BURN_IN;
            counts.fill(concentration);
            for (row, mean) in
                likelihood.chunks_exact(components).zip(out.responsibilities.chunks_exact_mut(components))
            {
                let mut sum = 0.0;
                for ((p, l), w) in joint.iter_mut().zip(row).zip(&w) {
                    *p = l * w;
                    sum += *p;
                }
                let mut rest = draw::uniform(rng) * sum;
                let mut z = components - 1;
                for (k, p) in joint.iter().enumerate() {
                    rest -= p;
                    if rest < 0.0 {
                        z = k;
                        break;
                    }
                }
                if let Some(count) = counts.get_mut(z) {
                    *count += 1.0;
                }
                if keep {
                    out.assigned.push(z as u8);
                    mean.iter_mut().zip(&joint).for_each(|(mean, p)| *mean += p / sum);
                }
            }
            draw::dirichlet(&counts, &mut w, rng);
            if keep {
                out.shares.extend_from_slice(&w);
            }
        }
        out.responsibilities.iter_mut().for_each(|r| *r /= draws.max(1) as f64);
        out
    }

    /// Number of components.
    pub fn components(&self) -> usize {
        self.components
    }

    /// The draws of the shares, one slice of `components` a draw.
    pub fn shares(&self) -> impl Iterator<Item = &[f64]> {
        self.shares.chunks_exact(self.components)
    }

    /// All draws of one component's share.
    pub fn share(&self, component: usize) -> Vec<f64> {
        self.shares().filter_map(|w| w.get(component).copied()).collect()
    }

    /// The draws of the assignments, one slice of `episodes` a draw.
    pub fn assigned(&self) -> impl Iterator<Item = &[u8]> {
        // chunks_exact of an empty mixture would need a positive size.
        self.assigned.chunks_exact(self.episodes.max(1))
    }

    /// Posterior probability of every component for one episode, averaged over the draws (Rao-Blackwell).
    pub fn responsibilities(&self, episode: usize) -> &[f64] {
        let from = episode * self.components;
        self.responsibilities.get(from..from + self.components).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::MixtureDraws;
    use crate::{calibration, draw, quantile};
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn certain_episodes_give_the_dirichlet_posterior() {
        // 7 episodes surely of component 0, 3 of component 1, none of 2: w_0 ~ Beta(7.5, 4).
        let mut table = Vec::new();
        for e in 0..10 {
            table.extend(if e < 7 { [0.0, -900.0, -900.0] } else { [-900.0, 0.0, -900.0] });
        }
        let draws = MixtureDraws::sample(&table, 3, 0.5, 20_000, &mut Pcg64Mcg::new(4));
        let first = draws.share(0);
        for p in [0.05, 0.5, 0.95] {
            let expected = crate::beta::quantile(p, 7.5, 4.0);
            assert!((quantile::quantile(&first, p) - expected).abs() < 0.01);
        }
        assert_eq!(draws.assigned().count(), 20_000);
        assert!(draws.assigned().all(|z| z == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1]));
        assert!(draws.responsibilities(8)[1] > 0.999);
    }

    #[test]
    fn no_episodes_give_the_prior() {
        let draws = MixtureDraws::sample(&[], 2, 0.5, 8000, &mut Pcg64Mcg::new(4));
        let below = draws.share(0).iter().filter(|&&w| w < 0.2).count() as f64 / 8000.0;
        assert!((below - crate::beta::cdf(0.2, 0.5, 0.5)).abs() < 0.02);
    }

    #[test]
    fn the_posterior_is_calibrated_by_simulation() {
        // Simulation-based calibration (Talts et al. 2018): overlapping normal components at -1, 0, 1.
        let mut rng = Pcg64Mcg::new(9);
        let mut ranks = Vec::new();
        for _ in 0..300 {
            let mut w = [0.0; 3];
            draw::dirichlet(&[0.5; 3], &mut w, &mut rng);
            let mut table = Vec::new();
            for _ in 0..15 {
                let x = draw::categorical(&w, &mut rng) as f64 - 1.0 + 0.7 * draw::normal(&mut rng);
                table.extend([-1.0, 0.0, 1.0].map(|centre| -0.5 * ((x - centre) / 0.7f64).powi(2)));
            }
            let draws = MixtureDraws::sample(&table, 3, 0.5, 990, &mut rng).share(0);
            let thinned: Vec<f64> = draws.iter().step_by(10).copied().collect();
            ranks.push(calibration::rank(w[0], &thinned));
        }
        let test = calibration::rank_uniformity(&ranks, 99, 10);
        assert!(test > 0.01, "p = {test}");
    }
}
