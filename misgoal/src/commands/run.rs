//! `misgoal run`: trains agents on a study and judges which goal they learned.

use std::sync::atomic::{AtomicBool, Ordering};

use misgoal_run::pipeline::{self, Outcome};
use misgoal_run::read::Run;
use misgoal_run::record::RunRecord;
use misgoal_run::{Request, RunDir, TrainCeilings};
use misgoal_study::StudyRef;

use super::runs::Where;
use super::{report, run_all};
use crate::exit::{Exit, Failure};
use crate::output::progress::Show;
use crate::output::{Console, figure, verdict};
use crate::{album, studies, suggest};

/// Arguments of `misgoal run`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Ctrl-C writes checkpoints and stops; `--resume` goes on bit for bit, as it does after a crash. A second Ctrl-C quits at once.")]
pub struct Args {
    /// A built-in study's name or the path of a study file
    #[arg(required_unless_present_any = ["resume", "all"])]
    study: Option<String>,
    /// Every built-in study, one after the other
    #[arg(long, conflicts_with_all = ["study", "arms", "shift"])]
    pub(super) all: bool,
    /// A small budget: one seed, a twentieth of the training, 30 levels, where nothing else is said
    #[arg(long)]
    pub(super) quick: bool,
    /// Agents to train in each arm; the study says how many by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) seeds: Option<u32>,
    /// The first agent's seed; the others follow. It is the seed of the levels to judge on too
    #[arg(long, value_name = "FIRST", default_value_t = 0)]
    seed: u64,
    /// Train this arm only; may be given more than once
    #[arg(long = "arm", value_name = "NAME")]
    arms: Vec<String>,
    /// Environment steps to train each agent for, such as 500000, 500k or 2M
    #[arg(long, value_name = "N", value_parser = steps)]
    pub(super) steps: Option<u64>,
    /// Levels to judge on, for each shift
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) levels: Option<u32>,
    /// Judge on the levels of this seed, `0` for those that a run without `--seed` is judged on: agents of several runs on the same levels
    #[arg(long, value_name = "SEED")]
    levels_seed: Option<u32>,
    /// Agents to train side by side; one for each core by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Judge on this shift only
    #[arg(long, value_name = "NAME")]
    shift: Option<String>,
    /// First train agents on each shift's levels alone: what they attain is the ceiling that the other agents are read against
    #[arg(long)]
    ceiling: bool,
    /// Judge each agent at this many points of its training too: when did competence come, and when the proxy?
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u32).range(1..=1000))]
    along: Option<u32>,
    #[command(flatten)]
    place: Where,
    /// Go on with a run that was stopped: its id, enough of it to be unique, or `latest`
    #[arg(long, value_name = "RUN", conflicts_with_all = ["study", "seeds", "seed", "arms", "steps", "levels", "levels_seed", "shift", "ceiling", "along", "all", "quick"])]
    resume: Option<String>,
    /// Print the findings as one JSON object (`misgoal schema json` describes it)
    #[arg(long)]
    pub(super) json: bool,
    /// Write no HTML report
    #[arg(long)]
    no_report: bool,
}

/// Runs a study, or goes on with a run.
///
/// # Errors
/// When the study, an arm or a run is not there or is wrong, or a file cannot be written.
pub fn run(mut args: Args, console: &Console) -> Result<Exit, Failure> {
    let stop = stop_on_interrupt(console)?;
    if args.all {
        return run_all::all(&args, stop, console);
    }
    let threads = args.threads.unwrap_or(0) as usize;
    let outcome = match (args.resume.clone(), args.study.clone()) {
        (Some(wanted), _) => {
            let run = Run::open(&args.place.runs, &wanted)?;
            let mut show = show(console, album::study(&run)?.get());
            pipeline::resume(&args.place.runs, run.id(), threads, stop, &mut show)?
        }
        (None, Some(name)) => {
            let study = studies::load(&name)?;
            suggest::arms(study.get(), &args.arms)?;
            if let Some(name) = &args.shift {
                suggest::shift_name(study.get(), name)?;
            }
            if args.quick {
                run_all::quicken(&mut args, &study);
            }
            let request = request(&args, command(&name, &args));
            pipeline::run(&study, &request, stop, &mut show(console, study.get()))?
        }
        (None, None) => return Err(Failure::usage("name a study, or a run to go on with: `--resume RUN`")),
    };
    finish(&outcome, &args.place, args.json, args.no_report, console)
}

/// What is asked of the pipeline.
pub(super) fn request(args: &Args, command: String) -> Request {
    Request {
        root: args.place.runs.clone(),
        command,
        threads: args.threads.unwrap_or(0) as usize,
        arms: args.arms.clone(),
        seeds: args.seeds,
        first_seed: args.seed,
        along: args.along.unwrap_or(0),
        steps: args.steps,
        levels: args.levels,
        levels_seed: args.levels_seed,
        shift: args.shift.clone(),
        ceilings: if args.ceiling { TrainCeilings::Beside } else { TrainCeilings::No },
    }
}

