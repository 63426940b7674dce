//! Measures what can be attained on the shifts of the built-in studies, and prints `misgoal-study/studies/ceilings.toml`:
//!
//! ```text
//! cargo run --release -p misgoal-run --example ceilings [STUDY..] > misgoal-study/studies/ceilings.toml
//! ```
//!
//! Two agents a shift, with the study's own budget, on its own levels, one after the other: half an hour on one core. Of named studies the entries alone are
//! printed, to be put in the place of the old ones.
#![expect(clippy::print_stdout, reason = "the file is what this prints")]

use std::sync::atomic::AtomicBool;

use misgoal_run::record::{CeilingRecord, RunRecord};
use misgoal_run::{Event, Outcome, Request, TrainCeilings, run};
use misgoal_study::{AnyStudy, builtins};

const SEEDS: u32 = 2;

fn main() -> Result<(), String> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if named.is_empty() {
        println!(
            "# What agents attain that are trained on a shift alone. Made by `cargo run --release -p misgoal-run --example ceilings`."
        );
    }
    for builtin in builtins().iter().filter(|builtin| named.is_empty() || named.iter().any(|name| name == builtin.name))
    {
        let record = measure(builtin.source).map_err(|why| format!("{}: {why}", builtin.name))?;
        record.ceilings.iter().for_each(|ceiling| print(&record, ceiling));
    }
    Ok(())
}

fn measure(source: &str) -> Result<RunRecord, String> {
    let study = AnyStudy::parse("study.toml", source).map_err(|problems| problems.to_string())?;
    let root = tempfile::tempdir().map_err(|error| error.to_string())?;
    let request = Request {
        root: root.path().to_path_buf(),
        threads: 1,
        seeds: Some(SEEDS),
        ceilings: TrainCeilings::Alone,
        ..Request::default()
    };
    let never = AtomicBool::new(false);
    match run(&study, &request, &never, &mut |_: &Event| ()) {
        Ok(Outcome::Complete { record, .. }) => Ok(*record),
        Ok(Outcome::Stopped { .. }) => Err("it was stopped".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn print(record: &RunRecord, ceiling: &CeilingRecord) {
    let figure = &ceiling.figure;
    let attained: Vec<String> = figure.by_seed.iter().map(|attained| format!("{attained:.4}")).collect();
    println!(
        "\n[[ceiling]]\nstudy = \"{}\"\nhash = \"{}\"\nshift = \"{}\"\nsteps = {}\nlevels = {}\nattainment = [{}]",
        record.study.name,
        record.study.hash,
        figure.shift,
        figure.steps,
        figure.levels,
        attained.join(", ")
    );
}
