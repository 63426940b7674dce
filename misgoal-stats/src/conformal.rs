//! Alarms with a stated rate from scores of any model: conformal p-values, e-values and an e-detector.
//!
//! Assumption, and the only one: while nothing changes, the sessions (those that calibrate and those that are watched) are exchangeable, and the score
//! is a fixed function of a session, not fitted to any of them. How good the score is decides how soon a change is seen, not how often an alarm is
//! false.

/// Scores of sessions so far, and what they say about the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bag {
    sorted: Vec<f64>,
}

impl Bag {
    /// A bag of calibration scores; those that are no numbers are left out.
    pub fn new(scores: &[f64]) -> Bag {
        let mut sorted: Vec<f64> = scores.iter().copied().filter(|score| !score.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        Bag { sorted }
    }

    /// The scores in ascending order.
    pub fn scores(&self) -> &[f64] {
        &self.sorted
    }

    /// The conformal p-value of a score: `(1 + number of scores at least as high) / (1 + n)`.
    ///
    /// With every session joining the bag after it was judged ([`Bag::add`]), the p-values of exchangeable sessions are independent and at least as large
    /// as uniform ones (Vovk, Gammerman and Shafer 2005, "Algorithmic learning in a random world", theorem 8.2; ties count as higher). It falls as the
    /// score grows, so that a score which can only grow on has a p-value that can only fall on.
    pub fn p_value(&self, score: f64) -> f64 {
        let below = self.sorted.partition_point(|one| one.total_cmp(&score).is_lt());
        (1 + self.sorted.len() - below) as f64 / (1 + self.sorted.len()) as f64
    }

    /// Adds a judged session's score.
    pub fn add(&mut self, score: f64) {
        if !score.is_nan() {
            let at = self.sorted.partition_point(|one| one.total_cmp(&score).is_lt());
            self.sorted.insert(at, score);
        }
    }

    /// The lowest score whose p-value is at most `p`: infinite when the bag is too small for such a p-value.
    pub fn threshold(&self, p: f64) -> f64 {
        let n = self.sorted.len();
        // Not more than this many scores may be at least as high.
        let room = (p * (n + 1) as f64 + 1e-9).floor() - 1.0;
        if room < 0.0 {
            return f64::INFINITY;
        }
        let above = n.checked_sub(room as usize + 1).and_then(|at| self.sorted.get(at));
        above.map_or(f64::NEG_INFINITY, |score| score.next_up())
    }
}

/// The levels that [`e_value`] bets on, with a fifth of the stake each.
const LEVELS: [f64; 5] = [1.0, 0.2, 0.05, 0.01, 0.001];

/// The e-value of a p-value: the mean over five levels α of `1/α where p <= α, else 0`. It falls as p grows and its integral over (0, 1) is 1, which makes
/// it an admissible calibrator (Vovk and Wang 2021, "E-values: calibration, combination and applications", proposition 2.1). Smooth calibrators such as the
/// mixture of `κ p^(κ-1)` grow more slowly in the range that a bag of some ten or hundred scores can show.
pub fn e_value(p: f64) -> f64 {
    LEVELS.iter().filter(|level| p <= **level).map(|level| 1.0 / level).sum::<f64>() / LEVELS.len() as f64
}

/// What an alarm rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// This session alone.
    Session,
    /// A row of sessions.
    Row,
}

/// The detector over an agent's sessions, with the promise "at most one false alarm in N sessions".
///
/// Half of the promise is spent on single sessions: an alarm when the p-value is at most `1/(2N)`, which among exchangeable sessions has at most that
/// probability each time; it needs a bag of at least `2N - 1` scores. The other half is spent on rows of sessions by the e-detector of Shiryaev and Roberts,
/// `R = (R + 1) e`, with an alarm at `R >= 2N`, then begun anew: sessions between false alarms are at least 2N in the mean (Shin, Ramdas and Rinaldo 2022,
/// "E-detectors", arXiv 2203.03532, theorem 2.4). Together, in the long run, at most one false alarm in N sessions.
#[derive(Clone, Debug, PartialEq)]
pub struct Detector {
    bag: Bag,
    promise: f64,
    r: f64,
    /// Sessions since R was last below one: since when the row has been going.
    row: usize,
}

