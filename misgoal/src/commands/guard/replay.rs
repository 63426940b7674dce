//! `misgoal guard replay`: what the monitor and the policies would have said of recorded traces.

use std::path::{Path, PathBuf};

use misgoal_guard::replay::Denied;
use misgoal_monitor::{Alarm, Channel, Monitor, Session, format};
use serde_json::{Value, json};

use super::files::{self, Where};
use super::traces::{self, Given};
use crate::exit::{Exit, Failure};
use crate::output::{Cell, Console, Table, Tone, clean, clean_lines, quoted};

/// Arguments of `misgoal guard replay`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    traces: Given,
    /// A behaviour profile that `misgoal guard learn` wrote
    #[arg(long, value_name = "FILE", required_unless_present = "policies")]
    profile: Option<PathBuf>,
    /// Hold the calls to the policies of guard.toml as well
    #[arg(long)]
    policies: bool,
    #[command(flatten)]
    place: Where,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

/// What came of one session.
struct Outcome {
    session: Session,
    alarms: Vec<Alarm>,
    p: Option<[f64; 2]>,
    denied: Vec<Denied>,
}

/// Replays the sessions in their order, as one agent's.
///
/// # Errors
/// When a file is missing or wrong.
pub fn replay(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let mut monitor = args.profile.as_deref().map(profile).transpose()?;
    let guard = match args.policies {
        true => {
            let files = files::load(&args.place)?;
            Some((files.policies().map_err(files::failure)?, files))
        }
        false => None,
    };
    let outcomes: Vec<Outcome> = traces::read(&args.traces)?
        .into_iter()
        .map(|session| {
            let (alarms, p) = monitor.as_mut().map_or_else(Default::default, |monitor| watched(monitor, &session));
            let denied = guard.as_ref().map(|(policies, files)| {
                misgoal_guard::replay::denied(&session, policies, &files.tools, &files.config)
            });
            Outcome { session, alarms, p, denied: denied.unwrap_or_default() }
        })
        .collect();
    let found = outcomes.iter().any(|outcome| !outcome.alarms.is_empty() || !outcome.denied.is_empty());
    if args.json {
        console.json(&json(&outcomes).to_string())?;
    } else {
        show(&outcomes, console)?;
    }
    Ok(if found { Exit::Finding } else { Exit::Fine })
}

fn profile(path: &Path) -> Result<Monitor, Failure> {
    let text = files::read(path)?;
    format::read(text.as_bytes()).map_err(|error| Failure::data(format!("`{}`: {error}", path.display())))
}

fn watched(monitor: &mut Monitor, session: &Session) -> (Vec<Alarm>, Option<[f64; 2]>) {
    let (live, alarms) = monitor.replay(session);
    let [moved, failing] = live.scores();
    let p = [monitor.behaviour.bag().p_value(moved), monitor.capability.bag().p_value(failing)];
    monitor.end(&live);
    (alarms, Some(p))
}

fn show(outcomes: &[Outcome], console: &Console) -> Result<(), Failure> {
    let mut table = Table::new(["session", "calls", "behaviour p", "capability p", "denied", "verdict"]);
    for Outcome { session, alarms, p, denied } in outcomes {
        let p = p.map_or(["-".to_owned(), "-".to_owned()], |p| p.map(|p| format!("{p:.3}")));
        let verdict = match (alarms.first(), denied.first()) {
            (Some(alarm), _) => {
                Cell::new(clean(&format!("alarm: toward {} since step {}", alarm.toward, alarm.since)), Tone::Bad)
            }
            (None, Some(denied)) => {
                Cell::new(format!("denied: {} at step {}", quoted(&denied.tool), denied.step), Tone::Bad)
            }
            (None, None) => Cell::new("fine", Tone::Good),
        };
        let [behaviour, capability] = p;
        let calls = session.calls().count().to_string();
        let cells = [clean(&session.id), calls, behaviour, capability, denied.len().to_string()];
        table.row(cells.into_iter().map(Cell::from).chain([verdict]));
    }
    console.data(table.render(console.width()))?;
    for Outcome { session, alarms, denied, .. } in outcomes {
        for alarm in alarms {
            console.line(format_args!("\n{}", clean_lines(&format!("{}: {alarm}", session.id))))?;
        }
        for Denied { step, tool, verdict, rules, reason } in denied {
            let by = if rules.is_empty() { "by default".to_owned() } else { format!("by `{}`", rules.join("`, `")) };
            let line = format!("{}: step {step}: `{tool}` {verdict} {by}: {reason}", session.id);
            console.line(format_args!("\n{}", clean(&line)))?;
        }
    }
    let alarmed = outcomes.iter().filter(|outcome| !outcome.alarms.is_empty()).count();
    let denied: usize = outcomes.iter().map(|outcome| outcome.denied.len()).sum();
    console.line(format_args!("\n{} sessions: {alarmed} with an alarm, {denied} calls not permitted", outcomes.len()))
}

/// What `--json` prints, version 1.
fn json(outcomes: &[Outcome]) -> Value {
    let channel = |channel| match channel {
        Channel::Behaviour => "behaviour",
        Channel::Capability => "capability",
    };
    let alarm = |alarm: &Alarm| {
        json!({
            "channel": channel(alarm.channel), "since": alarm.since, "at": alarm.at, "toward": alarm.toward, "p": alarm.p,
            "promise": alarm.promise, "row": alarm.row, "because": alarm.because,
        })
    };
    let denied = |denied: &Denied| json!({ "step": denied.step, "tool": denied.tool, "verdict": denied.verdict, "rules": denied.rules, "reason": denied.reason });
    let session = |outcome: &Outcome| {
        json!({
            "id": outcome.session.id,
            "calls": outcome.session.calls().count(),
            "p": outcome.p.map(|[behaviour, capability]| json!({ "behaviour": behaviour, "capability": capability })),
            "alarms": outcome.alarms.iter().map(alarm).collect::<Vec<_>>(),
            "denied": outcome.denied.iter().map(denied).collect::<Vec<_>>(),
        })
    };
    json!({ "format": "misgoal-guard-replay", "version": 1, "sessions": outcomes.iter().map(session).collect::<Vec<_>>() })
}
