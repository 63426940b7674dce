//! `misgoal guard pending`, `approve`, `deny`: what waits for a person, and a person's word.

use misgoal_gateway::log::{Decision, Pending, State};
use misgoal_gateway::{Log, now};
use misgoal_guard::duration::Millis;
use misgoal_guard::read::{Limits, Side, value};
use misgoal_guard::tools::Tool;

use super::files::{self, Where};
use super::log::clock;
use crate::exit::{Exit, Failure};
use crate::output::{Console, Table, clean};

/// Arguments of `misgoal guard pending`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Show what is settled too
    #[arg(long)]
    all: bool,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Arguments of `misgoal guard approve`.
#[derive(Debug, clap::Args)]
pub struct Approve {
    #[command(flatten)]
    place: Where,
    /// What it is called by in `misgoal guard pending`
    id: String,
    /// How long the approval is good for the same call made again, such as `10m`; guard.toml's `valid` where nothing is said
    #[arg(long, value_name = "TIME")]
    valid: Option<Millis>,
}

/// Arguments of `misgoal guard deny`.
#[derive(Debug, clap::Args)]
pub struct Deny {
    #[command(flatten)]
    place: Where,
    /// What it is called by in `misgoal guard pending`
    id: String,
}

/// Shows what waits.
///
/// # Errors
/// When there is no log.
pub fn pending(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    let log = Log::open_to_read(&files.log_path).map_err(files::failure)?;
    let list = log.pending(args.all).map_err(files::failure)?;
    if args.json {
        let list: Vec<_> = list.iter().map(json).collect();
        console.line(serde_json::Value::from(list))?;
        return Ok(Exit::Fine);
    }
    if list.is_empty() {
        console.note("nothing waits for a person");
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(["id", "since", "what", "tool", "state", "why", "arguments"]);
    for one in &list {
        let shown = if one.kind == "tool" { String::new() } else { one.shown.clone() };
        let state =
            if one.state == State::Waiting { "waiting".to_owned() } else { format!("{:?}", one.state).to_lowercase() };
        let since = clock(i64::try_from(one.created).unwrap_or(0));
        let cells = [one.id.clone(), since, one.kind.clone(), one.tool.clone(), state, one.reason.clone(), shown];
        table.row(cells.map(|cell| clean(&cell)));
    }
    console.data(table.render(console.width()))?;
    console.hint("`misgoal guard approve ID` or `misgoal guard deny ID`");
    Ok(Exit::Fine)
}

/// Approves a held call, once, accepts a tool's new definition, or lets a session go on after an alarm.
///
/// # Errors
/// When nothing waits under this id, or it is settled.
pub fn approve(args: &Approve, console: &Console) -> Result<Exit, Failure> {
    console.line(say_yes(&files::load(&args.place)?, &args.id, args.valid)?)?;
    Ok(Exit::Fine)
}

/// Denies a held call, leaves a changed tool held, or stops a session after an alarm.
///
/// # Errors
/// As [`approve`].
pub fn deny(args: &Deny, console: &Console) -> Result<Exit, Failure> {
    console.line(say_no(&files::load(&args.place)?, &args.id)?)?;
    Ok(Exit::Fine)
}

/// Says yes, for so long or for as long as guard.toml says; gives what that means in words.
pub(super) fn say_yes(files: &files::Files, id: &str, valid: Option<Millis>) -> Result<String, Failure> {
    let valid = valid.unwrap_or(files.config.approvals.valid);
    let one = settle(files, id, Decision::Approve { until: now().saturating_add(valid.0) })?;
    Ok(match one.kind.as_str() {
        "tool" => {
            accept(files, &one)?;
            format!("`{}` is pinned as it is now", one.tool)
        }
        "alarm" => format!("session {} goes on; its calls are decided by the policies", one.session),
        _ => format!("approved this call of `{}`, once: {}", one.tool, one.shown),
    })
}

/// Says no; gives what that means in words.
pub(super) fn say_no(files: &files::Files, id: &str) -> Result<String, Failure> {
    let one = settle(files, id, Decision::Deny)?;
    Ok(match one.kind.as_str() {
        "alarm" => format!("session {} is stopped", one.session),
        _ => format!("denied: `{}`", one.tool),
    })
}

/// Writes the decision down.
fn settle(files: &files::Files, id: &str, decision: Decision) -> Result<Pending, Failure> {
    let mut log = Log::open_to_read(&files.log_path).map_err(files::failure)?;
    let one = log.find_pending(id).map_err(files::failure)?;
    let who = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    if !log.decide(&one.id, decision, &who).map_err(files::failure)? {
        return Err(
            Failure::usage(format!("`{}` is settled already", one.id)).hint("`misgoal guard pending --all` shows how")
        );
    }
    Ok(one)
}

/// Pins a tool as it is now; a running proxy takes the file over by itself.
fn accept(files: &files::Files, one: &Pending) -> Result<(), Failure> {
    let limits = Limits { bytes: 64 << 20, lines: false, ..Limits::default() };
    let node =
        value(one.shown.as_bytes(), Side::Server, &limits).map_err(|refusal| Failure::data(refusal.to_string()))?;
    let tool = Tool::from_definition(&node).map_err(|refusal| Failure::data(refusal.to_string()))?;
    if tool.digest != one.digest {
        return Err(Failure::data(format!("the definition of `{}` in the log is not the one that was held", one.tool)));
    }
    let mut tools = files.tools.clone();
    tools.pin(tool);
    files.write_tools(&tools).map_err(files::failure)
}

fn json(one: &Pending) -> serde_json::Value {
    serde_json::json!({
        "id": one.id, "kind": one.kind, "session": one.session, "tool": one.tool, "digest": one.digest, "version": one.version,
        "shown": serde_json::from_str(&one.shown).unwrap_or_else(|_| serde_json::Value::from(one.shown.as_str())),
        "reason": one.reason, "created": one.created, "state": format!("{:?}", one.state).to_lowercase(), "by": one.by,
    })
}
