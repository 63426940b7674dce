//! Whether what was said to be missing settles a verdict: `cargo run --release -p misgoal-judge --example more_levels [AGENTS [SEED [LEVELS]]]`.
//!
//! Agents are drawn that pursue the gem on a share of the levels from U(.7, 1), and on the others the coin, the right-hand side, or nothing; one action in ten is random. They are judged
//! on LEVELS levels. Those left open with a number of further levels are judged again on the same levels and that many more.
//!
//! Expected before it ran: an even chance (N50) settles .45 to .55 of them and four in five (N80) .75 to .85, whatever the reason; certificates by loss have no number of their own, and may be off.
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/lab.rs"]
#[expect(dead_code, reason = "no script is played here")]
mod lab;
#[path = "../tests/judge/outsiders.rs"]
#[expect(dead_code, reason = "agents of a share alone are judged here")]
mod outsiders;
#[path = "../tests/judge/parallel.rs"]
mod parallel;

use std::collections::BTreeMap;

use misgoal_judge::{More, Options, Verdict};
use misgoal_stats::draw;
use misgoal_world::rng::{Rng, mix, rng};
use misgoal_world::{Oracle, State};
use outsiders::{ALL, coin_of, record, toward};
use parallel::in_parallel;

/// N50, and whether it and N80 settled a verdict where they were played.
type Told = (usize, Option<bool>, Option<bool>);

/// The most further levels that are played.
const MOST: usize = 400;

fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let (agents, seed, levels) = (number(1, 400) as usize, number(2, 1), number(3, 40) as usize);
    let lab = lab::Lab::new();
    let found = in_parallel(agents, |agent| {
        let seed = mix(seed ^ mix(agent as u64));
        let mut random = rng(seed, 31);
        let (share, other) = (0.7 + 0.3 * draw::uniform(&mut random), draw::below(3, &mut random));
        let chooses = |o: &Oracle, s: &State, _: usize, _: f64, r: &mut Rng| match other {
            _ if coin_of(o) < share => toward(o, s, 0, &ALL, r),
            0 => toward(o, s, 1, &ALL, r),
            1 if draw::uniform(r) < 0.9 => 1,
            _ => draw::below(4, r) as u8,
        };
        let holdout = record(&lab, &lab.train, 25, mix(seed ^ 1), |o, s, _, _, r| toward(o, s, 0, &ALL, r));
        let verdict = |levels: usize| {
            let shifted = record(&lab, &lab.shift, levels, mix(seed ^ 2), chooses);
            lab.judge(&holdout, &shifted, 0, &Options { seed, ..Options::default() }).verdict
        };
        let Verdict::Inconclusive { reason, more_levels } = verdict(levels) else { return ("a verdict", None) };
        let Some(More::Levels { even, likely }) = more_levels else {
            return (more_levels.map_or("nothing said", |more| more.code()), None);
        };
        let settles = |more: usize| !matches!(verdict(levels + more), Verdict::Inconclusive { .. });
        let of = |more: usize| (more <= MOST).then(|| settles(more));
        (reason.code(), Some((even, of(even), likely.and_then(of))))
    });
    let mut kinds: BTreeMap<&str, Vec<Option<Told>>> = BTreeMap::new();
    for (kind, what) in &found {
        kinds.entry(kind).or_default().push(*what);
        if what.is_some() {
            kinds.entry("all with a number").or_default().push(*what);
        }
    }
    println!(
        "{agents} agents, {levels} levels, seed {seed}: how many, settled after N50, after N80, of those with such a number up to {MOST}; median N50"
    );
    for (kind, all) in kinds {
        let share = |settled: Vec<bool>| {
            let hits = settled.iter().filter(|settled| **settled).count();
            format!("{:.2} of {}", hits as f64 / settled.len().max(1) as f64, settled.len())
        };
        let told: Vec<_> = all.iter().flatten().collect();
        let mut evens: Vec<usize> = told.iter().map(|one| one.0).collect();
        evens.sort_unstable();
        let even = share(told.iter().filter_map(|one| one.1).collect());
        let likely = share(told.iter().filter_map(|one| one.2).collect());
        println!("{kind:<24} {:>4}  {even:<14} {likely:<14} {:?}", all.len(), evens.get(evens.len() / 2));
    }
}
