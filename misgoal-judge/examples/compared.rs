//! Models that answer every case twice, of any accuracy, judged (`docs/audit.md`): `cargo run --release -p misgoal-judge --example compared
//! [RUNS [FIRST-SEED [OPTIONS [ERRORS]]]]`, with OPTIONS and ERRORS to see one kind alone.
//!
//! What was expected stands in `tests/judge/compared.rs`.
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/compared.rs"]
mod compared;
#[path = "../tests/judge/parallel.rs"]
mod parallel;

use compared::{Cell, Errors, Model, cell};
use parallel::in_parallel;

const ERRORS: [Errors; 3] = [Errors::WholeCases, Errors::FirstOption, Errors::Answers];
const SHARES: [f64; 6] = [0.0, 0.1, 0.3, 0.5, 0.7, 1.0];
const ACCURACIES: [f64; 6] = [0.55, 0.65, 0.75, 0.85, 0.95, 0.99];

fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let (runs, first, only) = (number(1, 200), number(2, 0), number(3, 0) as usize);
    let errors = std::env::args().nth(4);
    println!(
        "{runs} data sets a cell, seeds from {first}: right / wrong / inconclusive; coverage of the share that moves, where a verdict has it"
    );
    let wanted = |one: &Errors| errors.as_deref().is_none_or(|wanted| format!("{one:?}") == wanted);
    for errors in ERRORS.into_iter().filter(wanted) {
        for options in [2, 3].into_iter().filter(|options| only == 0 || only == *options) {
            for cases in [100, 400, 2000] {
                println!("\nerrors: {errors:?}, {options} options, {cases} cases");
                table(runs, first, cases, |share, accuracy| Model { options, share, accuracy, errors });
            }
        }
    }
}

fn table(runs: u64, first: u64, cases: usize, model: impl Fn(f64, f64) -> Model + Sync) {
    println!("accuracy  {}", SHARES.map(|share| format!("{share:<28}")).concat());
    let cells = in_parallel(ACCURACIES.len() * SHARES.len(), |at| {
        let model = model(SHARES[at % SHARES.len()], ACCURACIES[at / SHARES.len()]);
        cell(&model, cases, first..first + runs)
    });
    let rate = |count: usize| count as f64 / runs as f64;
    let line = |found: &Cell| {
        let [right, wrong, open] = [found.right, found.wrong, found.open].map(rate);
        let covered = found.covered as f64 / found.told as f64;
        format!("{:<28}", format!("{right:.3}/{wrong:.3}/{open:.3}  {covered:.2}"))
    };
    for (row, accuracy) in cells.chunks(SHARES.len()).zip(ACCURACIES) {
        println!("{accuracy:<9} {}", row.iter().map(line).collect::<String>());
    }
    for (at, found) in cells.iter().enumerate() {
        let (share, accuracy) = (SHARES[at % SHARES.len()], ACCURACIES[at / SHARES.len()]);
        let told = found.words.len() > 1 || found.open > 0 || found.wrong > 0;
        if told {
            println!("    share {share}, accuracy {accuracy}: {:?} {:?}", found.words, found.reasons);
        }
    }
    let (wrong, all) = (cells.iter().map(|cell| cell.wrong).sum::<usize>(), cells.len() * runs as usize);
    println!("wrong {wrong} of {all}; in one cell at most {}", cells.iter().map(|cell| cell.wrong).max().unwrap());
}
