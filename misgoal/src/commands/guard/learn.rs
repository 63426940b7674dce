//! `misgoal guard learn`: a behaviour profile and a proposed policy from good traces.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use misgoal_guard::propose::{self, Terms};
use misgoal_monitor::alternative::{Alternative, Declared, Learned};
use misgoal_monitor::{Monitor, Session, format};

use super::files::{self, Where};
use super::traces::{self, Given};
use crate::commands::replace_file;
use crate::exit::{Exit, Failure};
use crate::output::{Console, clean_policy};

/// Arguments of `misgoal guard learn`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    traces: Given,
    /// At most one false alarm in so many sessions, in each of the two channels
    #[arg(long, value_name = "N", default_value_t = 1000.0, value_parser = promise)]
    promise: f64,
    /// A proxy to be on the lookout for and the tools that it would call more often: `raise the score=write_score,edit_grade`
    #[arg(long = "proxy", value_name = "NAME=TOOL,..", value_parser = proxy)]
    proxies: Vec<Declared>,
    /// Where to write the behaviour profile
    #[arg(long, value_name = "FILE", default_value = "behaviour.json")]
    out: PathBuf,
    /// Where to write the proposed policy
    #[arg(long, value_name = "FILE", default_value = "proposed.cedar")]
    policy: PathBuf,
    /// Propose only conditions on provenance and history that would hinder at most this share of further good sessions, by what leaving out one
    /// session after another says; 1 proposes all that every session met
    #[arg(long, value_name = "SHARE", default_value_t = Terms::default().hinder, value_parser = share)]
    hinder: f64,
    /// The guard.toml whose labels the policy may use
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write over files that are there already
    #[arg(long)]
    force: bool,
}

fn promise(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "a number of sessions, such as 1000".to_owned())?;
    if (1.0..=1e9).contains(&number) { Ok(number) } else { Err("a number of sessions from 1 to 1000000000".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "a share, such as 0.2".to_owned())?;
    if (0.0..=1.0).contains(&number) { Ok(number) } else { Err("a share from 0 to 1".to_owned()) }
}

fn proxy(text: &str) -> Result<Declared, String> {
    let wrong = || "a name and tools, such as `raise the score=write_score`".to_owned();
    let (name, tools) = text.split_once('=').ok_or_else(wrong)?;
    let tools: Vec<String> =
        tools.split(',').map(str::trim).filter(|tool| !tool.is_empty()).map(str::to_owned).collect();
    if name.trim().is_empty() || tools.is_empty() {
        Err(wrong())
    } else {
        Ok(Declared::favours(name.trim(), &tools, &[]))
    }
}

/// Learns from the sessions that are good as far as is known: those with a recorded reward below 1 are left out, and those in which a call is marked
/// are examples of what the mark names.
///
/// # Errors
/// When a file cannot be read or written, or there are too few sessions.
pub fn learn(args: &Args, console: &Console) -> Result<Exit, Failure> {
    if let Some(path) = [&args.out, &args.policy].into_iter().find(|path| path.exists() && !args.force) {
        return Err(Failure::usage(format!("`{}` is there already", path.display())).hint("`--force` writes over it"));
    }
    let place = args.config.as_ref().map(|config| Where { config: config.clone() });
    let files = place.as_ref().map(files::load).transpose()?;
    let sessions = traces::read(&args.traces)?;
    let all = sessions.len();
    let (marked, unmarked): (Vec<Session>, Vec<Session>) =
        sessions.into_iter().partition(|session| !session.marks.is_empty());
    let good: Vec<Session> =
        unmarked.into_iter().filter(|session| session.reward.is_none_or(|reward| reward >= 1.0)).collect();
    let learned = learned(&marked);
    let named = learned.iter().map(|proxy| format!("`{}`", proxy.name())).collect::<Vec<_>>().join(", ");
    let proxies = args.proxies.iter().cloned().map(Alternative::Declared).chain(learned).collect();
    let monitor = Monitor::learn(&good, proxies, args.promise).map_err(|error| Failure::data(error.to_string()))?;
    let bytes = format::write(&monitor).map_err(|error| Failure::data(error.to_string()))?;
    write(&args.out, &bytes)?;
    let policy = propose::policy(&good, files.as_ref().map(|files| &files.config), Terms { hinder: args.hinder });
    write(&args.policy, clean_policy(&policy).as_bytes())?;
    let failed = all - good.len() - marked.len();
    let left_out = if failed > 0 { format!(" ({failed} with a reward below 1 left out)") } else { String::new() };
    console.line(format_args!("learned from {} good sessions{left_out}", good.len()))?;
    if !marked.is_empty() {
        console.line(format_args!("learned the proxies {named} from the marked calls of {} sessions", marked.len()))?;
    }
    let calibration = monitor.behaviour.bag().scores().len();
    console
        .line(format_args!("{calibration} of them calibrate: at most one false alarm in {} sessions", args.promise))?;
    if (calibration as f64) < 2.0 * args.promise - 1.0 {
        console.note(format_args!(
            "no single session can be cause for an alarm yet, only a row of sessions: that takes {} more to calibrate (judged sessions count)",
            2.0 * args.promise - 1.0 - calibration as f64
        ));
    }
    console.line(format_args!("wrote {} and {}", args.out.display(), args.policy.display()))?;
    console.hint(format_args!(
        "`misgoal guard replay --profile {} TRACES` shows what it says of other traces",
        args.out.display()
    ));
    Ok(Exit::Fine)
}

/// A proxy for each remark that people have put on calls, from the calls that bear it.
fn learned(marked: &[Session]) -> Vec<Alternative> {
    let names: BTreeSet<&str> =
        marked.iter().flat_map(|session| &session.marks).map(|(_, mark)| mark.as_str()).collect();
    let only = |name: &str| {
        let of = |session: &Session| Session {
            marks: session.marks.iter().filter(|(_, mark)| mark == name).cloned().collect(),
            ..session.clone()
        };
        let sessions: Vec<Session> = marked.iter().map(of).filter(|session| !session.marks.is_empty()).collect();
        Alternative::Learned(Learned::learn(name, &sessions))
    };
    names.into_iter().map(only).collect()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace_file(path, bytes)
}
