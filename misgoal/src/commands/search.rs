//! `misgoal search`: finds the levels that tell goals apart.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use misgoal_run::pipeline::{self, Outcome};
use misgoal_run::read::Run;
use misgoal_run::search::{SearchProgress, SearchRecord, SearchRequest, search as find};
use misgoal_run::{GivenPolicy, Request};
use misgoal_study::StudyRef;

use super::judge;
use super::run::{show, stop_on_interrupt};
use super::runs::Where;
use crate::album::change;
use crate::exit::{Exit, Failure};
use crate::output::{Bar, Console, search};
use crate::studies;

/// Arguments of `misgoal search`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Stage R plays random levels of every shift: the only shares that say how common a failure is. Stage I chooses levels that tell the
goals apart, one after the other, until a verdict. Stage F edits training levels -
things, the start, walls; in decisions the features of training cases - and looks for those on which the agent misses the intended goal although it could be
reached; no shift needs to be declared. What it finds is made as small as it will go, tried again with fresh randomness and drawn.
Exit code 1: a change of a training level turns the agent.

hint: `misgoal search coinrun --policy scripted:optimal-wall` takes a second")]
pub struct Args {
    /// A built-in study's name or the path of a study file
    study: String,
    /// A weight file (`policy.safetensors` of a run), or `scripted:NAME`; without it the study's first arm is trained first
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// Edited levels to try
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    evaluations: u32,
    /// Levels of each shift that may be chosen to tell which goal it is; 0: none
    #[arg(long, value_name = "N", default_value_t = 80, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    budget: u32,
    /// Drawn levels of each shift to choose from
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    stock: u32,
    /// Random levels of each shift
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(30..=100_000))]
    levels: u32,
    /// Random levels of the shifts to compare stage F with; 0: as many as edited levels are tried
    #[arg(long, value_name = "N", default_value_t = 0)]
    drawn: u32,
    /// Counterexamples to make small and check
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    counterexamples: u32,
    /// Counterexamples to draw
    #[arg(long, value_name = "N", default_value_t = 3)]
    show: usize,
    /// Seed of everything random, the agent that is trained included
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print a goal to add to the study, where an unlisted one explains most of what is lost on the failing levels
    #[arg(long)]
    propose_goal: bool,
    #[command(flatten)]
    place: Where,
    /// Where to write the HTML page with the pictures; beside the runs if not given
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write no HTML page
    #[arg(long)]
    no_report: bool,
    /// Print the findings as one JSON object (`misgoal schema search` describes it)
    #[arg(long)]
    json: bool,
}

/// Searches.
///
/// # Errors
/// When the study or the policy is not there or is wrong.
pub fn search(args: &Args, console: &Console) -> Result<Exit, Failure> {
    let study = studies::load(&args.study)?;
    if let (StudyRef::Decision(own), true) = (study.get(), args.propose_goal) {
        return Err(Failure::usage(format!("study `{}` is one of decisions: no goal can be proposed", own.name))
            .hint("a case has no things that no goal names; leave `--propose-goal` out"));
    }
    let stop = stop_on_interrupt(console)?;
    let policy = match &args.policy {
        Some(policy) => judge::policy(study.get(), policy)?,
        None => match trained(study.get(), args, stop, console)? {
            Some(policy) => policy,
            None => return Ok(Exit::Interrupted),
        },
    };
    let request = SearchRequest {
        policy,
        budget: args.budget,
        stock: args.stock,
        drawn: args.drawn,
        evaluations: args.evaluations,
        random_levels: args.levels,
        counterexamples: args.counterexamples,
        seed: args.seed,
    };
    let bar = Bar::new(console);
    let record = find(&study, &request, &mut |progress| {
        bar.say(|| match progress {
            SearchProgress::Random { levels } => format!("stage R: {levels} random levels"),
            SearchProgress::Chosen { levels } => format!("stage I: {levels} chosen levels"),
            SearchProgress::Edited { levels, failures } => {
                format!("stage F: {levels} of {} edited levels tried, {failures} fail", args.evaluations)
            }
            SearchProgress::Varied { levels } => format!("shifts that nobody declared: {levels} levels"),
            SearchProgress::Shrunk { done } => format!("{done} counterexamples made small and checked"),
        });
        !stop.load(Ordering::Relaxed)
    })?;
    bar.clear();
    let page = if args.no_report { None } else { Some(page(study.get(), &record, args)?) };
    print(study.get(), &record, args, page.as_deref(), console)?;
    Ok(match (stop.load(Ordering::Relaxed), record.counterexamples.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Fine,
        (false, false) => Exit::Finding,
    })
}