impl Detector {
    /// A detector that makes at most one false alarm in `promise` sessions (at least 1).
    pub fn new(bag: Bag, promise: f64) -> Detector {
        Detector { bag, promise: promise.max(1.0), r: 0.0, row: 0 }
    }

    /// A detector that goes on where another one stopped.
    pub fn resume(bag: Bag, promise: f64, r: f64, row: usize) -> Detector {
        Detector { r: r.max(0.0), row, ..Detector::new(bag, promise) }
    }

    /// The bag.
    pub fn bag(&self) -> &Bag {
        &self.bag
    }

    /// The promise N.
    pub fn promise(&self) -> f64 {
        self.promise
    }

    /// The statistic R and the length of the row that it has seen.
    pub fn row(&self) -> (f64, usize) {
        (self.r, self.row)
    }

    /// Whether a session that has this score so far is an alarm already. A session's score only grows, so an alarm given before its end stays right.
    pub fn look(&self, score: f64) -> Option<Ground> {
        let p = self.bag.p_value(score);
        if p <= 0.5 / self.promise {
            return Some(Ground::Session);
        }
        ((self.r + 1.0) * e_value(p) >= 2.0 * self.promise).then_some(Ground::Row)
    }

    /// Takes note of a session that has ended with this score, which joins the bag.
    pub fn end(&mut self, score: f64) -> Option<Ground> {
        let alarm = self.look(score);
        self.r = (self.r + 1.0) * e_value(self.bag.p_value(score));
        self.row = if self.r < 1.0 { 0 } else { self.row + 1 };
        if self.r >= 2.0 * self.promise {
            (self.r, self.row) = (0.0, 0);
        }
        self.bag.add(score);
        alarm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn p_values_and_thresholds_agree() {
        let bag = Bag::new(&[3.0, 1.0, f64::NAN, 2.0, 2.0]);
        let cases = [(0.0, 1.0), (1.0, 1.0), (1.5, 0.8), (2.0, 0.8), (2.5, 0.4), (3.0, 0.4), (4.0, 0.2)];
        for (score, expected) in cases {
            assert!((bag.p_value(score) - expected).abs() < 1e-12, "{score}");
        }
        for p in [0.1, 0.2, 0.4, 0.8, 1.0] {
            let threshold = bag.threshold(p);
            assert!(threshold.is_infinite() || bag.p_value(threshold) <= p, "{p}");
            assert!(bag.p_value(threshold.next_down().next_down()) > p || threshold.is_infinite(), "{p}");
        }
        assert_eq!(bag.threshold(0.1), f64::INFINITY);
    }

    #[test]
    fn e_values_have_mean_one() {
        let n = 100_000;
        let mean = (0..n).map(|i| e_value((f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 1e-9, "{mean}");
        assert!((e_value(1.0) - 0.2).abs() < 1e-12 && (e_value(0.05) - 5.2).abs() < 1e-12);
    }

    #[test]
    fn false_alarms_keep_the_promise_and_a_change_is_seen() {
        let (promise, sessions) = (100.0, 20_000);
        let mut alarms = 0;
        for seed in 1..=5 {
            let mut rng = Pcg64Mcg::new(seed);
            let bag: Vec<f64> = (0..250).map(|_| draw::exponential(&mut rng)).collect();
            let mut detector = Detector::new(Bag::new(&bag), promise);
            alarms += (0..sessions).filter(|_| detector.end(draw::exponential(&mut rng)).is_some()).count();
        }
        // 1000 are promised at most; half of them comes from single sessions, exactly.
        assert!((400..=1060).contains(&alarms), "{alarms} alarms in 100,000 sessions");
        let mut rng = Pcg64Mcg::new(9);
        let bag: Vec<f64> = (0..60).map(|_| draw::exponential(&mut rng)).collect();
        let mut detector = Detector::new(Bag::new(&bag), promise);
        let delay = (1..).find(|_| detector.end(2.0 + 3.0 * draw::exponential(&mut rng)).is_some());
        assert!(delay.is_some_and(|delay| delay <= 6), "{delay:?}");
    }

    #[test]
    fn an_early_alarm_stays_right() {
        let detector = Detector::new(Bag::new(&(0..500).map(f64::from).collect::<Vec<_>>()), 100.0);
        assert_eq!(detector.look(499.5), Some(Ground::Session));
        assert_eq!(detector.clone().end(600.0), Some(Ground::Session));
        assert_eq!(detector.look(200.0), None);
    }
}
