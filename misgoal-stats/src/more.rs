//! How many more trials until a statement is settled: a prediction, with its probability.
//!
//! The number at which the present rate would settle it is a coin flip, because the rate of the next trials is not the present one. Here the next
//! trials are predicted from the posterior, and what counts is the probability that the statement is then settled.

use crate::gamma::upper_gamma;
use crate::{beta, ln_gamma};

/// More trials than this are not looked at.
pub const MOST: usize = 2000;
/// The two chances that are asked for.
const CHANCES: [f64; 2] = [0.5, 0.8];

/// How many more trials settle a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needed {
    /// With an even chance; absent where [`MOST`] are not enough.
    pub even: Option<usize>,
    /// With four chances in five.
    pub likely: Option<usize>,
}

impl Needed {
    /// Where either of two statements will do: the smaller numbers, as if both were settled together, which asks for too many rather than too few.
    pub fn or(self, other: Needed) -> Needed {
        let least = |a: Option<usize>, b: Option<usize>| a.into_iter().chain(b).min();
        Needed { even: least(self.even, other.even), likely: least(self.likely, other.likely) }
    }
}

/// A share of which `hits` (expected ones need not be whole) of `trials` are known, to be set against a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Hits so far.
    pub hits: f64,
    /// Trials so far.
    pub trials: usize,
    /// The prior Beta distribution of the posterior that settles it. What is predicted is predicted under Jeffreys' prior.
    pub prior: (f64, f64),
}

impl Share {
    /// Trials until the posterior puts `conf` on one side of `limit`.
    pub fn needed(&self, limit: f64, conf: f64) -> Needed {
        search(|more| self.chance(more, limit, conf, true))
    }

    /// Trials until the posterior puts `conf` above `limit`: where nothing follows from a share below it.
    pub fn needed_above(&self, limit: f64, conf: f64) -> Needed {
        search(|more| self.chance_above(more, limit, conf))
    }

    /// The probability that the posterior puts `conf` above `limit` after so many more trials.
    pub fn chance_above(&self, more: usize, limit: f64, conf: f64) -> f64 {
        self.chance(more, limit, conf, false)
    }

    /// The probability that it lies above `limit`, for all that is known.
    pub fn above(&self, limit: f64) -> f64 {
        1.0 - beta::cdf(limit, self.prior.0 + self.hits, self.prior.1 + self.trials as f64 - self.hits)
    }

    /// Whether the posterior puts `conf` above, or below, the limit.
    fn sides(&self, hits: f64, trials: usize, limit: f64, conf: f64) -> (bool, bool) {
        let below = beta::cdf(limit, self.prior.0 + hits, self.prior.1 + trials as f64 - hits);
        (1.0 - below >= conf, below >= conf)
    }

    /// The probability that it is settled after `more` trials, above the limit or, where that counts, below it.
    fn chance(&self, more: usize, limit: f64, conf: f64, either: bool) -> f64 {
        let trials = self.trials + more;
        let at = |hits: usize| self.sides(self.hits + hits as f64, trials, limit, conf);
        // From how many further hits on it lies above, and up to how many below.
        let above = first(more, |hits| at(hits).0);
        let below = if either { first(more, |hits| !at(hits).1) } else { 0 };
        let (a, b) = (self.hits + 0.5, self.trials as f64 - self.hits + 0.5);
        outside((a, b), more, below, above)
    }
}

/// The probability that of `more` trials fewer than `below` or `above` and more are hits, under Beta(a, b): the Beta-binomial distribution, from the likelihood
/// of none on.
fn outside((a, b): (f64, f64), more: usize, below: usize, above: usize) -> f64 {
    let n = more as f64;
    let mut log = ln_gamma(a + b) - ln_gamma(b) + ln_gamma(b + n) - ln_gamma(a + b + n);
    let mut chance = 0.0;
    for hits in 0..=more {
        if hits >= above || hits < below {
            chance += log.exp();
        }
        let k = hits as f64;
        log += ((n - k) * (a + k) / ((k + 1.0) * (b + n - k - 1.0))).ln();
    }
    chance
}

