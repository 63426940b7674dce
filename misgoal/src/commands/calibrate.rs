//! `misgoal calibrate`: whether the judge's verdicts can be trusted in a study's world.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use misgoal_run::calibrate::{CalibrateRequest, CalibrationsRecord, DECISIONS, GRIDS, Progress, calibrate as work};
use misgoal_study::AnyStudy;

use super::run::stop_on_interrupt;
use crate::exit::{Exit, Failure};
use crate::output::{Bar, Console, calibrate as output};
use crate::studies;

/// Arguments of `misgoal calibrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reference agents of every failure mode - robust, misgeneralizing, switching, with an unlisted goal, stereotyped, incapable, undertrained,
overfitted and taught another reward (trained for it) - are judged on levels of their own, and the verdicts set against the truth.
Exit code 1: fewer than 95 % right where not inconclusive, or misgeneralization claimed in more than 1 % of the agents without a wrong goal.

With --outside, agents are judged too that no component of the judge describes: an action missing, slow, blind to one thing, a memory, mixtures,
switches within an episode, the nearest goal, anti-goals, drift. What each loses, and why, is counted on 5,000 levels before any is judged; right,
wrong and unnamed are rates of all judgements. Without a study's name that is done in seven built-in grids and four studies of decisions that were made
for it. Exit code 1 then also: wrong in more than 2 % by the upper end of the interval, or fewer than 80 % right.

hint: `misgoal calibrate coinrun --trained 0` trains nothing and takes seconds; `misgoal calibrate --outside=60 --trained 0` takes some ten minutes")]
pub struct Args {
    /// Built-in studies' names or paths of study files
    studies: Vec<String>,
    /// Every built-in study
    #[arg(long, conflicts_with = "studies")]
    all: bool,
    /// Judge agents too that no component of the judge describes, so many of each kind
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "10", require_equals = true, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    outside: Option<u32>,
    /// Judgements of each scripted agent, each on levels of its own
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    seeds: u32,
    /// Number of the first judgement of each agent: with another one, other levels
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    seed: u32,
    /// Agents to train for each failure that no script can play: overfitting, another reward; with --outside also as many of another shape
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=100))]
    trained: u32,
    /// Judgements side by side; one a core by default
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Print the findings as one JSON object (`misgoal schema calibrate` describes it)
    #[arg(long)]
    json: bool,
}

/// Calibrates.
///
/// # Errors
/// When a study is not there or is wrong, or its levels cannot be made.
pub fn calibrate(args: &Args, console: &Console) -> Result<Exit, Failure> {
    if args.studies.is_empty() && !args.all && args.outside.is_none() {
        return Err(Failure::usage("no study is named")
            .hint("name one, such as `misgoal calibrate coinrun`, or ask for `--all` or `--outside`"));
    }
    let names: Vec<String> = match (args.all, args.studies.is_empty()) {
        (true, _) => studies::names().map(str::to_owned).collect(),
        (false, true) => GRIDS.into_iter().chain(DECISIONS.map(|(name, _)| name)).map(str::to_owned).collect(),
        (false, false) => args.studies.clone(),
    };
    let loaded = names.iter().map(|name| load(name)).collect::<Result<Vec<_>, _>>()?;
    let stop = stop_on_interrupt(console)?;
    let bar = Mutex::new(Bar::new(console));
    let mut records = Vec::new();
    for (name, study) in names.iter().zip(&loaded) {
        let asked = CalibrateRequest {
            seeds: args.seeds,
            first: args.seed,
            trained: args.trained,
            outside: args.outside,
            threads: args.threads,
            command: format!(
                "misgoal calibrate {name} --seeds {} --trained {}{}{}",
                args.seeds,
                args.trained,
                if args.seed > 0 { format!(" --seed {}", args.seed) } else { String::new() },
                args.outside.map_or(String::new(), |count| format!(" --outside={count}"))
            ),
        };
        let record = work(study, &asked, &|progress| {
            if let Ok(bar) = bar.lock() {
                bar.say(|| match progress {
                    Progress::Truth(done, total) => format!("{name}: the truth on {done} of {total} levels"),
                    Progress::Outside(done, total) => format!("{name}: {done} of {total} agents outside judged"),
                    Progress::Judged(done, total) => format!("{name}: {done} of {total} reference agents judged"),
                });
            }
            !stop.load(Ordering::Relaxed)
        })?;
        match record {
            Some(record) => records.push(record),
            None => break,
        }
    }
    if let Ok(bar) = bar.lock() {
        bar.clear();
    }
    let interrupted = records.len() < names.len();
    let all = CalibrationsRecord::new(records);
    if args.json {
        let text = serde_json::to_string_pretty(&all).map_err(|error| Failure::bug(error.to_string()))?;
        console.line(text)?;
    } else {
        console.data(output::render(&all, console.width()))?;
        console.hint("how verdicts come about and what they were measured against: docs/method.md");
    }
    Ok(match (interrupted, all.meets_targets()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Fine,
        (false, false) => Exit::Finding,
    })
}

/// A study for agents outside the components, or any other.
fn load(name: &str) -> Result<AnyStudy, Failure> {
    match DECISIONS.iter().find(|(own, _)| *own == name) {
        Some((own, text)) => studies::parse(&format!("built-in {own}"), text),
        None => studies::load(name),
    }
}