/// A sink that shows a run of this study.
pub fn show(console: &Console, study: StudyRef<'_>) -> Show {
    Show::new(console.clone(), study.goals().iter().map(|(name, _)| (*name).to_owned()).collect())
}

/// The command that repeats the run: what was typed, without where and how it was run.
pub(super) fn command(study: &str, args: &Args) -> String {
    let mut words = vec!["misgoal run".to_owned(), study.to_owned()];
    words.extend(args.seeds.map(|seeds| format!("--seeds {seeds}")));
    words.extend((args.seed > 0).then(|| format!("--seed {}", args.seed)));
    words.extend(args.arms.iter().map(|arm| format!("--arm {arm}")));
    words.extend(args.steps.map(|steps| format!("--steps {steps}")));
    words.extend(args.levels.map(|levels| format!("--levels {levels}")));
    words.extend(args.levels_seed.map(|seed| format!("--levels-seed {seed}")));
    words.extend(args.shift.iter().map(|shift| format!("--shift {shift}")));
    words.extend(args.ceiling.then(|| "--ceiling".to_owned()));
    words.extend(args.along.map(|points| format!("--along {points}")));
    words.join(" ")
}

/// Prints what was found, writes the report, says what is next; the finding decides the exit code.
///
/// # Errors
/// When the report or stdout cannot be written.
pub fn finish(
    outcome: &Outcome,
    place: &Where,
    json: bool,
    no_report: bool,
    console: &Console,
) -> Result<Exit, Failure> {
    let (dir, record) = match outcome {
        Outcome::Stopped { dir } => {
            console.note(format_args!("stopped; everything so far is in {}", dir.path().display()));
            console.hint(format_args!("go on with `misgoal run --resume {}{}`", short(dir), place.told()));
            return Ok(Exit::Interrupted);
        }
        Outcome::Complete { dir, record } => (dir, record),
    };
    let written = if no_report { None } else { Some(report::write(&Run::open(&place.runs, dir.id())?, None)?) };
    if json {
        let text = serde_json::to_string_pretty(record.as_ref()).map_err(|error| Failure::bug(error.to_string()))?;
        console.line(text)?;
    } else {
        console.data(verdict::render(record, console.width()))?;
        console.line(format_args!("\ntime     {}", spent(record)))?;
        let report = written.map_or_else(String::new, |path| format!(" and {}", path.display()));
        console.line(format_args!("wrote    {}{report}", dir.path().join("verdict.json").display()))?;
        console.hint(format_args!(
            "`misgoal replay {}{}` lists the episodes to watch; open report.html in a browser to see the evidence",
            short(dir),
            place.told(),
        ));
    }
    Ok(if record.finding { Exit::Finding } else { Exit::Fine })
}

/// The last part of a run's id: enough to name it.
fn short(dir: &RunDir) -> &str {
    dir.id().rsplit('-').next().unwrap_or_default()
}

/// `38 s on 2 threads: 9 agents, 9.0M steps`.
fn spent(record: &RunRecord) -> String {
    let units: Vec<_> = record.arms.iter().flat_map(|arm| &arm.units).collect();
    let steps: u64 = units.iter().map(|unit| unit.steps).sum();
    let threads = record.machine.get("threads").and_then(|threads| threads.parse().ok()).unwrap_or(1);
    let trained = if steps > 0 { format!(", {} steps", figure::count(steps)) } else { String::new() };
    let time = figure::duration(record.seconds);
    format!("{time} on {}: {}{trained}", figure::plural(threads, "thread"), figure::plural(units.len(), "agent"))
}

/// A flag that Ctrl-C raises; a second Ctrl-C ends the process at once.
///
/// # Errors
/// When the system lets no handler be set.
pub fn stop_on_interrupt(console: &Console) -> Result<&'static AtomicBool, Failure> {
    static STOP: AtomicBool = AtomicBool::new(false);
    let console = console.clone();
    ctrlc::set_handler(move || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted.code().into());
        }
        console
            .warn("stopping at the next checkpoint; Ctrl-C again quits at once and loses what came since the last one");
    })
    .map_err(|error| Failure::data(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(&STOP)
}

/// `2000000`, `2_000_000`, `500k` or `2M`.
pub(super) fn steps(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no number of steps: write 500000, 500k or 2M");
    let plain = text.replace('_', "");
    let (digits, factor) = match plain.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1e3),
        None => plain.strip_suffix(['m', 'M']).map_or((plain.as_str(), 1.0), |digits| (digits, 1e6)),
    };
    let steps = digits.parse::<f64>().map_err(|_| wrong())? * factor;
    if (1.0..=1e12).contains(&steps) { Ok(steps.round() as u64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn steps_read_as_people_write_them() {
        for (text, expected) in [
            ("500000", Some(500_000)),
            ("500k", Some(500_000)),
            ("1.5M", Some(1_500_000)),
            ("2_000_000", Some(2_000_000)),
            ("0", None),
            ("-1", None),
            ("many", None),
            ("NaN", None),
            ("1e400", None),
        ] {
            assert_eq!(steps(text).ok(), expected, "{text}");
        }
    }
}
