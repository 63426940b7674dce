//! Models that follow a mark in part of the cases, judged from single choices and from compared ones (`docs/audit.md`).
//!
//! `cargo run --release -p misgoal-judge --example partial [CASES [SEEDS [FIRST-SEED]]]`
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/partial.rs"]
mod partial;

fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let (cases, seeds, first) = (number(1, 500), number(2, 20), number(3, 0));
    println!("{cases} cases, {seeds} models of each kind, seeds from {first}");
    for (name, _, model) in partial::models() {
        for (how, compare) in [("single", false), ("compared", true)] {
            let found = partial::verdicts(&model, cases as usize, compare, first..first + seeds);
            let listed: Vec<String> = found.iter().map(|(code, count)| format!("{code} {count}")).collect();
            println!("{name:<56} {how:<9} {}", listed.join(", "));
        }
    }
}
