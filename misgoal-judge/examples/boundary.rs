//! Does a verdict depend on the seed of the posterior's draws? `cargo run --release -p misgoal-judge --example boundary [SETS [SEEDS [FIRST]]]`.
//!
//! What was expected stands in `tests/judge/boundary.rs`.
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/boundary.rs"]
mod boundary;
#[path = "../tests/judge/lab.rs"]
mod lab;
#[path = "../tests/judge/outsiders.rs"]
mod outsiders;
#[path = "../tests/judge/parallel.rs"]
mod parallel;

fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let found = boundary::figures(&lab::Lab::new(), number(1, 40) as usize, number(2, 10), number(3, 1000));
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    println!("{} data sets near a boundary, of {} tried; {} judgements", found.sets, found.tried, found.judgements);
    println!("the same verdict: {:.4}", share(found.same, found.judgements));
    println!("sets with two confident verdicts: {:?}", found.torn);
    println!(
        "confident: {:.3}, of them right: {:.4}",
        share(found.confident, found.judgements),
        share(found.right, found.confident)
    );
    println!("from one confident verdict to another with one more level: {:?}", found.jumped);
    println!("sets on the boundary in some judgement: {}", found.boundary);
}
