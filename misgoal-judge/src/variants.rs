//! Components that come in variants: which of them an agent is of, learned over its episodes.
//!
//! An episode's likelihood under such a component is a mean over the variants, with weights that all episodes share. The weights in an episode are those that
//! the *other* episodes leave, `(prior + episodes of the variant) / sum`, by expectation and maximisation over the mixture of all components. So no episode
//! speaks for itself, and where no other is the component's, the weights are the prior's.

/// Rounds of the estimate of the weights: it has settled long before.
const ROUNDS: usize = 40;
/// Prior weight of every component (Jeffreys).
const PRIOR: f64 = 0.5;

/// The variants of one component.
pub(crate) struct Variants {
    /// Column of the component.
    own: usize,
    prior: Vec<f64>,
    /// For each episode the largest log-likelihood of a variant.
    tops: Vec<f64>,
    /// Episodes by variants, likelihoods over that of the largest; 0 for a variant that the episode cannot be of.
    likelihoods: Vec<f64>,
    /// For each episode the probability of each variant, given that it is the component's.
    episodes: Vec<f64>,
    /// The same, and that it is the component's.
    pursued: Vec<f64>,
}

impl Variants {
    /// Log-likelihoods, episodes by variants, negative infinity for a variant that the episode cannot be of; each episode can be of one at least. `prior` are
    /// the variants' prior weights, in episodes.
    pub fn new(own: usize, prior: Vec<f64>, logs: &[f64]) -> Variants {
        let count = prior.len().max(1);
        let tops: Vec<f64> =
            logs.chunks_exact(count).map(|row| row.iter().copied().fold(f64::NEG_INFINITY, f64::max)).collect();
        let over = |(row, top): (&[f64], &f64)| row.iter().map(|log| (log - top).exp()).collect::<Vec<f64>>();
        let likelihoods = logs.chunks_exact(count).zip(&tops).flat_map(over).collect();
        let (episodes, pursued) = (vec![0.0; logs.len()], vec![0.0; logs.len()]);
        Variants { own, prior, tops, likelihoods, episodes, pursued }
    }

    /// For each episode the probability of each variant, given that it is the component's.
    pub fn of_episodes(&self) -> impl Iterator<Item = &[f64]> {
        self.episodes.chunks_exact(self.prior.len().max(1))
    }

    /// Weighs the variants by what the other episodes are, and puts the component's log-likelihoods into the table.
    fn weigh(&mut self, table: &mut [f64], components: usize) {
        let count = self.prior.len().max(1);
        let mut all = self.prior.clone();
        for one in self.pursued.chunks_exact(count) {
            all.iter_mut().zip(one).for_each(|(all, one)| *all += one);
        }
        let own = self.pursued.chunks_exact(count).zip(self.episodes.chunks_exact_mut(count));
        let known = self.likelihoods.chunks_exact(count).zip(&self.tops).zip(own);
        for (row, ((likelihoods, top), (pursued, episode))) in table.chunks_exact_mut(components.max(1)).zip(known) {
            let (mut weights, mut sum) = (0.0, 0.0);
            for (((all, own), likelihood), cell) in all.iter().zip(pursued).zip(likelihoods).zip(episode.iter_mut()) {
                let weight = if *likelihood > 0.0 { all - own } else { 0.0 };
                weights += weight;
                *cell = weight * likelihood;
                sum += *cell;
            }
            episode.iter_mut().for_each(|cell| *cell /= sum);
            if let Some(cell) = row.get_mut(self.own) {
                *cell = top + (sum / weights).ln();
            }
        }
    }
}

/// Learns the variants of all components that have some, and puts the log-likelihoods of these into the table (episodes by `components`).
pub(crate) fn learn(table: &mut [f64], components: usize, all: &mut [&mut Variants]) {
    if all.is_empty() {
        return;
    }
    let mut shares = vec![1.0 / components.max(1) as f64; components];
    for _ in 0..ROUNDS {
        all.iter_mut().for_each(|variants| variants.weigh(table, components));
        let mut counts = vec![PRIOR; components];
        for (number, row) in table.chunks_exact(components.max(1)).enumerate() {
            let logs = row.iter().zip(&shares).map(|(log, share)| log + share.ln());
            let best = logs.clone().fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = logs.clone().map(|log| (log - best).exp()).sum();
            counts.iter_mut().zip(logs.clone()).for_each(|(count, log)| *count += (log - best).exp() / total);
            for variants in all.iter_mut() {
                let share = logs.clone().nth(variants.own).map_or(0.0, |log| (log - best).exp() / total);
                let of = number * variants.prior.len()..(number + 1) * variants.prior.len();
                if let (Some(pursued), Some(episode)) =
                    (variants.pursued.get_mut(of.clone()), variants.episodes.get(of))
                {
                    pursued.iter_mut().zip(episode).for_each(|(pursued, variant)| *pursued = share * variant);
                }
            }
        }
        let sum: f64 = counts.iter().sum();
        shares.iter_mut().zip(&counts).for_each(|(share, count)| *share = count / sum);
    }
}
