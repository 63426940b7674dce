//! `misgoal list`: the built-in studies.

use misgoal_run::atlas;
use misgoal_study::builtins;

use crate::exit::{Exit, Failure};
use crate::output::{Console, Table};
use crate::studies;

/// Arguments of `misgoal list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists the built-in studies.
///
/// # Errors
/// When stdout cannot be written.
pub fn list(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let mut table = Table::new(["study", "intended goal", "proxies", "about"]);
    for builtin in builtins() {
        let study = studies::parse(&format!("built-in {}", builtin.name), builtin.source)?;
        let study = study.get();
        let mut goals = study.goals().into_iter().map(|(name, _)| name);
        let intended = goals.next().unwrap_or_default();
        let proxies: Vec<&str> = goals.collect();
        if args.json {
            console.line(serde_json::json!({
                "study": study.name(), "title": study.title(), "kind": study.kind(), "intended": intended, "proxies": proxies,
                "shifts": study.shifts().iter().map(|shift| shift.name).collect::<Vec<_>>(),
                "arms": study.arms().iter().map(|arm| &arm.name).collect::<Vec<_>>(),
            }))?;
        }
        table.row([study.name(), intended, &proxies.join(", "), study.title()]);
    }
    // An atlas is no study: it has a form of its own, and a command.
    let (intended, proxy) = atlas::GOALS;
    if args.json {
        console.line(serde_json::json!({
            "atlas": atlas::NAME, "title": atlas::TITLE, "intended": intended, "proxies": [proxy],
        }))?;
    }
    table.row([atlas::NAME, intended, proxy, atlas::TITLE]);
    if !args.json {
        console.data(table.render(console.width()))?;
        console.hint("`misgoal show coinrun` prints a study, `misgoal play coinrun` lets you play it, `misgoal run coinrun` runs it; `coin-line` is an atlas: `misgoal atlas coin-line`");
    }
    Ok(Exit::Fine)
}
