//! `misgoal judge`: which goal a given policy pursues, and a run's agents judged anew.

use misgoal_run::pipeline::{self, Outcome};
use misgoal_run::read::Run;
use misgoal_run::record::{RunRecord, judge_version};
use misgoal_run::{GivenPolicy, Request};
use misgoal_study::StudyRef;

use super::run::{finish, show, stop_on_interrupt};
use super::runs::Where;
use crate::exit::{Exit, Failure};
use crate::output::Console;
use crate::{album, studies, suggest};

/// Arguments of `misgoal judge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A built-in study's name or the path of a study file
    #[arg(required_unless_present = "run", requires = "policy")]
    study: Option<String>,
    /// A weight file (`policy.safetensors` of a run), or `scripted:NAME` for a reference agent such as `scripted:random`
    #[arg(long, value_name = "POLICY", requires = "study")]
    policy: Option<String>,
    /// Judge the agents of a run anew, with this version's judge, and train none: the run's id, enough of it to be unique, or `latest`. Its verdict of
    /// before is kept in the run's directory, as `verdicts/verdict-JUDGE-N.json`
    #[arg(long, value_name = "RUN", conflicts_with_all = ["study", "policy", "shift", "levels"])]
    run: Option<String>,
    /// Judge on this shift only
    #[arg(long)]
    shift: Option<String>,
    /// Levels to judge on, for each shift
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    levels: Option<u32>,
    /// Judge on the levels of this seed, as `misgoal run --levels-seed` does
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    levels_seed: u32,
    #[command(flatten)]
    place: Where,
    /// Print the findings as one JSON object (`misgoal schema json` describes it)
    #[arg(long)]
    json: bool,
    /// Write no HTML report
    #[arg(long)]
    no_report: bool,
}

/// Judges one policy, or the agents of a run anew.
///
/// # Errors
/// When the study, the shift, the policy or the run is not there or is wrong.
pub fn judge(args: &Args, console: &Console) -> Result<Exit, Failure> {
    match (&args.run, &args.study, &args.policy) {
        (Some(wanted), ..) => anew(args, wanted, console),
        (None, Some(study), Some(policy)) => one(args, study, policy, console),
        _ => Err(Failure::usage("name a study and a policy, or a run to judge anew: `--run RUN`")),
    }
}

fn one(args: &Args, study: &str, name: &str, console: &Console) -> Result<Exit, Failure> {
    let command = command(args, study, name);
    let study = studies::load(study)?;
    if let Some(name) = &args.shift {
        suggest::shift_name(study.get(), name)?;
    }
    let policy = policy(study.get(), name)?;
    let request = Request {
        root: args.place.runs.clone(),
        command,
        levels: args.levels,
        levels_seed: Some(args.levels_seed),
        shift: args.shift.clone(),
        ..Request::default()
    };
    let stop = stop_on_interrupt(console)?;
    let outcome = pipeline::judge_policy(&study, &policy, &request, stop, &mut show(console, study.get()))?;
    finish(&outcome, &args.place, args.json, args.no_report, console)
}

fn anew(args: &Args, wanted: &str, console: &Console) -> Result<Exit, Failure> {
    let run = Run::open(&args.place.runs, wanted)?;
    let mut show = show(console, album::study(&run)?.get());
    // A verdict that cannot be read is no reason not to find one.
    let before = run.record().ok().flatten();
    let stop = stop_on_interrupt(console)?;
    let outcome = pipeline::judge_anew(&args.place.runs, run.id(), 0, stop, &mut show)?;
    let Outcome::Complete { dir, record } = &outcome else {
        console.note(format_args!("stopped; nothing of run `{}` has changed", run.id()));
        return Ok(Exit::Interrupted);
    };
    let exit = finish(&outcome, &args.place, args.json, args.no_report, console)?;
    if let Some(before) = before {
        for change in changes(&before, record) {
            console.note(change);
        }
        console.note(format_args!(
            "judged by version {} of the judge; the verdict by version {} is kept in {}",
            judge_version(record.judge),
            judge_version(before.judge),
            dir.path().join("verdicts").display()
        ));
    }
    Ok(exit)
}

/// The verdicts that are others than before.
fn changes(before: &RunRecord, now: &RunRecord) -> Vec<String> {
    let all = |record: &RunRecord| -> Vec<(String, String)> {
        let units = record.arms.iter().flat_map(|arm| &arm.units);
        let verdicts = units.flat_map(|unit| unit.shifts.iter().map(move |shift| (unit, shift)));
        verdicts
            .map(|(unit, shift)| {
                let verdict = &shift.verdict;
                let toward = verdict.toward.as_ref().map_or(String::new(), |goal| format!(" toward {goal}"));
                (format!("{}/{} on `{}`", unit.arm, unit.seed, shift.shift), format!("{}{toward}", verdict.code))
            })
            .collect()
    };
    let (before, now) = (all(before), all(now));
    let changed = now.into_iter().filter_map(|(what, verdict)| {
        let (_, old) = before.iter().find(|(other, _)| *other == what)?;
        (*old != verdict).then(|| format!("{what}: {verdict}, before {old}"))
    });
    changed.collect()
}

/// A policy by its name: a reference agent of this study, or a weight file.
///
/// # Errors
/// There is no such agent or file, or the file is damaged.
pub fn policy(study: StudyRef<'_>, name: &str) -> Result<GivenPolicy, Failure> {
    match name.strip_prefix("scripted:") {
        Some(name) => scripted(study, name),
        None => weights(name),
    }
}

/// A reference agent of this study.
fn scripted(study: StudyRef<'_>, name: &str) -> Result<GivenPolicy, Failure> {
    let names = misgoal_run::scripted_names(study);
    if names.iter().any(|known| known == name) {
        return Ok(GivenPolicy::Scripted(name.to_owned()));
    }
    let listed = format!("study `{}` has {}", study.name(), names.join(", "));
    Err(suggest::unknown("scripted agent", name, names.iter().map(String::as_str), &listed))
}

/// A weight file; whether it fits the study's world is for the run to say.
fn weights(path: &str) -> Result<GivenPolicy, Failure> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!("there is no policy file `{path}`"))
            .hint("runs keep theirs as `units/ARM-SEED/policy.safetensors`; a reference agent is `scripted:NAME`"),
        _ => Failure::data(format!("cannot read `{path}`: {error}")),
    })?;
    match misgoal_policy::Network::load(&bytes) {
        Ok(_) => Ok(GivenPolicy::Weights(bytes)),
        Err(error) => Err(Failure::data(format!("`{path}` is no policy: {error}"))
            .hint("runs keep their policies as `units/ARM-SEED/policy.safetensors`")),
    }
}

fn command(args: &Args, study: &str, policy: &str) -> String {
    let mut words = vec![format!("misgoal judge {study} --policy {policy}")];
    words.extend(args.shift.as_ref().map(|shift| format!("--shift {shift}")));
    words.extend(args.levels.map(|levels| format!("--levels {levels}")));
    words.extend((args.levels_seed > 0).then(|| format!("--levels-seed {}", args.levels_seed)));
    words.join(" ")
}