/// A share by the mean and the variance of its posterior, whatever it was learned from: as a count of trials that says as much. Trials are whole and so are
/// hits: one more of them is a miss that changes little or a hit that changes much, and not the small step either way that a normal distribution has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// The posterior's mean.
    pub value: f64,
    /// Its variance.
    pub variance: f64,
    /// Trials so far.
    pub trials: usize,
}

/// When something follows from a share.
#[derive(Clone, Copy)]
pub struct Settled<'a> {
    /// It surely lies above this ..
    pub above: f64,
    /// .. or surely below this, and nothing says that it nearly surely lies above the other.
    pub below: f64,
    /// The probability from which it surely lies somewhere.
    pub sure: f64,
    /// And the one from which it nearly does, by the number of trials.
    pub nearly: &'a dyn Fn(usize) -> f64,
    /// The probability that it lies above a limit, as the posterior has it at present, where that is known: mean and variance alone may look settled already.
    pub now: Option<&'a dyn Fn(f64) -> f64>,
}

impl Known {
    /// Trials until something follows.
    pub fn needed(&self, settled: &Settled<'_>) -> Needed {
        let Known { value, variance, trials } = *self;
        let all = value * (1.0 - value) / variance - 1.0;
        if !(value > 0.0 && value < 1.0 && all > 0.0) || trials == 0 {
            return Needed::default();
        }
        let (a, b, each) = (value * all, (1.0 - value) * all, all / trials as f64);
        let under = |limit: f64| beta::cdf(limit, a, b);
        // As sure as the posterior has to be, when it is this sure now.
        let as_above =
            |conf: f64, limit: f64| settled.now.map_or(conf, |now| adjusted(conf, 1.0 - under(limit), now(limit)));
        let as_below =
            |conf: f64, limit: f64| settled.now.map_or(conf, |now| adjusted(conf, under(limit), 1.0 - now(limit)));
        let (sure_above, sure_below) = (as_above(settled.sure, settled.above), as_below(settled.sure, settled.below));
        search(|more| {
            let nearly = as_above((settled.nearly)(trials + more), settled.above);
            let more = (each * more as f64) as usize;
            let (hits, misses) = (|k: usize| a + k as f64, |k: usize| b + (more - k) as f64);
            let below = |k: usize, limit: f64| beta::cdf(limit, hits(k.min(more)), misses(k.min(more)));
            let above = first(more, |k| 1.0 - below(k, settled.above) >= sure_above);
            let open = first(more, |k| 1.0 - below(k, settled.above) >= nearly || below(k, settled.below) < sure_below);
            outside((a, b), more, open.min(above), above)
        })
    }
}

/// The first of `0..=most` for which a rising predicate holds; `most + 1` if none.
fn first(most: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, most + 1);
    while low < high {
        let middle = (low + high) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A mean whose posterior is about normal, part of its variance due to the trials so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The posterior's mean.
    pub value: f64,
    /// Its variance that more trials shrink.
    pub variance: f64,
    /// Its variance that they do not.
    pub fixed: f64,
    /// Trials so far.
    pub trials: usize,
    /// It is settled when it surely lies above this ..
    pub above: f64,
    /// .. or below this.
    pub below: f64,
}

impl Mean {
    /// Trials until it is settled with probability `conf`.
    pub fn needed(&self, conf: f64) -> Needed {
        search(|more| self.chance(more, [conf; 2]))
    }

    /// The probability that it surely lies above its upper limit, or below its lower one, after so many more trials; how sure is given for each.
    pub fn chance(&self, more: usize, conf: [f64; 2]) -> f64 {
        // What is left of the variance; by what was taken from it the mean will move.
        let left = self.trials as f64 / (self.trials as f64 + more as f64);
        let spread = (self.fixed + left * self.variance).sqrt();
        let moves = ((1.0 - left) * self.variance).sqrt();
        let [above, below] = conf.map(|conf| quantile(conf) * spread);
        let (above, below) = (self.above + above, self.below - below);
        if above <= below {
            return 1.0;
        }
        if moves == 0.0 {
            return if self.value > above || self.value < below { 1.0 } else { 0.0 };
        }
        normal((self.value - above) / moves) + normal((below - self.value) / moves)
    }

