//! Agents that no component describes, judged: `cargo run --release -p misgoal-judge --example outside [RUNS [SEED [LEVELS]]]`.
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/lab.rs"]
#[expect(dead_code, reason = "no script is played here")]
mod lab;
#[path = "../tests/judge/outside.rs"]
mod outside;
#[path = "../tests/judge/outsiders.rs"]
mod outsiders;
#[path = "../tests/judge/parallel.rs"]
mod parallel;

use outside::judged;
use outsiders::OUTSIDERS;

fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let (runs, seed, levels) = (number(1, 60) as usize, number(2, 1), number(3, 40) as usize);
    let lab = lab::Lab::new();
    println!("{runs} agents of a kind, {levels} levels, seed {seed}: right, wrong, attained, verdicts");
    let (mut right, mut wrong) = (0, 0);
    for kind in OUTSIDERS {
        let tally = judged(&lab, kind, levels, runs, seed);
        right += tally.right;
        wrong += tally.wrong;
        println!("{:<42} {:>3} {:>3} {:.2} {:?}", kind.name, tally.right, tally.wrong, tally.attained, tally.codes);
    }
    println!("right {right}, wrong and confident {wrong} of {}", OUTSIDERS.len() * runs);
}
