//! `misgoal compare`: two runs, arms or checkpoints side by side.

use misgoal_run::checkpoint;
use misgoal_run::compare::{self as comparison, PairRecord, Side};
use misgoal_run::read::Run;
use misgoal_run::record::{Interval, RunRecord};

use super::run::steps;
use super::runs::Where;
use crate::exit::{Exit, Failure};
use crate::output::{Cell, Console, Table, Tone, figure, verdict, wrap};
use crate::{album, suggest};

/// Arguments of `misgoal compare`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without arms, each arm of the first run is set beside the arm of the same name of the second; a run that has one arm only is
set beside every arm of the other. `@STEPS` is the run as it stood then, at the last point up to which `misgoal run --along` judged it. Exit code 1: the second surely attains less of the intended goal than the first.

hint: `misgoal compare latest:baseline latest:randomize-10`, `misgoal compare latest@500k latest`")]
pub struct Args {
    /// A run, or an arm of it as `RUN:ARM`, or either at a point of its training as `RUN@STEPS`; its id, enough of it to be unique, or `latest`
    first: String,
    /// What to set beside it
    second: String,
    #[command(flatten)]
    place: Where,
    /// Print the comparison as one JSON object (`misgoal schema compare` describes it)
    #[arg(long)]
    json: bool,
}

/// Compares.
///
/// # Errors
/// When a run or an arm is not there or is damaged, or the two have nothing in common.
pub fn compare(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let (first, second) = (load(&args.place, &args.first)?, load(&args.place, &args.second)?);
    let pairs = pairs(&first, &second)?;
    let record = comparison::compare(&pairs);
    if record.pairs.is_empty() {
        return Err(Failure::usage(format!("`{}` and `{}` were judged on no common shift", args.first, args.second)));
    }
    let exit = if record.worse { Exit::Finding } else { Exit::Fine };
    if args.json {
        let text = serde_json::to_string_pretty(&record).map_err(|error| Failure::bug(error.to_string()))?;
        console.line(text)?;
        return Ok(exit);
    }
    for pair in &record.pairs {
        console.data(render(pair, console.width()))?;
    }
    for remark in &record.remarks {
        console.note(format_args!("note: {remark}"));
    }
    if record.worse {
        console.note("the second attains less of the intended goal than the first");
    }
    Ok(exit)
}

/// What was asked for.
struct Asked<'a> {
    /// The run as far as it has come, or as it stood at a point of its training.
    run: RunRecord,
    arm: Option<&'a str>,
    at: Option<u64>,
}

fn load<'a>(place: &Where, wanted: &'a str) -> Result<Asked<'a>, Failure> {
    let (rest, at) = match wanted.split_once('@') {
        Some((rest, at)) => (rest, Some(steps(at).map_err(|why| Failure::usage(format!("`{wanted}`: {why}")))?)),
        None => (wanted, None),
    };
    let (id, arm) = match rest.split_once(':') {
        Some((id, arm)) => (id, Some(arm)),
        None => (rest, None),
    };
    let run = Run::open(&place.runs, id)?;
    let mut record = run.record_so_far(&album::study(&run)?)?;
    if let Some(arm) = arm
        && record.arms.iter().all(|known| known.name != arm)
    {
        let names: Vec<&str> = record.arms.iter().map(|arm| arm.name.as_str()).collect();
        let listed = format!("run `{}` has {}", run.id(), names.join(", "));
        return Err(suggest::unknown("arm", arm, names.iter().copied(), &listed));
    }
    if let Some(at) = at {
        record = checkpoint::at(&record, at).map_err(|why| {
            Failure::usage(format!(
                "run `{}` cannot be set beside another as it stood after {at} steps: {why}",
                run.id()
            ))
            .hint("`misgoal run STUDY --along 20` judges agents at twenty points of their training")
        })?;
    }
    Ok(Asked { run: record, arm, at })
}

/// Which arms stand side by side.
fn pairs<'a>(first: &'a Asked<'_>, second: &'a Asked<'_>) -> Result<Vec<(Side<'a>, Side<'a>)>, Failure> {
    let sides = |asked: &'a Asked<'_>| -> Vec<Side<'a>> {
        let arms = asked.run.arms.iter().filter(|one| asked.arm.is_none_or(|arm| one.name == arm));
        arms.map(|arm| Side { run: &asked.run, arm, at: asked.at }).collect()
    };
    let (left, right) = (sides(first), sides(second));
    let pairs: Vec<(Side<'a>, Side<'a>)> = match (left.as_slice(), right.as_slice()) {
        ([one], others) => others.iter().map(|other| (*one, *other)).collect(),
        (others, [one]) => others.iter().map(|other| (*other, *one)).collect(),
        (left, right) => {
            let same = |one: &Side<'a>| right.iter().find(|other| other.arm.name == one.arm.name).copied();
            left.iter().filter_map(|one| Some((*one, same(one)?))).collect()
        }
    };
    if pairs.is_empty() {
        return Err(Failure::usage("the two runs have no arm of the same name")
            .hint("name one of each: `misgoal compare RUN:ARM RUN:ARM`"));
    }
    Ok(pairs)
}

fn render(pair: &PairRecord, width: usize) -> String {
    let seeds = pair.rows.iter().any(|row| row.these_seeds.is_some());
    let intervals =
        if seeds { "for new seeds on new levels, and of the difference between these seeds" } else { "for new levels" };
    let title = format!("shift `{}`: {} and {}; 90 % intervals {intervals}", pair.shift, pair.first, pair.second);
    let mut out: String = wrap(&title, width).into_iter().map(|line| Tone::Heading.paint(line) + "\n").collect();
    let mut rows = Table::new([
        "",
        pair.first.as_str(),
        pair.second.as_str(),
        "difference",
        if seeds { "these seeds" } else { "" },
    ]);
    let verdicts = |counts: &std::collections::BTreeMap<String, u32>| {
        let most = counts.iter().max_by_key(|(_, count)| **count).map_or("", |(code, _)| code.as_str());
        let words: Vec<String> = counts.iter().map(|(code, count)| format!("{count}\u{a0}{code}")).collect();
        Cell::new(words.join("\n"), verdict::tone(most))
    };
    rows.row([
        "verdicts".into(),
        verdicts(&pair.first_verdicts),
        verdicts(&pair.second_verdicts),
        "".into(),
        "".into(),
    ]);
    let difference = |of: &Interval| {
        let sure = of.low > 0.0 || of.high < 0.0;
        Cell::new(figure::difference(of), if sure { Tone::Heading } else { Tone::Plain })
    };
    for row in &pair.rows {
        rows.row([
            row.measure.as_str().into(),
            figure::interval(&row.first).into(),
            figure::interval(&row.second).into(),
            difference(&row.difference),
            row.these_seeds.as_ref().map_or_else(|| "".into(), difference),
        ]);
    }
    out.push_str(&rows.render(width));
    out.push('\n');
    out
}
