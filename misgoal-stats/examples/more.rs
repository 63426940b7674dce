//! Is "so many more levels" true? Agents whose verdict is open get a number, then as many more levels, and what then happens is counted:
//! `cargo run --release -p misgoal-stats --example more [RUNS] [SEED]`
//!
//! Written down before the first run: of the agents that get a number with an even chance, .45 to .55 are settled after as many more; of those that
//! get one with four chances in five, .75 to .85. On average over agents that are drawn as here (shares from .7 to 1 against .85, means around a
//! limit); for one given share it cannot hold, an agent exactly at the limit is hardly ever settled. The numbers of the rule before this one, which
//! supposed that the rate stays what it is, were right in .54 to .57.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "an experiment: what it finds is printed, and a wrong shape ends it"
)]

use misgoal_stats::more::{Mean, Needed, Share};
use misgoal_stats::{beta, draw, quantile};
use rand_pcg::Pcg64Mcg;

const LIMIT: f64 = 0.85;
const CONF: f64 = 0.95;

/// How often a number was right, how often there was none, and the numbers.
#[derive(Default)]
struct Tally {
    settled: usize,
    none: usize,
    numbers: Vec<f64>,
}

impl Tally {
    fn show(&self) -> String {
        let asked = self.numbers.len();
        let settled = self.settled as f64 / asked.max(1) as f64;
        let error = (settled * (1.0 - settled) / asked.max(1) as f64).sqrt();
        let none = self.none as f64 / (asked + self.none).max(1) as f64;
        format!(
            "{settled:.3} (+-{error:.3}) of {asked}, median {:.0}, none {none:.2}",
            quantile::quantile(&self.numbers, 0.5)
        )
    }
}

/// Plays on for either number.
fn follow(needed: Needed, tallies: &mut [Tally; 2], mut settled: impl FnMut(usize) -> bool) {
    for (number, tally) in [needed.even, needed.likely].into_iter().zip(tallies) {
        match number {
            Some(number) => {
                tally.numbers.push(number as f64);
                tally.settled += usize::from(settled(number));
            }
            None => tally.none += 1,
        }
    }
}

fn report(name: &str, [even, likely]: &[Tally; 2]) {
    println!("{name:44} even: {};  four in five: {}", even.show(), likely.show());
}

fn hits(share: f64, trials: usize, rng: &mut Pcg64Mcg) -> usize {
    (0..trials).filter(|_| draw::uniform(rng) < share).count()
}

/// `either`: a share that surely lies below is settled too; otherwise it stays open.
fn shares(
    name: &str,
    runs: usize,
    (prior, either): ((f64, f64), bool),
    share: &dyn Fn(&mut Pcg64Mcg) -> f64,
    rng: &mut Pcg64Mcg,
) {
    for trials in [20, 40, 100, 200] {
        let mut tallies: [Tally; 2] = Default::default();
        for _ in 0..runs {
            let truth = share(rng);
            let seen = hits(truth, trials, rng);
            let is_settled = |hits: usize, trials: usize| {
                let below = beta::cdf(LIMIT, prior.0 + hits as f64, prior.1 + (trials - hits) as f64);
                (either && below >= CONF) || 1.0 - below >= CONF
            };
            if is_settled(seen, trials) {
                continue;
            }
            let now = Share { hits: seen as f64, trials, prior };
            let needed = if either { now.needed(LIMIT, CONF) } else { now.needed_above(LIMIT, CONF) };
            follow(needed, &mut tallies, |more| is_settled(seen + hits(truth, more, rng), trials + more));
        }
        report(&format!("share {name}, {trials} levels"), &tallies);
    }
}

/// Excess regret: a mean over levels minus one over held-out levels, whose number stays.
fn means(name: &str, runs: usize, outcome: fn(f64, &mut Pcg64Mcg) -> f64, limits: (f64, f64), rng: &mut Pcg64Mcg) {
    let (above, below) = limits;
    for (trials, held) in [(40, 25), (40, 200), (100, 200), (200, 200)] {
        let (mut tallies, mut elsewhere): ([Tally; 2], usize) = Default::default();
        for _ in 0..runs {
            let truth = 0.05 + 0.3 * draw::uniform(rng);
            let base: Vec<f64> = (0..held).map(|_| outcome(0.05, rng)).collect();
            let mut there: Vec<f64> = (0..trials).map(|_| outcome(truth, rng)).collect();
            let variance = |values: &[f64]| {
                // Half an observation at either end, as the judge's means have.
                let mean = quantile::mean(values);
                let ends = 0.5 * (mean * mean + (1.0 - mean) * (1.0 - mean));
                let n = values.len() as f64;
                (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() + ends) / (n + 1.0) / (n + 2.0)
            };
            let now = |there: &[f64]| Mean {
                value: quantile::mean(there) - quantile::mean(&base),
                variance: variance(there),
                fixed: variance(&base),
                trials: there.len(),
                above,
                below,
            };
            let is_settled = |mean: Mean| {
                let margin = 1.645 * (mean.variance + mean.fixed).sqrt();
                mean.value - margin > above || mean.value + margin < below
            };
            let first = now(&there);
            if is_settled(first) {
                continue;
            }
            elsewhere += usize::from(first.is_open_without_trials(CONF));
            follow(first.needed(CONF), &mut tallies, |more| {
                while there.len() < trials + more {
                    there.push(outcome(truth, rng));
                }
                is_settled(now(&there[..trials + more]))
            });
        }
        report(&format!("mean {name}, {trials} levels, {held} held out"), &tallies);
        println!("{:44} {elsewhere} would stay open on account of the held-out levels", "");
    }
}

fn coin(mean: f64, rng: &mut Pcg64Mcg) -> f64 {
    f64::from(draw::uniform(rng) < mean)
}

fn spread(mean: f64, rng: &mut Pcg64Mcg) -> f64 {
    draw::beta(2.0 * mean, 2.0 * (1.0 - mean), rng)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().expect("a whole number"));
    let (runs, seed) = (number(4000) as usize, number(1));
    let mut rng = Pcg64Mcg::new(u128::from(seed));
    shares("U(.7, 1)", runs, ((0.5, 0.5), true), &|rng| 0.7 + 0.3 * draw::uniform(rng), &mut rng);
    shares("U(.7, 1), six components", runs, ((0.5, 2.5), true), &|rng| 0.7 + 0.3 * draw::uniform(rng), &mut rng);
    shares("U(.7, 1), certificates", runs, ((0.5, 2.5), false), &|rng| 0.7 + 0.3 * draw::uniform(rng), &mut rng);
    shares("Beta(5, 1)", runs, ((0.5, 0.5), true), &|rng| draw::beta(5.0, 1.0, rng), &mut rng);
    shares(".90", runs, ((0.5, 0.5), true), &|_| 0.9, &mut rng);
    shares(".85", runs, ((0.5, 0.5), true), &|_| 0.85, &mut rng);
    means("of coins against .10", runs, coin, (0.10, 0.10), &mut rng);
    means("of values against .10", runs, spread, (0.10, 0.10), &mut rng);
    means("of coins, over .10 or under .20", runs, coin, (0.10, 0.20), &mut rng);
    means("of coins, over .20 alone", runs, coin, (0.20, f64::NEG_INFINITY), &mut rng);
}
