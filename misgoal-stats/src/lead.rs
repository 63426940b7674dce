//! Betting e-process against "on average at most this much more often the one than the other".

/// Share of the admissible stake that each bet puts at risk.
const STAKES: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.95];

/// An e-process for values in [-1, 1] with the null hypothesis "each value, given the past, has a mean of at most `margin`".
///
/// With values of 1 for the one, -1 for the other and 0 for neither, the mean is by how much the one is more frequent: what comes as often in
/// one direction as in the other cancels, whatever its rate. `M_t = mean over s of prod (1 + s (X - m) / (1 + m))` for stakes s in
/// {.1, .25, .5, .75, .95}. No factor is negative, and under the null each has expectation at most 1: M is a test supermartingale, and by
/// Ville's inequality P(sup M >= 1/alpha) <= alpha under optional stopping (Waudby-Smith and Ramdas 2020, arXiv 2010.09686).
#[derive(Debug, Clone, PartialEq)]
pub struct Lead {
    margin: f64,
    log_capital: [f64; STAKES.len()],
}

impl Lead {
    /// A fresh e-process for a margin, which is kept within [0, 0.999].
    pub fn new(margin: f64) -> Self {
        Self { margin: margin.clamp(0.0, 0.999), log_capital: [0.0; STAKES.len()] }
    }

    /// Takes one value, cut to [-1, 1], and returns the e-value after it.
    pub fn update(&mut self, value: f64) -> f64 {
        let gain = (value.clamp(-1.0, 1.0) - self.margin) / (1.0 + self.margin);
        for (capital, stake) in self.log_capital.iter_mut().zip(STAKES) {
            *capital += (stake * gain).ln_1p();
        }
        self.value()
    }

    /// The present e-value; 1 before the first value.
    pub fn value(&self) -> f64 {
        self.log_capital.iter().map(|capital| capital.exp()).sum::<f64>() / STAKES.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Lead;
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    /// Values of 1, -1 and 0 with the first two's chances: whether the e-value ever reaches 20, and after how many.
    fn rejected(toward: f64, against: f64, values: usize, seed: u64) -> Option<usize> {
        let mut rng = Pcg64Mcg::new(u128::from(seed));
        let mut process = Lead::new(0.10);
        (1..=values).find(|_| {
            let u = draw::uniform(&mut rng);
            let value = if u < toward { 1.0 } else { -f64::from(u8::from(u < toward + against)) };
            process.update(value) >= 20.0
        })
    }

    #[test]
    fn follows_its_formula() {
        let mut process = Lead::new(0.10);
        assert_eq!(process.value(), 1.0);
        // (1 - .1) / 1.1 = .81818: the mean of 1 + s x .81818 over stakes whose mean is .51.
        assert!((process.update(1.0) - (1.0 + 0.51 * 0.9 / 1.1)).abs() < 1e-12);
        // A value of -1 costs the stake.
        assert!((Lead::new(0.10).update(-1.0) - 0.49).abs() < 1e-12);
    }

    #[test]
    fn the_null_is_rejected_at_most_alpha_of_the_time_whatever_the_noise() {
        for (toward, against) in [(0.10, 0.0), (0.35, 0.25), (0.25, 0.25)] {
            let rejections = (0..1000).filter(|seed| rejected(toward, against, 300, *seed).is_some()).count();
            assert!(rejections <= 50, "{rejections} of 1000 at alpha = .05 for {toward} against {against}");
        }
    }

    #[test]
    fn a_quarter_is_found_through_noise() {
        let median = |toward, against| {
            let mut after: Vec<usize> =
                (0..51).map(|seed| rejected(toward, against, 2000, seed).unwrap_or(2000)).collect();
            after.sort_unstable();
            after[25]
        };
        let found = [median(1.0, 0.0), median(0.25, 0.0), median(0.32, 0.07)];
        assert!(found[0] <= 10 && found[1] < 150 && found[2] < 300, "{found:?}");
    }
}
