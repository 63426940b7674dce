//! `misgoal lint`: whether a study can tell its goals apart, before any agent is trained.

use misgoal_run::record::LintRecord;

use crate::exit::{Exit, Failure};
use crate::output::{Cell, Console, Table, Tone, figure};
use crate::studies;

/// Arguments of `misgoal lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A built-in study's name or the path of a study file
    study: String,
    /// Print the findings as a JSON array
    #[arg(long)]
    json: bool,
}

/// Checks a study file, then asks the oracle whether training hides the difference between the goals and the shifts show it.
///
/// # Errors
/// When there is no such study, or it is wrong.
pub fn lint(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let study = studies::load(&args.study)?;
    let found = misgoal_run::lint(&study)?;
    if args.json {
        let text = serde_json::to_string_pretty(&found).map_err(|error| Failure::bug(error.to_string()))?;
        console.line(text)?;
    } else {
        let mut table = Table::new([
            "proxy",
            "shift",
            "training",
            "lost in training",
            "lost on the shift",
            "levels",
            "discriminates",
        ]);
        for lint in &found {
            table.row(row(lint));
        }
        console.data(table.render(console.width()))?;
        console.line("")?;
        for lint in &found {
            let witness = lint
                .witness
                .map_or_else(String::new, |seed| format!(" (see it: `misgoal play {} --seed {seed}`)", args.study));
            for line in crate::output::wrap(&format!("{}{witness}", lint.sentence), console.width()) {
                console.line(line)?;
            }
        }
    }
    let discriminates = found.iter().all(|lint| lint.discriminates);
    if discriminates {
        console.hint(format_args!("train and judge agents with `misgoal run {}`", args.study));
    } else {
        console.hint("a shift must set the goals apart that training keeps together: change its placements");
    }
    Ok(if discriminates { Exit::Fine } else { Exit::Finding })
}

/// Losses are of the intended return, by an agent that is optimal for the proxy and breaks ties in the way that is worst for it.
fn row(lint: &LintRecord) -> [Cell; 7] {
    let (word, tone) = if lint.discriminates { ("yes", Tone::Good) } else { ("no", Tone::Bad) };
    [
        lint.proxy.as_str().into(),
        lint.shift.as_str().into(),
        lint.training.as_str().into(),
        figure::interval(&lint.train_worst).into(),
        figure::interval(&lint.shift_worst).into(),
        lint.levels.to_string().into(),
        Cell::new(word, tone),
    ]
}