/// One agent of the study's first arm, in a run of its own; none where it was stopped.
fn trained(
    study: StudyRef<'_>,
    args: &Args,
    stop: &AtomicBool,
    console: &Console,
) -> Result<Option<GivenPolicy>, Failure> {
    let arm = study.arms().first().map(|arm| arm.name.clone()).unwrap_or_default();
    let request = Request {
        root: args.place.runs.clone(),
        command: format!("misgoal run {} --arm {arm} --seeds 1 --seed {}", args.study, args.seed),
        arms: vec![arm],
        seeds: Some(1),
        first_seed: args.seed,
        ..Request::default()
    };
    let outcome = pipeline::run(study, &request, stop, &mut show(console, study))?;
    let Outcome::Complete { dir, .. } = outcome else { return Ok(None) };
    let run = Run::open(&args.place.runs, dir.id())?;
    let unit = run.units().into_iter().next().ok_or_else(|| Failure::bug("a complete run has no agent"))?;
    let weights = run.policy(&unit)?.ok_or_else(|| Failure::bug("a complete run has kept no weights"))?;
    Ok(Some(GivenPolicy::Weights(weights)))
}

fn print(
    study: StudyRef<'_>,
    record: &SearchRecord,
    args: &Args,
    page: Option<&Path>,
    console: &Console,
) -> Result<(), Failure> {
    if args.json {
        let text = serde_json::to_string_pretty(record).map_err(|error| Failure::bug(error.to_string()))?;
        return console.line(text);
    }
    console.data(search::render(record, args.show, console.width()))?;
    if args.propose_goal {
        propose(record, args, console)?;
    }
    if let Some(page) = page {
        console.line(format_args!("wrote {}", page.display()))?;
    }
    let seed = record.counterexamples.first().map(|one| one.training_seed);
    match seed {
        Some(_) if matches!(study, StudyRef::Decision(_)) => {
            console.hint("train with such cases: a shift that declares the change, and an arm with `randomize`")
        }
        Some(seed) => console.hint(format_args!(
            "play the training level yourself: `misgoal play {} --seed {seed}`; train with such levels: an arm with `randomize`",
            args.study
        )),
        None => console.hint("try more with `--evaluations 4000`"),
    }
    Ok(())
}

/// The goal to add, and how to test it on levels that the search has not seen.
fn propose(record: &SearchRecord, args: &Args, console: &Console) -> Result<(), Failure> {
    let policy = args.policy.as_deref().unwrap_or("FILE");
    let Some(proposal) = &record.proposal else {
        return console.line("\nno unlisted goal surely explains most of what is lost on the failing levels");
    };
    console.line(format_args!(
        "\nan unlisted goal explains the failures; most pursued: {}",
        proposal.targets.join(", ")
    ))?;
    match &proposal.toml {
        Some(block) => {
            console.line(format_args!("add it to a copy of the study, as a guess from selected levels:\n\n{block}"))?;
            console.line(format_args!(
                "and test it on levels that this search has not played: `misgoal judge EDITED.toml --policy {policy}`"
            ))
        }
        None => console.line(
            "that is a part of the grid: a goal needs a zone there, and agents see zones, so declare one and train anew",
        ),
    }
}

/// Writes the page with the pictures; tells where.
fn page(study: StudyRef<'_>, record: &SearchRecord, args: &Args) -> Result<PathBuf, Failure> {
    // A case is told in words.
    let pictures: Vec<misgoal_report::PicturedChange> = match study {
        StudyRef::Grid(study) => {
            record.counterexamples.iter().enumerate().filter_map(|(number, one)| change(study, number, one)).collect()
        }
        StudyRef::Decision(_) => Vec::new(),
    };
    let mut command = format!("misgoal search {} --seed {} --evaluations {}", args.study, args.seed, args.evaluations);
    if let Some(policy) = &args.policy {
        command.push_str(&format!(" --policy {policy}"));
    }
    let input = misgoal_report::SearchInput { record, pictures: &pictures, command: &command };
    let html = misgoal_report::search_html(&input).map_err(|error| Failure::bug(error.to_string()))?;
    let path = match &args.output {
        Some(path) => path.clone(),
        None => {
            let root = &args.place.runs;
            std::fs::create_dir_all(root)
                .map_err(|error| Failure::data(format!("cannot create `{}`: {error}", root.display())))?;
            root.join(format!("search-{}-{}.html", study.name(), args.seed))
        }
    };
    super::replace_file(&path, html.as_bytes())?;
    Ok(path)
}
