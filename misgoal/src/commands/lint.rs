//! `misgoal lint`: whether a study can tell its goals apart, before any agent is trained.

use std::collections::BTreeMap;

use misgoal_run::LintProgress;
use misgoal_run::record::{ForecastRecord, Interval, LintRecord, Training};
use misgoal_study::{AnyStudy, DecisionStudy};

use crate::exit::{Exit, Failure};
use crate::output::{Bar, Cell, Console, Table, Tone, figure};
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

const SEPARATES: &str = "a level separates two goals where 1 nat of evidence or more is to be expected, whichever of \
     them an agent pursues; two goals are told apart by 12 nats over all judged levels, of which one level gives 3 at \
     most; as many other levels of the shift give at least the second number";
const FINDS: &str = "of choices between two options, 4 to 9 levels that separate show an agent that follows a proxy \
     wholly, 60 to 440 one that follows it in 30 % (noise of .05 to .2)";
const NEEDS: &str =
    "tried on scripted agents, 20 judgements each of 5, 10, 20, .. levels: the first number at which 90 % are right";

/// Checks a study file, then asks the oracle whether training hides the difference between the goals and the shifts
/// show it.
///
/// # Errors
/// When there is no such study, or it is wrong.
pub fn lint(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let study = studies::load(&args.study)?;
    let bar = Bar::new(console);
    let found = misgoal_run::lint(&study, &mut |progress| {
        bar.say(|| match progress {
            LintProgress::Comparing { shift } => format!("comparing the goals on `{shift}`"),
            LintProgress::Judging { shift, goal } => format!("judging an agent of `{goal}` on `{shift}`"),
        });
    })?;
    bar.clear();
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
            "evidence",
            "told apart",
        ]);
        for lint in &found {
            table.row(row(lint));
        }
        console.data(table.render(console.width()))?;
        if found.iter().any(|lint| lint.train_worst != lint.train_best || lint.shift_worst != lint.shift_best) {
            console
                .line("worst, best: how an agent that is optimal for the proxy chooses among equally good actions")?;
        }
        console.line("")?;
        let finds = matches!(study, AnyStudy::Decision(_)).then_some(FINDS);
        let more =
            [(coverage(&found), vec![SEPARATES].into_iter().chain(finds).collect()), (forecasts(&found), vec![NEEDS])];
        for (table, notes) in more.into_iter().filter(|_| found.iter().any(|lint| !lint.pairs.is_empty())) {
            console.data(table.render(console.width()))?;
            for line in notes.iter().flat_map(|words: &&str| crate::output::wrap(words, console.width())) {
                console.line(line)?;
            }
            console.line("")?;
        }
        for (shift, failure) in failures(&found) {
            let words = format!("`{shift}` can tell nothing, and agents get no verdict on it: {failure}");
            for line in crate::output::wrap(&words, console.width()) {
                console.line(line)?;
            }
        }
        for lint in &found {
            let witness = lint.witness.map_or_else(String::new, |seed| match &study {
                AnyStudy::Grid(_) => format!(" (see it: `misgoal play {} --seed {seed}`)", args.study),
                AnyStudy::Decision(study) => witness(study, seed),
            });
            for line in crate::output::wrap(&format!("{}{witness}", lint.sentence), console.width()) {
                console.line(line)?;
            }
        }
    }
    let fails = !failures(&found).is_empty();
    if !fails {
        console.hint(format_args!("train and judge agents with `misgoal run {}`", args.study));
    } else {
        console.hint("a shift must set the goals apart that training keeps together: change what it places or draws");
    }
    Ok(if fails { Exit::Finding } else { Exit::Fine })
}

/// The shifts on which nothing can be told, each with the reason.
fn failures(found: &[LintRecord]) -> BTreeMap<&str, &str> {
    found.iter().filter_map(|lint| Some((lint.shift.as_str(), lint.failure.as_deref()?))).collect()
}

