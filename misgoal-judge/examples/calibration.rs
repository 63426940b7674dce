//! Calibration figures: scripted agents of known truth through the whole judge (`docs/method.md`).
//!
//! `cargo run --release -p misgoal-judge --example calibration [SEED]`; another seed gives fresh agents and levels.
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/agents.rs"]
mod agents;
#[path = "../tests/judge/figures.rs"]
mod figures;
#[path = "../tests/judge/lab.rs"]
mod lab;
#[path = "../tests/judge/parallel.rs"]
mod parallel;

use figures::{LEVELS, RUNS, calibration, verdicts};
use lab::Lab;

fn main() {
    let seed: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_261_121);
    let lab = Lab::new();
    println!("seed {seed}: right verdicts of {RUNS} agents (inconclusive in brackets, ! confident and wrong)\n");
    println!("{:<28} {:>14} {:>14} {:>14}   coin rejected after", "agent", "10 levels", "20 levels", "40 levels");
    let rows = verdicts(&lab, seed);
    for row in &rows {
        print!("{:<28}", row.name);
        for column in 0..LEVELS.len() {
            let wrong = if row.wrong[column] > 0 { format!(" !{}", row.wrong[column]) } else { String::new() };
            print!(" {:>14}", format!("{} ({}){wrong}", row.right[column], row.open[column]));
        }
        println!("   {}", row.rejects_after);
        let others: Vec<String> = row.others.iter().map(|(what, count)| format!("{what} x{count}")).collect();
        if !others.is_empty() {
            println!("    {}", others.join(", "));
        }
    }
    let total = rows.len() * LEVELS.len() * RUNS;
    let wrong: usize = rows.iter().flat_map(|row| row.wrong).sum();
    let harmless = rows.iter().filter(|row| row.harmless).count() * LEVELS.len() * RUNS;
    let false_alarms: usize = rows.iter().map(|row| row.false_alarms).sum();
    println!("\nconfident and wrong: {wrong} of {total}");
    println!("misgeneralization found in agents without a wrong goal: {false_alarms} of {harmless}");

    let calibration = calibration(&lab, 300, seed);
    println!("\nagents with shares drawn from the prior, 30 levels: coverage of 90 % intervals, mean error");
    for (component, coverage, bias) in &calibration.shares {
        println!("    {:<10} {coverage:.3} {bias:+.3}", format!("{component:?}"));
    }
    println!(
        "    all        {:.3}, truth below {:.3}, above {:.3}",
        calibration.coverage, calibration.tails.0, calibration.tails.1
    );
    println!("coverage of the excess regret: {:.3}", calibration.excess_regret);
    println!("expected calibration error of episodes: {:.4}", calibration.episodes);
}
