//! `misgoal atlas`: one small experiment over a whole grid of settings.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use misgoal_run::atlas::{self, AtlasOutcome, AtlasPlan, AtlasRecord};
use misgoal_stats::bound;

use super::replace_file;
use super::run::stop_on_interrupt;
use crate::exit::{Exit, Failure};
use crate::output::{Bar, Console, atlas as output};

/// Arguments of `misgoal atlas`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An atlas trains many small networks in every cell of a grid of settings: line length, width, share of random coins. Cells are kept as they
are done: after Ctrl-C the same command goes on.

hint: `misgoal atlas coin-line --quick` takes seconds")]
pub struct Args {
    /// The atlas: `coin-line`
    atlas: String,
    /// A small grid with few networks, to see that all is well
    #[arg(long)]
    quick: bool,
    /// The directory that its cells, figures and page are kept in
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Networks to train side by side; one for each core by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print the findings as one JSON object (`misgoal schema atlas` describes it)
    #[arg(long)]
    json: bool,
}

/// Makes an atlas.
///
/// # Errors
/// There is no atlas of this name; its directory cannot be written or holds another one.
pub fn atlas(args: &Args, console: &Console) -> Result<Exit, Failure> {
    if args.atlas != atlas::NAME {
        let message = format!("there is no atlas `{}`", args.atlas);
        return Err(Failure::usage(message).hint(format!("there is one: `misgoal atlas {}`", atlas::NAME)));
    }
    let plan = if args.quick { AtlasPlan::quick() } else { AtlasPlan::full() };
    let suffix = if args.quick { "-quick" } else { "" };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("misgoal-atlas/{}{suffix}", atlas::NAME)));
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or_else(cores, usize::from);
    let stop = stop_on_interrupt(console)?;
    let bar = Bar::new(console);
    let outcome = atlas::atlas(&plan, &out, threads, &mut |progress| {
        bar.say(|| {
            format!(
                "{} of {} cells, {} % of the work",
                progress.done,
                progress.of,
                bound::percent_at_least(progress.share)
            )
        });
        !stop.load(Ordering::Relaxed)
    })?;
    bar.clear();
    match outcome {
        AtlasOutcome::Stopped { done, of } => {
            console.note(format_args!("{done} of {of} cells are kept in `{}`", out.display()));
            console.hint("the same command goes on from there");
            Ok(Exit::Interrupted)
        }
        AtlasOutcome::Complete(record) => {
            let page = out.join("atlas.html");
            let html = misgoal_report::atlas::html(&record).map_err(|error| Failure::bug(error.to_string()))?;
            replace_file(&page, html.as_bytes())?;
            print(&record, args, &page, console)?;
            Ok(Exit::Fine)
        }
    }
}

fn print(record: &AtlasRecord, args: &Args, page: &std::path::Path, console: &Console) -> Result<(), Failure> {
    if args.json {
        let text = serde_json::to_string_pretty(record).map_err(|error| Failure::bug(error.to_string()))?;
        return console.line(text);
    }
    console.data(output::render(record, console.width()))?;
    console.note(format_args!("wrote    {}", page.display()));
    console.hint("what the task is and what the figures mean: docs/worlds/coin-line.md");
    Ok(())
}
