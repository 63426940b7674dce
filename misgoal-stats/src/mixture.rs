//! Finite mixtures with known component likelihoods and unknown shares: the data, grouped, and the shares that fit them best.
#![expect(
    clippy::indexing_slicing,
    reason = "rows are slices of `components` numbers cut by chunks_exact, shares have as many; group numbers are given out here"
)]

/// A likelihood under this part of its row's largest counts as none: episodes that are sure become alike, and are one group.
const NONE: f64 = 1e-12;
/// Rounds of expectation and maximisation; the likelihood has long settled then.
const ROUNDS: usize = 400;
/// Gain in log-likelihood of a round at which it has settled.
const SETTLED: f64 = 1e-7;

/// Episodes `z_e ~ Cat(w)` with known likelihoods under every component.
///
/// Equal rows are one group with a count, so what is worked out over them does not depend on the order of the episodes, and costs as much as
/// there are different ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    components: usize,
    /// Likelihoods relative to the largest of their row, group by group.
    rows: Vec<f64>,
    counts: Vec<f64>,
    group_of: Vec<usize>,
}

impl Mixture {
    /// `log_likelihood` is row-major, episodes by components; each row may be shifted by any constant.
    pub fn new(log_likelihood: &[f64], components: usize) -> Self {
        let components = components.max(1);
        let relative = |row: &[f64]| -> Vec<u64> {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // An episode that no component can have generated says nothing.
            let of = |log: &f64| if top.is_finite() { (log - top).exp() } else { 1.0 };
            row.iter().map(|log| (of(log) / NONE).round() as u64).collect()
        };
        let keys: Vec<Vec<u64>> = log_likelihood.chunks_exact(components).map(relative).collect();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        let mut out = Self { components, rows: Vec::new(), counts: Vec::new(), group_of: vec![0; keys.len()] };
        let mut last: Option<usize> = None;
        for episode in order {
            if last.is_none_or(|last| keys[last] != keys[episode]) {
                out.rows.extend(keys[episode].iter().map(|key| *key as f64 * NONE));
                out.counts.push(0.0);
            }
            let group = out.counts.len() - 1;
            out.counts[group] += 1.0;
            out.group_of[episode] = group;
            last = Some(episode);
        }
        out
    }

    /// Number of components.
    pub fn components(&self) -> usize {
        self.components
    }

    /// Number of episodes.
    pub fn episodes(&self) -> usize {
        self.group_of.len()
    }

    /// The group that an episode is in.
    pub fn group_of(&self, episode: usize) -> usize {
        self.group_of[episode]
    }

    /// Number of groups of equal episodes.
    pub fn groups(&self) -> usize {
        self.counts.len()
    }

    /// The groups' likelihoods, each relative to its largest, with how many episodes have them.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.rows.chunks_exact(self.components).zip(self.counts.iter().copied())
    }

    /// One group's likelihoods.
    pub(crate) fn row(&self, group: usize) -> &[f64] {
        &self.rows[group * self.components..(group + 1) * self.components]
    }

    /// Probability of every component for one group at given shares, written to `out`.
    pub fn responsibilities(&self, group: usize, shares: &[f64], out: &mut [f64]) {
        let mut sum = 0.0;
        for ((out, likelihood), share) in out.iter_mut().zip(self.row(group)).zip(shares) {
            *out = likelihood * share;
            sum += *out;
        }
        out.iter_mut().for_each(|out| *out /= sum);
    }

    /// Log-likelihood of shares.
    pub fn log_likelihood(&self, shares: &[f64]) -> f64 {
        self.rows().map(|(row, count)| count * dot(row, shares).ln()).sum()
    }

    /// The most likely shares, with none for components that are not `allowed`, and their log-likelihood.
    pub fn most_likely(&self, allowed: &dyn Fn(usize) -> bool) -> (Vec<f64>, f64) {
        let open = (0..self.components).filter(|component| allowed(*component)).count().max(1) as f64;
        let mut shares: Vec<f64> =
            (0..self.components).map(|component| if allowed(component) { 1.0 / open } else { 0.0 }).collect();
        let mut before = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            let mut gains = vec![0.0; self.components];
            let mut log = 0.0;
            for (row, count) in self.rows() {
                let sum = dot(row, &shares);
                log += count * sum.ln();
                gains.iter_mut().zip(row).for_each(|(gain, likelihood)| *gain += count * likelihood / sum);
            }
            if !log.is_finite() || log - before < SETTLED {
                return (shares, log);
            }
            before = log;
            let episodes = self.episodes() as f64;
            shares.iter_mut().zip(&gains).for_each(|(share, gain)| *share *= gain / episodes);
        }
        let log = self.log_likelihood(&shares);
        (shares, log)
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::Mixture;

    #[test]
    fn equal_episodes_are_one_group_in_any_order() {
        let rows = [[0.0, -1.0], [-900.0, 3.0], [2.0, 1.0], [-50.0, 0.0]];
        let of = |order: [usize; 4]| Mixture::new(&order.map(|row| rows[row]).concat(), 2);
        let mixture = of([0, 1, 2, 3]);
        assert_eq!((mixture.groups(), mixture.episodes()), (2, 4));
        assert_eq!(mixture.group_of(0), mixture.group_of(2));
        assert_eq!(mixture.rows, of([3, 2, 1, 0]).rows);
    }

    #[test]
    fn the_most_likely_shares_are_those_of_sure_episodes() {
        let sure = |component: usize| (0..3).map(|c| if c == component { 0.0 } else { -800.0 }).collect::<Vec<_>>();
        let table: Vec<f64> = (0..10).flat_map(|e| sure(usize::from(e >= 7))).collect();
        let mixture = Mixture::new(&table, 3);
        let (shares, log) = mixture.most_likely(&|_| true);
        assert!((shares[0] - 0.7).abs() < 1e-6 && shares[2] < 1e-6, "{shares:?}");
        assert!((log - (7.0 * 0.7f64.ln() + 3.0 * 0.3f64.ln())).abs() < 1e-6);
        assert_eq!(mixture.most_likely(&|component| component != 0).1, f64::NEG_INFINITY);
        assert_eq!(Mixture::new(&[], 3).most_likely(&|_| true).1, 0.0);
    }
}
