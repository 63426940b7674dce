//! `misgoal judge`: which goal a given policy pursues.

use misgoal_run::pipeline;
use misgoal_run::{GivenPolicy, Request};
use misgoal_study::StudyRef;

use super::run::{finish, show, stop_on_interrupt};
use super::runs::Where;
use crate::exit::{Exit, Failure};
use crate::output::Console;
use crate::{studies, suggest};

/// Arguments of `misgoal judge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A built-in study's name or the path of a study file
    study: String,
    /// A weight file (`policy.safetensors` of a run), or `scripted:NAME` for a reference agent such as `scripted:random`
    #[arg(long, value_name = "POLICY")]
    policy: String,
    /// Judge on this shift only
    #[arg(long)]
    shift: Option<String>,
    /// Levels to judge on, for each shift
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    levels: Option<u32>,
    #[command(flatten)]
    place: Where,
    /// Print the findings as one JSON object (`misgoal schema json` describes it)
    #[arg(long)]
    json: bool,
    /// Write no HTML report
    #[arg(long)]
    no_report: bool,
}

/// Judges one policy.
///
/// # Errors
/// When the study, the shift or the policy is not there or is wrong.
pub fn judge(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let study = studies::load(&args.study)?;
    if let Some(name) = &args.shift {
        suggest::shift_name(study.get(), name)?;
    }
    let policy = policy(study.get(), &args.policy)?;
    let request = Request {
        root: args.place.runs.clone(),
        command: command(args),
        levels: args.levels,
        shift: args.shift.clone(),
        ..Request::default()
    };
    let stop = stop_on_interrupt(console)?;
    let outcome = pipeline::judge_policy(&study, &policy, &request, stop, &mut show(console, study.get()))?;
    finish(&outcome, &args.place, args.json, args.no_report, console)
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

fn command(args: &Args) -> String {
    let mut words = vec![format!("misgoal judge {} --policy {}", args.study, args.policy)];
    words.extend(args.shift.as_ref().map(|shift| format!("--shift {shift}")));
    words.extend(args.levels.map(|levels| format!("--levels {levels}")));
    words.join(" ")
}