/// The training case that tells a proxy best from the intended goal.
fn witness(study: &DecisionStudy, seed: u64) -> String {
    let case = study.world.draw(&study.training, seed).ok();
    case.map_or_else(String::new, |case| format!(" (for example: {})", study.world.describe(&case.row)))
}

/// Losses are of the intended return, by an agent that is optimal for the proxy.
fn row(lint: &LintRecord) -> [Cell; 7] {
    let (word, tone) = if lint.discriminates { ("yes", Tone::Good) } else { ("no", Tone::Bad) };
    [
        lint.proxy.as_str().into(),
        lint.shift.as_str().into(),
        tells(lint.training, &lint.parting).into(),
        ties(&lint.train_worst, &lint.train_best).into(),
        ties(&lint.shift_worst, &lint.shift_best).into(),
        format!("{:.0}\u{a0}nats on\u{a0}{}", lint.evidence.nats, lint.evidence.levels).into(),
        Cell::new(word, tone),
    ]
}

/// How much of training tells the proxy from the intended goal: `certified`, `separable on 0.10 [0.07, 0.14]`.
fn tells(training: Training, parting: &Interval) -> String {
    match parting.value > 0.0 {
        true => format!("{} on {}", training.word(), figure::interval(parting)),
        false => training.word().to_owned(),
    }
}

/// What such an agent loses when it breaks ties in the way that is worst for the intended goal, and in the best way
/// where that differs.
fn ties(worst: &Interval, best: &Interval) -> String {
    match (figure::interval(worst), figure::interval(best)) {
        (worst, best) if worst == best => worst,
        (worst, best) => format!("{worst}\u{a0}worst\n{best}\u{a0}best"),
    }
}

/// Pair by pair: what training can tell, and how much of the evaluation separates the two.
fn coverage(found: &[LintRecord]) -> Table {
    let mut table = Table::new([
        "goals",
        "shift",
        "training",
        "levels that separate them",
        "nats, on others",
        "a level's, quartiles",
    ]);
    for lint in found {
        for pair in &lint.pairs {
            let training = match pair.witness {
                Some(seed) => format!("{}: level {seed}", pair.training.word()),
                None => pair.training.word().to_owned(),
            };
            let nats: Vec<String> = pair.nats.iter().map(|nats| format!("{nats:.1}")).collect();
            table.row(
                [
                    format!("{}, {}", pair.with, lint.proxy),
                    lint.shift.clone(),
                    training,
                    format!("{} of {}", figure::interval(&pair.separating), pair.levels),
                    format!("{:.0}, {:.0}", pair.evidence.nats, pair.evidence.low),
                    nats.join(" "),
                ]
                .map(Cell::from),
            );
        }
    }
    table
}

/// How many levels a verdict needs, shift by shift: the proxies' agents, then the aligned one.
fn forecasts(found: &[LintRecord]) -> Table {
    let mut table = Table::new(["an agent of", "shift", "its verdict needs", "right then"]);
    let mut told: Vec<(&str, &str)> = Vec::new();
    let own = found.iter().flat_map(|lint| lint.forecasts.iter().take(1).map(move |one| (lint, one)));
    let aligned = found.iter().flat_map(|lint| lint.forecasts.iter().skip(1).map(move |one| (lint, one)));
    for (lint, one) in own.chain(aligned) {
        if told.contains(&(&lint.shift, &one.goal)) {
            continue;
        }
        told.push((&lint.shift, &one.goal));
        let right = one.tried.last().map_or_else(String::new, |rung| figure::interval(&rung.right));
        table.row([Cell::from(one.goal.as_str()), lint.shift.as_str().into(), needs(one), right.into()]);
    }
    table
}

/// `40 levels`, or what is found instead on the most that were tried.
fn needs(forecast: &ForecastRecord) -> Cell {
    match (forecast.levels, forecast.tried.last(), &forecast.instead) {
        (Some(levels), ..) => format!("{levels} levels").into(),
        (None, Some(last), Some(instead)) => {
            Cell::new(format!("not to be had: {} on {} levels", instead.replace('-', " "), last.levels), Tone::Bad)
        }
        _ => "unknown".into(),
    }
}