    /// The probability that it lies above its upper limit, and that it lies below its lower one, for all that is known.
    pub fn beyond(&self) -> [f64; 2] {
        let spread = (self.fixed + self.variance).sqrt().max(f64::MIN_POSITIVE);
        [normal((self.value - self.above) / spread), normal((self.below - self.value) / spread)]
    }

    /// Whether it would still be open if what the trials are about were known exactly to be what it seems now.
    pub fn is_open_without_trials(&self, conf: f64) -> bool {
        let margin = quantile(conf) * self.fixed.sqrt();
        margin > 0.0 && self.value - margin < self.above && self.value + margin > self.below
    }
}

/// How sure a predicted posterior has to be that is at present as sure as `model`, where the posterior itself is as sure as `now`: surer, or less, by the difference on the
/// normal distribution's scale. So what is open at present is open in the prediction too.
pub fn adjusted(conf: f64, model: f64, now: f64) -> f64 {
    let [conf, model, now] = [conf, model, now].map(|p| quantile(p.clamp(1e-12, 1.0 - 1e-12)));
    normal(conf + model - now)
}

/// The least numbers of trials after which something is settled, from the chance that it then is. Chances rise with the number but for the small steps of whole hits: the numbers looked at grow by a
/// twentieth, and the last step is narrowed down.
pub fn search(chance: impl Fn(usize) -> f64) -> Needed {
    let mut found = CHANCES.map(|_| None);
    let (mut before, mut more) = (0, 1);
    while more <= MOST {
        let here = chance(more);
        for (found, wanted) in found.iter_mut().zip(CHANCES) {
            if found.is_none() && here >= wanted {
                *found = Some(before + 1 + first(more - before - 1, |step| chance(before + 1 + step) >= wanted));
            }
        }
        if found.iter().all(Option::is_some) {
            break;
        }
        before = more;
        more += (more / 20).max(1);
    }
    let [even, likely] = found;
    Needed { even, likely }
}

