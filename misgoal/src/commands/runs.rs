//! `misgoal runs`: what was run here.

use std::path::PathBuf;

use misgoal_run::index::{self, RunState, RunSummary};

use crate::exit::{Exit, Failure};
use crate::output::{Cell, Console, Table, Tone, figure};

/// Where runs are kept.
#[derive(Debug, Clone, clap::Args)]
pub struct Where {
    /// The directory that runs are kept in
    #[arg(long, value_name = "DIR", default_value = DEFAULT)]
    pub runs: PathBuf,
}

/// Where runs are kept unless the command line says otherwise.
const DEFAULT: &str = "misgoal-runs";

impl Where {
    /// What the next command must be told to find the same runs: nothing, or ` --runs DIR`.
    pub fn told(&self) -> String {
        if self.runs.as_os_str() == DEFAULT { String::new() } else { format!(" --runs {}", self.runs.display()) }
    }
}

/// Arguments of `misgoal runs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists the runs, newest first.
///
/// # Errors
/// When the directory of runs cannot be read.
pub fn runs(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let found = index::list(&args.place.runs)?;
    if args.json {
        for run in &found {
            console.line(json(run))?;
        }
        return Ok(Exit::Fine);
    }
    if found.is_empty() {
        console.note(format_args!("no runs in `{}` yet", args.place.runs.display()));
        console.hint("`misgoal run coinrun` makes one");
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(["run", "study", "state", "agents", "time", "found"]);
    for run in &found {
        let tone = if run.state == RunState::Damaged { Tone::Bad } else { Tone::Plain };
        table.row([
            Cell::from(run.id.as_str()),
            run.study.as_str().into(),
            Cell::new(run.state.word(), tone),
            format!("{}/{}", run.done, run.units).into(),
            figure::duration(run.seconds).replace(' ', "\u{a0}").into(),
            run.sentence.as_str().into(),
        ]);
    }
    console.data(table.render(console.width()))?;
    match found.iter().find(|run| run.state == RunState::Interrupted) {
        Some(run) => {
            let short = run.id.rsplit('-').next().unwrap_or_default();
            console.hint(format_args!("go on with `misgoal run --resume {short}{}`", args.place.told()));
        }
        None => console.hint(format_args!(
            "`misgoal report latest{}` opens a run's report; the last four characters of an id suffice",
            args.place.told()
        )),
    }
    Ok(Exit::Fine)
}

fn json(run: &RunSummary) -> serde_json::Value {
    serde_json::json!({
        "run": run.id,
        "study": run.study,
        "created": run.created,
        "state": run.state.word(),
        "done": run.done,
        "units": run.units,
        "seconds": run.seconds,
        "sentence": run.sentence,
    })
}
