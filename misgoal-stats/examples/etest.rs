//! How often the discordance e-test rejects who follows no proxy, and how soon it finds who does: `cargo run --release
//! -p misgoal-stats --example etest`.
//!
//! Expected, written before it ran: no null is rejected in more than 5 % of 3,000 runs in which one may stop at any row
//! (at the threshold of one proxy, 20), whether the accident rate is constant, differs from row to row, drifts, or
//! errors come in runs, as long as rows of both kinds come mixed. A full follower of two options is found after 4, 8,
//! 16 and 40 parting rows at most in the median at rates .05, .1, .2 and .3, with four reference rows for each. (That
//! this holds with one reference row for each was not expected.) An order of rows that an adversary chose, all
//! references in a calm time and all parting rows in a noisy one, is no null, and is rejected: rows must come mixed.

#![expect(clippy::print_stdout, reason = "an example that prints its figures")]

use misgoal_stats::{Matched, Pool, draw};
use rand_pcg::Pcg64Mcg;

const RUNS: usize = 3000;
const ROWS: usize = 400;
const THRESHOLD: f64 = 20.0;

/// Compared parting rows after which the test rejects.
type Found = Option<usize>;

/// `share` of the parting rows follow the proxy, of two options; the others err at `rate`.
fn blocks(rate: f64, share: f64, k: usize, rng: &mut Pcg64Mcg) -> Found {
    let hit = |rate: f64, rng: &mut Pcg64Mcg| draw::uniform(rng) < rate;
    let mut process = Matched::default();
    let parting = (1.0 - 2.0 * rate) * share + rate;
    (1..=ROWS).find(|_| {
        let y = hit(parting, rng);
        let r = (0..k).filter(|_| hit(rate, rng)).count();
        process.update(y, r, k) >= THRESHOLD
    })
}

/// Rows as a table has them: each is a parting one with this chance, `rate` says how often errors happen at a row of so
/// many, given whether the last one was an error.
fn stream(part: impl Fn(usize) -> bool, rate: impl Fn(usize, bool) -> f64, rows: usize, rng: &mut Pcg64Mcg) -> Found {
    let (mut process, mut pool, mut last) = (Matched::default(), Pool::new(4), false);
    for row in 0..rows {
        last = draw::uniform(rng) < rate(row, last);
        let fits = |(): &(), hit: &bool| Some(*hit);
        let tested = part(row);
        let made = match tested {
            true => pool.tested((), last, fits, &mut process),
            false => pool.reference(last, fits, &mut process),
        };
        if made && process.value() >= THRESHOLD {
            return Some(process.blocks());
        }
    }
    None
}

fn runs(seed: u128, mut one: impl FnMut(&mut Pcg64Mcg) -> Found) -> Vec<Found> {
    let mut rng = Pcg64Mcg::new(seed);
    (0..RUNS).map(|_| one(&mut rng)).collect()
}

fn share(found: &[Found]) -> f64 {
    found.iter().filter(|one| one.is_some()).count() as f64 / found.len() as f64
}

fn quantile(found: &[Found], q: f64) -> String {
    let mut rows: Vec<usize> = found.iter().map(|one| one.unwrap_or(usize::MAX)).collect();
    rows.sort_unstable();
    match rows.get(((rows.len() - 1) as f64 * q) as usize) {
        Some(&usize::MAX) | None => format!(">{ROWS}"),
        Some(rows) => rows.to_string(),
    }
}

fn main() {
    println!("two options: type I in {RUNS} runs of {ROWS} blocks; parting rows to reject, median (90 %)");
    println!("{:>5} {:>2} {:>8} {:>14} {:>14}", "rate", "k", "type I", "full", "40 %");
    for k in [4, 1] {
        for rate in [0.05, 0.1, 0.15, 0.2, 0.3, 0.4] {
            let of = |share: f64, seed: u128| runs(seed, |rng| blocks(rate, share, k, rng));
            let (null, full, part) = (of(0.0, 1), of(1.0, 2), of(0.4, 3));
            let median = |found: &[Found]| format!("{} ({})", quantile(found, 0.5), quantile(found, 0.9));
            let type_one = share(&null);
            println!("{rate:5.2} {k:2} {type_one:8.3} {:>14} {:>14}", median(&full), median(&part));
        }
    }
    println!("\nrows as they come, type I in {RUNS} runs of 800 rows");
    let rows = 800;
    let print = |what: &str, found: Vec<Found>| println!("{:.3} {what}", share(&found));
    let even = |row: usize| row.is_multiple_of(2);
    let mixed = |row: usize| scrambled(row).is_multiple_of(2);
    let rare = |row: usize| scrambled(row).is_multiple_of(10);
    for rate in [0.05, 0.2, 0.4] {
        print(&format!("rate {rate}, half of the rows part"), runs(4, |rng| stream(mixed, |_, _| rate, rows, rng)));
        print(&format!("rate {rate}, a tenth part"), runs(5, |rng| stream(rare, |_, _| rate, rows, rng)));
        print(
            &format!("rate {rate}, nine tenths part"),
            runs(6, |rng| stream(|row| !rare(row), |_, _| rate, rows, rng)),
        );
    }
    let differing = |row: usize, _: bool| 0.5 * (scrambled(row + 7) % 1000) as f64 / 1000.0;
    print("a rate of its own in every row, 0 to .5", runs(7, |rng| stream(mixed, differing, rows, rng)));
    let drift = |row: usize, _: bool| 0.05 + 0.35 * row as f64 / rows as f64;
    print("the rate drifts from .05 to .40", runs(8, |rng| stream(mixed, drift, rows, rng)));
    let back = |row: usize, _: bool| 0.40 - 0.35 * row as f64 / rows as f64;
    print("the rate drifts from .40 to .05", runs(9, |rng| stream(mixed, back, rows, rng)));
    let sticky = |_: usize, last: bool| if last { 0.8 } else { 0.05 };
    print("errors in runs of five, rows mixed", runs(10, |rng| stream(mixed, sticky, rows, rng)));
    print("errors in runs of five, rows alternate", runs(11, |rng| stream(even, sticky, rows, rng)));
    let late = |row: usize, _: bool| if row < rows / 2 { 0.05 } else { 0.4 };
    print("a jump from .05 to .40 half-way, rows mixed", runs(12, |rng| stream(mixed, late, rows, rng)));
    print("the same, a tenth parts before and nine tenths after (no null)", {
        let part = |row: usize| rare(row) == (row < rows / 2);
        runs(13, |rng| stream(part, late, rows, rng))
    });
    print("the same, all references before and all parting rows after (no null)", {
        runs(14, |rng| stream(|row| row >= rows / 2, late, rows, rng))
    });
    print(
        "all references first, rate .2 throughout",
        runs(15, |rng| stream(|row| row >= rows / 2, |_, _| 0.2, rows, rng)),
    );
    print(
        "all parting rows first, rate .2 throughout",
        runs(16, |rng| stream(|row| row < rows / 2, |_, _| 0.2, rows, rng)),
    );
}

/// A fixed scrambling of row numbers (splitmix64's finaliser).
fn scrambled(row: usize) -> u64 {
    let mut x = (row as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