/// P(X <= x) for a standard normal X.
fn normal(x: f64) -> f64 {
    if x.is_infinite() {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let tail = 0.5 * upper_gamma(0.5, 0.5 * x * x);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// The standard normal's quantile, by bisection.
fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if normal(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mean so many standard errors from its only limit, all of its variance due to 10 trials.
    fn away(z: f64) -> Mean {
        Mean { value: 0.5 + 0.01 * z, variance: 1e-4, fixed: 0.0, trials: 10, above: 0.5, below: 0.5 }
    }

    #[test]
    fn the_nearer_the_limit_the_more_trials() {
        // Multiples of the trials so far, from the closed form: Phi((z - 1.645 sqrt(r)) / sqrt(1 - r)) + Phi((-z - 1.645 sqrt(r)) / sqrt(1 - r)).
        for (z, even, likely) in [
            (0.0, 6.0, 42.0),
            (0.5, 4.4, 33.0),
            (1.0, 1.7, 15.0),
            (1.2, 0.88, 9.2),
            (1.4, 0.38, 5.1),
            (-1.4, 0.38, 5.1),
        ] {
            let needed = away(z).needed(0.95);
            let close = |got: Option<usize>, times: f64| (got.unwrap() as f64 / 10.0 / times - 1.0).abs() < 0.1;
            assert!(close(needed.even, even) && close(needed.likely, likely), "{z}: {needed:?}");
        }
    }

    #[test]
    fn what_trials_do_not_touch_can_keep_it_open() {
        let held = Mean { fixed: 1e-4, ..away(1.0) };
        assert!(held.is_open_without_trials(0.95) && !away(1.0).is_open_without_trials(0.95));
        assert_eq!(held.needed(0.95).likely, None);
        // One limit only: half of what is likely to happen does not settle it.
        let above = Mean { below: f64::NEG_INFINITY, ..away(0.5) };
        assert!(above.needed(0.95).even > away(0.5).needed(0.95).even);
        assert_eq!(above.needed(0.95).likely, None);
    }

    #[test]
    fn limits_that_overlap_are_settled_by_enough_trials() {
        let needed = Mean { below: 0.6, ..away(1.0) }.needed(0.95);
        assert!(needed.even <= needed.likely && needed.likely < Some(10), "{needed:?}");
    }

    #[test]
    fn a_share_near_certain_needs_few() {
        let jeffreys = (0.5, 0.5);
        let share = |hits: f64, trials| Share { hits, trials, prior: jeffreys }.needed(0.85, 0.95);
        // One more hit settles it, and a hit is likely.
        assert_eq!(share(11.0, 11), Needed { even: Some(1), likely: Some(1) });
        let near = share(85.0, 100);
        assert!(near.even.unwrap() > 100 && near.likely.is_none(), "{near:?}");
        let far = share(62.0, 70);
        assert!(far.even < far.likely, "{far:?}");
    }

    /// Agents with a share near a limit, and what follows from it above .10 and below .15: who plays on for as long as the advice says has an even chance of
    /// an answer each time, so that next to nobody hears five times that little is missing.
    #[test]
    fn advice_that_is_followed_ends() {
        use crate::draw;
        let settled = Settled { above: 0.10, below: 0.15, sure: 0.95, nearly: &|_| 0.90, now: None };
        let mut rng = rand_pcg::Pcg64Mcg::new(5);
        let (mut asked, mut right, mut open) = (0, 0, 0);
        for table in 0..400 {
            let truth = [0.1, 0.11, 0.12, 0.13, 0.14][table % 5];
            let mut play = |trials: usize| (0..trials).filter(|_| draw::uniform(&mut rng) < truth).count() as f64;
            let (mut trials, mut hits) = (300, play(300));
            for round in 0..=5 {
                let (a, b) = (hits + 0.5, trials as f64 - hits + 0.5);
                let (above, below) = (1.0 - beta::cdf(0.10, a, b), beta::cdf(0.15, a, b));
                let is_open = above < 0.95 && (above >= 0.90 || below < 0.95);
                right += usize::from(round > 0 && !is_open);
                if !is_open {
                    break;
                }
                let value = a / (a + b);
                let known = Known { value, variance: value * (1.0 - value) / (a + b + 1.0), trials };
                let Some(more) = known.needed(&settled).even else { break };
                open += usize::from(round == 5);
                if round < 5 {
                    asked += 1;
                    hits += play(more);
                    trials += more;
                }
            }
        }
        // All of them are at a limit: 57 of 131 pieces of advice were right when this was written, and 4 tables open after five.
        assert!(asked >= 50 && 3 * right >= asked && open <= 6, "{asked} {right} {open}");
    }

    /// Small version of `examples/more.rs`.
    #[test]
    fn numbers_are_as_good_as_they_say() {
        use crate::draw;
        let mut rng = rand_pcg::Pcg64Mcg::new(12);
        let (limit, conf, prior) = (0.85, 0.95, (0.5, 0.5));
        let (mut asked, mut right) = ([0, 0], [0, 0]);
        for _ in 0..500 {
            let truth = 0.7 + 0.3 * draw::uniform(&mut rng);
            let mut play = |trials: usize| (0..trials).filter(|_| draw::uniform(&mut rng) < truth).count() as f64;
            let now = Share { hits: play(60), trials: 60, prior };
            if now.sides(now.hits, 60, limit, conf) != (false, false) {
                continue;
            }
            let needed = now.needed(limit, conf);
            for (at, more) in [needed.even, needed.likely].into_iter().enumerate() {
                let Some(more) = more else { continue };
                asked[at] += 1;
                right[at] += usize::from(now.sides(now.hits + play(more), 60 + more, limit, conf) != (false, false));
            }
        }
        let share = |at: usize| f64::from(right[at] as u32) / f64::from(asked[at]);
        assert!((share(0) - 0.5).abs() < 0.12 && (share(1) - 0.8).abs() < 0.12, "{} {}", share(0), share(1));
    }
}
