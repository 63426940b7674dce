//! Betting e-process against "this happens at most by accident".

/// Bets: how far above the accident rate the true rate is supposed to be, as a share of what is left up to 1.
const BETS: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.95];

/// An e-process for Bernoulli outcomes with the null hypothesis "each outcome, given the past, is 1 with probability at
/// most `accident`".
///
/// `M_t = mean over q of prod (q/d)^Y ((1-q)/(1-d))^(1-Y)`, with `d` the accident rate and `q = d + (1-d) x` for x in
/// {.1, .25, .5, .75, .95}. Every `q` exceeds `d`, so each factor has expectation at most 1 under the null and M is a
/// test supermartingale: by Ville's inequality P(sup M >= 1/alpha) <= alpha, whatever the stopping time and however the
/// next level is chosen from the past (Ramdas, Grunwald, Vovk and Shafer 2022, arXiv 2210.01948).
#[derive(Debug, Clone, PartialEq)]
pub struct Exceeds {
    accident: f64,
    log_capital: [f64; BETS.len()],
    trials: usize,
}

impl Exceeds {
    /// A fresh e-process for an accident rate, which is kept within [0.001, 0.999].
    pub fn new(accident: f64) -> Self {
        Self { accident: accident.clamp(0.001, 0.999), log_capital: [0.0; BETS.len()], trials: 0 }
    }

    /// Takes one outcome and returns the e-value after it.
    pub fn update(&mut self, discordant: bool) -> f64 {
        let d = self.accident;
        for (capital, bet) in self.log_capital.iter_mut().zip(BETS) {
            let q = d + (1.0 - d) * bet;
            *capital += if discordant { (q / d).ln() } else { ((1.0 - q) / (1.0 - d)).ln() };
        }
        self.trials += 1;
        self.value()
    }

    /// The present e-value; 1 before the first outcome.
    pub fn value(&self) -> f64 {
        self.log_capital.iter().map(|capital| capital.exp()).sum::<f64>() / BETS.len() as f64
    }

    /// Outcomes taken.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// Number of outcomes after which the e-value first reached `threshold`, over a whole sequence.
    pub fn first_rejection(accident: f64, outcomes: &[bool], threshold: f64) -> Option<usize> {
        let mut process = Self::new(accident);
        outcomes.iter().position(|&outcome| process.update(outcome) >= threshold).map(|index| index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Exceeds;
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn follows_its_formula() {
        let mut process = Exceeds::new(0.10);
        assert_eq!(process.value(), 1.0);
        // q = .19, .325, .55, .775, .955; mean of q / .1 = 5.59; two in a row: mean of (q / .1)^2 = 39.1375.
        assert!((process.update(true) - 5.59).abs() < 1e-12);
        assert!((process.update(true) - 39.1375).abs() < 1e-9);
        // (1-q)/.9 = .9, .75, .5, .25, .05 scale the products 3.61, 10.5625, 30.25, 60.0625, 91.2025.
        let expected = (3.61 * 0.9 + 10.5625 * 0.75 + 30.25 * 0.5 + 60.0625 * 0.25 + 91.2025 * 0.05) / 5.0;
        assert!((process.update(false) - expected).abs() < 1e-9);
        assert_eq!(process.trials(), 3);
    }

    #[test]
    fn a_consistent_proxy_seeker_is_found_at_the_third_level() {
        assert_eq!(Exceeds::first_rejection(0.10, &[true; 10], 2.0 / 0.05), Some(3));
        assert_eq!(Exceeds::first_rejection(0.10, &[false; 100], 1.0 / 0.05), None);
    }

    #[test]
    fn the_null_is_rejected_at_most_alpha_of_the_time() {
        let mut rng = Pcg64Mcg::new(11);
        let rejections = (0..2000)
            .filter(|_| {
                let outcomes: Vec<bool> = (0..200).map(|_| draw::uniform(&mut rng) < 0.10).collect();
                Exceeds::first_rejection(0.10, &outcomes, 20.0).is_some()
            })
            .count();
        assert!(rejections <= 100, "{rejections} of 2000 at alpha = .05");
    }
}
