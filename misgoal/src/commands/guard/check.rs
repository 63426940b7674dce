//! `misgoal guard check`: what is wrong or odd with a guard's files.

use misgoal_guard::policy::{cedar_schema, lint};

use super::files::{self, Where};
use crate::exit::{Exit, Failure};
use crate::output::{Console, clean_lines};

/// Arguments of `misgoal guard check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Print the Cedar schema that the policies are checked against, for an editor, and check nothing
    #[arg(long)]
    schema: bool,
}

/// Reads everything as the guard would, and looks the policies over as a whole.
///
/// # Errors
/// When a file is missing or wrong.
pub fn check(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let files = files::load(&args.place)?;
    if args.schema {
        console.data(cedar_schema(&files.tools, &files.config))?;
        return Ok(Exit::Fine);
    }
    let policies = files.policies().map_err(files::failure)?;
    let odd = lint(&policies, &files.tools);
    if !odd.list.is_empty() {
        // Names are the server's.
        odd.render(false).lines().try_for_each(|line| console.line(clean_lines(line)))?;
        console.line("")?;
    }
    let (rules, tools) = (policies.rules().len(), files.tools.len());
    let mode = if files.config.mode == misgoal_guard::Mode::Enforce { "enforced" } else { "only logged" };
    console.line(format_args!(
        "{rules} policies over {tools} tools, {mode}: {} remarks; version {}",
        odd.list.len(),
        policies.version
    ))?;
    if let Some(profile) = &files.profile {
        let promise = files.config.monitor.as_ref().and_then(|monitor| monitor.promise.as_ref());
        let promise = promise.map_or_else(|| profile.monitor.promise(), |promise| *promise.get_ref());
        let (sessions, calibrate) =
            (profile.monitor.model.profile.sessions(), profile.monitor.behaviour.bag().scores().len());
        let alone = if (calibrate as f64) < 2.0 * promise - 1.0 {
            "; so far only a row of sessions can be cause for one"
        } else {
            ""
        };
        console.line(format_args!(
            "profile {} of {sessions} sessions, {calibrate} more calibrate it: at most one false alarm in {promise} sessions{alone}",
            profile.digest
        ))?;
    }
    console.hint("hold them to examples with `misgoal guard test FILE`");
    Ok(if odd.list.is_empty() { Exit::Fine } else { Exit::Finding })
}
