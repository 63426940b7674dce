//! `misgoal lint`: whether a study can tell its goals apart, before any agent is trained.

use misgoal_run::record::{Interval, LintRecord};

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
        let mut table =
            Table::new(["proxy", "shift", "training", "lost in training", "lost on the shift", "levels", "told apart"]);
        for lint in &found {
            table.row(row(lint));
        }
        console.data(table.render(console.width()))?;
        if found.iter().any(|lint| lint.train_worst != lint.train_best || lint.shift_worst != lint.shift_best) {
            console
                .line("worst, best: how an agent that is optimal for the proxy chooses among equally good actions")?;
        }
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

/// Losses are of the intended return, by an agent that is optimal for the proxy.
fn row(lint: &LintRecord) -> [Cell; 7] {
    let (word, tone) = if lint.discriminates { ("yes", Tone::Good) } else { ("no", Tone::Bad) };
    [
        lint.proxy.as_str().into(),
        lint.shift.as_str().into(),
        lint.training.as_str().into(),
        ties(&lint.train_worst, &lint.train_best).into(),
        ties(&lint.shift_worst, &lint.shift_best).into(),
        lint.levels.to_string().into(),
        Cell::new(word, tone),
    ]
}

/// What such an agent loses when it breaks ties in the way that is worst for the intended goal, and in the best way where that differs.
fn ties(worst: &Interval, best: &Interval) -> String {
    match (figure::interval(worst), figure::interval(best)) {
        (worst, best) if worst == best => worst,
        (worst, best) => format!("{worst}\u{a0}worst\n{best}\u{a0}best"),
    }
}
