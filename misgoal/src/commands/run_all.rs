//! `misgoal run --all`: every built-in study, one after the other; and `--quick`, a budget for a continuous-integration machine.

use std::sync::atomic::AtomicBool;

use misgoal_run::pipeline::{self, Outcome};
use misgoal_run::record::RunRecord;
use misgoal_study::AnyStudy;

use super::run::{Args, command, request, show};
use crate::exit::{Exit, Failure};
use crate::output::{Console, Table, figure, verdict};
use crate::studies;

/// The share of a study's training in a quick run.
const SHARE: u64 = 20;
/// Levels to judge on in a quick run.
const LEVELS: u32 = 30;

/// Fills in what `--quick` stands for, so that the run's command says it in full.
pub fn quicken(args: &mut Args, study: &AnyStudy) {
    let steps = match study {
        AnyStudy::Grid(study) => study.agent.steps,
        AnyStudy::Decision(study) => study.agent.steps,
    };
    args.seeds = args.seeds.or(Some(1));
    args.steps = args.steps.or(Some((steps / SHARE).max(1)));
    args.levels = args.levels.or(Some(LEVELS));
}

/// Runs every built-in study. Misgeneralization is what they are there to show, so findings do not change the exit code.
///
/// # Errors
/// When a study breaks, or a file cannot be written; the runs that are complete stay.
pub fn all(args: &Args, stop: &AtomicBool, console: &Console) -> Result<Exit, Failure> {
    let mut records: Vec<RunRecord> = Vec::new();
    for name in studies::names() {
        let study = studies::load(name)?;
        let mut args = args.clone();
        if args.quick {
            quicken(&mut args, &study);
        }
        let request = request(&args, command(name, &args));
        match pipeline::run(&study, &request, stop, &mut show(console, study.get()))? {
            Outcome::Complete { record, .. } => records.push(*record),
            Outcome::Stopped { dir } => {
                console.note(format_args!("stopped in `{name}`; everything so far is in {}", dir.path().display()));
                break;
            }
        }
    }
    let interrupted = records.len() < studies::names().count();
    if args.json {
        let text = serde_json::to_string_pretty(&records).map_err(|error| Failure::bug(error.to_string()))?;
        console.line(text)?;
    } else {
        let mut table = Table::new(["study", "time", "the first arm"]);
        for record in &records {
            table.row([record.study.name.clone(), figure::duration(record.seconds), verdict::headline(record)]);
        }
        console.data(table.render(console.width()))?;
        if args.quick {
            console.hint("a quick run trains too little to judge by: `misgoal run STUDY` is the real one");
        }
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Fine })
}
